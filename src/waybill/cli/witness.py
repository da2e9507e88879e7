"""``waybill ledger witness``: this installation cosigns the logs of others, so that none can be rewritten unseen."""

from __future__ import annotations

from typing import Annotated

import typer

from waybill.cli import options
from waybill.cli.language import say
from waybill.cli.output import out, write_json

app = typer.Typer(help="Cosign the logs of others, as they cosign this one.", no_args_is_help=True)

PORT = 7310


@app.command()
def add(
    key: Annotated[str, typer.Argument(help="A log's verifier key, as its `ledger status` shows it.", metavar="KEY")],
    *,
    data: options.Data = options.DEFAULT_DATA,
) -> None:
    """Cosign the checkpoints of another log from now on.

    Examples:

    \b
      waybill ledger witness add example.com/ledger+3f2a9c01+AT1x…
    """
    from waybill.flow.installation import Installation
    from waybill.flow.proof.witnessing import add_log
    from waybill.ledger import VerifierKey

    log = VerifierKey.parse(key)
    add_log(Installation.open(data), log)
    out.print(say(f"{log.name} is cosigned from now on", f"自此联署 {log.name}"), markup=False)


@app.command()
def keys(*, data: options.Data = options.DEFAULT_DATA, json: options.Json = False) -> None:
    """Show the keys that this installation cosigns with; whoever wants it as witness puts one into his policy."""
    from waybill.flow.installation import Installation
    from waybill.flow.proof.witnessing import signers

    shown = [str(signer.verifier) for signer in signers(Installation.open(data))]
    if json:
        write_json(shown)
        return
    for key in shown:
        out.print(key, markup=False, soft_wrap=True)


@app.command()
def serve(
    *,
    host: Annotated[str, typer.Option(help="Address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen at; 0 takes a free one.")] = PORT,
    data: options.Data = options.DEFAULT_DATA,
) -> None:
    """Answer requests for cosignatures (c2sp.org/tlog-witness) until interrupted.

    Speaks plain HTTP; put a server that speaks HTTPS before it where others reach it over a network.

    Examples:

    \b
      waybill ledger witness serve --port 7310
    """
    from waybill.flow.installation import Installation
    from waybill.flow.proof.witnessing import witness_of
    from waybill.ledger.server import WitnessServer

    with WitnessServer(witness_of(Installation.open(data)), host, port) as server:
        out.print(say(f"witness at {server.address}", f"见证服务位于 {server.address}"), markup=False)
        server.serve_forever()
