"""What Zeek says of a DNS query, also by the names that Sigma's category ``dns`` uses."""

from __future__ import annotations

from typing import Any

Record = dict[str, Any]


def read(record: Record) -> Record:
    """Return the record with ``record_type`` and ``answer`` added, which Zeek calls otherwise; the same object."""
    for name, zeek in (("record_type", "qtype_name"), ("answer", "answers")):
        if zeek in record:
            record.setdefault(name, record[zeek])
    return record
