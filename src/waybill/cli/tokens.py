"""``waybill tokens``: what agents send by and programs read by."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime
from typing import Annotated

import typer

from waybill.access.scopes import Scope
from waybill.cli import options
from waybill.cli.language import say
from waybill.cli.output import err, out, write_json, write_table
from waybill.cli.sequel import sequence_now
from waybill.model.words import Grade

app = typer.Typer(help="Tokens by which agents send and programs read.", no_args_is_help=True)


@app.command("create")
def create_token(
    name: Annotated[str, typer.Argument(help="Name of the token: a-z, 0-9 and .-_", metavar="NAME")],
    *,
    scope: Annotated[list[Scope], typer.Option(help="What it allows; may be repeated.")],
    source: Annotated[
        list[str] | None, typer.Option(help="A source it may send; may be repeated.", show_default="all")
    ] = None,
    organisation: Annotated[
        list[str] | None, typer.Option(help="Whose records it may read; may be repeated.", show_default="all")
    ] = None,
    grade: Annotated[Grade, typer.Option(help="Up to which grade it may read.")] = Grade.CORE,
    expires: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"], metavar="DAY", help="First day it no longer holds.", show_default="in 90 days"
        ),
    ] = None,
    who: options.Who = "",
    data: options.Data = options.DEFAULT_DATA,
    json: options.Json = False,
) -> None:
    """Make a token and print it. It is told this once: only its hash is kept.

    Examples:

    \b
      waybill tokens create erp-host --scope ingest --source erp --expires 2027-01-01
      waybill tokens create siem --scope read
      waybill tokens create plant --scope read --organisation plant.example --grade important
    """
    from waybill.flow.installation import Installation

    installation = Installation.open(data, create=True)
    from waybill.access.reach import Bound
    from waybill.access.tokens import create

    until = expires.replace(tzinfo=UTC) if expires else None
    bound, by = Bound(frozenset(organisation or ()), grade), who or getpass.getuser()
    token, shown = create(name, scope, who=by, sources=source or (), bound=bound, expires_at=until)
    sequence_now(installation)
    if json:
        write_json({"token": token, "secret": shown})
        return
    err.print(
        say(
            f"token {token.id} holds until {token.expires_at:%Y-%m-%d}. It is not shown again:",
            f"令牌 {token.id} 有效至 {token.expires_at:%Y-%m-%d}。以下内容不再显示：",
        )
    )
    out.print(shown, soft_wrap=True)


@app.command("list")
def list_tokens(*, data: options.Data = options.DEFAULT_DATA, json: options.Json = False) -> None:
    """List tokens, those that are over among them."""
    from waybill.flow.installation import Installation

    Installation.open(data)
    from waybill.access.tokens import every

    tokens = every()
    if json:
        write_json(tokens)
        return
    now = datetime.now(UTC)
    write_table(
        say("id|name|allows|sources|until|holds", "编号|名称|权限|来源|有效至|有效").split("|"),
        (
            [
                token.id,
                token.name,
                ", ".join(sorted(token.scopes)),
                ", ".join(token.sources) or say("all", "全部"),
                f"{token.expires_at:%Y-%m-%d}",
                say("yes", "是") if token.is_good(now) else say("no", "否"),
            ]
            for token in tokens
        ),
    )


@app.command("revoke")
def revoke_token(
    token: Annotated[str, typer.Argument(help="Name or id of the token.", metavar="TOKEN")],
    *,
    who: options.Who = "",
    data: options.Data = options.DEFAULT_DATA,
) -> None:
    """End a token for good; a running service refuses it within a second."""
    from waybill.flow.installation import Installation

    installation = Installation.open(data)
    from waybill.access.tokens import revoke

    revoked = revoke(token, who=who or getpass.getuser())
    out.print(say(f"token {revoked.name} is revoked", f"令牌 {revoked.name} 已吊销"))
    sequence_now(installation)
