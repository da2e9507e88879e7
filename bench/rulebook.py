"""The rulebook: explained decisions a second, beside four rule engines that decide the same cases by the same rules.

A decision is explained: it holds the rule with its quote, the facts, and what failed of every earlier rule. The peers
return the result alone.
"""

from __future__ import annotations

import json
import random
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from bench.environments import environment
from bench.scoreboard import Row, row
from waybill.rulebook import load_rulebook
from waybill.rulebook.changes import single_changes
from waybill.rulebook.columns import Column, decide_all
from waybill.rulebook.deciding import Decision, Regime
from waybill.rulebook.facts import Value

DAY = date(2026, 11, 28)
CASES = 5_000
ROWS = 1_000_000
ROUNDS = 7
PEERS = ("zen-engine==2.1.3", "cedarpy==4.12.2", "common-expression-language==0.10.0", "regopy==1.5.2")


def measure() -> list[Row]:
    """Return all figures of this benchmark."""
    regime = load_rulebook().regime("cn-data", DAY, DAY)
    cases = _cases(regime)
    decisions = [decision for case in cases if (decision := regime.decide(case)) is not None]
    rate = CASES / _seconds(lambda: [regime.decide(case) for case in cases])
    what = f"explained decisions, {len(regime.rules)} rules over {len(regime.facts)} facts"
    changed = decisions[:1_000]
    counterfactual = len(changed) / _seconds(lambda: [single_changes(decision) for decision in changed])
    return [
        row(what, rate, "decisions/s", at_least=300_000),
        *_beside_peers(what, rate, regime, cases, decisions),
        row("with every single change that would give another outcome", counterfactual, "decisions/s", at_least=15_000),
        *_columns(regime, cases, decisions),
    ]


def _cases(regime: Regime) -> list[dict[str, Value]]:
    """Return cases that reach far into the rules: data leaves China, and every other fact is drawn."""
    chance = random.Random(1)
    fixed: dict[str, Value] = {
        "from_country": "CN", "to_country": "DE", "state_secret": False, "foreign_authority": False,
        "core_data": False, "recipient_restricted": False, "personal_data": True, "important_data": False,
    }  # fmt: skip
    return [
        {fact: fixed.get(fact, chance.choice(values)) for fact, values in regime.representatives.items()}
        for _ in range(CASES)
    ]


def _beside_peers(
    what: str, rate: float, regime: Regime, cases: list[dict[str, Value]], decisions: list[Decision]
) -> Iterator[Row]:
    results = [_result(decision) for decision in decisions]
    for name, told in _peers(regime, cases).items():
        if "fault" in told:
            yield row(f"{what}; {name} cannot: {told['fault']}", rate, "decisions/s")
            continue
        decided = told["decided"]
        wrong = sum(one != other for one, other in zip(decided, results, strict=False))
        peer = f"{name}, the result alone ({wrong} of {len(decided)} otherwise)"
        yield row(what, rate, "decisions/s", peer=peer, peer_value=len(decided) / told["seconds"])


def _result(decision: Decision) -> str:
    return f"{decision.rule.outcome}:{decision.rule.filing}"


def _peers(regime: Regime, cases: list[dict[str, Value]]) -> dict[str, Any]:
    """Return what four engines decide in an environment of their own."""
    rules = [
        {
            "when": [[atom.fact, atom.operator, _plain(atom.value), atom.negated] for atom in rule.when],
            "result": f"{rule.outcome}:{rule.filing}",
        }
        for rule in regime.rules
    ]
    with tempfile.TemporaryDirectory(prefix="waybill-bench-") as folder:
        file = Path(folder) / "cases.json"
        file.write_text(json.dumps({"rules": rules, "cases": cases}), encoding="utf-8")
        command: list[str | Path] = [
            environment("rulebook", PEERS),
            Path(__file__).with_name("rulebook_peers.py"),
            file,
        ]
        told = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(told.stdout)
    return found


def _plain(value: object) -> object:
    return sorted(value) if isinstance(value, frozenset) else value


def _columns(regime: Regime, cases: list[dict[str, Value]], decisions: list[Decision]) -> Iterator[Row]:
    """Yield the rate over columns, and how often a row comes out otherwise than alone."""
    columns = {fact: Column(np.resize(np.array([case[fact] for case in cases]), ROWS)) for fact in regime.facts}
    rate = ROWS / _seconds(lambda: decide_all(regime, columns, ROWS))
    numbers = decide_all(regime, columns, ROWS)[:CASES].tolist()
    wrong = sum(regime.rules[number] is not one.rule for number, one in zip(numbers, decisions, strict=True))
    yield row(f"decisions over columns, {ROWS:,} transfers", rate, "decisions/s", at_least=5_000_000)
    yield row(f"of {CASES:,} cases, decided otherwise over columns than alone", wrong, "cases", at_most=0)


def _seconds(work: Callable[[], object]) -> float:
    """Return the processor time of a piece of work, the median of several rounds."""
    taken = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        work()
        taken.append(time.process_time() - begun)
    return statistics.median(taken)
