"""``waybill survey changes``, ``paths`` and ``plan``: what became different, who could get to what, what to mend."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.markup import escape

from waybill.cli import options
from waybill.cli.language import read, say
from waybill.cli.output import out, write_json, write_table
from waybill.model.findings import GRADES
from waybill.model.words import Grade


def changes(
    since: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The first day that counts (UTC).")],
    *,
    data: options.Data = options.DEFAULT_DATA,
    json: options.Json = False,
) -> None:
    """Tell which exposures opened and which closed since a day.

    Example: waybill survey changes --since 2026-03-01
    """
    from waybill.flow.installation import Installation
    from waybill.flow.surveys import exposures

    Installation.open(data)
    told = exposures.changes(exposures.found(), since.replace(tzinfo=UTC))
    if json:
        write_json({name: [one.finding for one in getattr(told, name)] for name in ("opened", "closed")})
        return
    for caption, some in ((say("opened", "新开"), told.opened), (say("closed", "关闭"), told.closed)):
        out.print(f"[bold]{caption} {len(some):,}[/]")
        for one in some:
            out.print(f"  {escape(read(one.finding.sentence))}")


def paths(
    *,
    grade: Annotated[Grade, typer.Option(help="The least grade of assets that ways are sought to.")] = Grade.CORE,
    data: options.Data = options.DEFAULT_DATA,
    json: options.Json = False,
) -> None:
    """Tell the shortest ways to assets: who could go through which open exposure, place and permit, to what.

    Exits 0 if there is none, 1 if there is one.

    Examples:

    \b
      waybill survey paths
      waybill survey paths --grade important --json
    """
    from waybill.flow.installation import Installation
    from waybill.flow.surveys import exposures

    installation = Installation.open(data)
    found = exposures.ways_in(exposures.found(), installation.register(), grade)
    if json:
        write_json([{"asset": way.asset.id, "grade": way.asset.grade, "steps": way.steps} for way in found])
    elif found:
        write_table(
            (say("asset", "资产"), say("way", "途径")),
            ((way.asset.name, " → ".join(read(step.said) for step in way.steps[:-1])) for way in found),
        )
    else:
        out.print(say("Nothing that stands open leads there.", "敞开之处均不通向这些资产。"))
    raise typer.Exit(1 if found else 0)


def plan(
    *,
    family: Annotated[str, typer.Option(help="Only this family, such as crypto.", metavar="FAMILY")] = "",
    data: options.Data = options.DEFAULT_DATA,
    json: options.Json = False,
) -> None:
    """Tell what to mend, in which order: by the grade of what is protected, then by how grave it is.

    Example: waybill survey plan --family crypto
    """
    from waybill.flow.installation import Installation
    from waybill.flow.surveys import exposures

    installation = Installation.open(data)
    found = [one for one in exposures.found() if not family or one.finding.rule_id.startswith(f"{family}-")]
    groups = exposures.groups(found, installation.register())
    if json:
        write_json([{"grade": group.grade, "findings": [one.finding for one in group.items]} for group in groups])
        return
    for group in groups:
        out.print(f"[bold]{read(GRADES[group.grade]) if group.grade else say('not registered', '未登记')}[/]")
        for one in group.items:
            out.print(f"  {escape(read(one.finding.sentence))}\n    → {escape(read(one.finding.advice))}")
    if not groups:
        out.print(say("Nothing stands open.", "未发现敞开之处。"))
