"""``waybill case facts | clock``: what the law asks about a case, and the clocks that run by it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from waybill.cli import options
from waybill.cli.case_options import Number, desk, open_installation
from waybill.cli.case_printing import print_asked, print_clocks, print_undecided
from waybill.cli.language import say
from waybill.cli.output import open_target, write_json
from waybill.cli.sequel import sequence_now
from waybill.model.errors import UsageError


def facts(
    case: Number,
    said: Annotated[
        list[str] | None, typer.Argument(help="Facts and moments that the law asks for.", metavar="NAME=VALUE...")
    ] = None,
    *,
    reason: Annotated[str, typer.Option(help="How that is known.")] = "",
    who: options.Who = "",
    data: options.Data = options.DEFAULT_DATA,
    json: options.Json = False,
) -> None:
    """Say what the law asks about a case, so that it is certain which clocks run; without facts, show what is asked.

    Moments are `aware`, `classified`, `fixed` and `handled`, in ISO 8601 with a time zone.

    Examples:

    \b
      waybill case facts 3
      waybill case facts 3 personal_data_breach=yes persons_affected=1200 --reason "rows in the export"
      waybill case facts 3 aware=2026-03-02T09:00:00+08:00 --reason "the call of the vendor"
    """
    here = desk(data, who)
    from waybill.cases import judging
    from waybill.flow.cases.clocks import asked, following, read_said

    if said:
        facts, moments = read_said(said)
        with following(here.installation, case):
            judging.set_facts(case, facts, moments, **here.by(reason))
    found = asked(here.installation, case)
    if json:
        write_json(found)
    else:
        print_asked(found)
    sequence_now(here.installation)


def clock(
    case: Number,
    name: Annotated[str, typer.Argument(help="The clock; none: list them.", metavar="[CLOCK]")] = "",
    *,
    met: Annotated[bool, typer.Option("--met", help="The report was made.")] = False,
    drop: Annotated[bool, typer.Option("--drop", help="It does not apply.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="Also list each clock that may run.")] = False,
    at: Annotated[datetime | None, typer.Option(help="When the report was made (UTC).", show_default="now")] = None,
    reason: Annotated[str, typer.Option(help="Number of the report and who took it; or why it does not apply.")] = "",
    who: options.Who = "",
    data: options.Data = options.DEFAULT_DATA,
    json: options.Json = False,
) -> None:
    """List the clocks of law that run for a case; say that a report was made, or that a clock does not apply.

    Clocks that may run are told by the questions that decide it.

    Examples:

    \b
      waybill case clock 3
      waybill case clock 3 cn-incident-reporting/4-other --met --reason "receipt 2026-118"
    """
    here = desk(data, who)
    from waybill.cases import clocks
    from waybill.flow.cases.clocks import asked, following

    if met == drop and name:
        raise UsageError("it is not said what came of the clock", expected="--met or --drop")
    if name:
        with following(here.installation, case):
            if met:
                clocks.meet(case, name, at=options.utc(at) or datetime.now(UTC), **here.by(reason))
            else:
                clocks.drop(case, name, **here.by(reason))
    found = clocks.clocks([case])
    if json:
        write_json(found)
    else:
        perhaps = [one for one in found if one.runs and not one.certain and not everything]
        print_clocks([one for one in found if one not in perhaps])
        print_undecided(perhaps, asked(here.installation, case) if perhaps else [])
    sequence_now(here.installation)


def form(
    case: Number,
    name: Annotated[str, typer.Argument(help="The clock, as `waybill case clock` lists it.", metavar="CLOCK")],
    *,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write to this file.")] = None,
    data: options.Data = options.DEFAULT_DATA,
    json: options.Json = False,
) -> None:
    """Write the report that a clock asks for, filled in as far as the case knows it; a person completes and files it.

    Examples:

    \b
      waybill case form 3 cn-incident-reporting/4-other -o report.md
    """
    installation = open_installation(data)
    from waybill.flow.cases.forms import form as made
    from waybill.flow.cases.forms import written

    found = made(installation, case, name)
    if json:
        write_json(found, output)
        return
    with open_target(output) as stream:
        stream.write(written(found, chinese=say("en", "zh") == "zh").encode())
