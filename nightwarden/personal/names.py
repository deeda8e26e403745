"""Finding a name where it occurs as a word, and putting a pseudonym in its place.

The policy:

1. A name is found as a whole word, in any case of its letters; one that is also an ordinary English
   word (Rose, May, Will) only where it begins with a capital, initials only as they are.
2. The full name of a member of staff that has the name in it is left as it is.
3. Where somebody else has the same name, only what stands in one of the resident's own rooms, or
   under the resident's own id, is taken for theirs; the rest is left, and listed.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

_ORDINARY_TEXT = (
    "amber april art autumn basil bill bob chance chuck dawn daisy dean dot drew earl "
    "faith fern flora frank gene glen grace grant guy harmony hazel heather holly "
    "homer hope iris ivy jack jasmine jean joy june lily mark mason max may melody "
    "miles mike nick norm olive pat patience pearl penny pierce poppy ray rich rob "
    "robin rod rose ruby rusty sage sandy sky stew sue summer sunny terry tom victor "
    "violet wade ward will winter woody"
)
ORDINARY = frozenset(_ORDINARY_TEXT.split())
"""Names that are words too; in small letters they are the words."""


@dataclass(frozen=True)
class Names:
    """What is looked for, and what is put there. ``shared``: somebody else has one of the names."""

    words: tuple[str, ...]
    pseudonym: str
    staff: tuple[str, ...] = ()
    shared: bool = False
    rooms: frozenset[str] = frozenset()
    ids: dict[str, str] = field(default_factory=dict)
    """Ids that stand for the person, with what stands for them from now on."""

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        def any_of(texts: Iterable[str]) -> str:
            return "|".join(texts) or r"(?!)"

        longest_first = sorted(self.words, key=len, reverse=True)
        guarded = [re.escape(name) for name in self.staff if self._has_word(name)]
        idents = any_of(re.escape(ident) for ident in self.ids)
        return re.compile(
            rf"(?P<ident>(?<![\w-])(?:{idents})(?![\w-]))"
            rf"|(?P<staff>(?<!\w)(?:{any_of(sorted(guarded, key=len, reverse=True))})(?!\w))"
            rf"|(?<!\w)(?P<name>{any_of(map(self._word, longest_first))})(?!\w)"
        )

    @staticmethod
    def _word(word: str) -> str:
        if word.lower() in ORDINARY:
            return f"(?:{re.escape(word)}|{re.escape(word.upper())}|{re.escape(word.title())})"
        if word.isupper() and len(word) <= 3:  # initials
            return re.escape(word)
        return f"(?i:{re.escape(word)})"

    def _has_word(self, name: str) -> bool:
        return any(
            re.search(rf"(?i)(?<!\w){re.escape(word)}(?!\w)", name) and name != word
            for word in self.words
        )

    def text(self, text: str, *, here: bool = True) -> str:
        """The text with the pseudonym for each name in it; ``here`` False: for their ids alone."""

        def instead(found: re.Match[str]) -> str:
            if found["ident"] is not None:
                return self.ids[found[0]]
            return self.pseudonym if here and found["name"] is not None else found[0]

        return self._pattern.sub(instead, text)

    def occurs(self, text: str) -> bool:
        """Whether one of the names is in it."""
        return any(found["name"] is not None for found in self._pattern.finditer(text))

    def value(self, value: Any, *, here: bool = True) -> Any:
        """A JSON value with every text and key replaced.

        Args:
            value: what ``json.loads`` gives.
            here: whether what has no room of its own is the resident's.
        """
        if isinstance(value, str):
            return self.text(value, here=here)
        if isinstance(value, list):
            return [self.value(each, here=here) for each in value]
        if isinstance(value, dict):
            here = self.in_own_room(value, here=here)
            return {
                self.text(key, here=here): self.value(each, here=self._of_key(key, each, here=here))
                for key, each in value.items()
            }
        return value

    def in_own_room(self, value: dict[str, Any], *, here: bool) -> bool:
        """Whether a mapping that says its room is of one of theirs; without shared names all is."""
        if not self.shared:
            return True
        place = value.get("place")
        room = value.get("room")
        if isinstance(place, Sequence) and not isinstance(place, str) and place:
            room = place[0]
        elif isinstance(place, str) and "/" in place:
            room = place.split("/")[0]
        return room in self.rooms if isinstance(room, str) else here

    def _of_key(self, key: str, value: Any, *, here: bool) -> bool:
        """A plan's rooms to names: each name is that of its room."""
        if self.shared and isinstance(value, str) and key in self.rooms:
            return True
        return here


def words_of(shown: Collection[str], also: Collection[str]) -> tuple[str, ...]:
    """The names to look for, without what is too short to be one."""
    found = {" ".join(name.split()) for name in (*shown, *also)}
    return tuple(sorted(name for name in found if len(name) >= 2 and any(map(str.isalpha, name))))
