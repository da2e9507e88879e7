"""``waybill epcis capture`` and ``waybill trace`` as a user meets them."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from tests.cli.test_disclosures_command import waybill
from tests.epcis.chain import document, event, whole_chain

from waybill.model.errors import UsageError


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Return a data folder that knows a chain."""
    (tmp_path / "chain.jsonld").write_bytes(document(*whole_chain()))
    code, out, err = waybill("epcis", "capture", tmp_path / "chain.jsonld", "--json", data=tmp_path / "data")
    assert code == 0, err
    assert json.loads(out)["events"] == 8
    return tmp_path / "data"


def test_a_lot_is_followed_both_ways(data: Path) -> None:
    code, out, _ = waybill("trace", "OX-0012", data=data)
    assert code == 0
    for shown in ("ORE-1", "50.0%", "MOTOR1", "urn:x:licence:7", "clean"):
        assert shown in out
    code, out, _ = waybill("trace", "OX-0012", "--json", data=data)
    assert [one["item"].rpartition("/")[2] for one in json.loads(out)["upstream"]] == ["ORE-1", "CON-7"]
    code, out, _ = waybill("trace", "ORE-1", "--csv", data=data)
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [row["affected"] for row in rows if row["item"].endswith("ME-3")] == ["7.5"]


def test_a_held_lot_and_a_refused_document_have_exit_codes_of_their_own(data: Path, tmp_path: Path) -> None:
    recalled = event("ObjectEvent", 20, action="OBSERVE", quantityList=whole_chain()[3]["quantityList"],
                     persistentDisposition={"set": ["recalled"]})  # fmt: skip
    (tmp_path / "recall.json").write_bytes(document(recalled))
    (tmp_path / "wrong.json").write_bytes(document(recalled | {"action": "RECALL"}))
    assert waybill("epcis", "capture", tmp_path / "recall.json", data=data)[0] == 0
    assert waybill("trace", "CON-7", data=data)[0] == 1
    code, _, err = waybill("epcis", "capture", tmp_path / "wrong.json", data=data)
    assert code == 3
    assert "event 1, action" in err


def test_what_is_not_there_is_told(data: Path) -> None:
    with pytest.raises(UsageError, match="no such lot"):
        waybill("trace", "NOTHING", data=data)
    with pytest.raises(UsageError, match="CSV or JSON"):
        waybill("trace", "CON-7", "--csv", "--json", data=data)
