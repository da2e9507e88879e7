"""Other engines: asked where they are, their absence said, their reports read as anybody's input."""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from waybill.cli.app import app
from waybill.exposure import FAMILIES, NotInspected, survey
from waybill.exposure.code.engines import ENGINES, Engine, Report, read
from waybill.exposure.code.engines.reports import results_of
from waybill.exposure.code.engines.running import ask
from waybill.model.register import RegisterSnapshot
from waybill.model.words import Severity

CODE = 'import subprocess\n\nsubprocess.run("ls " + input(), shell=True)  # noqa: S602  # nosec\n'
WORKFLOW = (
    "on: pull_request_target\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n"
    "      - run: echo ${{ github.event.pull_request.title }}\n"
)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    (folder / ".github" / "workflows").mkdir(parents=True)
    (folder / "a.py").write_text(CODE)
    (folder / ".github" / "workflows" / "a.yml").write_text(WORKFLOW)
    (folder / "ruff.toml").write_text('exclude = ["*"]\n')  # what is looked at must not silence who looks
    (folder / ".bandit").write_text("[bandit]\nskips = B602\n")
    return folder


@pytest.mark.parametrize(
    ("name", "rule", "file"),
    [
        ("ruff", "S602", "a.py"),
        ("bandit", "B602", "a.py"),
        ("banditrs", "B602", "a.py"),
        ("zizmor", "zizmor/template-injection", ".github/workflows/a.yml"),
    ],
)
def test_engines_that_are_here(shop: Path, name: str, rule: str, file: str) -> None:
    (thing,) = read(str(shop), (name,), {})
    if isinstance(thing, NotInspected) and "not installed" in thing.why:
        pytest.skip(thing.why)
    assert isinstance(thing, Report)
    assert (rule, file) in {(one.rule, one.file) for one in thing.part("results")}


def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, script: str) -> None:
    """Lay a program on the path that answers as an engine does."""
    program = tmp_path / "bin" / ENGINES[name].program
    program.parent.mkdir(exist_ok=True)
    program.write_text(f"#!{sys.executable}\nimport os, sys, time\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")


def sarif(level: str = "error", text: str = "hunter2") -> str:
    where = {"artifactLocation": {"uri": "src/a.py"}, "region": {"startLine": 7}}
    result = {"ruleId": "r1", "level": level, "message": {"text": text}, "locations": [{"physicalLocation": where}]}
    return json.dumps({"version": "2.1.0", "runs": [{"results": [result]}]})


@pytest.mark.parametrize(("name", "code"), [("opengrep", 1), ("kingfisher", 200)])
def test_an_exit_code_that_means_findings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shop: Path, name: str, code: int
) -> None:
    made(tmp_path, monkeypatch, name, f"print({sarif()!r}); sys.exit({code})")
    (thing,) = read(str(shop), (name,), {name: shop})
    assert isinstance(thing, Report)
    found = survey([thing], FAMILIES["code"].checks(), RegisterSnapshot(), datetime(2026, 3, 1, tzinfo=UTC)).findings
    assert [(one.rule_id, one.severity, one.source.position) for one in found] == [("code-engine", Severity.HIGH, 7)]
    assert ("hunter2" in found[0].sentence.en) is (name == "opengrep")  # who looks for secrets may quote one


def test_a_report_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shop: Path) -> None:
    script = f"open(sys.argv[sys.argv.index('--report-path') + 1], 'w').write({sarif()!r})"
    made(tmp_path, monkeypatch, "gitleaks", script)
    (thing,) = read(str(shop), ("gitleaks",), {})
    assert isinstance(thing, Report)
    assert [one.says for one in thing.part("results")] == [""]


def test_yara(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shop: Path) -> None:
    written = json.dumps({"version": "1", "matches": [{"rule": "shell", "file": str(shop / "a.py")}]})
    made(tmp_path, monkeypatch, "yara-x", f"print({written!r})")
    (thing,) = read(str(shop), ("yara-x",), {"yara-x": shop})
    assert isinstance(thing, Report)
    assert [(one.rule, one.file) for one in thing.part("results")] == [("shell", "a.py")]


def test_failing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shop: Path) -> None:
    made(tmp_path, monkeypatch, "kingfisher", "print('out of rules', file=sys.stderr); sys.exit(2)")
    made(tmp_path, monkeypatch, "opengrep", "print('[]')")
    told = list(read(str(shop), ("kingfisher", "opengrep", "semgrep"), {"opengrep": shop}))
    assert [one.why for one in told if isinstance(one, NotInspected)] == [
        "it ended with 2: it does not say why",
        "what it wrote is no report (sarif)",
        "not asked: no rules are named (--rules semgrep=PATH)",
    ]


def test_an_engine_that_does_not_end(tmp_path: Path) -> None:
    engine = Engine("slow", ("-c", "import time; time.sleep(60)"), sys.executable)
    start = time.monotonic()
    with pytest.raises(NotInspected, match="does not finish"):
        ask(engine, sys.executable, tmp_path, None, seconds=0.5)
    assert time.monotonic() - start < 10


def test_no_secret_of_ours_is_handed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "made-up")
    engine = Engine("env", ("-c", "import os; print(sorted(os.environ))"), sys.executable)
    assert b"AWS" not in ask(engine, sys.executable, tmp_path, None)


@pytest.mark.parametrize("content", [b"", b"{}", b'{"runs": 1}', b'{"runs": [{"results": [1]}]}', b"[" * 5000])
def test_what_is_no_report(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(NotInspected):
        results_of(content, ENGINES["ruff"], tmp_path)


def test_absence_is_said(monkeypatch: pytest.MonkeyPatch, shop: Path) -> None:
    if shutil.which("kingfisher"):
        pytest.skip("kingfisher is installed")
    result = CliRunner().invoke(app, ["survey", "engines", str(shop), "--engine", "kingfisher"])
    assert result.exit_code == 3
    assert "kingfisher is not installed" in " ".join(result.stdout.split())
