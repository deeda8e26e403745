"""What the catalogues hold of the Python code: each text that a page may have to say."""

from io import BytesIO
from textwrap import dedent

import pytest

from nightwarden.languages.extracting import phrases
from nightwarden.model.phrases import by_number


def found(code: str) -> list[str | tuple[str, ...]]:
    """The messages of a piece of code."""
    return [text for _, _, text, _ in phrases(BytesIO(dedent(code).encode()), {}, (), {})]


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ('phrase("bed mat")', "bed mat"),
        ('gettext("Sign in")', "Sign in"),
        ('raise Invalid("Say who you are.")', "Say who you are."),
        ('raise ValueError(f"is {text} long")', "is {text} long"),
        ('phrase(f"out of bed for {wording.span(length)}")', "out of bed for {span}"),
        ('phrase(f"{row.tag} is here, {row.kind.value} too")', "{tag} is here, {kind} too"),
        ('phrase(f"a {kind.replace(old, new)} in room {room[:9]}")', "a {kind} in room {room}"),
        ('phrase(f"{day} to {day}, then {day}")', "{day} to {day2}, then {day3}"),
        ('phrase("one " + f"of {n} mats")', "one of {n} mats"),
        ('phrase(f"{len(name)} signs, {LARGEST >> 20} MiB")', "{number} signs, {largest} MiB"),
        ("phrase(f\"not {Right.SEE}, by {tick['by']}\")", "not {right}, by {by}"),
        ("phrase(f\"none of {', '.join(rooms)}\")", "none of {listed}"),
        ("phrase(f\"none of {', '.join(EquipmentKind)}\")", "none of {choices}"),
        ('field(form, "reason", "a reason")', "a reason"),
        ('checked(claims.text, by, "by")', "by"),
        ('pgettext("alert", "open")', ("alert", "open")),
        ('ngettext("{n} day", "{n} days", n)', ("{n} day", "{n} days")),
        (
            'by_number(n, f"{n} mat is silent", f"{n} mats are silent")',
            ("{n} mat is silent", "{n} mats are silent"),
        ),
    ],
)
def test_a_mark_becomes_a_message(code: str, message: str | tuple[str, ...]) -> None:
    assert found(code) == [message]


def test_a_choice_gives_each_sentence_that_it_can_come_to() -> None:
    assert found('phrase("on" if lit else "off")') == ["on", "off"]
    assert found("raise Conflict(f\"{tag} is {'here' if place is None else place} already.\")") == [
        "{tag} is here already.",
        "{tag} is {place} already.",
    ]
    assert found("raise Conflict(f\"Changed{f' ({said})' if said else ''}. Look again.\")") == [
        "Changed ({said}). Look again.",
        "Changed. Look again.",
    ]


@pytest.mark.parametrize(
    "code",
    [
        'print("no mark")',
        'raise Invalid(f"{field}: {problem}.")',
        "phrase(words)",
        "field(form, 2)",
    ],
)
def test_what_has_no_word_of_ours_is_no_message(code: str) -> None:
    assert found(code) == []


def test_the_form_goes_with_the_number() -> None:
    assert [by_number(n, "mat", "mats") for n in (0, 1, 2)] == ["mats", "mat", "mats"]
