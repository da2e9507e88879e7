"""``waybill duty``: who is on call, swaps, and the report by which a shift is handed over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from waybill.cli import options
from waybill.cli.case_options import Reason, desk, open_installation
from waybill.cli.language import read, say
from waybill.cli.output import out, write_json, write_table

if TYPE_CHECKING:
    from waybill.flow.cases.duty import Report
    from waybill.flow.installation import Installation

app = typer.Typer(help="Duty: who is on call, swaps, gaps, and handing over.", no_args_is_help=True)

Shift = Annotated[int, typer.Argument(help="Number of the shift, as `waybill duty list` shows it.", metavar="SHIFT")]


@app.command("list")
def list_shifts(
    *,
    days: Annotated[int, typer.Option(help="How far ahead.", min=1, max=366)] = 14,
    data: options.Data = options.DEFAULT_DATA,
    json: options.Json = False,
) -> None:
    """List who is on call when, from now on, and when nobody is.

    Examples:

    \b
      waybill duty list
      waybill duty list --days 60 --json
    """
    installation = open_installation(data)
    from waybill.cases import duty
    from waybill.flow.people import login_of

    now = datetime.now(UTC)
    until = now + timedelta(days=days)
    shifts, gaps = duty.shifts(now, until), duty.gaps(now, until)
    if json:
        write_json({"shifts": shifts, "gaps": gaps, "swaps": duty.swaps()})
        return
    nobody = say("nobody", "无人")
    rows = [(one.begins_at, one.ends_at, str(one.number), login_of(installation, one.person)) for one in shifts]
    rows += [(begins, ends, "", nobody) for begins, ends in gaps]
    write_table(
        say("shift|from (UTC)|until (UTC)|who", "班次|开始（UTC）|结束（UTC）|值班人").split("|"),
        ([number, _at(begins), _at(ends), who] for begins, ends, number, who in sorted(rows, key=lambda row: row[0])),
    )
    for one in duty.swaps():
        who, to = login_of(installation, one.asked_by), login_of(installation, one.to)
        text = say(f"swap {one.number}: {who} asks {to}", f"换班 {one.number}：{who} 请求 {to}")
        out.print(f"{text} ({_at(one.shift.begins_at)})", markup=False)


@app.command()
def plan(
    people: Annotated[list[str], typer.Argument(help="Logins, in turn.", metavar="LOGIN...")],
    *,
    begins: Annotated[datetime, typer.Option(help="When the first shift begins (UTC).")],
    hours: Annotated[int, typer.Option(help="Hours of a shift.", min=1, max=744)] = 24,
    count: Annotated[int, typer.Option(help="How many shifts.", min=1, max=400)] = 14,
    who: options.Who = "",
    data: options.Data = options.DEFAULT_DATA,
    json: options.Json = False,
) -> None:
    """Put people on call in turn, shift after shift: all of it, or nothing where somebody is on call then already.

    Examples:

    \b
      waybill duty plan li.na wang.wei --begins 2026-03-02T08:00 --hours 24 --count 14
    """
    here = desk(data, who)
    from waybill.cases import duty
    from waybill.flow.people import introduce

    known = [introduce(here.installation, one) for one in people]
    begins_at, length = options.utc(begins) or begins, timedelta(hours=hours)
    made = duty.plan(known, begins_at, length, count, who=here.who)
    told = say(f"{len(made)} shifts until {_at(made[-1].ends_at)}", f"已排 {len(made)} 班，至 {_at(made[-1].ends_at)}")
    here.done(told, made, json=json)


@app.command()
def remove(
    shift: Shift,
    *,
    reason: Reason,
    who: options.Who = "",
    data: options.Data = options.DEFAULT_DATA,
    json: options.Json = False,
) -> None:
    """Take away a shift that has not begun."""
    here = desk(data, who)
    from waybill.cases import duty

    duty.remove(shift, **here.by(reason))
    here.done(say(f"shift {shift} is gone", f"班次 {shift} 已取消"), {"shift": shift}, json=json)


@app.command()
def swap(
    shift: Shift,
    *,
    to: Annotated[str, typer.Option(help="Login of who is asked to take it.", metavar="LOGIN")],
    reason: Reason,
    who: options.Who = "",
    data: options.Data = options.DEFAULT_DATA,
    json: options.Json = False,
) -> None:
    """Ask somebody to take a shift of yours; it is theirs once they answer.

    Examples:

    \b
      waybill duty swap 12 --to wang.wei --reason "a wedding"
      waybill duty answer 3
    """
    here = desk(data, who)
    from waybill.cases import duty
    from waybill.flow.people import introduce

    asked = introduce(here.installation, to)
    number = duty.ask_swap(shift, asked, **here.by(reason))
    here.done(say(f"swap {number}: {to} is asked", f"换班 {number}：已询问 {to}"), {"swap": number}, json=json)


@app.command()
def answer(
    swap: Annotated[int, typer.Argument(help="Number of the swap, as `waybill duty list` shows it.", metavar="SWAP")],
    *,
    decline: Annotated[bool, typer.Option("--decline", help="Do not take it.")] = False,
    who: options.Who = "",
    data: options.Data = options.DEFAULT_DATA,
    json: options.Json = False,
) -> None:
    """Take a shift that somebody asks you to take; of one that runs, the rest of it."""
    here = desk(data, who)
    from waybill.cases import duty

    duty.answer_swap(swap, not decline, who=here.who)
    told = say("declined", "已谢绝") if decline else say("it is yours", "已接班")
    here.done(told, {"swap": swap, "taken": not decline}, json=json)


@app.command()
def report(
    *,
    shift: Annotated[int | None, typer.Option(help="Another shift than the one that runs.", metavar="SHIFT")] = None,
    data: options.Data = options.DEFAULT_DATA,
    json: options.Json = False,
) -> None:
    """Show a shift as it is handed over: what is in force until when, what falls due, what waits, is open, was done.

    Examples:

    \b
      waybill duty report
      waybill duty report --shift 12 --json
    """
    installation = open_installation(data)
    from waybill.cases import duty, queries
    from waybill.flow.cases.duty import as_plain
    from waybill.flow.cases.duty import report as made

    asked = duty.get(shift) if shift is not None else None
    known = queries.cases(queries.EVERY)
    found = made(installation, installation.register(), known, datetime.now(UTC), asked)
    if json:
        write_json(as_plain(found))
    else:
        _print(installation, found)


@app.command("hand-over")
def hand_over(
    note: Annotated[str, typer.Argument(help="What whoever follows must know.", metavar="TEXT")],
    *,
    who: options.Who = "",
    data: options.Data = options.DEFAULT_DATA,
    json: options.Json = False,
) -> None:
    """Hand duty over to whoever is on call next.

    Examples:

    \b
      waybill duty hand-over "the shipment stays held until Tuesday"
      waybill duty take-over 4
    """
    here = desk(data, who)
    from waybill.cases import duty

    number = duty.hand_over(here.told(note), who=here.who)
    here.done(say(f"hand-over {number}", f"交班 {number}"), {"handover": number}, json=json)


@app.command("take-over")
def take_over(
    handover: Annotated[int, typer.Argument(help="Number of the hand-over.", metavar="NUMBER")],
    *,
    who: options.Who = "",
    data: options.Data = options.DEFAULT_DATA,
    json: options.Json = False,
) -> None:
    """Say that you have taken duty over."""
    here = desk(data, who)
    from waybill.cases import duty

    duty.take_over(handover, who=here.who)
    here.done(say("taken over", "已接班"), {"handover": handover}, json=json)


def _print(installation: Installation, found: Report) -> None:
    from waybill.flow.people import login_of

    def name(person: str) -> str:
        return login_of(installation, person)

    nobody = say("nobody", "无人")
    on_call, follows = (name(one.person) if one else nobody for one in (found.shift, found.follows))
    out.print(f"{_at(found.begins_at)} – {_at(found.ends_at)}: {on_call} → {follows}", markup=False)
    out.print(say("In force, and to be undone", "已生效，待撤销"))
    write_table(
        say("run|case|what|undo by", "运行|案件|内容|撤销期限").split("|"),
        (
            [one.run.run, one.run.case, f"{one.act.step}: {one.act.command}", _at(one.until) if one.until else "?"]
            for one in found.measures
        ),
    )
    out.print(say("Clocks due", "到期时限"))
    write_table(
        say("case|report to|due", "案件|报告对象|截止").split("|"),
        ([one.case, read(one.told.to), _at(one.due_at)] for one in found.due),
    )
    out.print(say("Open cases", "未结案件"))
    write_table(
        say("case|severity|about|assignee|tasks", "案件|严重程度|事由|承办|任务").split("|"),
        (
            [one.case.number, one.case.severity, read(one.title), one.case.assignee, len(one.tasks)]
            for one in found.open
        ),
    )
    done = sum(len(entries) for _, entries in found.done)
    waits, gaps = len(found.waiting), len(found.gaps)
    out.print(
        say(
            f"{done} acts in this shift, {waits} wait for a person, {gaps} gaps ahead",
            f"本班处理 {done} 项，{waits} 项等待人工，后续 {gaps} 处空班",
        )
    )


def _at(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"
