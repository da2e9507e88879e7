"""The least that an application must do to keep a batch: read, parse each record, write, sync, answer.

What ``bench service`` is held against. It knows no tokens, no people, no ids, no mappings and no table.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from typing import Any

import msgspec

_log = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115  for as long as the process lives


class Event(msgspec.Struct):
    """What each record must be."""

    time: str
    action: str
    channel: str
    actor: str = ""
    asset: str = ""


_decoder = msgspec.json.Decoder(Event)


def application(environ: dict[str, Any], start: Callable[[str, list[tuple[str, str]]], Any]) -> list[bytes]:
    """Keep a batch and answer."""
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    accepted = len(_decoder.decode_lines(body))
    _log.write(body)
    os.fdatasync(_log.fileno())
    start("200 OK", [("Content-Type", "application/json")])
    return [b'{"accepted":%d}' % accepted]
