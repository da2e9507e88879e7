"""An assessment as it is told: plain records in both languages, for commands, the API and pages alike."""

from __future__ import annotations

from datetime import date

import msgspec

from waybill.model.findings import Text
from waybill.rulebook.assessing import Answer, Assessment
from waybill.rulebook.book import Rulebook
from waybill.rulebook.facts import Value, vocabulary
from waybill.rulebook.instruments import Provision, Rule
from waybill.rulebook.standing import Standing, Status
from waybill.rulebook.words import Outcome

NOTICE = Text(
    en="This tells what the rules on file say. It is no legal advice, and nothing is filed with anybody.",
    zh="以上为在册规则的适用结果，不构成法律意见，系统不会向任何机构自动申报。",
)

REGIMES = {
    "cn-data": Text(en="China: data", zh="中国：数据出境"),
    "cn-export": Text(en="China: export control", zh="中国：出口管制"),
    "cn-people": Text(en="China: people with secrets", zh="中国：涉密人员"),
    "us-data": Text(en="United States: data", zh="美国：数据"),
    "us-export": Text(en="United States: export control", zh="美国：出口管制"),
    "eu-data": Text(en="European Union: data", zh="欧盟：数据"),
}

OUTCOMES = {
    Outcome.OUTSIDE: Text(en="not concerned", zh="不适用"),
    Outcome.PERMITTED: Text(en="permitted", zh="允许"),
    Outcome.DUTIES: Text(en="permitted with duties", zh="允许，但须履行义务"),
    Outcome.FILE: Text(en="not before it was filed", zh="须先申报或取得许可"),
    Outcome.PROHIBITED: Text(en="prohibited", zh="禁止"),
}


class ToldRule(msgspec.Struct, frozen=True):
    """A rule with what it rests on and how it stands."""

    id: str
    instrument: Text
    article: str
    says: Text
    quote: str
    source: str
    status: Status
    verified: bool
    standing: Text
    """How it stands, in words; empty where it is simply in force and verified."""
    filing: str = ""


class ToldDuty(msgspec.Struct, frozen=True):
    """Something that must be done, and which rule says so."""

    what: Text
    to: Text | None
    within: str
    keep_years: int | None
    rule: str


class Change(msgspec.Struct, frozen=True):
    """With these facts instead, this would come out."""

    facts: dict[str, Value]
    outcome: Outcome
    rule: str


class ToldAnswer(msgspec.Struct, frozen=True):
    """One regime's answer."""

    regime: str
    outcome: Outcome | None
    """None: not decidable before the questions are answered."""
    verified: bool
    possible: tuple[Outcome, ...]
    rules: tuple[ToldRule, ...]
    facts: dict[str, Value]
    questions: dict[str, Text]
    duties: tuple[ToldDuty, ...]
    tried: dict[str, str]
    """Rules that did not apply, with the condition that did not hold."""
    changes: tuple[Change, ...]
    waiting: tuple[ToldRule, ...]
    """Suspended, to come, or back by lapse."""


class ToldAssessment(msgspec.Struct, frozen=True):
    """What every regime says."""

    name: str
    day: date
    known: date
    rulebook: str
    """SHA-256 of the rules it was made with."""
    strictest: str
    """The regime to be minded first."""
    answers: tuple[ToldAnswer, ...]
    notice: Text
    record: str = ""
    """Its record in the ledger, where it was kept."""


def told(book: Rulebook, assessment: Assessment, name: str = "", record: str = "") -> ToldAssessment:
    """Return an assessment as plain records."""
    answers = tuple(_answer(book, answer) for answer in assessment.answers)
    strictest = assessment.strictest.regime
    return ToldAssessment(name, assessment.day, assessment.known, book.digest, strictest, answers, NOTICE, record)


def told_rule(book: Rulebook, rule: Provision, stands: Standing) -> ToldRule:
    """Return a rule, a deadline or a grading as plain records."""
    instrument, _ = book.provisions[rule.id]
    return ToldRule(
        rule.id,
        instrument.name,
        rule.article,
        rule.says,
        rule.quote,
        instrument.source,
        stands.status,
        stands.verified,
        standing_in_words(stands),
        rule.filing if isinstance(rule, Rule) else "",
    )


def standing_in_words(stands: Standing) -> Text:
    """Return how a rule stands as a sentence; empty where it is simply in force and verified."""
    if stands.status is Status.IN_FORCE:
        return _doubt(stands)
    until_en, until_zh = (f" until {stands.until}", f"至{stands.until}") if stands.until else ("", "")
    return {
        Status.SUSPENDED: Text(f"suspended{until_en} by {stands.by}", f"由{stands.by}暂停实施{until_zh}"),
        Status.LAPSED: Text(
            f"in force again: the suspension by {stands.by} lapsed after {stands.since}; nobody has confirmed it",
            f"{stands.by}的暂停已于{stands.since}届满，按其文本恢复实施，尚未核实",
        ),
        Status.TO_COME: Text(f"not yet in force{until_en}", f"尚未施行{until_zh}"),
        Status.AMENDED: Text(f"amended by {stands.by}", f"已由{stands.by}修改"),
        Status.REPEALED: Text(f"repealed by {stands.by}", f"已由{stands.by}废止"),
        Status.UNKNOWN: Text("not yet public on that day", "当时尚未公布"),
    }[stands.status]


def _doubt(stands: Standing) -> Text:
    if stands.verified:
        return Text("", "")
    if stands.since:
        return Text(f"unverified since {stands.since}", f"自{stands.since}起未经复核")
    return Text("unverified: nobody has held it against the text of its source", "未核实：尚无人与原文核对")


def _answer(book: Rulebook, answer: Answer) -> ToldAnswer:
    ask = vocabulary()
    return ToldAnswer(
        answer.regime,
        answer.outcome,
        answer.is_verified,
        answer.possible,
        tuple(told_rule(book, *pair) for pair in zip(answer.rules, answer.standings, strict=True)),
        answer.facts,
        {fact: ask[fact].ask for fact in answer.questions},
        tuple(ToldDuty(duty.what, duty.to, duty.within, duty.keep_years, rule.id) for rule, duty in answer.duties),
        {rule.id: str(atom) for rule, atom in answer.tried},
        tuple(Change(change.facts, change.outcome, change.rule) for change in answer.changes),
        tuple(told_rule(book, *pair) for pair in answer.waiting),
    )
