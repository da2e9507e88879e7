"""``waybill anonymity``: whether the persons of a table can be told apart, and what would hide them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from waybill.cli import options
from waybill.cli.language import read as translated
from waybill.cli.language import say
from waybill.cli.output import err, out, shown, write_json, write_table
from waybill.model.findings import GRADES

if TYPE_CHECKING:
    from waybill.content import Assessment, Wanted
    from waybill.flow.anonymity import Judged

_SHOWN = 5
"""Numbers of rows that are named of classes of one size."""


def command(
    table: Annotated[str, typer.Argument(help="A file, an object, or the address of a database.", metavar="TABLE")],
    *,
    quasi: Annotated[
        str, typer.Option(help="Columns that tell persons apart together, with commas.", show_default="suggested")
    ] = "",
    sensitive: Annotated[
        str, typer.Option(help="Columns that nobody should learn of a person.", show_default="suggested")
    ] = "",
    k: Annotated[int, typer.Option("--k", min=1, help="Rows that every class should have.")] = 5,
    l: Annotated[  # noqa: E741 -- the name of the measure
        int, typer.Option("--l", min=1, help="Different sensitive values that every class should have.")
    ] = 2,
    entropy: Annotated[float, typer.Option(min=1, help="Entropy l-diversity that every class should have.")] = 1.0,
    t: Annotated[float, typer.Option("--t", min=0, max=1, help="Distance from the whole table, at most.")] = 1.0,
    leave_out: Annotated[float, typer.Option(min=0, max=1, help="Share of rows that a proposal may leave out.")] = 0.05,
    only: Annotated[str, typer.Option("--table", help="Which sheet, or which table of a database.")] = "",
    json: options.Json = False,
    output: options.Output = None,
) -> None:
    """Say how well the persons of a table hide among each other: k-anonymity, l-diversity, t-closeness.

    Tells how many rows are at risk, which columns make them so, what coarser columns would reach what you ask for, and
    which grade that suggests. Columns are named, or suggested by what they hold and are called. No value is printed:
    rows are named by their number. Nothing is kept.

    Exits 0 if every class is as you ask, 1 if not.

    Examples:

    \b
      waybill anonymity patients.csv
      waybill anonymity patients.csv --quasi age,sex,postcode --sensitive diagnosis --k 10 --l 3
      waybill anonymity staff.xlsx --table Salaries --t 0.3
      waybill anonymity postgresql://reader@db.example/clinic --table public.visits --json
    """
    from waybill.content import Wanted
    from waybill.content.parsing import Readers
    from waybill.flow.anonymity import judge
    from waybill.flow.records import TABLES

    wanted = Wanted(k=k, l=l, entropy=entropy, t=t)
    with Readers(TABLES) as readers, shown(err.status(say("looking at rows", "检查各行"))):
        judged = judge(
            table,
            readers,
            table=only,
            quasi_identifiers=_named(quasi),
            sensitive=_named(sensitive),
            wanted=wanted,
            most_left_out=leave_out,
        )
    if json or output is not None:
        write_json(judged, output)
    else:
        _print(judged, wanted, Path(table).name)
    raise typer.Exit(0 if judged.assessment.is_reached else 1)


def _named(columns: str) -> tuple[str, ...]:
    return tuple(one.strip() for one in columns.split(",") if one.strip())


def _print(judged: Judged, wanted: Wanted, called: str) -> None:
    found = judged.assessment
    lines = [*_roles(judged), *_measures(found, wanted), *_classes(found, wanted)]
    write_table((called, say(f"{found.rows:,} rows", f"{found.rows:,} 行")), lines, markup=False)
    if not found.is_reached:
        names = say("without the column|different values|k|rows at risk", "去掉该列后|不同取值|k|存在风险的行").split(
            "|"
        )
        rows = ((one.column, f"{one.different:,}", one.k_without, f"{one.at_risk_without:,}") for one in found.drivers)
        write_table(names, rows, right=(1, 2, 3), markup=False)
    graded = f"{translated(GRADES[judged.grade])}: {translated(judged.reason)} ({judged.rule or '-'})"
    proposed, suggested = say("to reach what you ask", "达到要求的做法"), say("suggested grade", "建议级别")
    write_table((proposed, _proposal(found)), [(suggested, graded)], markup=False)
    for caveat in judged.caveats:
        out.print(f"[yellow]{escape(translated(caveat))}[/]")


_Line = tuple[str, str]


def _roles(judged: Judged) -> Iterator[_Line]:
    told = judged.roles
    how = say(" (suggested: --quasi names others)", "（系建议，可用 --quasi 指定）") if judged.suggested else ""
    yield say("told apart by", "准标识符"), ", ".join(told.quasi_identifiers) + how
    yield say("sensitive", "敏感属性"), ", ".join(told.sensitive) or say("none named", "未指定")
    if told.identifiers:
        remark = say(" (each names a person: leave out or replace)", "（可直接标识个人，应删除或替换）")
        yield say("identifiers", "直接标识符"), ", ".join(told.identifiers) + remark


def _measures(found: Assessment, wanted: Wanted) -> Iterator[_Line]:
    fewer, alone = f"{found.fewer:,}", f"{found.alone:,}"
    yield (
        say("k-anonymity", "k-匿名"),
        say(
            f"k = {found.k} (asked for {wanted.k}); {fewer} rows hide among fewer, {alone} stand alone",
            f"k = {found.k}（要求 {wanted.k}）；{fewer} 行所在等价类过小，其中 {alone} 行唯一",
        ),
    )
    for one in found.spreads:
        by = f"{one.entropy:.2f}"
        yield (
            say(f"l-diversity of {one.column}", f"{one.column} 的 l-多样性"),
            say(
                f"l = {one.distinct} (asked for {wanted.l}), {by} by entropy; {one.told:,} rows tell their value",
                f"l = {one.distinct}（要求 {wanted.l}），按熵为 {by}；{one.told:,} 行的取值可被推知",
            ),
        )
        yield say(f"t-closeness of {one.column}", f"{one.column} 的 t-接近性"), f"t = {one.distance:.2f}"
    share = found.at_risk / found.rows if found.rows else 0.0
    risk = f"{found.at_risk:,}"
    yield say("at risk", "存在风险"), say(f"{risk} rows ({share:.1%})", f"{risk} 行（{share:.1%}）")


def _classes(found: Assessment, wanted: Wanted) -> Iterator[_Line]:
    """Yield the smallest classes: by the numbers of their rows, never by values."""
    for one in found.smallest:
        if one.size < wanted.k:
            rows = ", ".join(map(str, one.rows[:_SHOWN])) + ("…" if one.size * one.classes > _SHOWN else "")
            yield (
                say(f"classes of {one.size}", f"{one.size} 行的等价类"),
                say(f"{one.classes:,}; rows {rows}", f"{one.classes:,} 个；第 {rows} 行"),
            )


def _proposal(found: Assessment) -> str:
    if found.is_reached:
        return say("none needed: it is as you ask", "已达到要求，无需处理")
    if found.proposal is None:
        return say("nothing would reach that in this table", "该表无论如何处理均无法达到")
    parts = [f"{one.column}: {translated(one.text)}" for one in found.proposal.columns]
    if found.proposal.left_out:
        parts.append(say(f"leave out {found.proposal.left_out:,} rows", f"删除 {found.proposal.left_out:,} 行"))
    return "; ".join(parts) + say(f" (then k = {found.proposal.k})", f"（此后 k = {found.proposal.k}）")
