"""``waybill register FILE…``: documents and records that are recognised from now on, wherever they turn up."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from typer.core import TyperGroup

from waybill.cli import options
from waybill.cli.language import read as translated
from waybill.cli.language import say
from waybill.cli.output import out, write_json, write_table

if TYPE_CHECKING:
    from waybill.content.documents import Document
    from waybill.content.exact import RecordTable

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
    app.command("records")(records)
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
                if kept.look:
                    told += say(", and how it looks", "，以及图像特征")
                out.print(escape(told))
                for caveat in caveats:
                    out.print(f"[yellow]  {escape(translated(caveat.text()))}[/]")
    if json:
        write_json(made)


def records(
    file: Annotated[Path, typer.Argument(help="A table with a heading: CSV, Parquet, Excel, SQLite.", metavar="FILE")],
    *,
    name: Annotated[str, typer.Option(help="What the table is called; one of the same name is replaced.")],
    columns: Annotated[str, typer.Option(help="Columns that tell a record, with commas between them.")],
    at_least: Annotated[int, typer.Option(help="How many columns of a record have to stand together.", min=1)] = 2,
    data: options.Data = options.DEFAULT_DATA,
    asset: Annotated[str, typer.Option(help="Asset of the register that it belongs to; its grade goes along.")] = "",
    json: options.Json = False,
) -> None:
    """Register the records of a table, so that they are recognised in whatever file they stand.

    Keyed hashes of the values are kept, and no value. At least one column must hold numbers, codes or e-mail addresses;
    names and other text count where they stand near those.

    Example:

    \b
      waybill register records customers.csv --name customers --columns phone,id_number,name --asset customers
    """
    from waybill.content.parsing import Readers
    from waybill.flow.installation import Installation
    from waybill.flow.people import acts_as
    from waybill.flow.records import TABLES, register

    installation = Installation.open(data, create=True)
    who, chosen = acts_as(installation, getpass.getuser()), [one.strip() for one in columns.split(",") if one.strip()]
    with Readers(TABLES) as readers:
        table, made, caveats = register(
            installation, file, readers, name=name, columns=chosen, least=at_least, asset=asset, who=who
        )
    if json:
        write_json([table])
        return
    out.print(
        escape(
            say(
                f"{table.id}: {made.rows:,} records, {made.values:,} values; left out as too short {made.short:,}, as "
                f"too common {made.common:,}",
                f"{table.id}：{made.rows:,} 条记录，{made.values:,} 个值；过短而略去 {made.short:,} 个，"
                f"过于常见而略去 {made.common:,} 个",
            )
        )
    )
    for caveat in caveats:
        out.print(f"[yellow]  {escape(translated(caveat.text()))}[/]")


def documents(*, data: options.Data = options.DEFAULT_DATA, json: options.Json = False) -> None:
    """List registered documents and tables of records.

    Example:

    \b
      waybill register documents --json
    """
    from waybill.flow.documents import library
    from waybill.flow.installation import Installation
    from waybill.flow.records import library as tables

    installation = Installation.open(data)
    known: list[Document | RecordTable] = [*library(installation).documents(), *tables(installation).tables()]
    if json:
        write_json(known)
    elif known:
        names = (say("id", "标识"), say("name", "名称"), say("asset", "资产"), say("registered", "登记时间"))
        write_table(names, ((one.id, escape(one.name), one.asset, f"{one.registered:%Y-%m-%d}") for one in known))
    else:
        out.print(say("No documents yet: `waybill register FILE`", "尚无文档：`waybill register FILE`"))


def forget(
    ids: Annotated[list[str], typer.Argument(help="Ids of registered documents and tables.", metavar="ID...")],
    *,
    data: options.Data = options.DEFAULT_DATA,
) -> None:
    """Forget registered documents and tables of records.

    Example:

    \b
      waybill register forget letter-1f0a22c4
    """
    from waybill.flow import documents as registered
    from waybill.flow import records as tables
    from waybill.flow.installation import Installation
    from waybill.flow.people import acts_as

    installation = Installation.open(data)
    who = acts_as(installation, getpass.getuser())
    for one in ids:
        if table := tables.find(installation, one):
            tables.forget(installation, table, who=who)
        else:
            registered.forget(installation, one, who=who)
        out.print(escape(say(f"{one} is forgotten", f"已删除 {one}")))
