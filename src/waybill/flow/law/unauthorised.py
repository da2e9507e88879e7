"""What the rules on file say of transfers that no permit covers: regimes, articles, duties, told with the finding.

A rule of the organisation's own regime may free such a transfer where every other regime is decided and asks nothing
first; the finding then stays, as information. Law alone frees nothing: what it does not forbid needs a permit still.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache

import msgspec

from waybill.detect.unauthorised import UnauthorisedDetector
from waybill.flow.installation import Installation
from waybill.flow.law.grading import facts_of
from waybill.flow.law.rule_set import facts_everywhere
from waybill.model.findings import Finding, Part, Text
from waybill.model.register import RegisterSnapshot
from waybill.model.words import Severity
from waybill.rulebook import Answer, Assessment, Outcome, Rulebook, assess, load_rulebook
from waybill.rulebook.facts import Value
from waybill.rulebook.telling import OUTCOMES, REGIMES

DETECTOR = UnauthorisedDetector.name

_BARS = frozenset({Outcome.FILE, Outcome.PROHIBITED})
_FREED_SCORE = 5.0
_KEPT = 2_048
"""Different sets of facts whose assessment is kept: findings of one run repeat few."""
_QUESTIONS = 3
"""Questions of a regime that are named."""


def told_by_law(installation: Installation, findings: Sequence[Finding]) -> Sequence[Finding]:
    """Return the findings, those of unauthorised transfers with what the rules in force say of them."""
    if all(finding.detector != DETECTOR for finding in findings):
        return findings
    from waybill.register import profiles

    said = {asset: profile.facts for asset, profile in profiles.every().items()}
    book, today = installation.law.current(), datetime.now(UTC).date()
    return ByLaw(book, installation.register(), said, facts_everywhere(installation), today).told(findings)


def told_by_built_in_law(register: RegisterSnapshot, findings: Sequence[Finding]) -> Sequence[Finding]:
    """Return the findings with what the built-in rules say, where nothing more is known: without a data folder."""
    if all(finding.detector != DETECTOR for finding in findings):
        return findings
    return ByLaw(load_rulebook(), register, {}, {}, datetime.now(UTC).date()).told(findings)


class ByLaw:
    """Tells findings what the rules say of them."""

    def __init__(
        self,
        book: Rulebook,
        register: RegisterSnapshot,
        profiles: Mapping[str, Mapping[str, Value]],
        everywhere: Mapping[str, Value],
        known: date,
    ) -> None:
        """``profiles`` are facts said of assets, by id; ``everywhere`` those that hold for the organisation.

        ``known`` is the day up to which changes of law count as public.
        """
        self._known = known
        self._book = book
        self._register = register
        self._profiles = profiles
        self._everywhere = everywhere
        self._assess = lru_cache(_KEPT)(self._assessed)

    def told(self, findings: Iterable[Finding]) -> list[Finding]:
        """Return the findings, those of unauthorised transfers with what the rules of their day say."""
        return [self._told(finding) if finding.detector == DETECTOR else finding for finding in findings]

    def _told(self, finding: Finding) -> Finding:
        facts = self._facts(finding)
        made = self._assess(tuple(sorted(facts.items())), finding.time.date())
        concerned = [answer for answer in made.answers if Outcome.OUTSIDE not in (answer.outcome, *answer.possible)]
        if not concerned:
            return finding
        freed = _frees(made)
        said = [_sentence(answer) for answer in concerned]
        law = Text(" ".join(one.en for one in said), "".join(one.zh for one in said))
        parts = (*finding.parts, *(_part(answer) for answer in concerned), Part("rule set", made.digest[:16]))
        return msgspec.structs.replace(
            finding,
            severity=Severity.INFORMATIONAL if freed else finding.severity,
            score=min(finding.score, _FREED_SCORE) if freed else finding.score,
            advice=Text(f"{finding.advice.en} {law.en}".strip(), f"{finding.advice.zh}{law.zh}"),
            parts=parts,
        )

    def _facts(self, finding: Finding) -> dict[str, Value]:
        """Return what is known of the transfer: of the organisation, its asset, and where it went from and to."""
        asset = self._register.asset(finding.asset)
        facts = dict(self._everywhere)
        if asset is not None:
            facts |= facts_of(asset, self._profiles.get(asset.id, {}))
        went = next((part for part in finding.parts if part.name == "jurisdiction"), Part("", ""))
        if went.usual:
            facts["from_country"] = went.usual
        if went.value:
            facts["to_country"] = went.value
        if went.usual and went.value and went.usual != went.value:
            facts.setdefault("foreign_recipient", True)
        return facts

    def _assessed(self, facts: tuple[tuple[str, Value], ...], day: date) -> Assessment:
        return assess(self._book, dict(facts), day, self._known)


def _frees(made: Assessment) -> bool:
    """Return whether a rule of the organisation's own frees the transfer, and nothing else stands in its way."""
    own = [answer for answer in made.answers if answer.regime not in REGIMES]
    others = [answer for answer in made.answers if answer.regime in REGIMES]
    decided = all(answer.outcome is not None and answer.outcome not in _BARS for answer in others)
    freed = bool(own) and all(answer.is_free or answer.outcome is Outcome.OUTSIDE for answer in own)
    return freed and decided and any(answer.is_free for answer in own)


def _part(answer: Answer) -> Part:
    outcome = answer.outcome or " / ".join(answer.possible)
    rules = answer.rules if answer.outcome is None else answer.rules[-1:]
    return Part(f"rules: {answer.regime}", outcome, usual=", ".join(rule.id for rule in rules[:_QUESTIONS]))


def _sentence(answer: Answer) -> Text:
    name = REGIMES.get(answer.regime) or Text(answer.regime, answer.regime)
    if answer.outcome is None:
        may = [OUTCOMES[outcome] for outcome in answer.possible]
        ask = ", ".join(answer.questions[:_QUESTIONS])
        return Text(
            f"{name.en}: open ({' / '.join(one.en for one in may)}), depends on {ask}.",
            f"{name.zh}：待定（{'／'.join(one.zh for one in may)}），取决于 {ask}。",
        )
    rule, outcome = answer.rules[-1], OUTCOMES[answer.outcome]
    doubt = Text("", "") if answer.is_verified else Text(", unverified", "，未核实")
    duties = [duty.what for _, duty in answer.duties]
    en = f" Duties: {'; '.join(duty.en for duty in duties)}." if duties else ""
    zh = f"义务：{'；'.join(duty.zh for duty in duties)}。" if duties else ""
    return Text(
        f"{name.en}: {outcome.en} ({rule.id}{doubt.en}): {rule.says.en}{en}",
        f"{name.zh}：{outcome.zh}（{rule.id}{doubt.zh}）：{rule.says.zh}{zh}",
    )
