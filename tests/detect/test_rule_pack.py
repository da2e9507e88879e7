"""The rules that come with Waybill: complete, valid, and right about their own samples and benign twins."""

from __future__ import annotations

import os
import re
import string
import uuid
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from sigma.collection import SigmaCollection
from sigma.rule import SigmaRule
from sigma.validation import SigmaValidator
from sigma.validators.core import validators
from tests.detect.rule_samples import ENVELOPES, FOLDER, Sample, Seen, judged, plan, read, samples

from waybill.collect import collect
from waybill.detect.sigma import SigmaDetector
from waybill.model.protocols import Tables
from waybill.model.words import Channel, Severity

RULES = Path(__file__).parents[2] / "src" / "waybill" / "detect" / "sigma" / "rules"
ALL = {path.stem: path for path in sorted(RULES.rglob("*.yml"))}
CORRELATIONS = {stem: path for stem, path in ALL.items() if "\ncorrelation:" in path.read_text(encoding="utf-8")}
FILES = {stem: path for stem, path in ALL.items() if stem not in CORRELATIONS}
"""Rules about single records; `test_own_correlations` has the others."""

PLACEHOLDERS = {
    "actor", "asset", "from_place", "to_place", "to_party", "application", "bytes", "records", "channel",
}  # fmt: skip
PRODUCTS = {
    "waybill", "aws", "windows", "ocsf", "okta", "ot", "gcp", "azure", "kubernetes", "box", "snowflake", "salesforce",
    "databricks", "notion", "github",
}  # fmt: skip
CHINESE = re.compile(r"[\u4e00-\u9fff]")

OFFLINE = (
    "dangling_condition", "dangling_detection", "identifier_existence", "identifier_uniqueness", "duplicate_title",
    "duplicate_references", "duplicate_tag", "tag_format", "namespace_tag", "all_of_them_condition", "filename_length",
    "them_condition_with_single_detection", "double_wildcard", "invalid_modifier_combinations", "control_character",
    "wildcards_instead_of_modifiers", "duplicate_filename",
)  # fmt: skip
"""Checks of pySigma that need no catalogue from the network."""


@cache
def content(stem: str) -> dict[str, Any]:
    """Return a rule as its file says it."""
    loaded: dict[str, Any] = yaml.safe_load(ALL[stem].read_text(encoding="utf-8"))
    return loaded


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, int], Seen]:
    """What the pack says of every sample of every rule."""
    return judged(tmp_path_factory.mktemp("samples"), list(FILES))


def test_pack_is_large_enough_and_every_channel_of_leaks_has_a_folder() -> None:
    assert len(FILES) >= 125
    folders = {path.parent.name for path in FILES.values()}
    assert folders <= set(Channel)
    assert folders >= {"usb", "email", "cloud-storage", "cloud-api", "web", "database", "code", "print", "chat", "host"}


def test_pack_loads_without_problems_and_every_rule_can_be_evaluated() -> None:
    rules = SigmaDetector().rules
    assert [str(problem) for problem in rules.problems] == []
    assert [rule.path for rule in rules.rules if not rule.is_evaluable] == []
    assert len(rules.rules) == len(ALL)


def test_pack_passes_the_validators_of_sigma() -> None:
    rules = (rule for rule in SigmaCollection.load_ruleset([str(RULES)]) if isinstance(rule, SigmaRule))
    issues = SigmaValidator([validators[name] for name in OFFLINE]).validate_rules(rules)
    assert [str(issue) for issue in issues] == []


@pytest.mark.parametrize("stem", ALL)
def test_rule_says_all_that_a_reader_needs(stem: str) -> None:
    rule = content(stem)
    assert uuid.UUID(rule["id"]).version == 4
    assert rule["author"] == "Waybill"
    assert rule["license"] == "Apache-2.0"
    assert rule["level"] in set(Severity)
    assert rule["falsepositives"]
    assert rule.get("logsource", {}).get("product", "windows") in PRODUCTS
    assert re.search(r"\bDoes\s+not\s+fire\b", rule["description"]), "say which benign use it must not fire on"
    assert all(re.fullmatch(r"attack\.(t\d{4}(\.\d{3})?|[a-z]+(-[a-z]+)*)", tag) for tag in rule["tags"])
    assert all(address.startswith("https://") for address in rule["references"])


@pytest.mark.parametrize("stem", ALL)
def test_rule_speaks_both_languages(stem: str) -> None:
    rule = content(stem)
    for chinese in ("title_zh", "sentence_zh", "advice_zh"):
        assert CHINESE.search(rule[chinese])
    for english in ("title", "sentence_en", "advice_en"):
        assert rule[english]
        assert not CHINESE.search(rule[english])
    asked = [
        {name for _, name, _, _ in string.Formatter().parse(rule[f"sentence_{code}"]) if name} for code in ("en", "zh")
    ]
    assert asked[0] == asked[1], "both sentences must say the same"
    assert asked[0] <= PLACEHOLDERS


def test_every_rule_has_samples_and_no_samples_are_left_over() -> None:
    assert {path.stem for path in FOLDER.glob("*.yml")} - {ENVELOPES} == set(FILES)


@pytest.mark.parametrize("stem", FILES)
def test_rule_has_a_benign_twin_that_differs_in_the_decisive_value_alone(stem: str) -> None:
    twins = read(stem)["silent"]
    assert len(twins) >= 2
    assert all(twin["because"] for twin in twins)
    assert min(_leaves(twin["change"]) for twin in twins) <= 2


@pytest.mark.parametrize("stem", FILES)
def test_rule_fires_on_its_samples_and_on_no_benign_twin(stem: str, seen: dict[tuple[str, int], Seen]) -> None:
    rule = content(stem)["id"]
    wrong = [
        sample.name for sample in samples(stem) if (rule in seen[stem, sample.number].rules) is bool(sample.because)
    ]
    assert wrong == []


@pytest.mark.parametrize("stem", FILES)
def test_sentence_is_filled_from_the_record(stem: str, seen: dict[tuple[str, int], Seen]) -> None:
    sentences = [text for sample in samples(stem) if not sample.because for text in seen[stem, sample.number].sentences]
    assert sentences
    assert [text for text in sentences if "unknown" in text or "未知" in text] == []


def test_changing_the_decisive_value_alone_decides(seen: dict[tuple[str, int], Seen]) -> None:
    """The check checks itself: a sample whose decisive value is gone must not count as firing."""
    rule = content("usb_copy")["id"]
    by_reason: dict[str, Sample] = {sample.because: sample for sample in samples("usb_copy")}
    assert rule in seen["usb_copy", by_reason[""].number].rules
    assert rule not in seen["usb_copy", by_reason["read from the stick"].number].rules


STRATUS = {
    "aws.exfiltration.ec2-security-group-open-port-22-ingress": "aws_security_group_open_to_world",
    "aws.exfiltration.ec2-share-ami": "aws_image_shared",
    "aws.exfiltration.ec2-share-ebs-snapshot": "aws_volume_snapshot_shared",
    "aws.exfiltration.rds-share-snapshot": "aws_database_snapshot_shared",
    "aws.exfiltration.s3-backdoor-bucket-policy": "aws_bucket_policy_other_account",
    "aws.defense-evasion.cloudtrail-delete": "aws_trail_switched_off",
    "aws.defense-evasion.cloudtrail-stop": "aws_trail_switched_off",
    "aws.defense-evasion.organizations-leave": "aws_trail_switched_off",
    "aws.persistence.iam-backdoor-user": "aws_access_key_for_another_user",
    "aws.persistence.iam-create-backdoor-role": "aws_role_trusts_other_account",
    "aws.persistence.lambda-backdoor-function": "aws_function_or_layer_public",
}
"""Techniques of the attack simulator and the rule that must tell each; those without a file here are not there."""


def _corpora() -> Path:
    folder = os.environ.get("WAYBILL_CORPORA")
    if not folder:
        pytest.skip("WAYBILL_CORPORA is not set")
    return Path(folder)


@pytest.mark.oracle
def test_every_exfiltration_of_the_attack_simulator_is_told() -> None:
    folder = _corpora() / "logs" / "stratus-red-team"
    files = [path for path in sorted(folder.glob("*.json")) if path.stem in STRATUS or ".exfiltration." in path.stem]
    assert len([path for path in files if ".exfiltration." in path.stem]) >= 2
    detector = SigmaDetector()
    missed = []
    for path in files:
        told = {
            finding.rule_id
            for batch in collect([path], plan(), workers=0)
            for finding in detector.run(Tables(batch.transfers), {}).findings
        }
        if content(STRATUS[path.stem])["id"] not in told:
            missed.append(path.stem)
    assert missed == []


def _placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def _leaves(change: Any) -> int:
    """Return in how many values a change differs; a list counts as one."""
    if not isinstance(change, dict):
        return 1
    return sum(_leaves(value) for value in change.values())
