"""Files are read as they grow: nothing is lost and nothing doubled, however they are written, rotated, and who dies."""

from __future__ import annotations

import gzip
import json
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from waybill.collect import Batch, Follower, Plan, Rejected, collect
from waybill.flow.intake.reading import passing_plan
from waybill.flow.settings import Settings
from waybill.flow.watch.positions import Positions
from waybill.flow.watch.reader import Reader
from waybill.flow.watch.tree import look
from waybill.lake import Lake
from waybill.model.errors import InputError

PLAN: Plan = passing_plan(Settings(), register=None, mappings=(), source=None)[0]
FOLLOWER = Follower(PLAN, 0)

Row = tuple[bytes, int]
"""Id and position."""


class KilledError(Exception):
    """The process dies here."""


def line(number: int, second: int = 0) -> str:
    """Return a record; equal numbers give equal records."""
    time = f"2026-03-02T09:00:{second:02d}Z"
    return json.dumps({"time": time, "action": "read", "channel": "file", "actor": "li.na", "asset": f"/{number}"})


def append(path: Path, text: str) -> None:
    """Write more to a file."""
    with path.open("a") as file:
        file.write(text)


class Watched:
    """A folder that is watched into a lake, by one process after another."""

    def __init__(self, base: Path) -> None:
        self.logs = base / "logs"
        self.logs.mkdir(parents=True)
        self.base = base
        self.lake = Lake.open(base / "lake")
        self.rejected: list[Rejected] = []
        self.read_rows = 0
        self.dies: Callable[[str], None] = lambda where: None
        self._open = False
        self.start()

    def end(self) -> None:
        """End the process."""
        if self._open:
            self.reader.close()
            self.positions.close()
        self._open = False

    def start(self, *, patient: bool = False) -> None:
        """Start a new process: nothing is known but what is on disk."""
        self.end()
        self._open = True
        self.positions = Positions(self.base / "positions.sqlite3")
        self.reader = Reader(self.positions, PLAN.limits, self._keep, patient=patient)

    def _keep(self, batch: Batch) -> None:
        self.dies("before")
        self.rejected += batch.rejected
        if batch.transfers.num_rows:
            self.read_rows += batch.transfers.num_rows
            self.lake.append(batch.transfers)
        self.dies("after")

    def round(self, follower: Follower = FOLLOWER) -> None:
        """Look once at every file."""
        found, _ = look([self.logs])
        for one in found:
            if self.reader.is_due(one):
                self.reader.read(one, follower)
        there = {one.number for one in found}
        self.reader.read_gone(there, follower)
        self.positions.lose(there)

    def rows(self) -> list[Row]:
        """Return what is in the lake."""
        with self.lake.snapshot() as snapshot:
            return sorted(
                (row["id"], row["position"])
                for table in snapshot.scan(columns=["id", "position"])
                for row in table.to_pylist()
            )

    def write(self, name: str, content: str | bytes, mode: str = "w") -> Path:
        """Write a file below the watched folder."""
        path = self.logs / name
        path.parent.mkdir(exist_ok=True, parents=True)
        with path.open(mode + "b") as file:
            file.write(content.encode() if isinstance(content, str) else content)
        return path


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    """A watched folder."""
    one = Watched(tmp_path)
    yield one
    one.end()


def whole(path: Path) -> tuple[list[Row], Counter[tuple[int, str, bytes]]]:
    """Return what one ingest of the whole file gives."""
    rows: list[Row] = []
    rejected: Counter[tuple[int, str, bytes]] = Counter()
    for batch in collect([path], PLAN, workers=0):
        rows += [(row["id"], row["position"]) for row in batch.transfers.select(["id", "position"]).to_pylist()]
        rejected.update((one.position, one.reason, one.raw) for one in batch.rejected)
    return sorted(rows), rejected


CSV_HEADER = "time,action,channel,actor,asset\r\n"
RECORDS = st.lists(
    st.one_of(
        st.tuples(st.integers(0, 2), st.integers(0, 3)).map(lambda pair: line(*pair)),
        st.sampled_from(["{broken", "", '{"time": 1}']),
    ),
    min_size=1,
    max_size=25,
)
CSV_RECORDS = st.lists(
    st.sampled_from(
        [
            '2026-03-02T09:00:00Z,read,file,li.na,"a\nb"',
            "2026-03-02T09:00:00Z,read,file,li.na,/menu",
            "2026-03-02T09:00:01Z,read,file,王芳,/菜单",
            "too,few",
        ]
    ),
    max_size=20,
)
AUDIT_TYPES = st.sampled_from(["SYSCALL", "PATH", "CWD"])
AUDIT_EVENTS = st.lists(st.tuples(st.integers(0, 70), st.integers(0, 90), AUDIT_TYPES), max_size=120)
"""Lines of audit events: each of one of the last events, after some lines that are none, of a type."""


def audit_lines(lines: list[tuple[int, int, str]]) -> bytes:
    """Return lines as several processors write them: lines of one event stand among those of others."""
    out = []
    for number, (back, gap, kind) in enumerate(lines):
        out += ["----"] * max(0, gap - 85)
        event = max(0, number - (back if back > 60 else back // 12))  # mostly near, some just too far
        out.append(f"type={kind} msg=audit(17724{event:05d}.000:{event}): name=/recipes/{event % 3}")
    return ("\n".join(out) + "\n").encode()


CONTENTS = st.one_of(
    RECORDS.map(lambda lines: "\n".join(lines).encode()),
    RECORDS.map(lambda lines: ("\n".join(lines) + "\n").encode("utf-16")),
    RECORDS.map(lambda lines: ("\r\n".join(lines) + "\r\n").encode("utf-8-sig")),
    CSV_RECORDS.map(lambda lines: (CSV_HEADER + "\r\n".join(lines) + "\n").encode()),
)
DEATHS = st.sampled_from(["", "", "before", "after", "between"])


STEPS = st.lists(st.tuples(st.integers(0, 3000), DEATHS), max_size=6)
"""Up to where the file has grown in each process's time, and how that process ends."""
AUDIT_STEPS = st.lists(st.tuples(st.integers(0, 6000), DEATHS), max_size=6)


@settings(deadline=None, max_examples=20)
@given(CONTENTS, STEPS)
def test_any_growth_with_deaths_between_gives_what_one_ingest_gives(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, steps: list[tuple[int, str]]
) -> None:
    grow_and_die(tmp_path_factory.mktemp("watch"), content, steps)


@pytest.mark.soak
@settings(deadline=None, max_examples=2_000)
@given(CONTENTS, STEPS)
def test_any_growth_at_length(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, steps: list[tuple[int, str]]
) -> None:
    grow_and_die(tmp_path_factory.mktemp("watch"), content, steps)


@settings(deadline=None, max_examples=12)
@given(AUDIT_EVENTS, AUDIT_STEPS)
def test_lines_of_one_record_stay_one_however_a_file_grows(
    tmp_path_factory: pytest.TempPathFactory, lines: list[tuple[int, int, str]], steps: list[tuple[int, str]]
) -> None:
    grow_and_die(tmp_path_factory.mktemp("watch"), audit_lines(lines), steps)


def grow_and_die(base: Path, content: bytes, steps: list[tuple[int, str]]) -> None:
    """Let a file grow step by step before one process after another, and compare with one ingest of the whole."""
    one = Watched(base)
    try:
        for cut, death in [*sorted((min(cut, len(content)), death) for cut, death in steps), (len(content), "")]:
            one.write("day.log", content[:cut])
            one.start(patient=cut < len(content))
            _run_and_die(one, death)
        expected, rejected = whole(one.logs / "day.log")
        assert one.rows() == expected
        assert set(rejected) == {(bad.position, bad.reason, bad.raw) for bad in one.rejected}
    finally:
        one.end()
        shutil.rmtree(base)


def _run_and_die(one: Watched, death: str) -> None:
    """Go round once; die before or after something is kept, or between keeping it and remembering the place."""

    def dies(where: str) -> None:
        if where == death:
            raise KilledError

    def forgets(*_: Any) -> None:
        raise KilledError

    one.dies = dies
    with pytest.MonkeyPatch.context() as patch:
        if death == "between":
            patch.setattr(one.positions, "keep", forgets)
        with suppress(KilledError):
            one.round()
    one.dies = lambda where: None


def test_a_line_is_read_when_it_is_ended(watched: Watched) -> None:
    watched.start(patient=True)
    watched.write("a.log", line(1) + "\n" + line(2)[:20])
    watched.round()
    assert len(watched.rows()) == 1 and not watched.rejected
    watched.write("a.log", line(2)[20:] + "\n", "a")
    watched.round()
    assert len(watched.rows()) == 2 and not watched.rejected


def test_an_unfinished_end_is_read_once_it_rests(watched: Watched) -> None:
    watched.start(patient=True)
    path = watched.write("a.log", line(1) + "\n" + line(2))
    watched.round()
    assert len(watched.rows()) == 1
    os.utime(path, (path.stat().st_atime, path.stat().st_mtime - 100))
    watched.round()
    watched.round()
    assert len(watched.rows()) == 2
    watched.write("a.log", "\n" + line(3) + "\n", "a")
    watched.round()
    assert len(watched.rows()) == 3, "the line whose end was taken as it was is not doubled"


def test_nothing_new_is_not_opened_again(watched: Watched) -> None:
    watched.write("a.log", line(1) + "\n")
    watched.write("b.json", json.dumps([{"time": "2026-03-02T09:00:00Z", "action": "read", "channel": "file"}]))
    watched.round()
    found, _ = look([watched.logs])
    assert [watched.reader.is_due(one) for one in found] == [False, False]
    watched.start()
    assert [watched.reader.is_due(one) for one in found] == [False, False], "nor after a restart"


def test_rotation_by_rename(watched: Watched) -> None:
    path = watched.write("a.log", line(1) + "\n")
    watched.round()
    with path.open("a") as writer:
        path.rename(watched.logs / "a.log.1")
        watched.write("a.log", line(3) + "\n")
        writer.write(line(2) + "\n")
    watched.round()
    assert len(watched.rows()) == 3 and watched.read_rows == 3


def test_rotation_by_copy_and_truncation(watched: Watched) -> None:
    path = watched.write("a.log", line(1) + "\n" + line(1) + "\n")
    watched.round()
    append(path, line(1) + "\n")
    shutil.copy(path, watched.logs / "a.log.1")
    watched.write("a.log", line(1, 5) + "\n")
    watched.round()
    assert len(watched.rows()) == 4 and watched.read_rows == 4, "the copy is read from where its original was left"


def test_a_packed_rotation_is_read_on_not_again(watched: Watched) -> None:
    path = watched.write("a.log", "".join(line(number) + "\n" for number in range(50)))
    watched.round()
    packed = gzip.compress(path.read_bytes() + (line(77) + "\n").encode())
    path.unlink()
    watched.write("a.log.1.gz", packed)
    watched.round()
    assert len(watched.rows()) == 51 and watched.read_rows == 51
    watched.start()
    watched.round()
    assert watched.read_rows == 51


def test_a_packed_file_that_is_still_written_is_waited_for(watched: Watched) -> None:
    watched.start(patient=True)
    packed = gzip.compress("".join(line(number) + "\n" for number in range(500)).encode())
    watched.write("a.gz", packed[: len(packed) // 2])
    watched.round()
    assert not watched.rejected
    watched.write("a.gz", packed)
    watched.round()
    assert len(watched.rows()) == 500 and not watched.rejected


def test_a_file_rewritten_with_other_content_begins_anew(watched: Watched) -> None:
    watched.write("a.log", line(1) + "\n" + line(2) + "\n")
    watched.round()
    watched.write("a.log", line(8) + "\n" + line(2) + "\n" + line(9) + "\n")
    watched.round()
    assert len(watched.rows()) == 4, "a line that was there before is the same transfer"


def test_a_document_is_read_when_it_is_whole_and_again_when_it_changes(watched: Watched) -> None:
    watched.start(patient=True)
    records = [{"time": "2026-03-02T09:00:00Z", "action": "read", "channel": "file", "asset": str(n)} for n in range(3)]
    text = json.dumps(records, indent=1)
    path = watched.write("a.json", text[:60])
    watched.round()
    assert (watched.rows(), watched.rejected) == ([], [])
    for content, count in ((text, 3), (json.dumps([*records, {**records[0], "asset": "x"}]), 4)):
        watched.write("a.json", content)
        watched.round()
        os.utime(path, (0, path.stat().st_mtime - 30))
        watched.round()
        watched.round()
        assert len(watched.rows()) == count and not watched.rejected


def test_what_nobody_recognises_is_told_once_and_read_when_it_makes_sense(watched: Watched) -> None:
    watched.write("a.log", "hello\n")
    watched.round()
    watched.round()
    assert [one.reason for one in watched.rejected] == ["no mapping recognises this file"]
    watched.write("a.log", line(1) + "\n")
    watched.round()
    assert len(watched.rows()) == 1


def test_what_was_written_just_before_a_file_went_is_read(watched: Watched) -> None:
    path = watched.write("a.log", line(1) + "\n")
    watched.round()
    append(path, line(2) + "\n" + line(3))
    path.unlink()
    watched.round()
    assert len(watched.rows()) == 3


def test_equal_lines_of_two_files_that_begin_alike_stay_apart_as_in_ingest(watched: Watched) -> None:
    watched.write("one.log", line(1) + "\n" + line(1) + "\n")
    watched.round()
    watched.write("two.log", line(1) + "\n" + line(1) + "\n" + line(1) + "\n")
    watched.round()
    watched.write("one.log", line(1) + "\n" + line(1) + "\n", "a")
    watched.round()
    assert len(watched.rows()) == 4, "three in one file and four in the other: as many as in the longer one"


def test_a_very_long_line_costs_itself_alone(watched: Watched) -> None:
    long = b"x" * (PLAN.limits.record_bytes + 10)
    watched.start(patient=True)
    watched.write("a.log", (line(1) + "\n").encode() + long)
    watched.round()
    watched.write("a.log", b"yyy\n" + (line(2) + "\n").encode(), "a")
    watched.round()
    expected, rejected = whole(watched.logs / "a.log")
    assert watched.rows() == expected and len(expected) == 2
    assert {(bad.position, bad.reason) for bad in watched.rejected} == {(2, reason) for _, reason, _ in rejected}


def test_a_damaged_store_is_set_aside_and_all_is_read_again(watched: Watched) -> None:
    watched.write("a.log", line(1) + "\n" + line(1) + "\n")
    watched.round()
    watched.end()
    (watched.base / "positions.sqlite3").write_bytes(b"no database at all, not even a short one")
    watched.start()
    assert watched.positions.was_damaged
    watched.round()
    assert len(watched.rows()) == 2 and watched.read_rows == 4


def test_many_small_parts_leave_few_rows_and_number_right(watched: Watched) -> None:
    for number in range(60):
        watched.write("a.log", line(number % 2, number % 50) + "\n", "a")
        watched.round()
    assert watched.rows() == whole(watched.logs / "a.log")[0]
    (found,) = look([watched.logs])[0]
    known = watched.positions.of(found.number)
    assert known is not None and len(watched.positions.earlier(known, 0, 1 << 62)) <= 17


def test_whom_the_name_of_a_file_names_is_told_although_it_was_shown_before() -> None:
    follower = Follower(PLAN, 0)
    name = follower.shown("srv/home/li.na/day.log")
    assert "li.na" not in name
    (batch,) = follower.unreadable("srv/home/li.na/day.log", "it is away")
    assert [identity for identity, _ in batch.identities.values()] == ["li.na"]


def test_the_tree_is_that_of_ingest(tmp_path: Path) -> None:
    (tmp_path / "in" / "b").mkdir(parents=True)
    (tmp_path / "out").mkdir()
    for name in ("in/b/two.log", "in/one.log", "in/.hidden", "out/other.log"):
        (tmp_path / name).write_text("x")
    (tmp_path / "in" / "link").symlink_to(tmp_path / "in" / "one.log")
    (tmp_path / "in" / "away").symlink_to(tmp_path / "out" / "other.log")
    found, troubles = look([tmp_path / "in", tmp_path / "missing.log"])
    assert [one.name for one in found] == ["b/two.log", "link"]
    assert [trouble.name for trouble in troubles] == ["away", "missing.log"]


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is unreadable to root")
def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0)
    assert [trouble.name for trouble in look([tmp_path])[1]] == ["closed"]


def test_a_path_that_does_not_exist_is_a_mistake(tmp_path: Path) -> None:
    from waybill.flow.watch.tree import check

    with pytest.raises(InputError):
        check([tmp_path / "nothing"])


def letter(number: int) -> bytes:
    """Return a message with an attachment."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "li.na@works.example", "buyer@elsewhere.example", f"offer {number}"
    mail["Date"] = "Mon, 02 Mar 2026 09:14:05 +0800"
    mail.set_content("as promised")
    mail.add_attachment(b"text", maintype="text", subtype="plain", filename="offer.txt")
    return mail.as_bytes()


def test_messages_are_read_as_they_are_delivered_and_a_mailbox_as_it_grows(watched: Watched) -> None:
    divider = b"From a@b Mon Mar  2 01:14:05 2026\n"
    watched.write("mail/cur/1.host:2,S", letter(1))
    watched.write("mail/.Sent/cur/2.host:2,S", letter(2))
    watched.write("mail/tmp/3.host", letter(3))
    watched.write("box", divider + letter(4))
    with Follower(PLAN, 0) as follower:
        watched.round(follower)
        watched.round(follower)
        assert len(watched.rows()) == 6
        watched.write("box", b"\n" + divider + letter(5), mode="a")
        watched.round(follower)
    assert [position for _, position in watched.rows()].count(2) == 2
    assert len(watched.rows()) == 8
    assert watched.rejected == []
