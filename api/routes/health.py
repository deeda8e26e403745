"""Is the home being watched? Open to everybody: a probe has no token, and the answer no names."""

from typing import Any

import orjson
from fastapi import Response

from api.deps import ReadTx
from api.health import health
from api.nouns import noun_router

router = noun_router("health")

_OPENAPI: dict[int | str, dict[str, Any]] = {503: {"description": "Not watching."}}


@router.get("/health", responses=_OPENAPI)
def get_health(tx: ReadTx) -> Response:
    """`watching`, `degraded` (alerts are raised; something needs a hand) or `not_watching`."""
    found = health(tx)
    status = 503 if found.status == "not_watching" else 200
    return Response(orjson.dumps(found.as_json()), status, media_type="application/json")
