"""A small real HTTP server for tests: it counts what is fetched, and answers as it is told."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self


class WebServer:
    """Answers every GET with ``status`` once ``gate`` is open; ``fetched`` has the paths."""

    def __init__(self) -> None:
        self.fetched: list[str] = []
        self.status = 200
        self.leads_to: str | None = None
        self.gate = threading.Event()
        self.gate.set()
        server = self

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:  # the name is the library's
                server.fetched.append(self.path)
                server.gate.wait(60)
                self.send_response(302 if server.leads_to else server.status)
                if server.leads_to:
                    self.send_header("Location", server.leads_to)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:  # not into the test's output
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self.url = f"http://127.0.0.1:{self._server.server_port}/ping/s3cret"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.gate.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
