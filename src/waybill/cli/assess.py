"""``waybill assess``: may these planned transfers happen? What each regime says, why, and what would change it."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from waybill.cli import options
from waybill.cli.language import read, say
from waybill.cli.output import out, write_json

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from waybill.flow.installation import Installation
    from waybill.model.findings import Text
    from waybill.rulebook import Assessment, Rulebook
    from waybill.rulebook.planned import Planned
    from waybill.rulebook.telling import ToldAnswer, ToldAssessment, ToldRule

File = Annotated[
    Path, typer.Argument(help="Planned transfers: TOML, JSON or CSV with facts by name.", metavar="FILE", exists=True)
]
Day = Annotated[datetime | None, typer.Option("--day", formats=["%Y-%m-%d"], help="The day of the transfer.")]
Known = Annotated[
    datetime | None, typer.Option("--known", formats=["%Y-%m-%d"], help="Only what was public on this day.")
]
Rulebooks = Annotated[
    list[Path] | None,
    typer.Option("--rulebook", help="Rules of your own, a file or folder; may be repeated.", metavar="PATH"),
]

QUESTIONS = 3
"""How many questions are shown of a regime: answers make later ones needless."""

MARKS = {
    None: ("?", "yellow"),
    "outside": ("·", "dim"),
    "permitted": ("✓", "green"),
    "permitted-with-duties": ("✓", "cyan"),
    "file": ("!", "yellow"),
    "prohibited": ("✗", "red"),
}


def command(
    file: File,
    *,
    day: Day = None,
    known: Known = None,
    rulebook: Rulebooks = None,
    facts: Annotated[
        Path | None, typer.Option("--facts", help="A TOML file of facts that hold for all, such as ciio = false.")
    ] = None,
    pairs: Annotated[bool, typer.Option("--pairs", help="Also which two facts together would change it.")] = False,
    record: Annotated[bool, typer.Option(help="Keep the answer in the ledger, if there is a data folder.")] = True,
    data: options.Data = options.DEFAULT_DATA,
    json: options.Json = False,
) -> None:
    """Tell what law and company rules say of planned transfers: permitted, with which duties, to be filed, prohibited.

    Regimes stand side by side and are never netted. Facts that are not given are unknown: the answer then says what
    is possible and what to ask. Exits 0 if every regime permits all of them, else 1.

    Example:

    \b
      $ cat plan.toml
      name = "order history to the parent company"
      from_country = "CN"
      to_country = "DE"
      personal_data = true
      persons_this_year = 120000
      $ waybill assess plan.toml

    `waybill rulebook facts` lists every fact.
    """
    from waybill.flow.law.assessments import rulebook_with
    from waybill.flow.settings import load_settings
    from waybill.rulebook.planned import read_planned, read_usual
    from waybill.rulebook.telling import told

    installation = installed(data)
    settings = installation.settings if installation else load_settings()
    planned = read_planned(file, read_usual(facts or settings.rulebook_facts))
    book = rulebook_with(installation, settings, rulebook or ())
    today = datetime.now(UTC).date()
    until = known.date() if known else today
    made = [_assess(book, one, day.date() if day else one.day or today, until, pairs=pairs) for one in planned]
    records = _keep(installation, planned, made) if installation and record else [""] * len(made)
    answers = [told(book, *row) for row in zip(made, (one.name for one in planned), records, strict=True)]
    if json:
        write_json(answers)
    else:
        for answer in answers:
            _print(answer)
        out.print(f"[dim]{words(answers[0].notice)}[/]")
    if not all(is_permitted(answer.answers) for answer in answers):
        raise typer.Exit(1)


def _assess(book: Rulebook, planned: Planned, day: date, known: date, *, pairs: bool) -> Assessment:
    from waybill.rulebook import assess

    return assess(book, planned.facts, day, known, pairs=pairs)


def installed(data: Path) -> Installation | None:
    """Return the installation if there is one: the rules need none."""
    if not (data / "FORMAT").exists():
        return None
    from waybill.flow.installation import Installation

    return Installation.open(data)


def _keep(installation: Installation, planned: list[Planned], made: list[Assessment]) -> list[str]:
    from waybill.cli.sequel import sequence_now
    from waybill.flow.law.assessments import keep

    facts = (one.facts for one in planned)
    records = keep(installation, list(zip(facts, made, strict=True)), who=getpass.getuser())
    sequence_now(installation)
    return records


def is_permitted(answers: Iterable[ToldAnswer]) -> bool:
    """Return whether every regime lets it happen, with duties or without."""
    return all(one.outcome in {"outside", "permitted", "permitted-with-duties"} for one in answers)


def words(text: Text) -> str:
    """Return a text in the language of the output, safe to print."""
    return escape(read(text))


def _print(answer: ToldAssessment) -> None:
    known = say(f", as known on {answer.known}", f"，依据截至{answer.known}已公布的规则")
    out.print(f"[bold]{escape(answer.name)}[/]  {answer.day}{known if answer.known != answer.day else ''}")
    for one in answer.answers:
        print_answer(one)
    if answer.record:
        out.print("  [dim]" + say("record ", "记录 ") + answer.record + "[/]")
    out.print()


def print_answer(one: ToldAnswer) -> None:
    """Print what one regime says: outcome, rule, questions, duties, what would change it."""
    from waybill.rulebook.telling import OUTCOMES, REGIMES

    regime = words(REGIMES[one.regime]) if one.regime in REGIMES else escape(one.regime)
    mark, colour = MARKS[one.outcome.value if one.outcome else None]
    if one.outcome:
        outcome = words(OUTCOMES[one.outcome])
        doubt = "" if one.verified else say(" (unverified)", "（未核实）")
    else:
        outcome = say("open: ", "待定：") + " / ".join(words(OUTCOMES[maybe]) for maybe in one.possible)
        doubt = ""
    out.print(f"  [{colour}]{mark} {regime}: {outcome}[/]{doubt}")
    if one.outcome == "outside":
        return
    if one.outcome:
        _print_rule(one.rules[-1])
    for fact, question in list(one.questions.items())[:QUESTIONS]:
        out.print(f"      ? {words(question)} [dim]{fact}[/]")
    if (more := len(one.questions) - QUESTIONS) > 0:
        out.print("      [dim]" + say(f"and up to {more} more", f"可能还有{more}个问题") + "[/]")
    for duty in one.duties:
        to = f" → {words(duty.to)}" if duty.to else ""
        within = f", {duty.within}" if duty.within else ""
        keep = say(f", keep {duty.keep_years} years", f"，保存{duty.keep_years}年") if duty.keep_years else ""
        out.print(f"      • {words(duty.what)}{to}{within}{keep} [dim]{duty.rule}[/]")
    for change in one.changes[:3]:
        facts = ", ".join(f"{name} = {_plain(value)}" for name, value in change.facts.items())
        out.print("      [dim]" + say(f"with {facts}: ", f"若 {facts}：") + words(OUTCOMES[change.outcome]) + "[/]")
    for rule in one.waiting:
        out.print(f"      [yellow]{escape(rule.id)}: {words(rule.standing)}[/]")


def _print_rule(rule: ToldRule) -> None:
    out.print(f"      {words(rule.says)}")
    filing = say(f"; needs {rule.filing}", f"；须：{rule.filing}") if rule.filing else ""
    out.print(f"      [dim]{words(rule.instrument)}, {escape(rule.article)}{filing}[/]")
    if rule.quote:
        out.print(f"      [italic dim]“{escape(rule.quote)}”[/]")
    if rule.standing.en:
        out.print(f"      [yellow]{words(rule.standing)}[/]")


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else f"{value:,}" if isinstance(value, int) else str(value)
