"""Orders to sounders and lights, through the outbox, in the transaction of what they follow from.

1. What is to be on is worked out from the open alerts as they stand (``rules/sounding.py``), never
   from a change of one: nothing that was missed can leave a siren on, or silent.
2. What each was last told is kept in the store. After a start, and on a new connection, every one
   is told anew; so is one that left the register while it was on, before it is forgotten.
3. "On" is said again every ``REPEAT`` as long as it holds, for a siren that had no power. "Off" is
   said again for a while, for one that was out of reach just then.
4. The outbox repeats an order until the broker has it; a newer order overtakes an older one.
"""

import logging
from collections.abc import Sequence
from datetime import timedelta

from gateway.dialects.base import Dialect
from gateway.dialects.orders import order_to
from gateway.mqtt import MqttLink
from nightwarden.model.outputs import Output
from nightwarden.model.readings import DeviceId
from nightwarden.store import alerts, meta, outgoing, outputs
from nightwarden.store.engine import Transaction
from nightwarden.store.outputs import Told
from rules.sounding import sounding

REPEAT = timedelta(seconds=30)
OFF_IS_REPEATED_FOR = timedelta(minutes=2)

log = logging.getLogger(__name__)


class Outputs:
    """The sounders and lights of one home. On the deciding thread alone."""

    def __init__(self, link: MqttLink, dialects: Sequence[Dialect]) -> None:
        self._link = link
        self._dialects = dialects
        self._told_on = 0  # the link's connection on which all were told
        self._telling_on = 0
        self._plan_version = -1
        self._known: tuple[Output, ...] = ()

    def look(self, tx: Transaction) -> int:
        """Put what must be said now into the outbox; returns how many orders."""
        self._read_register(tx)
        told = outputs.told(tx)
        if not self._known and not told:
            return 0
        anew = self._link.connected and self._told_on != self._link.connections
        wanted = dict(sounding(self._known, alerts.open_alerts(tx)))
        kinds = {output.device: output.kind for output in self._known}
        said = 0
        for device, on in wanted.items():
            before = told.get(device)
            if anew or before is None or self._again(before, on, tx):
                since = before.since if before is not None and before.on == on else tx.now
                said += self._order(tx, device, Told(kinds[device], on, since, tx.now))
        for device in told.keys() - wanted.keys():
            gone = told[device]
            said += self._order(tx, device, gone._replace(on=False, said_at=tx.now))
            outputs.forget_told(tx, device)
        self._telling_on = self._link.connections if self._link.connected else 0
        return said

    def committed(self) -> None:
        """What :meth:`look` wrote is on the disk."""
        if self._telling_on:
            self._told_on = self._telling_on

    def _read_register(self, tx: Transaction) -> None:
        version = meta.plan_version(tx)
        if version != self._plan_version:
            self._known = tuple(outputs.outputs_now(tx))
            self._plan_version = version

    def _again(self, before: Told, on: bool, tx: Transaction) -> bool:  # noqa: FBT001
        if before.on != on:
            return True
        held = on or tx.now < before.since + OFF_IS_REPEATED_FOR
        # A clock that was set back would else keep it silent until it has caught up.
        return held and not before.said_at <= tx.now < before.said_at + REPEAT

    def _order(self, tx: Transaction, device: DeviceId, what: Told) -> int:
        order = order_to(self._dialects, device, what.kind, on=what.on)
        if order is None:
            log.error("%s cannot be told anything; its dialect takes no orders.", device)
            return 0
        outgoing.deliver_order(tx, order.topic, order.payload, retain=order.retain)
        outputs.keep_told(tx, device, what)
        return 1
