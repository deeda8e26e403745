"""The rules as people read them: a file with every setting in it, and the table of the manual."""

import json

from nightwarden.rulesfile.in_force import RulesInForce
from nightwarden.rulesfile.sections import Sections
from nightwarden.rulesfile.settings import Path, all_settings, value_text
from nightwarden.wire import rfc3339

_AS_DELIVERED = "# The rules as delivered: no rules file has been applied."


def rules_text(rules: RulesInForce) -> str:
    """A rules file with every setting, what differs from the defaults marked.

    It can be applied as it is, and then changes nothing.
    """
    lines = [_headline(rules)]
    if rules.problem:
        lines += [f"# CANNOT BE READ, the rules are as delivered: {rules.problem.splitlines()[0]}"]
    if rules.because:
        lines.append(f"because: {json.dumps(rules.because, ensure_ascii=False)}")
    opened: Path = ()
    for path, setting in all_settings().items():
        for depth, key in enumerate(path[:-1]):
            if opened[: depth + 1] != path[: depth + 1]:
                lines.append(f"{'  ' * depth}{key}:")
        opened = path[:-1]
        value = rules.values[path]
        note = "" if value == setting.default else f"  # default {value_text(setting.default)}"
        shown = (
            json.dumps(value, ensure_ascii=False) if isinstance(value, str) else value_text(value)
        )
        lines.append(f"{'  ' * (len(path) - 1)}{path[-1]}: {shown}{note}")
    delivered = Sections().texts()
    for name, text in rules.sections.texts().items():
        note = "" if text == delivered[name] else "  # not as delivered"
        lines.append(f"{name}: {text}{note}")
    return "\n".join(lines) + "\n"


def settings_table() -> str:
    """The table of every setting for docs/rules.md: name, default, bounds and meaning."""
    lines = ["| setting | default | may be | meaning |", "|---|---|---|---|"]
    for one in all_settings().values():
        bound = one.bound
        span = f"{value_text(bound.least)} to {value_text(bound.most)}{one.sign}" if bound else ""
        default = f"{value_text(one.default)}{one.sign}"
        lines.append(f"| `{one.name}` | {default} | {span} | {one.meaning} |")
    return "\n".join(lines) + "\n"


def _headline(rules: RulesInForce) -> str:
    if rules.version == 0:
        return _AS_DELIVERED
    return f"# Version {rules.version}, applied {rfc3339(rules.applied_at)} by {rules.applied_by}."
