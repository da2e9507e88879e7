"""Decisions: the compiled forms agree, open facts give all that is possible, changes change what they say."""

from __future__ import annotations

import itertools
import random
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from waybill.rulebook import Outcome, assess, load_rulebook
from waybill.rulebook.asking import possible
from waybill.rulebook.changes import pair_changes, single_changes
from waybill.rulebook.checking import check_cases
from waybill.rulebook.columns import UNDECIDED, Column, decide_all
from waybill.rulebook.deciding import Regime
from waybill.rulebook.facts import Value, vocabulary
from waybill.rulebook.telling import told

BOOK = load_rulebook()
TODAY = date(2026, 11, 22)
DAYS = [date(2015, 1, 1), date(2021, 12, 1), date(2024, 3, 21), date(2025, 10, 20), date(2026, 11, 9), TODAY]
REGIMES = [BOOK.regime(name, day, TODAY) for name in BOOK.regimes for day in DAYS]
MOST = 60_000


def test_the_cases_beside_the_rules_come_out_as_they_say() -> None:
    assert check_cases(BOOK) == []
    assert sum(len(rule.tests) for _, rule in BOOK.rules.values()) > 100


def interpreted(regime: Regime, facts: dict[str, Value]) -> int:
    """Return the number of the first rule whose conditions all hold, by looking at each."""
    return next(
        number for number, rule in enumerate(regime.rules) if all(atom.holds(facts[atom.fact]) for atom in rule.when)
    )


def grid(regime: Regime) -> list[dict[str, Value]]:
    """Return every combination of values on either side of every border, or many drawn from them."""
    borders = {fact: _borders(regime, fact) for fact in regime.facts}
    size = int(np.prod([float(len(values)) for values in borders.values()]))
    if size <= MOST:
        return [dict(zip(borders, row, strict=True)) for row in itertools.product(*borders.values())]
    chance = random.Random(1)
    return [{fact: chance.choice(values) for fact, values in borders.items()} for _ in range(MOST)]


def _borders(regime: Regime, fact: str) -> list[Value]:
    atoms = [atom for rule in regime.rules for atom in rule.when if atom.fact == fact]
    return list(dict.fromkeys((*(value for atom in atoms for value in atom.borders()), *vocabulary()[fact].others)))


@pytest.mark.parametrize("regime", REGIMES, ids=lambda regime: f"{regime.name}-{len(regime.rules)}")
def test_single_and_columnar_decisions_agree_at_every_border(regime: Regime) -> None:
    rows = grid(regime)
    columns = {fact: Column(np.array([row[fact] for row in rows])) for fact in regime.facts}
    numbers = decide_all(regime, columns, len(rows))
    for row, number in zip(rows, numbers.tolist(), strict=True):
        decision = regime.decide(row)
        assert decision is not None
        assert decision.rule is regime.rules[number]
    for row, number in list(zip(rows, numbers.tolist(), strict=True))[::97]:
        assert interpreted(regime, row) == number


def known_facts(regime: Regime) -> st.SearchStrategy[dict[str, Value]]:
    """Return facts of a regime, some of which may be missing."""
    values = {fact: st.sampled_from(_borders(regime, fact)) for fact in regime.facts}
    return st.fixed_dictionaries({}, optional=values)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_what_is_possible_is_what_completions_give(data: Any) -> None:
    regime = data.draw(st.sampled_from(REGIMES))
    facts = data.draw(known_facts(regime))
    found = possible(regime, facts)
    chance = random.Random(0)
    for _ in range(60):
        whole = {fact: facts.get(fact, chance.choice(_borders(regime, fact))) for fact in regime.facts}
        decision = regime.decide(whole)
        assert decision is not None
        assert decision.rule in found.rules
    if not found.is_certain:
        assert found.questions and not set(found.questions) & facts.keys()
    column = {fact: Column(np.array([value])) for fact, value in facts.items()}
    number = decide_all(regime, column, 1)[0]
    assert number == UNDECIDED or found.rules == (regime.rules[number],)


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_a_change_changes_what_it_says(data: Any) -> None:
    regime = data.draw(st.sampled_from(REGIMES))
    facts = {fact: data.draw(st.sampled_from(_borders(regime, fact))) for fact in regime.facts}
    decision = regime.decide(facts)
    assert decision is not None
    for change in single_changes(decision) + pair_changes(decision)[:20]:
        other = regime.decide(facts | change.facts)
        assert other is not None
        assert (other.outcome, other.rule.id) == (change.outcome, change.rule)
        assert other.outcome is not decision.outcome
    alone = {change.outcome for change in single_changes(decision)}
    for fact in regime.facts:
        for value in _borders(regime, fact):
            other = regime.decide(facts | {fact: value})
            assert other is not None
            assert other.outcome in alone | {decision.outcome}


def test_a_decision_says_why_no_earlier_rule_applied() -> None:
    regime = BOOK.regime("cn-people", TODAY, TODAY)
    facts: dict[str, Value] = {**dict.fromkeys(regime.facts, False), "secrecy_class": "core", "leaves_post": True}
    decision = regime.decide(facts | {"carriers_returned": True})
    assert decision is not None
    assert decision.rule.id == "cn-state-secrets-regulation/53"
    assert {rule.id: str(atom) for rule, atom in decision.tried} == {
        "cn-state-secrets-people/46-work": "cooling_off",
        "cn-state-secrets-people/45": "goes_abroad",
        "cn-state-secrets-people/46-carriers": "not carriers_returned",
    }
    assert all(
        not atom.holds(dict(zip(regime.facts, decision.values, strict=True))[atom.fact]) for _, atom in decision.tried
    )


def test_regimes_stand_side_by_side() -> None:
    facts: dict[str, Value] = {
        "from_country": "CN", "to_country": "US", "personal_data": False, "important_data": False,
        "state_secret": False, "foreign_authority": False, "core_data": False, "collected_abroad": False,
        "us_person": True, "us_covered_recipient": True, "us_kind": "brokerage", "us_genomic_persons": 101,
        "us_omic_persons": 0,
    }  # fmt: skip
    made = assess(BOOK, facts, TODAY, TODAY)
    answers = {answer.regime: answer.outcome for answer in made.answers}
    assert (answers["cn-data"], answers["us-data"]) == (Outcome.PERMITTED, Outcome.PROHIBITED)
    assert made.strictest.regime == "us-data"


def test_an_unverified_rule_never_frees() -> None:
    facts: dict[str, Value] = {
        "from_country": "CN", "to_country": "DE", "personal_data": False, "important_data": False,
        "state_secret": False, "foreign_authority": False, "core_data": False, "collected_abroad": False,
    }  # fmt: skip
    answer = next(one for one in assess(BOOK, facts, TODAY, TODAY).answers if one.regime == "cn-data")
    assert answer.outcome is Outcome.PERMITTED
    assert (answer.is_verified, answer.is_free) == (False, False)
    assert told(BOOK, assess(BOOK, facts, TODAY, TODAY)).answers[0].verified in {True, False}


def test_open_facts_that_change_only_the_filing_are_asked_for() -> None:
    regime = BOOK.regime("cn-data", TODAY, TODAY)
    facts: dict[str, Value] = {
        "from_country": "CN", "to_country": "DE", "state_secret": False, "foreign_authority": False,
        "core_data": False, "personal_data": True, "recipient_restricted": False, "important_data": False,
        "collected_abroad": False, "exempt_basis": "none", "free_zone_exempt": False, "ciio": False,
        "assessment_passed": False, "contract_or_certificate": False, "persons_this_year": 120_000,
    }  # fmt: skip
    found = possible(regime, facts)
    assert (found.outcomes, found.questions) == ((Outcome.FILE,), ("sensitive_persons_this_year",))
    assert {rule.filing for rule in found.rules} == {"cac-security-assessment", "standard-contract-or-certification"}
