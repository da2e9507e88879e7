"""``waybill keys``: the installation's keys, changing them, and pairs of keys for back-ups."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated

import typer

from waybill.cli import options
from waybill.cli.language import read, say
from waybill.cli.output import out, write_json, write_table
from waybill.cli.sequel import sequence_now
from waybill.model.errors import StorageError

app = typer.Typer(help="Keys: list, change, and pairs for back-ups.", no_args_is_help=True)


@app.command("list")
def list_keys(*, data: options.Data = options.DEFAULT_DATA, json: options.Json = False) -> None:
    """List the installation's keys: what each is for, when it was made, and what changing it does."""
    from waybill.flow.installation import Installation

    installation = Installation.open(data)
    from waybill.flow.keys import standings

    found = standings(installation)
    if json:
        write_json(found)
        return
    write_table(
        say("key|for|made|changing it", "密钥|用途|生成时间|更换").split("|"),
        ([one.name, read(one.purpose), one.made_at and f"{one.made_at:%Y-%m-%d}", read(one.change)] for one in found),
    )


@app.command("rotate")
def rotate_key(
    name: Annotated[str, typer.Argument(help="The key, as `waybill keys list` names it.", metavar="KEY")],
    *,
    who: options.Who = "",
    data: options.Data = options.DEFAULT_DATA,
    json: options.Json = False,
) -> None:
    """Change a key: all that rests under it is sealed anew, and the ledger records it. Stop the service before.

    Tokens of agents are changed by making another and revoking the old one.

    Examples:

    \b
      waybill keys rotate identity
    """
    from waybill.flow.installation import Installation

    installation = Installation.open(data)
    from waybill.flow.keys import rotate

    done = rotate(installation, name, who=who or getpass.getuser())
    if json:
        write_json(done)
    else:
        text = say(
            f"the key {name} is another now; {done.resealed:,} things were sealed anew",
            f"密钥 {name} 已更换；重新封存 {done.resealed:,} 项",
        )
        out.print(text)
    sequence_now(Installation.open(data))


@app.command("pair")
def make_pair(
    file: Annotated[Path, typer.Argument(help="Where the private half goes; the public one goes to FILE.pub.")],
) -> None:
    """Make a pair of keys for back-ups. Keep the private half off the machine: only restoring needs it.

    Examples:

    \b
      waybill keys pair backup.key && waybill backup today.tar --recipient backup.key.pub
    """
    from waybill.flow.backup.archive import create
    from waybill.flow.backup.sealing import new_pair

    private, public = new_pair()
    public_file = file.with_name(file.name + ".pub")
    try:
        for path, text in ((file, private), (public_file, public)):
            with create(path) as target:
                target.write(f"{text}\n".encode())
    except OSError as error:
        raise StorageError(f"the keys cannot be written: {error.strerror}", where=str(error.filename)) from None
    out.print(say(f"private half: {file}\npublic half: {public_file}", f"私钥：{file}\n公钥：{public_file}"))
