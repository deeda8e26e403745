"""Coverage: of the hours in which a person must be watched, how many were really protected."""

from datetime import date, timedelta
from typing import Annotated, Any, Literal

from fastapi import Query, Response

from api.coverage import Coverage, PlaceShare, coverage_between
from api.deps import ReadTx, Viewer
from api.errors import BadQuery
from api.nouns import noun_router
from api.paging import Key, PageQuery, listed
from nightwarden import spreadsheet
from nightwarden.wire import rfc3339
from rules.protected_share import CoverageTarget, NightShare, Share

router = noun_router("coverage")

LONGEST = timedelta(days=400)
COLUMNS = (
    "night",
    "room",
    "place",
    "needs",
    "starts_at",
    "ends_at",
    "over",
    "required_s",
    "protected_s",
    "substituted_s",
    "lost_s",
    "percent",
    "target_percent",
    "lost_to",
)
Night = Annotated[str | None, Query(description="the home's date, such as 2026-11-01")]


@router.get("/coverage", response_model=None)
def get_coverage(  # noqa: PLR0913, PLR0917
    _viewer: Viewer,
    tx: ReadTx,
    page: PageQuery,
    since: Annotated[Night, Query(alias="from")] = None,
    until: Annotated[Night, Query(alias="to")] = None,
    room: str | None = None,
    form: Annotated[Literal["json", "csv"], Query(alias="format")] = "json",
) -> dict[str, Any] | Response:
    """Each place and night from `from` to `to`, both included: the last seven unless given.

    `items` has a line a place and night, the latest night first; `places` the same nights by
    place, the worst first; `home` all of it. `format=csv` has the lines, all of them.
    """
    found = coverage_between(tx, *_nights(since, until), room)
    if form == "csv":
        return Response(as_csv(found), media_type="text/csv; charset=utf-8")
    shown, cursor = page.cut_computed("coverage", found.nights, _key, int, str, str, str)
    return {
        **listed([night_json(night, found.target) for night in shown], cursor),
        "from": found.since.isoformat(),
        "to": found.until.isoformat(),
        "target_percent": found.target.target_percent,
        "home": share_json(found.home, found.target),
        "places": [place_json(one, found.target) for one in found.places],
    }


def share_json(share: Share, target: CoverageTarget) -> dict[str, Any]:
    """A figure. `percent` is cut after two decimals, never rounded up."""
    return {
        "percent": shown_percent(share),
        "target_percent": target.target_percent,
        "on_target": None if share.percent is None else not share.falls_short(target),
        "required_s": _seconds(share.required),
        "protected_s": _seconds(share.protected),
        "substituted_s": _seconds(share.substituted),
        "lost": [
            {
                "reason": loss.value,
                "seconds": _seconds(time),
                "minutes": round(time / timedelta(minutes=1), 1),
                "why": share.whys.get(loss, ""),
            }
            for loss, time in sorted(share.lost.items(), key=lambda item: -item[1])
        ],
    }


def night_json(night: NightShare, target: CoverageTarget) -> dict[str, Any]:
    """One place's night; `over` is false while its hours go on."""
    return {
        "night": night.night.isoformat(),
        "room": night.place.room,
        "place": night.place.place,
        "needs": night.needs.value,
        "starts_at": rfc3339(night.starts_at),
        "ends_at": rfc3339(night.ends_at),
        "over": night.over,
        **share_json(night.share, target),
    }


def place_json(one: PlaceShare, target: CoverageTarget) -> dict[str, Any]:
    """One place over the nights that were asked for."""
    return {
        "room": one.place.room,
        "place": one.place.place,
        "needs": one.needs.value,
        "nights": one.nights,
        "nights_short": one.short,
        **share_json(one.share, target),
    }


def shown_percent(share: Share) -> float | None:
    """The figure as it is shown: 98.999 % is 98.99 and not 99."""
    return None if share.percent is None else int(share.percent * 100 + 1e-6) / 100


def as_csv(found: Coverage) -> str:
    """The lines for a spreadsheet."""
    rows = []
    for night in found.nights:
        line = night_json(night, found.target)
        line["lost_s"] = round(sum(one["seconds"] for one in line["lost"]), 3)
        line["lost_to"] = "; ".join(f"{one['reason']} {one['seconds']}" for one in line["lost"])
        rows.append([line[column] for column in COLUMNS])
    return "".join(spreadsheet.lines(COLUMNS, rows))


def _seconds(time: timedelta) -> float:
    return round(time.total_seconds(), 3)


def _key(night: NightShare) -> Key:
    return (-night.night.toordinal(), night.place.room, night.place.place, night.needs.value)


def _nights(since: str | None, until: str | None) -> tuple[date | None, date | None]:
    first, last = _night("from", since), _night("to", until)
    if first and last and not timedelta() <= last - first <= LONGEST:
        raise BadQuery(
            f'"from" has to be before "to", and at most {LONGEST.days} days: {first} to {last}.'
        )
    return first, last


def _night(field: str, text: str | None) -> date | None:
    if text is None:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or not 2000 <= found.year <= 2999:
        raise BadQuery(f'"{field}" is not a date such as 2026-11-01: "{text[:40]}".')
    return found
