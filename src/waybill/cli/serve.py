"""``waybill serve``: receives what agents send, over HTTP, and finds leaks in it as it comes."""

from __future__ import annotations

from typing import Annotated

import typer

from waybill.cli import options

Host = Annotated[str, typer.Option(help="IP address to listen on.")]
Port = Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")]
BehindProxy = Annotated[
    bool, typer.Option("--behind-proxy", help="Listen beyond this machine: a proxy with TLS is in front.")
]


def command(
    *,
    data: options.Data = options.DEFAULT_DATA,
    host: Host = "127.0.0.1",
    port: Port = 8080,
    behind_proxy: BehindProxy = False,
) -> None:
    """Receive batches of records over HTTP and run detectors over them within seconds, until SIGTERM or Ctrl-C.

    What was answered with 200 is durable. The service speaks no TLS: it listens on this machine alone, and a proxy
    speaks for it to others. Its log is JSON lines on standard error.

    Examples:

    \b
      waybill serve
      waybill serve --data /var/lib/waybill --host 10.0.0.5 --behind-proxy
    """
    from waybill.console.server import Address, serve

    address = Address(host, port)
    address.check(behind_proxy=behind_proxy)
    serve(data, address)
