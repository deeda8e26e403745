"""What the register says: rooms, places, residents, what is required and what stands where.

Reads only; ``upkeep`` has the changes. Nothing is ever deleted: what has gone has ``removed_at``
or ``until`` and is left out here; ``item_history`` has the past.

A confirmation speaks of an item *where it stood*: once the item is moved, what was found at the
old place says nothing about the new one. So only a confirmation recorded since the present
placement began counts as the item's own; the others are history.

Over 300 lines, because what an item is and how it is read belong side by side.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ScalarSelect, Select, and_, or_
from sqlalchemy import select as sql_select
from sqlmodel import SQLModel, col, select

from nightwarden.errors import NotFound
from nightwarden.model.alerts import Priority
from nightwarden.model.channels import PLAIN, ChannelMap
from nightwarden.model.places import (
    EquipmentKind,
    ItemState,
    ItemStatus,
    Mount,
    PlaceId,
    SoundsFor,
)
from nightwarden.model.readings import DeviceId, Quantity
from nightwarden.store.engine import READING, Transaction
from nightwarden.store.item_standing import UNTRIED, Standing, standings, status_of
from nightwarden.store.tables import (
    Confirmation,
    Device,
    Equipment,
    Fault,
    KitModel,
    Permit,
    Place,
    Placement,
    Requirement,
    Resident,
    Room,
)

PROOF_S = 86_400
"""How long a real change or a press test counts as proof that a device works: a day."""

_SUPERVISION_S = {
    "nightwarden": 120,  # native devices speak every half minute
    "zigbee2mqtt": 10_800,  # on battery, and heard about hourly: three missed check-ins
    "chirpstack": 10_800,  # LoRaWAN sensors speak every 10 to 60 minutes, and on a change
    "thethings": 10_800,
    "rtl_433": 10_800,  # thermometers every minute; contacts beat about hourly, three times lost
    "sparkplug": 900,  # by exception, and a node has a last will
    "homie": 900,  # statistics every minute with most firmware, and a last will
    "tasmota": 900,  # telemetry every five minutes unless TelePeriod says otherwise: three of them
    "shelly": 21_600,  # battery sensors wake every two hours; mains ones have a last will
    "esphome": 900,  # an uptime or Wi-Fi sensor speaks every minute, and boards have a last will
    "homeassistant": 10_800,  # anything, most of it on battery
}

_ITEMS_READ = "items read"


def supervision_s(dialect: str) -> int:
    """Within how many seconds a device of this dialect must speak, unless it is said otherwise."""
    return _SUPERVISION_S.get(dialect, 900)


@dataclass(frozen=True, slots=True)
class Found:
    """The latest confirmation of an item at its present place. ``on`` is claimed."""

    state: ItemState
    by: str
    on: date
    note: str | None
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class OpenFault:
    """The oldest fault of an item that nobody has mended."""

    id: int
    what: str
    interim: str | None
    reported_by: str
    reported_at: datetime


@dataclass(frozen=True, slots=True)
class OpenPermit:
    """The work permit of an item that nobody has ended. One past its time still has the item off:
    it is back when somebody says so, and not because a clock does."""

    id: int
    reason: str
    made_safe_by: str
    since: datetime
    until: datetime
    issued_by: str


@dataclass(frozen=True, slots=True)
class Item:
    """An item of equipment as it stands now. ``place`` None: in the store cupboard. ``meant_for``
    is the id of the resident whose it is, None: whoever's room it stands in.

    Times are aware, UTC; ``supervision_s`` and ``proof_s`` are seconds, None without a device.
    """

    tag: str
    kind: EquipmentKind
    mount: Mount | None
    make: str | None
    model: str | None
    serial: str | None
    in_service_on: date | None
    service_life_days: int | None
    meant_for: str | None
    version: int
    since: datetime
    sounds_for: SoundsFor | None = None
    sounds_from: Priority | None = None
    place: PlaceId | None = None
    placed_at: datetime | None = None
    device: DeviceId | None = None
    supervision_s: int | None = None
    proof_s: int | None = None
    bound_at: datetime | None = None
    channels: ChannelMap = PLAIN
    found: Found | None = None
    fault: OpenFault | None = None
    permit: OpenPermit | None = None
    owner: str | None = None
    use_until: date | None = None
    unfit: str | None = None
    standing: Standing = UNTRIED
    model_life_days: int | None = None
    rearm_s: int | None = None

    @property
    def status(self) -> ItemStatus:
        """Where it is in its life."""
        return status_of(self.unfit, placed=self.place is not None)

    @property
    def life_days(self) -> int | None:
        """For how many days it may be used: its own word, or else its model's."""
        return self.service_life_days or self.model_life_days


def rooms(tx: Transaction) -> list[Room]:
    """The rooms, in the order of the home file."""
    query = select(Room).where(col(Room.removed_at).is_(None))
    return list(tx.exec(query.order_by(col(Room.position), col(Room.id))))


def rooms_gone(tx: Transaction) -> list[str]:
    """The ids of rooms that the home once had."""
    query = select(Room.id).where(col(Room.removed_at).is_not(None)).order_by(col(Room.id))
    return list(tx.exec(query))


def places(tx: Transaction) -> list[Place]:
    """The places of every room, rooms and places in the order of the home file."""
    query = select(Place).join(Room, col(Room.id) == Place.room)
    query = query.where(col(Place.removed_at).is_(None), col(Room.removed_at).is_(None))
    order = (col(Room.position), col(Room.id), col(Place.position), col(Place.place))
    return list(tx.exec(query.order_by(*order)))


def residents(tx: Transaction) -> list[Resident]:
    """The residents who live here, by id."""
    query = select(Resident).where(col(Resident.removed_at).is_(None))
    return list(tx.exec(query.order_by(col(Resident.id))))


def every_name_shown(tx: Transaction) -> list[str]:
    """The names of all who live here or did, in the order in which they came."""
    query = select(Resident.shown_as).order_by(col(Resident.since), col(Resident.id))
    return list(tx.exec(query))


def requirements_now(tx: Transaction) -> list[Requirement]:
    """What is required now, in the order in which it was asked for.

    ``since`` is from when the place has needed this kind: a requirement that is only worded anew
    (hours, reason, review date) keeps it, so that a gap never looks younger than it is. The
    wording in force at an earlier time T is the row with the smallest ``until`` after T.
    """
    query = select(Requirement).where(col(Requirement.until).is_(None))
    return list(tx.exec(query.order_by(col(Requirement.id))))


def items_now(tx: Transaction) -> list[Item]:
    """Every item that has not been retired, by tag, with all that is known of it now.

    A few queries, however many items: 1,500 take 20 to 30 ms. A view for reading only sees one
    instant, so it reads them once: a page asks for them three times. What is tried in it and
    rolled back is seen, since the database counts what was changed.
    """
    if READING not in tx.info:
        return _items_where(tx)
    tx.flush()
    changes = _changes(tx)
    kept = tx.info.get(_ITEMS_READ)
    if kept is None or kept[0] != changes:
        kept = tx.info[_ITEMS_READ] = changes, _items_where(tx)
    return list(kept[1])


def _changes(tx: Transaction) -> int:
    """How many rows this connection has changed so far."""
    counted: int = tx.sql.connection.dbapi_connection.total_changes  # type: ignore[union-attr]
    return counted


def items_in(tx: Transaction, room: str | None) -> list[Item]:
    """Every item that stands in a room, or with None in the store cupboard, by tag."""
    return _items_where(tx, col(Placement.room) == room if room else col(Placement.room).is_(None))


def _items_where(tx: Transaction, *clauses: Any) -> list[Item]:
    rows = tx.sql.execute(_items().where(*clauses).order_by(col(Equipment.tag))).fetchall()
    beside = _Beside(_open_faults(tx), _open_permits(tx), standings(tx))
    return [_item(row, beside) for row in rows]


def item(tx: Transaction, tag: str) -> Item:
    """One item.

    Raises:
        NotFound: there is none with this tag, or it was retired.
    """
    row = tx.sql.execute(_items().where(col(Equipment.tag) == tag)).first()
    if row is None:
        raise NotFound(f'There is no equipment "{tag}".')
    return _item(row, _Beside(_open_faults(tx, tag), _open_permits(tx, tag), standings(tx, tag)))


def item_if_used(tx: Transaction, tag: str) -> list[Item]:
    """The item, or nothing where it was retired or never was."""
    try:
        return [item(tx, tag)]
    except NotFound:
        return []


def channel_map(reads: Mapping[str, str] | None, inverted: bool | None) -> ChannelMap:
    """A binding's map as it is kept; None for both is no binding."""
    if not reads and not inverted:
        return PLAIN
    pairs = {Quantity(said): Quantity(heard) for said, heard in (reads or {}).items()}
    return ChannelMap(pairs, bool(inverted))


def _columns(table: type[SQLModel], names: str) -> list[Any]:
    return [getattr(table, column) for column in names.split()]


_ITEM = (
    _columns(Equipment, "tag kind mount make model serial in_service_on"),
    _columns(Equipment, "service_life_days meant_for version since sounds_for sounds_from"),
    _columns(Placement, "room place since"),
    _columns(Device, "dialect address supervision_s proof_s bound_at reads inverted"),
    _columns(Equipment, "owner use_until status"),
    _columns(KitModel, "service_life_days rearm_s"),
    _columns(Confirmation, "state by on note recorded_at"),
)
_KINDS = {kind.value: kind for kind in EquipmentKind}  # quicker than calling the enum
_MOUNTS = {mount.value: mount for mount in Mount}
_STATES = {state.value: state for state in ItemState}
_FAULT = _columns(Fault, "equipment id what interim reported_by reported_at")
_PERMIT = _columns(Permit, "equipment id reason made_safe_by since until issued_by")


def _items() -> Select[*tuple[Any, ...]]:
    """One row an item."""
    tag = col(Equipment.tag)
    placed = and_(col(Placement.equipment) == tag, col(Placement.until).is_(None))
    of_model = and_(
        col(KitModel.make) == Equipment.make,
        col(KitModel.model) == Equipment.model,
        col(KitModel.removed_at).is_(None),
    )
    return (
        sql_select(*(column for columns in _ITEM for column in columns))
        .select_from(Equipment)
        .outerjoin(Placement, placed)
        .outerjoin(Device, col(Device.equipment) == tag)
        .outerjoin(KitModel, of_model)
        .outerjoin(Confirmation, col(Confirmation.id) == _latest_confirmation())
        .where(col(Equipment.removed_at).is_(None))
    )


def _latest_confirmation() -> ScalarSelect[Any]:
    """Of those recorded at the present place; see the module's word on that."""
    here = or_(
        col(Placement.since).is_(None), col(Confirmation.recorded_at) >= col(Placement.since)
    )
    return (
        sql_select(col(Confirmation.id))
        .where(col(Confirmation.equipment) == col(Equipment.tag), here)
        .order_by(col(Confirmation.on).desc(), col(Confirmation.id).desc())
        .limit(1)
        .correlate(Equipment, Placement)
        .scalar_subquery()
    )


def _open_faults(tx: Transaction, tag: str | None = None) -> dict[str, OpenFault]:
    """By tag; of several at one item the oldest."""
    query = sql_select(*_FAULT).where(
        col(Fault.mended_at).is_(None), col(Fault.equipment).is_not(None)
    )
    if tag is not None:
        query = query.where(col(Fault.equipment) == tag)
    newest_first = tx.sql.execute(query.order_by(col(Fault.id).desc()))
    return {row[0]: OpenFault(*row[1:]) for row in map(tuple, newest_first)}


def _open_permits(tx: Transaction, tag: str | None = None) -> dict[str, OpenPermit]:
    """By tag; of several at one item the newest."""
    query = sql_select(*_PERMIT).where(col(Permit.ended_at).is_(None))
    if tag is not None:
        query = query.where(col(Permit.equipment) == tag)
    oldest_first = tx.sql.execute(query.order_by(col(Permit.id)))
    return {row[0]: OpenPermit(*row[1:]) for row in map(tuple, oldest_first)}


@dataclass(frozen=True, slots=True)
class _Beside:
    """What is read beside the items, by tag."""

    faults: dict[str, OpenFault]
    permits: dict[str, OpenPermit]
    standings: dict[str, Standing]


def _item(row: Sequence[Any], beside: _Beside) -> Item:
    tag, kind, mount, make, model, serial, in_service_on, life, meant_for, *more = row
    version, since, sounds_for, sounds_from, *more = more
    room, place, placed_at, dialect, address, *more = more
    supervision, proof, bound_at, reads, inverted, *more = more
    owner, use_until, unfit, model_life, rearm, *found = more
    state, by, on, note, recorded_at = found
    return Item(
        tag,
        _KINDS[kind],
        None if mount is None else _MOUNTS[mount],
        make,
        model,
        serial,
        in_service_on,
        life,
        meant_for,
        version,
        since,
        None if sounds_for is None else SoundsFor(sounds_for),
        None if sounds_from is None else Priority(sounds_from),
        None if room is None else PlaceId(room, place),
        placed_at,
        None if dialect is None else DeviceId(dialect, address),
        supervision,
        proof,
        bound_at,
        channel_map(reads, inverted),
        None if state is None else Found(_STATES[state], by, on, note, recorded_at),
        beside.faults.get(tag),
        beside.permits.get(tag),
        owner,
        use_until,
        unfit,
        beside.standings.get(tag, UNTRIED),
        model_life,
        rearm,
    )
