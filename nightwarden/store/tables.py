"""Every table of the store, by noun, in the order in which a message meets them.

SQLModel with ``table=True`` does not validate: what enters here was checked by a request model,
by the home file's reader or by the engine. Times are aware UTC; ``UTCDateTime`` refuses others.

Over 300 lines, because a schema is read as a whole.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, text
from sqlmodel import Field, SQLModel


class Meta(SQLModel, table=True):
    """Small facts about the store itself: ``plan_version``, ``last_decided_at``, secrets' salts."""

    key: str = Field(primary_key=True)
    value: str


# --- the register -----------------------------------------------------------------------------


class Home(SQLModel, table=True):
    """One care home. ``practice`` marks a home on which simulators may act."""

    id: str = Field(primary_key=True)
    name: str
    timezone: str
    practice: bool = False


class Room(SQLModel, table=True):
    """A room, lounge, corridor or en-suite: ``kind`` says. ``removed_at`` instead of deletion."""

    id: str = Field(primary_key=True)
    position: int = 0
    zone: str | None = None
    kind: str | None = None
    removed_at: datetime | None = None


class Place(SQLModel, table=True):
    """A place in a room; ``emitter`` is set where it gives off heat, ``circuit``: what feeds it.

    ``owner`` and ``use_until`` are a portable heater's: who answers for it, and its last day.
    ``assessed_*`` is the newest assessment; all of them are in :class:`EmitterAssessment`.
    """

    room: str = Field(primary_key=True, foreign_key="room.id")
    place: str = Field(primary_key=True)
    position: int = 0
    emitter: str | None = None
    circuit: str | None = None
    assessed_by: str | None = None
    assessed_on: date | None = None
    assessed_finding: str | None = None
    owner: str | None = None
    use_until: date | None = None
    since: datetime
    removed_at: datetime | None = None


class EmitterAssessment(SQLModel, table=True):
    """Somebody has judged a heat emitter. A correction is a later one.

    ``answers``: what was looked at (panel, pipes, valves, furniture that traps) and found safe.
    """

    __tablename__ = "emitter_assessment"
    __table_args__ = (Index("emitter_assessment_place", "room", "place"),)
    id: int | None = Field(default=None, primary_key=True)
    room: str
    place: str
    by: str
    on: date
    finding: str
    answers: dict[str, bool] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    recorded_at: datetime
    recorded_by: str


class Resident(SQLModel, table=True):
    """A resident: the room, the name that a board may show, and no more.

    ``version`` counts changes of the person and of their plan: the second of two editors is told.
    """

    id: str = Field(primary_key=True)
    shown_as: str
    room: str = Field(foreign_key="room.id")
    admitted_on: date | None = None
    version: int = 0
    since: datetime
    removed_at: datetime | None = None


class Assessment(SQLModel, table=True):
    """What a person has judged of a resident (falls, burns), from which requirements come.

    ``ref`` is its name in the home file, one at a time a resident; a later one ends it. The four
    questions are those of HSE's HSIS6: mobility, sensitivity to heat, capacity, and furniture
    that traps.
    """

    id: int | None = Field(default=None, primary_key=True)
    resident: str = Field(foreign_key="resident.id", index=True)
    ref: str
    kind: str
    by: str
    on: date
    review_by: date
    mobility: str | None = None
    heat_sensitivity: str | None = None
    capacity: str | None = None
    furniture: str | None = None
    finding: str | None = None
    since: datetime
    recorded_by: str
    until: datetime | None = None
    ended_by: str | None = None


class Consent(SQLModel, table=True):
    """Consent to being watched, or the decision that it is in the resident's best interests.

    ``basis`` ``refused`` is a record too: the plan has to change. A later one ends it.
    """

    id: int | None = Field(default=None, primary_key=True)
    resident: str = Field(foreign_key="resident.id", index=True)
    basis: str
    by: str
    on: date
    review_by: date | None = None
    note: str | None = None
    since: datetime
    recorded_by: str
    until: datetime | None = None
    ended_by: str | None = None


class Requirement(SQLModel, table=True):
    """This place needs this kind of equipment, watched in these hours, because of this.

    ``assessment`` is the ``ref`` of the assessment that it comes from, where it names one.
    """

    id: int | None = Field(default=None, primary_key=True)
    resident: str = Field(foreign_key="resident.id", index=True)
    room: str
    place: str
    needs: str
    hours: str
    because: str
    review_by: date
    dwell_s: int | None = None
    tell: str | None = None
    action: str | None = None
    assessment: str | None = None
    since: datetime
    until: datetime | None = None


class KitModel(SQLModel, table=True):
    """What is known of a model of equipment, by maker and name; items name both.

    Days and uses are the maker's; ``reorder_level``: fewer spare ones than that, and somebody
    orders. ``rearm_s``: how long it stays silent after an alarm (M12).
    """

    __tablename__ = "kit_model"
    make: str = Field(primary_key=True)
    model: str = Field(primary_key=True)
    kind: str | None = None
    service_life_days: int | None = None
    life_uses: int | None = None
    battery_life_days: int | None = None
    rearm_s: int | None = None
    reorder_level: int | None = None
    note: str | None = None
    version: int = 0
    changed_at: datetime
    changed_by: str
    removed_at: datetime | None = None


class Equipment(SQLModel, table=True):
    """A physical item. ``version`` counts edits: the second of two editors is told.

    ``meant_for`` is the resident whose it is, where it is one's; ``service_life_days`` counts from
    ``in_service_on``. ``status`` is set while it may not be used (``quarantined``, ``in_repair``);
    else where it stands says it. ``owner`` and ``use_until`` are of what is there for a time.
    """

    tag: str = Field(primary_key=True)
    kind: str = Field(index=True)
    mount: str | None = None
    sounds_for: str | None = None
    sounds_from: str | None = None
    make: str | None = None
    model: str | None = None
    serial: str | None = None
    in_service_on: date | None = None
    service_life_days: int | None = None
    meant_for: str | None = None
    owner: str | None = None
    use_until: date | None = None
    status: str | None = None
    version: int = 0
    since: datetime
    removed_at: datetime | None = None


class StatusChange(SQLModel, table=True):
    """An item became fit for use or unfit: who said so, when and why."""

    __tablename__ = "status_change"
    id: int | None = Field(default=None, primary_key=True)
    equipment: str = Field(foreign_key="equipment.tag", index=True)
    status: str
    why: str
    by: str
    at: datetime


class Pairing(SQLModel, table=True):
    """The transmitter that a pad is used with, from a time until a time (M14)."""

    __table_args__ = (
        Index("pairing_now", "equipment", unique=True, sqlite_where=text("until IS NULL")),
    )
    id: int | None = Field(default=None, primary_key=True)
    equipment: str = Field(foreign_key="equipment.tag", index=True)
    make: str | None = None
    model: str | None = None
    serial: str | None = None
    since: datetime
    by: str
    until: datetime | None = None
    ended_by: str | None = None


class EquipmentTest(SQLModel, table=True):
    """A commissioning or functional test. ``passed`` is judged, with ``why`` where it is not what
    was claimed; ``on`` is claimed, ``recorded_at`` ours. ``surface_c``: what a person can touch."""

    __tablename__ = "equipment_test"
    id: int | None = Field(default=None, primary_key=True)
    equipment: str = Field(foreign_key="equipment.tag", index=True)
    kind: str
    passed: bool
    why: str | None = None
    surface_c: float | None = None
    pairing: int | None = None
    room: str | None = None
    place: str | None = None
    by: str
    on: date
    note: str | None = None
    recorded_at: datetime
    recorded_by: str


class Training(SQLModel, table=True):
    """Somebody has been shown a kind of equipment."""

    id: int | None = Field(default=None, primary_key=True)
    person: str = Field(index=True)
    kind: str
    shown_by: str
    on: date
    recorded_at: datetime
    recorded_by: str
    ended_at: datetime | None = None
    ended_by: str | None = None


class GapEntry(SQLModel, table=True):
    """What a person says of a gap: whose it is (``owner``), or that it stays so (``decision``).

    The gap itself is computed. An entry speaks of it from ``at`` on, until another takes its place
    (``ended_at``) or the gap has gone; a decision until its ``review_by``.
    """

    __tablename__ = "gap_entry"
    id: int | None = Field(default=None, primary_key=True)
    kind: str
    room: str
    place: str
    needs: str
    state: str
    equipment: str | None = None
    owner: str | None = None
    reason: str | None = None
    review_by: date | None = None
    by: str
    at: datetime
    ended_at: datetime | None = Field(default=None, index=True)
    ended_by: str | None = None


class Placement(SQLModel, table=True):
    """Equipment at a place from a time until a time."""

    __table_args__ = (
        Index("placement_now", "equipment", unique=True, sqlite_where=text("until IS NULL")),
    )
    id: int | None = Field(default=None, primary_key=True)
    equipment: str = Field(foreign_key="equipment.tag", index=True)
    room: str
    place: str
    since: datetime
    until: datetime | None = None


class Device(SQLModel, table=True):
    """What speaks MQTT, bound to equipment. ``supervision_s``: it must speak within that time.

    ``address`` is that of ``DeviceId``: one input of several is ``ADDRESS#CHANNEL``. ``reads`` and
    ``inverted`` are its ``ChannelMap``.
    """

    dialect: str = Field(primary_key=True)
    address: str = Field(primary_key=True)
    equipment: str = Field(foreign_key="equipment.tag", index=True)
    supervision_s: int
    proof_s: int
    bound_at: datetime
    reads: dict[str, str] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    inverted: bool = False


class Confirmation(SQLModel, table=True):
    """Somebody stood at the item and says what they found. ``on`` is claimed, the rest is ours."""

    __table_args__ = (Index("confirmation_newest", "equipment", "on", "id"),)
    id: int | None = Field(default=None, primary_key=True)
    equipment: str = Field(foreign_key="equipment.tag", index=True)
    state: str
    by: str
    on: date
    note: str | None = None
    recorded_at: datetime
    recorded_by: str


class Fault(SQLModel, table=True):
    """Something is wrong with an item, or at a place without one, until somebody mends it.

    ``room``, ``place`` and ``kind`` are where and what it was when it was reported. ``signed_in``
    False: ``reported_by`` is what somebody called themselves at a label. ``interim`` is who does
    what until it is mended; ``mended_how`` is the evidence, see ``nightwarden.store.faults``.
    """

    id: int | None = Field(default=None, primary_key=True)
    equipment: str | None = Field(default=None, foreign_key="equipment.tag", index=True)
    room: str | None = Field(default=None, index=True)
    place: str | None = None
    kind: str | None = None
    what: str
    interim: str | None = None
    interim_by: str | None = None
    interim_at: datetime | None = None
    owner: str | None = None
    owner_since: datetime | None = None
    reported_by: str
    signed_in: bool = True
    reported_at: datetime
    mended_by: str | None = None
    mended_at: datetime | None = Field(default=None, index=True)
    mended_how: str | None = None
    mended_note: str | None = None


class Permit(SQLModel, table=True):
    """A control is off until a time, and this is how the room is safe meanwhile."""

    id: int | None = Field(default=None, primary_key=True)
    equipment: str = Field(foreign_key="equipment.tag", index=True)
    reason: str
    made_safe_by: str
    since: datetime
    until: datetime
    issued_by: str
    ended_at: datetime | None = None
    ended_by: str | None = None


class PermitExtension(SQLModel, table=True):
    """A permit was given more time, and why."""

    __tablename__ = "permit_extension"
    id: int | None = Field(default=None, primary_key=True)
    permit: int = Field(foreign_key="permit.id", index=True)
    until_before: datetime
    until: datetime
    reason: str
    by: str
    at: datetime


class Removal(SQLModel, table=True):
    """A control was taken away from where it was required: why, what is there instead, and when
    that is looked at again. ``reason`` None: nobody has said yet."""

    id: int | None = Field(default=None, primary_key=True)
    equipment: str | None = Field(default=None, foreign_key="equipment.tag", index=True)
    room: str
    place: str
    kind: str
    resident: str | None = None
    because: str | None = None
    reason: str | None = None
    replacement: str | None = None
    review_by: date | None = None
    removed_at: datetime
    removed_by: str
    explained_at: datetime | None = None
    explained_by: str | None = None
    reviewed_at: datetime | None = Field(default=None, index=True)
    reviewed_by: str | None = None
    verdict: str | None = None


class Outage(SQLModel, table=True):
    """The heating is out: from when somebody opened it until every heater is accounted for."""

    id: int | None = Field(default=None, primary_key=True)
    opened_at: datetime
    opened_by: str
    why: str
    proposed: bool = False
    ended_at: datetime | None = None
    ended_by: str | None = None
    ended_note: str | None = None


class OutageStep(SQLModel, table=True):
    """A step of an outage's checklist, ticked or ticked again."""

    __tablename__ = "outage_step"
    id: int | None = Field(default=None, primary_key=True)
    outage: int = Field(foreign_key="outage.id", index=True)
    step: str
    at: datetime
    by: str
    note: str | None = None


class HeaterStay(SQLModel, table=True):
    """A portable heater in a room for a time: whose it is to look after, and until when."""

    __tablename__ = "heater_stay"
    id: int | None = Field(default=None, primary_key=True)
    equipment: str = Field(foreign_key="equipment.tag", index=True)
    outage: int | None = Field(default=None, foreign_key="outage.id", index=True)
    room: str
    place: str
    owner: str
    made_safe: str
    since: datetime
    until: datetime
    placed_by: str
    ended_at: datetime | None = None
    ended_by: str | None = None
    went_to: str | None = None


class StockLevel(SQLModel, table=True):
    """How many tested spares of a kind the home wants to have, and why."""

    __tablename__ = "stock_level"
    kind: str = Field(primary_key=True)
    spare_at_least: int
    because: str
    set_by: str
    set_at: datetime


class Supply(SQLModel, table=True):
    """What is used up and has no tag: batteries of a size, pads from a box."""

    name: str = Field(primary_key=True)
    reorder_at: int
    since: datetime
    removed_at: datetime | None = None


class SupplyMove(SQLModel, table=True):
    """So many came, went or were counted; ``left`` is what there is then."""

    __tablename__ = "supply_move"
    id: int | None = Field(default=None, primary_key=True)
    supply: str = Field(foreign_key="supply.name", index=True)
    change: int
    left: int
    what: str
    equipment: str | None = Field(default=None, foreign_key="equipment.tag", index=True)
    by: str
    at: datetime


class StockOrder(SQLModel, table=True):
    """Equipment of a kind, or a supply, that was ordered, until it arrives or is called off."""

    __tablename__ = "stock_order"
    id: int | None = Field(default=None, primary_key=True)
    kind: str | None = Field(default=None, index=True)
    supply: str | None = Field(default=None, foreign_key="supply.name", index=True)
    model: str | None = None
    quantity: int
    source: str | None = None
    expected_on: date | None = None
    ordered_at: datetime
    ordered_by: str
    arrived: int | None = None
    ended_at: datetime | None = None
    ended_by: str | None = None
    ended_why: str | None = None


class LifeCount(SQLModel, table=True):
    """How often an item may be used: a pad of one use, a pad of thirty."""

    __tablename__ = "life_count"
    equipment: str = Field(primary_key=True, foreign_key="equipment.tag")
    uses_allowed: int
    set_by: str
    set_at: datetime


class UseOfItem(SQLModel, table=True):
    """An item was used once, which its life counts."""

    __tablename__ = "use_of_item"
    id: int | None = Field(default=None, primary_key=True)
    equipment: str = Field(foreign_key="equipment.tag", index=True)
    at: datetime
    by: str
    note: str | None = None


class Notice(SQLModel, table=True):
    """A safety notice or an instruction of the home. ``roles`` are those that must read it."""

    id: int | None = Field(default=None, primary_key=True)
    number: str
    kind: str
    source: str
    title: str
    text: str
    dated: date
    to_check: str | None = None
    roles: list[str] = Field(sa_column=Column(JSON, nullable=False))
    file_name: str | None = None
    file_type: str | None = None
    file_size: int | None = None
    recorded_by: str
    recorded_at: datetime
    withdrawn_at: datetime | None = Field(default=None, index=True)
    withdrawn_by: str | None = None
    withdrawn_why: str | None = None


class NoticeFile(SQLModel, table=True):
    """The file of a notice, as it was sent."""

    __tablename__ = "notice_file"
    notice: int = Field(primary_key=True, foreign_key="notice.id")
    content: bytes
    sha256: str


class NoticeModel(SQLModel, table=True):
    """Which items a notice concerns: a kind, a make, a model, each None for any."""

    __tablename__ = "notice_model"
    id: int | None = Field(default=None, primary_key=True)
    notice: int = Field(foreign_key="notice.id", index=True)
    kind: str | None = None
    make: str | None = None
    model: str | None = None


class NoticeCheck(SQLModel, table=True):
    """Somebody has done at an item what a notice asks for."""

    __tablename__ = "notice_check"
    id: int | None = Field(default=None, primary_key=True)
    notice: int = Field(foreign_key="notice.id", index=True)
    equipment: str = Field(foreign_key="equipment.tag", index=True)
    outcome: str
    note: str | None = None
    by: str
    at: datetime


class NoticeRead(SQLModel, table=True):
    """A person has read a notice and says that they understand it."""

    __tablename__ = "notice_read"
    notice: int = Field(primary_key=True, foreign_key="notice.id")
    person: str = Field(primary_key=True, foreign_key="user.name", index=True)
    at: datetime


class OutsideFinding(SQLModel, table=True):
    """What an inspector or a consultant has found: whose it is to put right, and by when."""

    __tablename__ = "outside_finding"
    id: int | None = Field(default=None, primary_key=True)
    source: str
    reference: str | None = None
    text: str
    room: str | None = None
    place: str | None = None
    found_on: date
    owner: str
    due_on: date
    recorded_by: str
    recorded_at: datetime
    closed_at: datetime | None = Field(default=None, index=True)
    closed_by: str | None = None
    closed_how: str | None = None


class PauseRow(SQLModel, table=True):
    """A pause of the watches of a place; ``ended_at`` when it was resumed before its end."""

    __tablename__ = "pause"
    id: int | None = Field(default=None, primary_key=True)
    room: str
    place: str
    since: datetime
    until: datetime = Field(index=True)
    by: str
    reason: str
    ended_at: datetime | None = None
    ended_by: str | None = None


class Retention(SQLModel, table=True):
    """For how long a class of data is kept, with who and why; the row in force has no ``until``."""

    __table_args__ = (
        Index("retention_now", "name", unique=True, sqlite_where=text("until IS NULL")),
    )
    id: int | None = Field(default=None, primary_key=True)
    name: str
    days: int
    because: str
    set_by: str
    since: datetime
    until: datetime | None = None


class RuleFile(SQLModel, table=True):
    """A version of the home's rules as it was applied. Never changed: a later one follows."""

    version: int = Field(primary_key=True)
    text: str
    applied_by: str
    applied_at: datetime
    because: str


class RulesShadow(SQLModel, table=True):
    """A rules file that runs beside the one in force for some nights, raising nothing.

    ``ended_how``: ``stopped``, or ``promoted`` where it was put in force.
    """

    id: int | None = Field(default=None, primary_key=True)
    text: str
    because: str
    begun_by: str
    begun_at: datetime
    ended_by: str | None = None
    ended_at: datetime | None = None
    ended_how: str | None = None


# --- checks ---------------------------------------------------------------------------------------


class CheckSetting(SQLModel, table=True):
    """How often something is checked, or another number of the checks, with who and why.

    ``name`` is such as ``every_days:bed_mat:battery``. A later row follows; the one in force has
    no ``until``.
    """

    __tablename__ = "check_setting"
    __table_args__ = (
        Index("check_setting_now", "name", unique=True, sqlite_where=text("until IS NULL")),
    )
    id: int | None = Field(default=None, primary_key=True)
    name: str
    value: float
    because: str
    set_by: str
    since: datetime
    until: datetime | None = None


class PrintedLabel(SQLModel, table=True):
    """The code of a label on an item, or on a place; ``/l/CODE`` opens it. Ended, not deleted."""

    __tablename__ = "printed_label"
    code: str = Field(primary_key=True)
    equipment: str | None = Field(default=None, foreign_key="equipment.tag", index=True)
    room: str | None = None
    place: str | None = None
    made_by: str
    made_at: datetime
    ended_by: str | None = None
    ended_at: datetime | None = None


class CheckRound(SQLModel, table=True):
    """A walk past a set of items that is frozen at its beginning. ``receipt`` is the SHA-256 of
    what it ended in; ``steps`` are the kinds of check that belong to it."""

    __tablename__ = "check_round"
    id: int | None = Field(default=None, primary_key=True)
    name: str
    steps: list[str] = Field(sa_column=Column(JSON, nullable=False))
    begun_by: str
    begun_at: datetime
    ended_by: str | None = None
    ended_at: datetime | None = None
    receipt: str | None = None


class CheckRoundItem(SQLModel, table=True):
    """An item that a check round expects, and where it was to be found; ``fault`` is what was
    opened because nobody found it."""

    __tablename__ = "check_round_item"
    round: int = Field(primary_key=True, foreign_key="check_round.id")
    equipment: str = Field(primary_key=True, foreign_key="equipment.tag")
    room: str | None = None
    place: str | None = None
    fault: int | None = Field(default=None, foreign_key="fault.id")


class CheckRoundScan(SQLModel, table=True):
    """Somebody stood at an item during a check round. ``key`` makes a resend one scan."""

    __tablename__ = "check_round_scan"
    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    round: int = Field(foreign_key="check_round.id", index=True)
    equipment: str = Field(foreign_key="equipment.tag")
    expected: bool
    room: str | None = None
    place: str | None = None
    by: str
    at: datetime
    recorded_at: datetime


class ItemCheck(SQLModel, table=True):
    """A check of an item: what was asked and answered, and two times, claimed and entered.

    ``key`` makes a resend one check; ``proved_at`` is the reading that closed a press test;
    ``faults`` are those that its failed steps opened; ``remark`` is what had changed meanwhile.
    """

    __tablename__ = "item_check"
    __table_args__ = (Index("item_check_latest", "equipment", "kind", "at"),)
    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    equipment: str = Field(foreign_key="equipment.tag")
    room: str | None = None
    place: str | None = None
    kind: str
    outcome: str
    answers: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    note: str | None = None
    by: str
    at: datetime
    recorded_at: datetime = Field(index=True)
    kept_offline: bool = False
    round: int | None = Field(default=None, foreign_key="check_round.id", index=True)
    proved_at: datetime | None = None
    faults: list[int] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    remark: str | None = None


class Photo(SQLModel, table=True):
    """A photo as we made it anew; its bytes are in the data folder, by ``digest`` (SHA-256)."""

    id: int | None = Field(default=None, primary_key=True)
    digest: str
    equipment: str = Field(foreign_key="equipment.tag", index=True)
    room: str | None = None
    place: str | None = None
    item_check: int | None = Field(default=None, foreign_key="item_check.id", index=True)
    note: str | None = None
    width: int
    height: int
    size: int
    by: str
    at: datetime
    recorded_at: datetime


# --- what the gateway hears ---------------------------------------------------------------------


class ReadingRow(SQLModel, table=True):
    """A reading as it was believed. ``number`` or ``word`` by quantity; booleans are 0 and 1.

    ``late`` marks one that arrived after a newer one: history only, it moved no state. ``timed``:
    ``measured_at`` is the device's own; ``seq`` is its number for the message.
    """

    __tablename__ = "reading"
    __table_args__ = (
        Index("reading_device_time", "dialect", "address", "measured_at"),
        {"sqlite_autoincrement": True},  # history's cursor must never meet a number again
    )
    id: int | None = Field(default=None, primary_key=True)
    dialect: str
    address: str
    quantity: str
    number: float | None = None
    word: str | None = None
    measured_at: datetime
    received_at: datetime
    fresh: bool = True
    late: bool = False
    timed: bool = False
    seq: int | None = None


class ReadingStretch(SQLModel, table=True):
    """A few hours of readings as news and runs, derived: see ``nightwarden.store.stretches``."""

    first_reading: int = Field(primary_key=True)
    last_reading: int = Field(index=True)
    until: datetime
    body: bytes


class EngineInput(SQLModel, table=True):
    """What the engine was fed beside readings, in order: see ``nightwarden.store.journal``.

    ``reached`` is the instant that the engine had reached, ``after_reading`` the last reading that
    it had heard before.
    """

    __table_args__ = ({"sqlite_autoincrement": True},)
    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(index=True)
    reached: datetime
    after_reading: int = Field(index=True)
    kind: str
    body: bytes


class KeptPlan(SQLModel, table=True):
    """A plan that the engine has worked by, without its pauses; kept once, by its digest."""

    digest: str = Field(primary_key=True)
    body: bytes


class HeardDevice(SQLModel, table=True):
    """A device that speaks and that nobody has bound: what it last said, and how often it speaks.

    ``said`` has the latest value of each quantity with its time, ``pace`` the silences between its
    messages. The gateway keeps their number bounded.
    """

    __tablename__ = "heard_device"
    dialect: str = Field(primary_key=True)
    address: str = Field(primary_key=True)
    first_at: datetime
    last_at: datetime
    said: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    pace: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))


class Quarantine(SQLModel, table=True):
    """A message, or a part of one, that was not believed, and why. ``payload`` is cut at 4 KiB.

    The same again on the same topic within ten minutes counts up ``times`` instead of filling
    the store; ``last_at`` is the newest of them.
    """

    __table_args__ = (Index("quarantine_same_again", "topic", "reason", "received_at"),)
    id: int | None = Field(default=None, primary_key=True)
    received_at: datetime = Field(index=True)
    last_at: datetime
    times: int = 1
    topic: str
    payload: bytes
    size: int
    reason: str
    dialect: str | None = None
    address: str | None = None


class Taught(SQLModel, table=True):
    """What one message of a dialect's told about how others are to be read, as it came."""

    dialect: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    content: bytes


class Unacked(SQLModel, table=True):
    """Messages whose consequences are committed and whose acknowledgement may not have arrived.

    After a crash exactly these may come again; a redelivery that is found here is a duplicate.
    ``receipts``: of a whole batch, as ``nightwarden.store.intake`` packs them.
    """

    id: int | None = Field(default=None, primary_key=True)
    receipts: bytes
    committed_at: datetime


class DeviceState(SQLModel, table=True):
    """What is known of a device now; the engine's memory of it, saved with each batch."""

    dialect: str = Field(primary_key=True)
    address: str = Field(primary_key=True)
    memory: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    heard_at: datetime | None = None
    changed_at: datetime | None = None
    duplicates: int = 0


class NewestRepeat(SQLModel, table=True):
    """When a device last said again what it had said before; see ``rules/repeats.py``."""

    dialect: str = Field(primary_key=True)
    address: str = Field(primary_key=True)
    quantity: str = Field(primary_key=True)
    measured_at: datetime
    received_at: datetime
    seq: int | None = None


class WatchMemory(SQLModel, table=True):
    """The engine's memory of one watch; ``due_at`` is its deadline, armed again at start."""

    key: str = Field(primary_key=True)
    memory: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    due_at: datetime | None = Field(default=None, index=True)


class Watch(SQLModel, table=True):
    """Whether a place is watched, as the gateway last saw it; true only under a fresh proof."""

    room: str = Field(primary_key=True)
    place: str = Field(primary_key=True)
    needs: str = Field(primary_key=True)
    state: str
    why: str
    since: datetime
    until: datetime | None = None


class RoundRow(SQLModel, table=True):
    """A manual round of one place; ``last_tick_at`` is the latest look of its ticks."""

    __tablename__ = "round"
    id: int | None = Field(default=None, primary_key=True)
    room: str
    place: str
    since: datetime
    until: datetime = Field(index=True)
    every_s: float
    once: bool = False
    by: str
    reason: str
    last_tick_at: datetime | None = None
    ended_at: datetime | None = None
    ended_by: str | None = None


class RoundTick(SQLModel, table=True):
    """Somebody has looked in: when they say they did, and when they said so."""

    __tablename__ = "round_tick"
    id: int | None = Field(default=None, primary_key=True)
    round: int = Field(foreign_key="round.id", index=True)
    at: datetime
    recorded_at: datetime
    by: str
    seen: str
    note: str = ""


class HelpCallRow(SQLModel, table=True):
    """Somebody called for help on the page of a room."""

    __tablename__ = "help_call"
    id: int | None = Field(default=None, primary_key=True)
    room: str
    at: datetime = Field(index=True)
    by: str


class CoverageSpan(SQLModel, table=True):
    """A time within required hours in which nothing changed: see ``nightwarden.model.protection``.

    ``until`` None: it lasts, and what it had is derived from its beginning.
    """

    __tablename__ = "coverage_span"
    __table_args__ = (Index("ix_coverage_span_night", "night", "room"),)
    id: int | None = Field(default=None, primary_key=True)
    room: str
    place: str
    needs: str
    night: date
    since: datetime
    until: datetime | None = Field(default=None, index=True)
    ends_at: datetime
    lost_to: str | None = None
    why: str = ""


class Trace(SQLModel, table=True):
    """A decision that raised nothing and is worth counting: back before dwell, paused, late."""

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(index=True)
    room: str
    place: str
    kind: str
    reason: str


# --- alerts ---------------------------------------------------------------------------------------


class Alert(SQLModel, table=True):
    """See ``nightwarden.model.alerts.AlertRecord``; the partial index keeps causes single."""

    __table_args__ = (
        Index(
            "alert_one_open_per_cause",
            "kind",
            "room",
            "place",
            "subject",
            unique=True,
            sqlite_where=text("state != 'closed'"),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    kind: str
    room: str
    place: str
    subject: str = ""
    priority: str
    state: str = Field(index=True)
    resident: str | None = None
    text: str
    action: str
    caused_at: datetime
    raised_at: datetime = Field(index=True)
    while_not_watching: bool = False
    delivered_at: datetime | None = None
    accepted_by: str | None = None
    accepted_at: datetime | None = None
    attended_by: str | None = None
    attended_at: datetime | None = None
    cleared_at: datetime | None = None
    closed_by: str | None = None
    closed_at: datetime | None = None
    outcome: str | None = None
    escalation: int = 0
    next_step_at: datetime | None = Field(default=None, index=True)
    rule_version: int = 0
    version: int = 0
    told: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    policy: str | None = None
    tell: str | None = None
    evidence: str | None = None
    evidence_detail: str | None = None


class AlertEventRow(SQLModel, table=True):
    """One step of an alert's life."""

    __tablename__ = "alert_event"
    id: int | None = Field(default=None, primary_key=True)
    alert: int = Field(foreign_key="alert.id", index=True)
    event: str
    at: datetime
    recorded_at: datetime
    actor: str
    detail: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


class Drill(SQLModel, table=True):
    """A night drill. ``token`` proves that a message is this one's; ``alert`` is what it raised.

    ``sent_at``: last put on the broker; ``returned_at``: heard again, decided and committed.
    """

    id: int | None = Field(default=None, primary_key=True)
    room: str
    token: str
    asked_by: str
    asked_at: datetime
    ends_at: datetime
    sent_at: datetime | None = None
    returned_at: datetime | None = None
    alert: int | None = None
    ended_at: datetime | None = Field(default=None, index=True)
    ended_why: str | None = None


class FloorPlan(SQLModel, table=True):
    """A picture of a floor; its file lies by ``digest`` beside the photos."""

    __tablename__ = "floor_plan"
    id: int | None = Field(default=None, primary_key=True)
    name: str
    digest: str
    width: int
    height: int
    by: str
    at: datetime
    removed_at: datetime | None = None
    removed_by: str | None = None


class FloorSpot(SQLModel, table=True):
    """Where a room is on a floor's picture: shares of its width and height, from 0 to 1."""

    __tablename__ = "floor_spot"
    __table_args__ = (
        Index("floor_spot_now", "room", unique=True, sqlite_where=text("until IS NULL")),
    )
    id: int | None = Field(default=None, primary_key=True)
    floor: int = Field(foreign_key="floor_plan.id", index=True)
    room: str = Field(foreign_key="room.id")
    x: float
    y: float
    by: str
    at: datetime
    until: datetime | None = None


class Review(SQLModel, table=True):
    """What has to be looked into after an alert, and who must be told of it.

    ``resident`` is the id in the register where it is known, ``shown_as`` the name of the alert.
    ``questions`` and ``to_tell`` are kept as they were asked; ``answers`` and ``told`` name who and
    when. ``similar_to`` is the review before it of the same resident: then it is the manager's.
    """

    id: int | None = Field(default=None, primary_key=True)
    kind: str
    alert: int = Field(foreign_key="alert.id", index=True)
    resident: str | None = Field(default=None, index=True)
    shown_as: str | None = None
    room: str
    place: str
    opened_at: datetime
    opened_by: str
    due_by: datetime
    similar_to: int | None = None
    questions: dict[str, str] = Field(sa_column=Column(JSON, nullable=False))
    to_tell: list[str] = Field(sa_column=Column(JSON, nullable=False))
    answers: dict[str, dict[str, str]] = Field(
        default_factory=dict, sa_column=Column(JSON, nullable=False)
    )
    told: dict[str, dict[str, str]] = Field(
        default_factory=dict, sa_column=Column(JSON, nullable=False)
    )
    done_at: datetime | None = Field(default=None, index=True)
    done_by: str | None = None


class Delivery(SQLModel, table=True):
    """The outbox: one notice to one outlet. Leased, sent, receipted; a lease that runs out is
    sent again and counted in ``attempts``, so that a crash repeats rather than loses.

    ``receipted_at`` with ``last_error``: it was ended without having been taken. ``shown_at``: a
    phone has said itself that it showed it."""

    id: int | None = Field(default=None, primary_key=True)
    outlet: str
    topic: str
    payload: bytes
    retain: bool = False
    alert: int | None = Field(default=None, index=True)
    created_at: datetime
    due_at: datetime = Field(index=True)
    attempts: int = 0
    receipted_at: datetime | None = Field(default=None, index=True)
    last_error: str | None = None
    channel: int | None = Field(default=None, index=True)
    shown_at: datetime | None = None


class Channel(SQLModel, table=True):
    """A way of telling people elsewhere; ``secret`` is its address, or a phone's subscription.

    ``taken_at`` is when a service last took a message, ``failing_since`` is set while none is
    taken. A removed one stays, without its secret.
    """

    id: int | None = Field(default=None, primary_key=True)
    kind: str
    name: str
    service: str
    secret: str
    roles: list[str] = Field(sa_column=Column(JSON, nullable=False))
    zones: list[str] = Field(sa_column=Column(JSON, nullable=False))
    priorities: list[str] = Field(sa_column=Column(JSON, nullable=False))
    from_step: int = 0
    names: bool = False
    person: str | None = None
    set_by: str
    set_at: datetime
    removed_by: str | None = None
    removed_at: datetime | None = None
    taken_at: datetime | None = None
    failing_since: datetime | None = None
    failing_why: str | None = None


class OrderedOutput(SQLModel, table=True):
    """What a sounder or light was last told. It stays until it was told to be off for good."""

    __tablename__ = "ordered_output"
    dialect: str = Field(primary_key=True)
    address: str = Field(primary_key=True)
    kind: str
    on: bool
    since: datetime
    said_at: datetime


class StreamEvent(SQLModel, table=True):
    """What ``GET /stream`` replays from ``Last-Event-ID``: alerts, gaps and watches, in order."""

    __table_args__ = ({"sqlite_autoincrement": True},)
    id: int | None = Field(default=None, primary_key=True)
    at: datetime
    event: str
    data: bytes


# --- people and the record ------------------------------------------------------------------------


class User(SQLModel, table=True):
    """A person who acts. ``secret`` is an Argon2 hash of a PIN or password; empty: has none.

    ``totp_step``: the last step of 30 s of which a code was taken. ``guest_until``: a guest until
    then. ``openid``: the provider's name for them, issuer and subject. ``language``: the
    one they chose to read in (ISO 639-1), if they chose.
    """

    name: str = Field(primary_key=True)
    role: str
    secret: str
    created_at: datetime
    failures: int = 0
    locked_until: datetime | None = None
    removed_at: datetime | None = None
    totp_secret: str | None = None
    totp_pending: str | None = None
    totp_step: int | None = None
    guest_until: datetime | None = None
    guest_end_said: datetime | None = None
    """The ``guest_until`` whose passing the record has."""
    openid: str | None = Field(default=None, index=True)
    language: str | None = None


class RecoveryCode(SQLModel, table=True):
    """A way in for somebody whose phone is gone, once; its SHA-256."""

    digest: str = Field(primary_key=True)
    user: str = Field(foreign_key="user.name", index=True)
    created_at: datetime
    used_at: datetime | None = None


class Passkey(SQLModel, table=True):
    """The public half of a key that a person's device keeps and signs in with.

    ``credential``: the device's name for it, in base64url. ``handle``: whom the device says it is
    for. ``sign_count``: how often the device says that it was used. ``host``: the address at which
    it works.
    """

    id: int | None = Field(default=None, primary_key=True)
    credential: str = Field(unique=True, index=True)
    user: str = Field(foreign_key="user.name", index=True)
    handle: bytes
    public_key: bytes
    sign_count: int
    host: str
    name: str
    created_at: datetime
    last_used_at: datetime | None = None
    removed_at: datetime | None = None


class GuestCode(SQLModel, table=True):
    """What a senior gives to somebody from an agency, once, for some minutes; its SHA-256."""

    digest: str = Field(primary_key=True)
    issued_by: str
    expires_at: datetime
    ends_at: datetime
    used_at: datetime | None = None


class Token(SQLModel, table=True):
    """An API token, kept as SHA-256 of 32 random bytes."""

    digest: str = Field(primary_key=True)
    name: str
    role: str
    created_at: datetime
    last_used_at: datetime | None = None
    removed_at: datetime | None = None


class Session(SQLModel, table=True):
    """A signed-in browser; the cookie's SHA-256. ``awaits_code``: it may do nothing yet.

    ``place`` is whose device it is (own, shared), ``via`` how the person proved themselves.
    """

    digest: str = Field(primary_key=True)
    user: str = Field(foreign_key="user.name", index=True)
    created_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None
    ended_by: str | None = None
    seen_at: datetime | None = None
    place: str = "own"
    via: str = "secret"
    browser: str = ""
    awaits_code: bool = False


class Screen(SQLModel, table=True):
    """A screen that a manager has enrolled: it shows the board with nobody signed in."""

    digest: str = Field(primary_key=True)
    name: str
    enrolled_by: str
    enrolled_at: datetime
    seen_at: datetime | None = None
    removed_at: datetime | None = None


class Receiver(SQLModel, table=True):
    """What can sound an alert, in its own word; ``since``: it has been so without a break."""

    id: str = Field(primary_key=True)
    name: str
    kind: str
    sound: bool
    since: datetime
    heard_at: datetime = Field(index=True)


class SoundTest(SQLModel, table=True):
    """Somebody has heard a receiver in a shift; it counts as one until ``expires_at``."""

    __tablename__ = "sound_test"
    id: int | None = Field(default=None, primary_key=True)
    receiver: str = Field(index=True)
    name: str
    kind: str
    heard_by: str
    at: datetime
    shift: str
    expires_at: datetime = Field(index=True)


class ShiftEntry(SQLModel, table=True):
    """Somebody came on, went off or signed the handover of the shift that began at ``since``."""

    __tablename__ = "shift_entry"
    __table_args__ = (Index("shift_entry_shift", "since", "shift"),)
    id: int | None = Field(default=None, primary_key=True)
    shift: str
    since: datetime
    deed: str
    person: str
    at: datetime
    note: str | None = None


class KeptHandover(SQLModel, table=True):
    """A handover as it was shown when somebody signed it, or when its shift ended."""

    __tablename__ = "kept_handover"
    id: int | None = Field(default=None, primary_key=True)
    shift: str
    since: datetime = Field(index=True)
    until: datetime
    kept_at: datetime
    because: str
    by: str
    content: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    sha256: str


class KeptTrial(SQLModel, table=True):
    """What a backtest gave, without the names of people; ``key`` names its rules and nights."""

    __tablename__ = "kept_trial"
    __table_args__ = ({"sqlite_autoincrement": True},)
    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(index=True)
    what: str
    since: datetime
    until: datetime
    run_at: datetime
    run_by: str
    report: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))


class EnrolCode(SQLModel, table=True):
    """A link that enrols one screen once, for a short time."""

    digest: str = Field(primary_key=True)
    name: str
    issued_by: str
    expires_at: datetime
    used_at: datetime | None = None


class Audit(SQLModel, table=True):
    """The append-only record; ``hash`` covers this entry and ``previous``."""

    __table_args__ = ({"sqlite_autoincrement": True},)
    id: int | None = Field(default=None, primary_key=True)
    at: datetime
    actor: str
    action: str
    subject: str
    detail: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    previous: str
    hash: str


class HistoryCursor(SQLModel, table=True):
    """How far a history sink has taken the readings; they wait in the store until it has."""

    sink: str = Field(primary_key=True)
    reading: int
    failed_since: datetime | None = None
    last_error: str | None = None
    rejected: int = 0
