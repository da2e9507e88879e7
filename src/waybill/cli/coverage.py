"""``waybill assets coverage``: which sources watch which asset."""

from __future__ import annotations

from rich.markup import escape

from waybill.cli import options
from waybill.cli.language import read, say
from waybill.cli.output import out, write_json, write_table
from waybill.model.findings import GRADES


def command(*, data: options.Data = options.DEFAULT_DATA, json: options.Json = False) -> None:
    """List for each asset the sources that have told about it, how often and when last; unwatched ones first.

    Example:

    \b
      waybill assets coverage
    """
    from waybill.flow.coverage import coverage
    from waybill.flow.installation import Installation

    covered = coverage(Installation.open(data))
    if json:
        write_json(covered)
        return
    if not covered:
        out.print(say("No assets yet: `waybill assets import FILE`", "尚无资产：`waybill assets import FILE`"))
        return
    rows: list[tuple[object, ...]] = []
    for one in covered:
        asset = (escape(one.asset), read(GRADES[one.grade]))
        rows += [(*asset, escape(w.source), f"{w.transfers:,}", f"{w.last:%Y-%m-%d %H:%M}") for w in one.sources]
        if not one.sources:
            rows.append((*asset, say("[yellow]no source[/]", "[yellow]无来源[/]"), "0", ""))
    columns = say("asset|grade|source|transfers|last (UTC)", "资产|分级|来源|转移|最近（UTC）").split("|")
    write_table(columns, rows, right=(3,))
