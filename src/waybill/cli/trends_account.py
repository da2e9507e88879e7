"""``waybill trends account``: the budget of privacy of each set of data and year, and who signs for a release."""

from __future__ import annotations

import getpass
from decimal import Decimal, InvalidOperation
from typing import Annotated

import msgspec
import typer

from waybill.cli import options, trends_options
from waybill.cli.language import say
from waybill.cli.output import out, write_json, write_table
from waybill.cli.sequel import sequence_now
from waybill.model.errors import UsageError

app = typer.Typer(help="The budget of privacy: limits, releases, signatures.", no_args_is_help=True)

Source = Annotated[str, typer.Argument(help="A set of data.", metavar="SOURCE")]
Year = Annotated[int, typer.Argument(help="The year whose account it is.", min=1900, max=2200, metavar="YEAR")]
Number = Annotated[int, typer.Argument(help="Number of the release.", metavar="RELEASE")]
Reason = Annotated[str, typer.Option(help="Why.")]


@app.command("list")
def listed(*, data: options.Data = options.DEFAULT_DATA, json: options.Json = False) -> None:
    """List every account with what is left of it, and its releases.

    Example:

    \b
      waybill trends account list
    """
    trends_options.opened(data)

    from waybill.trends.account import standings

    found = standings()
    if json:
        write_json([{**msgspec.to_builtins(one), "left": str(one.left)} for one in found])
        return
    columns = say("source|year|limit|spent|left", "数据集|年度|上限|已用|剩余").split("|")
    write_table(columns, [(one.source, one.year, one.limit, one.spent, one.left) for one in found], right=(1, 2, 3, 4))
    columns = say("release|of|epsilon|state|signed by|why", "发布|账户|epsilon|状态|签署|理由").split("|")
    rows = [
        (one.number, f"{one.source} {one.year}", one.epsilon, one.state, ", ".join(one.signed_by), one.reason)
        for account in found
        for one in account.releases
    ]
    write_table(columns, rows, right=(0, 2))


@app.command("open")
def opened(
    source: Source,
    year: Year,
    *,
    limit: Annotated[str, typer.Option(help="Epsilon of the whole year.")],
    who: options.Who = "",
    data: options.Data = options.DEFAULT_DATA,
) -> None:
    """Set the limit of a set of data for a year. It cannot be moved afterwards.

    Example:

    \b
      waybill trends account open industry 2026 --limit 2
    """
    installation = trends_options.opened(data)

    from waybill.trends.account import open_account

    open_account(source, year, _decimal(limit), who=who or getpass.getuser())
    out.print(say(f"{source} {year}: epsilon {limit}", f"{source} {year}：epsilon {limit}"))
    sequence_now(installation)


@app.command()
def propose(
    source: Source,
    year: Year,
    *,
    epsilon: Annotated[str, typer.Option(help="What the release spends.")],
    first: Annotated[int, typer.Option("--from", help="First year of the tables.")],
    last: Annotated[int, typer.Option("--to", help="Last year of the tables.")],
    reason: Reason,
    table: Annotated[list[str] | None, typer.Option(help="A table; may be repeated.", show_default="all")] = None,
    bound: Annotated[int, typer.Option(help="Incidents of one organisation that count.", min=1, max=100)] = 3,
    who: options.Who = "",
    data: options.Data = options.DEFAULT_DATA,
    json: options.Json = False,
) -> None:
    """Propose a release; two people must sign it before anything is drawn.

    Example:

    \b
      waybill trends account propose industry 2026 --epsilon 1 --from 2015 --to 2025 --reason "annual report"
    """
    installation = trends_options.opened(data)

    from waybill.flow.trends import publication as trends_publication

    number = trends_publication.propose(
        installation, source, year, table or (), first=first, last=last, epsilon=_decimal(epsilon), reason=reason,
        who=who or getpass.getuser(), bound=bound,
    )  # fmt: skip
    if json:
        write_json({"release": number})
    else:
        out.print(say(f"release {number}; two people sign it:", f"发布 {number}，须由两人签署："))
        out.print(f"  waybill trends account sign {number}", markup=False)
    sequence_now(installation)


@app.command()
def sign(number: Number, *, who: options.Who = "", data: options.Data = options.DEFAULT_DATA) -> None:
    """Sign a release; with the second signature its budget is spent.

    Example:

    \b
      waybill trends account sign 1
    """
    installation = trends_options.opened(data)

    from waybill.trends import account

    found = account.sign(number, who=who or getpass.getuser())
    signed = f"{len(found.signed_by)}/{account.SIGNERS}"
    out.print(say(f"release {number}: {signed} signed", f"发布 {number}：已签 {signed}"))
    sequence_now(installation)


@app.command()
def refuse(number: Number, *, reason: Reason, who: options.Who = "", data: options.Data = options.DEFAULT_DATA) -> None:
    """Refuse a release that is not signed yet.

    Example:

    \b
      waybill trends account refuse 1 --reason "too much for one report"
    """
    installation = trends_options.opened(data)

    from waybill.flow.trends import publication as trends_publication

    trends_publication.refuse(installation, number, who=who or getpass.getuser(), reason=reason)
    out.print(say(f"release {number} refused", f"已拒绝发布 {number}"))
    sequence_now(installation)


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise UsageError("this is no number", where=text[:40], expected="1.0") from None
