"""``waybill survey engines``: asks other engines that are installed, and tells what they found as ours is told."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from waybill.cli import options
from waybill.cli.survey_options import Baseline, Register, Written
from waybill.cli.survey_running import Wish, run
from waybill.model.errors import UsageError


def engines(
    target: Annotated[str, typer.Argument(help="The folder of a program.", metavar="TARGET")],
    *,
    engine: Annotated[list[str] | None, typer.Option(help="Only this engine; may be repeated.", metavar="NAME")] = None,
    rules: Annotated[
        list[str] | None,
        typer.Option(help="Your own rules for opengrep, semgrep or yara-x; may be repeated.", metavar="NAME=PATH"),
    ] = None,
    register: Register = None,
    baseline: Baseline = None,
    form: Written = None,
    json: options.Json = False,
    output: options.Output = None,
) -> None:
    """Ask other engines for code that are installed: ruff, bandit, zizmor, opengrep, semgrep, gitleaks, yara-x.

    Also banditrs, kingfisher and betterleaks. Each runs offline, in a process with a limit of time, without settings
    and exceptions that the folder holds. Which were not asked is said. Exits 0 if none found anything, 1 if one did, 3
    if none could be asked.

    Examples:

    \b
      waybill survey engines shop/
      waybill survey engines shop/ --engine opengrep --rules opengrep=rules/
    """
    from waybill.exposure.code.engines import ENGINES, read

    names = tuple(engine or ENGINES)
    given = {name: Path(path) for name, mark, path in (one.partition("=") for one in rules or ()) if mark}
    if len(given) != len(rules or ()):
        raise UsageError("rules are those of an engine", expected="--rules NAME=PATH, one for each engine")
    if unknown := sorted({*names, *given} - ENGINES.keys()):
        raise UsageError("there is no such engine", where=", ".join(unknown), expected=", ".join(ENGINES))
    if absent := next((path for path in given.values() if not path.exists()), None):
        raise UsageError("there are no such rules", where=str(absent))
    run(
        Wish(
            "code",
            [target],
            register,
            form=form,
            json=json,
            output=output,
            baseline=baseline,
            read=lambda folder: read(folder, names, given),
        )
    )
