"""Why an alert was raised, from what was recorded."""

from typing import Any

from fastapi import APIRouter

from api.deps import ReadTx, Viewer
from api.routes.alerts import find_alert
from nightwarden.explaining.alerts import why_alert
from nightwarden.explaining.answers import as_json
from nightwarden.store import alerts

router = APIRouter(tags=["why"])


@router.get("/alerts/{alert_id}/why")
def get_why_alert(alert_id: str, _viewer: Viewer, tx: ReadTx) -> dict[str, Any]:
    """Why an alert was raised, and what came of it.

    `words` are sentences, the most important first. `settings` have where each value came from,
    `readings` their part in it (`before`, `cause`, `until_raised`, `after`), `timers` what had to
    pass, `steps` the ladder since it last began, `deliveries` each attempt to hand it over.
    `from_journal` is false where the register as it is now stands in for that of the time.
    """
    alert = find_alert(tx, alert_id)
    return {"alert": alerts.as_json(tx, [alert])[0], **as_json(why_alert(tx, alert.id))}
