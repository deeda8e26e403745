# syntax=docker/dockerfile:1
# The monitor alone; docker-compose.yml puts a broker and the long history beside it.

FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/nightwarden/venv
ENV PATH=/opt/nightwarden/venv/bin:$PATH
WORKDIR /src
# The lock first: while it stays the same, so does this layer.
COPY requirements.txt .
RUN pip install --require-hashes --no-deps -r requirements.txt
COPY . .
RUN pip install --no-build-isolation --no-deps .

FROM python:3.11-slim-bookworm
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin nightwarden \
    && install -d -o nightwarden -g nightwarden -m 0700 /data \
    && install -d -o nightwarden -g nightwarden -m 0750 /access
COPY --from=build /opt/nightwarden/venv /opt/nightwarden/venv
COPY deploy/healthcheck.py /opt/nightwarden/healthcheck.py
ENV PATH=/opt/nightwarden/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    NIGHTWARDEN_DATA=/data \
    NIGHTWARDEN_HTTP=0.0.0.0:8080
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
    CMD ["python", "/opt/nightwarden/healthcheck.py"]
ENTRYPOINT ["nightwarden"]
CMD ["up"]
