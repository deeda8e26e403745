"""Readings to InfluxDB 2, from the store's own outbox, at InfluxDB's pace and never at ours.

The policy, in order:

1. A reading is in the store before it is here, and the cursor moves only after InfluxDB has said
   204. A crash in between sends the batch again; each point lands on itself (``line_protocol``).
2. InfluxDB down, full, slow, gone or lost in the middle of an answer: wait, longer each time, as
   long as it says where it says so; nothing is given up. ``failed_since`` and ``last_error`` on
   the cursor's row tell people.
3. A batch that InfluxDB refuses for what is in it would be refused for ever. It is halved until
   the reading that is refused stands alone; that one is counted and passed over.
4. Nothing waits for history. It has its own thread, holds no transaction while it talks to
   InfluxDB, and takes a breath between two batches.

The client's own batching mode is not used: it drops points in silence on some errors. Its
synchronous mode neither retries nor tells a 204 from any other 2xx, so both are done here.
"""

import json
import logging
import random
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from influxdb_client import InfluxDBClient, WritePrecision
from influxdb_client.client.write_api import SYNCHRONOUS
from influxdb_client.rest import ApiException
from urllib3.exceptions import HTTPError

from gateway.history.line_protocol import line
from nightwarden.clock import Clock
from nightwarden.errors import Invalid
from nightwarden.model.readings import Quantity
from nightwarden.store import history
from nightwarden.store.engine import Store
from nightwarden.store.history import Waiting

SINK = "influx"
"""The name of this sink's row in ``history_cursor``."""

BATCH = 1_000
"""Readings a request. InfluxDB likes up to 5,000; a fifth keeps the alert path's thread moving."""

BREATH_S = 0.1
"""Between two batches while more is waiting."""

IDLE_S = 5.0
"""Until the next look when nothing was waiting; history may lag by that much."""

LONGEST_WAIT_S = 60.0
"""Between two tries while InfluxDB is down, and at once where only a person can help."""

LONGEST_TOLD_WAIT_S = 3_600.0
"""A ``Retry-After`` beyond an hour is taken as an hour."""

_CONNECT_TIMEOUT_S = 3.0
_log = logging.getLogger(__name__)


class _Refused(Exception):
    """InfluxDB will not take this batch for what is in it."""


class _NotTaken(Exception):
    """InfluxDB did not take the batch; ``wait_s`` is what it, or the kind of failure, asks for."""

    def __init__(self, message: str, wait_s: float | None = None) -> None:
        super().__init__(message)
        self.wait_s = wait_s


class InfluxSink:
    """Takes one home's readings to one bucket. ``start`` and ``stop`` it, or ``step`` it."""

    def __init__(
        self,
        url: str,
        token: str,
        org: str,
        bucket: str,
        store: Store,
        home_id: str,
        clock: Clock,
        timeout_s: float = 10.0,
    ) -> None:
        """Nothing is sent yet.

        Args:
            url: of InfluxDB, such as ``http://influxdb:8086``.
            token: one that may write to ``bucket``.
            org: the organisation that the bucket belongs to.
            bucket: where the points go.
            store: the home's store; its readings are the outbox.
            home_id: the ``home`` tag of every point.
            clock: for ``Retry-After`` dates and ``failed_since``.
            timeout_s: how long an answer may take, in seconds.

        Raises:
            Invalid: when the address or the token cannot be right.
        """
        if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
            raise Invalid(f'InfluxDB address "{url}" is not http://HOST:PORT or https://HOST:PORT')
        if not token:
            raise Invalid(
                "InfluxDB was given no token; set NIGHTWARDEN_INFLUX_TOKEN, or "
                "NIGHTWARDEN_INFLUX_TOKEN_FILE to the file that holds it"
            )
        self._url, self._org, self._bucket = url, org, bucket
        self._store, self._home, self._clock = store, home_id, clock
        milliseconds = (int(_CONNECT_TIMEOUT_S * 1000), int(timeout_s * 1000))
        self._client = InfluxDBClient(
            url, token, org=org, timeout=milliseconds, retries=False, enable_gzip=True
        )
        self._writer = self._client.write_api(write_options=SYNCHRONOUS)
        self._limit = BATCH
        self._failures = 0
        self._told: str | None = None
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to send, in a thread of its own."""
        # A daemon: a request in flight must not hold up the gateway's end, and losing its answer
        # costs no more than sending the batch again.
        self._thread = threading.Thread(target=self._run, name="history-influx", daemon=True)
        self._thread.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        """Stop sending; waits at most ``timeout_s`` seconds for a request in flight."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(timeout_s)
            if self._thread.is_alive():
                return
        self._client.close()

    def step(self) -> float:
        """Send one batch, or find that there is none.

        Returns:
            Seconds to wait before the next step.
        """
        with self._store.reading(self._clock()) as tx:
            after = history.cursor(tx, SINK).reading
            readings = history.waiting(tx, after, self._limit)
        if not readings:
            return IDLE_S
        try:
            self._write(readings)
        except _Refused as refusal:
            return self._halve(readings, str(refusal))
        except _NotTaken as failure:
            return self._wait(failure)
        with self._store.transaction(self._clock()) as tx:
            history.taken(tx, SINK, readings[-1].id)
        self._recovered()
        full = len(readings) == self._limit
        self._limit = min(self._limit * 2, BATCH)
        return BREATH_S if full else IDLE_S

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                wait_s = self.step()
            except Exception:  # noqa: BLE001 - it must outlive a full disk and a locked store
                _log.exception("The long history stumbled; it tries again in a minute")
                wait_s = LONGEST_WAIT_S
            self._stopping.wait(wait_s)

    def _write(self, readings: Sequence[Waiting]) -> None:
        # The loop test's own readings are of no use to anybody a year later.
        lines = [line(self._home, each) for each in readings if each.quantity != Quantity.PROOF]
        if not lines:
            return
        body = "\n".join(lines).encode()
        try:
            self._writer.write(self._bucket, self._org, body, write_precision=WritePrecision.NS)
        except ApiException as answer:
            raise self._judged(answer) from answer
        except (HTTPError, UnicodeError) as failure:
            reason = f"InfluxDB at {self._url} does not answer: {_short(failure)}"
            raise _NotTaken(reason) from failure
        status = self._client.api_client.last_response.status
        if status != 204:
            raise _NotTaken(
                f"{self._url} answered {status} where InfluxDB answers 204; check the address",
                LONGEST_WAIT_S,
            )

    def _judged(self, answer: Any) -> _Refused | _NotTaken:
        """What an answer other than 2xx means for the batch."""
        said = f"{answer.status} {_short(answer.message)}"
        if answer.status == 413 or (
            answer.status in (400, 422)
            and _code(answer.body) in ("invalid", "unprocessable entity")
        ):
            return _Refused(said)
        if answer.status in (401, 403):
            wanted = f"give a token that may write to bucket {self._bucket}"
            return _NotTaken(f"InfluxDB refuses the token ({said}); {wanted}", LONGEST_WAIT_S)
        if answer.status == 404:
            wanted = f"make bucket {self._bucket} in organisation {self._org}, or name another"
            return _NotTaken(f"InfluxDB has no such place ({said}); {wanted}", LONGEST_WAIT_S)
        told = retry_after_s(answer.retry_after, self._clock())
        return _NotTaken(f"InfluxDB at {self._url} cannot take readings now ({said})", told)

    def _halve(self, readings: Sequence[Waiting], reason: str) -> float:
        """Find the reading that is refused; alone, it is counted and passed over."""
        if len(readings) > 1:
            self._limit = len(readings) // 2
            return 0.0
        reading = readings[0]
        error = f"reading {reading.id} of {reading.dialect}:{reading.address} was refused: {reason}"
        _log.warning("InfluxDB: %s", error)
        with self._store.transaction(self._clock()) as tx:
            history.refused(tx, SINK, reading.id, error)
        self._recovered()
        return 0.0

    def _wait(self, failure: _NotTaken) -> float:
        """Keep what went wrong where people look, once, and say how long to wait."""
        self._failures += 1
        if str(failure) != self._told:
            self._told = str(failure)
            _log.warning("%s; readings wait in the store", failure)
            with self._store.transaction(self._clock()) as tx:
                history.failing(tx, SINK, self._told)
        if failure.wait_s is not None:
            return failure.wait_s
        longest = min(2.0 ** min(self._failures, 10), LONGEST_WAIT_S)
        return random.uniform(longest / 2, longest)  # noqa: S311 - jitter, not a secret

    def _recovered(self) -> None:
        if self._told is not None:
            _log.info("InfluxDB takes readings again")
        self._failures, self._told = 0, None


def retry_after_s(header: str | None, now: datetime) -> float | None:
    """Seconds that a ``Retry-After`` header asks for, 1 to 3,600; None where it says nothing.

    Args:
        header: seconds or an HTTP date (RFC 9110, 10.2.3).
        now: what a date is counted from, aware, UTC.
    """
    if header is None:
        return None
    try:
        seconds = float(int(header))
    except ValueError:
        try:
            until = parsedate_to_datetime(header)
        except ValueError:
            return None
        # An HTTP date is GMT; "-0000" is read as naive and means the same here.
        seconds = (until.replace(tzinfo=until.tzinfo or UTC) - now).total_seconds()
    return min(max(seconds, 1.0), LONGEST_TOLD_WAIT_S)


def _code(body: str | None) -> str | None:
    """InfluxDB's own word for an error; None where the answer is not InfluxDB's."""
    try:
        return str(json.loads(body or "")["code"])
    except (ValueError, LookupError, TypeError):
        return None


def _short(reason: object) -> str:
    """One line of at most 300 characters, for a row that people read."""
    return " ".join(str(reason).split())[:300]
