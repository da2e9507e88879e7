"""``waybill case export | verify``: a case as one signed file, and checking it anywhere."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from waybill.cli import options
from waybill.cli.case_options import Number, desk
from waybill.cli.language import say
from waybill.cli.output import open_target, out, write_json, write_table
from waybill.model.errors import InputError


def export(
    case: Number,
    *,
    to: Annotated[Path, typer.Option("--out", help="File to write.", metavar="FILE")],
    reason: Annotated[str, typer.Option(help="What it is for, and who gets it.")],
    who: options.Who = "",
    data: options.Data = options.DEFAULT_DATA,
) -> None:
    """Write the evidence bundle of a case: report, records and proofs in one signed file that verifies offline.

    Examples:

    \b
      waybill case export 3 --out case-3.zip --reason "for the regulator"
    """
    here = desk(data, who)
    from waybill.flow.cases.export import export as make

    content = make(here.installation, case, **here.by(reason), chinese=say("en", "zh") == "zh")
    with open_target(to) as stream:
        stream.write(content)
    out.print(say(f"{to} holds case {case}", f"案件 {case} 已导出：{to}"), markup=False)


def verify(
    file: Annotated[Path, typer.Argument(help="What `waybill case export` wrote.", metavar="FILE")],
    *,
    policy: Annotated[
        Path | None, typer.Option(help="Which logs and witnesses to believe (c2sp.org/tlog-policy).")
    ] = None,
    json: options.Json = False,
) -> None:
    """Check an evidence bundle: needs the file alone, and a policy to know whose it is. Exits 3 if it does not hold.

    Examples:

    \b
      waybill case verify case-3.zip --policy policy
    """
    from waybill.cli.proofs import read as read_file
    from waybill.flow.cases.bundle import verify as check
    from waybill.ledger import Policy

    found = check(file, Policy.parse(read_file(policy), str(policy)) if policy else None)
    if json:
        write_json({"sound": found.sound, **asdict(found)})
    else:
        for fault in found.faults:
            out.print(fault, style="red", markup=False)
        rows = {
            say("acts", "事项"): (found.acts, found.acts_proved),
            say("findings", "发现"): (found.findings, found.findings_proved),
            say("transfers", "转移"): (found.transfers, found.transfers_proved),
        }
        write_table(
            say("what|in it|proved", "内容|数量|已证明").split("|"),
            ([name, *counts] for name, counts in rows.items()),
            right=[1, 2],
        )
        signed = found.origin or say("nobody of this policy", "无（按此策略）")
        out.print(
            say(
                f"case {found.case} of {found.made_at:%Y-%m-%d %H:%M} UTC, signed by {signed}",
                f"案件 {found.case}，{found.made_at:%Y-%m-%d %H:%M} UTC，签署：{signed}",
            )
        )
        if policy is None:
            out.print(
                say(
                    "Believed: the bundle's own policy; name yours with --policy.",
                    "采信的是证据包自带的策略；可用 --policy 指定。",
                )
            )
    if not found.sound:
        raise typer.Exit(InputError.exit_code)
