"""``nightwarden devices`` and ``nightwarden bind``: what speaks, and whom it speaks for."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click

from nightwarden import binding
from nightwarden.clock import utc_now
from nightwarden.commands.apply import actor
from nightwarden.commands.options import data_option, store_file
from nightwarden.errors import Invalid
from nightwarden.model.places import EquipmentKind, Mount, PlaceId
from nightwarden.store import heard, listings
from nightwarden.store.binding import SPEAKING, likely_kinds
from nightwarden.store.engine import Store, open_store
from nightwarden.store.heard import Heard
from nightwarden.store.listings import DeviceLine


@click.command()
@data_option
def devices(data: Path) -> None:
    """What speaks: unbound devices first, then those of the register."""
    now = utc_now()
    with _store(data) as store, store.reading(now) as tx:
        unbound, forgotten = heard.unbound_devices(tx), heard.forgotten(tx)
        bound = [line for line in listings.devices(tx) if line.equipment is not None]
    for found in unbound:
        click.echo(_unbound_line(found, now))
    if forgotten:
        click.echo(f"{forgotten} more were heard and not kept; is somebody inventing addresses?")
    if not unbound:
        click.echo("No unbound device is heard.")
    for line in bound:
        click.echo(_bound_line(line, now))


@click.command()
@click.argument("tag")
@click.argument("device")
@click.option("--at", metavar="ROOM/PLACE", help="Where the item stands; needed for a new one.")
@click.option(
    "--kind",
    type=click.Choice([kind.value for kind in SPEAKING]),
    help="What it is; needed for a new item.",
)
@click.option(
    "--mount", type=click.Choice([mount.value for mount in Mount]), help="Of a temperature sensor."
)
@click.option("--reads", metavar="SAID=HEARD", help="Such as contact=occupancy.")
@click.option("--inverted", is_flag=True, help="Closed is nobody; occupied is empty.")
@click.option("--supervision", type=int, metavar="S", help="It must speak within so many seconds.")
@click.option("--proof", type=int, metavar="S", help="It must prove itself within so many seconds.")
@data_option
def bind(tag: str, device: str, data: Path, **said: Any) -> None:
    """Let DEVICE speak for item TAG, new or in the register without a device.

    DEVICE is an unbound one that was heard, as `nightwarden devices` names it. What is left out is
    as proposed.
    """
    asked = binding.Asked(
        device=device,
        tag=tag,
        kind=EquipmentKind(said["kind"]) if said["kind"] else None,
        mount=Mount(said["mount"]) if said["mount"] else None,
        place=_place(said["at"]),
        reads=_reads(said["reads"]),
        inverted=said["inverted"],
        supervision_s=said["supervision"],
        proof_s=said["proof"],
    )
    with _store(data) as store, store.transaction(utc_now()) as tx:
        item = binding.bind(tx, asked, actor())
    where = f"at {item.place}" if item.place else "in the store cupboard"
    channels = "" if item.channels.plain else f", {item.channels}"
    click.echo(f"{item.tag} {where} hears {item.device}{channels}")
    click.echo(
        f"It must speak within {item.supervision_s} s and prove itself within "
        f"{item.proof_s} s. {binding.how_to_prove(item.kind)}: that is its first proof."
    )


def _unbound_line(found: Heard, now: datetime) -> str:
    says = ", ".join(f"{q.value} {_value(value)}" for q, (value, _) in sorted(found.said.items()))
    kinds = likely_kinds(frozenset(found.said))
    may_be = f"; may be a {kinds[0].replace('_', ' ')}" if kinds else ""
    last = f"{_ago(found.last_at, now)} ago" if found.pace.messages else "kept by the broker only"
    return f"unbound\t{found.device}\t{says}\t{last}, {found.pace.messages} heard{may_be}"


def _bound_line(line: DeviceLine, now: datetime) -> str:
    where = PlaceId(line.room, line.place) if line.room and line.place else "store cupboard"
    last = f"{_ago(line.heard_at, now)} ago" if line.heard_at else "never heard"
    proved = f"proved {_ago(line.changed_at, now)} ago" if line.changed_at else "not proved"
    return f"{line.equipment}\t{line.device}\t{where}\t{last}, {proved}"


def _value(value: bool | float | str) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


def _ago(at: datetime, now: datetime) -> str:
    seconds = max(timedelta(), now - at).total_seconds()
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"


def _place(at: str | None) -> PlaceId | None:
    if at is None:
        return None
    if at.count("/") != 1:
        raise Invalid(f'--at is ROOM/PLACE, such as 12/bed, not "{at}".')
    return PlaceId(*at.split("/"))


def _reads(text: str | None) -> dict[str, str] | None:
    if text is None:
        return None
    said, sign, meant = text.partition("=")
    if not sign:
        raise Invalid(f'--reads is SAID=HEARD, such as contact=occupancy, not "{text}".')
    return {said: meant}


@contextmanager
def _store(data: Path) -> Iterator[Store]:
    path = store_file(data)
    if not path.exists():
        raise Invalid(f"there is no store in {data}; `nightwarden apply FILE` makes one")
    with closing(open_store(path)) as store:
        yield store
