"""Evidence of a period for an inspector, and of one incident."""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import Depends, Query, Response

from api.deps import Actor, ReadTx, requires
from api.evidence.files import as_zip
from api.evidence.incident import incident
from api.evidence.pack import gather
from api.evidence.pdf import as_pdf
from api.evidence.sections import Pack
from api.nouns import noun_router
from api.routes.alerts import find_alert
from api.routes.why import OneAtATime
from nightwarden.model.roles import Right

router = noun_router("evidence")

Reader = Annotated[Actor, Depends(requires(Right.READ_AUDIT))]

FORMS: dict[str, tuple[str, Callable[[Pack], bytes]]] = {
    "pdf": ("application/pdf", as_pdf),
    "zip": ("application/zip", as_zip),
}


@router.get("/evidence", dependencies=[OneAtATime], response_class=Response)
def get_evidence(
    reader: Reader,
    tx: ReadTx,
    since: Annotated[date, Query(alias="from", description="The first day.")],
    until: Annotated[date, Query(alias="to", description="The last day.")],
    resident: Annotated[str, Query(max_length=64, description="Of one resident, by id.")] = "",
    item: Annotated[str, Query(max_length=64, description="Of one item, by tag.")] = "",
    form: Annotated[Literal["pdf", "zip"], Query(alias="as")] = "pdf",
) -> Response:
    """What was required, in place and missing, the alerts with their times, checks and notices.

    As a PDF, or (`as=zip`) the same lists whole as CSV. Days are those of the home's calendar.
    """
    pack = gather(tx, since, until, reader.name, resident=resident, item=item)
    media_type, made = FORMS[form]
    name = f"evidence-{since}-to-{until}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(made(pack), media_type=media_type, headers=headers)


@router.get("/alerts/{alert_id}/incident", dependencies=[OneAtATime])
def get_incident(alert_id: str, reader: Reader, tx: ReadTx, response: Response) -> dict[str, Any]:
    """One alert as one file: readings, the rules' version, each step, every delivery; chained.

    `entries` are in the order of time, each with the SHA-256 of itself and the hash before it.
    """
    number = find_alert(tx, alert_id).id
    response.headers["Content-Disposition"] = f'attachment; filename="incident-{number}.json"'
    return incident(tx, number, reader.name)
