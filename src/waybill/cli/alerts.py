"""``waybill alerts``: who is told of new findings, and whether messages get there."""

from __future__ import annotations

from datetime import datetime

import typer

from waybill.cli import options
from waybill.cli.language import say
from waybill.cli.output import write_json, write_table

app = typer.Typer(help="Messages about new findings: who gets them, and a test.", no_args_is_help=True)


@app.command("list")
def list_receivers(*, data: options.Data = options.DEFAULT_DATA, json: options.Json = False) -> None:
    """List the addresses that the setting `alerts` names, without what is secret, and how messages to each stand."""
    from waybill.flow.installation import Installation

    installation = Installation.open(data)
    from waybill.flow.alerts.telling import standings

    found = standings(installation)
    if json:
        write_json(found)
        return
    write_table(
        say("receiver|by|last message|waits since|tries", "接收方|方式|最近送达|等待自|尝试次数").split("|"),
        ([one.mark, one.kind, _moment(one.sent), _moment(one.since), one.attempts or ""] for one in found),
    )


@app.command("test")
def test_receivers(*, data: options.Data = options.DEFAULT_DATA, json: options.Json = False) -> None:
    """Send every receiver a message that says nothing. Exits 1 if one does not take it."""
    from waybill.flow.installation import Installation

    installation = Installation.open(data)
    from waybill.flow.alerts.telling import try_all

    took = try_all(installation)
    if json:
        write_json(took)
    else:
        rows = ((mark, say("taken", "已接收") if good else say("not taken", "未接收")) for mark, good in took.items())
        write_table(say("receiver|message", "接收方|消息").split("|"), rows)
    raise typer.Exit(0 if all(took.values()) else 1)


def _moment(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M}" if at else ""
