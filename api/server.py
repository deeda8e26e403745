"""The web server: where it listens, and how it ends with thirty streams open.

A stream never ends by itself, so a server that waits for its answers to end would wait for ever.
The streams are therefore ended first; their readers resume at the next server.
"""

import errno
import socket

import uvicorn
from fastapi import FastAPI

from api.stream import StreamHub
from nightwarden.errors import Invalid

STOPS_WITHIN_S = 3
"""How long an answer may take after the server was told to stop."""


class ApiServer(uvicorn.Server):
    """Serves one app until it is told to stop."""

    def __init__(self, app: FastAPI) -> None:
        self._hub: StreamHub = app.state.parts.hub
        super().__init__(
            uvicorn.Config(
                app,
                access_log=False,
                log_config=None,
                lifespan="on",
                server_header=False,
                ws="none",
                timeout_graceful_shutdown=STOPS_WITHIN_S,
            )
        )

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the streams, then everything else."""
        self._hub.close()
        await super().shutdown(sockets)


def listen(address: str) -> socket.socket:
    """A socket that listens at ``HOST:PORT``; port 0 takes any that is free.

    Raises:
        Invalid: that is no address of this machine, or another program has it.
    """
    host, colon, port = address.rpartition(":")
    host = host.strip("[]")
    if not colon or not host or not port.isascii() or not port.isdigit() or int(port) > 65_535:
        raise Invalid(f'"{address}" is not HOST:PORT, such as 127.0.0.1:8080.')
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named, asyncio turns Nagle's algorithm off for whoever connects; without it
    # every small answer waits 40 ms for an acknowledgement.
    opened = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        opened.bind((host, int(port)))
        opened.listen(256)
    except OSError as problem:
        opened.close()
        raise Invalid(_refused(address, problem)) from None
    return opened


def shown(listening: socket.socket) -> str:
    """The address as a browser on this machine would use it: ``http://HOST:PORT``."""
    host, port = listening.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _refused(address: str, problem: OSError) -> str:
    match problem.errno:
        case errno.EADDRINUSE:
            return (
                f"{address} is in use by another program; "
                "stop that one, or choose another address with --http HOST:PORT."
            )
        case errno.EACCES:
            return f"{address} needs more rights; choose a port above 1023 with --http HOST:PORT."
        case _:
            return f"{address} cannot be listened at: {problem.strerror or problem}."
