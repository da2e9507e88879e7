"""``waybill findings``: what was found, what became of it, and what is accepted for a time."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from waybill.cli import options
from waybill.cli.language import read, say
from waybill.cli.output import open_target, out, write_json, write_table
from waybill.cli.printing import print_finding, print_findings
from waybill.cli.sequel import sequence_now
from waybill.findings.export import Format, write
from waybill.findings.states import FindingState
from waybill.model.words import Severity

app = typer.Typer(help="What was found: list, show, export, handle.", invoke_without_command=True)
exceptions = typer.Typer(help="Findings that an owner accepts until a day, with the reason.", no_args_is_help=True)
app.add_typer(exceptions, name="except")

Ids = Annotated[list[str], typer.Argument(help="Ids of findings, or their beginnings.", metavar="ID...")]
Since = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], metavar="DAY", help="From this day on.")]
Until = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], metavar="DAY", help="Before this day.")]


@app.callback()
def list_(
    context: typer.Context,
    *,
    data: options.Data = options.DEFAULT_DATA,
    since: Since = None,
    until: Until = None,
    severity: Annotated[Severity | None, typer.Option(help="The least severity.")] = None,
    rule: Annotated[str, typer.Option(help="Only this rule.")] = "",
    subject: Annotated[str, typer.Option(help="Only this pseudonym.")] = "",
    asset: Annotated[str, typer.Option(help="Only this asset.")] = "",
    source: Annotated[str, typer.Option(help="Only this source.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="Also what is excepted, summarised or done.")] = False,
    form: Annotated[Format | None, typer.Option("--format", help="Write them for another program.")] = None,
    json: options.Json = False,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write to this file.")] = None,
) -> None:
    """List findings, the gravest first. The alert budget keeps the list short; `--all` shows the rest.

    Examples:

    \b
      waybill findings --severity high --since 2026-03-01
      waybill findings --format sarif -o findings.sarif
      waybill findings show 3f2a
    """
    from waybill.flow.installation import Installation

    if context.invoked_subcommand is not None:
        return
    installation = Installation.open(data)
    from waybill.findings import queries, summarising

    summaries = summarising.apply_budget(installation.settings.alert_budget)
    wanted = queries.Filter(
        since=since and since.replace(tzinfo=UTC),
        until=until and until.replace(tzinfo=UTC),
        severity=severity,
        rule_id=rule,
        subject=subject,
        asset=asset,
        source=source,
        states=queries.ALL_STATES if everything else queries.Filter().states,
    )
    stored = list(queries.every(wanted))
    findings = [item.finding for item in stored]
    states = {item.finding.id: item.state for item in stored}
    if form is not None:
        with open_target(output) as stream:
            write(findings, form, stream, states)
    elif json or output is not None:
        rows = [{"state": item.state, "exception": item.exception, "finding": item.finding} for item in stored]
        write_json({"findings": rows, "summaries": summaries}, output)
    else:
        print_findings(findings)
        if summaries and not everything:
            out.print()
            for summary in summaries:
                out.print(f"  {read(summary.sentence)}", markup=False)
    sequence_now(installation)


@app.command()
def show(
    finding: Annotated[str, typer.Argument(help="Id of a finding, or its beginning.", metavar="ID")],
    *,
    data: options.Data = options.DEFAULT_DATA,
    json: options.Json = False,
) -> None:
    """Show one finding whole: the reasons behind it, its evidence, and what became of it."""
    from waybill.flow.installation import Installation

    Installation.open(data)
    from waybill.findings import handling, queries

    stored = queries.get(finding)
    history = handling.history(stored.finding.id)
    if json:
        write_json(
            {"state": stored.state, "exception": stored.exception, "finding": stored.finding, "history": history}
        )
        return
    print_finding(stored.finding)
    out.print()
    write_table(
        say("reason|seen|usual|share", "依据|实际|通常|占比").split("|"),
        ([part.name, part.value, part.usual, f"{part.share:.0%}"] for part in stored.finding.parts),
    )
    out.print(say(f"\nstate {stored.state}; evidence:", f"\n状态 {stored.state}；证据："))
    for transfer in stored.finding.transfers[:20]:
        out.print(f"  {transfer}")
    for change in history:
        out.print(
            f"  {change.at:%Y-%m-%d %H:%M} {change.before} → {change.after}: {change.who}: {change.reason}",
            markup=False,
        )


@app.command("set")
def set_state(
    state: Annotated[FindingState, typer.Argument(help="new, in_progress, resolved or false_positive.")],
    ids: Ids,
    *,
    reason: Annotated[str, typer.Option(help="Why.")],
    who: Annotated[str, typer.Option(help="Who says so.", show_default="your login")] = "",
    data: options.Data = options.DEFAULT_DATA,
) -> None:
    """Say where the handling of findings stands."""
    from waybill.flow.installation import Installation

    installation = Installation.open(data)
    from waybill.findings import handling, queries

    whole = [queries.get(finding).finding.id for finding in ids]
    handling.set_state(whole, state, who=who or getpass.getuser(), reason=reason)
    out.print(say(f"{len(whole)} findings are {state}", f"{len(whole)} 项发现的状态为 {state}"))
    sequence_now(installation)


@exceptions.command("add")
def add_exception(
    *,
    owner: Annotated[str, typer.Option(help="Who answers for it.")],
    reason: Annotated[str, typer.Option(help="Why it is accepted.")],
    until: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], metavar="DAY", help="First day it no longer holds.")],
    rule: Annotated[str, typer.Option(help="Id of a rule.")] = "",
    subject: Annotated[str, typer.Option(help="A pseudonym or service.")] = "",
    asset: Annotated[str, typer.Option(help="An asset; a beginning followed by * covers all that begin so.")] = "",
    channel: Annotated[str, typer.Option(help="A channel.")] = "",
    source: Annotated[str, typer.Option(help="A source.")] = "",
    data: options.Data = options.DEFAULT_DATA,
) -> None:
    """Accept findings until a day. They are kept, and are new again when the exception ends."""
    from waybill.flow.installation import Installation

    installation = Installation.open(data)
    from waybill.findings.exceptions import Match
    from waybill.findings.exceptions import add_exception as add

    match = Match(rule_id=rule, subject=subject, asset=asset, channel=channel, source=source)
    number = add(match, owner=owner, reason=reason, expires_at=until.replace(tzinfo=UTC))
    out.print(say(f"exception {number} holds until {until:%Y-%m-%d}", f"例外 {number} 有效至 {until:%Y-%m-%d}"))
    sequence_now(installation)


@exceptions.command("list")
def list_exceptions(*, data: options.Data = options.DEFAULT_DATA, json: options.Json = False) -> None:
    """List exceptions, also those that have ended."""
    from waybill.flow.installation import Installation

    Installation.open(data)
    from waybill.findings.exceptions import exceptions as stored

    rows = stored()
    if json:
        write_json(rows)
        return
    write_table(
        say("number|owner|until|covers|reason", "编号|负责人|有效至|已覆盖|理由").split("|"),
        ([row.number, row.owner, f"{row.expires_at:%Y-%m-%d}", row.findings, row.reason] for row in rows),
    )


@exceptions.command("end")
def end_exception(
    number: Annotated[int, typer.Argument(help="Number of the exception.")],
    *,
    reason: Annotated[str, typer.Option(help="Why.")],
    who: Annotated[str, typer.Option(help="Who says so.", show_default="your login")] = "",
    data: options.Data = options.DEFAULT_DATA,
) -> None:
    """End an exception now; the findings it covered are new again."""
    from waybill.flow.installation import Installation

    installation = Installation.open(data)
    from waybill.findings.exceptions import end_exception as end

    count = end(number, who=who or getpass.getuser(), reason=reason)
    out.print(say(f"{count} findings are new again", f"{count} 项发现重新变为新"))
    sequence_now(installation)
