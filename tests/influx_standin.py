"""InfluxDB 2's write endpoint over real HTTP, answering as its documentation says.

It keeps points as InfluxDB does: one a measurement, tag set and time, fields of the same point
merged. A test queues what should go wrong (``answers``), or says which points are refused.
"""

import gzip
import json
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import parse_qs, urlsplit

from tests.influx_line_protocol import NANOSECONDS, Malformed, Point, Value, parse

TOKEN, ORG, BUCKET = "a-token-of-the-test", "elm-house", "readings"
CODES = {
    400: "invalid",
    401: "unauthorized",
    404: "not found",
    413: "request too large",
    422: "unprocessable entity",
    429: "too many requests",
    500: "internal error",
    503: "unavailable",
}
Series = tuple[str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True)
class Answer:
    """An answer that a test asks for; ``body`` None is InfluxDB's own form of ``message``."""

    status: int
    message: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None

    def encoded(self) -> bytes:
        if self.body is not None or self.status == 204:
            return self.body or b""
        return json.dumps({"code": CODES[self.status], "message": self.message}).encode()


@dataclass(frozen=True)
class CutOff:
    """The connection breaks after ``sent`` of the answer, the points ``kept`` or not."""

    sent: bytes
    kept: bool


@dataclass(frozen=True)
class Silence:
    """The request arrives, its points are kept, and no answer comes until ``until`` is set."""

    until: threading.Event
    arrived: threading.Event = field(default_factory=threading.Event)


class InfluxStandin:
    """One server on a free port of the loopback; a context manager."""

    def __init__(self) -> None:
        self.answers: deque[Answer | CutOff | Silence] = deque()
        self.refuses: Callable[[Point], bool] = lambda _: False
        self.refusal_status = 422
        self.max_bytes = 25_000_000
        self.points: dict[tuple[Series, int], dict[str, Value]] = {}
        self.received: list[Point] = []
        self.requests = 0
        self._types: dict[tuple[str, str], type] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def judge(self, target: str, headers: dict[str, str], body: bytes) -> Answer:
        """InfluxDB's own answer to a request, its points kept where it keeps them."""
        address = urlsplit(target)
        query = {key: values[0] for key, values in parse_qs(address.query).items()}
        if address.path != "/api/v2/write":
            return Answer(404, "path not found")
        if headers.get("authorization") != f"Token {TOKEN}":
            return Answer(401, "unauthorized access")
        if query.get("org") != ORG:
            return Answer(404, f'organization name "{query.get("org")}" not found')
        if query.get("bucket") != BUCKET:
            return Answer(404, f'bucket "{query.get("bucket")}" not found')
        if query.get("precision", "ns") not in NANOSECONDS:
            return Answer(400, "invalid precision; valid precision units are ns, us, ms, and s")
        if not headers.get("content-type", "").startswith("text/plain"):
            return Answer(400, "the content is not text/plain")
        if headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        if len(body) > self.max_bytes:
            return Answer(413, "unable to read data: points batch is too large")
        try:
            points = parse(body, query.get("precision", "ns"))
        except Malformed as problem:
            return Answer(400, str(problem))
        return self._keep(points)

    def _keep(self, points: list[Point]) -> Answer:
        reason, dropped = "", 0
        for point in points:
            if conflict := self._conflict(point):
                reason, dropped = conflict, dropped + 1
                continue
            self.received.append(point)
            key = ((point.measurement, point.tags), point.time)
            self.points.setdefault(key, {}).update(point.fields)
        if not dropped:
            return Answer(204)
        said = f"partial write: {reason} dropped={dropped}"
        return Answer(self.refusal_status, f"failure writing points to database: {said}")

    def _conflict(self, point: Point) -> str | None:
        if self.refuses(point):
            return "points beyond retention policy"
        for name, value in point.fields:
            known = self._types.setdefault((point.measurement, name), type(value))
            if known is not type(value):
                return (
                    f'field type conflict: input field "{name}" on measurement '
                    f'"{point.measurement}" is type {type(value).__name__}, '
                    f"already exists as type {known.__name__}"
                )
        return None

    def _handler(standin) -> type[BaseHTTPRequestHandler]:  # noqa: N805 - two selves below
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {key.lower(): value for key, value in self.headers.items()}
                standin.requests += 1
                planned = standin.answers.popleft() if standin.answers else None
                match planned:
                    case Answer():
                        self.reply(planned)
                    case CutOff(sent, kept):
                        if kept:
                            standin.judge(self.path, headers, body)
                        self.wfile.write(sent)
                        self.close_connection = True
                    case Silence(until, arrived):
                        standin.judge(self.path, headers, body)
                        arrived.set()
                        until.wait(60)
                        self.close_connection = True
                    case None:
                        self.reply(standin.judge(self.path, headers, body))

            def reply(self, answer: Answer) -> None:
                body = answer.encoded()
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                if answer.status != 204:
                    self.send_header("Content-Type", "application/json; charset=utf-8")
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Quiet."""

        return Handler
