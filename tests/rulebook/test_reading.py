"""Rule files and planned transfers that are wrong: told with file, line and what was expected."""

from __future__ import annotations

import hashlib
import os
from datetime import date
from pathlib import Path

import pytest

from waybill.model.errors import InputError, RuleError, UsageError
from waybill.rulebook import load_rulebook
from waybill.rulebook.atoms import parse
from waybill.rulebook.facts import read_facts
from waybill.rulebook.planned import read_planned
from waybill.rulebook.reading import read_instrument

QUOTE = "自当年1月1日起累计向境外提供100万人以上个人信息（不含敏感个人信息）的，应当申报数据出境安全评估。"
RULE = """\
id = "company-1"
regime = "cn-data"
name = { en = "Company rule", zh = "公司规定" }
source = "intranet"
first = 2026-01-01
confidence = "text"

[[rules]]
id = "company-1/1"
article = "1"
priority = 90
outcome = "file"
filing = "sign-off"
when = ["personal_data", "persons_this_year >= 1_000_000"]
says = { en = "Ask first.", zh = "先请示。" }
"""


def digest(text: str) -> str:
    """Return SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()


def quoted(quote: str, sha256: str, verified: str = "verified_on = 2026-11-01\n") -> str:
    """Return the rule with a quote."""
    return f'{RULE}quote = "{quote}"\nquote_sha256 = "{sha256}"\n{verified}'


@pytest.mark.parametrize(
    ("change", "line", "what"),
    [
        (('outcome = "file"', 'outcome = "maybe"'), 8, "maybe"),
        (("personal_data", "personal_dat"), 14, "personal_dat"),
        (("persons_this_year >=", "persons_this_year =>"), 14, "no condition"),
        (("1_000_000", "many"), 14, "no condition"),
        (("personal_data", "not persons_this_year"), 14, "stands alone"),
        (('filing = "sign-off"\n', ""), 9, "filing"),
        (('outcome = "file"', 'outcom = "file"'), 8, "outcom"),
        (("first = 2026-01-01", "first = 2026-13-01"), 5, "line 5"),
        (("2026-01-01", "2026-01-01 ]"), 5, "line 5"),
    ],
)
def test_a_typo_is_told_with_its_line(change: tuple[str, str], line: int, what: str) -> None:
    with pytest.raises(RuleError) as raised:
        read_instrument(RULE.replace(*change), "company.toml")
    assert raised.value.where.startswith(f"company.toml:{line}"), raised.value.where
    assert what in str(raised.value)


def test_a_rule_with_its_quote_is_verified() -> None:
    (rule,) = read_instrument(quoted(QUOTE, digest(QUOTE)), "company.toml").rules
    assert rule.is_verified(date(2026, 11, 2), date(2026, 11, 2))


def test_a_misquoted_threshold_cannot_be_verified() -> None:
    """As a page on the net has it: 100,000 where Order 16 says 1,000,000."""
    wrong = QUOTE.replace("100万", "10万")
    with pytest.raises(RuleError, match="hash"):
        read_instrument(quoted(wrong, digest(QUOTE)), "company.toml")
    with pytest.raises(RuleError, match="1,000,000"):
        read_instrument(quoted(wrong, digest(wrong)), "company.toml")
    misread = quoted(QUOTE, digest(QUOTE)).replace("1_000_000", "100_000")
    with pytest.raises(RuleError, match="100,000"):
        read_instrument(misread, "company.toml")


def test_nothing_is_verified_without_a_quote_or_a_source() -> None:
    with pytest.raises(RuleError, match="without a quote"):
        read_instrument(RULE + "verified_on = 2026-11-01\n", "company.toml")
    with pytest.raises(RuleError, match="without a source"):
        read_instrument(quoted(QUOTE, digest(QUOTE)).replace('"intranet"', '""'), "company.toml")


def test_own_rules_stand_beside_the_built_in_ones_and_may_replace_them(tmp_path: Path) -> None:
    (tmp_path / "company.toml").write_text(RULE, encoding="utf-8")
    book = load_rulebook([tmp_path])
    assert "company-1/1" in book.rules
    assert book.digest != load_rulebook().digest
    (tmp_path / "company.toml").write_text(RULE.replace('"company-1"', '"cn-core-data"'), encoding="utf-8")
    assert "cn-core-data/63" not in load_rulebook([tmp_path]).rules


def test_two_rules_of_one_id_are_refused(tmp_path: Path) -> None:
    (tmp_path / "company.toml").write_text(RULE.replace('"company-1/1"', '"cn-order-16/3"'), encoding="utf-8")
    with pytest.raises(RuleError, match="twice") as raised:
        load_rulebook([tmp_path])
    assert "cn-order-16.toml" in raised.value.where
    assert "company.toml" in raised.value.where


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("to_country", "Germany", "two letters"),
        ("to_country", "XQ", "two letters"),
        ("cn_item", " ", "control list"),
        ("persons_this_year", -1, "not below 0"),
        ("persons_this_year", 1.5, "whole number"),
        ("persons_this_year", 10**15, "whole number"),
        ("cn_value_share", 25, "from 0 to 1"),
        ("cn_value_share", "nan", "from 0 to 1"),
        ("ciio", "maybe", "true or false"),
        ("exempt_basis", "love", "one of none, contract"),
    ],
)
def test_a_fact_that_cannot_be_is_told(name: str, value: object, expected: str) -> None:
    with pytest.raises(UsageError) as raised:
        read_facts({name: value}, "plan.csv:3")
    assert raised.value.where == f"plan.csv:3: {name}"
    assert expected in raised.value.expected


def test_an_unknown_fact_is_told_with_what_was_meant() -> None:
    with pytest.raises(UsageError) as raised:
        read_facts({"personal_dat": True})
    assert "personal_data" in raised.value.advice


def test_contradictory_facts_are_told_and_implied_ones_added() -> None:
    assert read_facts({"sensitive_personal_data": True}) == {"sensitive_personal_data": True, "personal_data": True}
    with pytest.raises(UsageError, match="contradict"):
        read_facts({"core_data": True, "important_data": False})


def test_planned_transfers_come_as_toml_json_and_csv(tmp_path: Path) -> None:
    files = {
        "plan.toml": 'name = "one"\nday = 2026-11-11\nto_country = "DE"\nciio = false\n',
        "plan.json": '[{"name": "one", "day": "2026-11-11", "to_country": "DE", "ciio": false}]',
        "plan.csv": "\ufeffname,day,to_country,ciio,core_data\none,2026-11-11,de,no,\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
        (found,) = read_planned(tmp_path / name)
        assert (found.name, found.day, found.facts) == ("one", date(2026, 11, 11), {"to_country": "DE", "ciio": False})


@pytest.mark.parametrize(
    ("name", "text", "error", "where"),
    [
        ("plan.toml", "ciio = \n", InputError, "plan.toml"),
        ("plan.json", "[{]", InputError, "plan.json"),
        ("plan.json", "[1]", InputError, "transfer 1"),
        ("plan.json", '{"transfers": 1}', InputError, "plan.json"),
        ("plan.json", "[]", InputError, "plan.json"),
        ("plan.csv", "ciio\nyes,no\n", InputError, "plan.csv:2"),
        ("plan.csv", "ciio\nyes\nperhaps\n", UsageError, "plan.csv:3: ciio"),
        ("plan.csv", "name,day\na,2026-02-30\n", UsageError, "plan.csv:2: day"),
        ("plan.csv", "name,day\na,1066-10-14\n", UsageError, "plan.csv:2: day"),
        ("plan.txt", "ciio", UsageError, "plan.txt"),
    ],
)
def test_a_plan_that_is_wrong_is_told_with_its_place(
    tmp_path: Path, name: str, text: str, error: type[Exception], where: str
) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(error) as raised:
        read_planned(tmp_path / name)
    assert where in raised.value.where  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "text",
    ["ciio", "not ciio", "persons_this_year >= 1,000,000", "to_country in [CN, HK]", "to_country not in [CN]"],
)
def test_a_condition_is_told_as_it_is_written(text: str) -> None:
    assert str(parse(text.replace(",000", "_000"))) == text


LAWS = {
    "cn-pipl": "行政法/个人信息保护法*.md",
    "cn-data-security-law": "行政法/数据安全法*.md",
    "cn-network-data-regulation": "行政法规/网络数据安全管理条例*.md",
    "cn-core-data": "行政法规/网络数据安全管理条例*.md",
    "cn-dual-use-regulation": "行政法规/两用物项出口管制条例*.md",
    "cn-export-control-law": "经济法/出口管制法*.md",
    "cn-rare-earth-regulation": "行政法规/稀土管理条例*.md",
    "cn-state-secrets-law": "行政法/保守国家秘密法*.md",
    "cn-state-secrets-people": "行政法/保守国家秘密法*.md",
    "cn-state-secrets-regulation": "行政法规/保守国家秘密法实施条例*.md",
    "cn-cybersecurity-law": "just-laws-docs/economic/cybersecurity-law/README.md",
}


@pytest.mark.oracle
def test_every_quote_stands_in_the_text_of_its_law() -> None:
    """Each sentence of a quote, in the public collections of statutes that nobody here wrote."""
    corpora = os.environ.get("WAYBILL_CORPORA")
    if not corpora:
        pytest.skip("WAYBILL_CORPORA is not set: this test reads the texts of laws")
    folder = Path(corpora) / "law"
    book = load_rulebook()
    quotes = 0
    for instrument in book.instruments:
        for rule in instrument.provisions:
            if not rule.quote:
                continue
            (law,) = folder.glob(LAWS[instrument.id])
            text = "".join(law.read_text(encoding="utf-8").replace("*", "").replace("　", " ").split("\n"))
            for sentence in rule.quote.replace("：", "：\n").replace("；", "；\n").replace("。", "。\n").split("\n"):
                assert sentence in text, (rule.id, sentence)
            quotes += 1
    assert quotes > 33
