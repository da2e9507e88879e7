"""Native access log of the Squid proxy.

``%ts.%03tu %6tr %>a %Ss/%03>Hs %<st %rm %ru %[un %Sh/%<a %mt``, the built-in format ``squid``; its size is what the
client received. What the client sent takes a format of one's own: ``sent`` writes ``%>st`` behind all other fields.
See https://www.squid-cache.org/Doc/config/logformat/
"""

from __future__ import annotations

from datetime import datetime

from waybill.simulate.sources.log import Layout

LAYOUT = Layout("{owner}/squid/access-{month}.log.gz")


def request(
    time: datetime,
    *,
    address: str,
    url: str,
    status: int,
    received: int,
    method: str = "GET",
    user: str = "-",
    peer: str = "-",
    content_type: str = "-",
    elapsed: int = 100,
    result: str = "TCP_MISS",
    sent: int | None = None,
) -> bytes:
    """Write that a client fetched ``url`` through the proxy (``host:443`` for the method CONNECT).

    ``elapsed`` is in milliseconds, ``peer`` the server's address, ``received`` and ``sent`` are the client's bytes.
    """
    if method == "CONNECT" and result == "TCP_MISS":
        result = "TCP_TUNNEL"
    hierarchy = f"HIER_DIRECT/{peer}" if peer != "-" else "HIER_NONE/-"
    line = (
        f"{time.timestamp():.3f} {elapsed:6d} {address} {result}/{status:03d} {received} {method} {url} {user}"
        f" {hierarchy} {content_type}"
    )
    return (line if sent is None else f"{line} {sent}").encode()
