"""What a report to an authority must say, filled in as far as the case knows it; what it does not know stays open.

Nothing is guessed: whoever files it reads it, completes it and answers for it.
Nobody is named in it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from waybill.cases import clocks
from waybill.cases.clocks import Told
from waybill.cases.words import Act
from waybill.flow.cases import clocks as case_clocks
from waybill.flow.cases.view import Whole, ways, whole
from waybill.flow.installation import Installation
from waybill.model.errors import UsageError
from waybill.model.findings import SEVERITIES, Text
from waybill.report.wording import INTENTS
from waybill.rulebook.instruments import Field

MOST = 20
"""Lines of one answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One thing that the report must say."""

    field: Field
    known: tuple[Text, ...]
    """What the case knows of it; empty where a person must say it."""


@dataclass(frozen=True, slots=True)
class Form:
    """A report that is to be made."""

    case: int
    clock: str
    told: Told
    due_at: datetime | None
    answers: tuple[Answer, ...]


def form(installation: Installation, number: int, clock: str, *, now: datetime | None = None) -> Form:
    """Return the report that a deadline asks for, filled in. Raises UsageError for a deadline that the case has not."""
    rules = case_clocks.law_of(installation)
    found = next((one for one in clocks.due(number, rules, now=now or datetime.now(UTC)) if one.id == clock), None)
    if found is None:
        raise UsageError("No such clock runs for this case.", where=clock, advice="The case shows its clocks.")
    known = whole(installation, installation.register(), number)
    answers = tuple(Answer(one, tuple(_KNOWN.get(one.id, _nothing)(known))[:MOST]) for one in found.form)
    return Form(number, clock, clocks.told_of(found), found.due_at, answers)


def written(form: Form, *, chinese: bool) -> str:
    """Return a form as Markdown."""

    def say(text: Text) -> str:
        return text.zh if chinese else text.en

    due = f"{form.due_at:%Y-%m-%d %H:%M} UTC" if form.due_at else "–"
    lines = [f"# {say(form.told.to)}", "", f"{say(form.told.instrument)} {form.told.article} · {due}", ""]
    for answer in form.answers:
        mark = say(Text(" (in the first report already)", "（首次报告即须填写）")) if answer.field.first else ""
        lines += [f"## {say(answer.field.ask)}{mark}", ""]
        lines += [f"- {say(line)}" for line in answer.known] or ["- …"]
        lines.append("")
    return "\n".join(lines)


def _nothing(known: Whole) -> list[Text]:
    return []


def _incident(known: Whole) -> list[Text]:
    """When and where, its gravity, what it did, what was done: the account that most forms begin with."""
    case = known.case
    grade = case.facts.get("incident_grade")
    graded = [Text(f"grade: {grade}", f"级别：{grade}")] if grade else []
    aware, first, last = (f"{moment:%Y-%m-%d %H:%M} UTC" for moment in (case.moments["aware"], case.first, case.last))
    return [
        Text(f"known since {aware}", f"知悉时间：{aware}"),
        Text(f"happened {first} to {last}", f"发生于 {first} 至 {last}"),
        *graded,
        *_what(known),
        *_harm(known),
        *_measures(known),
    ]


def _what(known: Whole) -> list[Text]:
    moved = [
        Text(f"{way.what or '?'} → {way.where or '?'}: {transfers:,} transfers, {size:,} bytes",
             f"{way.what or '?'} → {way.where or '?'}：{transfers:,} 次转移，{size:,} 字节")
        for way, (transfers, size) in ways(known.steps).items()
    ]  # fmt: skip
    titles = {one.row.finding.title for one in known.members}
    return [*sorted(titles, key=lambda text: text.en), *moved]


def _harm(known: Whole) -> list[Text]:
    harm, reason = known.case.harm, known.latest[Act.HARM].reason if Act.HARM in known.latest else ""
    if harm is None:
        return []
    told = []
    if harm.persons is not None:
        told.append(Text(f"{harm.persons:,} persons", f"{harm.persons:,} 人"))
    if harm.amount is not None:
        told.append(Text(f"{harm.amount} {harm.currency}", f"{harm.amount} {harm.currency}"))
    if harm.also:
        told.append(Text(harm.also, harm.also))
    return [*told, Text(f"estimated: {reason}", f"评估依据：{reason}")]


def _cause(known: Whole) -> list[Text]:
    intent, reason = known.case.intent, known.latest[Act.INTENT].reason if Act.INTENT in known.latest else ""
    if not reason:
        return []
    return [INTENTS[intent], Text(reason, reason)]


def _measures(known: Whole) -> list[Text]:
    return [Text(f"{one.title} ({one.done_at:%Y-%m-%d %H:%M} UTC)", f"{one.title}（{one.done_at:%Y-%m-%d %H:%M} UTC）")
            for one in known.tasks if one.done_at is not None]  # fmt: skip


def _next(known: Whole) -> list[Text]:
    return [Text(one.title, one.title) for one in known.tasks if one.done_at is None]


def _traces(known: Whole) -> list[Text]:
    return [Text(f"{one.name} SHA-256 {one.sha256}", f"{one.name} SHA-256 {one.sha256}") for one in known.evidence]


def _assessment(known: Whole) -> list[Text]:
    return [SEVERITIES[known.case.severity], *_harm(known)]


_KNOWN: dict[str, Callable[[Whole], list[Text]]] = {
    "incident": _incident,
    "description": _incident,
    "nature": lambda known: [*_what(known), *_harm(known)],
    "kinds": lambda known: [*_what(known), *_cause(known)],
    "harm": _harm,
    "impact": _harm,
    "consequences": _harm,
    "cause": _cause,
    "malicious": _cause,
    "measures": _measures,
    "remedy": _measures,
    "next": _next,
    "traces": _traces,
    "indicators": _traces,
    "assessment": _assessment,
}
"""What a case knows of the fields of reports, by their ids in the rulebook."""
