"""``waybill canary``: marked copies and decoys, so that a copy found outside names the delivery it came from."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from waybill.cli import options
from waybill.cli.language import say
from waybill.cli.output import out, write_json, write_table
from waybill.model.errors import InputError, UsageError

if TYPE_CHECKING:
    from waybill.flow.installation import Installation
    from waybill.register.canaries import Canary

app = typer.Typer(
    help="Marked copies and decoys: two people agree; a copy found outside names its delivery, a touch is a finding.",
    no_args_is_help=True,
)

Number = Annotated[int, typer.Argument(help="Number of the delivery.", metavar="NUMBER")]
Because = Annotated[str, typer.Option("--reason", help="Why; it goes into the ledger.")]


def _opened(data: Path) -> tuple[Installation, str]:
    """Return the installation and who acts."""
    from waybill.flow.installation import Installation
    from waybill.flow.people import acts_as

    installation = Installation.open(data)
    return installation, acts_as(installation, getpass.getuser())


@app.command()
def ask(
    document: Annotated[str, typer.Argument(help="Name of what is copied.", metavar="NAME")],
    *,
    recipient: Annotated[
        str, typer.Option(help="Who gets it: an organisation, or a person by pseudonym; of a thing, where it lies.")
    ],
    asset: Annotated[str, typer.Option(help="Asset of the register that it belongs to.")],
    reason: Because,
    decoys: Annotated[bool, typer.Option("--decoys", help="A table with rows of nobody, instead of marks.")] = False,
    thing: Annotated[
        bool, typer.Option("--thing", help="A decoy that logs know by NAME: a file, an object, a table.")
    ] = False,
    data: options.Data = options.DEFAULT_DATA,
) -> None:
    """Ask for a marked copy, a table with decoys, or a decoy thing. Never of what the public has an interest in.

    A decoy thing is watched once another person approved it: you lay it where you say, and any record of a log that
    names it is a finding. So is a record that holds the value of a decoy row, such as a query for its phone number.

    Examples:

    \b
      waybill canary ask recipe-v7.docx --recipient buyer.example --asset recipe --reason "first delivery abroad"
      waybill canary ask staff.csv --decoys --recipient hr --asset staff --reason "rows of nobody in our own table"
      waybill canary ask shop.public.vip_2019 --thing --recipient db.example --asset customers --reason "a trap"
    """
    if decoys and thing:
        raise UsageError("a delivery is one of these", where="--decoys --thing", expected="one or neither")
    _, who = _opened(data)
    from waybill.register import canaries

    other = canaries.CanaryKind.THING if thing else canaries.CanaryKind.COPY
    kind = canaries.CanaryKind.DECOYS if decoys else other
    made = canaries.ask(kind, document, asset, recipient, reason, who=who)
    told = f"{made.number}: another person approves it with `waybill canary decide {made.number}`"
    out.print(escape(say(told, f"{made.number}：由另一人以 `waybill canary decide {made.number}` 批准")))


@app.command()
def decide(
    number: Number,
    *,
    refuse: Annotated[bool, typer.Option("--refuse", help="Refuse it instead.")] = False,
    reason: Because,
    data: options.Data = options.DEFAULT_DATA,
) -> None:
    """Approve or refuse what another person asked for.

    Example:

    \b
      waybill canary decide 3 --reason "the buyer is new"
    """
    _, who = _opened(data)
    from waybill.register import canaries

    canaries.decide(number, not refuse, reason, who=who)
    out.print(say("refused", "已拒绝") if refuse else say("approved", "已批准"))


@app.command()
def revoke(number: Number, *, reason: Because, data: options.Data = options.DEFAULT_DATA) -> None:
    """Take a delivery back: nothing is made of it any more, and it is no longer looked for.

    Example:

    \b
      waybill canary revoke 3 --reason "the table was dropped"
    """
    _, who = _opened(data)
    from waybill.register import canaries

    canaries.revoke(number, reason, who=who)
    out.print(say("revoked", "已撤销"))


@app.command()
def make(
    number: Number,
    file: Annotated[Path, typer.Argument(help="What is copied: text, docx, or CSV for decoys.", metavar="FILE")],
    *,
    output: Annotated[Path, typer.Option("--output", "-o", help="Where to write the copy.")],
    data: options.Data = options.DEFAULT_DATA,
) -> None:
    """Make the copy of an approved delivery; it is recognised from now on.

    Example:

    \b
      waybill canary make 3 recipe-v7.docx -o for-buyer/recipe-v7.docx
    """
    installation, who = _opened(data)
    from waybill.flow.canaries import make as made

    if not file.is_file():
        raise InputError("there is no such file", where=str(file))
    output.write_bytes(made(installation, number, file.read_bytes(), who=who))
    out.print(escape(str(output)))


@app.command("list")
def list_(*, data: options.Data = options.DEFAULT_DATA, json: options.Json = False) -> None:
    """List deliveries.

    Example:

    \b
      waybill canary list --json
    """
    _opened(data)
    from waybill.register import canaries

    known = canaries.every()
    if json:
        write_json(known)
        return
    names = (say("number", "编号"), say("document", "文档"), say("recipient", "接收方"), say("state", "状态"))
    write_table(names, ((one.number, escape(one.document), escape(one.recipient), _state(one)) for one in known))


@app.command()
def find(
    file: Annotated[Path, typer.Argument(help="A file that was found somewhere, in any format.", metavar="FILE")],
    *,
    data: options.Data = options.DEFAULT_DATA,
    json: options.Json = False,
) -> None:
    """Say which delivery a file came from, by its marks or decoys. Exits 1 if it names one, 0 if none.

    A mark says which delivery was copied; it does not say who passed it on.

    Example:

    \b
      waybill canary find downloaded.pdf
    """
    installation, _ = _opened(data)
    from waybill.content.parsing import Readers
    from waybill.flow.canaries import find as found_in
    from waybill.register import canaries

    with Readers() as readers:
        found = found_in(installation, file, readers)
    known = {one.delivery: one for one in canaries.every()}
    if json:
        write_json([{"delivery": one.delivery.id, "certainty": one.certainty} for one in found])
    for one in found if not json else ():
        delivery = known[one.delivery.id]
        told = f"{delivery.delivery}: {delivery.document}, {delivery.recipient} ({one.certainty:.4%})"
        out.print(escape(told))
    if not found and not json:
        out.print(say("It holds no marks of ours.", "其中没有我方标记。"))
    raise typer.Exit(1 if found else 0)


def _state(one: Canary) -> str:
    if one.revoked_at:
        return say("revoked", "已撤销")
    if one.made_at:
        return say("made", "已制作")
    if one.approved is None:
        return say("to be decided", "待批准")
    return say("approved", "已批准") if one.approved else say("refused", "已拒绝")
