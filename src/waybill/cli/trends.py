"""``waybill trends``: incidents over the years, whether they go with calendars, and what may be published of them."""

from __future__ import annotations

import getpass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from waybill.cli import options, trends_account
from waybill.cli.language import read, say
from waybill.cli.output import open_target, out, progress_count, write_json, write_table
from waybill.cli.sequel import sequence_now
from waybill.model.errors import UsageError
from waybill.trends.reading import Format

if TYPE_CHECKING:
    from waybill.flow.installation import Installation
    from waybill.trends.slices import Slice

app = typer.Typer(help="Incidents over the years: figures, calendars, publication.", no_args_is_help=True)
app.add_typer(trends_account.app, name="account")

Source = Annotated[str, typer.Option(help="Only this set of data.", show_default="all")]
Country = Annotated[str, typer.Option(help="Only this country, by its two letters.", metavar="CC")]
Trade = Annotated[str, typer.Option(help="Only this trade, by the first two digits of NAICS.", metavar="NN")]
Act = Annotated[str, typer.Option(help="Only this kind of action, such as error.")]
Kind = Annotated[str, typer.Option(help="Only this class of asset, by VERIS's letter.")]
_DAY = ["%Y-%m-%d"]
Since = Annotated[datetime | None, typer.Option(formats=_DAY, metavar="DAY", help="From this day on.")]
Until = Annotated[datetime | None, typer.Option(formats=_DAY, metavar="DAY", help="Up to this day.")]


@app.command("import")
def bring(
    path: Annotated[Path, typer.Argument(help="A file, a folder of JSON files, or a tar of them.")],
    *,
    source: Annotated[str, typer.Option(help="What this set of data is called here.")],
    format: Annotated[Format | None, typer.Option(help="Whose form it is in.", show_default="by itself")] = None,
    who: options.Who = "",
    data: options.Data = options.DEFAULT_DATA,
    strict: options.Strict = False,
    json: options.Json = False,
) -> None:
    """Read incidents into the register: VERIS JSON, the list of HHS as CSV, that of Have I Been Pwned as JSON.

    Reading a file twice changes nothing. Records that cannot be taken are kept aside with the reason.

    Examples:

    \b
      waybill trends import incidents/ --source industry
      waybill trends import breaches.csv --source hhs --format hhs
    """
    installation = _opened(data, create=True)

    from waybill.flow import trends

    with progress_count(say("reading incidents", "读取事件")) as told:
        added = trends.bring(installation, path, source, who=who or getpass.getuser(), format=format, told=told)
    if json:
        write_json(added)
    else:
        out.print(
            say(
                f"{added.added:,} added, {added.known:,} known, {added.refused:,} refused; "
                f"{added.duplicates:,} of {source} do not count, since another record has their id",
                f"新增 {added.added:,}，已有 {added.known:,}，拒收 {added.refused:,}；"
                f"{source} 中 {added.duplicates:,} 条因编号重复不计入",
            )
        )
        out.print(say(f"version {added.version}", f"版本 {added.version}"), style="dim")
    sequence_now(installation)
    raise typer.Exit(3 if strict and added.refused else 0)


@app.command()
def refused(*, data: options.Data = options.DEFAULT_DATA, json: options.Json = False) -> None:
    """List the records that were not taken, and why.

    Example:

    \b
      waybill trends refused
    """
    installation = _opened(data)

    from waybill.flow import trends

    found = trends.refusals(installation)
    if json:
        write_json(found)
        return
    columns = say("source|file|record|field|reason|expected", "数据集|文件|记录|字段|原因|应为").split("|")
    names = ("source", "file", "position", "field", "reason", "expected")
    write_table(columns, [[one[name] for name in names] for one in found])


@app.command("list")
def listed(
    *,
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
    """Show figures of the register: how good its records are, and shares of what is known.

    Examples:

    \b
      waybill trends list
      waybill trends list --source industry --country DE --since 2015-01-01
    """
    _opened(data)

    from waybill.cli.trends_printing import print_trends, trends_json
    from waybill.flow.trends_pages import trends

    found = trends(_slice(source, country, trade, action, asset, since, until))
    if json:
        write_json(trends_json(found))
    else:
        print_trends(found)


@app.command()
def table(
    name: Annotated[str, typer.Argument(help="Such as trade-year or action-asset.", metavar="TABLE")],
    *,
    source: Source = "",
    country: Country = "",
    since: Since = None,
    until: Until = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write CSV here.", metavar="FILE")] = None,
    data: options.Data = options.DEFAULT_DATA,
    json: options.Json = False,
) -> None:
    """Write a table for inside the organisation as CSV: small cells are hidden, and so many more that none is found.

    An attacker of our own has worked on it before; what it could work out is never written.

    Example:

    \b
      waybill trends table trade-year --source industry -o trades.csv
    """
    _opened(data)

    from waybill.flow.trends_pages import as_csv, table_json, table_of

    found = table_of(_slice(source, country, "", "", "", since, until), name)
    if json:
        write_json(table_json(found), output)
        return
    with open_target(output) as stream:
        stream.write(as_csv(found).encode())


@app.command()
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


@app.command()
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
    _opened(data)

    from waybill.cli.trends_printing import effects_json, print_effects
    from waybill.flow.trends_pages import held

    claims = None if not claim else [_ratio(one) for one in claim]
    wanted = _slice(source, country, trade, action, asset, since, until)
    found = held(wanted, names, beside=beside or (), claims=claims)
    if not found.effects:
        raise found.refused[0][1]
    if json:
        write_json(effects_json(found))
    else:
        print_effects(found)


@app.command()
def control(
    day: Annotated[datetime, typer.Argument(formats=_DAY, help="Since when it is in force.", metavar="DAY")],
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
    installation = _opened(data)

    from waybill.cli.trends_printing import control_json, print_control
    from waybill.flow.reporting import report_of_installation
    from waybill.flow.trends_effectiveness import effectiveness
    from waybill.report import Control

    found = effectiveness(report_of_installation(installation), Control(day.date(), name))
    if json:
        write_json(control_json(found))
    else:
        print_control(found)


@app.command()
def export(
    target: Annotated[Path, typer.Argument(help="A .jsonl file for VERIS, else a new folder for Parquet.")],
    *,
    source: Source = "",
    data: options.Data = options.DEFAULT_DATA,
) -> None:
    """Write the register out: VERIS JSON, an incident a line, or six Parquet tables. Doubles stay behind.

    Examples:

    \b
      waybill trends export incidents.jsonl --source cases
      waybill trends export tables/
    """
    _opened(data)

    from waybill.flow import trends

    register = trends.register(source)
    if target.exists():
        raise UsageError("there is something at this place already", where=str(target))
    written = (trends.export_veris if target.suffix == ".jsonl" else trends.export_parquet)(register, target)
    out.print(say(f"{written:,} incidents", f"{written:,} 起事件"))


@app.command()
def publish(
    number: Annotated[int, typer.Argument(help="Number of a release that two people signed.", metavar="RELEASE")],
    target: Annotated[Path, typer.Argument(help="A folder that is not there yet.")],
    *,
    licence: Annotated[str, typer.Option(help="Licence of the data and who is to be named.")] = "",
    who: options.Who = "",
    data: options.Data = options.DEFAULT_DATA,
    json: options.Json = False,
) -> None:
    """Write the public site of a release: pages in English and Chinese, plots, data, methods, the account of privacy.

    What is drawn is drawn once: writing it again gives the same figures. The folder appears whole or not at all.

    Example:

    \b
      waybill trends publish 1 site/
    """
    installation = _opened(data)

    from waybill.flow import trends_publication

    found = trends_publication.publish(installation, number, target, who=who or getpass.getuser(), licence=licence)
    if json:
        write_json(found)
    else:
        out.print(
            say(
                f"{len(found.tables)} tables in {target}, epsilon {found.epsilon}",
                f"{target} 中 {len(found.tables)} 张表，epsilon {found.epsilon}",
            )
        )
    sequence_now(installation)


def _opened(data: Path, *, create: bool = False) -> Installation:
    """Open the installation; what asks its tables is imported after that."""
    from waybill.flow.installation import Installation

    return Installation.open(data, create=create)


def _ratio(percent: float) -> float:
    if not -100 < percent <= 10_000 or percent == 0:
        raise UsageError("this is no change", where=f"{percent:g} %", expected="such as -34 or 19")
    return 1 + percent / 100


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment is not None else None


def _slice(  # noqa: PLR0917  as the options come
    source: str, country: str, trade: str, action: str, asset: str, since: datetime | None, until: datetime | None
) -> Slice:
    from waybill.trends.slices import Slice

    return Slice(
        source=source,
        country=country.upper(),
        trade=trade,
        action=action,
        asset=asset,
        since=_day(since),
        until=_day(until),
    )
