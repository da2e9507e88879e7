"""Receivers of messages: a real mail server and a real web server on this machine, that can be down for a while."""

from __future__ import annotations

import json
import socket
import threading
from email import message_from_bytes
from email.message import Message
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class Mailbox:
    """A mail server that keeps what it gets."""

    def __init__(self) -> None:
        self.got: list[Message] = []
        self._controller = Controller(self, hostname="127.0.0.1", port=free_port())

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take a message."""
        assert isinstance(envelope.content, bytes)
        self.got.append(message_from_bytes(envelope.content, policy=default))
        return "250 OK"

    @property
    def address(self) -> str:
        """Where it listens, for Apprise; with a password that nobody may see."""
        port = self._controller.port
        return f"mailto://127.0.0.1:{port}?from=waybill@example.com&to=officer@example.com&mode=insecure"

    def texts(self) -> list[str]:
        """Return subject and body of each message."""
        return [f"{one['subject']}\n{_plain(one)}" for one in self.got]

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._controller.stop()


class Hook:
    """A web server that keeps what is posted to it, at a port that stays its own while it is down."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []
        self.port = free_port()
        self._server: ThreadingHTTPServer | None = None

    @property
    def address(self) -> str:
        """Where it listens, for Apprise; with a password that nobody may see."""
        return f"json://user:hidden-word@127.0.0.1:{self.port}/hook"

    def up(self) -> None:
        """Begin to take messages."""
        got = self.got

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def down(self) -> None:
        """Take no more."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def texts(self) -> list[str]:
        """Return title and body of each message."""
        return [f"{one['title']}\n{one['message']}" for one in self.got]

    def __enter__(self) -> Self:
        self.up()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.down()


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _plain(message: Message) -> str:
    part = message.get_body(("plain", "html"))  # type: ignore[attr-defined]
    return str(part.get_content())
