"""What the commands on cases share: a case by its number, who acts, the installation."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from waybill.flow.installation import Installation

Number = Annotated[int, typer.Argument(help="Number of the case, as `waybill case list` shows it.", metavar="CASE")]
Reason = Annotated[str, typer.Option(help="Why.")]


def open_installation(data: Path) -> Installation:
    """Return the installation in a data folder, opened: modules with models can be imported then."""
    from waybill.flow.installation import Installation

    return Installation.open(data)


def who_says(installation: Installation, said: str) -> str:
    """Return who acts, by pseudonym: the one that was named, else the login."""
    from waybill.flow.people import acts_as

    return acts_as(installation, said or getpass.getuser())
