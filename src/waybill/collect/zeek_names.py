"""What Zeek says of DNS and HTTP, also by the names that Sigma's general categories use for the same thing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Record = dict[str, Any]

_DNS = {"record_type": "qtype_name", "answer": "answers"}
_HTTP = {"c-uri": "uri", "c-useragent": "user_agent"}


def read_dns(record: Record) -> Record:
    """Return the record with ``record_type`` and ``answer`` added; the same object."""
    return _renamed(record, _DNS)


def read_http(record: Record) -> Record:
    """Return the record with ``c-uri`` and ``c-useragent`` added; the same object."""
    return _renamed(record, _HTTP)


def _renamed(record: Record, names: Mapping[str, str]) -> Record:
    record.update({name: record[own] for name, own in names.items() if own in record})
    return record
