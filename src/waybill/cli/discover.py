"""``waybill discover``: what lies where, of which grade."""

from __future__ import annotations

import getpass
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from waybill.cli import options
from waybill.cli.language import read as translated
from waybill.cli.language import say
from waybill.cli.output import open_target, out, progress_bar, write_json, write_table
from waybill.findings.export import Format, write
from waybill.model.findings import GRADES
from waybill.model.words import Grade

if TYPE_CHECKING:
    from waybill.content.names import Finder
    from waybill.flow.discovery.running import Walk
    from waybill.register.discovered import Found

_SHOWN = 30
"""Things that are listed; all of them stand in the register."""


def command(
    targets: Annotated[list[str], typer.Argument(help="Folders, files, buckets, databases.", metavar="PATH...")],
    *,
    data: options.Data = options.DEFAULT_DATA,
    again: Annotated[bool, typer.Option("--again", help="Also inspect what has not changed since.")] = False,
    names: Annotated[
        bool, typer.Option("--names", help="Also seek names in sentences, which is slow: `waybill names install`.")
    ] = False,
    form: Annotated[Format | None, typer.Option("--format", help="Write findings, for another program.")] = None,
    json: options.Json = False,
    output: options.Output = None,
) -> None:
    """Look into files and tables: kinds of data, persons, a suggested grade, registered documents, what was unread.

    A target is a folder or a file (archives, mailboxes and documents are opened), s3://BUCKET/PREFIX, or the address
    of a database (postgresql://HOST/NAME, sqlite:///FILE). What lies there lands in the register as a suggestion that
    a person confirms. A run that was broken off goes on where it was; what has not changed is passed over.

    Exits 0 if nothing is graver than general, 1 if something is or could not be inspected.

    Examples:

    \b
      waybill discover /srv/share
      waybill discover /srv/letters --names
      waybill discover s3://exports/2026 --format sarif -o content.sarif
      waybill discover postgresql://reader@db.example/shop --json
    """
    from waybill.content.parsing import Readers
    from waybill.flow.discovery.running import walk
    from waybill.flow.discovery.targets import target
    from waybill.flow.discovery.telling import findings
    from waybill.flow.installation import Installation
    from waybill.flow.people import acts_as

    installation = Installation.open(data, create=True)
    who = acts_as(installation, getpass.getuser())
    sought = _finders(installation.folder.models) if names else []
    with Readers() as readers, progress_bar(None) as told:
        walks = [
            walk(installation, target(named), readers, who=who, again=again, names=sought, told=told)
            for named in targets
        ]
    found = [one for walked in walks for one in walked.found]
    if form is not None:
        with open_target(output) as stream:
            write(list(findings(found)), form, stream)
    elif json or output is not None:
        write_json([_plain(one) for one in found], output)
    else:
        _print(walks, found, names=names)
    raise typer.Exit(1 if any(one.grade is not Grade.GENERAL or one.partial for one in found) else 0)


def _finders(folder: Path) -> list[Finder]:
    """Return what finds names; only then is it worth loading."""
    from waybill.content.names.models import finders

    return finders(folder)


def _plain(one: Found) -> dict[str, object]:
    import msgspec

    return {"id": one.id, **msgspec.to_builtins(one)}


def _print(walks: list[Walk], found: list[Found], *, names: bool) -> None:
    for walked in walks:
        line = say(
            f"{walked.place}: {len(walked.found):,} inspected, {walked.unchanged:,} unchanged, {walked.gone:,} gone",
            f"{walked.place}：检查 {len(walked.found):,} 项，未变 {walked.unchanged:,} 项，已消失 {walked.gone:,} 项",
        )
        out.print(f"[bold]{escape(line)}[/]")
    if not names:
        out.print(say("  names in sentences were not sought (--names)", "  未查找句中人名、地名、单位名（--names）"))
    counted = Counter(one.grade for one in found)
    grave = [one for one in found if one.grade is not Grade.GENERAL or one.documents or one.hints or one.partial]
    if counted:
        out.print("  " + ", ".join(f"{translated(GRADES[grade])} {counted[grade]:,}" for grade in reversed(Grade)))
    grave.sort(key=lambda one: (-one.grade.rank, one.name))
    if grave:
        rows = ((translated(GRADES[one.grade]), escape(one.name), escape(_why(one))) for one in grave[:_SHOWN])
        write_table((say("grade", "级别"), say("what", "对象"), say("why", "依据")), rows)
    if len(grave) > _SHOWN:
        out.print(say(f"… and {len(grave) - _SHOWN:,} more: --json", f"……另有 {len(grave) - _SHOWN:,} 项：--json"))


def _why(one: Found) -> str:
    parts = [translated(one.reason)] if one.grade is not Grade.GENERAL else []
    told = one.further if parts else one.documents
    parts += [translated(held.text()) for held in told]
    parts += [translated(hint) for hint in one.hints]
    parts += [translated(caveat) for caveat in one.caveats[:3]]
    return "; ".join(parts)
