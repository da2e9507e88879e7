"""Options that several commands share, each said once."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from waybill.flow.home import default_data
from waybill.model.errors import UsageError

Data = Annotated[
    Path,
    typer.Option("--data", envvar="WAYBILL_DATA", help="The data folder.", show_default="~/.local/share/waybill"),
]
DEFAULT_DATA = default_data()

Paths = Annotated[
    list[Path],
    typer.Argument(help="Files or folders to read, packed or not; - reads standard input.", metavar="PATH..."),
]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Rules = Annotated[
    list[Path] | None,
    typer.Option("--rules", help="A folder of Sigma rules to run beside the built-in ones; may be repeated."),
]
Mappings = Annotated[
    list[Path] | None,
    typer.Option("--mapping", help="A mapping file for a source of your own; may be repeated."),
]
Source = Annotated[str | None, typer.Option("--source", help="Name to give the source instead of its format's.")]
Strict = Annotated[bool, typer.Option("--strict", help="Fail (exit 3) if any record could not be read.")]
Workers = Annotated[
    int | None, typer.Option("--workers", min=0, help="Processes to use; 0 does all in one.", show_default="per core")
]
Detectors = Annotated[
    list[str] | None, typer.Option("--detector", help="Run only this detector; may be repeated.", metavar="NAME")
]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="Write the result to this file.")]
Html = Annotated[Path | None, typer.Option("--html", help="Write a report as one HTML file.", metavar="FILE")]
Controls = Annotated[
    list[str] | None,
    typer.Option(
        "--control",
        metavar="DAY=NAME",
        help="Compare unauthorised transfers before and after a measure of this day; may be repeated.",
    ),
]
Person = Annotated[str, typer.Argument(help="The pseudonym of the person to be forgotten.", metavar="PSEUDONYM")]
Basis = Annotated[str, typer.Option("--basis", help="On which basis: the request, the law, the decision.")]
Who = Annotated[str, typer.Option("--who", help="Who says so.", show_default="your login")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def utc(moment: datetime | None) -> datetime | None:
    """Return a moment that was given without a zone as one in UTC."""
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment


def confirm(yes: bool, question: str) -> None:
    """Ask before something that cannot be undone; end with exit code 2 if the answer is no, or nobody can answer."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError("this cannot be undone and nobody can be asked", advice="say --yes")
    if not typer.confirm(question):
        raise typer.Exit(2)
