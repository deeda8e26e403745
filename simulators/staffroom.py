"""Carers who answer a running monitor: they look at its open alerts over HTTP, as a phone does.

The shift decides in simulated time; a look is each half second on the wall. What they do changes
what the monitor shows and nothing that a device says, so that a play stays the same at any speed.
"""

import http.client
import json
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit

from nightwarden.errors import Invalid
from simulators.carers import Act, Verb
from simulators.shift import Shift

LOOK_EVERY_S = 0.5
PATIENCE_S = 5.0
PAUSED_MIN = 15
_SAYS = {Verb.ACCEPT: "accept", Verb.ATTEND: "attend", Verb.CLOSE: "close"}


class Staffroom:
    """A shift with a token of the monitor.

    Args:
        shift: who is on.
        api: the monitor's address, ``http://HOST:PORT`` or ``https://…``.
        token: with the rights of a carer.
        now: the simulated instant (aware).
        progress: is given a line when they cannot do what they want to.

    Raises:
        Invalid: the address is none.
    """

    def __init__(
        self,
        shift: Shift,
        api: str,
        token: str,
        now: Callable[[], datetime],
        progress: Callable[[str], None] = lambda _line: None,
    ) -> None:
        parts = urlsplit(api)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise Invalid(f'"{api}" is no address of a monitor; write one such as http://HOST:8080')
        self._shift, self._parts, self._token = shift, parts, token
        self._now, self._progress = now, progress
        self._known: dict[str, tuple[str, int]] = {}
        self._complained = ""

    def run(self, stop: threading.Event) -> None:
        """Look and act until ``stop`` is set; for a thread of its own."""
        while not stop.wait(LOOK_EVERY_S):
            self.look()

    def look(self) -> None:
        """Hear of what has changed since the last look, and do what is due."""
        try:
            self._hear()
            for act in self._shift.act(self._now()):
                self._do(act)
        except (OSError, http.client.HTTPException, ValueError, KeyError) as problem:
            self._complain(f"the carers cannot reach the monitor: {problem}")

    def _hear(self) -> None:
        answer = self._call("GET", "/alerts?state=open&limit=200")
        if answer is None:
            return
        now, found = self._now(), {str(one["id"]): one for one in answer["items"]}
        for number in self._known.keys() - found.keys():
            room, _ = self._known.pop(number)
            self._shift.hear({"id": number, "room": room, "state": "closed"}, now)
        for number, alert in sorted(found.items(), key=lambda one: int(one[0])):
            seen = (str(alert["room"]), int(alert["version"]))
            if self._known.get(number) != seen:
                self._known[number] = seen
                self._shift.hear(alert, now)

    def _do(self, act: Act) -> None:
        if act.verb in _SAYS:
            body = {"outcome": act.outcome} if act.verb is Verb.CLOSE else None
            self._call("POST", f"/alerts/{act.alert}/{_SAYS[act.verb]}", body)
        elif act.verb is Verb.PAUSE:
            pause = {"minutes": PAUSED_MIN, "reason": "care in progress"}
            self._call("POST", f"/places/{quote(act.room)}/{act.place}/pause", pause)

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """The JSON of a good answer; None where the monitor refuses, with a line that says so."""
        secure = self._parts.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = kind(self._parts.hostname or "", self._parts.port, timeout=PATIENCE_S)
        try:
            headers = {
                "Authorization": f"Bearer {self._token}",
                "Content-Type": "application/json",
            }
            said = None if body is None else json.dumps(body)
            connection.request(method, f"/api/v1{path}", said, headers)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        if answer.status in (401, 403):
            self._complain(f"the monitor refuses the carers ({answer.status}): check their token")
            return None
        if not 200 <= answer.status < 300:
            return None  # somebody else was first: the next look tells
        return json.loads(content) if content else {}

    def _complain(self, line: str) -> None:
        if line != self._complained:
            self._complained = line
            self._progress(line)
