"""A small real OpenID provider for tests: real HTTP, real keys, strict about what it is sent."""

import base64
import json
import secrets
import threading
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlencode, urlsplit

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

CLIENT, SECRET = "nightwarden", "a secret / between + two"


class OpenIdProvider:
    """Lets ``person`` in without asking. ``over`` replaces claims of the next ID tokens."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.person: dict[str, Any] = {"sub": "u-1", "name": "Olga Berg", "groups": ["night"]}
        self.over: dict[str, Any] = {}
        self.published = RSAKey.generate_key(2048, {"kid": "k1"})
        self.signing: RSAKey | OctKey = self.published
        self.algorithm = "RS256"
        self.down = False
        self.tokens = 0
        self._codes: dict[str, dict[str, str]] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._answer())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self.issuer = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def configuration(self) -> dict[str, Any]:
        """What discovery says."""
        paths = {
            "authorization_endpoint": "authorize",
            "token_endpoint": "token",
            "jwks_uri": "keys",
        }
        return {"issuer": self.issuer} | {n: f"{self.issuer}/{p}" for n, p in paths.items()}

    def authorize(self, asked: dict[str, str]) -> str:
        """Where to send the browser back to, with a code."""
        assert asked["client_id"] == CLIENT
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = secrets.token_urlsafe(8)
        self._codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        """An ID token for a code, once, to the client that holds secret and verifier."""
        given = base64.b64decode(authorization.removeprefix("Basic ")).decode()
        asked = self._codes.pop(form.get("code", ""), None)
        fits = (
            asked is not None
            and given == f"{CLIENT}:{SECRET}"
            and form["redirect_uri"] == asked["redirect_uri"]
            and create_s256_code_challenge(form["code_verifier"]) == asked["code_challenge"]
        )
        if asked is None or not fits:
            return 400, {"error": "invalid_grant"}
        at = int(self.now.timestamp())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": at, "exp": at + 300}
        claims |= {"nonce": asked["nonce"]} | self.person | self.over
        claims = {name: value for name, value in claims.items() if value is not None}
        self.tokens += 1
        header = {"alg": self.algorithm, "kid": "k1"}
        signed = jwt.encode(header, claims, self.signing, algorithms=[self.algorithm])
        return 200, {"access_token": "x", "token_type": "Bearer", "id_token": signed}

    def _answer(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:  # the name is the library's
                parts = urlsplit(self.path)
                if provider.down:
                    self._json(503, {})
                elif parts.path == "/.well-known/openid-configuration":
                    self._json(200, provider.configuration())
                elif parts.path == "/keys":
                    self._json(200, {"keys": [provider.published.as_dict(private=False)]})
                else:
                    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
                    self.send_response(302)
                    self.send_header("Location", provider.authorize(asked))
                    self.send_header("Content-Length", "0")
                    self.end_headers()

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                form = {name: values[0] for name, values in parse_qs(body).items()}
                self._json(*provider.token(form, self.headers["Authorization"] or ""))

            def _json(self, status: int, content: dict[str, Any]) -> None:
                sent = json.dumps(content).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(sent)))
                self.end_headers()
                self.wfile.write(sent)

            def log_message(self, *_: object) -> None:  # not into the test's output
                pass

        return Answer
