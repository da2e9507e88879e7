"""``waybill trends``: incidents over the years, whether they go with calendars, and what may be published of them."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated

import typer

from waybill.cli import options, trends_account, trends_calendars, trends_leaving
from waybill.cli.language import say
from waybill.cli.output import out, progress_count, write_json, write_table
from waybill.cli.sequel import sequence_now
from waybill.cli.trends_options import Act, Country, Kind, Since, Source, Trade, Until, opened, slice_of
from waybill.trends.words import Format

app = typer.Typer(help="Incidents over the years: figures, calendars, publication.", no_args_is_help=True)


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
    installation = opened(data, create=True)

    from waybill.flow.trends import register as trends

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
    installation = opened(data)

    from waybill.flow.trends import register as trends

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
    opened(data)

    from waybill.cli.trends_printing import print_trends, trends_json
    from waybill.flow.trends.pages import trends

    found = trends(slice_of(source, country, trade, action, asset, since, until))
    if json:
        write_json(trends_json(found))
    else:
        print_trends(found)


app.command()(trends_calendars.calendars)
app.command()(trends_calendars.effect)
app.command()(trends_calendars.control)
app.command()(trends_leaving.table)
app.command()(trends_leaving.export)
app.command()(trends_leaving.publish)
app.add_typer(trends_account.app, name="account")
