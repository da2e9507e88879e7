"""The public Sigma rules and the events that their authors recorded for them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.collect.format_samples import batches
from tests.detect.sigma_windows import windows_events

from waybill.detect.sigma import SigmaDetector
from waybill.model.protocols import Tables

pytestmark = pytest.mark.oracle

FOLDERS = ("rules", "rules-emerging-threats", "rules-threat-hunting")


@pytest.fixture(scope="module")
def sigma() -> Path:
    """The folder with public rules and their recorded events."""
    folder = os.environ.get("WAYBILL_CORPORA")
    if not folder:
        pytest.skip("WAYBILL_CORPORA is not set: these tests read the public Sigma rules")
    return Path(folder) / "sigma"


@pytest.fixture(scope="module")
def public(sigma: Path) -> SigmaDetector:
    """A detector with all public rules."""
    made = SigmaDetector([sigma / folder for folder in FOLDERS], own=False)
    assert made.rules.rules
    return made


def cases(sigma: Path) -> Iterator[tuple[Path, str]]:
    """Yield the folder of each recorded case and the id of the rule that must fire."""
    for info in sorted(sigma.glob("regression_data/**/info.yml")):
        for rule in yaml.safe_load(info.read_text())["rule_metadata"]:
            yield info.parent, rule["id"]


def records(text: str) -> Iterator[Any]:
    """Yield JSON documents that follow each other."""
    decoder, place = json.JSONDecoder(), 0
    text = text.lstrip("\ufeff").strip()
    while place < len(text):
        record, place = decoder.raw_decode(text, place)
        yield from record if isinstance(record, list) else [record]
        place += len(text[place:]) - len(text[place:].lstrip())


def test_all_public_rules_load(public: SigmaDetector) -> None:
    rules = public.rules
    assert not rules.problems
    assert len(rules.rules) >= 3_700
    undecided = [rule for rule in rules.rules if rule.condition is None]
    assert len(undecided) <= 5
    assert all("placeholder" in rule.not_evaluable for rule in undecided)


def test_every_recorded_event_fires_its_rule(sigma: Path, public: SigmaDetector) -> None:
    silent, tried = [], 0
    for folder, rule_id in cases(sigma):
        for file in folder.glob("*.json"):
            tried += 1
            table = windows_events(records(file.read_text(encoding="utf-8")))
            if rule_id not in {finding.rule_id for finding in public.run(Tables(table), {}).findings}:
                silent.append(rule_id)
    assert tried >= 100
    assert not silent


def test_every_recorded_event_fires_its_rule_when_collected(sigma: Path, public: SigmaDetector) -> None:
    """From the event log's own files and a router's line, names of people replaced on the way."""
    fired: set[tuple[str, str]] = set()
    for batch in batches(sigma / "regression_data"):
        for finding in public.run(Tables(batch.transfers), {}).findings:
            fired.add((finding.rule_id, Path(batch.file).name))
    silent = [
        rule_id
        for folder, rule_id in cases(sigma)
        for file in (*folder.glob("*.evtx"), *folder.glob("*.raw"))
        if (rule_id, file.name) not in fired
    ]
    assert not silent
