"""Puts a rules file in force: a new version, an entry in the audit, word to the gateway.

1. What counts is what changes against the version in force, setting by setting. A file that
   changes nothing is no new version.
2. Whoever changes a number says why: without ``because`` nothing is applied.
3. Versions are never changed or removed. To go back, apply the earlier text again.
"""

from dataclasses import dataclass

from nightwarden.errors import Invalid
from nightwarden.rulesfile.bounds import Value
from nightwarden.rulesfile.in_force import load_rules
from nightwarden.rulesfile.reader import RulesFile
from nightwarden.rulesfile.sections import SECTIONS, Sections
from nightwarden.rulesfile.settings import Setting, Values, all_settings, value_text
from nightwarden.store import audit, meta, rule_files
from nightwarden.store.engine import Transaction


@dataclass(frozen=True, slots=True)
class SettingChange:
    """One setting and its value before and after."""

    setting: Setting
    before: Value
    after: Value

    def __str__(self) -> str:
        return f"{self.setting.name}: {value_text(self.before)} -> {value_text(self.after)}"


def differences(before: Values, after: Values) -> list[SettingChange]:
    """The settings that differ, in the order of the rulebook."""
    return [
        SettingChange(setting, before[path], after[path])
        for path, setting in all_settings().items()
        if before[path] != after[path]
    ]


def section_differences(before: Sections, after: Sections) -> list[SettingChange]:
    """The lists of the file that differ, each as one setting whose value is its line."""
    texts, wanted = before.texts(), after.texts()
    return [
        SettingChange(Setting((name,), texts[name], meaning), texts[name], wanted[name])
        for name, meaning in SECTIONS.items()
        if texts[name] != wanted[name]
    ]


def plan_rules(tx: Transaction, file: RulesFile) -> list[SettingChange]:
    """What :func:`apply_rules` would change; empty when the rules are so already.

    Raises:
        Invalid: something changes and the file does not say why.
    """
    rules = load_rules(tx)
    changes = differences(rules.values, file.values)
    changes += section_differences(rules.sections, file.sections)
    if changes and file.because is None:
        raise unexplained(file, len(changes))
    return changes


def apply_rules(tx: Transaction, file: RulesFile, actor: str) -> list[SettingChange]:
    """Put ``file`` in force, and tell the audit and the gateway if anything changed.

    Raises:
        Invalid: something changes and the file does not say why.
    """
    changes = plan_rules(tx, file)
    unreadable = load_rules(tx).problem is not None
    if changes or unreadable:
        row = rule_files.add(tx, file.text, actor, file.because or "")
        detail = {"because": row.because, "changes": [str(change) for change in changes]}
        audit.record(tx, actor, "applied rules file", f"rules version {row.version}", detail)
        meta.plan_changed(tx)
    return changes


def unexplained(file: RulesFile, changes: int) -> Invalid:
    """The refusal of a file that changes settings without saying why."""
    counted = "1 setting changes" if changes == 1 else f"{changes} settings change"
    return Invalid(
        f'{file.source}:1: "because" is missing: {counted}, and the record has to say why; '
        'add a line such as because: "mats bounce; agreed 2026-11-20"'
    )
