"""How a dialect says that it does not believe a value."""

import orjson


class Doubt(ValueError):
    """A field's value is not to be believed; the message follows the field's name in a sentence.

    It never leaves a dialect: there it becomes a ``Problem``.
    """


def shown(value: object) -> str:
    """A value out of a payload as a person should see it in a sentence: JSON, cut to 60 signs."""
    if isinstance(value, dict):  # not its inside: it may be nested deeper than orjson can write
        return "an object"
    if isinstance(value, list):
        return "a list"
    text = orjson.dumps(value).decode()
    return text if len(text) <= 60 else f"{text[:60]}…"
