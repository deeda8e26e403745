"""The home file: what is read, what is refused, and that every refusal names its line."""

from datetime import UTC, date, datetime
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from nightwarden.errors import Invalid
from nightwarden.homefile.reader import MAX_BYTES, read_home_file
from nightwarden.homefile.schema import home_schema
from nightwarden.homefile.shape import HomeFile
from nightwarden.model.places import EquipmentKind, Mount, PlaceId
from nightwarden.model.readings import DeviceId

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)

EXAMPLE = """\
home: {id: elm-house, name: Elm House, timezone: Europe/London}
rooms:
  - id: "12"
    places:
      - {id: bed}
      - {id: radiator-window, emitter: radiator}
      - {id: ensuite-pipe, emitter: pipe}
residents:
  - id: res-12
    shown_as: Joan
    room: "12"
    requirements:
      - {place: bed, needs: bed_mat, hours: "21:00-07:00", because: "falls assessment 2026-10-01", review_by: 2027-01-01}
      - {place: radiator-window, needs: radiator_cover, because: "burns assessment 2026-10-01", review_by: 2027-01-01}
equipment:
  - {tag: MAT-0012, kind: bed_mat, at: 12/bed, device: {dialect: nightwarden, address: mat-12}}
  - {tag: TMP-0012, kind: temperature_sensor, mount: under_cover, at: 12/radiator-window, device: {dialect: zigbee2mqtt, address: "Room 12 radiator"}}
  - {tag: CVR-0012, kind: radiator_cover, at: 12/radiator-window, confirmed: {by: A. Smith, on: 2026-11-01, state: in_place}}
"""  # noqa: E501  as the contract prints it


def read(text: str) -> HomeFile:
    return read_home_file(text.encode(), "home.yaml", NOW)


def problems(text: str | bytes) -> list[str]:
    raw = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(Invalid) as refused:
        read_home_file(raw, "home.yaml", NOW)
    return str(refused.value).splitlines()


def changed(before: str, after: str) -> str:
    assert before in EXAMPLE
    return EXAMPLE.replace(before, after, 1)


def test_the_contracts_example_is_read_whole() -> None:
    home_file = read(EXAMPLE)

    assert home_file.home.id == "elm-house"
    assert [place.id for place in home_file.rooms[0].places] == [
        "bed",
        "radiator-window",
        "ensuite-pipe",
    ]
    mat, cover = home_file.residents[0].requirements
    assert (mat.needs, mat.hours, mat.review_by) == (
        EquipmentKind.BED_MAT,
        "21:00-07:00",
        date(2027, 1, 1),
    )
    assert cover.hours == "00:00-24:00"
    sensor = home_file.equipment[1]
    assert sensor.place == PlaceId("12", "radiator-window")
    assert sensor.mount is Mount.UNDER_COVER
    assert sensor.device is not None
    assert sensor.device.device == DeviceId("zigbee2mqtt", "Room 12 radiator")


@pytest.mark.parametrize("written", ["12", "012", '"012"', "on", "No", "12b", "Sun lounge"])
def test_a_room_is_called_what_the_file_says_in_so_many_letters(written: str) -> None:
    text = f"home: {{id: h, name: H, timezone: UTC}}\nrooms:\n  - id: {written}\n"
    assert read(text).rooms[0].id == written.strip('"')


def test_sections_may_be_empty_and_hours_may_stand_without_quotes() -> None:
    home = "home: {id: h, name: H, timezone: UTC}\n"
    assert read(home) == read(home + "rooms:\nresidents: []\nequipment:\n")
    assert read(changed('"21:00-07:00"', "21:00-07:00")) == read(EXAMPLE)
    assert read("\ufeff" + EXAMPLE.replace("\n", "\r\n")) == read(EXAMPLE)


# What is replaced in the example, by what, and the one error that must come of it.
WRONG = [
    ("id: elm-house", "id: elm/house", 1, 'home.id: "elm/house" has a "/" in it'),
    ("id: elm-house", 'id: ""', 1, "home.id: is empty"),
    ("id: elm-house", "id: 'elm+#'", 1, 'home.id: "elm+#" has a "+" in it'),
    ("id: elm-house", 'id: "\\u0007"', 1, "home.id: '\\x07' has a character in it that cannot"),
    ("id: elm-house", 'id: "\\ud800"', 1, "home.id: '\\ud800' has a character in it that cannot"),
    ("id: elm-house", "id: ..", 1, 'home.id: ".." cannot be an id'),
    ("name: Elm House", "name: ~", 1, "home.name: has no value"),
    ("name: Elm House", "name: [Elm]", 1, "home.name: is not a text"),
    ("name: Elm House", "name: true", 1, "home.name: true is a truth value"),
    ("Europe/London", "Europe/Londn", 1, 'did you mean "Europe/London"'),
    ("Europe/London", "Mars", 1, 'home.timezone: "Mars" is not an IANA time zone'),
    ("Elm House", "Elm House, practise: true", 1, 'is not known here; did you mean "practice"'),
    (", timezone: Europe/London", "", 1, 'home: "timezone" is missing'),
    ("Elm House", "Elm House, practice: yes", 1, 'practice: "yes" is neither true nor false'),
    ("rooms:", "room:", 2, 'room: is not known here; did you mean "rooms"'),
    ('- id: "12"\n    places', "- places", 3, 'rooms[0]: "id" is missing'),
    ('id: "12"', "id: 1.5", 3, 'rooms[0].id: 1.5 reads as a number or date in YAML; write "1.5"'),
    ('id: "12"', "id: 0x12", 3, "rooms[0].id: 0x12 reads as a number"),
    ('id: "12"', "id: 2026-01-01", 3, "rooms[0].id: 2026-01-01 reads as a number or date"),
    ("{id: bed}", "bed", 5, "rooms[0].places[0]: is not a mapping; write id, emitter, assessed"),
    ("{id: bed}", "{id: bed, id: bed}", 5, "rooms[0].places[0].id: is there already"),
    ("id: ensuite-pipe", "id: bed", 7, 'rooms[0].places[2].id: "bed" is used in line 5 already'),
    ("emitter: pipe", "emitter: pip", 7, '"pip" is not an emitter; did you mean "pipe"'),
    ("emitter: pipe", "emitter: sun", 7, '"sun" is not an emitter; use radiator, pipe, valve,'),
    ("emitter: pipe", "assessed: {by: A, on: 2026-11-25, finding: ok}", 7, "has yet to come"),
    ("shown_as: Joan", 'shown_as: " "', 10, "residents[0].shown_as: is empty"),
    ('room: "12"', 'room: "21"', 11, 'residents[0].room: there is no room "21"'),
    ("place: bed", "place: bad", 13, 'there is no place "bad" in room "12"; did you mean "bed"'),
    ("needs: bed_mat", "needs: bedmat", 13, '"bedmat" is not a kind of equipment; did you mean'),
    ("21:00-07:00", "21-7", 13, 'hours "21-7" are not HH:MM-HH:MM'),
    ("21:00-07:00", "07:00-07:00", 13, "are empty"),
    ('because: "falls assessment 2026-10-01", ', "", 13, '"because" is missing'),
    ("review_by: 2027-01-01", "review_by: 2027-02-30", 13, '"2027-02-30" is not a date'),
    ("review_by: 2027-01-01", "review_by: soon", 13, '"soon" is not a date, such as 2027-01-31'),
    ("review_by: 2027-01-01", "review_by: 1798761600", 13, '"1798761600" is not a date'),
    ("place: bed,", "place: bed, dwell_s: 601,", 13, "dwell_s: 601 is too large; the most is 600"),
    ("place: bed,", "place: bed, dwell_s: 1.5,", 13, '"1.5" is not a whole number of seconds'),
    ("place: bed,", "place: bed, dwell_s: true,", 13, "is not a whole number of seconds"),
    ("kind: bed_mat", "kind: bed_cat", 16, "equipment[0].kind"),
    ("kind: bed_mat", "kind: bed_mat, mount: pipe", 16, "a bed_mat has no mount"),
    ("at: 12/bed", "at: bed", 16, '"bed" is not a place; write ROOM/PLACE, such as 12/bed'),
    ("at: 12/bed", "at: 13/bed", 16, 'equipment[0].at: there is no room "13"'),
    ("at: 12/bed", "at: 12/chair", 16, 'there is no place "chair" in room "12"'),
    ("dialect: nightwarden", "dialect: nightwardn", 16, 'did you mean "nightwarden"'),
    ("address: mat-12", "address: mat/12", 16, 'address: "mat/12" has a "/" in it'),
    ("address: mat-12", 'address: "mat+"', 16, 'address: "mat+" has a "+" in it'),
    ("address: mat-12", "address: m, supervision_s: 5", 16, "5 is too small; the least is 30"),
    ("mount: under_cover, ", "", 17, 'equipment[1]: "mount" is missing'),
    ("mount: under_cover", "mount: under", 17, '"under" is not a mount'),
    ("tag: TMP-0012", "tag: MAT-0012", 17, '"MAT-0012" is used in line 16 already'),
    ("state: in_place", "state: fine", 18, '"fine" is not a state; use in_place, loose, off'),
    ("on: 2026-11-01", "on: 2026-11-25", 18, "2026-11-25 has yet to come"),
    ("on: 2026-11-01", "on: yesterday", 18, '"yesterday" is not a date'),
]


@pytest.mark.parametrize(("before", "after", "line", "sentence"), WRONG)
def test_what_is_wrong_is_said_with_its_line_and_nothing_else_is(
    before: str, after: str, line: int, sentence: str
) -> None:
    found = problems(changed(before, after))
    (named,) = [said for said in found if sentence in said]
    assert named.startswith(f"home.yaml:{line}: ")
    # A room or place that is misspelt is one that others cannot find; nothing else may follow.
    assert all("there is no" in said for said in found if said != named), found


def test_every_error_of_a_file_is_listed_in_the_order_of_its_lines() -> None:
    text = EXAMPLE
    for before, after in [
        ("Europe/London", "Europe/Paris2"),
        ("emitter: pipe", "emitter: pip"),
        ('room: "12"', 'room: "13"'),
        ("kind: bed_mat", "kind: bedmat"),
        ("state: in_place", "state: on"),
    ]:
        text = text.replace(before, after, 1)
    assert [said.split(":")[1] for said in problems(text)] == ["1", "7", "11", "16", "18"]


def test_an_item_may_be_a_residents_and_have_a_service_life() -> None:
    said = "kind: bed_mat, for: res-12, service_life_days: 90, at: 12/bed"
    text = EXAMPLE.replace("kind: bed_mat, at: 12/bed", said)
    mat = read_home_file(text.encode(), "home.yaml", NOW).equipment[0]
    assert (mat.meant_for, mat.service_life_days) == ("res-12", 90)
    mistyped = text.replace("days: 90", "days: soon")
    assert [line.split(": ", 2)[2] for line in problems(mistyped)] == [
        '"soon" is not a whole number of days, such as 90'
    ]
    stranger = text.replace("for: res-12", "for: res-21")
    assert [line.split(": ", 1)[1] for line in problems(stranger)] == [
        'equipment[0].for: there is no resident "res-21"; did you mean "res-12"'
    ]


def test_the_same_requirement_and_the_same_device_twice_are_refused() -> None:
    mat = "      - {place: bed, needs: bed_mat, because: x, review_by: 2027-01-01}\n"
    (twice,) = problems(changed("equipment:\n", mat + "equipment:\n"))
    assert twice.startswith(
        "home.yaml:15: residents[0].requirements[2]: bed_mat at bed is required"
    )
    spare = "  - {tag: B, kind: hub, device: {dialect: nightwarden, address: mat-12}}\n"
    (bound,) = problems(EXAMPLE + spare)
    assert bound.startswith("home.yaml:19: equipment[3].device.address: ")
    assert "bound in line 16 already" in bound


@pytest.mark.parametrize(
    ("text", "line", "sentence"),
    [
        ("", 1, "is empty"),
        ("# only a comment\n", 1, "is empty"),
        ("- a\n- b\n", 1, "is not a mapping"),
        ("just words", 1, "is not a mapping"),
        ("home:\n\tid: x\n", 2, "a tab cannot indent YAML; use spaces"),
        ("home: {id: x\nrooms: []\n", 2, "is not YAML"),
        ("home: 'x\n", 2, "is not YAML"),
        ("home: &h {id: x}\n", 1, 'an anchor ("&h") is not read'),
        ("home: {id: x}\nrooms: *h\n", 2, 'an alias ("*h") is not read'),
        ("home: !!python/none {}\n", 1, "a tag ("),
        ("home: {}\n---\nhome: {}\n", 2, "a second document starts here"),
        ("%YAML 1.3\n---\nhome: {}\n", 1, "a directive"),
        ("home: {}\n? [a, b]\n: c\n", 2, "a key must be a word"),
        ("home: " + "[" * 50_000, 1, "is nested more than 16 deep"),
        ('home: "\\UFFFFFFFF"\n', 1, "is not YAML"),
        ("home: {}\nrooms: \x01\n", 2, "has a control character in it"),
        (b"home:\n  name: Caf\xe9\n", 2, "has bytes that are not UTF-8"),
        ("home: {}".encode("utf-16"), 1, "has bytes that are not UTF-8"),
        (b"#" * (MAX_BYTES + 1), 1, "is larger than 24 MiB"),
    ],
)
def test_what_is_no_home_file_at_all_is_said_in_one_line(
    text: str | bytes, line: int, sentence: str
) -> None:
    (found,) = problems(text)
    assert found.startswith(f"home.yaml:{line}: ")
    assert sentence in found


@given(
    st.one_of(
        st.text(),
        st.binary(),
        st.tuples(st.integers(0, len(EXAMPLE)), st.text(max_size=5), st.integers(0, 9)).map(
            lambda edit: EXAMPLE[: edit[0]] + edit[1] + EXAMPLE[edit[0] + edit[2] :]
        ),
    )
)
def test_whatever_the_bytes_the_answer_is_a_home_file_or_lines_for_a_person(
    content: str | bytes,
) -> None:
    raw = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
    try:
        read_home_file(raw, "f", NOW)
    except Invalid as refused:
        last = raw.count(b"\n") + raw.count(b"\r") + raw.count(b"\xc2\x85") + raw.count(b"\xe2")
        for said in str(refused).split("\nf:"):
            assert 1 <= int(said.removeprefix("f:").split(":")[0]) <= last + 2


def test_a_day_that_has_begun_somewhere_on_earth_is_today_for_somebody() -> None:
    text = changed("on: 2026-11-01", "on: 2026-11-24")
    read_home_file(text.encode(), "f", datetime(2026, 11, 23, 10, tzinfo=UTC))
    with pytest.raises(Invalid, match="yet to come"):
        read_home_file(text.encode(), "f", datetime(2026, 11, 23, 9, 59, tzinfo=UTC))


def as_json(text: str) -> Any:
    """The file as an editor's schema checker sees it: dates are texts."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: plain(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [plain(inner) for inner in value]
        return value.isoformat() if isinstance(value, date) else value

    return plain(YAML(typ="safe", pure=True).load(text))


def test_the_schema_takes_the_example_and_helps_to_complete_it() -> None:
    schema = home_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(as_json(EXAMPLE), schema, cls=jsonschema.Draft202012Validator)
    assert schema["$defs"]["EmitterKind"]["enum"][0] == "radiator"
    assert "ROOM/PLACE" in schema["$defs"]["EquipmentPart"]["properties"]["at"]["description"]
    dwell = schema["$defs"]["RequirementPart"]["properties"]["dwell_s"]["anyOf"][0]
    assert (dwell["minimum"], dwell["maximum"]) == (0, 600)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("id: elm-house", "id: elm/house"),
        ("timezone: Europe/London", "zone: Europe/London"),
        ('id: "12"', "id: 12"),
        ("emitter: pipe", "emitter: pip"),
        ("21:00-07:00", "21-7"),
        ("needs: bed_mat", "needs: bedmat"),
        ("mount: under_cover, ", ""),
        ("kind: bed_mat", "kind: bed_mat, mount: pipe"),
        ("at: 12/bed", "at: bed"),
        ("state: in_place", "state: fine"),
        ("place: bed,", "place: bed, dwell_s: 601,"),
        (", review_by: 2027-01-01", ""),
    ],
)
def test_the_schema_marks_what_the_reader_would_refuse(before: str, after: str) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(
            as_json(changed(before, after)), home_schema(), cls=jsonschema.Draft202012Validator
        )
