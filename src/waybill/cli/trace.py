"""``waybill trace LOT``: where a lot came from and where it went."""

from __future__ import annotations

import csv
import sys
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from waybill.cli import options
from waybill.cli.language import read, say
from waybill.cli.output import out, write_json, write_table
from waybill.model.errors import UsageError

if TYPE_CHECKING:
    from waybill.flow.custody.traces import Relative, Trace

_STYLES = {"clean": "bold green", "held": "bold red", "unknown": "bold yellow"}
_STANDINGS = {"clean": ("clean", "正常"), "held": ("held", "冻结"), "unknown": ("unknown", "不明")}
MOST = 40
"""Relatives that are listed each way; CSV and JSON have all."""


def command(
    lot: Annotated[str, typer.Argument(help="A lot or serial number, Digital Link, EPC URN or element string.")],
    *,
    recall: Annotated[
        bool, typer.Option("--csv", help="Write what has to be recalled, a row an item, with quantities and holders.")
    ] = False,
    data: options.Data = options.DEFAULT_DATA,
    json: options.Json = False,
) -> None:
    """Follow a lot both ways: suppliers, receipts, process steps, customers, certificates, gaps.

    Shares are by amount, as if what goes into a step were mixed evenly; what went in after a thing was drawn does not
    count. Exits 1 if the lot is held.

    Examples:

    \b
      waybill trace L-2026-0117
      waybill trace "(01)09506000134352(10)L7" --json
      waybill trace L-2026-0117 --csv > recall.csv
    """
    from waybill.flow.custody.traces import Standing
    from waybill.flow.custody.tracing import trace
    from waybill.flow.installation import Installation

    if recall and json:
        raise UsageError("a recall list is CSV or JSON", expected="--csv or --json")
    found = trace(Installation.open(data), lot)
    if json:
        write_json(found)
    elif recall:
        _write_recall(found)
    else:
        _print(found)
    raise typer.Exit(1 if found.standing is Standing.HELD else 0)


def _write_recall(found: Trace) -> None:
    from waybill.flow.custody.traces import RECALL_COLUMNS, recall_rows

    writer = csv.writer(sys.stdout)
    writer.writerow(RECALL_COLUMNS)
    writer.writerows(recall_rows(found))


def _print(found: Trace) -> None:
    standing = str(found.standing)
    amount = f"  {_amount(found.quantity, found.unit)}" if found.quantity is not None else ""
    out.print(f"[bold]{escape(found.label)}[/]{amount}  [{_STYLES[standing]}]{say(*_STANDINGS[standing])}[/]")
    for reason in found.reasons:
        out.print(f"  [red]{escape(reason)}[/]")
    columns = say("time|step|place|from|to|quantity|said by", "时间|步骤|地点|发出方|接收方|数量|来源")
    rows = (
        [
            f"{one.time:%Y-%m-%d %H:%M}",
            escape(one.step or one.kind) + (say(" (in error)", "（已声明有误）") if one.in_error else ""),
            *map(_short, (one.place, one.sender, one.receiver)),
            _amount(one.quantity, one.unit),
            escape(one.submitter),
        ]
        for one in found.happenings
    )
    write_table(columns.split("|"), rows, right=(5,))
    _print_relatives(say("Made of", "上游来源"), found.upstream)
    _print_relatives(say("Went into", "下游去向"), found.downstream)
    for title, parties in ((say("Suppliers", "供应商"), found.suppliers), (say("Customers", "客户"), found.customers)):
        if parties:
            out.print(f"[bold]{title}[/]  {escape(', '.join(map(_plain, parties)))}")
    for paper in found.papers:
        out.print(f"  {paper.kind} {escape(paper.type)}  {escape(paper.document)}")
    for gap in found.gaps:
        out.print(f"  [yellow]{read(gap.told)}[/]  {escape(gap.other or gap.event)}")
    if found.cut:
        out.print(say("There is more than was followed.", "尚有更多，未继续追踪。"))


def _print_relatives(title: str, relatives: tuple[Relative, ...]) -> None:
    if not relatives:
        return
    out.print(f"[bold]{title}[/] ({len(relatives):,})")
    columns = say("item|quantity|share|holder|time", "批次|数量|占比|持有方|时间")
    rows = (
        [
            escape(one.label),
            _amount(one.quantity, one.unit),
            "" if one.share is None else f"{one.share:.1%}",
            escape(", ".join(map(_plain, one.holders))),
            f"{one.time:%Y-%m-%d}",
        ]
        for one in relatives[:MOST]
    )
    write_table(columns.split("|"), rows, right=(1, 2))


def _amount(quantity: float | None, unit: str) -> str:
    return "" if quantity is None else f"{quantity:,.6g} {unit}".rstrip()


def _plain(name: str) -> str:
    from waybill.epcis.identifiers import human

    return human(name)


def _short(name: str) -> str:
    return escape(_plain(name))
