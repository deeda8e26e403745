"""A broker's address, as people write it, and how long we wait between attempts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.backoff import Backoff
from nightwarden.broker_url import BrokerUrl
from nightwarden.errors import Invalid

SECRET = "s3cret-never-shown"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mqtt://broker", BrokerUrl("broker", 1883)),
        ("mqtts://broker", BrokerUrl("broker", 8883, tls=True)),
        ("mqtt://10.0.0.7:1884/", BrokerUrl("10.0.0.7", 1884)),
        ("mqtt://[::1]:1884", BrokerUrl("::1", 1884)),
        ("mqtt://gateway@broker", BrokerUrl("broker", 1883, username="gateway")),
        (
            "mqtts://night%20staff:a%2Fb%40c@broker:8884",
            BrokerUrl("broker", 8884, tls=True, username="night staff", password="a/b@c"),
        ),
    ],
)
def test_addresses_are_read(text: str, expected: BrokerUrl) -> None:
    assert BrokerUrl.parse(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "broker",
        "broker:1883",
        "http://broker",
        "mqtt://",
        "mqtt://:1883",
        "mqtt://broker:0",
        "mqtt://broker:66000",
        "mqtt://broker:port",
        "mqtt://broker:1883/home",
        "mqtt://broker?x=1",
        "mqtt://[::1",
        "mqtt://bro..ker",
        f"mqtt://:{SECRET}@broker",
        f"mqtt://gateway:{SECRET}/x@broker",
        f"mqtt://gateway:{SECRET}#x@broker",
        f"mqtt://gateway:{SECRET}\N{DOUBLE EXCLAMATION MARK}\N{FULLWIDTH NUMBER SIGN}@broker",
        f"http://gateway:{SECRET}@broker",
    ],
)
def test_what_is_no_address_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(Invalid, match="a broker's address is mqtt://") as refused:
        BrokerUrl.parse(text)
    assert SECRET not in str(refused.value)
    assert refused.value.__cause__ is None


def test_the_password_is_in_no_text() -> None:
    url = BrokerUrl.parse(f"mqtt://gateway:{SECRET}@broker")
    assert url.password == SECRET
    assert SECRET not in f"{url} {url!r}"
    assert str(url) == "broker:1883"


@given(st.text() | st.text().map("mqtt://{}".format) | st.text().map("mqtts://u:p@{}".format))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    try:
        url = BrokerUrl.parse(text)
    except Invalid:
        return
    assert url.host
    assert 0 < url.port < 65536


@given(st.integers(min_value=1, max_value=10**9))
def test_the_wait_is_within_its_bounds(failures: int) -> None:
    assert 1.0 <= Backoff().delay(failures) <= 30.0


def test_the_wait_grows_and_is_never_the_same_for_all() -> None:
    backoff = Backoff()
    firsts = {backoff.delay(1) for _ in range(20)}
    assert len(firsts) > 1
    assert max(firsts) < 15.0 <= min(backoff.delay(9) for _ in range(20))
