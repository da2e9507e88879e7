"""``waybill case``: findings handled together, from the queue to what was judged, done and proved."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated

import typer

from waybill.cases.words import CaseState, Origin
from waybill.cli import case_bundles, case_law, options
from waybill.cli.case_options import Number, Reason, desk, open_installation
from waybill.cli.case_printing import print_case
from waybill.cli.language import read, say
from waybill.cli.output import write_json, write_table
from waybill.model.errors import InputError, UsageError
from waybill.model.words import Intent, Severity

app = typer.Typer(
    help="Cases: findings handled together, with clocks, tasks, evidence, decisions.", no_args_is_help=True
)
app.command("facts")(case_law.facts)
app.command("clock")(case_law.clock)
app.command("form")(case_law.form)
app.command("export")(case_bundles.export)
app.command("verify")(case_bundles.verify)


@app.command("list")
def list_cases(
    *,
    data: options.Data = options.DEFAULT_DATA,
    severity: Annotated[Severity | None, typer.Option(help="The least severity.")] = None,
    assignee: Annotated[str, typer.Option(help="Only those of this person or team.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="Also those that are closed or merged.")] = False,
    json: options.Json = False,
) -> None:
    """List open cases, the gravest first.

    Examples:

    \b
      waybill case list
      waybill case list --severity critical --all
    """
    installation = open_installation(data)
    from waybill.cases import queries
    from waybill.cases.wording import STATES
    from waybill.flow.cases.view import titles

    states = frozenset(CaseState) if everything else queries.OPEN
    found = queries.cases(queries.Wanted(states=states, severity=severity, assignee=assignee))
    if json:
        write_json(found)
        return
    rows = titles(installation, installation.register(), found)
    write_table(
        say("case|severity|state|findings|about|last|assignee", "案件|严重程度|状态|发现|事由|最近|承办").split("|"),
        (
            [
                one.number,
                one.severity,
                read(STATES[one.state]),
                len(one.findings),
                f"{read(rows[one.number].finding.title)} · {rows[one.number].asset}" if one.number in rows else "",
                f"{one.last:%Y-%m-%d}",
                one.assignee,
            ]
            for one in found
        ),
        markup=False,
    )


@app.command()
def show(case: Number, *, data: options.Data = options.DEFAULT_DATA, json: options.Json = False) -> None:
    """Show one case whole: why its findings belong together, what happened, what was judged and done.

    Where the public has an interest, and in protected disclosures, it does not say who acted.
    """
    installation = open_installation(data)
    from waybill.flow.cases.view import whole

    found = whole(installation, installation.register(), case)
    if json:
        write_json(found)
    else:
        print_case(found)


@app.command()
def note(
    case: Number,
    text: Annotated[str, typer.Argument(help="What is to be kept.", metavar="TEXT")],
    *,
    who: options.Who = "",
    data: options.Data = options.DEFAULT_DATA,
) -> None:
    """Write something down. People in it appear by pseudonym, as everywhere."""
    here = desk(data, who)
    from waybill.cases import working

    working.note(case, here.told(text), who=here.who)
    here.done(say("noted", "已记录"))


@app.command()
def assign(
    case: Number,
    assignee: Annotated[str, typer.Argument(help="Who works on it: a login, a team; empty for nobody.", metavar="WHO")],
    *,
    who: options.Who = "",
    data: options.Data = options.DEFAULT_DATA,
) -> None:
    """Give a case to somebody.

    Example:

    \b
      waybill case assign 7 duty.officer
    """
    here = desk(data, who)
    from waybill.cases import working

    working.assign(case, here.told(assignee), who=here.who)
    here.done(say(f"case {case} is with {assignee or 'nobody'}", f"案件 {case} 已指派：{assignee or '无'}"))


@app.command("state")
def set_state(
    case: Number,
    state: Annotated[
        CaseState, typer.Argument(help="new, analysis, containment, recovery or closed.", metavar="STATE")
    ],
    *,
    reason: Reason,
    who: options.Who = "",
    data: options.Data = options.DEFAULT_DATA,
) -> None:
    """Say how far the handling has come. A case whose clocks still run can't be closed."""
    here = desk(data, who)
    from waybill.cases import judging
    from waybill.flow.cases.clocks import following

    with following(here.installation, case):
        judging.set_state(case, state, **here.by(reason))
    here.done(say(f"case {case} is {state}", f"案件 {case} 状态：{state}"))


@app.command()
def judge(
    case: Number,
    *,
    severity: Annotated[Severity | None, typer.Option(help="How urgent it is.")] = None,
    intent: Annotated[Intent | None, typer.Option(help="Why it happened.")] = None,
    origin: Annotated[Origin | None, typer.Option(help="Which way it went.")] = None,
    persons: Annotated[int | None, typer.Option(help="Estimated harm: persons concerned.")] = None,
    amount: Annotated[str | None, typer.Option(help="Estimated harm: money.", metavar="NUMBER")] = None,
    currency: Annotated[str, typer.Option(help="Of that amount (ISO 4217).")] = "",
    also: Annotated[str, typer.Option(help="Estimated harm that is neither: environment, safety, know-how.")] = "",
    reason: Reason,
    who: options.Who = "",
    data: options.Data = options.DEFAULT_DATA,
) -> None:
    """Judge a case: severity, intent, way, estimated harm; the reason is kept with each.

    Examples:

    \b
      waybill case judge 3 --intent accident --reason "the macro adds the list by itself"
      waybill case judge 3 --persons 1200 --amount 50000 --currency CNY --reason "1,200 rows at the usual cost"
    """
    here = desk(data, who)
    from waybill.cases import judging
    from waybill.flow.cases.clocks import following

    acts = here.by(reason)
    if not any((severity, intent, origin, amount, also, persons is not None)):
        raise UsageError("nothing is judged", expected="--severity, --intent, --origin, --persons, --amount or --also")
    with following(here.installation, case):
        if severity is not None:
            judging.set_severity(case, severity, **acts)
        if intent is not None:
            judging.set_intent(case, intent, **acts)
        if origin is not None:
            judging.set_origin(case, origin, **acts)
        if persons is not None or amount or also:
            also = here.told(also)
            harm = judging.Harm(persons=persons, amount=_amount(amount), currency=currency.upper(), also=also)
            judging.set_harm(case, harm, **acts)
    here.done(say(f"case {case} is judged", f"案件 {case} 已判定"))


@app.command()
def protect(
    case: Number,
    *,
    reason: Reason,
    who: options.Who = "",
    yes: options.Yes = False,
    data: options.Data = options.DEFAULT_DATA,
) -> None:
    """Mark a case as a protected disclosure: who acted goes out of view for good, and nothing brings it back."""
    here = desk(data, who)
    from waybill.flow.cases.protection import protect as mark

    options.confirm(yes, say(f"Take who acted in case {case} out of view for good?", f"永久隐去案件 {case} 的行为人？"))
    mark(here.installation, case, **here.by(reason))
    here.done(say(f"case {case} is protected", f"案件 {case} 已受保护"))


@app.command()
def merge(
    case: Number,
    into: Annotated[int, typer.Argument(help="The case that takes its findings.", metavar="INTO")],
    *,
    reason: Reason,
    who: options.Who = "",
    data: options.Data = options.DEFAULT_DATA,
) -> None:
    """Merge a case into another one."""
    here = desk(data, who)
    from waybill.cases import joining
    from waybill.flow.cases.clocks import following

    with following(here.installation, case, into):
        joining.merge(case, into, **here.by(reason))
    here.done(say(f"case {case} is part of case {into}", f"案件 {case} 已并入案件 {into}"))


@app.command()
def split(
    case: Number,
    findings: Annotated[
        list[str], typer.Argument(help="Ids of findings that go, or their beginnings.", metavar="ID...")
    ],
    *,
    reason: Reason,
    who: options.Who = "",
    data: options.Data = options.DEFAULT_DATA,
) -> None:
    """Move findings of a case into a new one."""
    here = desk(data, who)
    from waybill.cases import joining
    from waybill.findings.queries import get
    from waybill.flow.cases.clocks import following

    ids = [get(one).finding.id for one in findings]
    with following(here.installation, case) as changed:
        number = joining.split(case, ids, **here.by(reason))
        changed.append(number)
    here.done(say(f"case {number} holds them", f"已移入案件 {number}"))


@app.command()
def task(
    case: Number,
    title: Annotated[
        str, typer.Argument(help="What is to be done; with --done, the number of a task.", metavar="TASK")
    ],
    *,
    done: Annotated[bool, typer.Option("--done", help="It is done.")] = False,
    assignee: Annotated[str, typer.Option(help="Who is to do it.")] = "",
    due: Annotated[datetime | None, typer.Option(help="Until when (UTC).")] = None,
    after: Annotated[int | None, typer.Option(help="Number of a task that must be done before.")] = None,
    who: options.Who = "",
    data: options.Data = options.DEFAULT_DATA,
) -> None:
    """Add a task to a case, or note that one is done.

    Examples:

    \b
      waybill case task 3 "ask the vendor to delete the file" --due 2026-03-04
      waybill case task 3 7 --done
    """
    here = desk(data, who)
    from waybill.cases import working

    if done:
        if not title.isdecimal():
            raise UsageError("a task is named by its number", where=title, advice="`waybill case show` lists them")
        working.finish_task(case, int(title), who=here.who)
        here.done(say(f"task {title} is done", f"任务 {title} 已完成"))
        return
    told = here.told(title)
    number = working.add_task(case, told, who=here.who, assignee=assignee, due_at=options.utc(due), after=after)
    here.done(say(f"task {number}", f"任务 {number}"))


@app.command()
def evidence(
    case: Number,
    file: Annotated[
        Path, typer.Argument(help="A file that belongs to the case; it stays where it is.", metavar="FILE")
    ],
    *,
    reason: Reason,
    who: options.Who = "",
    data: options.Data = options.DEFAULT_DATA,
) -> None:
    """Note a file as evidence by its hash, which the ledger proves."""
    here = desk(data, who)
    from waybill.cases import working

    name, told = here.told(file.name), here.told(reason)
    digest = working.add_evidence(case, name, _parts(file), who=here.who, reason=told)
    here.done(f"sha256 {digest}")


def _amount(said: str | None) -> Decimal | None:
    try:
        return Decimal(said) if said else None
    except InvalidOperation:
        raise UsageError("this is no amount", where=said or "", expected="a number such as 50000.00") from None


def _parts(file: Path) -> Iterator[bytes]:
    try:
        with file.open("rb") as stream:
            while part := stream.read(1 << 20):
                yield part
    except OSError as error:
        raise InputError(f"the file cannot be read: {error.strerror}", where=str(file)) from None
