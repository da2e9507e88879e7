"""A batch that is sent is kept once, answered alike for ever, and found in time; a bad one is refused with a reason."""

from __future__ import annotations

import gzip
import json
import time
from threading import Thread

import pyarrow as pa
import pytest
from tests.console.conftest import Tokens
from tests.console.running import Answer, Service, record, records


def test_a_batch_is_kept_and_told(service: Service, sending: str, reading: str) -> None:
    body = record(1, source_test="kept") + b"rubbish\n\n" + record(1, source_test="kept")
    answer = service.post(body, sending, Waybill_Agent="kept")
    assert (answer.status, answer.json) == (200, {"accepted": 2, "rejected": 1, "missing": []})
    rows = [row for row in service.every_transfer(reading) if row["origin"].endswith("/kept/1")]
    assert sorted(row["position"] for row in rows) == [1, 4]
    assert len({row["id"] for row in rows}) == 2, "two equal records of a batch are two transfers"
    assert all(row["actor"].startswith("p-") and "li.na" not in json.dumps(row) for row in rows)


def test_the_same_number_is_answered_alike_and_stores_nothing(service: Service, sending: str, reading: str) -> None:
    first = service.post(records(1, 2), sending, 1, Waybill_Agent="again")
    assert service.post(records(1, 2), sending, 1, Waybill_Agent="again").json == first.json
    packed = service.post(gzip.compress(records(1, 2)), sending, 1, Waybill_Agent="again", Content_Encoding="gzip")
    assert packed.json == first.json
    assert sum(row["origin"].endswith("/again/1") for row in service.every_transfer(reading)) == 2


def test_another_batch_under_a_number_is_a_conflict(service: Service, sending: str) -> None:
    assert service.post(records(1), sending, 1, Waybill_Agent="conflict").status == 200
    answer = service.post(records(2), sending, 1, Waybill_Agent="conflict")
    assert answer.status == 409
    assert answer.json["advice"]


def test_the_same_batch_under_another_number_is_another(service: Service, sending: str, reading: str) -> None:
    for sequence in (1, 2):
        assert service.post(records(7), sending, sequence, Waybill_Agent="twice").json["accepted"] == 1
    rows = [row for row in service.every_transfer(reading) if "/twice/" in row["origin"]]
    assert len({row["id"] for row in rows}) == 2


def test_a_gap_is_told_until_it_is_filled(service: Service, sending: str, reading: str) -> None:
    assert service.post(records(1), sending, 3, Waybill_Agent="gap").json["missing"] == [[1, 2]]
    (agent,) = [one for one in service.get("/api/v1/sources", reading).json["agents"] if one["agent"] == "gap"]
    assert (agent["highest"], agent["missing"], agent["accepted"]) == (3, [[1, 2]], 1)
    assert agent["rate"] > 0
    assert service.post(records(1), sending, 1, Waybill_Agent="gap").json["missing"] == [[2, 2]]
    assert service.post(records(1), sending, 2, Waybill_Agent="gap").json["missing"] == []


def zstd(content: bytes) -> bytes:
    return bytes(pa.compress(content, codec="zstd", asbytes=True))


@pytest.mark.parametrize(("encoding", "pack"), [("gzip", gzip.compress), ("zstd", zstd)])
def test_packed_batches(service: Service, sending: str, encoding: str, pack: object) -> None:
    assert callable(pack)
    answer = service.post(pack(records(1, 2, 3)), sending, Waybill_Agent=encoding, Content_Encoding=encoding)
    assert answer.json["accepted"] == 3


def test_a_batch_is_recognised_where_its_mapping_is_not_named(service: Service, sending: str) -> None:
    csv = b"time,action,channel,asset\n2026-03-02T09:00:00Z,upload,web,/x\n2026-03-02T09:00:01Z,upload,web,/y\n"
    assert service.post(csv, sending, query="", kind="text/csv", Waybill_Agent="csv").json["accepted"] == 2
    one = service.post(record(1), sending, query="", Waybill_Agent="one-line")
    assert one.json["accepted"] == 1


def test_many_at_once_are_read_together_and_each_is_answered_for_itself(
    service: Service, sending: str, reading: str
) -> None:
    answers: dict[int, Answer] = {}

    def send(number: int) -> None:
        body = records(*range(number)) + b"{}\n" * (number % 3)
        answers[number] = service.post(body, sending, Waybill_Agent=f"many-{number}")

    threads = [Thread(target=send, args=(number,)) for number in range(1, 21)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {n: (a.json["accepted"], a.json["rejected"]) for n, a in answers.items()} == {
        n: (n, n % 3) for n in range(1, 21)
    }
    rows = [row for row in service.every_transfer(reading) if "/many-" in row["origin"]]
    assert sorted((row["origin"].partition("/")[2], row["position"]) for row in rows) == sorted(
        (f"many-{number}/1", position + 1) for number in range(1, 21) for position in range(number)
    )
    assert len({row["id"] for row in rows}) == len(rows)


def test_a_posted_event_becomes_a_finding_within_seconds(service: Service, sending: str, reading: str) -> None:
    event = record(1, asset="/secret/1", actor="copier", actor_kind="service", to_place="elsewhere.example")
    assert service.post(event, sending, Waybill_Agent="leak").status == 200
    until = time.monotonic() + 30
    while not (found := service.get("/api/v1/findings?subject=copier", reading).json["findings"]):
        assert time.monotonic() < until, service.log()
        time.sleep(0.1)
    told = found[0]["finding"]
    assert (told["asset"], told["source"]["file"].endswith("/leak/1")) == ("secret", True)
    assert service.get(f"/api/v1/findings/{told['id']}", reading).json["finding"] == told
    assert service.get(f"/api/v1/findings/{told['id'][:8]}", reading).status == 404


def test_sources_are_those_of_the_token(service: Service, tokens: Tokens, reading: str) -> None:
    one, two = tokens.make("ingest", sources=("erp",)), tokens.make("ingest", sources=("erp", "crm"))
    assert service.post(records(1), one).status == 200
    assert "erp" in {row["source"] for row in service.every_transfer(reading)}
    assert service.post(records(1), one, 2, query="mapping=waybill&source=crm").status == 403
    assert service.post(records(1), two).status == 403, "which of them it is must be said"
    assert service.post(records(1), two, query="mapping=waybill&source=crm").status == 200


@pytest.mark.parametrize(
    ("status", "asked"),
    [
        (400, {"sequence": 0}),
        (400, {"sequence": "-1"}),
        (400, {"sequence": "99999999999999999999"}),
        (400, {"sequence": "١"}),
        (400, {"Waybill_Agent": "../x"}),
        (400, {"query": "mapping=nothing"}),
        (400, {"query": "", "kind": "text/plain", "body": b"what is this\n"}),
        (400, {"Content_Encoding": "gzip"}),
        (400, {"body": gzip.compress(records(1))}),
        (400, {"body": gzip.compress(records(1))[:-9], "Content_Encoding": "gzip"}),
        (413, {"body": b"x" * (1 << 20) + b"x"}),
        (413, {"body": gzip.compress(bytes(200 << 20)), "Content_Encoding": "gzip"}),
        (413, {"body": zstd(bytes(200 << 20)), "Content_Encoding": "zstd"}),
        (415, {"Content_Encoding": "br"}),
        (415, {"kind": "image/png"}),
    ],
)
def test_what_is_refused(service: Service, sending: str, status: int, asked: dict[str, str]) -> None:
    sequence = asked.get("sequence", 1)
    if sequence == "١":
        sequence = "١".encode().decode("latin-1")
    body = asked.get("body", records(1))
    others = {name: value for name, value in asked.items() if name not in {"sequence", "body"}}
    begun = time.monotonic()
    answer = service.post(body, sending, sequence, **others)  # type: ignore[arg-type]
    assert answer.status == status, answer.body
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json["status"] == status
    assert answer.json["detail"]
    assert time.monotonic() - begun < 5
