"""What the commands on cases share: a case by its number, who acts, the installation."""

from __future__ import annotations

import getpass
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypedDict

import typer

from waybill.cli.output import out, write_json
from waybill.cli.sequel import sequence_now

if TYPE_CHECKING:
    from waybill.flow.installation import Installation

Number = Annotated[int, typer.Argument(help="Number of the case, as `waybill case list` shows it.", metavar="CASE")]
Reason = Annotated[str, typer.Option(help="Why.")]


def open_installation(data: Path) -> Installation:
    """Return the installation in a data folder, opened: modules with models can be imported then."""
    from waybill.flow.installation import Installation

    return Installation.open(data)


@dataclass(frozen=True)
class Desk:
    """Where somebody works on cases: what all commands that change something begin and end with."""

    installation: Installation
    said: str
    """Who was named; empty for whoever is logged in."""

    @cached_property
    def who(self) -> str:
        """Who acts, by pseudonym."""
        return who_says(self.installation, self.said)

    def told(self, text: str) -> str:
        """Return what was typed with people by pseudonym: it goes into the journal and the ledger."""
        from waybill.flow.people import without_names

        return without_names(self.installation, text)

    def by(self, reason: str) -> Acts:
        """Return who acts and why, as acts take it."""
        return {"who": self.who, "reason": self.told(reason)}

    def done(self, said: str, result: object = None, *, json: bool = False) -> None:
        """Say what was done, as JSON what came of it, and let the ledger take what was recorded."""
        if json:
            write_json(result)
        else:
            out.print(said, markup=False)
        sequence_now(self.installation)


class Acts(TypedDict):
    """Who acts, and why."""

    who: str
    reason: str


def desk(data: Path, who: str) -> Desk:
    """Return where the one that was named works, else whoever is logged in."""
    return Desk(open_installation(data), who)


def who_says(installation: Installation, said: str) -> str:
    """Return who acts, by pseudonym: the one that was named, else the login."""
    from waybill.flow.people import acts_as

    return acts_as(installation, said or getpass.getuser())
