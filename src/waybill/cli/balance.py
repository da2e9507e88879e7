"""``waybill balance``: stocks of materials, claims, quotas, the monthly product flow, and codes of materials."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from waybill.cli import options
from waybill.cli.language import read, say
from waybill.cli.output import err, out, write_json, write_table
from waybill.model.errors import UsageError

if TYPE_CHECKING:
    from waybill.flow.custody.balancing import Books

app = typer.Typer(help="Balance accounts of materials (ISO 22095), from custody events.", no_args_is_help=True)

Site = Annotated[str, typer.Option(help="Only this site, by its id in the register or as documents name it.")]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="Write to this file.")]
_BROKEN = 1
"""Exit code where an account, a claim or a quota is overdrawn."""


@app.command("accounts")
def accounts_(
    *,
    site: Site = "",
    material: Annotated[str, typer.Option(help="Only this material, such as Nd2O3.")] = "",
    every: Annotated[bool, typer.Option("--months", help="Every month, not only the last one.")] = False,
    data: options.Data = options.DEFAULT_DATA,
    json: options.Json = False,
) -> None:
    """List what each site had, took in, made, used and sent on, in kilograms. Exits 1 if more left than there was.

    Examples:

    \b
      waybill balance accounts
      waybill balance accounts --site plant-north --material Nd2O3 --months
    """
    books = _books(data)
    known = books.accounts if every else books.newest()
    found = [one for one in known if site in ("", one.site) and material in ("", one.material)]
    if json:
        write_json(found)
    else:
        columns = (
            say("site", "地点"), say("material", "物料"), say("characteristic", "特性"), say("month", "月份"),
            say("opening", "期初"), say("received", "收入"), say("made", "产出"), say("used", "投入"),
            say("shipped", "发出"), say("removed", "核减"), say("closing", "期末"), "",
        )  # fmt: skip
        write_table(
            columns,
            [
                (
                    one.site, one.material or "—", one.characteristic, f"{one.month:%Y-%m}",
                    *(f"{amount:,.1f}" for amount in (
                        one.opening, one.received, one.made, one.used, one.shipped, one.removed, one.closing
                    )),
                    "" if one.balanced else say("overdrawn", "透支"),
                )
                for one in found
            ],
            right=range(4, 11),
        )  # fmt: skip
    raise typer.Exit(0 if all(one.balanced for one in found) else _BROKEN)


@app.command()
def claims(
    element: Annotated[str, typer.Argument(help="The element that is balanced, such as Nd.")],
    *,
    model: Annotated[
        str, typer.Option(help="identity-preserved, segregated, controlled-blending, mass-balance, book-and-claim.")
    ] = "mass-balance",
    period: Annotated[int, typer.Option(min=1, max=60, help="Months after which credits are reconciled.")] = 12,
    data: options.Data = options.DEFAULT_DATA,
    json: options.Json = False,
) -> None:
    """Hold what sites send on with a characteristic against what came in with it. Exits 1 if more is claimed.

    Amounts are kilograms of the element: an oxide and its metal are compared by what they hold.

    Example:

    \b
      waybill balance claims Nd --model mass-balance --period 12
    """
    from waybill.epcis.balance.models import NAMES, Model

    try:
        chosen = Model(model)
    except ValueError:
        raise UsageError(f"there is no custody model {model!r}", expected=", ".join(Model)) from None
    credits, mixtures = _books(data).claims(chosen, element, period)
    if json:
        write_json({"model": chosen, "credits": credits, "mixtures": mixtures})
    else:
        out.print(f"[bold]{read(NAMES[chosen])}[/]")
        columns = (
            say("site", "地点"), say("characteristic", "特性"), say("from", "起"), say("credited", "记入"),
            say("debited", "记出"), say("balance", "结余"), "",
        )  # fmt: skip
        rows = [
            (
                one.site, one.characteristic, f"{one.begins:%Y-%m}", f"{one.credited:,.1f}", f"{one.debited:,.1f}",
                f"{one.balance:,.1f}", "" if one.reconciled else say("overdrawn", "透支"),
            )
            for one in credits
        ]  # fmt: skip
        write_table(columns, rows, right=(3, 4, 5))
        for one in mixtures:
            out.print(
                say(f"mixed at {one.site}: {one.event}", f"{one.site} 处混入：{one.event}"),
                markup=False,
                soft_wrap=True,
            )
    raise typer.Exit(_BROKEN if mixtures or not all(one.reconciled for one in credits) else 0)


@app.command()
def quotas(
    file: Annotated[Path, typer.Argument(help="TOML file with the quotas.", metavar="FILE")],
    *,
    data: options.Data = options.DEFAULT_DATA,
    json: options.Json = False,
) -> None:
    """Say how much rare-earth oxide sites have mined and separated of their quotas. Exits 1 if one is overdrawn.

    Example:

    \b
      waybill balance quotas quotas-2026.toml
    """
    from waybill.epcis.balance.quotas import read_quotas

    found = _books(data).drawn(read_quotas(file))
    if json:
        write_json([{"quota": one.quota, "used": one.used, "left": one.left} for one in found])
    else:
        columns = (
            say("site", "地点"), say("activity", "环节"), say("until", "截止"),
            say("quota, kg REO", "指标（千克 REO）"), say("used", "已用"), say("left", "剩余"),
        )  # fmt: skip
        rows = [
            (
                one.quota.site, one.quota.activity, one.quota.last, f"{one.quota.kilograms:,.0f}", f"{one.used:,.0f}",
                f"{one.left:,.0f}",
            )
            for one in found
        ]  # fmt: skip
        write_table(columns, rows, right=(3, 4, 5))
    raise typer.Exit(0 if all(one.left >= 0 for one in found) else _BROKEN)


@app.command()
def flow(
    month: Annotated[str, typer.Argument(help="The month, such as 2026-03.", metavar="MONTH")],
    *,
    site: Site = "",
    output: Output = None,
    data: options.Data = options.DEFAULT_DATA,
    json: options.Json = False,
) -> None:
    """Write the product flow of a month, which producers enter by the 10th of the next one, as CSV.

    Example:

    \b
      waybill balance flow 2026-03 --site plant-north -o flow-2026-03.csv
    """
    from waybill.epcis.balance.product_flow import BASIS, as_csv, due

    day = _month(month)
    rows, until = _books(data).flow(day, site), due(day)
    if json:
        write_json({"due": until, "basis": BASIS, "rows": rows}, output)
    elif output is None:
        typer.echo(as_csv(rows), nl=False)
    else:
        output.write_text(as_csv(rows), encoding="utf-8")
    left = (until - datetime.now(UTC)).days
    err.print(
        say(f"due {until:%Y-%m-%d %H:%M} UTC ({left} days left)", f"截止 {until:%Y-%m-%d %H:%M} UTC（剩余 {left} 天）")
        if left >= 0
        else say(f"was due {until:%Y-%m-%d %H:%M} UTC", f"已于 {until:%Y-%m-%d %H:%M} UTC 截止"),
        style="dim" if left >= 0 else "red",
    )


@app.command()
def codes(
    material: Annotated[str, typer.Argument(help="A material, such as Tb4O7.")],
    *,
    on: Annotated[str, typer.Option(help="The day, such as 2026-03-01; not given: today.", metavar="DAY")] = "",
    json: options.Json = False,
) -> None:
    """List tariff headings and export-control codes of a material on a day, with their sources and how sure they are.

    Example:

    \b
      waybill balance codes Dy2O3 --on 2025-06-01
    """
    from waybill.detect.materials import codebook

    try:
        day = date.fromisoformat(on) if on else datetime.now(UTC).date()
    except ValueError:
        raise UsageError("this is no day", where="--on", expected="a day, such as 2026-03-01") from None
    found = codebook().of(material, day)
    if json:
        write_json(found)
        return
    columns = (
        say("scheme", "类别"),
        say("code", "编码"),
        say("since", "起"),
        say("certainty", "确定性"),
        say("source", "来源"),
    )
    write_table(columns, [(one.scheme, one.code, one.valid_from, one.certainty, one.source) for one in found])


def _books(data: Path) -> Books:
    from waybill.flow.custody.balancing import books
    from waybill.flow.installation import Installation

    return books(Installation.open(data))


def _month(text: str) -> date:
    if re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", text) is None or text < "1970":
        raise UsageError("this is no month", where=text, expected="a month, such as 2026-03")
    return date(int(text[:4]), int(text[5:]), 1)
