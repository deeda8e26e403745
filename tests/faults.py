"""What goes wrong around the program, made to go wrong: a network, a store, a disk."""

import os
import resource
import selectors
import socket
import sqlite3
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Self

MIB = 1024 * 1024


class SilentProxy:
    """A way to a broker that can fall silent without closing: what a dead network looks like.

    Connections that were there when it fell silent stay silent; after :meth:`heal` new ones work.
    """

    def __init__(self, port: int) -> None:
        self._to = ("127.0.0.1", port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._ends: dict[socket.socket, socket.socket] = {}
        self._dead: set[socket.socket] = set()
        self._silent = False
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._carry)
        self.url = f"mqtt://127.0.0.1:{self._listener.getsockname()[1]}"

    def go_silent(self) -> None:
        """From now on nothing passes, and nobody is told."""
        self._silent = True

    def heal(self) -> None:
        """New connections work again."""
        self._silent = False

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        for end in [*self._ends, *self._dead, self._listener]:
            end.close()
        self._selector.close()

    def _carry(self) -> None:
        while not self._over.is_set():
            for key, _ in self._selector.select(0.05):
                end = key.fileobj
                assert isinstance(end, socket.socket)
                if end is self._listener:
                    self._accept()
                elif end in self._ends:
                    self._pass_on(end)
            if self._silent:
                self._let_die()

    def _accept(self) -> None:
        near, _ = self._listener.accept()
        if self._silent:
            self._dead.add(near)
            return
        far = socket.create_connection(self._to)
        for end, other in ((near, far), (far, near)):
            self._ends[end] = other
            self._selector.register(end, selectors.EVENT_READ)

    def _pass_on(self, end: socket.socket) -> None:
        if self._silent:
            return
        other = self._ends[end]
        try:
            received = end.recv(65536)
        except OSError:
            received = b""
        if received:
            with suppress(OSError):
                other.sendall(received)
            return
        for one in (end, other):
            self._selector.unregister(one)
            del self._ends[one]
            one.close()

    def _let_die(self) -> None:
        for end in list(self._ends):
            self._selector.unregister(end)
            del self._ends[end]
            self._dead.add(end)


@contextmanager
def locked(store: Path) -> Iterator[None]:
    """Another process would hold the store's write lock like this, for as long as it takes."""
    with closing(sqlite3.connect(store, isolation_level=None, timeout=60)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@contextmanager
def locked_in_turns(store: Path, hold_s: float, pause_s: float) -> Iterator[None]:
    """Somebody takes the write lock again and again."""
    over = threading.Event()

    def take_turns() -> None:
        while not over.wait(pause_s):
            with locked(store):
                time.sleep(hold_s)

    thread = threading.Thread(target=take_turns)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@contextmanager
def small_disk(folder: Path, mib: int) -> Iterator[bool]:
    """A small disk of its own at ``folder``; False where this user may not mount one."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={mib}m", "tmpfs", str(folder)]
    mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def full_disk(folder: Path, writer: int, *, mounted: bool) -> Iterator[None]:
    """No room for one more page: the disk is filled, or the writer's files may not grow.

    Args:
        folder: where the store is.
        writer: the process that writes it.
        mounted: whether ``folder`` is a small disk of its own.
    """
    if mounted:
        filler = folder / "filler"
        with filler.open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(bytes(4096))
        try:
            yield
        finally:
            filler.unlink()
        return
    soft, hard = resource.prlimit(writer, resource.RLIMIT_FSIZE)
    resource.prlimit(writer, resource.RLIMIT_FSIZE, (os.sysconf("SC_PAGESIZE"), hard))
    try:
        yield
    finally:
        resource.prlimit(writer, resource.RLIMIT_FSIZE, (soft, hard))
