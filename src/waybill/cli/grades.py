"""``waybill grades``: what rules suggest for each asset, what is known of it, and what a person confirms."""

from __future__ import annotations

import getpass
from datetime import UTC, date, datetime
from typing import Annotated

import typer
from rich.markup import escape

from waybill.cli import options
from waybill.cli.language import say
from waybill.cli.output import out, write_json, write_table
from waybill.cli.sequel import sequence_now
from waybill.model.words import Grade

app = typer.Typer(help="Grades of assets: what rules suggest, why, and what a person confirms.", no_args_is_help=True)
AssetId = Annotated[str, typer.Argument(help="Id of an asset.", metavar="ASSET")]


@app.command("list")
def list_(
    *,
    only_open: Annotated[bool, typer.Option("--open", help="Only those that should have a graver grade.")] = False,
    data: options.Data = options.DEFAULT_DATA,
    json: options.Json = False,
) -> None:
    """List assets with the grades that rules suggest of what is known: those first that should be graver."""
    from waybill.flow.installation import Installation
    from waybill.flow.law.grading import suggestions

    found = [one for one in suggestions(Installation.open(data), _today()) if one.is_open or not only_open]
    if json:
        write_json(found)
        return
    columns = say("asset|grade|suggested|by|confirmed by", "资产|级别|建议|依据|确认人").split("|")
    rows = (
        [
            one.asset.id,
            one.asset.grade,
            one.suggested or "",
            ", ".join(rule.id for rule in one.by),
            one.profile.graded_by,
        ]
        for one in found
    )
    write_table(columns, rows)


@app.command()
def tell(
    asset: AssetId,
    facts: Annotated[list[str], typer.Argument(help="What is known, as fact=value.", metavar="FACT=VALUE...")],
    *,
    data: options.Data = options.DEFAULT_DATA,
    json: options.Json = False,
) -> None:
    """Say what is known of an asset, in the words of `waybill rulebook facts`; an empty value takes one back.

    Example: waybill grades tell patients health_data=yes persons_in_asset=120000
    """
    from waybill.flow.installation import Installation
    from waybill.model.errors import UsageError
    from waybill.register import profiles

    installation = Installation.open(data)
    if wrong := [one for one in facts if "=" not in one]:
        raise UsageError("this says nothing", where=wrong[0], expected="fact=value, such as health_data=yes")
    given = {name.strip(): value.strip() for name, _, value in (one.partition("=") for one in facts)}
    profile = profiles.say(asset, given, who=getpass.getuser())
    sequence_now(installation)
    if json:
        write_json(profile)
    else:
        out.print(escape(", ".join(f"{name} = {value}" for name, value in profile.facts.items())))


@app.command()
def confirm(
    asset: AssetId,
    grade: Annotated[Grade, typer.Argument(help="The grade that you decided on.")],
    reason: Annotated[str, typer.Option(help="Why.")],
    *,
    data: options.Data = options.DEFAULT_DATA,
) -> None:
    """Give an asset the grade that you decided on; who, why and what the rules suggested go into the ledger.

    Example: waybill grades confirm patients sensitive --reason "health data of patients"
    """
    from waybill.flow import people
    from waybill.flow.installation import Installation
    from waybill.flow.law.grading import confirm as keep

    installation = Installation.open(data)
    keep(installation, asset, grade, people.without_names(installation, reason), _today(), who=getpass.getuser())
    sequence_now(installation)
    out.print(say(f"{escape(asset)} is {grade}", f"{escape(asset)} 的级别为 {grade}"))


def _today() -> date:
    return datetime.now(UTC).date()
