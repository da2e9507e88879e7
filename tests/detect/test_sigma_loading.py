"""Rules that are wrong are told with file and line; all others run."""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from random import Random

import pytest
from tests.detect.sigma_tables import detector, events, findings, positions, rule, write

from waybill.detect.sigma import RuleSet, RuleState, SigmaDetector, standings
from waybill.model.errors import RuleError
from waybill.model.protocols import Detector, Tables
from waybill.model.words import Severity

GOOD = """\
title: Good
id: 11111111-1111-4111-8111-111111111111
logsource: {product: windows}
detection:
  selection:
    Image: good
  condition: selection
level: high
tags: [attack.t1048, attack.exfiltration]
"""

WRONG = {
    "a typo in a modifier": ("    Image: good", "    User: x\n    Image|contians: good", 7, "contians"),
    "an unknown selection": ("condition: selection", "condition: selection and not filter", 7, "filter"),
    "a selector that finds nothing": (
        "condition: selection",
        "condition: selection and 1 of filter_*",
        7,
        "selections",
    ),
    "the aggregation of old rules": ("condition: selection", "condition: selection | count() > 5", 7, "deprecated"),
    "no detection": ("detection:", "detecton:", 1, "detection"),
    "no condition": ("condition:", "conditions:", 4, "condition"),
    "a level that is none": ("level: high", "level: hgih", 8, "hgih"),
    "an id that is none": ("11111111-1111-4111-8111-111111111111", "rule-1", 2, "UUID"),
    "a bad expression": ("    Image: good", "    Image|re: '(a'", 6, "(a"),
    "a bad address block": ("    Image: good", "    Image|cidr: 10.0.0.1/8", 6, "CIDR"),
    "a number that is none": ("    Image: good", "    Image|gt: many", 6, "incompatible"),
    "bad YAML": ("    Image: good", "    Image: 'good", 6, "YAML"),
    "a name twice": ("    Image: good", "    Image: good\n    Image: better", 1, "Duplicate"),
    "a log source that is none": ("{product: windows}", "windows", 3, "logsource"),
    "an empty log source": ("{product: windows}", "{}", 3, "empty"),
    "a list for a document": (GOOD, "- one\n- two\n", 1, "map"),
    "references that multiply": ("    Image: good", "    Image: &a [good]\n    User: *a", 7, "references"),
    "dashes that multiply": ("    Image: good", "    Image|windash: '-a -b -c -d -e -f'", 6, "windash"),
    "a repetition beyond measure": ("    Image: good", "    Image|re: 'a{99999999999999999999}'", 6, "repetition"),
    "nested too deeply": ("    Image: good", "    Image: " + "[" * 100_000, 6, "deep"),
}


def load(folder: Path, **texts: str) -> RuleSet:
    """Write each text to a file of that name and load all."""
    for name, text in texts.items():
        (folder / f"{name}.yml").write_text(text, encoding="utf-8")
    return SigmaDetector([folder], own=False).rules


@pytest.mark.parametrize(("old", "new", "line", "word"), list(WRONG.values()), ids=list(WRONG))
def test_a_wrong_rule_is_told_and_the_others_run(tmp_path: Path, old: str, new: str, line: int, word: str) -> None:
    wrong = GOOD.replace("11111111-1111-4111-8111", "22222222-2222-4222-8222").replace("title: Good", "title: Wrong")
    wrong = (
        new if old == GOOD else wrong.replace(old.replace("11111111-1111-4111-8111", "22222222-2222-4222-8222"), new)
    )
    rules = load(tmp_path, bad=wrong, good=GOOD)
    assert [one.title.en for one in rules.rules] == ["Good"]
    (problem,) = rules.problems
    assert Path(problem.file).name == "bad.yml"
    assert word in problem.what
    assert problem.line == line, problem


def test_no_damage_to_a_file_keeps_the_others_from_running(tmp_path: Path) -> None:
    random = Random(7)
    for number in range(150):
        text = list(GOOD.replace("1111", "2222"))
        for _ in range(random.choice((1, 3, 10))):
            text[random.randrange(len(text))] = random.choice("\n :|-*&!?'{}[]%#>\t\\\"x1\x00")
        (tmp_path / f"bad_{number:03}.yml").write_text("".join(text), encoding="utf-8")
    rules = load(tmp_path, good=GOOD)
    assert "Good" in {one.title.en for one in rules.rules if one.path.endswith("good.yml")}
    assert rules.problems
    assert all(1 <= problem.line <= GOOD.count("\n") + 11 for problem in rules.problems)


def test_a_problem_can_be_raised(tmp_path: Path) -> None:
    (problem,) = load(tmp_path, bad=GOOD.replace("level: high", "level: x")).problems
    with pytest.raises(RuleError, match=r"bad\.yml:8"):
        raise problem.error()


def test_lines_count_from_the_start_of_the_file_in_later_documents(tmp_path: Path) -> None:
    second = GOOD.replace("1111", "2222").replace("Image: good", "Image|contians: good")
    rules = load(tmp_path, both=f"{GOOD}---\n{second}")
    assert [one.title.en for one in rules.rules] == ["Good"]
    assert [problem.line for problem in rules.problems] == [GOOD.count("\n") + 1 + 6]


def test_what_a_rule_says_of_itself(tmp_path: Path) -> None:
    (one,) = load(tmp_path, good=GOOD).rules
    assert (one.level, one.tags, one.line) == (Severity.HIGH, ("attack.t1048", "attack.exfiltration"), 1)
    assert str(one.logsource) == "windows//"
    assert one.title.zh == one.title.en == "Good"


def test_two_rules_of_one_id_are_told_and_the_first_runs(tmp_path: Path) -> None:
    rules = load(tmp_path, a=GOOD, b=GOOD.replace("title: Good", "title: Better"))
    assert [one.title.en for one in rules.rules] == ["Good"]
    (problem,) = rules.problems
    assert "already defined" in problem.what
    assert "a.yml:1" in problem.what


def test_a_file_named_twice_is_read_once(tmp_path: Path) -> None:
    load(tmp_path, good=GOOD)
    rules = SigmaDetector([tmp_path, tmp_path / "good.yml", tmp_path], own=False).rules
    assert len(rules.rules) == 1
    assert not rules.problems


def test_files_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    (tmp_path / "latin.yml").write_bytes(b"title: caf\xe9\n")
    (tmp_path / "large.yml").write_bytes(b"#" * (4 * 2**20 + 1))
    (tmp_path / "gone.yml").symlink_to(tmp_path / "nowhere")
    rules = load(tmp_path, good=GOOD)
    assert len(rules.rules) == 1
    told = {Path(problem.file).name: problem.what for problem in rules.problems}
    assert "UTF-8" in told["latin.yml"]
    assert "larger" in told["large.yml"]
    assert "cannot be read" in told["gone.yml"]


def test_a_path_that_does_not_exist_is_told(tmp_path: Path) -> None:
    (problem,) = SigmaDetector([tmp_path / "no"], own=False).rules.problems
    assert "cannot be read" in problem.what


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_told(tmp_path: Path) -> None:
    load(tmp_path, good=GOOD)
    (tmp_path / "good.yml").chmod(0)
    (problem,) = SigmaDetector([tmp_path], own=False).rules.problems
    assert "cannot be read" in problem.what


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("    Image|expand: '%admins%'", "%admins%"),
        ("    Image|re: 'a(?=b)'", "RE2"),
        ("    Image|re: '(a)\\1'", "RE2"),
    ],
)
def test_a_rule_that_cannot_be_decided_says_why(tmp_path: Path, value: str, why: str) -> None:
    rules = load(tmp_path, rule=GOOD.replace("    Image: good", value))
    assert not rules.problems
    (standing,) = standings(rules, ())
    assert standing.state is RuleState.NOT_EVALUABLE
    assert why in standing.why
    remarks = SigmaDetector([tmp_path], own=False).run(Tables(events({"Image": "ab"})), {}).remarks
    assert any(why in remark for remark in remarks)


CORRELATION = """\
title: Many
id: 33333333-3333-4333-8333-333333333333
correlation:
  type: event_count
  rules: [11111111-1111-4111-8111-111111111111]
  group-by: [User]
  timespan: 1h
  condition: {gte: 10}
"""


def test_rules_that_only_correlations_name_make_no_findings_of_their_own(tmp_path: Path) -> None:
    rules = load(tmp_path, good=GOOD, many=CORRELATION)
    assert {one.title.en: one.only_correlated for one in rules.rules} == {"Good": True, "Many": False}
    assert findings(SigmaDetector([tmp_path], own=False), events({"Image": "good"})) == []
    load(tmp_path, many=CORRELATION + "  generate: true\n")
    assert len(findings(SigmaDetector([tmp_path], own=False), events({"Image": "good"}))) == 1


def test_a_correlation_of_a_rule_that_is_not_there_is_told(tmp_path: Path) -> None:
    rules = load(tmp_path, many=CORRELATION)
    assert rules.rules == ()
    (problem,) = rules.problems
    assert "there is no rule '11111111" in problem.what


def test_a_correlation_of_a_rule_that_cannot_be_decided_says_so(tmp_path: Path) -> None:
    rules = load(tmp_path, good=GOOD.replace("    Image: good", "    Image|re: 'a(?=b)'"), many=CORRELATION)
    standing = {one.rule.title.en: one for one in standings(rules, ())}
    assert standing["Many"].state is RuleState.NOT_EVALUABLE
    assert "RE2" in standing["Many"].why


def test_correlations_that_name_each_other_are_told(tmp_path: Path) -> None:
    one = CORRELATION.replace("11111111-1111-4111-8111-111111111111", "other").replace("id: 3", "name: many\nid: 3")
    other = one.replace("33333333", "44444444").replace("name: many", "name: other").replace("[other]", "[many]")
    rules = load(tmp_path, one=one, other=other)
    assert rules.rules == ()
    assert all("names itself" in problem.what for problem in rules.problems)
    assert len(rules.problems) == 2


@pytest.mark.parametrize("target", ["any", "11111111-1111-4111-8111-111111111111"])
def test_a_filter_takes_matches_away(tmp_path: Path, target: str) -> None:
    content = f"""\
title: Known software
id: 44444444-4444-4444-8444-444444444444
logsource: {{product: windows}}
filter:
  rules: [{target}]
  selection_one: {{User: known}}
  selection_two: {{User: familiar}}
  condition: not 1 of selection_*
""".replace("[any]", "any")
    load(tmp_path, good=GOOD, known=content)
    rows = events({"Image": "good"}, {"Image": "good", "User": "known"}, {"Image": "good", "User": "Familiar"})
    made = SigmaDetector([tmp_path], own=False)
    assert not made.rules.problems
    assert positions(findings(made, rows)) == [1]


def test_a_filter_that_is_wrong_is_told(tmp_path: Path) -> None:
    content = "title: x\nlogsource: {product: windows}\nfilter:\n  selection: {A: b}\n"
    rules = load(tmp_path, good=GOOD, known=content)
    assert len(rules.rules) == 1
    assert [problem.line for problem in rules.problems] == [3]


def test_standing_tells_what_fired_and_what_saw_nothing(tmp_path: Path) -> None:
    made = detector(
        tmp_path / "rules",
        rule({"selection": {"Image": "a"}}, title="Fires"),
        rule({"selection": {"Image": "b"}}, title="Silent"),
        rule({"selection": {"Image": "a"}}, title="Elsewhere", logsource={"product": "linux"}),
    )
    found = findings(made, events({"Image": "a"}))
    fired = {finding.rule_id for finding in found}
    data = {"windows/process_creation/sysmon": {"Image"}}
    standing = {one.rule.title.en: one for one in standings(made.rules, fired, data)}
    assert [one.state for one in standing.values()] == [RuleState.FIRED, RuleState.SILENT, RuleState.SILENT]
    assert not standing["Silent"].why
    assert "linux//" in standing["Elsewhere"].why


def test_standing_tells_which_fields_were_never_there(tmp_path: Path) -> None:
    made = detector(
        tmp_path / "rules",
        rule({"selection": {"Image": "a", "Hash": "b"}}, title="Both"),
        rule({"selection": [{"Image": "a"}, {"Hash": "b"}]}, title="Either"),
        rule({"selection": {"Image": "a"}, "f": {"Hash": "b"}, "condition": "selection and not f"}, title="Without"),
    )
    data = {"windows/process_creation/sysmon": {"Image"}, "windows/process_creation/security": {"Image", "User"}}
    standing = {one.rule.title.en: one for one in standings(made.rules, (), data)}
    assert standing["Both"].state is RuleState.NOT_EVALUABLE
    assert "Hash" in standing["Both"].why
    assert standing["Either"].state is standing["Without"].state is RuleState.SILENT


def test_only_needed_columns_are_asked_for(tmp_path: Path) -> None:
    of_transfers = rule(
        {"selection": {"to_place|endswith": ".example"}}, logsource={"product": "waybill", "category": "transfer"}
    )
    assert {"fields", "raw", "logsource"}.isdisjoint(detector(tmp_path / "a", of_transfers).columns)
    assert "raw" not in detector(tmp_path / "b", rule({"selection": {"Image": "a"}})).columns
    keyword = detector(tmp_path / "c", rule({"selection": ["word"]})).columns
    assert {"fields", "logsource"} <= set(keyword)
    assert "raw" not in keyword
    of_any = rule({"selection": ["word"]}, logsource={"product": "waybill", "category": "transfer"})
    assert {"raw", "fields"} <= set(detector(tmp_path / "d", of_any).columns)


def test_it_is_a_detector_and_carries_its_rules_to_another_process(tmp_path: Path) -> None:
    made = detector(tmp_path / "rules", rule({"selection": {"Image": "a"}}))
    assert isinstance(made, Detector)
    unread = pickle.dumps(made)
    rows = events({"Image": "A"})
    expected = findings(made, rows)
    assert len(expected) == 1
    assert findings(pickle.loads(unread), rows) == expected
    read = pickle.dumps(made)
    write(tmp_path / "rules", rule({"selection": {"Image": "b"}}))
    assert findings(pickle.loads(read), rows) == expected


def test_own_rules_load_without_problems() -> None:
    rules = SigmaDetector().rules
    assert len(rules.rules) >= 30
    assert not rules.problems
    assert all(one.is_evaluable for one in rules.rules)
