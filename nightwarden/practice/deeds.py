"""What people do in a scenario, and what they are shown: over HTTP, as a page or a phone would."""

from datetime import datetime
from typing import Any

from nightwarden.errors import NightwardenError
from nightwarden.practice.pages import RunningApi
from nightwarden.practice.scenario import Act, Call, Deed, Expectation, Sign
from nightwarden.wire import rfc3339


def act(api: RunningApi, now: datetime, deed: Deed) -> str:
    """Do it at ``now``; why it could not be done, empty when it was."""
    try:
        return _act(api, now, deed)
    except NightwardenError as refused:
        return str(refused)


def _act(api: RunningApi, now: datetime, deed: Deed) -> str:
    match deed.act:
        case Act.PAUSE:
            minutes = round(deed.length.total_seconds() / 60)
            body = {"minutes": minutes, "reason": "care in progress"}
            api.post(f"/places/{deed.subject}/pause", body, deed.by)
        case Act.RESUME:
            api.post(f"/places/{deed.subject}/resume", {}, deed.by)
        case Act.PERMIT:
            until = rfc3339(now + deed.length)
            body = {"reason": "work", "made_safe_by": "radiator off", "until": until}
            api.post(f"/equipment/{deed.subject}/permits", body, deed.by)
        case Act.CONFIRM:
            found = {"state": deed.word}
            api.post(f"/equipment/{deed.subject}/confirmations", found, deed.by)
        case _ if (alert := _open_alert(api, deed)) is None:
            return "there is no such open alert"
        case _:
            body = {"outcome": deed.word} if deed.act is Act.CLOSE else {}
            api.post(f"/alerts/{alert}/{deed.act}", body, deed.by)
    return ""


def call(api: RunningApi, what: Call) -> str:
    """Call the api; what it answered otherwise than expected, empty when it was so."""
    status, content = api.ask(what.method, what.path, what.body, what.by)
    if status // 100 == 2 and what.refused is None:  # noqa: PLR2004
        return ""
    if what.refused is not None and status // 100 == 4 and what.refused in content:  # noqa: PLR2004
        return ""
    return f"{status} {shortly(content)}"


def looked_at(api: RunningApi, one: Expectation) -> Any:
    """What is shown of it now: items of a listing, or the text of an answer or a page."""
    match one.sign:
        case Sign.API:
            status, content = api.ask("GET", one.subject, None, one.role)
            return content if status // 100 == 2 else f"{status} {content}"  # noqa: PLR2004
        case Sign.PAGE:
            return api.page(one.subject)
        case _:
            path = "/gaps" if one.sign is Sign.GAP else "/watches"
            return [x for x in api.every(path) if f"{x['room']}/{x['place']}" == one.place]


def shortly(text: str, most: int = 160) -> str:
    """One line of what was answered, for the verdict."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[:most]}…"


def _open_alert(api: RunningApi, deed: Deed) -> str | None:
    for alert in api.every("/alerts?state=open"):
        if (alert["kind"], f"{alert['room']}/{alert['place']}") == (deed.subject, deed.place):
            return str(alert["id"])
    return None
