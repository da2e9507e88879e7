"""RFC 3161 time stamps over the ledger's checkpoints, one a day, where the settings name an authority."""

from __future__ import annotations

import time
from collections.abc import Iterator

from waybill.flow.installation import Installation
from waybill.ledger import Checkpoint, Log
from waybill.model.errors import WaybillError

EVERY = 86_400.0
"""Seconds between two tokens."""


def stamp_if_due(installation: Installation, log: Log) -> Iterator[str]:
    """Get a token over the checkpoint that is shown, if the last one is old; yields what went wrong."""
    settings = installation.settings
    if settings.timestamp_url is None:
        return
    if settings.timestamp_roots is None:
        yield "time stamps cannot be checked: set `timestamp_roots` to the authority's certificates"
        return
    taken = {int(path.stem): path.stat().st_mtime for path in (log.folder / "timestamps").glob("*.tsr")}
    size = Checkpoint.parse(log.published.text).size
    if size in taken or time.time() - max(taken.values(), default=0.0) < EVERY:
        return
    from waybill.ledger.timestamps import authority, read_roots, stamp

    try:
        stamp(log.folder, log.published, authority(settings.timestamp_url), read_roots(settings.timestamp_roots))
    except WaybillError as error:
        yield f"no time stamp: {error}"
