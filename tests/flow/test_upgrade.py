"""A data folder of every earlier version opens in this one, with all that was in it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from waybill.flow.detect import detect
from waybill.flow.detectors import load_detectors
from waybill.flow.home import FORMAT
from waybill.flow.installation import Installation

WITNESSES = Path(__file__).parent / "data"


def test_this_version_has_a_witness() -> None:
    assert (WITNESSES / f"v{FORMAT}" / "FORMAT").read_text().strip() == str(FORMAT)


@pytest.mark.parametrize("version", sorted(path.name for path in WITNESSES.iterdir()))
def test_a_data_folder_of_this_version_opens(version: str, tmp_path: Path) -> None:
    shutil.copytree(WITNESSES / version, tmp_path / "data")
    installation = Installation.open(tmp_path / "data")
    from waybill.findings import queries
    from waybill.register.identities import known

    assert [asset.id for asset in installation.register().assets] == ["lot-7"]
    assert set(known(installation.folder.key("identity"))) == {"li.na"}
    found = {item.finding.rule_id for item in queries.every(queries.Filter())}
    assert "unauthorised.expired" in found and len(found) >= 2
    assert [(entry.file, entry.position) for entry in installation.quarantine.entries()] == [("day.ndjson", 4)]
    assert installation.lake.verify() == []
    with installation.lake.snapshot() as snapshot:
        assert snapshot.query("SELECT count(*) AS n FROM transfers")["n"][0].as_py() == 4

    assert installation.lake.commit().rows == 1, "what waited in the log comes into the table"
    seasoned = load_detectors(only=["sigma", "unauthorised"])
    assert detect(installation, seasoned, workers=0, progress=lambda count: None).transfers == 1
    everybody = load_detectors()
    assert detect(installation, everybody, workers=0, progress=lambda count: None).transfers == 4, "new ones see all"
