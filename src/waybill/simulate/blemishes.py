"""Records that cannot be read, and records that nobody may read."""

from __future__ import annotations

import orjson

from waybill.simulate.journal import Part, Tag
from waybill.simulate.leaks import Scene
from waybill.simulate.sources import endpoint, ocsf, transfers, windows
from waybill.simulate.sources.log import Layout
from waybill.simulate.trades import Trade

_REPORTS = (0.15, 0.55, 0.9)
"""When somebody writes to the protected line."""


def stage(scene: Scene) -> None:
    """Write broken lines into four sources, and messages to the protected line."""
    for trade, layout, line in (
        (Trade.TOWN, transfers.LAYOUT, '{{"time":"2025-05-07T03:00:00Z","action":"{}'),
        (
            Trade.TOWN,
            transfers.LAYOUT,
            '{{"time":"2025-05-07T03:00:00Z","action":"teleport","channel":"file","note":"{}"}}',
        ),
        (Trade.CLINIC, transfers.LAYOUT, '{{"time":"the other day","action":"read","channel":"file","note":"{}"}}'),
        (Trade.COAL, windows.LAYOUT, '{{"@timestamp":"2025-05-07T03:00:00Z","winlog":{{"channel":"{}'),
        (Trade.CLINIC, ocsf.LAYOUT, '{{"class_uid":6003,"activity_id":2,"time":17724,"{}'),
        (Trade.CHIPS, endpoint.LAYOUT, "2025-13-40 25:61:00,{},,U盘读取,,,1,,,成功"),
    ):
        _write_broken(scene, trade, layout, line)
    for share in _REPORTS:
        _report(scene, share)


def _write_broken(scene: Scene, trade: Trade, layout: Layout, line: str) -> None:
    marker = scene.names.token(14)
    moment = scene.moment(scene.day(scene.random.random() * 0.9))
    encoding = "gb18030" if layout is endpoint.LAYOUT else "utf-8"
    scene.offices[trade].write(layout, moment, line.format(marker).encode(encoding), Tag(Part.BROKEN, marker))


def _report(scene: Scene, share: float) -> None:
    """Write to the protected line, once in a whole record and once in one that was cut off."""
    office = scene.offices[Trade.MAGNETS]
    sender = office.organisation.mail(office.organisation.people[0])
    moment, marker = scene.moment(scene.day(share)), f"陈述-{scene.names.token(8)}.docx"
    receiver = scene.books.protected_address
    office.mail(moment, sender, receiver, marker, size=90_000, attached=1, tag=Tag(Part.PROTECTED, marker))
    marker = f"陈述-{scene.names.token(8)}.docx"
    cut = orjson.dumps({"time": f"{moment:%Y-%m-%dT%H:%M:%SZ}", "to_party": receiver, "asset": marker})[:-1]
    office.write(transfers.LAYOUT, moment, cut, Tag(Part.PROTECTED, marker))
