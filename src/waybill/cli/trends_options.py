"""What commands of trends have in common: which incidents they are about, and the installation."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from waybill.flow.installation import Installation
    from waybill.trends.slices import Slice

Source = Annotated[str, typer.Option(help="Only this set of data.", show_default="all")]
Country = Annotated[str, typer.Option(help="Only this country, by its two letters.", metavar="CC")]
Trade = Annotated[str, typer.Option(help="Only this trade, by the first two digits of NAICS.", metavar="NN")]
Act = Annotated[str, typer.Option(help="Only this kind of action, such as error.")]
Kind = Annotated[str, typer.Option(help="Only this class of asset, by VERIS's letter.")]
DAY_FORM = ["%Y-%m-%d"]
Since = Annotated[datetime | None, typer.Option(formats=DAY_FORM, metavar="DAY", help="From this day on.")]
Until = Annotated[datetime | None, typer.Option(formats=DAY_FORM, metavar="DAY", help="Up to this day.")]


def opened(data: Path, *, create: bool = False) -> Installation:
    """Open the installation; what asks its tables is imported after that."""
    from waybill.flow.installation import Installation

    return Installation.open(data, create=create)


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment is not None else None


def slice_of(  # noqa: PLR0917  as the options come
    source: str, country: str, trade: str, action: str, asset: str, since: datetime | None, until: datetime | None
) -> Slice:
    """Return which incidents these options ask for."""
    from waybill.trends.slices import Slice

    return Slice(
        source=source,
        country=country.upper(),
        trade=trade,
        action=action,
        asset=asset,
        since=_day(since),
        until=_day(until),
    )
