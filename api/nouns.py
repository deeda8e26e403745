"""Where the JSON routes are, and what each of them documents.

A router of a noun has its prefix from the start. One that is included under a prefix later has all
of its routes worked out a second time, which is a tenth of the start.
"""

from typing import Any

from fastapi import APIRouter

PREFIX = "/api/v1"
MEDIA_TYPE = "application/problem+json"

DOCUMENTED: dict[int | str, dict[str, Any]] = {
    "4XX": {
        "description": "What was wrong, as RFC 9457 problem details; `detail` is one sentence.",
        "content": {
            MEDIA_TYPE: {
                "schema": {
                    "type": "object",
                    "required": ["type", "title", "status", "detail", "instance"],
                    "properties": {
                        "type": {"type": "string"},
                        "title": {"type": "string"},
                        "status": {"type": "integer"},
                        "detail": {"type": "string"},
                        "instance": {"type": "string"},
                    },
                }
            }
        },
    }
}
"""What OpenAPI says of every call."""


def noun_router(tag: str) -> APIRouter:
    """The router of one noun, for its routes by their paths below the prefix."""
    return APIRouter(prefix=PREFIX, tags=[tag], responses=DOCUMENTED)
