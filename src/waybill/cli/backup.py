"""``waybill backup`` and ``waybill restore``: the whole installation, kept elsewhere and brought back."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from waybill.cli import options
from waybill.cli.language import say
from waybill.cli.output import out, progress_count, write_json, write_table
from waybill.cli.sequel import sequence_now
from waybill.model.errors import DamagedError, UsageError
from waybill.model.sizes import size

if TYPE_CHECKING:
    from waybill.flow.backup.sealing import Secret

_DJANGO = "waybill.console.settings"
"""A back-up holds the tables of the console as well."""

Passphrase = Annotated[
    Path | None,
    typer.Option("--passphrase-file", help="File with the passphrase; asked for if none is named.", metavar="FILE"),
]
Recipient = Annotated[
    Path | None,
    typer.Option(help="File with the public half of a pair of keys (`waybill keys pair`).", metavar="FILE"),
]
Identity = Annotated[Path | None, typer.Option(help="File with the private half of the pair of keys.", metavar="FILE")]


def backup_command(
    target: Annotated[Path, typer.Argument(help="A new folder, or a new file that ends in .tar.")],
    *,
    recipient: Recipient = None,
    passphrase_file: Passphrase = None,
    who: options.Who = "",
    data: options.Data = options.DEFAULT_DATA,
    json: options.Json = False,
) -> None:
    """Back up everything, also while the service runs, and check what was written.

    Keys and settings in it are sealed for a recipient or under a passphrase; keep that apart from the back-up.

    Examples:

    \b
      waybill backup /backup/2026-03-02.tar --recipient /etc/waybill/backup.pub
    """
    from waybill.flow.installation import Installation

    secret = _secret(recipient, passphrase_file, new=True)
    installation = Installation.open(data, django=_DJANGO)
    from waybill.flow.backup.making import back_up

    with progress_count(say("backing up, bytes", "备份字节")) as progress:
        made = back_up(installation, target, secret, who=who or getpass.getuser(), progress=progress)
    if json:
        write_json(made)
    else:
        total = size(sum(part.bytes for part in made.parts.values()))
        out.print(
            say(
                f"{len(made.parts)} parts, {total}; read again and as written\ncheck {made.check}",
                f"{len(made.parts)} 个部分，{total}；已重新读取并与写入一致\n校验 {made.check}",
            )
        )
    sequence_now(installation)


def restore_command(
    source: Annotated[Path, typer.Argument(help="The back-up, a folder or a file.")],
    *,
    identity: Identity = None,
    passphrase_file: Passphrase = None,
    check: Annotated[bool, typer.Option("--check", help="Only read the back-up and check every byte.")] = False,
    who: options.Who = "",
    data: options.Data = options.DEFAULT_DATA,
    json: options.Json = False,
) -> None:
    """Restore a back-up into a data folder that is not there yet, and audit it. Exits 4 if anything is not as written.

    What came after the back-up is not in it: agents have to send it again, erasures and revocations of tokens have to
    be repeated. If the ledger went further, `waybill ledger recover` tells the ways out.

    Examples:

    \b
      waybill restore /backup/2026-03-02.tar --identity backup.key --data /var/lib/waybill
      WAYBILL_DATABASE=postgresql://waybill@db/waybill waybill restore /backup/2026-03-02.tar
    """
    if check:
        from waybill.control import prepare

        prepare()
        from waybill.flow.backup.making import check as read_all

        with progress_count(say("checking, bytes", "校验字节")) as progress:
            found = read_all(source, progress)
        if json:
            write_json(found)
        else:
            out.print(say(f"every byte is as it was written at {found.made_at}", f"与 {found.made_at} 写入时一致"))
        return
    from waybill.control import prepare

    prepare(_DJANGO)
    from waybill.flow.backup.restoring import restore
    from waybill.flow.installation import Installation

    secret = _secret(identity, passphrase_file, new=False)
    with progress_count(say("restoring, bytes", "恢复字节")) as progress:
        done = restore(source, data, secret, django=_DJANGO, who=who or getpass.getuser(), progress=progress)
    if json:
        write_json(done)
    else:
        rows = [
            (say("made at", "备份时间"), done.made_at),
            (say("transfers", "转移记录"), f"{done.audit.transfers:,}"),
            (say("entries of the ledger", "账本条目"), f"{done.audit.entries:,}"),
            (say("faults", "异常"), ", ".join(f"{k} {v}" for k, v in done.audit.faults.items() if v) or "0"),
        ]
        write_table(("", ""), rows)
    sequence_now(Installation.open(data, django=_DJANGO))
    raise typer.Exit(0 if done.audit.sound else DamagedError.exit_code)


def _secret(key: Path | None, passphrase: Path | None, *, new: bool) -> Secret:
    """Return what seals or opens: from a file, or from whoever sits at the terminal; never from the command line."""
    from waybill.flow.backup.sealing import Secret

    if key is not None and passphrase is not None:
        raise UsageError("a back-up is sealed in one way", expected="a pair of keys, or a passphrase")
    if key is not None:
        return Secret(_read(key), is_key=True)
    if passphrase is not None:
        return Secret(_read(passphrase), is_key=False)
    if not sys.stdin.isatty():
        raise UsageError(
            "nothing says what seals the keys in the back-up, and nobody can be asked",
            advice="name a file: --passphrase-file, or --recipient to back up and --identity to restore",
        )
    asked = typer.prompt(say("Passphrase", "口令"), hide_input=True, confirmation_prompt=new)
    return Secret(str(asked), is_key=False)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise UsageError(f"the file cannot be read: {error.strerror}", where=str(path)) from None
