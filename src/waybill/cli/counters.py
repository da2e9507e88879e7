"""``waybill counters``: of how many persons data went abroad, exactly, and how far the next threshold is."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from waybill.cli import options
from waybill.cli.language import say
from waybill.cli.output import out, write_json, write_table

app = typer.Typer(
    help="Persons whose data went abroad: counted exactly, with the distance to the next threshold of the law.",
    no_args_is_help=True,
)
OnDay = Annotated[datetime | None, typer.Option("--day", formats=["%Y-%m-%d"], help="As it stands on this day.")]


@app.command()
def add(
    file: Annotated[Path, typer.Argument(help="A CSV file, a row for each person and export.", metavar="FILE")],
    *,
    data: options.Data = options.DEFAULT_DATA,
    json: options.Json = False,
) -> None:
    """Count the persons of a file. A person counts once, however often the row comes; nothing but a keyed hash is kept.

    `basis` is empty, or the ground that exempts the export from the count of the year: contract, hr, emergency.

    Example:

    \b
      day,exporter,recipient,category,basis,person
      2026-11-11,shop,parent-company,personal,,C-100234
      2026-11-11,shop,parent-company,sensitive,,C-100234
    """
    from waybill.flow.installation import Installation
    from waybill.flow.law.counters import add_exports

    fresh = add_exports(Installation.open(data, create=True), file)
    if json:
        write_json({"counted": fresh})
    else:
        out.print(say(f"{fresh:,} persons counted that were not before", f"新计入{fresh:,}人次"))


@app.command("list")
def list_(*, day: OnDay = None, data: options.Data = options.DEFAULT_DATA, json: options.Json = False) -> None:
    """Tell how every count stands: persons, next threshold, distance, when it is reached at the pace of 90 days.

    A mark says where the last twelve months reach a threshold that neither calendar year reaches.
    """
    from waybill.flow.installation import Installation
    from waybill.flow.law.counters import standing

    found = standing(Installation.open(data), _day(day))
    if json:
        write_json(found)
        return
    if not found:
        out.print(say("Nothing is counted yet: `waybill counters add FILE`", "尚无计数：`waybill counters add FILE`"))
        return
    columns = say(
        "category|exporter|recipient|persons|threshold|distance|reached on|12 months|split",
        "类别|提供方|接收方|人数|下一阈值|差额|预计达到|12个月|拆分",
    )
    rows = (
        [
            one.category,
            one.exporter,
            one.recipient,
            f"{one.persons:,}",
            "" if one.threshold is None else f"{one.threshold:,}",
            "" if one.distance is None else f"{one.distance:,}",
            one.crossing,
            f"{one.across_new_year:,}",
            "!" if one.split else "",
        ]
        for one in found
    )
    write_table(columns.split("|"), rows, right=(3, 4, 5, 7))


@app.command()
def together(
    exporters: Annotated[list[str], typer.Argument(help="Exporters that belong together.", metavar="EXPORTER...")],
    *,
    day: OnDay = None,
    data: options.Data = options.DEFAULT_DATA,
    json: options.Json = False,
) -> None:
    """Count several exporters as one, since splitting an export over affiliates does not avoid a threshold.

    Example: waybill counters together shop shop-logistics
    """
    from waybill.flow.installation import Installation
    from waybill.flow.law.counters import together as count

    found = count(Installation.open(data), exporters, _day(day))
    if json:
        write_json(found)
    else:
        write_table(say("category|persons", "类别|人数").split("|"), found.items(), right=(1,))


def _day(day: datetime | None) -> date:
    return day.date() if day else datetime.now(UTC).date()
