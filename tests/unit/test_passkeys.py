"""What a device may send instead of an answer: any bytes get a sentence, and none gets in."""

import json
import re
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.passkeys import MOST_ASKED, MOST_FROM_ONE, Passkeys, answer_of, made, proved, site_of
from nightwarden.errors import Invalid, Unauthenticated
from nightwarden.store.passkeys import Owner
from nightwarden.store.tables import Passkey
from tests.authenticator import Authenticator, bytes_of, text_of

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 1, 23, 0, tzinfo=UTC)
SITE = site_of("nights.elm.example")
MARY = Owner("Mary", b"m" * 32, ())
JSON_ALIKE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=8,
)
MADE = ("clientDataJSON", "attestationObject")
PROVED = ("clientDataJSON", "authenticatorData", "signature", "userHandle")


def almost(right: str, place: str, data: st.DataObject) -> str:
    """The answer with a few bytes of one part changed, or another thing in its place."""
    whole: dict[str, Any] = json.loads(right)
    if place == "all":
        return data.draw(st.text() | JSON_ALIKE.map(json.dumps))
    if place not in whole["response"]:
        return json.dumps({**whole, place: data.draw(JSON_ALIKE)})
    raw = bytearray(bytes_of(whole["response"][place]))
    at = data.draw(st.integers(0, 400)) % (len(raw) + 1)
    raw[at : at + data.draw(st.integers(0, 6))] = data.draw(st.binary(max_size=6))
    whole["response"][place] = data.draw(st.just(text_of(bytes(raw))) | JSON_ALIKE)
    return json.dumps(whole)


@settings(max_examples=150, deadline=None)
@given(place=st.sampled_from((*MADE, "id", "rawId", "type", "response", "all")), data=st.data())
def test_no_bytes_make_a_passkey_fail_without_a_sentence(place: str, data: st.DataObject) -> None:
    asking = Passkeys()
    options, cookie = asking.ask_for_new(NOW, SITE, "here", MARY, "Elm House")
    text = almost(Authenticator(SITE.origins[0]).make(options), place, data)
    asked = asking.answered(cookie, "Mary", NOW)
    with suppress(Invalid):
        assert made(asked, text).handle == MARY.handle


@settings(max_examples=150, deadline=None)
@given(place=st.sampled_from((*PROVED, "id", "rawId", "type", "response", "all")), data=st.data())
def test_no_bytes_but_the_right_ones_prove_anything(place: str, data: st.DataObject) -> None:
    asking, device = Passkeys(), Authenticator(SITE.origins[0])
    options, cookie = asking.ask_for_new(NOW, SITE, "here", MARY, "Elm House")
    new = made(asking.answered(cookie, "Mary", NOW), device.make(options))
    key = Passkey(
        credential=new.credential,
        user="Mary",
        handle=new.handle,
        public_key=new.public_key,
        sign_count=new.sign_count,
        host=new.host,
        name="phone",
        created_at=NOW,
    )
    options, cookie = asking.ask_who(NOW, SITE, "here")
    right = device.prove(options)
    text = almost(right, place, data)
    asked = asking.answered(cookie, None, NOW)
    with suppress(Unauthenticated):
        proved(asked, answer_of(text), key)
        was, now = json.loads(right), json.loads(text)
        for part in PROVED:
            assert bytes_of(now["response"][part]) == bytes_of(was["response"][part])


def test_a_passkey_is_for_the_name_in_the_address() -> None:
    assert site_of("Nights.Elm.example:8443").host == "nights.elm.example"
    assert site_of("nights.elm.example:8443").origins == ("https://nights.elm.example:8443",)
    assert site_of("localhost:8321").origins == ("https://localhost:8321", "http://localhost:8321")
    for digits in ("192.168.1.20:8443", "[::1]:8321", "", ":80", "127.0.0.1"):
        with pytest.raises(Invalid, match="a name"):
            site_of(digits)


def test_nobody_pushes_out_the_question_of_another() -> None:
    asking = Passkeys()
    _, ann = asking.ask_who(NOW, SITE, "Ann's phone")
    flood = [asking.ask_who(NOW, SITE, "a program")[1] for _ in range(MOST_FROM_ONE + 5)]
    asking.answered(ann, None, NOW)
    with pytest.raises(Unauthenticated):
        asking.answered(flood[0], None, NOW)
    asking.answered(flood[-1], None, NOW)
    first, *_ = [asking.ask_who(NOW, SITE, str(n))[1] for n in range(MOST_ASKED + 1)]
    with pytest.raises(Unauthenticated):
        asking.answered(first, None, NOW)


def test_the_pages_start_without_what_reads_passkeys() -> None:
    """It loads an OpenSSL of its own, which would be in the memory of every home's pages."""
    for folder in ("api", "nightwarden"):
        for file in (ROOT / folder).rglob("*.py"):
            assert not re.search(r"(?m)^(from|import) (webauthn|cbor2|OpenSSL)", file.read_text())
