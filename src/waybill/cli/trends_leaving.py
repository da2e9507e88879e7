"""``waybill trends``: tables for inside, the register as files, and the public site."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated

import typer

from waybill.cli import options
from waybill.cli.language import say
from waybill.cli.output import open_target, out, write_json
from waybill.cli.sequel import sequence_now
from waybill.cli.trends_options import Country, Since, Source, Until, opened, slice_of
from waybill.model.errors import UsageError


def table(
    name: Annotated[str, typer.Argument(help="Such as trade-year or action-asset.", metavar="TABLE")],
    *,
    source: Source = "",
    country: Country = "",
    since: Since = None,
    until: Until = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write CSV here.", metavar="FILE")] = None,
    data: options.Data = options.DEFAULT_DATA,
    json: options.Json = False,
) -> None:
    """Write a table for inside the organisation as CSV: small cells are hidden, and so many more that none is found.

    An attacker of our own has worked on it before; what it could work out is never written.

    Example:

    \b
      waybill trends table trade-year --source industry -o trades.csv
    """
    opened(data)

    from waybill.flow.trends.pages import table_csv, table_json, table_of

    found = table_of(slice_of(source, country, "", "", "", since, until), name)
    if json:
        write_json(table_json(found), output)
        return
    with open_target(output) as stream:
        stream.write(table_csv(found).encode())


def export(
    target: Annotated[Path, typer.Argument(help="A .jsonl file for VERIS, else a new folder for Parquet.")],
    *,
    source: Source = "",
    data: options.Data = options.DEFAULT_DATA,
) -> None:
    """Write the register out: VERIS JSON, an incident a line, or six Parquet tables. Doubles stay behind.

    Examples:

    \b
      waybill trends export incidents.jsonl --source cases
      waybill trends export tables/
    """
    opened(data)

    from waybill.flow.trends import register as trends

    register = trends.register(source)
    if target.exists():
        raise UsageError("there is something at this place already", where=str(target))
    written = (trends.export_veris if target.suffix == ".jsonl" else trends.export_parquet)(register, target)
    out.print(say(f"{written:,} incidents", f"{written:,} 起事件"))


def publish(
    number: Annotated[int, typer.Argument(help="Number of a release that two people signed.", metavar="RELEASE")],
    target: Annotated[Path, typer.Argument(help="A folder that is not there yet.")],
    *,
    licence: Annotated[str, typer.Option(help="Licence of the data and who is to be named.")] = "",
    who: options.Who = "",
    data: options.Data = options.DEFAULT_DATA,
    json: options.Json = False,
) -> None:
    """Write the public site of a release: pages in English and Chinese, plots, data, methods, the account of privacy.

    What is drawn is drawn once: writing it again gives the same figures. The folder appears whole or not at all.

    Example:

    \b
      waybill trends publish 1 site/
    """
    installation = opened(data)

    from waybill.flow.trends import publication as trends_publication

    found = trends_publication.publish(installation, number, target, who=who or getpass.getuser(), licence=licence)
    if json:
        write_json(found)
    else:
        out.print(
            say(
                f"{len(found.tables)} tables in {target}, epsilon {found.epsilon}",
                f"{target} 中 {len(found.tables)} 张表，epsilon {found.epsilon}",
            )
        )
    sequence_now(installation)
