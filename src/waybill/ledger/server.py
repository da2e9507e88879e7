"""A witness over HTTP with nothing but the standard library, so that installations can witness one another."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from waybill.ledger.witness import Witness
from waybill.ledger.witnessing import MOST_REQUEST_BYTES, Answer
from waybill.model.errors import WaybillError

LOOPBACK = "127.0.0.1"
TIMEOUT = 10.0
"""Seconds that a client may take to send its request."""


class WitnessServer(ThreadingHTTPServer):
    """Serves ``POST /add-checkpoint`` and, for monitors, ``GET /ID/checkpoint`` with the SHA-256 of an origin.

    It listens on the loopback interface unless told otherwise; ``serve_forever`` runs it.
    """

    daemon_threads = True

    def __init__(self, witness: Witness, host: str = LOOPBACK, port: int = 0) -> None:
        super().__init__((host, port), _Handler)
        self.witness = witness

    @property
    def address(self) -> str:
        """The submission and monitoring prefix."""
        host, port = self.server_address[:2]
        return f"http://{host!s}:{port}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "waybill"
    sys_version = ""
    timeout = TIMEOUT
    server: WitnessServer

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if self.path != "/add-checkpoint":
            self._answer(Answer(404, "there is nothing here\n"))
        elif not length.isdecimal() or int(length) > MOST_REQUEST_BYTES:
            self._answer(Answer(413, f"a request has a length, at most {MOST_REQUEST_BYTES} bytes\n"))
        else:
            self._answer(self._judged(self.rfile.read(int(length))))

    def do_GET(self) -> None:
        note = self.server.witness.monitored(self.path)
        self._answer(Answer(404, "there is nothing here\n") if note is None else Answer(200, str(note)))

    def log_message(self, format: str, *values: object) -> None:
        """Say nothing: what matters is in the witness's folder."""

    def _judged(self, body: bytes) -> Answer:
        try:
            return self.server.witness.add_checkpoint(body)
        except WaybillError:
            return Answer(503, "the witness cannot keep its state\n")

    def _answer(self, answer: Answer) -> None:
        body = answer.body.encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.type)
        self.send_header("Content-Length", str(len(body)))
        if answer.status == 413:  # what follows is not read, so the connection cannot serve another request
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
