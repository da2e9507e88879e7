"""``waybill ledger`` as a user meets it."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from tests.flow.test_proving import findings, sequence, store

from waybill.cli import main
from waybill.flow.installation import Installation


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """A data folder with findings."""
    return store(tmp_path_factory.mktemp("stored"))


@pytest.mark.parametrize("command", ["status", "verify"])
def test_in_a_fresh_process(installation: Installation, command: str) -> None:
    sequence(installation)
    words = [sys.executable, "-m", "waybill", "ledger", command, "--json", "--data", str(installation.folder.root)]
    done = subprocess.run(words, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    assert json.loads(done.stdout)


def test_the_commands(
    installation: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    finding = next(one for one in findings().values() if one.subject)
    log = installation.ledger.log

    def run(*words: str, code: int = 0) -> str:
        monkeypatch.setattr(sys, "argv", ["waybill", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        told = capfd.readouterr()
        assert ended.value.code == code, told.err
        return told.out

    monkeypatch.chdir(tmp_path)
    data = ("--data", str(installation.folder.root))
    run("findings", "set", "in_progress", finding.id, "--reason", "r", *data)
    assert json.loads(run("ledger", "status", "--json", *data))["waiting"] == 0
    proof = run("ledger", "prove", finding.id, *data)
    assert proof.startswith("c2sp.org/tlog-proof@v1\n")
    index = json.loads(run("ledger", "prove", finding.id, "--json", *data))["index"]
    assert run("ledger", "prove", str(index), "--from", str(log)) == proof
    listed = json.loads(run("ledger", "records", finding.id, "--json", *data))
    assert {one["kind"] for one in listed} == {"finding", "decision"}
    run("ledger", "disclose", finding.id, "--group", "what", "-o", "shown.json", *data)
    checked = json.loads(run("ledger", "check", "shown.json", "--policy", str(log / "policy"), "--json"))
    assert checked["groups"]["what"]["id"] == finding.id and checked["index"] == index
    (tmp_path / "shown.json").write_text((tmp_path / "shown.json").read_text().replace(finding.rule_id, "other"))
    run("ledger", "check", "shown.json", "--policy", str(log / "policy"), code=3)
    assert json.loads(run("ledger", "verify", "--json", *data))["sound"]
    with sqlite3.connect(installation.folder.database) as database:
        database.execute("UPDATE outbox_row SET content = replace(content, 'plant', 'plans') WHERE kind = 'asset'")
    database.close()
    assert "asset lot-7" in " ".join(run("ledger", "verify", *data, code=4).split())
    run("ledger", "recover", *data, code=2)
    run("ledger", "erase", finding.subject, *data, "--yes", code=2)
    run("ledger", "erase", finding.subject, "--basis", "request 12", "--yes", *data)
