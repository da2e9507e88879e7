"""The one table: a row says that at a time a party moved an asset from a place to a place over a channel.

Columns are flat and typed. Each documents where OCSF 1.8 or EPCIS 2.0 keep the same thing. Strings are
dictionary-encoded in memory, since a day has few distinct values and rules look at each value once.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from waybill.model.ids import ID_BYTES

TEXT = pa.dictionary(pa.int32(), pa.string())
"""A dictionary-encoded string column."""

TIME = pa.timestamp("us", tz="UTC")
"""A moment, to the microsecond, in UTC."""

FIELDS = pa.map_(pa.string(), pa.string())
"""The source's own fields by dotted path. A field with several values holds them joined by ``SEPARATOR``."""

ENCODED_FIELDS = pa.map_(TEXT, TEXT)
"""The same with each distinct name and text once: what is stored is read so, for rules look at each once."""

SEPARATOR = "\x1f"
"""Joins the values of a multi-valued source field (ASCII unit separator)."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the table: its Arrow type, its meaning, and its path in OCSF 1.8 and EPCIS 2.0."""

    name: str
    type: pa.DataType
    meaning: str
    ocsf: str = ""
    epcis: str = ""
    required: bool = False


COLUMNS: tuple[Column, ...] = (
    Column("time", TIME, "when it happened, by the source's clock", "time", "eventTime", required=True),
    Column(
        "recorded_at",
        TIME,
        "when this system first kept it",
        "metadata.logged_time",
        "recordTime",
        required=True,
    ),
    Column(
        "sequence",
        pa.int64(),
        "number of the write-ahead-log entry it arrived in",
        "metadata.sequence",
        required=True,
    ),
    Column(
        "id",
        pa.binary(),
        "16 bytes; equal when the same record of the same source is read again",
        "metadata.uid",
        "eventID",
        required=True,
    ),
    Column("source", TEXT, "name of the source the record came from", "metadata.log_provider", "", required=True),
    Column(
        "logsource",
        TEXT,
        "Sigma log source as product/category/service, parts may be empty",
        "metadata.log_name",
    ),
    Column("action", TEXT, "what was done, see words.Action", "activity_name", "bizStep", required=True),
    Column("outcome", TEXT, "success, failure, blocked or unknown", "status", "disposition", required=True),
    Column("channel", TEXT, "the way it went, see words.Channel", "class_name", "", required=True),
    Column(
        "actor",
        TEXT,
        "who did it: a pseudonym for a person, a name for a service",
        "actor.user.uid",
        "sourceList.source",
    ),
    Column("actor_kind", TEXT, "person, service, organisation or site", "actor.user.type"),
    Column(
        "actor_org",
        TEXT,
        "organisation or account the actor belongs to",
        "actor.user.org.uid",
        "sourceList.source",
    ),
    Column("application", TEXT, "program or service used", "actor.app_name"),
    Column(
        "asset",
        TEXT,
        "what moved, as the source names it (path, object key, table, lot)",
        "resources.uid",
        "epcList",
    ),
    Column("asset_kind", TEXT, "see words.AssetKind", "resources.type"),
    Column(
        "grade",
        TEXT,
        "grade of the asset when it was recorded, see words.Grade",
        "resources.data_classifications.confidentiality",
    ),
    Column("from_place", TEXT, "where it was: host, bucket, site", "src_endpoint.hostname", "readPoint"),
    Column(
        "to_place",
        TEXT,
        "where it went: host, bucket, domain, device, site",
        "dst_endpoint.hostname",
        "bizLocation",
    ),
    Column("to_party", TEXT, "who got it: a pseudonym for a person", "email.to", "destinationList.destination"),
    Column("to_jurisdiction", TEXT, "ISO 3166-1 alpha-2 code of where it went", "dst_endpoint.location.country"),
    Column("bytes", pa.int64(), "size in bytes", "traffic.bytes"),
    Column("records", pa.int64(), "number of records (rows, messages, files)"),
    Column("quantity", pa.float64(), "amount of a material, in `unit`", "", "quantityList.quantity"),
    Column("unit", TEXT, "UN/ECE Recommendation 20 code of `quantity`", "", "quantityList.uom"),
    Column("permit", TEXT, "permit the source itself names", "policy.uid", "bizTransactionList.bizTransaction"),
    Column("origin", TEXT, "file it was read from, relative to what was named", "metadata.log_source"),
    Column("position", pa.int64(), "line or record number in `origin`, from 1"),
    Column("fields", FIELDS, "the source's own fields by dotted path, for rules", "unmapped"),
    Column("raw", pa.binary(), "the record as JSON, names replaced by pseudonyms", "raw_data"),
)
"""Every column, in order."""

SCHEMA = pa.schema([pa.field(column.name, column.type, nullable=not column.required) for column in COLUMNS])
"""The Arrow schema of stored transfers."""

ASSIGNED_BY_LAKE = ("recorded_at", "sequence")
"""Columns that the lake fills in; a collector leaves them out."""

COLLECTED = pa.schema([field for field in SCHEMA if field.name not in ASSIGNED_BY_LAKE])
"""The Arrow schema of what a collector hands over."""

NAMES: tuple[str, ...] = tuple(column.name for column in COLUMNS)
"""Column names, in order."""


def empty() -> pa.Table:
    """Return a table of transfers with no rows."""
    return SCHEMA.empty_table()


def id_column(joined: bytes) -> pa.Array:
    """Return ids, given one behind the other, as a column."""
    count = len(joined) // ID_BYTES
    fixed = pa.FixedSizeBinaryArray.from_buffers(pa.binary(ID_BYTES), count, [None, pa.py_buffer(joined)])
    return fixed.cast(pa.binary())
