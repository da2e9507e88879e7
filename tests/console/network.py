"""A network that fails: a proxy between a sender and the service, which cuts connections."""

from __future__ import annotations

import random
import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self


class Network:
    """Passes bytes on; each connection is cut after a random number of them while ``failing``. A context manager."""

    def __init__(self, port: int, chance: random.Random) -> None:
        self._to = port
        self._chance = chance
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self.failing = False
        self.cuts = 0
        """Connections that were cut."""

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._listening.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                threading.Thread(target=self._pass_on, args=(client,), daemon=True).start()

    def _pass_on(self, client: socket.socket) -> None:
        with client, suppress(OSError), socket.create_connection(("127.0.0.1", self._to)) as service:
            budget = [self._chance.randrange(0, 20_000) if self.failing else -1]
            back = threading.Thread(target=self._copy, args=(service, client, budget), daemon=True)
            back.start()
            self._copy(client, service, budget)
            back.join()

    def _copy(self, one: socket.socket, other: socket.socket, budget: list[int]) -> None:
        """Pass bytes on until the connection ends, or as many went over it as it may carry."""
        with suppress(OSError):
            while part := one.recv(65536):
                if 0 <= budget[0] < len(part):
                    other.sendall(part[: budget[0]])
                    self.cuts += 1
                    break
                other.sendall(part)
                budget[0] -= len(part) if budget[0] >= 0 else 0
        for end in (one, other):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
