"""What a forwarder drops, cuts and keeps, and how it bears with what services answer."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pyarrow as pa
import pytest

from waybill.collect import Contents, Place
from waybill.collect.mapping import Mapping, built_in_mappings
from waybill.collect.passing_on import PassingOn, Piece
from waybill.collect.plan import Limits
from waybill.collect.records import Chunk
from waybill.collect.sifting import Sieve
from waybill.flow.forward.courier import Courier, Service
from waybill.flow.forward.spool import Outbox, Seal, Spool
from waybill.flow.intake.reading import passing_plan
from waybill.flow.settings import Settings
from waybill.model.errors import StorageError, UsageError
from waybill.register.channels import ProtectedChannels

Told = tuple[int, dict[str, str], bytes]
"""Status, headers and body of an answer."""

SIEVE = Sieve(ProtectedChannels(addresses=["help@union.example"]), Limits())


def mapping(name: str) -> Mapping:
    return next(one for one in built_in_mappings() if one.name == name)


def test_a_protected_line_is_taken_out_and_the_others_stay_byte_for_byte() -> None:
    mine = b'{"to":"Help@Union.example"}\n'
    hidden = b'{"to":"\\u0068elp@union.example"}\n'
    key = b'{"help@union.example": 1}\n'
    near = b'{"to":"xhelp@union.example"}\n'  # another address
    data = b'{"a": 1}\n' + mine + near + hidden + b"not JSON\r\n" + key + b'{"a":2}'
    kept = SIEVE.kept(Chunk("ndjson", data), mapping("waybill"))
    assert kept == b'{"a": 1}\n' + near + b'not JSON\r\n{"a":2}'


def test_a_protected_row_of_a_table_goes_with_all_its_lines() -> None:
    data = b'1,"two\nlines to help@union.example"\n2,three\n'
    chunk = Chunk("csv", data, header=("time", "note"), preamble=b"time,note\n")
    assert SIEVE.kept(chunk, mapping("waybill")) == b"2,three\n"


def test_all_lines_of_a_protected_record_go_though_others_stand_between() -> None:
    lines = [
        b'type=SYSCALL msg=audit(1772442000.100:7): arch=c000003e syscall=257 success=yes uid=0 comm="mail"\n',
        b'type=SYSCALL msg=audit(1772442000.101:8): arch=c000003e syscall=257 success=yes uid=0 comm="cat"\n',
        b'type=PATH msg=audit(1772442000.100:7): item=0 name="/var/mail/help@union.example" nametype=NORMAL\n',
        b'type=PATH msg=audit(1772442000.101:8): item=0 name="/srv/a" nametype=NORMAL\n',
    ]
    assert SIEVE.kept(Chunk("lines", b"".join(lines)), mapping("auditd")) == lines[1] + lines[3]


def test_a_document_is_passed_on_record_by_record() -> None:
    records = [
        {"eventTime": "2026-03-02T09:00:00Z", "n": n, "to": "help@union.example" if n == 1 else ""} for n in range(3)
    ]
    data = json.dumps({"Records": records}).encode()
    content, unread = SIEVE.records(Chunk("json", data), mapping("aws-cloudtrail"))
    assert [json.loads(line)["n"] for line in content.splitlines()] == [0, 2] and unread == []


def test_bytes_are_passed_on_once_and_in_order_however_a_file_grows(tmp_path: Path) -> None:
    plan = passing_plan(Settings(), register=None, mappings=(), source=None)[0]
    passing, file = PassingOn(plan, guarded=False), tmp_path / "log.ndjson"
    line = b'{"time":"2026-03-02T09:00:00Z","action":"read","channel":"file","asset":"/1"}\n'
    written, sent, place = b"", b"", None
    for part, ended in ((line + line[:30], False), (line[30:], False), (line[:40], True), (line[40:] + line, False)):
        written += part
        file.write_bytes(written)
        with file.open("rb") as stream:
            contents = Contents(stream, plan.limits)
            assert place is None or passing.continues(contents, place)
            for item in passing.read(contents, "log", place, passing.occurrences(lambda *_: ()), ended=ended):
                place = item if isinstance(item, Place) else place
                sent += item.content if isinstance(item, Piece) else b""
    assert sent == written


def test_what_no_table_can_hold_goes_to_the_service_which_quarantines_it(tmp_path: Path) -> None:
    plan = passing_plan(Settings(), register=None, mappings=(), source=None)[0]
    passing, file = PassingOn(plan, guarded=True), tmp_path / "log.csv"
    file.write_bytes(
        b'time,action,channel,asset\n2026-03-02T09:00:00Z,read,file,"/1\n2026-03-02T09:00:00Z,read,file,/2\n'
    )
    with file.open("rb") as stream:
        items = list(
            passing.read(Contents(stream, plan.limits), "log", None, passing.occurrences(lambda *_: ()), ended=True)
        )
    sent = [item.content for item in items if isinstance(item, Piece)]
    assert [one.count(b"time,action,channel,asset") for one in sent] == [1, 1]
    assert b'"/1' in sent[0] and b"/2" in sent[1]


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    store = Spool(tmp_path / "spool.sqlite3", Seal(tmp_path))
    yield store
    store.close()


def put(spool: Spool, *contents: bytes) -> None:
    for content in contents:
        spool.add(Piece("waybill", True, content))
    spool.settle(spool.begin((1, len(contents))), 1, 1)


def test_what_was_dropped_is_not_kept_with_another_file(spool: Spool, tmp_path: Path) -> None:
    spool.add(Piece("waybill", True, b"half"))
    spool.forget()
    put(spool, b"a", b"b")
    outbox = Outbox(tmp_path / "spool.sqlite3", Seal(tmp_path))
    seen = []
    while (batch := outbox.first()) is not None:
        seen.append((batch.number, pa.input_stream(pa.py_buffer(batch.packed), compression="zstd").read()))
        outbox.sent(batch.number)
    outbox.close()
    assert seen == [(1, b"a"), (2, b"b")]


def test_a_damaged_buffer_is_not_begun_anew(tmp_path: Path) -> None:
    (tmp_path / "spool.sqlite3").write_bytes(b"no database" * 100)
    with pytest.raises(StorageError, match="buffer cannot be used"):
        Spool(tmp_path / "spool.sqlite3", Seal(tmp_path))


class Scripted(ThreadingHTTPServer):
    """Answers as it is told, and notes what it was sent."""

    def __init__(self, *answers: Told) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers = list(answers)
        self.numbers: list[str] = []


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Scripted

    def do_POST(self) -> None:
        """Answer."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.numbers.append(self.headers["Waybill-Sequence"])
        status, headers, body = self.server.answers.pop(0) if self.server.answers else ACCEPTED
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


ACCEPTED: Told = 200, {}, b'{"accepted":1,"rejected":0,"missing":[]}'
PROBLEM = {"Content-Type": "application/problem+json"}


def deliver(folder: Path, spool: Spool, *answers: Told) -> tuple[list[str], list[str], Courier]:
    """Send two batches to a server that answers so first; return the numbers it saw and the reasons of refusals."""
    put(spool, b"a", b"b")
    with Scripted(*answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        service = Service.at(f"http://127.0.0.1:{server.server_port}", token="t", agent="a")
        courier = Courier(lambda: Outbox(folder / "spool.sqlite3", Seal(folder)), service)
        outbox = Outbox(folder / "spool.sqlite3", Seal(folder))
        courier.start()
        for _ in range(1000):
            if outbox.first() is None:
                break
            threading.Event().wait(0.01)
        courier.stop(5)
        server.shutdown()
        refused = [one.reason for one in outbox.standing().refused]
        outbox.close()
    return server.numbers, refused, courier


@pytest.mark.parametrize(
    "answer",
    [
        (429, {"Retry-After": "1"}, b""),
        (503, {"Retry-After": "Sun, 06 Nov 1994 08:49:37 GMT"}, b""),
        (500, PROBLEM, b"{}"),
        (401, PROBLEM, b'{"detail":"the token is over"}'),
        (400, {"Content-Type": "text/html"}, b"a proxy's"),
        (200, {}, b"not ours"),
    ],
)
def test_what_may_be_over_some_time_is_sent_again_under_its_number(spool: Spool, tmp_path: Path, answer: Told) -> None:
    numbers, refused, courier = deliver(tmp_path, spool, answer)
    assert (numbers, refused) == (["1", "1", "2"], [])
    assert courier.progress.accepted == 2 and courier.failure is None


@pytest.mark.parametrize("status", [400, 409, 413])
def test_what_will_never_be_taken_is_set_aside_and_the_next_is_sent(spool: Spool, tmp_path: Path, status: int) -> None:
    numbers, refused, _ = deliver(tmp_path, spool, (status, PROBLEM, b'{"detail":"why","where":"there"}'))
    assert (numbers, refused) == (["1", "2"], [f"{status} why: there"])


@pytest.mark.parametrize(
    "url", ["ftp://a.example", "https://", "https://a.example?x=1", "https://u:p@a.example", "http://a.example"]
)
def test_addresses_that_are_refused(url: str) -> None:
    with pytest.raises(UsageError):
        Service.at(url, token="t", agent="a")
