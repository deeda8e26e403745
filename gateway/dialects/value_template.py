"""Home Assistant's value templates, as far as devices use them, without running a stranger's code.

A template is written by whoever announces a device. It is parsed by Jinja2 and evaluated here, node
by node: what is not named here or in ``template_words`` is refused when it is announced. So there
is no loop, no macro, no power, no attribute of anything but JSON; the work is bounded by the
template's length, and every text that it makes by 10,000 signs.

https://www.home-assistant.io/docs/configuration/templating/
"""

from collections.abc import Callable, Mapping
from typing import Any

import orjson
from jinja2 import Environment, TemplateError, nodes

from gateway.dialects.doubt import Doubt, shown
from gateway.dialects.template_words import (
    COMPARISONS,
    FILTERS,
    FUNCTIONS,
    METHODS,
    MISSING,
    TESTS,
    as_number,
    bounded,
    is_true,
    member,
)

LONGEST_TEMPLATE = 2_000


class ValueTemplate:
    """One template, parsed and found to be harmless.

    Raises:
        Doubt: it is too long, no template, or does what is not understood here.
    """

    def __init__(self, text: str) -> None:
        if len(text) > LONGEST_TEMPLATE:
            raise Doubt(f"is {len(text)} signs long; up to {LONGEST_TEMPLATE} are due.")
        try:
            self._body = _PARSER.parse(text).body
            for node in self._body:
                _check(node)
        except (TemplateError, RecursionError, ValueError, OverflowError):
            raise Doubt(f"is {shown(text)}, which cannot be understood as a template.") from None

    def render(self, payload: bytes) -> str | None:
        """What the template makes of a payload; None where what it asks for is not in there.

        Raises:
            Doubt: it cannot be worked out, as a number from a word.
        """
        names: dict[str, Any] = {"value": payload.decode("utf-8", "replace")}
        try:
            names["value_json"] = orjson.loads(payload)
        except orjson.JSONDecodeError:
            names["value_json"] = MISSING
        try:
            parts = [_run(node, names) for node in self._body]
            if any(part is MISSING for part in parts):
                return None
            return bounded("".join(str(part) for part in parts).strip())
        except (TypeError, ValueError, ArithmeticError, LookupError, RecursionError):
            raise Doubt(
                "cannot be worked out from this message by the device's template."
            ) from None


_PARSER = Environment(autoescape=False)  # noqa: S701 - it parses, and never renders


def _run(node: nodes.Node, names: dict[str, Any]) -> Any:
    """A statement: its text, or ``MISSING``."""
    if isinstance(node, nodes.Output):
        values = [_value(each, names) for each in node.nodes]
        if any(value is MISSING for value in values):
            return MISSING
        return bounded("".join(str(value) for value in values))
    if isinstance(node, nodes.Assign) and isinstance(node.target, nodes.Name):
        names[node.target.name] = _value(node.node, names)
        return ""
    assert isinstance(node, nodes.If), "checked when it was announced"
    for branch in (node, *node.elif_):
        if is_true(_value(branch.test, names)):
            return _all(branch.body, names)
    return _all(node.else_, names)


def _all(body: list[nodes.Node], names: dict[str, Any]) -> Any:
    parts = [_run(each, names) for each in body]
    return MISSING if MISSING in parts else bounded("".join(str(part) for part in parts))


def _check(node: nodes.Node) -> None:
    """Refuses a node that :func:`_run` or :func:`_value` cannot take, and all that is in it.

    Raises:
        ValueError: it is one.
    """
    statement = isinstance(node, nodes.Output | nodes.If) or (
        isinstance(node, nodes.Assign) and isinstance(node.target, nodes.Name)
    )
    allowed = statement or type(node) in _VALUES or isinstance(node, nodes.Operand | nodes.Keyword)
    named = (
        (not isinstance(node, nodes.Filter) or node.name in FILTERS)
        and (not isinstance(node, nodes.Test) or node.name in TESTS)
        and (not isinstance(node, nodes.Call) or _called(node) is not None)
    )
    extra = getattr(node, "dyn_args", None) or getattr(node, "dyn_kwargs", None)
    if not allowed or not named or extra:
        raise ValueError(type(node).__name__)
    for child in node.iter_child_nodes():
        _check(child)


def _value(node: nodes.Node, names: dict[str, Any]) -> Any:
    return _VALUES[type(node)](node, names)


# --- expressions ------------------------------------------------------------------------------


def _name(node: Any, names: dict[str, Any]) -> Any:
    return names.get(node.name, MISSING)


def _member(node: Any, names: dict[str, Any]) -> Any:
    whole = _value(node.node, names)
    key = node.attr if isinstance(node, nodes.Getattr) else _value(node.arg, names)
    return member(whole, key)


def _compare(node: Any, names: dict[str, Any]) -> bool:
    left = _value(node.expr, names)
    for each in node.ops:
        right = _value(each.expr, names)
        if not COMPARISONS[each.op](left, right):
            return False
        left = right
    return True


def _condition(node: Any, names: dict[str, Any]) -> Any:
    if is_true(_value(node.test, names)):
        return _value(node.expr1, names)
    return MISSING if node.expr2 is None else _value(node.expr2, names)


def _sum(node: Any, names: dict[str, Any]) -> Any:
    left, right = _value(node.left, names), _value(node.right, names)
    if isinstance(left, str) and isinstance(right, str):
        return bounded(left + right)
    return as_number(left) + as_number(right)


def _joined(node: Any, names: dict[str, Any]) -> Any:
    parts = [_value(each, names) for each in node.nodes]
    return MISSING if MISSING in parts else bounded("".join(str(part) for part in parts))


def _arithmetic(work: Callable[[Any, Any], Any]) -> Callable[[Any, dict[str, Any]], Any]:
    return lambda node, names: work(
        as_number(_value(node.left, names)), as_number(_value(node.right, names))
    )


def _called(node: nodes.Call) -> Callable[..., Any] | None:
    """``float(…)``, or a method of a text or an object by its name."""
    if isinstance(node.node, nodes.Name):
        return FUNCTIONS.get(node.node.name)
    return METHODS.get(node.node.attr) if isinstance(node.node, nodes.Getattr) else None


def _call(node: Any, names: dict[str, Any]) -> Any:
    function = _called(node)
    assert function is not None, "checked when it was announced"
    arguments = [_value(each, names) for each in node.args]
    if isinstance(node.node, nodes.Getattr):
        arguments.insert(0, _value(node.node.node, names))
    return function(*arguments, **_named(node, names))


def _named(node: Any, names: dict[str, Any]) -> dict[str, Any]:
    return {each.key: _value(each.value, names) for each in node.kwargs}


def _filter(node: Any, names: dict[str, Any]) -> Any:
    arguments = [_value(each, names) for each in node.args]
    return FILTERS[node.name](_value(node.node, names), *arguments, **_named(node, names))


def _test(node: Any, names: dict[str, Any]) -> bool:
    arguments = [_value(each, names) for each in node.args]
    return bool(TESTS[node.name](_value(node.node, names), *arguments))


_VALUES: Mapping[type[nodes.Node], Callable[[Any, dict[str, Any]], Any]] = {
    nodes.TemplateData: lambda node, _: node.data,
    nodes.Const: lambda node, _: node.value,
    nodes.Name: _name,
    nodes.Getattr: _member,
    nodes.Getitem: _member,
    nodes.List: lambda node, names: [_value(each, names) for each in node.items],
    nodes.Tuple: lambda node, names: tuple(_value(each, names) for each in node.items),
    nodes.Dict: lambda node, names: {
        str(_value(pair.key, names)): _value(pair.value, names) for pair in node.items
    },
    nodes.Pair: lambda node, names: _value(node.value, names),
    nodes.CondExpr: _condition,
    nodes.Compare: _compare,
    nodes.And: lambda node, names: _value(node.left, names) and _value(node.right, names),
    nodes.Or: lambda node, names: _value(node.left, names) or _value(node.right, names),
    nodes.Not: lambda node, names: not is_true(_value(node.node, names)),
    nodes.Neg: lambda node, names: -as_number(_value(node.node, names)),
    nodes.Add: _sum,
    nodes.Concat: _joined,
    nodes.Sub: _arithmetic(lambda left, right: left - right),
    nodes.Mul: _arithmetic(lambda left, right: left * right),
    nodes.Div: _arithmetic(lambda left, right: left / right),
    nodes.FloorDiv: _arithmetic(lambda left, right: left // right),
    nodes.Mod: _arithmetic(lambda left, right: left % right),
    nodes.Filter: _filter,
    nodes.Test: _test,
    nodes.Call: _call,
}
