"""Items that are one resident's, in a room where that resident does not live (A12).

1. An item that the register says is for a resident is raised while it stands in a room in which
   that resident does not live: moved without the register, or left behind when the resident moved.
   Its alerts would send people to the wrong room under the wrong name.
2. It is raised at once and at every hour, with the room that it is in, and whose it is.
"""

from collections.abc import Iterator

from nightwarden.model.alerts import AlertKind
from nightwarden.model.phrases import phrase
from nightwarden.model.plan import Plan
from rules import wording
from rules.beside_requirements import strays
from rules.decisions import Reason
from rules.findings import Finding, FindingRule
from rules.moments import Moments


def _astray(plan: Plan, _moments: Moments) -> Iterator[Finding]:
    for item, where in strays(plan):
        kind = wording.kind_words(item.kind)
        yield Finding(
            item=item,
            what=phrase(f"{kind} {item.tag} is {item.meant_for}'s, {where}"),
            action=phrase(
                f"Bring the {kind} to {item.meant_for}, or say in the register whose it is now."
            ),
        )


WRONG_ROOM = FindingRule(AlertKind.WRONG_ROOM, Reason.STANDS_ASTRAY, phrase("put right"), _astray)
