"""``waybill playbook``: checked, tried dry, run for a case, approved by a second person, looked at, undone."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from waybill.cli import options
from waybill.cli.case_options import Reason, desk, open_installation
from waybill.cli.language import read, say
from waybill.cli.output import out, write_json, write_table
from waybill.cli.sequel import sequence_now
from waybill.model.errors import UsageError

if TYPE_CHECKING:
    from waybill.flow.installation import Installation
    from waybill.respond.standing import Standing

app = typer.Typer(help="Playbooks (CACAO 2.0): stop a transfer, prove it, undo it.", no_args_is_help=True)

File = Annotated[
    Path, typer.Argument(help="A playbook of CACAO 2.0 as JSON, or the name of one that comes along.", metavar="FILE")
]
Values = Annotated[
    list[str] | None,
    typer.Option("--set", help="Value of a variable; may be repeated.", metavar="__NAME__=VALUE"),
]
Run = Annotated[int, typer.Argument(help="Number of the run, as `waybill playbook runs` lists it.", metavar="RUN")]


@app.command()
def check(file: File, *, data: options.Data = options.DEFAULT_DATA, json: options.Json = False) -> None:
    """Say what is wrong with a playbook: missing steps, endless loops, undeclared names, secrets. Exits 2 if so.

    Examples:

    \b
      waybill playbook check contain.json
    """
    installation = open_installation(data)
    from waybill.flow.response import responding
    from waybill.respond.checking import check as problems_of

    playbook = responding.read_file(file)
    found = problems_of(playbook, responding.connectors(installation), responding.playbooks(installation))
    if json:
        write_json(found)
    elif not found:
        out.print(say("[green]Nothing is wrong with it.[/]", "[green]未发现问题。[/]"))
    else:
        write_table(
            say("step|what is wrong", "步骤|问题").split("|"),
            ([one.step, read(one.what)] for one in found),
            markup=False,
        )
    raise typer.Exit(UsageError.exit_code if found else 0)


@app.command("dry-run")
def dry_run(
    file: File, *, set_: Values = None, data: options.Data = options.DEFAULT_DATA, json: options.Json = False
) -> None:
    """Show the calls that a playbook would make, in their order, and which need a second person. Nothing is called."""
    installation = open_installation(data)
    from waybill.flow.response import responding
    from waybill.respond.planning import dry_run as plan

    books = responding.with_called(responding.read_file(file), responding.playbooks(installation).values())
    planned = plan(books, _values(set_), responding.connectors(installation))
    if json:
        write_json(planned)
        return
    two, lasts = say("a second person", "第二人批准"), say("cannot be undone", "不可撤销")
    write_table(
        say("step|command|call|needs|", "步骤|命令|调用|需要|").split("|"),
        (
            [
                one.step,
                one.command,
                one.call or say("not set up here", "未配置"),
                two if one.needs_two else "",
                lasts if one.lasting else "",
            ]
            for one in planned
        ),
        markup=False,
    )


@app.command()
def run(
    file: File,
    *,
    case: Annotated[int, typer.Option(help="Number of the case it is run for.")],
    reason: Reason,
    set_: Values = None,
    undo_by: Annotated[datetime | None, typer.Option(help="When somebody is to undo it at the latest (UTC).")] = None,
    who: options.Who = "",
    data: options.Data = options.DEFAULT_DATA,
    json: options.Json = False,
) -> None:
    """Run a playbook for a case: each act is looked at before it counts. Stops where a second person must approve.

    Exits 1 if something did not work; what is and what is not in force is told.

    Examples:

    \b
      waybill playbook run contain.json --case 3 --set __login__=li.na --reason "upload goes on"
      waybill playbook run hold-shipment --case 3 --set __permit__=permit-7 --reason "diverted"
    """
    here = desk(data, who)
    from waybill.flow.response import playbooks, responding

    playbook, values = responding.read_file(file), _values(set_)
    until = options.utc(undo_by)
    number = playbooks.begin(here.installation, case, playbook, values, **here.by(reason), undo_by=until)
    _end(here.installation, playbooks.advance(here.installation, number), json)


@app.command()
def approve(
    act: Annotated[int, typer.Argument(help="Number of the act that waits, as its run shows it.", metavar="ACT")],
    *,
    refuse: Annotated[bool, typer.Option("--refuse", help="Refuse it.")] = False,
    reason: Reason,
    who: options.Who = "",
    data: options.Data = options.DEFAULT_DATA,
    json: options.Json = False,
) -> None:
    """Approve an act that somebody else has begun, or say that what a person does was done; the run goes on."""
    here = desk(data, who)
    from waybill.flow.response import playbooks

    _end(here.installation, playbooks.approve(here.installation, act, not refuse, **here.by(reason)), json)


@app.command()
def undo(
    run: Run,
    *,
    reason: Reason,
    who: options.Who = "",
    data: options.Data = options.DEFAULT_DATA,
    json: options.Json = False,
) -> None:
    """Undo all that a run has put in force, the last first, and look whether all is as it was before."""
    here = desk(data, who)
    from waybill.flow.response import playbooks

    _end(here.installation, playbooks.undo(here.installation, run, **here.by(reason)), json)


@app.command()
def runs(
    run: Annotated[int | None, typer.Argument(help="One run; none: list all.", metavar="[RUN]")] = None,
    *,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with it, after a crash too.")] = False,
    data: options.Data = options.DEFAULT_DATA,
    json: options.Json = False,
) -> None:
    """List runs, or show one: every act is looked at now, so that it says what is and what is not in force."""
    installation = open_installation(data)
    from waybill.cases import queries
    from waybill.flow.response import playbooks
    from waybill.flow.response.shelf import discreet
    from waybill.respond import standing

    if run is None:
        cases = {one.number: one for one in queries.cases(queries.EVERY)}
        found = [discreet(one, cases[one.case]) for one in standing.runs()]
        if json:
            write_json(found)
        else:
            write_table(
                say("run|case|playbook|state|begun", "运行|案件|预案|状态|开始").split("|"),
                ([one.run, one.case, one.playbook, one.state, f"{one.begun_at:%Y-%m-%d %H:%M}"] for one in found),
                markup=False,
            )
        return
    _end(installation, (playbooks.advance if resume else playbooks.look)(installation, run), json)


@app.command()
def notices(*, data: options.Data = options.DEFAULT_DATA, json: options.Json = False) -> None:
    """List the messages of playbooks: which were taken, and which are on their way and were tried how often.

    The task `notify` sends them, which `waybill serve` runs: a receiver that is down holds nothing up.
    """
    open_installation(data)
    from waybill.respond import notices as kept

    found = kept.every()
    if json:
        write_json(found)
        return
    write_table(
        say("notice|to|made (UTC)|sent (UTC)|tries|message", "通知|接收方|生成 (UTC)|送达 (UTC)|次数|内容").split("|"),
        (
            [
                one.number,
                one.receiver,
                f"{one.made_at:%Y-%m-%d %H:%M}",
                f"{one.sent_at:%Y-%m-%d %H:%M}" if one.sent_at else "",
                one.attempts,
                one.message,
            ]
            for one in found
        ),
        right=[4],
        markup=False,
    )


def _values(said: list[str] | None) -> dict[str, str]:
    pairs = [one.partition("=") for one in said or ()]
    if not all(name and mark for name, mark, _ in pairs):
        raise UsageError("this is no value of a variable", expected="__login__=li.na")
    return {name: value for name, _, value in pairs}


def _end(installation: Installation, found: Standing, json: bool) -> None:
    """Tell how a run stands, and let the ledger take what was recorded; exit 1 if something did not work."""
    from waybill.cases.queries import get
    from waybill.flow.response.shelf import discreet

    found = discreet(found, get(found.case))
    if json:
        write_json(found)
    else:
        out.print(
            say(
                f"run {found.run} of case {found.case}: {found.state}",
                f"案件 {found.case} 的运行 {found.run}：{found.state}",
            )
        )
        write_table(
            say("act|step|command|state|seen|remark", "操作|步骤|命令|状态|核实|说明").split("|"),
            (
                [
                    one.number,
                    one.step,
                    one.command,
                    one.state,
                    f"{one.verified_at:%H:%M:%S}" if one.verified_at else "",
                    one.remark,
                ]
                for one in found.acts
            ),
            markup=False,
        )
    sequence_now(installation)
    raise typer.Exit(1 if found.state == "failed" else 0)
