"""What goes wrong, told as RFC 9457 problem details, or as a page to a browser.

There is one table from our few errors to HTTP. A person reads ``detail``: one sentence that says
what was wrong and what would be right. Whatever is not in the table is a fault of ours: it is
logged with a number, and the client gets that number and nothing else.
"""

import logging
import secrets
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from api.headers import SECURITY_HEADERS
from api.nouns import MEDIA_TYPE
from api.openid import ProviderDown
from api.pages.problem import problem_page, wants_page
from nightwarden.errors import (
    ChangedMeanwhile,
    Conflict,
    Invalid,
    NightwardenError,
    NotFound,
    NotPermitted,
    TooOften,
    Unauthenticated,
)
from nightwarden.languages import said
from nightwarden.model.phrases import phrase
from nightwarden.store.pins import LockedOut

log = logging.getLogger(__name__)


class BadQuery(Invalid):
    """The address itself is wrong: a cursor, a time or a number in it."""


STATUS: dict[type[NightwardenError], HTTPStatus] = {
    BadQuery: HTTPStatus.BAD_REQUEST,
    Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    NotFound: HTTPStatus.NOT_FOUND,
    Conflict: HTTPStatus.CONFLICT,
    NotPermitted: HTTPStatus.FORBIDDEN,
    LockedOut: HTTPStatus.TOO_MANY_REQUESTS,
    ProviderDown: HTTPStatus.SERVICE_UNAVAILABLE,
    TooOften: HTTPStatus.TOO_MANY_REQUESTS,
    Unauthenticated: HTTPStatus.UNAUTHORIZED,
}
"""Error to status; an error without its own row takes that of the nearest it is derived from."""


def install(app: FastAPI) -> None:
    """Answer every failure of ``app`` with a problem."""
    app.add_exception_handler(NightwardenError, _expected)
    app.add_exception_handler(RequestValidationError, _not_valid)
    app.add_exception_handler(HTTPException, _of_the_web_server)
    app.add_exception_handler(Exception, _unexpected)


def problem(
    request: Request,
    status: HTTPStatus,
    detail: str,
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> Response:
    """The answer for one failure; ``more`` are further members of the problem."""
    body = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": said(detail),
        "instance": request.url.path,
        **more,
    }
    return Response(orjson.dumps(body), status, dict(headers or {}), MEDIA_TYPE)


def status_of(error: NightwardenError) -> HTTPStatus:
    """The HTTP status of one of our errors."""
    for kind in type(error).__mro__:
        if kind in STATUS:
            return STATUS[kind]
    return HTTPStatus.INTERNAL_SERVER_ERROR


async def _expected(request: Request, error: Exception) -> Response:
    assert isinstance(error, NightwardenError)
    status = status_of(error)
    if status is HTTPStatus.INTERNAL_SERVER_ERROR:
        return await _unexpected(request, error)
    if isinstance(error, ChangedMeanwhile):
        more: dict[str, Any] = {"changes": error.changes, "version": error.version}
        return problem(request, status, str(error), **more)
    return await _answer(request, status, str(error), _headers(request, error))


def _headers(request: Request, error: NightwardenError) -> dict[str, str]:
    if isinstance(error, LockedOut | TooOften):
        now = request.app.state.parts.clock()
        return {"Retry-After": str(max(1, round((error.until - now).total_seconds())))}
    if isinstance(error, Unauthenticated):
        return {"WWW-Authenticate": 'Bearer realm="nightwarden"'}
    return {}


async def _not_valid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    broken = first["type"] == "json_invalid"
    in_body = first["loc"][0] == "body" and not broken
    status = HTTPStatus.UNPROCESSABLE_ENTITY if in_body else HTTPStatus.BAD_REQUEST
    detail = phrase("The body is not JSON; send a JSON object.") if broken else sentence(first)
    return await _answer(request, status, detail)


def sentence(fault: Mapping[str, Any]) -> str:
    """One of pydantic's findings as a sentence that names the field as the sender wrote it."""
    place, *path = fault["loc"]
    field = _path(path) if path else f"the {place}"
    if not path and fault["type"] in ("model_attributes_type", "model_type", "dict_type"):
        return phrase("The body has to be a JSON object, sent with Content-Type: application/json.")
    if fault["type"] == "missing":
        return phrase(f'"{field}" is missing.' if path else "The request needs a JSON body.")
    if fault["type"] == "extra_forbidden":
        return phrase(f'There is no field "{field}" here; check its spelling.')
    message = str(fault["msg"]).removeprefix("Value error, ").rstrip(".").replace("'", '"')
    said = f", not {_quoted(fault.get('input'))}" if path else ""
    return f'"{field}": {message[0].lower()}{message[1:]}{said}.'


def _quoted(given: object) -> str:
    text = f'"{given}"' if isinstance(given, str) else str(given)
    return text if len(text) <= 60 else f"{text[:60]}…"


def _path(path: Sequence[str | int]) -> str:
    return ".".join(str(step) for step in path)


async def _of_the_web_server(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    sentences = {
        HTTPStatus.NOT_FOUND: phrase(f"There is nothing at {request.url.path}."),
        HTTPStatus.METHOD_NOT_ALLOWED: phrase(
            f"{request.method} is not possible at {request.url.path}."
        ),
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: phrase("The body is too large; the limit is 1 MiB."),
    }
    return await _answer(request, status, sentences.get(status, str(error.detail)), error.headers)


async def _unexpected(request: Request, error: Exception) -> Response:
    number = secrets.token_hex(4)
    log.error(
        "internal error %s at %s %s", number, request.method, request.url.path, exc_info=error
    )
    detail = phrase(f"Internal error. Tell whoever looks after the system the number {number}.")
    # This answer is made outside of every middleware, so it brings its headers itself.
    headers = SECURITY_HEADERS | {"Cache-Control": "no-store"}
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    try:
        return await _answer(request, status, detail, headers, number)
    except Exception:
        log.exception("no page could be made for internal error %s", number)
        return problem(request, status, detail, headers, error_id=number)


async def _answer(
    request: Request,
    status: HTTPStatus,
    detail: str,
    headers: Mapping[str, str] | None = None,
    error_id: str | None = None,
) -> Response:
    """A page for whoever reads pages, problem details for everybody else and all of the api."""
    if wants_page(request) and not request.url.path.startswith("/api/"):
        page = await run_in_threadpool(problem_page, request, status, None, detail)
        page.headers.update(headers or {})
        return page
    more: dict[str, Any] = {} if error_id is None else {"error_id": error_id}
    return problem(request, status, detail, headers, **more)
