"""A data folder of every earlier version opens in this one, with all that was in it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from waybill.flow.detect import detect
from waybill.flow.detectors import load_detectors
from waybill.flow.home import FORMAT
from waybill.flow.installation import Installation

from .test_proving import sequence

WITNESSES = Path(__file__).parent / "data"


DJANGO = "waybill.console.settings"


def test_this_version_has_a_witness() -> None:
    assert [one for one in WITNESSES.iterdir() if (one / "FORMAT").read_text().strip() == str(FORMAT)]


@pytest.mark.parametrize("version", sorted(path.name for path in WITNESSES.iterdir()))
def test_a_data_folder_of_this_version_opens(version: str, tmp_path: Path) -> None:
    shutil.copytree(WITNESSES / version, tmp_path / "data")
    installation = Installation.open(tmp_path / "data")
    installation = Installation.open(tmp_path / "data", django=DJANGO)  # first a command, then the service
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
    if (WITNESSES / version / "ledger").exists():
        from waybill.access.tokens import every as tokens

        assert [token.name for token in tokens()] == ["erp"]
    sequence(installation)
    from waybill.flow.proof.auditing import audit

    audited = audit(installation)
    assert audited.sound, audited.examples
    from waybill.findings.store import DatabaseFindingStore

    everybody = load_detectors()
    new = any(not DatabaseFindingStore().cursor(one.name) for one in everybody)
    looked = detect(installation, everybody, workers=0, progress=lambda count: None)
    assert looked.transfers >= (4 if new else 1), "new ones see all"
