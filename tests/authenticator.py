"""A device that keeps passkeys, in software: it makes keys and signs as WebAuthn has it (ES256).

It is made of the standard alone, without the library that reads its answers.
"""

import hashlib
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, VERIFIED, WITH_KEY = 1, 4, 64


def text_of(raw: bytes) -> str:
    """Base64url without its padding, as the browser's scripts write it."""
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def bytes_of(text: str) -> bytes:
    """The way back."""
    return urlsafe_b64decode(text + "===")


class Authenticator:
    """One device at one page. What it says can be turned wrong: see the attributes."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.flags = PRESENT | VERIFIED
        self.count = 0
        self.id = secrets.token_bytes(16)
        self.handle = b""
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.attestation: dict[str, Any] = {"fmt": "none", "attStmt": {}}

    def make(self, options: str) -> str:
        """What ``navigator.credentials.create()`` comes to."""
        asked = json.loads(options)
        self.handle = bytes_of(asked["user"]["id"])
        point = self.key.public_key().public_numbers()
        x, y = point.x.to_bytes(32, "big"), point.y.to_bytes(32, "big")
        cose = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})
        kept = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cose
        data = self._data(asked["rp"]["id"], WITH_KEY) + kept
        said = {
            "clientDataJSON": text_of(self._client_data("webauthn.create", asked)),
            "attestationObject": text_of(cbor2.dumps({**self.attestation, "authData": data})),
        }
        return self._answer(said)

    def prove(self, options: str) -> str:
        """What ``navigator.credentials.get()`` comes to."""
        asked = json.loads(options)
        self.count += 1
        data = self._data(asked["rpId"])
        client = self._client_data("webauthn.get", asked)
        signed = data + hashlib.sha256(client).digest()
        said = {
            "clientDataJSON": text_of(client),
            "authenticatorData": text_of(data),
            "signature": text_of(self.key.sign(signed, ec.ECDSA(hashes.SHA256()))),
            "userHandle": text_of(self.handle),
        }
        return self._answer(said)

    def _answer(self, said: dict[str, str]) -> str:
        own = text_of(self.id)
        return json.dumps({"id": own, "rawId": own, "type": "public-key", "response": said})

    def _client_data(self, kind: str, asked: dict[str, Any]) -> bytes:
        what = {"type": kind, "challenge": asked["challenge"], "origin": self.origin}
        return json.dumps({**what, "crossOrigin": False}).encode()

    def _data(self, host: str, more: int = 0) -> bytes:
        flags = bytes([self.flags | more])
        return hashlib.sha256(host.encode()).digest() + flags + self.count.to_bytes(4, "big")
