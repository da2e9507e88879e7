"""Our own samples of records on which a rule fires and of benign twins, written as the sources' own files.

``sigma_samples/<rule>.yml`` holds, for each rule of the pack: the ``source``; the ``envelope`` around its records (see
``envelopes.yml``); a ``record`` that fires; ``fires``, changes that leave it firing; ``silent``, changes that make it
benign, each with ``because``. A change is laid over the record; null removes a field.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import orjson
import pyarrow as pa
import yaml

from waybill.collect import Plan, built_in_mappings, collect
from waybill.detect.sigma import RuleSet, SigmaDetector
from waybill.model.protocols import Tables
from waybill.register.channels import ProtectedChannels
from waybill.register.pseudonyms import KeyedPseudonymiser

FOLDER = Path(__file__).parent / "sigma_samples"
ENVELOPES = "envelopes"

Record = dict[str, Any]


@dataclass(frozen=True)
class Sample:
    """One record of a rule's samples."""

    rule: str
    """Stem of the rule's file."""
    number: int
    """Position among the rule's samples, from 1."""
    source: str
    record: Record
    because: str = ""
    """Why it is benign; empty if the rule must fire."""

    @property
    def name(self) -> str:
        """How a failing test names it."""
        return f"{self.rule}, {self.because or 'fires'} (record {self.number})"


@dataclass(frozen=True)
class Seen:
    """What the pack said of one record."""

    rules: frozenset[str]
    """Ids of rules that fired."""
    sentences: tuple[str, ...]


def read(stem: str) -> Record:
    """Return the content of one file of samples."""
    content: Record = yaml.safe_load((FOLDER / f"{stem}.yml").read_text(encoding="utf-8"))
    return content


def samples(stem: str) -> Iterator[Sample]:
    """Yield the records of a rule's samples, firing ones first."""
    content = read(stem)
    envelopes = read(ENVELOPES)
    source: str = content["source"]
    envelope: str = content.get("envelope") or source
    record = overlaid(envelopes[envelope], content["record"])
    changes = [({}, ""), *((change, "") for change in content["fires"])]
    changes += [(twin["change"], twin["because"]) for twin in content["silent"]]
    for number, (change, because) in enumerate(changes, 1):
        yield Sample(stem, number, source, overlaid(record, change), because)


def overlaid(record: Record, change: Record) -> Record:
    """Return ``record`` with ``change`` laid over it."""
    result = dict(record)
    for name, value in change.items():
        if value is None:
            result.pop(name, None)
        elif isinstance(value, dict) and isinstance(result.get(name), dict):
            result[name] = overlaid(result[name], value)
        else:
            result[name] = value
    return result


def plan() -> Plan:
    """Return a plan with the built-in mappings and no protected channels."""
    return Plan(
        id_key=b"i" * 32,
        pseudonymiser=KeyedPseudonymiser(b"k" * 32),
        channels=ProtectedChannels(),
        mappings=built_in_mappings(),
    )


def write(folder: Path, stem: str) -> None:
    """Write a rule's samples as its source would: CloudTrail as a document, all others a line each."""
    records = [sample.record for sample in samples(stem)]
    if read(stem)["source"] == "aws-cloudtrail":
        (folder / f"{stem}.json").write_bytes(orjson.dumps({"Records": records}))
    else:
        (folder / f"{stem}.ndjson").write_bytes(b"\n".join(orjson.dumps(record) for record in records))


def outspoken(detector: SigmaDetector) -> SigmaDetector:
    """Let rules that only correlations name speak for themselves too."""
    rules = tuple(msgspec.structs.replace(rule, only_correlated=False) for rule in detector.rules.rules)
    return SigmaDetector.of(RuleSet(rules))


def judged(folder: Path, stems: Sequence[str]) -> dict[tuple[str, int], Seen]:
    """Return what the pack says of each sample, by stem and number, read by the real collectors.

    Each number is judged for itself: findings of one actor, asset and day are joined and keep one sentence only.
    """
    for stem in stems:
        write(folder, stem)
    batches = list(collect([folder], plan(), workers=0))
    rejected = [(one.file, one.position, one.reason, one.field) for batch in batches for one in batch.rejected]
    assert not rejected, rejected
    transfers = pa.concat_tables([batch.transfers for batch in batches])
    detector = outspoken(SigmaDetector())
    seen: dict[tuple[str, int], Seen] = {}
    names = list(zip(transfers["origin"].to_pylist(), transfers["position"].to_pylist(), strict=True))
    for number in sorted({position for _, position in names}):
        rows = [row for row, (_, position) in enumerate(names) if position == number]
        seen |= _judge(detector, transfers.take(rows), {Path(names[row][0]).stem for row in rows}, number)
    return seen


def _judge(detector: SigmaDetector, rows: pa.Table, stems: set[str], number: int) -> dict[tuple[str, int], Seen]:
    names = zip(rows["id"].to_pylist(), rows["origin"].to_pylist(), strict=True)
    origins = {record_id.hex(): Path(name).stem for record_id, name in names}
    told: dict[str, list[tuple[str, str]]] = {stem: [] for stem in stems}
    for finding in detector.run(Tables(rows), {}).findings:
        for transfer in finding.transfers:
            told[origins[transfer]].append((finding.rule_id, f"{finding.sentence.en} {finding.sentence.zh}"))
    return {
        (stem, number): Seen(frozenset(rule for rule, _ in found), tuple(sentence for _, sentence in found))
        for stem, found in told.items()
    }
