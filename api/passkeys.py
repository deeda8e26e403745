"""Passkeys (WebAuthn, level 3): asking a device to prove whose it is, and believing what fits.

1. What a device signs is a question of 32 random bytes. It is kept here for five minutes under a
   cookie of the browser that asked, and each is answered once, right or wrong.
2. The device must have made sure of the person (their finger, face or its own PIN), so a passkey is
   both steps in one: what one has, and what one is or knows.
3. It proves somebody for the address in the browser's bar and no other: the ``Host`` of the
   request, over https, or this machine itself (``localhost``). Browsers keep no passkeys for an
   address of digits.
4. Which make a device is, is not asked (no attestation), and what one says of it is not read.
5. A device that counts its uses must count on, else there are two of it.
6. What reads the answers is imported when one comes: most homes' pages never need it.
"""

import hmac
import secrets
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson

from nightwarden.errors import Invalid, Unauthenticated
from nightwarden.model.phrases import phrase
from nightwarden.store.passkeys import NewPasskey, Owner
from nightwarden.store.tables import Passkey

WITHIN = timedelta(minutes=5)
QUESTION_BYTES = 32
MOST_ASKED = 1_000
"""Questions that wait for an answer; the oldest goes first."""
MOST_FROM_ONE = 20
"""From one address, so that nobody pushes out everybody else's. Judgement."""

LONGEST_ANSWER = 20_000
"""Signs; with the longest name and key that the standard has, an answer has some 6,000."""

NOT_RIGHT = phrase("That passkey does not open this home; sign in with your name.")
TOO_LATE = phrase("That took too long, or was not begun here; begin again.")


@dataclass(frozen=True, slots=True)
class Site:
    """Where a passkey is to work: the name in the browser's bar, and how pages there call it."""

    host: str
    origins: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question on its way. ``owner``: who adds a passkey; None: whoever signs in."""

    at: datetime
    question: bytes
    site: Site
    asked_from: str
    owner: Owner | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a device says to a sign-in, not believed yet."""

    credential: str
    handle: bytes
    whole: dict[str, Any]


def site_of(host: str) -> Site:
    """The site of a request by its ``Host``, which no page elsewhere can choose for a browser.

    Raises:
        Invalid: browsers keep no passkeys for such an address.
    """
    host = host.strip().lower()
    name = host.partition(":")[0]
    if not name or name.startswith("[") or name.replace(".", "").isdigit():
        raise Invalid("Passkeys need an address with a name, such as https://nightwarden.example.")
    secure = f"https://{host}"
    here = name == "localhost" or name.endswith(".localhost")
    return Site(name, (secure, f"http://{host}") if here else (secure,))


class Passkeys:
    """The questions of one app. Safe to share between threads."""

    def __init__(self) -> None:
        self._asked: dict[str, Asked] = {}
        self._lock = threading.Lock()

    def ask_for_new(
        self, now: datetime, site: Site, asked_from: str, owner: Owner, home: str
    ) -> tuple[str, str]:
        """What a browser needs to have a passkey made, as JSON, and the value for the cookie."""
        from webauthn import base64url_to_bytes, generate_registration_options, options_to_json
        from webauthn.helpers import structs

        asked = Asked(now, secrets.token_bytes(QUESTION_BYTES), site, asked_from, owner)
        options = generate_registration_options(
            rp_id=site.host,
            rp_name=home,
            user_name=owner.name,
            user_id=owner.handle,
            challenge=asked.question,
            timeout=_ms(WITHIN),
            attestation=structs.AttestationConveyancePreference.NONE,
            authenticator_selection=structs.AuthenticatorSelectionCriteria(
                resident_key=structs.ResidentKeyRequirement.REQUIRED,
                user_verification=structs.UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=[
                structs.PublicKeyCredentialDescriptor(id=base64url_to_bytes(known))
                for known in owner.credentials
            ],
        )
        return options_to_json(options), self._keep(asked)

    def ask_who(self, now: datetime, site: Site, asked_from: str) -> tuple[str, str]:
        """What a browser needs to have somebody prove themselves, and the value for the cookie."""
        from webauthn import generate_authentication_options, options_to_json
        from webauthn.helpers.structs import UserVerificationRequirement

        asked = Asked(now, secrets.token_bytes(QUESTION_BYTES), site, asked_from, None)
        options = generate_authentication_options(
            rp_id=site.host,
            challenge=asked.question,
            timeout=_ms(WITHIN),
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        return options_to_json(options), self._keep(asked)

    def answered(self, cookie: str, adds: str | None, now: datetime) -> Asked:
        """The question that this browser was asked, once; ``adds``: the person who adds a passkey.

        Raises:
            Unauthenticated: there is none, it is too old, or it was another.
        """
        with self._lock:
            asked = self._asked.pop(cookie, None)
        of = None if asked is None or asked.owner is None else asked.owner.name
        if asked is None or now - asked.at >= WITHIN or of != adds:
            raise Unauthenticated(TOO_LATE)
        return asked

    def _keep(self, asked: Asked) -> str:
        cookie = secrets.token_urlsafe(32)
        with self._lock:
            own = [key for key, old in self._asked.items() if old.asked_from == asked.asked_from]
            for key in own[: max(0, len(own) - MOST_FROM_ONE + 1)]:
                del self._asked[key]
            self._asked[cookie] = asked
            while len(self._asked) > MOST_ASKED:
                del self._asked[next(iter(self._asked))]
        return cookie


def made(asked: Asked, text: str) -> NewPasskey:
    """The passkey that a device has made.

    Raises:
        Invalid: what came does not fit the question, or is none.
    """
    from webauthn import verify_registration_response
    from webauthn.helpers import (
        bytes_to_base64url,
        decode_credential_public_key,
        decoded_public_key_to_cryptography,
    )

    assert asked.owner is not None
    try:
        read = verify_registration_response(
            credential=_unattested(_read(text)),
            expected_challenge=asked.question,
            expected_rp_id=asked.site.host,
            expected_origin=list(asked.site.origins),
            require_user_verification=True,
        )
        key = decode_credential_public_key(read.credential_public_key)
        decoded_public_key_to_cryptography(key)  # or it would open nothing, and say so at night
    except _unreadable():
        raise Invalid("What the device sent is not a passkey for this home; try again.") from None
    return NewPasskey(
        bytes_to_base64url(read.credential_id),
        asked.owner.handle,
        read.credential_public_key,
        read.sign_count,
        asked.site.host,
    )


def answer_of(text: str) -> Answer:
    """Which passkey answers a sign-in.

    Raises:
        Unauthenticated: it is none that could.
    """
    from webauthn.helpers import bytes_to_base64url, parse_authentication_credential_json

    try:
        whole = _read(text)
        said = parse_authentication_credential_json(whole)
    except _unreadable():
        raise Unauthenticated(NOT_RIGHT) from None
    return Answer(bytes_to_base64url(said.raw_id), said.response.user_handle or b"", whole)


def proved(asked: Asked, answer: Answer, key: Passkey | None) -> tuple[Passkey, int]:
    """The passkey that has proved right, and how often the device says that it was used.

    Raises:
        Unauthenticated: there is none, or the answer does not fit the question, the address, the
            person or the count.
    """
    from webauthn import verify_authentication_response

    if key is None or key.host != asked.site.host:
        raise Unauthenticated(NOT_RIGHT)
    if not hmac.compare_digest(key.handle, answer.handle):
        raise Unauthenticated(NOT_RIGHT)
    try:
        read = verify_authentication_response(
            credential=answer.whole,
            expected_challenge=asked.question,
            expected_rp_id=key.host,
            expected_origin=list(asked.site.origins),
            credential_public_key=key.public_key,
            credential_current_sign_count=key.sign_count,
            require_user_verification=True,
        )
    except _unreadable():
        raise Unauthenticated(NOT_RIGHT) from None
    return key, read.new_sign_count


def _read(text: str) -> dict[str, Any]:
    if len(text) > LONGEST_ANSWER:
        raise ValueError(len(text))
    read = orjson.loads(text)
    if not isinstance(read, dict) or not isinstance(read.get("response"), dict):
        raise TypeError("not an answer")
    return read


def _unattested(whole: dict[str, Any]) -> dict[str, Any]:
    """The same without what the device says of its make, so that nothing reads it."""
    from webauthn import base64url_to_bytes
    from webauthn.helpers import bytes_to_base64url, encode_cbor, parse_cbor

    said = parse_cbor(base64url_to_bytes(whole["response"]["attestationObject"]))
    bare = {"fmt": "none", "attStmt": {}, "authData": said["authData"]}
    packed = bytes_to_base64url(encode_cbor(bare))
    return {**whole, "response": {**whole["response"], "attestationObject": packed}}


def _unreadable() -> tuple[type[Exception], ...]:
    """What the parsers raise for bytes that are no answer; the rest would be a fault of ours."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from webauthn.helpers.exceptions import WebAuthnException

    wrong = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError)
    return (WebAuthnException, UnsupportedAlgorithm, *wrong)


def _ms(length: timedelta) -> int:
    return length // timedelta(milliseconds=1)
