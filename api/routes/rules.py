"""The home's rules: which file is in force, where each number comes from, and a new file.

The body of a new file is the YAML itself, as it would be kept in version control:
``curl --data-binary @rules.yaml``.
"""

from datetime import timedelta
from typing import Annotated, Any

import orjson
from fastapi import Depends, Request

from api.deps import Actor, CurrentActor, ReadTx, WriteTx, requires
from api.nouns import noun_router
from nightwarden.errors import NotPermitted
from nightwarden.model.roles import Right
from nightwarden.rulesfile.changes import SettingChange, apply_rules, plan_rules
from nightwarden.rulesfile.durations import duration_text
from nightwarden.rulesfile.in_force import load_rules
from nightwarden.rulesfile.reader import RulesFile, read_rules_file
from nightwarden.rulesfile.schema import rules_schema
from nightwarden.rulesfile.sections import SECTIONS
from nightwarden.rulesfile.settings import all_settings, plain
from nightwarden.store import register
from nightwarden.store.engine import Transaction
from nightwarden.wire import rfc3339

router = noun_router("rules")

Seer = Annotated[Actor, Depends(requires(Right.SEE))]


async def manager(actor: CurrentActor) -> Actor:
    """The actor, who may change the rules: a manager."""
    if not actor.may(Right.MANAGE):
        raise NotPermitted(f"A {actor.role} may not change the rules; a manager may.")
    return actor


async def rules_file(request: Request, _actor: Annotated[Actor, Depends(manager)]) -> RulesFile:
    """The rules file in the body."""
    return read_rules_file(await request.body(), "rules")


Manager = Annotated[Actor, Depends(manager)]
Given = Annotated[RulesFile, Depends(rules_file)]
_YAML = {
    "requestBody": {
        "required": True,
        "content": {"application/yaml": {"schema": {"type": "string"}}},
    }
}


_RULE_OF = {"bed_mat": "bed_exit", "chair_mat": "chair_exit", "floor_mat": "floor_mat"}
"""The rule whose dwell a requirement of this kind of equipment sets."""


@router.get("/rules")
def get_rules(_actor: Seer, tx: ReadTx) -> dict[str, Any]:
    """The rules file in force, and every setting with its value and where that comes from."""
    return _rules_json(tx)


@router.post("/rules", openapi_extra=_YAML)
def post_rules(given: Given, actor: Manager, tx: WriteTx) -> dict[str, Any]:
    """Put a rules file in force, within a second and without a restart; a manager's step."""
    changes = apply_rules(tx, given, actor.name)
    return _rules_json(tx) | {"changes": _changes_json(changes)}


@router.post("/rules/dry-run", openapi_extra=_YAML)
def try_rules(given: Given, tx: ReadTx) -> dict[str, Any]:
    """What a rules file would change; nothing is changed."""
    return {"changes": _changes_json(plan_rules(tx, given))}


@router.get("/schema/rules", tags=["schema"])
def get_rules_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of what `nightwarden rules apply` takes."""
    return rules_schema()


def _changes_json(changes: list[SettingChange]) -> list[dict[str, Any]]:
    return [
        {"name": one.setting.name, "before": plain(one.before), "after": plain(one.after)}
        for one in changes
    ]


def _rules_json(tx: Transaction) -> dict[str, Any]:
    rules = load_rules(tx)
    return {
        "version": rules.version,
        "applied_by": rules.applied_by,
        "applied_at": rfc3339(rules.applied_at),
        "because": rules.because or None,
        "problem": rules.problem,
        "text": rules.text,
        "settings": [
            {
                "name": setting.name,
                "value": plain(rules.values[path]),
                "default": plain(setting.default),
                "unit": setting.unit or None,
                "from": "rules file" if path in rules.sets else "default",
                "meaning": setting.meaning,
            }
            for path, setting in all_settings().items()
        ],
        "lists": {
            name: {"value": orjson.loads(text), "meaning": SECTIONS[name]}
            for name, text in rules.sections.texts().items()
        },
        "overrides": _overrides(tx),
    }


def _overrides(tx: Transaction) -> list[dict[str, Any]]:
    """What single requirements of the home file set otherwise, for their own place."""
    found = []
    for row in register.requirements_now(tx):
        dwell = None if row.dwell_s is None else duration_text(timedelta(seconds=row.dwell_s))
        of = _RULE_OF.get(row.needs, "required_not_in_place")
        own = {f"{of}.dwell": dwell, "who_is_told": row.tell, "action": row.action}
        found += [
            {
                "name": name,
                "value": value,
                "room": row.room,
                "place": row.place,
                "from": "requirement",
                "because": row.because,
            }
            for name, value in own.items()
            if value is not None
        ]
    return found
