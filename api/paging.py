"""Pages of a list: ``{"items": [...], "next_cursor": ... or null}``.

A cursor is the key of the last item shown, wrapped so that nobody builds on what is in it, and
marked with its list so that it cannot be used on another.
"""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

import orjson
from fastapi import Depends, Query

from api.errors import BadQuery

Row = TypeVar("Row")
Key = tuple[str | int, ...]

LARGEST_ID = (1 << 63) - 1
"""The largest number that SQLite keeps."""


@dataclass(frozen=True, slots=True)
class Page:
    """The page that was asked for."""

    limit: int
    cursor: str | None

    def after(self, listing: str, *types: type[str | int]) -> Key | None:
        """The key that the page begins after; None for the first page.

        Raises:
            BadQuery: the cursor is not one that ``listing`` gave.
        """
        if self.cursor is None:
            return None
        try:
            name, *key = orjson.loads(base64.urlsafe_b64decode(self.cursor.encode("ascii")))
        except (ValueError, TypeError, binascii.Error):
            name, key = None, []
        fits = [type(part) for part in key] == list(types) and all(
            part <= LARGEST_ID for part in key if isinstance(part, int)
        )
        if name != listing or not fits:
            raise BadQuery("The cursor is not one that this list gave; begin without a cursor.")
        return tuple(key)

    def cut(
        self, listing: str, rows: Sequence[Row], key: Callable[[Row], Key]
    ) -> tuple[Sequence[Row], str | None]:
        """The rows to show of ``limit + 1`` that were read, and the cursor of the next page."""
        shown = rows[: self.limit]
        more = len(rows) > self.limit
        return shown, _cursor(listing, key(shown[-1])) if more else None

    def cut_computed(
        self,
        listing: str,
        rows: Sequence[Row],
        key: Callable[[Row], Key],
        *types: type[str | int],
    ) -> tuple[Sequence[Row], str | None]:
        """The same for a list that is computed whole; sorted here, by ``key``."""
        after = self.after(listing, *types)
        ordered = sorted(rows, key=key)
        rest = [row for row in ordered if after is None or key(row) > after]
        return self.cut(listing, rest, key)


def listed(items: Sequence[Any], next_cursor: str | None) -> dict[str, Any]:
    """The form that every list has."""
    return {"items": items, "next_cursor": next_cursor}


def _cursor(listing: str, key: Key) -> str:
    return base64.urlsafe_b64encode(orjson.dumps([listing, *key])).decode()


async def _page(
    limit: Annotated[int, Query(ge=1, le=500, description="How many items at most.")] = 100,
    cursor: Annotated[str | None, Query(description="`next_cursor` of the page before.")] = None,
) -> Page:
    return Page(limit, cursor)


PageQuery = Annotated[Page, Depends(_page)]
