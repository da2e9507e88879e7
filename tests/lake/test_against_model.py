"""The lake against a plain list: any order of work gives the same transfers."""

from __future__ import annotations

import shutil
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule
from tests.lake.samples import START, batch

from waybill.lake import Lake, Snapshot
from waybill.model.errors import BusyError


class LakeAgainstList(RuleBasedStateMachine):
    """Carries out the same work on a lake and on a list, and compares them after each step."""

    snapshots = Bundle("snapshots")

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.lake = Lake.open(self.folder / "lake", timeout=0.01)
        self.living = 0
        self.rows: list[tuple[int, bytes, datetime, str, str]] = []
        self.moments: list[tuple[datetime, int]] = []
        self.sequence = 0

    def teardown(self) -> None:
        shutil.rmtree(self.folder)

    @rule(seed=st.integers(0, 6), rows=st.integers(1, 12), again=st.booleans())
    def append(self, seed: int, rows: int, again: bool) -> None:
        table = batch(12, seed).slice(0, rows)
        sequence = self.lake.append(table)
        assert sequence > self.sequence
        self.sequence = sequence
        known = {row[1] for row in self.rows}
        for row in table.select(["id", "time", "actor", "to_party"]).to_pylist():
            if row["id"] not in known:
                self.rows.append((sequence, row["id"], row["time"], row["actor"], row["to_party"]))

    @rule()
    def commit(self) -> None:
        self.lake.commit()
        assert self.lake.status().rows == len(self.rows)

    @rule()
    def compact(self) -> None:
        self.lake.compact()

    @rule()
    def reopen(self) -> None:
        self.lake = Lake.open(self.folder / "lake", timeout=0.01)
        assert self.lake.found == []

    @rule(number=st.integers(0, 79))
    def erase(self, number: int) -> None:
        person = f"p-{number:08x}"
        try:
            self.lake.erase([person])
        except BusyError:
            assert self.living
        self.rows = [row for row in self.rows if person not in row[3:]]

    @rule(days=st.integers(0, 8))
    def retain(self, days: int) -> None:
        cut = START + timedelta(days=days)
        self.lake.retain(cut)
        self.rows = [row for row in self.rows if row[2] >= cut]

    @rule()
    def remember(self) -> None:
        with self.lake.snapshot() as snapshot:
            moment = snapshot.query("SELECT max(recorded_at) AS t FROM transfers")["t"][0].as_py()
        if moment is not None:
            self.moments.append((moment, self.sequence))

    @rule(data=st.data())
    def ask_what_was_known(self, data: st.DataObject) -> None:
        if self.moments:
            moment, sequence = data.draw(st.sampled_from(self.moments))
            with self.lake.snapshot(known_at=moment) as snapshot:
                found = snapshot.query("SELECT id FROM transfers")["id"].to_pylist()
            assert sorted(found) == sorted(row[1] for row in self.rows if row[0] <= sequence)

    @rule(target=snapshots)
    def open_snapshot(self) -> object:
        self.living += 1
        return self.lake.snapshot(), sorted(row[1] for row in self.rows)

    @rule(pair=consumes(snapshots))
    def close_snapshot(self, pair: tuple[Snapshot, list[bytes]]) -> None:
        snapshot, expected = pair
        self.living -= 1
        with snapshot:
            assert sorted(snapshot.query("SELECT id FROM transfers")["id"].to_pylist()) == expected

    @invariant()
    def equal(self) -> None:
        with self.lake.snapshot() as snapshot:
            tables = list(snapshot.scan(columns=["sequence", "id", "time", "actor", "to_party"]))
        found = [tuple(row.values()) for table in tables for row in table.to_pylist()]
        assert sorted(found) == sorted(self.rows)


LakeAgainstList.TestCase.settings = settings(max_examples=10, stateful_step_count=20, deadline=None)
TestLakeAgainstList = LakeAgainstList.TestCase
