"""The schema of the home file, for editors; open, since it says nothing of any home."""

from typing import Any

from api.nouns import noun_router
from nightwarden.homefile.schema import home_schema

router = noun_router("schema")


@router.get("/schema/home")
def get_home_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of what `nightwarden apply` takes."""
    return home_schema()
