"""Runs the service: an HTTP server whose process receives, and beside it, in this one, detection and upkeep.

Who sends and who asks waits for nothing else: what goes on beside the answers begins, and is imported, after them.
"""

from __future__ import annotations

import ipaddress
import multiprocessing
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from waybill.console.logs import configuration, configure, log
from waybill.console.working import working
from waybill.durable import replace_file
from waybill.durable.locks import FileLock
from waybill.flow import memory
from waybill.flow.installation import Installation
from waybill.model.errors import UsageError, WaybillError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from waybill.flow.upkeep import Looked

STOP_SECONDS = 60
"""How long requests in hand may take when the service is to stop."""

HEAD_SECONDS = 10
"""How long a client may take for the head of a request."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where the service listens."""

    host: str
    port: int

    def check(self, *, behind_proxy: bool) -> None:
        """Raise UsageError for an address that others reach, unless a proxy with TLS is said to stand in front."""
        try:
            local = ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            raise UsageError("this is no IP address", where=self.host, expected="such as 127.0.0.1 or ::1") from None
        if not local and not behind_proxy:
            raise UsageError(
                "others could reach the service, and read tokens and records on their way: it speaks no TLS itself",
                where=f"--host {self.host}",
                expected="127.0.0.1, with a proxy in front that speaks TLS (docs/operating.md shows one)",
                advice="say --behind-proxy if only such a proxy can reach this address",
            )

    def check_free(self) -> None:
        """Raise UsageError if something listens here already; the HTTP server itself would share the port with it."""
        with socket.socket(socket.AF_INET6 if ":" in self.host else socket.AF_INET) as one:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                one.bind((self.host, self.port))
            except OSError as error:
                raise UsageError(
                    f"this address cannot be used: {error.strerror}",
                    where=f"{self.host} port {self.port}",
                    advice="name another with --host and --port",
                ) from None


def serve(data: Path, address: Address) -> None:
    """Serve until SIGTERM or SIGINT; then finish what is in hand. Raises what opening the data folder raises."""
    from granian.constants import HTTPModes, Interfaces
    from granian.http import HTTP1Settings
    from granian.log import LogLevels
    from granian.server import Server

    from waybill.console.beginning import THREADS, begin

    configure()
    memory.keep_little()
    multiprocessing.set_start_method("spawn", force=True)  # a fork would copy the threads' locks as they stand
    os.environ.setdefault("MALLOC_ARENA_MAX", "2")  # glibc keeps an arena a thread: 270 MiB more under load, measured
    installation = Installation.open(data, create=True)
    address.check_free()
    names = ["localhost", "127.0.0.1", "[::1]", address.host, *installation.settings.serve_names]
    server = Server(
        "waybill",
        address=address.host,
        port=address.port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEAD_SECONDS * 1000),
        websockets=False,
        workers=1,
        blocking_threads=THREADS,
        backpressure=THREADS,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
        log_dictconfig=configuration(),
        log_level=LogLevels.error,
    )
    begun, tell_begun = multiprocessing.Pipe(duplex=False)
    with _alone(installation), _beside(data, installation, begun):
        log().info("serving", host=address.host, port=address.port)
        _tell_first_link(installation, address)
        server.serve(target_loader=partial(begin, data, names, address.port, tell_begun), wrap_loader=False)
    log().info("stopped")


def _tell_first_link(installation: Installation, address: Address) -> None:
    """Where nobody has an account yet, tell the link by which the first administrator makes one: once, for a day.

    It opens everything, and logs are read by many: so it goes to a terminal, or else into a file for the owner alone.
    """
    from waybill.flow.people import first_link, first_link_file

    file = first_link_file(installation)
    file.unlink(missing_ok=True)
    local = "" if installation.settings.serve_names else f"http://localhost:{address.port}"
    link = first_link(installation, local)
    if link is None:
        return
    if sys.stdout.isatty():
        print(f"\n  There is no account yet. Open this link to make yours:\n  {link}\n", flush=True)  # noqa: T201
    else:
        replace_file(file, f"{link}\n".encode())
        log().warning("no account yet", advice="open the link in this file to make yours", file=str(file))


def _alone(installation: Installation) -> AbstractContextManager[None]:
    """Hold the data folder as the one service of it. Raises BusyError where another one does."""
    return FileLock(installation.folder.root / "serve.lock", "serving this data folder").exclusive(0.0)


@contextmanager
def _beside(data: Path, installation: Installation, begun: Connection) -> Iterator[None]:
    """Have a worker and upkeep beside what happens inside the block, from when something comes through ``begun`` on.

    Where they cannot begin, as with a wrong setting, the service ends; raises what is wrong.
    """
    stop = threading.Event()
    wrong: list[WaybillError] = []

    def run() -> None:
        while not begun.poll(0.1):
            if stop.is_set():
                return
        try:
            with working(data):
                _keep_up(installation, stop)
        except WaybillError as error:
            wrong.append(error)
            os.kill(os.getpid(), signal.SIGTERM)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
    if wrong:
        raise wrong[0]


def _keep_up(installation: Installation, stop: threading.Event) -> None:
    """Look after the installation until ``stop``, if the settings say so."""
    settings = installation.settings
    if not settings.detect_seconds:
        stop.wait()
        return
    from waybill.flow.detectors import load_detectors
    from waybill.flow.upkeep import Upkeep

    detectors = load_detectors(settings.rules, settings=settings)
    Upkeep(installation, detectors).run(stop, _tell, _tell_trouble)


def _tell(looked: Looked) -> None:
    if looked.findings or looked.remarks:
        log().info("looked", transfers=looked.transfers, findings=looked.findings, remarks=looked.remarks)


def _tell_trouble(error: WaybillError) -> None:
    log().error("trouble", what=error.what, where=error.where, advice=error.advice)
