"""One line of a plan and the write that makes it true: what is shown is what is done."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from sqlmodel import SQLModel

from nightwarden.store.engine import Transaction


def _nothing(_tx: Transaction) -> None:
    """For a change that the renumbering at the end of ``apply`` makes."""


@dataclass(frozen=True, slots=True)
class Change:
    """``sign`` is + for what comes, ~ for what changes, - for what goes."""

    sign: str
    text: str
    write: Callable[[Transaction], None] = field(default=_nothing, repr=False, compare=False)

    def __str__(self) -> str:
        return f"{self.sign} {self.text}"


def add(row: SQLModel, tx: Transaction) -> None:
    """Write a row that never was there. Not flushed: a first ``apply`` of a whole home goes in
    batches, because the gateway waits while it is written."""
    tx.add(row)


def put(row: SQLModel, tx: Transaction) -> None:
    """Write a row over the one with its key: changed, or back again."""
    tx.merge(row)


def differences(row: object, wanted: Mapping[str, Any]) -> str:
    """``name "Elm" -> "Elm House", practice false -> true``; empty where nothing differs."""
    said = []
    for field_name, value in wanted.items():
        before = getattr(row, field_name)
        if before != value:
            word = isinstance(value, Enum) or isinstance(before, Enum)  # one of a list, not a text
            said.append(f"{field_name} {_shown(before, word)} -> {_shown(value, word)}")
    return ", ".join(said)


def _shown(value: Any, word: bool) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) and not word else str(value)
