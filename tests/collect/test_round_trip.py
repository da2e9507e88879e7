"""What is written as NDJSON, JSON or CSV comes back as it was, whatever it is."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.collect.samples import ndjson, plan, read, read_bytes, rejected, rows

from waybill.collect import collect
from waybill.model.words import Action, AssetKind, Channel, Grade, Outcome

letters = st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"), exclude_characters="@\\/|")
names = st.text(letters, min_size=1, max_size=12).filter(lambda name: name.strip() == name)
moments = st.datetimes(datetime(1990, 1, 1), datetime(2026, 1, 1)).map(lambda moment: moment.replace(tzinfo=UTC))

transfers = st.fixed_dictionaries(
    {"time": moments, "action": st.sampled_from(list(Action)), "channel": st.sampled_from(list(Channel))},
    optional={
        "outcome": st.sampled_from(list(Outcome)),
        "actor": st.from_regex(r"service-[a-z]{1,5}", fullmatch=True),
        "application": names,
        "asset": names,
        "asset_kind": st.sampled_from(list(AssetKind)),
        "grade": st.sampled_from(list(Grade)),
        "from_place": names,
        "to_place": names,
        "to_jurisdiction": st.sampled_from(["DE", "CN"]),
        "bytes": st.integers(0, 2**63 - 1),
        "records": st.integers(0, 2**63 - 1),
        "quantity": st.floats(0, 1e300),
        "unit": names,
        "permit": names,
        "own field": names,
    },
)

OPTIONS = {"suppress_health_check": [HealthCheck.function_scoped_fixture], "max_examples": 40, "deadline": None}


def written(transfer: dict[str, Any]) -> dict[str, Any]:
    """Return a transfer as its source writes it."""
    record = {**transfer, "time": transfer["time"].isoformat(), "actor_kind": "service"}
    return {name: str(value) if isinstance(value, str) else value for name, value in record.items()}


def expected(transfer: dict[str, Any]) -> dict[str, Any]:
    """Return what is to be read back."""
    row = {name: value for name, value in transfer.items() if name != "own field"}
    fields = [("own field", transfer["own field"])] if "own field" in transfer else []
    return {"outcome": "unknown", "actor_kind": "service", **row, "fields": fields}


def assert_read(found: list[Any], sent: list[dict[str, Any]]) -> None:
    assert rejected(found) == []
    got = rows(found)
    assert len(got) == len(sent)
    for row, transfer in zip(got, sent, strict=True):
        wanted = expected(transfer)
        assert {name: row[name] for name in wanted} == wanted
        unset = set(row) - set(wanted) - {"id", "source", "logsource", "origin", "position", "raw"}
        assert not any(row[name] for name in unset)


@settings(**OPTIONS)  # type: ignore[arg-type]
@given(st.lists(transfers, min_size=1, max_size=12))
def test_ndjson_and_json(tmp_path: Path, sent: list[dict[str, Any]]) -> None:
    records = [written(transfer) for transfer in sent]
    found = read_bytes(tmp_path, ndjson(records))
    assert_read(found, sent)
    assert [orjson.loads(row["raw"]) for row in rows(found)] == records
    assert_read(read_bytes(tmp_path, orjson.dumps(records)), sent)


@settings(**OPTIONS)  # type: ignore[arg-type]
@given(st.lists(transfers, min_size=1, max_size=12), st.integers(1, 500))
def test_csv(tmp_path: Path, sent: list[dict[str, Any]], chunk: int) -> None:
    records = [written(transfer) for transfer in sent]
    columns = sorted({name for record in records for name in record})
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)
    path = tmp_path / "log"
    path.write_bytes(text.getvalue().encode())
    assert_read(read(path, chunk_bytes=chunk), sent)


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False)
    | st.text(letters, max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(letters, max_size=4), inner, max_size=3),
    max_leaves=8,
)


@settings(**OPTIONS)  # type: ignore[arg-type]
@given(st.lists(st.dictionaries(st.text(letters, max_size=6), values, max_size=5), max_size=6))
def test_any_json_is_read_or_told_and_the_raw_record_is_kept(tmp_path: Path, odd: list[dict[str, Any]]) -> None:
    base = {"time": "2026-03-04T05:06:07Z", "action": "copy", "channel": "usb"}
    records = [base, *({**record, **base} for record in odd)]
    found = read_bytes(tmp_path, ndjson(records))
    places = [row["position"] for row in rows(found)] + [one.position for one in rejected(found)]
    assert sorted(places) == list(range(1, len(records) + 1))


@settings(**{**OPTIONS, "max_examples": 4})  # type: ignore[arg-type]
@given(st.lists(transfers, min_size=30, max_size=60))
def test_processes_give_what_this_process_gives(tmp_path: Path, sent: list[dict[str, Any]]) -> None:
    path = tmp_path / "log"
    path.write_bytes(ndjson(written(transfer) for transfer in sent))
    inside, outside = (list(collect([path], plan(chunk_bytes=2000), workers=workers)) for workers in (0, 2))
    assert rows(inside) == rows(outside)
    assert timedelta(0) == rows(inside)[0]["time"] - sent[0]["time"]
