"""File servers on loopback, asked as somebody they do not know; and services that refuse or never end."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from waybill.exposure import FAMILIES, Survey, survey
from waybill.model.errors import InputError
from waybill.model.register import RegisterSnapshot

FAMILY = FAMILIES["storage"]


def look(target: str) -> Survey:
    return survey(FAMILY.read(target), FAMILY.checks(), RegisterSnapshot(), datetime(2026, 3, 1, tzinfo=UTC))


def rules(found: Survey) -> set[str]:
    return {one.rule_id.removeprefix("storage-open-") for one in found.findings}


@contextmanager
def serving(handler: Callable[..., Any]) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()


class Files(SimpleHTTPRequestHandler):
    """Lists a folder, and takes files into it as far as it is said to."""

    takes, gives_up = False, True

    def do_PUT(self) -> None:
        if self.takes:
            Path(self.translate_path(self.path)).write_bytes(self.rfile.read(int(self.headers["Content-Length"])))
        self._answer(201 if self.takes else 405)

    def do_DELETE(self) -> None:
        if self.gives_up:
            Path(self.translate_path(self.path)).unlink()
        self._answer(204 if self.gives_up else 405)

    def _answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


class Drop(Files):
    """Takes files."""

    takes = True


class Keep(Drop):
    """Takes files and gives none back."""

    gives_up = False


def test_a_listing(tmp_path: Path) -> None:
    (tmp_path / "dump.sql").write_text("")
    with serving(partial(Files, directory=str(tmp_path))) as address:
        found = look(f"http://{address}/")
        assert rules(found) == {"listing"}
        assert any("upload+" in gap.why for gap in found.gaps)
        assert rules(look(f"upload+http://{address}/")) == {"listing"}
        (tmp_path / "index.html").write_text("<title>Shop</title>")
        assert rules(look(f"upload+http://{address}/")) == set()


def test_an_upload_is_tried_only_where_it_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("")
    with serving(partial(Drop, directory=str(tmp_path))) as address:
        assert rules(look(f"http://{address}/")) == set()
        assert rules(look(f"upload+http://{address}/")) == {"upload"}
    assert [path.name for path in tmp_path.iterdir()] == ["index.html"]
    with serving(partial(Keep, directory=str(tmp_path))) as address:
        assert any("taken away" in gap.why for gap in look(f"upload+http://{address}/").gaps)


def test_no_redirect_is_followed(tmp_path: Path) -> None:
    asked = []

    class Elsewhere(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(302)
            self.send_header("Location", "/other")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with serving(Elsewhere) as address:
        assert look(f"http://{address}/").findings == []
    assert asked == ["/"]


def test_nobody_answers() -> None:
    found = look("http://127.0.0.1:1/")
    assert (found.places, [gap.place for gap in found.gaps]) == ([], ["http://127.0.0.1:1/"])
    for address in ("http:///x", "ftp://me:secret@127.0.0.1/"):
        with pytest.raises(InputError, match="no address"):
            look(address)


class Ftp(socketserver.StreamRequestHandler):
    """As much of FTP (RFC 959) as is asked here: anonymous or not, with a folder in memory."""

    anonymous, writable, names = True, True, ("plans.zip",)
    _listener: Any = None

    def finish(self) -> None:
        super().finish()
        if self._listener:
            self._listener.close()

    def handle(self) -> None:
        self._say("220 ready")
        held = set(self.names)
        while line := self.rfile.readline().decode().strip():
            word, _, rest = line.partition(" ")
            match word.upper():
                case "USER":
                    self._say("331 which password")
                case "PASS":
                    self._say("230 in" if self.anonymous else "530 no")
                case "EPSV" | "PASV":
                    self._say("502 no") if word == "EPSV" else self._passive()
                case "NLST":
                    self._transfer("\r\n".join(sorted(held)).encode())
                case "STOR" if self.writable:
                    held.add(rest)
                    self._transfer(None)
                case "DELE" if rest in held:
                    held.remove(rest)
                    self._say("250 gone")
                case "QUIT":
                    self._say("221 bye")
                    return
                case "TYPE" | "CWD":
                    self._say("250 well")
                case _:
                    self._say("550 no")

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())

    def _passive(self) -> None:
        import socket

        self._listener = socket.create_server(("127.0.0.1", 0))
        port = self._listener.getsockname()[1]
        self._say(f"227 here (127,0,0,1,{port >> 8},{port & 255})")

    def _transfer(self, content: bytes | None) -> None:
        self._say("150 go")
        other, _ = self._listener.accept()
        with self._listener, other:
            if content is None:
                while other.recv(1024):
                    pass
            else:
                other.sendall(content)
        self._say("226 done")


@contextmanager
def ftp(**how: Any) -> Iterator[str]:
    handler = type("Handler", (Ftp,), how)
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"ftp://127.0.0.1:{server.server_address[1]}/in"
        server.shutdown()


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ({}, {"listing", "upload"}),
        ({"writable": False}, {"listing"}),
        ({"names": ()}, {"upload"}),
        ({"anonymous": False}, set()),
    ],
)
def test_ftp(how: dict[str, Any], told: set[str]) -> None:
    with ftp(**how) as address:
        assert rules(look(f"upload+{address}")) == told
        assert "upload" not in rules(look(address))


class Refusing(BaseHTTPRequestHandler):
    """A service that speaks S3 and refuses everything."""

    def do_GET(self) -> None:
        self._answer(403, "<Error><Code>AccessDenied</Code><Message>no</Message></Error>")

    do_POST = do_GET  # noqa: N815

    def _answer(self, status: int, text: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


class Endless(Refusing):
    """A service whose list of buckets never ends."""

    pages = 0

    def do_GET(self) -> None:
        if self.path.partition("?")[0] != "/":
            return super().do_GET()
        type(self).pages += 1
        number = type(self).pages
        return self._answer(
            200,
            "<ListAllMyBucketsResult><Owner><ID>1</ID></Owner><Buckets></Buckets>"
            f"<ContinuationToken>{number}</ContinuationToken></ListAllMyBucketsResult>",
        )


@pytest.mark.parametrize(("service", "why"), [(Refusing, "AccessDenied"), (Endless, "does not end")])
def test_services_that_refuse_or_never_end(service: Any, why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("waybill.exposure.storage.live.MOST_PAGES", 5)
    with serving(service) as address:
        for name, value in {
            "AWS_ENDPOINT_URL": f"http://{address}", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
        }.items():  # fmt: skip
            monkeypatch.setenv(name, value)
        found = look("s3:")
    assert any(why in gap.why for gap in found.gaps)
    assert found.findings == []
