"""``waybill rulebook``: the rules that assessments rest on: list, facts, deadlines, check, what changes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from waybill.cli import options, rulebook_changes
from waybill.cli.assess import Known, Rulebooks, installed, words
from waybill.cli.language import say
from waybill.cli.output import out, write_json, write_table

if TYPE_CHECKING:
    from waybill.rulebook import Rulebook
    from waybill.rulebook.instruments import Deadline
    from waybill.rulebook.telling import ToldRule

app = typer.Typer(
    help="Dated law and company rules that `assess` goes by: list, check, compare two days.", no_args_is_help=True
)
app.command("verify")(rulebook_changes.verify)
app.command("replay")(rulebook_changes.replay)
OnDay = Annotated[datetime | None, typer.Option("--day", formats=["%Y-%m-%d"], help="As they stand on this day.")]


@app.command("list")
def list_(
    *,
    day: OnDay = None,
    known: Known = None,
    unverified: Annotated[bool, typer.Option("--unverified", help="Only those that nobody has verified.")] = False,
    rulebook: Rulebooks = None,
    data: options.Data = options.DEFAULT_DATA,
    json: options.Json = False,
) -> None:
    """List every rule: article, what it says, how it stands on a day, and whether it was held against its source.

    Example: waybill rulebook list --day 2026-11-11 --unverified
    """
    book = _book(data, rulebook)
    found = [rule for rule in _told(book, *_days(day, known), book.rules) if not (unverified and rule.verified)]
    if json:
        write_json(found)
        return
    rows = ([rule.id, rule.article, words(rule.says), _stands(rule)] for rule in found)
    write_table(say("rule|article|says|stands", "规则|条款|内容|状态").split("|"), rows)
    doubtful = sum(not rule.verified for rule in found)
    out.print(
        say(
            f"{len(found)} rules, {doubtful} unverified; rulebook {book.digest[:16]}",
            f"共{len(found)}条规则，其中{doubtful}条未核实；规则集 {book.digest[:16]}",
        )
    )


@app.command()
def show(
    rule: Annotated[str, typer.Argument(help="Id of a rule.", metavar="RULE")],
    *,
    day: OnDay = None,
    known: Known = None,
    rulebook: Rulebooks = None,
    data: options.Data = options.DEFAULT_DATA,
    json: options.Json = False,
) -> None:
    """Show one rule whole: its conditions, duties, quote with hash, source, and how it stands."""
    from waybill.model.errors import UsageError
    from waybill.rulebook import Rule

    book = _book(data, rulebook)
    if rule not in book.provisions:
        raise UsageError("there is no such rule", where=rule, advice="`waybill rulebook list` lists them")
    found = _told(book, *_days(day, known), [rule])[0]
    _, whole = book.provisions[rule]
    conditions = [str(atom) for atom in whole.when]
    outcome, duties = (whole.outcome, whole.duties) if isinstance(whole, Rule) else (None, ())
    if json:
        write_json({"rule": found, "when": conditions, "outcome": outcome, "quote_sha256": whole.quote_sha256})
        return
    rows = [
        (say("rule", "规则"), f"{found.id} ({whole.place})"),
        (say("instrument", "文件"), f"{words(found.instrument)}, {found.article}"),
        (say("says", "内容"), words(found.says)),
        (say("when", "条件"), "\n".join(conditions) or say("always", "始终")),
        (say("outcome", "结果"), " ".join(part for part in (outcome or "", found.filing) if part)),
        (say("duties", "义务"), "\n".join(words(duty.what) for duty in duties)),
        (say("quote", "原文"), found.quote),
        ("SHA-256", whole.quote_sha256),
        (say("source", "来源"), found.source),
        (say("stands", "状态"), _stands(found)),
        (say("verified", "核实日期"), f"{whole.verified_on or ''}"),
    ]
    write_table(["", ""], [row for row in rows if row[1]])


@app.command()
def facts(*, json: options.Json = False) -> None:
    """List the facts that rules ask about: name, what it may hold, and the question."""
    from waybill.rulebook.facts import vocabulary

    found = list(vocabulary().values())
    if json:
        write_json(found)
        return
    rows = ([fact.name, ", ".join(fact.choices) or fact.kind, words(fact.ask)] for fact in found)
    write_table(say("fact|holds|question", "事实|取值|问题").split("|"), rows)


@app.command()
def check(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Files and folders of your own rules.", metavar="[PATH...]")
    ] = None,
    *,
    data: options.Data = options.DEFAULT_DATA,
    json: options.Json = False,
) -> None:
    """Read all rules, run the cases that stand with them, and tell which rules nobody has verified.

    Exits 1 if a case comes out otherwise than its rule says, 2 for a file that is wrong, with its line.
    """
    from waybill.rulebook.checking import check_cases

    book = _book(data, paths)
    failures = check_cases(book)
    today = datetime.now(UTC).date()
    standings = book.standings(today, today)
    cases = sum(len(rule.tests) for _, rule in book.rules.values())
    cases += sum(len(deadline.tests) for _, deadline in book.deadlines.values())
    unverified = sorted(id for id, stands in standings.items() if not stands.verified)
    if json:
        write_json({"rules": len(standings), "cases": cases, "failures": failures, "unverified": unverified})
    else:
        for failure in failures:
            out.print(f"[red]✗[/] {failure.place}: {failure.rule}: {failure.what}")
        out.print(
            say(
                f"{len(standings)} rules, deadlines and gradings, {cases} cases, {len(failures)} come out otherwise; "
                f"{len(unverified)} unverified",
                f"{len(standings)}条规则、时限和分级规则，{cases}个用例，{len(failures)}个结果不符；{len(unverified)}条规则未核实",
            )
        )
    if failures:
        raise typer.Exit(1)


@app.command()
def diff(
    first: Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"], help="One day.", metavar="DAY")],
    second: Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"], help="Another day.", metavar="DAY")],
    *,
    known: Known = None,
    rulebook: Rulebooks = None,
    data: options.Data = options.DEFAULT_DATA,
    json: options.Json = False,
) -> None:
    """Tell which rules stand otherwise on another day.

    Example: waybill rulebook diff 2026-11-09 2026-11-11
    """
    book = _book(data, rulebook)
    _, until = _days(None, known)
    before = {rule.id: rule for rule in _told(book, first.date(), until, book.provisions)}
    after = {rule.id: rule for rule in _told(book, second.date(), until, book.provisions)}
    changed = [(before[id], after[id]) for id in after if before[id].status is not after[id].status]
    if json:
        write_json([{"rule": then.id, "then": then, "now": now} for then, now in changed])
        return
    rows = ([now.id, words(now.says), _stands(then), _stands(now)] for then, now in changed)
    write_table([say("rule", "规则"), say("says", "内容"), f"{first:%Y-%m-%d}", f"{second:%Y-%m-%d}"], rows)


@app.command()
def deadlines(
    *,
    rulebook: Rulebooks = None,
    data: options.Data = options.DEFAULT_DATA,
    json: options.Json = False,
) -> None:
    """List until when an incident must be reported: article, how long, from which moment, to whom, and when it runs."""
    book = _book(data, rulebook)
    found = {rule.id: rule for rule in _told(book, *_days(None, None), book.deadlines)}
    if json:
        rows = (msgspec.structs.asdict(found[id]) | _deadline(one) for id, (_, one) in book.deadlines.items())
        write_json(list(rows))
        return
    table = (
        [id, one.article, _length(one), one.starts, words(one.to), ", ".join(map(str, one.when)), _stands(found[id])]
        for id, (_, one) in book.deadlines.items()
    )
    write_table(
        say("deadline|article|within|from|to|when|stands", "时限|条款|期限|起算|对象|条件|状态").split("|"), table
    )


def _book(data: Path, own: list[Path] | None) -> Rulebook:
    from waybill.flow.law.assessments import rulebook_with
    from waybill.flow.settings import load_settings

    installation = installed(data)
    return rulebook_with(installation, installation.settings if installation else load_settings(), own or ())


def _days(day: datetime | None, known: datetime | None) -> tuple[date, date]:
    today = datetime.now(UTC).date()
    return day.date() if day else today, known.date() if known else today


def _told(book: Rulebook, day: date, known: date, among: Iterable[str]) -> list[ToldRule]:
    from waybill.rulebook.telling import told_rule

    standings = book.standings(day, known)
    return [told_rule(book, book.provisions[id][1], standings[id]) for id in among]


def _deadline(one: Deadline) -> dict[str, object]:
    when = [str(atom) for atom in one.when]
    return {"starts": one.starts, "length": one.length, "unit": one.unit, "to": one.to, "when": when, "form": one.form}


def _length(one: Deadline) -> str:
    from waybill.rulebook.instruments import Unit

    units = {Unit.HOURS: say("h", "小时"), Unit.DAYS: say("days", "日"), Unit.MONTHS: say("months", "个月"),
             Unit.WORKING_DAYS: say("working days", "个工作日")}  # fmt: skip
    return say("at once", "立即") if one.unit is Unit.AT_ONCE else f"{one.length} {units[one.unit]}"


def _stands(rule: ToldRule) -> str:
    return words(rule.standing) or say("in force, verified", "有效，已核实")
