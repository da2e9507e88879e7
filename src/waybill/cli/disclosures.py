"""``waybill disclosures``: what was reported inside and what was filed of each event, and whether they agree."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from waybill.cli import options, register
from waybill.cli.language import read, say
from waybill.cli.output import out, write_json
from waybill.register.fields import Kind
from waybill.register.importing import read_files

if TYPE_CHECKING:
    from waybill.detect.disclosure import Account
    from waybill.model.disclosures import Figure

app = typer.Typer(
    help="Reports made inside and filed with authorities: figures, due times, differences.", no_args_is_help=True
)


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="A CSV file; its header names the columns.", metavar="FILE")],
    *,
    data: options.Data = options.DEFAULT_DATA,
    partial: register.Partial = False,
    json: options.Json = False,
) -> None:
    """Enter reports and filings from a CSV file; what was entered before is never changed.

    A report that was wrong is amended by a new one, which names it in `amends` and says why in `reason`.

    Example:

    \b
      id,stage,event,organisation,made_at,kind,figures,amends,reason
      R-7,internal,INC-7,north-mine,2026-03-01T09:00:00+08:00,coal-mine-accident,deaths=1;injured=2,,
      F-7,filing,INC-7,north-mine,2026-03-01T09:40:00+08:00,coal-mine-accident,deaths=1;injured=2,,
    """
    register.import_reading(read_files({Kind.DISCLOSURES: file}), file, data, partial=partial, json=json)


@app.command("list")
def list_(*, data: options.Data = options.DEFAULT_DATA, json: options.Json = False) -> None:
    """List each event: what was reported inside, what was filed, when that was due, and what differs."""
    found = _accounts(data)
    if json:
        write_json(found)
    elif found:
        _print(found)
    else:
        out.print(
            say("No reports yet: `waybill disclosures import FILE`", "尚无报告：`waybill disclosures import FILE`")
        )


@app.command("check")
def check(*, data: options.Data = options.DEFAULT_DATA, json: options.Json = False) -> None:
    """List only the events whose filing differs, is late or missing, or was withdrawn. Exits 1 if there are any.

    Example:

    \b
      waybill disclosures check --json
    """
    every = _accounts(data)
    wrong = [account for account in every if account.flaws]
    if json:
        write_json(wrong)
    else:
        _tell(wrong, len(every))
    raise typer.Exit(1 if wrong else 0)


@app.command("export")
def export(*, data: options.Data = options.DEFAULT_DATA) -> None:
    """Write all reports and filings as CSV that `import` takes back."""
    from waybill.flow.installation import Installation

    Installation.open(data)
    from waybill.register import records

    records.export_csv(Kind.DISCLOSURES, sys.stdout)


def _accounts(data: Path) -> list[Account]:
    from waybill.flow.disclosures import accounts
    from waybill.flow.installation import Installation

    return accounts(Installation.open(data))


def _tell(wrong: list[Account], of: int) -> None:
    from waybill.detect.disclosure import sentence

    for account in wrong:
        for flaw in account.flaws:
            out.print(read(sentence(account, flaw)), markup=False)
    out.print(
        say(f"{len(wrong)} of {of} events are not filed as they should be", f"{of} 个事件中 {len(wrong)} 个上报有问题")
    )


def _print(accounts: list[Account]) -> None:
    from waybill.detect.disclosure import FAULTS

    for account in accounts:
        faults = say(", ", "、").join(read(FAULTS[flaw.fault]) for flaw in account.flaws)
        state = f"[red]{faults}[/]" if faults else say("amended", "已补报") if account.amended else ""
        out.print(f"[bold]{escape(account.event)}[/]  {escape(account.organisation)}  {state}")
        due = say(f" (due {_time(account.due_at)})", f"（期限 {_time(account.due_at)}）") if account.due_at else ""
        out.print(_line(say("inside", "内部"), account.reported_at, account.inside), markup=False)
        out.print(_line(say("filed ", "上报"), account.filed_at, account.filed) + due, markup=False)


def _line(side: str, at: datetime | None, figures: tuple[Figure, ...]) -> str:
    return f"  {side}  {_time(at)}  {'; '.join(map(str, figures))}"


def _time(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M}" if at else "-"
