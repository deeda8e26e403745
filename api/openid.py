"""OpenID Connect: asking the provider who somebody is, and believing the answer only if it fits.

1. The authorization code flow with PKCE (S256), ``state`` and ``nonce``. What was begun is kept
   here for ten minutes under a cookie of this browser, so an answer that another browser brings
   fits nothing, and each is taken once.
2. The ID token must be signed by a key that the provider publishes, with an algorithm of two keys;
   issuer, audience, authorized party, nonce and times are checked (authlib, joserfc).
3. Nothing is kept of the provider between two sign-ins, so a changed key or address needs nothing.
4. What speaks with a provider is imported when one is asked: a home without one starts sooner.
5. When the provider does not answer, the sentence says so, and names, PINs and passwords go on
   working. It is asked for nothing else: who has signed in stays so without it.
"""

import hmac
import secrets
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from nightwarden.errors import NightwardenError, Unauthenticated
from nightwarden.model.roles import Role
from nightwarden.openid_settings import OpenIdSettings
from nightwarden.store.provider_people import Identity
from nightwarden.store.sessions import Place

ALGORITHMS = ("RS256", "PS256", "ES256", "RS384", "PS384", "ES384", "RS512", "PS512", "ES512")
"""Signed with one key and checked with another; never ``none``, never with our own secret."""

WITHIN = timedelta(minutes=10)
MOST_BEGUN = 200
"""Sign-ins that were begun and not ended; the oldest goes first."""
ANSWERS_WITHIN_S = 5.0
CLOCKS_DIFFER_S = 60
BACK = "/signin/openid/back"


class ProviderDown(NightwardenError):
    """The provider cannot be asked; local names go on working."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in on its way. ``link_for``: the person here who links their account, or nobody."""

    at: datetime
    state: str
    nonce: str
    verifier: str
    back: str
    goes_to: str
    place: Place
    link_for: str | None
    metadata: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Vouched:
    """Who it is, and what their groups give them here."""

    identity: Identity
    role: Role | None


class OpenId:
    """One provider. Safe to share between threads."""

    def __init__(self, settings: OpenIdSettings) -> None:
        self.settings = settings
        self._begun: dict[str, Begun] = {}
        self._lock = threading.Lock()

    def begin(
        self, now: datetime, base: str, goes_to: str, place: Place, link_for: str | None
    ) -> tuple[str, str]:
        """Begin a sign-in: the provider's address to go to, and the value for the cookie.

        Raises:
            ProviderDown: it does not answer, or not as a provider does.
        """
        metadata = self._metadata()
        begun = Begun(
            now,
            state=secrets.token_urlsafe(32),
            nonce=secrets.token_urlsafe(32),
            verifier=secrets.token_urlsafe(48),
            back=(self.settings.address or base.rstrip("/")) + BACK,
            goes_to=goes_to,
            place=place,
            link_for=link_for,
            metadata=metadata,
        )
        url, _ = self._client(begun.back).create_authorization_url(
            metadata["authorization_endpoint"],
            state=begun.state,
            nonce=begun.nonce,
            code_verifier=begun.verifier,
        )
        cookie = secrets.token_urlsafe(32)
        with self._lock:
            self._begun[cookie] = begun
            while len(self._begun) > MOST_BEGUN:
                del self._begun[next(iter(self._begun))]
        return str(url), cookie

    def answered(self, cookie: str, answer: dict[str, str], now: datetime) -> tuple[Begun, Vouched]:
        """What the browser brought back from the provider, checked.

        Raises:
            Unauthenticated: it fits nothing that was begun here, or the token is not right.
            ProviderDown: the provider does not answer.
        """
        with self._lock:
            begun = self._begun.pop(cookie, None)
        if begun is None or now - begun.at >= WITHIN:
            raise Unauthenticated("That sign-in was not begun here, or too long ago; begin again.")
        if not hmac.compare_digest(begun.state.encode(), answer.get("state", "").encode()):
            raise Unauthenticated("The answer does not belong to this sign-in; begin again.")
        if answer.get("iss", self.settings.issuer) != self.settings.issuer:
            raise Unauthenticated("The answer came from another provider; begin again.")
        if "error" in answer or not answer.get("code"):
            raise Unauthenticated("The provider did not let you in; begin again, or sign in here.")
        return begun, self._vouched(begun, self._token(begun, answer["code"]), now)

    def _token(self, begun: Begun, code: str) -> str:
        from authlib.integrations.base_client import OAuthError

        try:
            token = self._client(begun.back).fetch_token(
                begun.metadata["token_endpoint"], code=code, code_verifier=begun.verifier
            )
        except OAuthError:
            raise Unauthenticated("The provider took its answer back; begin again.") from None
        except (OSError, ValueError):
            raise self._down() from None
        return str(token.get("id_token", ""))

    def _vouched(self, begun: Begun, token: str, now: datetime) -> Vouched:
        from authlib.oidc.core import CodeIDToken
        from joserfc import jwt
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        try:
            keys = KeySet.import_key_set(self._get(begun.metadata["jwks_uri"]))
            read = jwt.decode(token, keys, algorithms=ALGORITHMS)
            claims = CodeIDToken(
                read.claims,
                read.header,
                {
                    "iss": {"essential": True, "value": self.settings.issuer},
                    "aud": {"essential": True, "value": self.settings.client},
                },
                {"nonce": begun.nonce, "client_id": self.settings.client},
            )
            claims.validate(now=int(now.timestamp()), leeway=CLOCKS_DIFFER_S)
        except (JoseError, ValueError, KeyError, TypeError):
            raise Unauthenticated(
                "What the provider says of you cannot be believed; sign in here and tell a manager."
            ) from None
        name = str(claims.get("name") or claims.get("preferred_username") or claims["sub"])
        identity = Identity(self.settings.issuer, str(claims["sub"]), name[:60])
        return Vouched(identity, self.settings.role_of(claims.get(self.settings.groups_claim)))

    def _metadata(self) -> dict[str, Any]:
        found: dict[str, Any] = self._get(
            f"{self.settings.issuer.rstrip('/')}/.well-known/openid-configuration"
        )
        wanted = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        ours = urlsplit(self.settings.issuer).scheme
        if found.get("issuer") != self.settings.issuer or any(
            urlsplit(str(found.get(name))).scheme not in ("https", ours) for name in wanted
        ):
            raise self._down()
        return found

    def _get(self, url: str) -> Any:
        from authlib.integrations.requests_client import OAuth2Session

        try:
            with OAuth2Session(default_timeout=ANSWERS_WITHIN_S) as session:
                answer = session.get(url, withhold_token=True)
                answer.raise_for_status()
                found = answer.json()
        except (OSError, ValueError):  # what requests raises is an OSError
            raise self._down() from None
        if not isinstance(found, dict):
            raise self._down()
        return found

    def _client(self, back: str) -> Any:
        from authlib.integrations.requests_client import OAuth2Session

        return OAuth2Session(
            self.settings.client,
            self.settings.secret,
            scope="openid profile",
            redirect_uri=back,
            code_challenge_method="S256",
            default_timeout=ANSWERS_WITHIN_S,
        )

    def _down(self) -> ProviderDown:
        host = urlsplit(self.settings.issuer).hostname
        return ProviderDown(
            f"The provider at {host} does not answer; sign in with your name and your PIN or "
            "password."
        )
