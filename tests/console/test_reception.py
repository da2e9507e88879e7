"""Receiving without HTTP: killed again and again, with processes that break down and disks that refuse."""

from __future__ import annotations

import multiprocessing
import os
import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from tests.console.running import records

from waybill.access.scopes import Scope
from waybill.collect.pool import TaskFailed
from waybill.collect.receiving import Posted, Received, Receiver
from waybill.control import close_database
from waybill.flow.installation import Installation
from waybill.flow.intake.reception import Delivery, Reception
from waybill.lake import Lake
from waybill.model.errors import StorageError, WaybillError


def installation(folder: Path) -> Installation:
    return Installation.open(folder, create=True)


def delivery(sequence: int, content: bytes, agent: str = "agent") -> Delivery:
    from waybill.access.tokens import Token, create, every

    token: Token = next(iter(every()), None) or create("agents", [Scope.INGEST], who="test")[0]
    return Delivery(token=token, agent=agent, sequence=sequence, content=content, lines=True, mapping="waybill")


@pytest.fixture
def reception(tmp_path: Path) -> Iterator[Reception]:
    with Reception(installation(tmp_path / "data"), workers=0) as one:
        yield one
    close_database()


def stored(folder: Path) -> list[tuple[str, bytes]]:
    with Lake.open(folder / "data" / "lake").snapshot() as snapshot:
        tables = list(snapshot.scan(columns=["origin", "id"]))
    return [(row["origin"].partition("/")[2], row["id"]) for table in tables for row in table.to_pylist()]


def test_what_breaks_one_batch_costs_no_other(
    reception: Reception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Receiver._read

    def breaking(self: Receiver, posted: list[object]) -> object:
        if len(posted) > 1:
            raise TaskFailed("the process that parsed it broke down", "")
        time.sleep(0.05)  # so that others come meanwhile
        return whole(self, posted)  # type: ignore[arg-type]

    monkeypatch.setattr(Receiver, "_read", breaking)
    sent = [delivery(number, records(number)) for number in range(1, 9)]
    with ThreadPoolExecutor(8) as threads:
        receipts = list(threads.map(reception.receive, sent))
    assert [receipt.accepted for receipt in receipts] == [1] * 8
    assert len(stored(tmp_path)) == 8


def test_what_is_on_its_way_is_waited_for_and_what_comes_alone_is_not_held_back(
    reception: Reception, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    whole = Receiver.read

    def read(self: Receiver, posted: list[Posted]) -> Received:
        sizes.append(len(posted))
        return whole(self, posted)

    monkeypatch.setattr(Receiver, "read", read)
    monkeypatch.setattr("waybill.flow.intake.reception.LINGER_SECONDS", 10.0)
    sent = [delivery(number, records(number)) for number in range(1, 5)]
    admitted = threading.Barrier(3)

    def send(one: Delivery) -> None:
        with reception.admission.admit("token"):
            admitted.wait()
            time.sleep(0.05 * one.sequence)
            reception.receive(one)

    with ThreadPoolExecutor(3) as threads:
        list(threads.map(send, sent[:3]))
    begun = time.monotonic()
    reception.receive(sent[3])
    assert time.monotonic() - begun < 5
    assert sizes == [3, 1]


def test_a_disk_that_refuses_is_told_to_each_and_the_same_batch_is_taken_later(
    reception: Reception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(transfers: object) -> int:
        raise StorageError("the disk is full")

    one = delivery(1, records(1))
    with monkeypatch.context() as broken:
        broken.setattr(reception._installation.lake, "append", full)
        with pytest.raises(StorageError):
            reception.receive(one)
    assert stored(tmp_path) == []
    assert reception.receive(one).accepted == 1
    assert len(stored(tmp_path)) == 1


def test_answers_outlive_the_process_and_so_do_gaps(tmp_path: Path) -> None:
    one = delivery_in(tmp_path, 5)
    with Reception(installation(tmp_path / "data"), workers=0) as reception:
        assert reception.receive(one).missing == ((1, 4),)
    with Reception(installation(tmp_path / "data"), workers=0) as reception:
        assert reception.receive(one).missing == ((1, 4),)
        (standing,) = reception.senders.standings()
        assert (standing.batches, standing.highest) == (1, 5), "it was not read again"
    close_database()


def delivery_in(folder: Path, sequence: int) -> Delivery:
    installation(folder / "data")
    return delivery(sequence, records(sequence))


def test_a_log_that_grew_too_long_asks_agents_to_wait(reception: Reception) -> None:
    reception.is_full = True
    with pytest.raises(WaybillError, match="nothing more"):
        reception.receive(delivery(1, records(1)))


def work(folder: Path, first: int, ready: Connection) -> None:
    """Receive batches from number ``first`` on and write down each acknowledged one, until killed."""
    said = os.open(folder / "said", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    one = installation(folder / "data")
    with Reception(one, workers=0) as reception, ThreadPoolExecutor(4) as threads:
        ready.send(True)

        def send(agent: int) -> None:
            for number in range(first, first + 10_000):
                reception.receive(delivery(number, records(number, number), f"agent-{agent}"))
                os.write(said, b"agent-%d/%d\n" % (agent, number))
                if number % 7 == 0 and agent == 0:
                    one.lake.commit()

        list(threads.map(send, range(4)))


def kill_often(folder: Path, kills: int) -> None:
    chance = random.Random(1)
    installation(folder / "data")
    delivery(1, b"")
    close_database()
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.console.test_reception"])
    (folder / "said").touch()
    for _ in range(kills):
        # It goes on a little before the last that was acknowledged, as agents do that got no answer.
        last = [int(line.split("/")[1]) for line in (folder / "said").read_text().split()]
        here, there = context.Pipe()
        worker = context.Process(target=work, args=(folder, max(1, *last[-4:], 1) - 1 or 1, there))
        worker.start()
        assert here.recv()
        time.sleep(chance.uniform(0.05, 0.5))
        worker.kill()
        worker.join()
    rows = stored(folder)
    acknowledged = set((folder / "said").read_text().split())
    assert len({id for _, id in rows}) == len(rows), "a transfer is there twice"
    assert acknowledged, "nothing was acknowledged"
    for origin in acknowledged:
        assert sum(one == origin for one, _ in rows) == 2, "an acknowledged batch is not there as it was sent"


def test_five_kills(tmp_path: Path) -> None:
    kill_often(tmp_path, 5)


@pytest.mark.soak
def test_two_hundred_kills(tmp_path: Path) -> None:
    kill_often(tmp_path, 200)
