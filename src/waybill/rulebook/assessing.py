"""May this transfer happen? Every regime's answer, side by side and never netted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from waybill.rulebook.asking import Possible, possible
from waybill.rulebook.atoms import Atom
from waybill.rulebook.book import Rulebook
from waybill.rulebook.changes import Counterfactual, pair_changes, single_changes
from waybill.rulebook.deciding import Regime
from waybill.rulebook.facts import FactKind, Facts, Value
from waybill.rulebook.instruments import Duty, Rule
from waybill.rulebook.standing import Standing, Status
from waybill.rulebook.words import STRICTNESS, Outcome

_WAITING = {Status.SUSPENDED, Status.LAPSED, Status.TO_COME}
_FINAL = {Outcome.OUTSIDE, Outcome.PROHIBITED}
"""Outcomes beside which no further duty makes sense."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one regime says."""

    regime: str
    outcome: Outcome | None
    """None: it cannot be decided before ``questions`` are answered."""
    possible: tuple[Outcome, ...]
    rules: tuple[Rule, ...]
    """The rule that decides; where facts are missing, all that may."""
    standings: tuple[Standing, ...]
    """How each of them stands."""
    facts: dict[str, Value]
    """What those rules ask about, as far as it is known."""
    questions: tuple[str, ...]
    """Facts to ask for, in the order of the rules."""
    duties: tuple[tuple[Rule, Duty], ...]
    """What must be done, and which rule says so."""
    tried: tuple[tuple[Rule, Atom], ...]
    """Rules that come before, each with the first condition that did not hold."""
    changes: tuple[Counterfactual, ...]
    """What would change the answer."""
    waiting: tuple[tuple[Rule, Standing], ...]
    """Rules that would have a say but are suspended, yet to come, or back by lapse and unconfirmed."""

    @property
    def is_verified(self) -> bool:
        """Whether every rule that it rests on was held against its source, not too long ago."""
        return all(one.verified for one in self.standings)

    @property
    def is_free(self) -> bool:
        """Whether the transfer may happen with nothing to do, by a verified rule: no other answer says so."""
        return self.outcome is Outcome.PERMITTED and self.is_verified


@dataclass(frozen=True, slots=True)
class Assessment:
    """The answers of all regimes for one transfer on one day."""

    day: date
    known: date
    """As far as was public on this day."""
    digest: str
    """SHA-256 of the rules it was made with."""
    answers: tuple[Answer, ...]

    @property
    def strictest(self) -> Answer:
        """The answer to be minded first; one that is open counts as the strictest it may be, after those that are."""
        return max(self.answers, key=lambda one: (STRICTNESS[one.outcome or one.possible[-1]], one.outcome is not None))


def assess(book: Rulebook, facts: Facts, day: date, known: date, *, pairs: bool = False) -> Assessment:
    """Return what every regime says of a transfer on ``day``, as far as was public on ``known``.

    ``pairs`` also tells which two facts together would change an answer. Raises RuleError if the rules leave a gap.
    """
    answers = (_answer(book, book.regime(name, day, known), facts, (day, known), pairs=pairs) for name in book.regimes)
    return Assessment(day, known, book.digest, tuple(answers))


def _answer(book: Rulebook, regime: Regime, facts: Facts, when: tuple[date, date], *, pairs: bool) -> Answer:
    standings = book.standings(*when)
    decision = regime.decide(facts)
    maybe = possible(regime, facts) if decision is None else Possible((decision.outcome,), (), (decision.rule,))
    outcome = maybe.outcomes[0] if maybe.is_certain else None
    duties = tuple(_duties(regime, maybe.rules[-1], facts)) if outcome else ()
    changes: list[Counterfactual] = []
    if decision is not None:
        changes = single_changes(decision) + (pair_changes(decision) if pairs else [])
    return Answer(
        regime=regime.name,
        outcome=Outcome.DUTIES if outcome is Outcome.PERMITTED and duties else outcome,
        possible=maybe.outcomes,
        rules=maybe.rules,
        standings=tuple(standings[rule.id] for rule in maybe.rules),
        facts={atom.fact: facts[atom.fact] for rule in maybe.rules for atom in rule.when if atom.fact in facts},
        questions=maybe.questions if outcome is None else (),
        duties=duties,
        tried=tuple(decision.tried) if decision else (),
        changes=tuple(changes),
        waiting=tuple(_waiting(book, regime.name, facts, standings)),
    )


def _duties(regime: Regime, decided: Rule, facts: Facts) -> Iterator[tuple[Rule, Duty]]:
    """Yield the duties of the rule that decides, and of those that only add some and may apply."""
    adding = () if decided.outcome in _FINAL else regime.adding
    for rule in (decided, *(rule for rule in adding if _may_apply(rule, facts))):
        for duty in rule.duties:
            yield rule, duty


def _waiting(
    book: Rulebook, regime: str, facts: Facts, standings: dict[str, Standing]
) -> Iterator[tuple[Rule, Standing]]:
    """Yield the rules of a regime that do not plainly hold, and that more than where it goes speaks for."""
    for instrument, rule in book.rules.values():
        stands = standings[rule.id]
        if instrument.regime != regime or stands.status not in _WAITING:
            continue
        known = [atom for atom in rule.when if atom.fact in facts and atom.kind is not FactKind.COUNTRY]
        if known and _may_apply(rule, facts):
            yield rule, stands


def _may_apply(rule: Rule, facts: Facts) -> bool:
    return all(atom.fact not in facts or atom.holds(facts[atom.fact]) for atom in rule.when)
