"""``waybill register FILE…``: documents that are recognised from now on, wherever they turn up."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from typer.core import TyperGroup

from waybill.cli import options
from waybill.cli.language import read as translated
from waybill.cli.language import say
from waybill.cli.output import out, write_json, write_table

_COMMAND = "document"


class FilesOrCommands(TyperGroup):
    """Takes what is no command for a file to register."""

    def resolve_command(self, ctx, args):  # type: ignore[no-untyped-def]
        """Put the command that registers documents before files."""
        known = not args or args[0] in self.commands or args[0].startswith("-")
        return super().resolve_command(ctx, args if known else [_COMMAND, *args])


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(_COMMAND)(document)
    app.command("documents")(documents)
    app.command("forget")(forget)


def document(
    files: Annotated[list[Path], typer.Argument(help="Files in any format that is read.", metavar="FILE...")],
    *,
    data: options.Data = options.DEFAULT_DATA,
    asset: Annotated[str, typer.Option(help="Asset of the register that they belong to; its grade goes along.")] = "",
    template: Annotated[bool, typer.Option("--template", help="A form: what it holds is never recognised.")] = False,
    json: options.Json = False,
) -> None:
    """Register documents, so that they are recognised: excerpts, edited copies, drawings exported again.

    Fingerprints are kept under a key of this installation; no text of a document is. The word `document` may be left
    out: `waybill register FILE…`.

    Examples:

    \b
      waybill register process-recipe-v7.docx --asset recipe
      waybill register drawings/*.stp --asset gearbox
      waybill register letter.docx --template
    """
    from waybill.content.parsing import Readers
    from waybill.flow.documents import register
    from waybill.flow.installation import Installation
    from waybill.flow.people import acts_as

    installation = Installation.open(data, create=True)
    who, made = acts_as(installation, getpass.getuser()), []
    with Readers() as readers:
        for path in files:
            kept, caveats = register(installation, path, readers, asset=asset, template=template, who=who)
            made.append(kept)
            if not json:
                prints = kept.text + kept.geometry
                told = say(f"{kept.id}: {prints:,} fingerprints", f"{kept.id}：{prints:,} 个指纹")
                out.print(escape(told))
                for caveat in caveats:
                    out.print(f"[yellow]  {escape(translated(caveat.text()))}[/]")
    if json:
        write_json(made)


def documents(*, data: options.Data = options.DEFAULT_DATA, json: options.Json = False) -> None:
    """List registered documents.

    Example:

    \b
      waybill register documents --json
    """
    from waybill.flow.documents import library
    from waybill.flow.installation import Installation

    known = library(Installation.open(data)).documents()
    if json:
        write_json(known)
    elif known:
        names = (say("id", "标识"), say("name", "名称"), say("asset", "资产"), say("registered", "登记时间"))
        write_table(names, ((one.id, escape(one.name), one.asset, f"{one.registered:%Y-%m-%d}") for one in known))
    else:
        out.print(say("No documents yet: `waybill register FILE`", "尚无文档：`waybill register FILE`"))


def forget(
    ids: Annotated[list[str], typer.Argument(help="Ids of registered documents.", metavar="ID...")],
    *,
    data: options.Data = options.DEFAULT_DATA,
) -> None:
    """Forget registered documents.

    Example:

    \b
      waybill register forget letter-1f0a22c4
    """
    from waybill.flow import documents as registered
    from waybill.flow.installation import Installation
    from waybill.flow.people import acts_as

    installation = Installation.open(data)
    for document_id in ids:
        registered.forget(installation, document_id, who=acts_as(installation, getpass.getuser()))
        out.print(escape(say(f"{document_id} is forgotten", f"已删除 {document_id}")))
