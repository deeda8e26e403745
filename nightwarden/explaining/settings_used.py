"""The settings that mattered for an alert, each with where its value came from.

1. Every setting of the alert's own rule matters, under the version of the rules that it was raised
   under. One that a resident's requirement has its own value for is the requirement's.
2. Beside them: the hours of the requirement, and the interval of the device where the rule is about
   its silence or its proof.
"""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from nightwarden.explaining.answers import SettingUsed
from nightwarden.model.alerts import AlertKind
from nightwarden.model.phrases import phrase
from nightwarden.model.plan import PlacedItem, PlannedRequirement
from nightwarden.rulesfile.durations import duration_text
from nightwarden.rulesfile.in_force import RulesInForce
from nightwarden.rulesfile.settings import Setting, all_settings, value_text

DEFAULT = phrase("default, as delivered")
_BY_SILENCE = frozenset(
    {
        AlertKind.DEVICE_SILENT,
        AlertKind.NOT_ARMED_AFTER_CARE,
        AlertKind.MATS_SILENT_TOGETHER,
    }
)
_BESIDE: dict[AlertKind, tuple[str, ...]] = {
    AlertKind.NOT_BACK_IN_BED: ("bed_exit",),
    AlertKind.CIRCUIT_HOT: ("hot_surface",),
}
"""Rules whose settings decide with."""


def settings_used(
    kind: AlertKind,
    rules: RulesInForce,
    requirement: PlannedRequirement | None,
    items: list[PlacedItem],
    zone: ZoneInfo,
) -> list[SettingUsed]:
    """Every setting that mattered, the rule's own first.

    Args:
        kind: of the alert.
        rules: those that it was raised under.
        requirement: of its place, for the equipment that watches there; None where no plan asks.
        items: the equipment whose devices fed the rule.
        zone: the home's, for the day on which rules were applied.
    """
    return [
        *_of_rules(kind, rules, requirement, zone),
        *_of_requirement(requirement),
        *_of_items(kind, items),
    ]


def _of_rules(
    kind: AlertKind, rules: RulesInForce, requirement: PlannedRequirement | None, zone: ZoneInfo
) -> Iterator[SettingUsed]:
    for section in (kind.value, *_BESIDE.get(kind, ())):
        for setting in all_settings().values():
            if setting.path[0] == section:
                yield _used(setting, rules, requirement, zone)


def _used(
    setting: Setting, rules: RulesInForce, requirement: PlannedRequirement | None, zone: ZoneInfo
) -> SettingUsed:
    value, origin = rules.values[setting.path], _origin(setting, rules, zone)
    if setting.path[-1] == "dwell" and requirement is not None and requirement.dwell is not None:
        value = requirement.dwell
        origin = phrase(f"this place's own, set by its requirement: {requirement.because}")
    unit = "" if setting.unit == "time" else setting.unit
    return SettingUsed(setting.name, value_text(value), unit, setting.meaning, origin)


def _origin(setting: Setting, rules: RulesInForce, zone: ZoneInfo) -> str:
    if setting.path not in rules.sets:
        return DEFAULT
    version, by = rules.version, rules.applied_by
    origin = phrase(f"the home's rules file, version {version}")
    if by and rules.applied_at:
        local = rules.applied_at.astimezone(zone)
        day, time = f"{local:%-d %b %Y}", f"{local:%H:%M}"
        origin = phrase(
            f"the home's rules file, version {version}, applied by {by} on {day} at {time}"
        )
    return f"{origin}: {rules.because}" if rules.because else origin


def _of_requirement(requirement: PlannedRequirement | None) -> Iterator[SettingUsed]:
    if requirement is not None:
        yield SettingUsed(
            "hours",
            str(requirement.hours),
            "",
            phrase("when it is required, by the home's clock"),
            phrase(f"this place's requirement: {requirement.because}"),
        )


def _of_items(kind: AlertKind, items: list[PlacedItem]) -> Iterator[SettingUsed]:
    for item in items:
        if kind in _BY_SILENCE:
            yield SettingUsed(
                "supervision",
                duration_text(item.supervision),
                "",
                phrase(f"within what time {item.tag} must speak"),
                phrase(f"the register: {item.tag}"),
            )
        if kind is AlertKind.NEVER_CHANGES:
            yield SettingUsed(
                "proof",
                duration_text(item.proof),
                "",
                phrase(f"within what time {item.tag} must really change or be pressed"),
                phrase(f"the register: {item.tag}"),
            )
