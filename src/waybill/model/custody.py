"""Custody events as detectors read them: who had which lot where, what became of it, what was measured and stated.

The tables hold what EPCIS 2.0 documents say, flat and typed. They are joined by ``number``, which is dense from 0 in
the order of event time, then of capture. Items are dictionary-encoded in the order of their first event, one chunk a
column, so that their codes are dense numbers of one dictionary per table. Words of the Core Business Vocabulary stand
bare (``commissioning``, ``in_transit``); any other word is the IRI that the document gave.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import pyarrow as pa

from waybill.model.transfers import TEXT, TIME

_TEXTS = pa.list_(pa.string())


class EventKind(StrEnum):
    """The five kinds of events of EPCIS 2.0."""

    OBJECT = "ObjectEvent"
    AGGREGATION = "AggregationEvent"
    TRANSACTION = "TransactionEvent"
    TRANSFORMATION = "TransformationEvent"
    ASSOCIATION = "AssociationEvent"


class Role(StrEnum):
    """What an item is to its event."""

    WHAT = "what"
    """Observed, made, shipped or received as it is (``epcList``, ``quantityList``)."""
    INPUT = "input"
    """Used up, wholly or in the quantity given, in a transformation."""
    OUTPUT = "output"
    """Came out of a transformation."""
    PARENT = "parent"
    """Holds the children: a pallet, a drum, a board, a server, a site; or is the parent of a transaction."""
    CHILD = "child"
    """Put into, taken out of or seen in the parent."""


class DocumentKind(StrEnum):
    """What an event refers to."""

    TRANSACTION = "transaction"
    """An order, a bill of lading, an invoice, an advice (``bizTransactionList``)."""
    CERTIFICATE = "certificate"
    """``certificationInfo``, or a business transaction of the type ``cert``, ``testres`` or ``pedigree``."""
    LICENCE = "licence"
    """A business transaction whose type ends in ``licence``, ``license`` or ``permit``."""


class MarkKind(StrEnum):
    """What contradicts the state that items were in when the event was captured; the event is kept all the same."""

    COMMISSIONED_AGAIN = "commissioned-again"
    """Something that exists already is said to come into being."""
    AFTER_DECOMMISSION = "after-decommission"
    """Something that has ceased to exist is seen again."""
    SECOND_PARENT = "second-parent"
    """Put into a parent while it is in another."""
    NOT_IN_PARENT = "not-in-parent"
    """Taken out of a parent that it is not in."""
    CYCLE = "cycle"
    """Put into something that it contains, or made of itself."""


EVENTS = pa.schema(
    [
        pa.field("number", pa.int64(), nullable=False),
        pa.field("id", pa.string(), nullable=False),  # eventID as given, else the CBV 2.0 hash id
        pa.field("transfer", pa.binary(), nullable=False),  # id of its first transfer in the lake: the evidence
        pa.field("kind", TEXT, nullable=False),  # EventKind
        pa.field("time", TIME, nullable=False),
        pa.field("recorded_at", TIME, nullable=False),
        pa.field("action", TEXT),  # ADD, OBSERVE, DELETE; null for a transformation
        pa.field("biz_step", TEXT),
        pa.field("disposition", TEXT),
        pa.field("read_point", TEXT),
        pa.field("biz_location", TEXT),
        pa.field("source_owner", TEXT),  # sourceList: owning_party, possessing_party, location
        pa.field("source_possessor", TEXT),
        pa.field("source_location", TEXT),
        pa.field("destination_owner", TEXT),
        pa.field("destination_possessor", TEXT),
        pa.field("destination_location", TEXT),
        pa.field("transformation", TEXT),  # transformationID: joins events that together are one transformation
        pa.field("set_dispositions", _TEXTS),  # persistentDisposition.set
        pa.field("unset_dispositions", _TEXTS),
        pa.field("submitter", TEXT),  # agent, program or source that captured it; never a person's name
        pa.field("declared_in_error", pa.bool_(), nullable=False),  # a later declaration says that it never happened
        pa.field("declared_at", TIME),
        pa.field("reason", TEXT),
        pa.field("corrective", _TEXTS),  # ids of the events that stand in its place
    ]
)
"""What happened, when, where, and between whom. An event declared in error did not happen: most detectors skip it."""

ITEMS = pa.schema(
    [
        pa.field("number", pa.int64(), nullable=False),
        pa.field("role", TEXT, nullable=False),  # Role
        pa.field("item", TEXT, nullable=False),  # canonical Digital Link (https://id.gs1.org/…), or the URI as given
        pa.field("is_class", pa.bool_(), nullable=False),  # a lot or product class rather than one serialised thing
        pa.field("quantity", pa.float64()),  # null: not stated; of an instance always 1
        pa.field("unit", TEXT),  # UN/ECE Recommendation 20 code as given; null: a count of pieces
        pa.field("amount", pa.float64()),  # the quantity in `base`; null where the unit is unknown
        pa.field("base", TEXT),  # KGM, LTR, MTR, MTK or EA
        pa.field("transfer", pa.binary(), nullable=False),  # its own transfer in the lake, else that of the event
    ]
)
"""Which items an event was about. Quantities of one item in one role and event are added up."""

READINGS = pa.schema(
    [
        pa.field("number", pa.int64(), nullable=False),
        pa.field("item", TEXT),  # null: the event is about several, and the reading does not say which
        pa.field("time", TIME),
        pa.field("type", TEXT),  # GS1 measurement type, bare: Temperature, MassFraction (as a rule), …
        pa.field("substance", TEXT),  # chemicalSubstance
        pa.field("component", TEXT),
        pa.field("value", pa.float64()),
        pa.field("min", pa.float64()),
        pa.field("max", pa.float64()),
        pa.field("mean", pa.float64()),
        pa.field("deviation", pa.float64()),  # sDev
        pa.field("percent", pa.float64()),  # percValue at percRank
        pa.field("unit", TEXT),  # uom as given
        pa.field("amount", pa.float64()),  # value (else mean) in `base`; null where the unit is unknown
        pa.field("base", TEXT),  # SI-coherent code of that dimension (KEL, PAL, KGM, …); C62 for fractions
        pa.field("text", TEXT),  # stringValue, uriValue, hexBinaryValue or booleanValue
        pa.field("device", TEXT),
        pa.field("exception", TEXT),  # ALARM_CONDITION or ERROR_CONDITION
    ]
)
"""Assays and other measured values (``sensorElementList``)."""

DOCUMENTS = pa.schema(
    [
        pa.field("number", pa.int64(), nullable=False),
        pa.field("kind", TEXT, nullable=False),  # DocumentKind
        pa.field("type", TEXT),  # po, desadv, inv, bol, cert, …
        pa.field("document", TEXT, nullable=False),
    ]
)
"""Orders, advices, certificates and licences that an event refers to."""

ATTRIBUTES = pa.schema(
    [
        pa.field("number", pa.int64(), nullable=False),
        pa.field("item", TEXT),  # null: of all items of the event
        pa.field("name", TEXT, nullable=False),  # local name: hsCode, countryOfOrigin, grade, purity, …
        pa.field("namespace", TEXT),
        pa.field("value", TEXT, nullable=False),
    ]
)
"""What was stated beyond the standard: master data of instances and lots (``ilmd``) and extensions of the event."""

MASTER_DATA = pa.schema(
    [
        pa.field("vocabulary", TEXT, nullable=False),  # BusinessLocation, ReadPoint, EPCClass, SourceDest, …
        pa.field("id", TEXT, nullable=False),
        pa.field("name", TEXT, nullable=False),  # local name: latitude, longitude, countryCode, …
        pa.field("value", TEXT, nullable=False),
    ]
)
"""What documents say of places, parties and product classes, the latest statement of each."""

MARKS = pa.schema(
    [
        pa.field("number", pa.int64(), nullable=False),
        pa.field("item", TEXT, nullable=False),
        pa.field("kind", TEXT, nullable=False),  # MarkKind
        pa.field("other", TEXT),  # id of the event, or the parent, that it contradicts
    ]
)
"""Contradictions that were found when events were captured."""


@dataclass(frozen=True, slots=True)
class Custody:
    """Every custody event known at one moment, in the schemas of this module."""

    events: pa.Table
    items: pa.Table
    readings: pa.Table
    documents: pa.Table
    attributes: pa.Table
    master_data: pa.Table
    marks: pa.Table

    @classmethod
    def empty(cls) -> Custody:
        """Return custody without any event."""
        return cls(*(schema.empty_table() for schema in SCHEMAS))


SCHEMAS = (EVENTS, ITEMS, READINGS, DOCUMENTS, ATTRIBUTES, MASTER_DATA, MARKS)
"""The schemas of the tables of ``Custody``, in its order."""
