"""Arguments and options that several ``waybill survey`` commands share, each said once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from waybill.cli.survey_running import Form

Targets = Annotated[list[str], typer.Argument(help="What to look at; see the examples.", metavar="TARGET...")]
Register = Annotated[
    Path | None, typer.Option(help="A folder with assets.csv and places.csv to weigh by, where nothing is kept.")
]
Keep = Annotated[
    Path | None,
    typer.Option("--data", help="Keep what is found in this data folder, and weigh it by what is known there."),
]
Since = Annotated[
    str | None, typer.Option(help="Tell only what opened since this revision of the repository.", metavar="REVISION")
]
Baseline = Annotated[
    Path | None, typer.Option(help="What is accepted, as `waybill survey baseline` wrote it.", metavar="FILE")
]
Trusted = Annotated[
    list[Path] | None,
    typer.Option(help="A public key (PEM) whose signature of a manifest counts; may be repeated.", metavar="FILE"),
]
Written = Annotated[Form | None, typer.Option("--format", help="Write the findings alone, for another program.")]
