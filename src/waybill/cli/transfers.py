"""``waybill transfers``: what moved, by filters, page by page, or by a statement in SQL."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from waybill.cli import options
from waybill.cli.language import say
from waybill.cli.output import err, out, write_json, write_table
from waybill.model.sizes import size
from waybill.model.words import Action, Channel, Grade, Outcome

FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]


def command(
    *,
    since: Annotated[
        datetime | None, typer.Option(formats=FORMATS, metavar="TIME", help="From this time (UTC).")
    ] = None,
    until: Annotated[datetime | None, typer.Option(formats=FORMATS, metavar="TIME", help="Before this time.")] = None,
    actor: Annotated[str | None, typer.Option(help="A pseudonym or service.")] = None,
    asset: Annotated[str | None, typer.Option(help="The beginning of the asset's name.")] = None,
    channel: Annotated[Channel | None, typer.Option(help="The way it went.")] = None,
    action: Annotated[Action | None, typer.Option(help="What was done.")] = None,
    outcome: Annotated[Outcome | None, typer.Option(help="How it ended.")] = None,
    grade: Annotated[Grade | None, typer.Option(help="Grade of the asset.")] = None,
    to_place: Annotated[str | None, typer.Option("--to", help="Where it went.")] = None,
    source: options.Source = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="Transfers a page.")] = 50,
    after: Annotated[str, typer.Option(help="Where the last page ended.")] = "",
    known_at: Annotated[
        datetime | None, typer.Option(formats=FORMATS, metavar="TIME", help="As it was known at this time.")
    ] = None,
    sql: Annotated[str | None, typer.Option(help="One SELECT over `transfers` in DuckDB's SQL instead.")] = None,
    data: options.Data = options.DEFAULT_DATA,
    json: options.Json = False,
) -> None:
    """Show transfers, newest first, page by page.

    Examples:

    \b
      waybill transfers --channel usb --since 2026-03-01
      waybill transfers --asset s3://recipes/ --json
      waybill transfers --sql "SELECT to_place, sum(bytes) FROM transfers GROUP BY 1 ORDER BY 2 DESC LIMIT 10"
    """
    from waybill.flow.installation import Installation
    from waybill.flow.questions import Wanted, ask, page

    installation = Installation.open(data)
    known = _utc(known_at)
    if sql is not None:
        rows = ask(installation, sql, known_at=known)
        if json:
            write_json([{name: _cell(value) for name, value in row.items()} for row in rows])
        elif rows:
            write_table(list(rows[0]), ([_cell(value) for value in row.values()] for row in rows))
        return
    wanted = Wanted(
        since=_utc(since),
        until=_utc(until),
        actor=actor,
        asset=asset,
        channel=channel,
        action=action,
        outcome=outcome,
        grade=grade,
        to_place=to_place,
        source=source,
    )
    found = page(installation, wanted, limit=limit, after=after, known_at=known)
    if json:
        write_json({"transfers": found.rows, "next": found.next})
        return
    if not found.rows:
        out.print(say("No transfer fits.", "没有符合条件的转移。"))
        return
    write_table(
        say("time|who|what|asset|over|to|size|outcome", "时间|谁|动作|资产|渠道|去向|大小|结果").split("|"),
        (
            [
                f"{row['time']:%Y-%m-%d %H:%M:%S}",
                row["actor"],
                row["action"],
                row["asset"],
                row["channel"],
                row["to_party"] or row["to_place"],
                "" if row["bytes"] is None else size(row["bytes"]),
                row["outcome"],
            ]
            for row in found.rows
        ),
        right=(6,),
    )
    if found.next:
        err.print(say(f"more: --after {found.next}", f"下一页:--after {found.next}"), markup=False)


def _utc(time: datetime | None) -> datetime | None:
    return time.replace(tzinfo=UTC) if time else None


def _cell(value: object) -> object:
    return value.hex() if isinstance(value, bytes) else value
