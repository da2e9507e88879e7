"""Access log of a web server: the combined format, the virtual host before it and the response's entity tag behind it.

``LogFormat "%v %h %l %u %t \\"%r\\" %>s %O \\"%{Referer}i\\" \\"%{User-Agent}i\\" \\"%{ETag}o\\""``, see
https://httpd.apache.org/docs/2.4/mod/mod_log_config.html
"""

from __future__ import annotations

from datetime import datetime

from waybill.simulate.sources.log import Layout
from waybill.simulate.sources.values import BROWSER

LAYOUT = Layout("{owner}/web/access-{month}.log.gz")


_MONTHS = ("", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def request(
    time: datetime,
    *,
    server: str,
    address: str,
    path: str,
    status: int,
    size: int,
    method: str = "GET",
    user: str = "-",
    etag: str = "",
    referer: str = "-",
    agent: str = BROWSER,
) -> bytes:
    """Write that a client asked ``server`` for ``path``, which must be percent-encoded; ``size`` is what was sent.

    ``etag`` is the strong entity tag without its quotes (RFC 9110, 8.8.3), as of a file: the hash of what was served.
    """
    moment = f"{time:%d}/{_MONTHS[time.month]}/{time:%Y:%H:%M:%S} +0000"
    tag = f'\\"{etag}\\"' if etag else "-"
    line = f'{server} {address} - {user} [{moment}] "{method} {path} HTTP/1.1" {status} {size}'
    return f'{line} "{_escaped(referer)}" "{_escaped(agent)}" "{tag}"'.encode()


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')
