"""Services elsewhere for tests, over the real protocol: they take, refuse, are slow, or cut off.

``PushService`` is as strict as those of the browsers' makers: it checks the signed claims (RFC
8292), and its phone decrypts what it is sent (RFC 8291).
"""

import json
import threading
from base64 import urlsafe_b64decode, urlsafe_b64encode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02


class Service:
    """Takes JSON by POST. ``mood``: ``takes``, a status such as ``401``, ``cuts`` or ``hangs``."""

    def __init__(self) -> None:
        self.mood = "takes"
        self.came: list[dict[str, Any]] = []
        self.asked = threading.Semaphore(0)
        self.go_on = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._answering())
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.go_on.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def read(self, headers: Any, body: bytes) -> dict[str, Any]:
        """What came, as the one at the other end reads it."""
        found: dict[str, Any] = json.loads(body)
        return found

    def _answering(self) -> type[BaseHTTPRequestHandler]:
        service = self

        class Answering(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                service.asked.release()
                if service.mood == "cuts":
                    self.wfile.write(b"HTTP/1.1 20")
                    self.wfile.flush()
                    self.connection.close()
                    return
                if service.mood == "hangs":
                    service.go_on.wait(40)
                if service.mood in {"takes", "hangs"}:
                    service.came.append(service.read(self.headers, body))
                status = int(service.mood) if service.mood.isdigit() else 201
                self.send_response(status)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                return

        return Answering


class PushService(Service):
    """A push service and one phone behind it."""

    def __init__(self) -> None:
        super().__init__()
        self._private = ec.generate_private_key(ec.SECP256R1())
        self._auth = b"0123456789abcdef"

    def subscription(self, origin: str | None = None) -> dict[str, Any]:
        """What the phone's browser gives the page."""
        point = self._private.public_key().public_bytes(
            Encoding.X962, PublicFormat.UncompressedPoint
        )
        where = origin or f"http://127.0.0.1:{self.port}"
        return {
            "endpoint": f"{where}/push/very-secret-place",
            "keys": {"p256dh": _text(point), "auth": _text(self._auth)},
        }

    def read(self, headers: Any, body: bytes) -> dict[str, Any]:
        """Check the signature, then decrypt as the phone would."""
        scheme, _, rest = headers["authorization"].partition(" ")
        assert scheme == "vapid", scheme
        parts = dict(part.strip().split("=", 1) for part in rest.split(","))
        claims = json.loads(_bytes(parts["t"].split(".")[1]))
        assert claims["aud"] == f"http://127.0.0.1:{self.port}"
        assert Vapid02.verify(headers["authorization"])
        assert headers["content-encoding"] == "aes128gcm"
        assert int(headers["ttl"]) > 0
        plain = http_ece.decrypt(
            body, private_key=self._private, auth_secret=self._auth, version="aes128gcm"
        )
        found: dict[str, Any] = json.loads(plain)
        return {**found, "urgency": headers["urgency"], "contact": claims["sub"]}


def _text(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
