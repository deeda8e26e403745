"""Web Push: a phone that somebody has enrolled shows a message though no page is open on it.

1. The keys of the home are made at first use, in the data folder, for its owner alone. With other
   keys every phone has to be enrolled again.
2. The message is encrypted for the one phone (RFC 8291); the push service of the browser's maker
   sees when, to whom and how much, never what. That the service took it says nothing of the phone:
   the phone itself says when it has shown it, by a token that it was sent.
3. Only an address under https is let in, of a host with a name. What a browser gives as its
   subscription is otherwise an address of somebody's choice that this machine would call.
"""

import hmac
import logging
import os
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson

from nightwarden.elsewhere.contact import NOBODY
from nightwarden.errors import DeliveryFailed, Invalid
from nightwarden.model.phrases import phrase

KEYS = "push-key.pem"
KEPT_S = 15 * 60
"""How long a push service keeps it for a phone that is off: later the call is over."""

ANSWERS_WITHIN_S = 8.0
_POINT, _AUTH = 65, 16


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a browser gave: where to send, and for whom to encrypt."""

    endpoint: str
    p256dh: str
    auth: str

    def packed(self) -> str:
        """As the store keeps it."""
        keys = {"p256dh": self.p256dh, "auth": self.auth}
        return orjson.dumps({"endpoint": self.endpoint, "keys": keys}).decode()

    @property
    def service(self) -> str:
        """What people may see of it: whose push service it is."""
        return f"Web Push ({urlsplit(self.endpoint).hostname})"


def checked(subscription: Subscription) -> Subscription:
    """A subscription that a browser may really have given.

    Raises:
        Invalid: its address or its keys cannot be such.
    """
    address = urlsplit(subscription.endpoint)
    host = address.hostname or ""
    if address.scheme != "https" or "." not in host or _is_number(host) or address.username:
        raise Invalid("endpoint: it has to be the https address that the browser gave.")
    for name, size in (("p256dh", _POINT), ("auth", _AUTH)):
        if len(_decoded(getattr(subscription, name))) != size:
            raise Invalid(f"{name}: it has to be the key that the browser gave.")
    return subscription


def public_key(data: Path) -> str:
    """The home's public key as a browser wants it; the keys are made if there are none."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    point = _keys(data).public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return urlsafe_b64encode(point).decode().rstrip("=")


def token(data: Path, letter: int) -> str:
    """What a phone says to prove that it has got this letter."""
    key = (data / KEYS).read_bytes()
    return hmac.new(sha256(key).digest(), f"shown {letter}".encode(), sha256).hexdigest()


def proves(data: Path, letter: int, said: str) -> bool:
    """Whether ``said`` is the token of this letter."""
    if not (data / KEYS).is_file():
        return False
    return hmac.compare_digest(token(data, letter).encode(), said.encode())


def send(
    data: Path, subscription: str, body: dict[str, Any], contact: str = NOBODY, *, urgent: bool
) -> None:
    """Encrypt for the phone, hand it to its push service and wait for the answer.

    ``contact`` is whom the push service may write to, ``mailto:`` or ``https:``.

    Raises:
        DeliveryFailed: it was not taken; permanent where the subscription has ended.
    """
    import requests
    from pywebpush import WebPushException, webpush

    logging.getLogger("urllib3").setLevel(logging.INFO)  # at DEBUG it tells the subscription
    try:
        webpush(
            orjson.loads(subscription),
            orjson.dumps(body).decode(),
            vapid_private_key=_keys(data),
            vapid_claims={"sub": contact},
            ttl=KEPT_S,
            timeout=ANSWERS_WITHIN_S,
            headers={"Urgency": "high" if urgent else "normal"},
        )
    except WebPushException as refused:
        answer: Any = refused.response
        status = answer.status_code if answer is not None else 0
        raise _refused(int(status)) from None
    except requests.RequestException:
        why = phrase("the push service cannot be reached, or did not answer in time")
        raise DeliveryFailed(why) from None
    except Exception as fault:  # noqa: BLE001  keys that are on no curve, say
        why = phrase(f"it cannot be encrypted for this phone: {type(fault).__name__}")
        raise DeliveryFailed(why, permanent=True) from None


def _refused(status: int) -> DeliveryFailed:
    if status in {404, 410}:
        why = phrase("this phone's enrolment has ended; enrol it again")
        return DeliveryFailed(why, permanent=True)
    if status in {400, 401, 403}:
        why = phrase(f"the push service refused it ({status}); enrol this phone again")
        return DeliveryFailed(why, permanent=True)
    return DeliveryFailed(f"the push service did not take it ({status or 'no answer'})")


def _keys(data: Path) -> Any:
    from py_vapid import Vapid02

    path = data / KEYS
    if not path.is_file():
        _make(path)
    return Vapid02.from_pem(path.read_bytes())


def _make(path: Path) -> None:
    """Two processes may come here at once: the first to link its file wins, and both use that."""
    from py_vapid import Vapid02

    made = Vapid02()
    made.generate_keys()
    draft = path.with_name(f"{KEYS}.{secrets.token_hex(4)}")
    number = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(number, "wb") as out:
        out.write(made.private_pem())
        out.flush()
        os.fsync(out.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _decoded(text: str) -> bytes:
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return b""


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
