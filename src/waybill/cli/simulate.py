"""``waybill simulate``: a day of sample logs with known leaks."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from waybill.cli import options
from waybill.cli.language import say
from waybill.cli.output import out, write_json
from waybill.model.errors import UsageError


def command(
    folder: Annotated[Path, typer.Argument(help="Folder to write to; must be new or empty.", metavar="FOLDER")],
    *,
    seed: Annotated[int, typer.Option(help="Another seed gives another day.")] = 7,
    scale: Annotated[float, typer.Option(min=0.1, max=100, help="How many times the usual number of records.")] = 1.0,
    json: options.Json = False,
) -> None:
    """Write a day of sample logs in several real formats, with leaks, their benign twins, and a register.

    Examples:

    \b
      waybill simulate demo
      waybill scan demo/logs --register demo/register --mapping demo/mappings/endpoint-agent.toml
    """
    from waybill.simulate.day import write_sample_day

    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError("this folder is not empty", where=str(folder), advice="name a new one")
    truth = write_sample_day(folder, seed=seed, scale=scale)
    if json:
        write_json(truth)
        return
    mappings = " ".join(f"--mapping {folder / mapping}" for mapping in truth.mappings)
    command_line = f"waybill scan {folder / truth.logs} --register {folder / truth.register} {mappings}"
    out.print(
        say(
            f"A day of sample logs ({truth.records:,} records) is in {folder}; look at it with:\n  {command_line}",
            f"一天的样例日志（{truth.records:,} 条记录）已写入 {folder}；查看：\n  {command_line}",
        ),
        markup=False,
        soft_wrap=True,
    )
