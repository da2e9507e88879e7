"""``waybill assets | parties | places | permits``: what is controlled, who and where, and what is permitted."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from waybill.cli import options
from waybill.cli.documents import FilesOrCommands
from waybill.cli.language import say
from waybill.cli.output import out, write_json, write_table
from waybill.cli.sequel import sequence_now
from waybill.register.fields import Kind, render
from waybill.register.importing import Reading, read_files, read_folder

Partial = Annotated[bool, typer.Option("--partial", help="Take the good lines although others are wrong.")]

HELP = {
    Kind.ASSETS: "What is controlled: grade, owner, home, how logs name it.",
    Kind.PARTIES: "Who acts: people (by pseudonym), services, organisations, sites.",
    Kind.PLACES: "Where things are and may go.",
    Kind.PERMITS: "Who may transfer what, where, until when, how much, on which basis.",
    Kind.DUTIES: "Rules that demand a filing, and how soon; one with the id of a built-in rule replaces it.",
    Kind.PRICES: "Prices paid with public money, and references for them.",
}


whole = typer.Typer(
    cls=FilesOrCommands,
    help="The whole register at once; or FILE…: a document that is recognised from now on, wherever it turns up.",
    no_args_is_help=True,
)


@whole.command("import")
def import_folder(
    folder: Annotated[
        Path, typer.Argument(help="Holds assets.csv, parties.csv, places.csv, permits.csv.", metavar="FOLDER")
    ],
    *,
    data: options.Data = options.DEFAULT_DATA,
    partial: Partial = False,
    json: options.Json = False,
) -> None:
    """Insert or update the register from a folder of CSV files, so that they may refer to each other."""
    import_reading(read_folder(folder), folder, data, partial=partial, json=json)


def import_reading(reading: Reading, where: Path, data: Path, *, partial: bool, json: bool) -> None:
    """Store what was read from CSV files and tell what changed. Raises RegisterError for mistakes."""
    from waybill.flow.installation import Installation

    installation = Installation.open(data, create=True)
    from waybill.register import records

    imported = records.import_reading(
        reading, installation.pseudonymiser, installation.folder.key("identity"), partial=partial, where=str(where)
    )
    if json:
        counts = {kind: tally._asdict() for kind, tally in imported.counts.items()}
        write_json({"counts": counts, "problems": imported.problems})
        sequence_now(installation)
        return
    for problem in imported.problems:
        out.print(str(problem), markup=False)
    for kind, (inserted, updated, unchanged) in imported.counts.items():
        out.print(
            say(
                f"{kind}: {inserted} new, {updated} changed, {unchanged} as before",
                f"{kind}:新增 {inserted},修改 {updated},未变 {unchanged}",
            )
        )
    sequence_now(installation)


def group(kind: Kind) -> typer.Typer:
    """Return the commands for one table of the register."""

    commands = typer.Typer(help=HELP[kind], no_args_is_help=True)

    @commands.command("import", help=f"Insert or update {kind} from a CSV file; nothing is taken if a line is wrong.")
    def import_(
        file: Annotated[Path, typer.Argument(help="A CSV file; its header names the columns.", metavar="FILE")],
        *,
        data: options.Data = options.DEFAULT_DATA,
        partial: Partial = False,
        json: options.Json = False,
    ) -> None:
        import_reading(read_files({kind: file}), file, data, partial=partial, json=json)

    @commands.command("list", help=f"List {kind}.")
    def list_(*, data: options.Data = options.DEFAULT_DATA, json: options.Json = False) -> None:
        from waybill.flow.installation import Installation

        Installation.open(data)
        from waybill.register import records

        rows = records.records(kind)
        if json:
            write_json(rows)
        elif rows:
            write_table(kind.columns, (list(render(row).values()) for row in rows))
        else:
            out.print(say(f"No {kind} yet: `waybill {kind} import FILE`", f"尚无记录：`waybill {kind} import FILE`"))

    @commands.command("export", help=f"Write {kind} as CSV that `import` takes back.")
    def export(*, data: options.Data = options.DEFAULT_DATA) -> None:
        from waybill.flow.installation import Installation

        Installation.open(data)
        from waybill.register import records

        records.export_csv(kind, sys.stdout)

    @commands.command("remove", help=f"Remove {kind} that nothing refers to.")
    def remove(
        ids: Annotated[list[str], typer.Argument(help="Ids to remove, all or none.", metavar="ID...")],
        *,
        data: options.Data = options.DEFAULT_DATA,
    ) -> None:
        from waybill.flow.installation import Installation

        installation = Installation.open(data)
        from waybill.register import records

        out.print(say(f"{records.remove(kind, ids)} removed", f"已移除 {len(ids)} 条"))
        sequence_now(installation)

    return commands
