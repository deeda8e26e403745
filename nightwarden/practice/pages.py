"""The api in this process, listening on a free port, and people who call it as a page does."""

import asyncio
import http
import json
import threading
import urllib.error
import urllib.request
from typing import Any

from api.app import ApiOptions, create_app
from api.bell import Bell, BrokerAddress
from api.server import ApiServer, listen, shown
from nightwarden.broker_url import BrokerUrl
from nightwarden.clock import Clock
from nightwarden.errors import NightwardenError
from nightwarden.model.actors import SYSTEM
from nightwarden.model.roles import Role
from nightwarden.practice.waiting import PATIENCE_S, until
from nightwarden.store import people
from nightwarden.store.engine import Store


class RunningApi:
    """The pages and the api of a home, with a token for every role."""

    def __init__(self, store: Store, broker_url: str, clock: Clock, home: str) -> None:
        self.store = store
        self._clock = clock
        self._screen: urllib.request.OpenerDirector | None = None
        address = BrokerUrl.parse(broker_url)
        bell = Bell(BrokerAddress(address.host, address.port), lambda: home)
        self._server = ApiServer(create_app(ApiOptions(self.store, clock, bell)))
        self._listening = listen("127.0.0.1:0")
        self.url = shown(self._listening)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        with self.store.transaction(clock()) as tx:
            self._tokens = {
                role: people.create_token(tx, f"the {role}", role, SYSTEM) for role in Role
            }

    def start(self) -> None:
        """Returns when it answers."""
        self._thread.start()
        until(lambda: self._server.started, "the api did not start")

    def stop(self) -> None:
        """End it in good order."""
        self._server.should_exit = True
        self._thread.join(PATIENCE_S)
        self._loop.close()
        self._listening.close()

    def board(self) -> str:
        """A link that opens the board on one screen."""
        with self.store.transaction(self._clock()) as tx:
            code = people.enrol_code(tx, "Practice screen", SYSTEM)
        return f"{self.url}/enrol/{code}"

    def get(self, path: str) -> Any:
        """What the manager is shown at ``path``, under ``/api/v1``."""
        return self._call("GET", path, None, Role.MANAGER)

    def every(self, path: str) -> list[Any]:
        """All items of a listing, page by page."""
        sign = "&" if "?" in path else "?"
        items: list[Any] = []
        after: str | None = ""
        while after is not None:
            page = self.get(f"{path}{sign}limit=200{after}")
            items += page["items"]
            cursor = page["next_cursor"]
            after = None if cursor is None else f"&cursor={cursor}"
        return items

    def post(self, path: str, body: dict[str, Any], by: Role) -> Any:
        """Somebody does something."""
        return self._call("POST", path, body, by)

    def ask(self, method: str, path: str, body: Any, by: Role) -> tuple[int, str]:
        """The status and the text of an answer, whatever it is."""
        request = urllib.request.Request(  # noqa: S310  (http, this machine, our own server)
            f"{self.url}/api/v1{path}",
            None if body is None else json.dumps(body).encode(),
            {"Authorization": f"Bearer {self._tokens[by]}", "Content-Type": "application/json"},
            method=method,
        )
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:  # noqa: S310
                return int(answer.status), answer.read().decode()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read().decode()

    def page(self, path: str) -> str:
        """A page as an enrolled screen shows it, that is with nobody signed in."""
        if self._screen is None:
            self._screen = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
            agreed = urllib.request.Request(  # noqa: S310  (as above)
                self.board(), b"", {"Origin": self.url}, method="POST"
            )
            self._screen.open(agreed, timeout=PATIENCE_S).close()
        try:
            with self._screen.open(f"{self.url}{path}", timeout=PATIENCE_S) as answer:
                return str(answer.read().decode())
        except urllib.error.HTTPError as refused:
            return f"{refused.code} {refused.read().decode()}"

    def _call(self, method: str, path: str, body: Any, by: Role) -> Any:
        status, content = self.ask(method, path, body, by)
        if status >= http.HTTPStatus.BAD_REQUEST:
            said = json.loads(content or "{}").get("detail", status)
            raise NightwardenError(f"the {by} may not: {method} {path}: {said}")
        return json.loads(content) if content else None

    def _serve(self) -> None:
        self._loop.run_until_complete(self._server.serve(sockets=[self._listening]))
