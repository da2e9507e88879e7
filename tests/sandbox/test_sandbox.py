"""A confined process keeps its promises: it reaches no network, starts nothing, and ends when it takes too much."""

from __future__ import annotations

import io
import subprocess
import sys
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waybill.sandbox.confining import environment
from waybill.sandbox.framing import receive, send


def run(code: str) -> subprocess.CompletedProcess[str]:
    """Run Python code as a worker runs, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-s", "-P", "-c", dedent(code)],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@given(st.lists(st.binary(max_size=300)))
def test_parts_come_back_as_they_were_sent(parts: list[bytes]) -> None:
    stream = io.BytesIO()
    send(stream, *parts)
    stream.seek(0)
    assert [receive(stream) for _ in parts] == parts
    with pytest.raises(EOFError):
        receive(stream)


@pytest.mark.parametrize("call", ["socket.socket()", "os.execv('/bin/true', ['true'])", "os.kill(os.getppid(), 0)"])
def test_what_a_parser_never_needs_is_refused(call: str) -> None:
    ended = run(f"""
        import os, socket
        from waybill.sandbox.filtering import refuse_calls
        if not refuse_calls():
            print("no filter")
        else:
            try:
                {call}
            except PermissionError:
                print("refused")
    """)
    assert ended.stdout.strip() in ("refused", "no filter"), ended.stderr


def test_memory_files_and_time_are_bounded() -> None:
    ended = run("""
        from waybill.sandbox.confining import bound_time, confine
        confine(256 << 20)
        try:
            bytearray(1 << 30)
        except MemoryError:
            print("memory", flush=True)
        open_files = []
        try:
            while True:
                open_files.append(open("/dev/null"))
        except OSError:
            print("files", flush=True)
        bound_time(0)
        while True:
            pass
    """)
    assert ended.stdout.split() == ["memory", "files"]
    assert ended.returncode < 0


def test_a_worker_knows_no_secret_of_our_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not for workers")
    assert "not for workers" not in environment().values()
