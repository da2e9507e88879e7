"""Endpoints asked for a group: real ones that speak TLS 1.3 or not, and others that answer nonsense."""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from waybill.exposure import FAMILIES, NotInspected
from waybill.exposure.crypto.endpoint import Endpoint
from waybill.exposure.crypto.quantum import X25519MLKEM768, _asked_for, speaks

X25519, P384 = 0x001D, 0x0018


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Run openssl's own server, which speaks X25519 alone."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("tls")
    make = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    names = ["-keyout", str(folder / "k"), "-out", str(folder / "c"), "-subj", "/CN=shop.example", "-days", "2"]
    subprocess.run([*make, *names], check=True, capture_output=True)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    serve = [
        "openssl",
        "s_server",
        "-accept",
        f"127.0.0.1:{port}",
        "-key",
        str(folder / "k"),
        "-cert",
        str(folder / "c"),
    ]
    server = subprocess.Popen(
        [*serve, "-groups", "X25519", "-quiet"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            break
        except OSError:
            time.sleep(0.05)
    yield port
    server.kill()
    server.communicate()


def test_which_groups_it_speaks(endpoint: int) -> None:
    assert speaks("127.0.0.1", endpoint, X25519)
    assert not speaks("127.0.0.1", endpoint, P384)
    assert not speaks("localhost", endpoint, X25519MLKEM768)


@pytest.mark.skipif(shutil.which("sslscan") is None, reason="sslscan is not installed")
def test_as_part_of_a_survey(endpoint: int) -> None:
    (thing,) = FAMILIES["crypto"].read(f"tls://127.0.0.1:{endpoint}")
    assert isinstance(thing, Endpoint)
    assert not thing.withstands


@contextmanager
def answering(content: bytes) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            other, _ = server.accept()
            with other:
                other.recv(4096)
                other.sendall(content)

        thread = threading.Thread(target=answer)
        thread.start()
        yield int(server.getsockname()[1])
        thread.join()


@pytest.mark.parametrize(
    "content", [b"", b"HTTP/1.1 400 Bad\r\n\r\n" + b"x" * 30_000, b"\x16\x03\x03\x00\x04\x0b\0\0\0"]
)
def test_what_is_no_answer(content: bytes) -> None:
    with answering(content) as port, pytest.raises(NotInspected):
        speaks("127.0.0.1", port)


def test_nobody_there() -> None:
    with pytest.raises(NotInspected, match="cannot be asked"):
        speaks("127.0.0.1", 1)


@settings(max_examples=300)
@given(st.binary(max_size=120))
def test_nonsense_is_no_yes(content: bytes) -> None:
    assert _asked_for(content) != X25519MLKEM768
    retry = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")
    assert isinstance(_asked_for(b"\x02\0\0\x50\x03\x03" + retry + content), int)


def test_one_file_of_no_known_form_is_said(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing")
    (gap,) = FAMILIES["crypto"].read(str(tmp_path / "notes.txt"))
    assert isinstance(gap, NotInspected)
