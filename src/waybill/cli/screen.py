"""``waybill screen`` and ``waybill consult``: is a partner on a list; the file to consult an authority with."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from waybill.cli import options
from waybill.cli.language import say
from waybill.cli.output import out, write_json, write_table


def screen(
    name: Annotated[str, typer.Argument(help="Name of an organisation.", metavar="NAME")],
    *,
    country: Annotated[str, typer.Option(help="Its country (ISO 3166-1), such as DE.")] = "",
    number: Annotated[list[str] | None, typer.Option(help="Registration number or LEI; may be repeated.")] = None,
    lists: Annotated[
        list[Path] | None, typer.Option("--list", help="A list beside those of the settings.", metavar="PATH")
    ] = None,
    data: options.Data = options.DEFAULT_DATA,
    json: options.Json = False,
) -> None:
    """Hold a partner against the lists that the setting `screening` names (FollowTheMoney entities).

    A match is a likeness of names, for a person to look at. Exits 1 if there is any.

    Example: waybill screen "Nordic Magnets AB" --country SE --list sanctions.ftm.json
    """
    from waybill.cli.assess import installed
    from waybill.flow.settings import load_settings
    from waybill.model.errors import UsageError
    from waybill.rulebook.screening import load_lists

    installation = installed(data)
    settings = installation.settings if installation else load_settings()
    loaded = load_lists([*settings.screening, *(lists or ())])
    if not loaded.size:
        raise UsageError("no list is loaded", advice="name one with --list, or in the setting `screening`")
    found = loaded.matches(name, country=country, identifiers=number or ())
    if json:
        write_json({"parties": loaded.size, "matches": found})
    elif not found:
        out.print(say(f"no match on {loaded.size:,} parties", f"在{loaded.size:,}个主体中无匹配"))
    else:
        columns = say("likeness|name|list|why|countries|owned by", "相似度|名称|名单|原因|国家|所有者").split("|")
        rows = (
            [f"{one.score:.0f}", one.name, one.party.list, ", ".join(one.party.topics), ", ".join(one.party.countries),
             ", ".join(one.owners)]
            for one in found
        )  # fmt: skip
        write_table(columns, rows, right=(0,))
    if found:
        raise typer.Exit(1)


def consult(
    permit: Annotated[str, typer.Argument(help="Id of the permit for the work with the partner.", metavar="PERMIT")],
    *,
    to: Annotated[Path | None, typer.Option("--to", help="Where to write it; not set: to the screen.")] = None,
    data: options.Data = options.DEFAULT_DATA,
) -> None:
    """Write the file to consult an authority with: terms, asset, screening, articles with quotes, duties.

    It files nothing with anybody.

    Example: waybill consult joint-lab-2027 --to consultation.md
    """
    from waybill.flow.installation import Installation
    from waybill.flow.law.consultation import consultation

    text = consultation(Installation.open(data), permit, datetime.now(UTC).date(), say)
    if to is None:
        out.print(escape(text), soft_wrap=True, highlight=False)
    else:
        to.write_text(text, encoding="utf-8")
        out.print(say(f"written to {escape(str(to))}", f"已写入 {escape(str(to))}"))
