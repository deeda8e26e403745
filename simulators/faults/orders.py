"""Faults as a person orders them: ``[DEVICE:]FAULT[=AMOUNT][@FROM[-UNTIL]]``.

DEVICE is an address, or whole levels of a topic; without one it is everybody. FROM and UNTIL count
from the start of the play: ``30s``, ``5m``, ``2h``.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from nightwarden.errors import Invalid
from simulators.wire import WireMessage

_ORDER = re.compile(
    r"(?:(?P<device>.+):)?(?P<name>[a-z]+)(?:=(?P<amount>[^@]+))?(?:@(?P<since>[^-]+)(?:-(?P<until>.+))?)?"
)
_SPAN = re.compile(r"(-?\d+(?:\.\d+)?)(ms|s|m|h|d)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_SHARE, _LENGTH, _NUMBER, _WAY, _NONE = "share", "length", "number", "way", "none"
FAULTS = {
    "loss": (_SHARE, "0.1"),
    "duplicate": (_SHARE, "0.2"),
    "reorder": (_SHARE, "0.1"),
    "delay": (_LENGTH, "3s"),
    "skew": (_LENGTH, "-2h"),
    "stuck": (_NONE, ""),
    "flapping": (_LENGTH, "20s"),
    "drift": (_NUMBER, "1.5"),
    "flood": (_NUMBER, "50"),
    "battery": (_NUMBER, "3"),
    "disconnect": (_WAY, "unclean"),
    "restart": (_LENGTH, "10s"),
}
"""Each fault with the kind of its amount and an example."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. ``amount`` is a share, seconds, °C an hour, messages a second or per cent;
    for ``disconnect`` 1 is clean and 0 unclean. ``since`` and ``until`` count from the start.
    """

    name: str
    amount: float = 0.0
    device: str | None = None
    since: timedelta = timedelta(0)
    until: timedelta = timedelta.max

    def befalls(self, message: WireMessage) -> bool:
        """Whether the message is of the device that the fault is of."""
        if self.device is None or self.device == message.sender.address:
            return True
        return f"/{self.device}/" in f"/{message.topic}/"

    def befalls_at(self, message: WireMessage, start: datetime) -> bool:
        """The same, while the fault lasts; ``start`` (aware) is when the play began."""
        return self.lasts_at(message.at - start) and self.befalls(message)

    def lasts_at(self, passed: timedelta) -> bool:
        """Whether it lasts when so much time has passed since the start."""
        return self.since <= passed < self.until


def parse_fault(text: str) -> Fault:
    """Read one order.

    Raises:
        Invalid: it is none, in one sentence.
    """
    found = _ORDER.fullmatch(text.strip())
    if found is None or found["name"] not in FAULTS:
        raise Invalid(
            f'"{text}" is not a fault; write one such as loss=0.1, mat-12:stuck or '
            f"delay=3s@5m-10m; there are {', '.join(FAULTS)}"
        )
    since = _span(text, found["since"]) if found["since"] else 0.0
    until = timedelta(seconds=_span(text, found["until"])) if found["until"] else timedelta.max
    if since < 0 or timedelta(seconds=since) >= until:
        raise Invalid(f'"{text}" ends before it begins; write …@5m-10m')
    amount = _amount(text, found["name"], found["amount"])
    if found["name"] == "restart" and (found["device"] or found["until"]):
        raise Invalid(f'"{text}": restart is the broker\'s, for so long; write restart=10s@5m')
    return Fault(found["name"], amount, found["device"], timedelta(seconds=since), until)


def _amount(text: str, name: str, said: str | None) -> float:
    kind, example = FAULTS[name]
    due = f'"{text}": {name} takes ' + (
        "no amount" if kind is _NONE else f"an amount, such as {name}={example}"
    )
    if kind is _NONE or kind is _WAY:
        fits = said is None or (kind is _WAY and said in ("clean", "unclean"))
        if not fits:
            raise Invalid(due + (" or clean" if kind is _WAY else ""))
        return 1.0 if said == "clean" else 0.0
    if kind is _LENGTH:
        length = _span(text, said or "")
        if length == 0 or (length < 0 and name != "skew"):
            raise Invalid(due)
        return length
    try:
        number = float(said or "")
    except ValueError:
        raise Invalid(due) from None
    most = {"share": 1.0, "battery": 100.0, "flood": 10_000.0}.get(kind if kind is _SHARE else name)
    least = -1000.0 if name == "drift" else 0.0
    if not least <= number <= (1000.0 if most is None else most):
        raise Invalid(f"{due}, from {least:g} to {1000.0 if most is None else most:g}")
    if number == 0 and name == "flood":
        raise Invalid(due)
    return number


def _span(text: str, said: str) -> float:
    found = _SPAN.fullmatch(said.strip())
    if found is None or abs(float(found[1])) * _SECONDS[found[2]] > 365 * 86400:
        raise Invalid(
            f'"{text}": "{said}" is not a length of time; write one such as 30s, 5m or 2h'
        )
    return float(found[1]) * _SECONDS[found[2]]
