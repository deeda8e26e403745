"""Signing in through the organisation's own provider: whether that can work from here.

What a sign-in would ask first is asked: the provider's discovery. Nobody is signed in.
"""

import json
import urllib.request
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit

from nightwarden.checking.finding import Finding, fine, wrong
from nightwarden.openid_settings import OpenIdSettings

ABOUT = "sign-in"
ANSWERS_WITHIN_S = 5.0
LARGEST = 1 << 20
DISCOVERY = "/.well-known/openid-configuration"
_WANTED = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_MEANWHILE = "names, PINs and passwords go on working."


def look_at_openid(settings: OpenIdSettings) -> Finding:
    """A line for the provider of ``settings``."""
    url = settings.issuer.rstrip("/") + DISCOVERY
    try:
        with urllib.request.urlopen(url, timeout=ANSWERS_WITHIN_S) as answer:  # noqa: S310
            found: Any = json.loads(answer.read(LARGEST))
    except HTTPError as problem:
        with problem:
            return _wrong(f"{url} answers {problem.code}; look at --openid and at the provider")
    except (URLError, OSError) as problem:
        why = getattr(problem, "reason", problem)
        return _wrong(f"{url} cannot be reached ({why}); look at the network and at --openid")
    except ValueError:
        return _wrong(f"{url} is no provider's discovery; --openid must be its issuer")
    if not isinstance(found, dict) or found.get("issuer") != settings.issuer:
        told = found.get("issuer") if isinstance(found, dict) else None
        return _wrong(
            f'the provider calls itself "{told}" and --openid is "{settings.issuer}"; they must be '
            "equal to the letter"
        )
    ours = urlsplit(settings.issuer).scheme
    for name in _WANTED:
        if urlsplit(str(found.get(name))).scheme not in ("https", ours):
            return _wrong(f"its {name} is missing or not https; the provider must give one")
    return fine(
        ABOUT, f'{settings.issuer} answers as itself and is asked as client "{settings.client}".'
    )


def _wrong(why: str) -> Finding:
    return wrong(ABOUT, f"Nobody can sign in through the provider: {why}; meanwhile {_MEANWHILE}")
