"""``waybill rulebook verify`` and ``replay``: a rule held against its source; what a change makes of the past."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from waybill.cli import options
from waybill.cli.assess import Known
from waybill.cli.language import say
from waybill.cli.output import out, write_json, write_table
from waybill.cli.sequel import sequence_now

if TYPE_CHECKING:
    from waybill.flow.law.assessments import Replay
    from waybill.flow.law.replaying import Flip, Rerun

SHOWN = 50
"""Flips that are listed; JSON has all."""


def verify(
    rule: Annotated[str, typer.Argument(help="Id of a rule, a deadline or a grading.", metavar="RULE")],
    text: Annotated[Path, typer.Option("--text", help="A file with the text of the article, as you read it.")],
    source: Annotated[str, typer.Option("--source", help="Where you read it: address or title.")],
    *,
    review: Annotated[int, typer.Option("--review", min=1, max=3650, help="Days until it is looked at again.")] = 365,
    data: options.Data = options.DEFAULT_DATA,
    json: options.Json = False,
) -> None:
    """Say that you held a rule against the text of its source. Who, when, the text and its hash go into the ledger.

    The text must say the numbers that the rule rests on; a rule that has a quote is verified by that very text.

    Example: waybill rulebook verify cn-order-16/7-2-persons --text article7.txt --source cac.gov.cn
    """
    from waybill.flow.installation import Installation
    from waybill.flow.law.verifying import verify as keep
    from waybill.model.errors import InputError

    installation = Installation.open(data, create=True)
    try:
        quote = text.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"the text cannot be read: {error}", where=str(text)) from None
    found = keep(installation, rule, quote, source, timedelta(days=review), who=getpass.getuser())
    sequence_now(installation)
    if json:
        write_json(found)
    else:
        out.print(
            say(
                f"{escape(rule)} is verified until {found.review_on}. SHA-256 {found.quote_sha256}",
                f"{escape(rule)} 已核实，有效至 {found.review_on}。SHA-256 {found.quote_sha256}",
            )
        )


def replay(
    record: Annotated[
        str, typer.Argument(help="Record of an assessment that was kept; none: everything.", metavar="[RECORD]")
    ] = "",
    *,
    changed: Annotated[
        list[Path] | None,
        typer.Option("--with", help="Changed rules, a file or folder, instead of those of their id.", metavar="PATH"),
    ] = None,
    known: Known = None,
    data: options.Data = options.DEFAULT_DATA,
    json: options.Json = False,
) -> None:
    """Make kept assessments again with the rules on file now, and tell what comes out otherwise. Exits 1 if anything.

    With changed rules and no record it goes over all kept assessments and all stored transfers of registered assets
    before the rules go live. Without --known a single assessment knows no more than on the day it was made.

    Examples:

    \b
      waybill rulebook replay 8f3c0a
      waybill rulebook replay --with new-rules.toml
    """
    from waybill.flow.installation import Installation
    from waybill.flow.law.assessments import replay as again
    from waybill.flow.law.assessments import rulebook_with
    from waybill.flow.law.replaying import rerun

    installation = Installation.open(data)
    if record:
        one = again(installation, record, known=known.date() if known else None)
        if json:
            write_json(one)
        else:
            out.print(say("the same rules", "规则集相同") if one.same_rules else say("other rules", "规则集已变化"))
            _print_replay(one)
        otherwise = bool(one.flipped)
    else:
        book = rulebook_with(installation, installation.settings, changed or ())
        found = rerun(installation, book, datetime.now(UTC).date())
        if json:
            write_json(found)
        else:
            _print_rerun(found)
        otherwise = bool(found.flips or found.replays)
    if otherwise:
        raise typer.Exit(1)


def _print_replay(one: Replay) -> None:
    for regime, (then, now) in one.flipped.items():
        out.print(f"{one.record} {regime}: {then or '?'} → {now or '?'}")
    if not one.flipped:
        out.print(say("Every regime says what it said.", "各项规则结论均未改变。"))


def _print_rerun(found: Rerun) -> None:
    for one in found.replays:
        _print_replay(one)
    if found.flips:
        columns = say("regime|before|after|asset|to|since|transfers", "领域|原结论|新结论|资产|目的地|起始日|转移数")
        write_table(columns.split("|"), (_cells(flip) for flip in found.flips[:SHOWN]), right=(6,))
    flipped = sum(flip.transfers for flip in found.flips)
    out.print(
        say(
            f"{len(found.replays)} of {found.assessments} kept assessments come out otherwise, and {flipped:,} "
            f"statements on {found.transfers:,} transfers",
            f"已存评估{found.assessments}项中{len(found.replays)}项结论改变；"
            f"{found.transfers:,}次转移中{flipped:,}项结论改变",
        )
    )


def _cells(flip: Flip) -> list[object]:
    before, after = " / ".join(flip.before), " / ".join(flip.after)
    return [flip.regime, before, after, flip.asset, flip.to_country, flip.since, f"{flip.transfers:,}"]
