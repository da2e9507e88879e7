"""``waybill trends``: calendars and controls held against what happened."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from waybill.cli import options
from waybill.cli.language import read, say
from waybill.cli.output import write_json, write_table
from waybill.cli.trends_options import DAY_FORM, Act, Country, Kind, Since, Source, Trade, Until, opened, slice_of
from waybill.model.errors import UsageError


def calendars(*, json: options.Json = False) -> None:
    """List the calendars that ship with the package.

    Example:

    \b
      waybill trends calendars
    """
    from waybill.trends.calendars import built_in, calendar

    found = [calendar(name) for name in built_in()]
    if json:
        write_json(
            [
                {"name": one.name, "title": one.title, "kind": one.kind, "source": one.source, "spans": one.spans,
                 "verified": one.verified}
                for one in found
            ]
        )  # fmt: skip
        return
    columns = say("name|title|kind|spans|source|verified", "名称|标题|类别|时段数|来源|核对").split("|")
    unverified = say("by nobody", "未核对")
    rows = [
        (one.name, read(one.title), one.kind, len(one.spans), one.source, one.verified or unverified) for one in found
    ]
    write_table(columns, rows, right=(3,))


def effect(
    names: Annotated[list[str], typer.Argument(help="Names of calendars, or .toml files.", metavar="CALENDAR...")],
    *,
    beside: Annotated[
        list[str] | None, typer.Option(help="A calendar to hold constant, such as lunar-new-year; may be repeated.")
    ] = None,
    claim: Annotated[
        list[float] | None,
        typer.Option(help="A change in percent that is claimed, such as -34; may be repeated.", metavar="PERCENT"),
    ] = None,
    source: Source = "",
    country: Country = "",
    trade: Trade = "",
    action: Act = "",
    asset: Kind = "",
    since: Since = None,
    until: Until = None,
    data: options.Data = options.DEFAULT_DATA,
    json: options.Json = False,
) -> None:
    """Show how incidents went with calendars, what these data could show at all, and a verdict only where they can.

    An association is no cause. All calendars named are judged together.

    Examples:

    \b
      waybill trends effect npc-sessions --source industry --country CN --beside lunar-new-year
      waybill trends effect ours.toml --claim -34
    """
    opened(data)

    from waybill.cli.trends_printing import effects_json, print_effects
    from waybill.flow.trends.pages import held
    from waybill.trends.effects import CLAIMS

    claims = [_ratio(one) for one in claim] if claim else CLAIMS
    wanted = slice_of(source, country, trade, action, asset, since, until)
    found = held(wanted, names, beside=beside or (), claims=claims)
    if not found.effects:
        raise found.refused[0][1]
    if json:
        write_json(effects_json(found))
    else:
        print_effects(found)


def control(
    day: Annotated[datetime, typer.Argument(formats=DAY_FORM, help="Since when it is in force.", metavar="DAY")],
    *,
    name: Annotated[str, typer.Option(help="What it is called.")] = "",
    data: options.Data = options.DEFAULT_DATA,
    json: options.Json = False,
) -> None:
    """Show unauthorised transfers per thousand before and after a control came into force.

    Example:

    \b
      waybill trends control 2026-03-01 --name "USB ports locked"
    """
    installation = opened(data)

    from waybill.cli.trends_printing import control_json, print_control
    from waybill.flow.reporting import report_of_installation
    from waybill.flow.trends.effectiveness import effectiveness
    from waybill.report import Control

    found = effectiveness(report_of_installation(installation), Control(day.date(), name))
    if json:
        write_json(control_json(found))
    else:
        print_control(found)


def _ratio(percent: float) -> float:
    if not -100 < percent <= 10_000 or percent == 0:
        raise UsageError("this is no change", where=f"{percent:g} %", expected="such as -34 or 19")
    return 1 + percent / 100
