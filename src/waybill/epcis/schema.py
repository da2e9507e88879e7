"""The JSON Schema of an event, our own, made from the fields and words that EPCIS 2.0 and CBV 2.0 define.

It says which fields an event of a kind has, of which form, and which words are of the standard. What a schema cannot
say is in ``semantics``.
"""

from __future__ import annotations

from typing import Any

from waybill.epcis import vocabulary
from waybill.epcis.document import KINDS

Schema = dict[str, Any]

_URI: Schema = {"type": "string", "pattern": r"^[A-Za-z][A-Za-z0-9+.\-]*:\S+$", "maxLength": 2000}
_TIME: Schema = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,40})?(Z|[+-]\d\d:\d\d)$"}
_NUMBER: Schema = {"type": "number"}
_TEXT: Schema = {"type": "string"}
_EXTENSION = r"^[^:\s]+:[^\s]+$"
"""Names of extensions have a prefix."""

OF_THE_STANDARD = r"^(?!urn:epcglobal:cbv:|https?://ns\.gs1\.org/cbv/)"
"""A word of one's own is an address, and not one of those that the standard keeps for its words."""


def _word(words: frozenset[str]) -> Schema:
    return {"anyOf": [{"enum": sorted(words)}, {"allOf": [_URI, {"pattern": OF_THE_STANDARD}]}]}


def _list(items: Schema, **more: object) -> Schema:
    return {"type": "array", "items": items, **more}


def _object(fields: dict[str, Schema], *required: str, open_: bool = False) -> Schema:
    return {
        "type": "object",
        "properties": fields,
        "patternProperties": {_EXTENSION: {}} if open_ else {},
        "required": list(required),
        "additionalProperties": False,
    }


def _typed(name: str, words: frozenset[str], *required: str) -> Schema:
    return _list(_object({"type": _word(words), name: _URI}, name, *required))


_QUANTITIES = _list(
    _object(
        {"epcClass": _URI, "quantity": {"type": "number", "minimum": 0}, "uom": {"pattern": r"^[A-Z0-9]{2,3}$"}},
        "epcClass",
    )
)
_PLACE = _object({"id": _URI}, "id", open_=True)
_DISPOSITIONS = _list(_word(vocabulary.DISPOSITIONS), minItems=1, uniqueItems=True)

_INLINE = {"time": _TIME, "deviceID": _URI, "deviceMetadata": _URI, "rawData": _URI, "dataProcessingMethod": _URI}
_METADATA = _object(_INLINE | {"startTime": _TIME, "endTime": _TIME, "bizRules": _URI}, open_=True)
_REPORT = _object(
    {
        **_INLINE,
        "type": {"anyOf": [{"enum": sorted(vocabulary.MEASUREMENTS)}, {"allOf": [_URI]}]},
        "exception": _word(vocabulary.EXCEPTIONS),
        "component": _word(vocabulary.COMPONENTS),
        **dict.fromkeys(("microorganism", "chemicalSubstance", "coordinateReferenceSystem", "uriValue"), _URI),
        **dict.fromkeys(("value", "minValue", "maxValue", "meanValue", "sDev", "percRank", "percValue"), _NUMBER),
        "bizRules": _URI,
        "stringValue": _TEXT,
        "booleanValue": {"type": "boolean"},
        "hexBinaryValue": {"type": "string", "pattern": "^[A-Fa-f0-9]+$"},
        "uom": _TEXT,
    },
    open_=True,
) | {"anyOf": [{"required": ["type"]}, {"required": ["exception"]}]}

_COMMON: dict[str, Schema] = {
    "@context": {},
    "type": _TEXT,
    "eventID": _URI,
    "eventTime": _TIME,
    "recordTime": _TIME,
    "eventTimeZoneOffset": {"type": "string", "pattern": r"^[+-]((0[0-9]|1[0-3]):[0-5][0-9]|14:00)$"},
    "certificationInfo": {"anyOf": [_URI, _list(_URI)]},
    "errorDeclaration": _object(
        {"declarationTime": _TIME, "reason": _word(vocabulary.ERROR_REASONS), "correctiveEventIDs": _list(_URI)},
        "declarationTime",
        open_=True,
    ),
    "bizStep": _word(vocabulary.BIZ_STEPS),
    "disposition": _word(vocabulary.DISPOSITIONS),
    "persistentDisposition": {
        **_object({"set": _DISPOSITIONS, "unset": _DISPOSITIONS}),
        "minProperties": 1,
    },
    "readPoint": _PLACE,
    "bizLocation": _PLACE,
    "bizTransactionList": _typed("bizTransaction", vocabulary.TRANSACTION_TYPES),
    "sourceList": _typed("source", vocabulary.PARTY_TYPES, "type"),
    "destinationList": _typed("destination", vocabulary.PARTY_TYPES, "type"),
    "sensorElementList": _list(
        _object({"sensorMetadata": _METADATA, "sensorReport": _list(_REPORT, minItems=1)}, "sensorReport", open_=True)
    ),
}
_ACTION: Schema = {"enum": ["ADD", "OBSERVE", "DELETE"]}
_ILMD: Schema = {"type": "object", "patternProperties": {_EXTENSION: {}}, "additionalProperties": False}
_EPCS = _list(_URI)

_OWN: dict[str, dict[str, Schema]] = {
    "ObjectEvent": {"action": _ACTION, "epcList": _EPCS, "quantityList": _QUANTITIES, "ilmd": _ILMD},
    "AggregationEvent": {
        "action": _ACTION, "parentID": _URI, "childEPCs": _EPCS, "childQuantityList": _QUANTITIES,
    },
    "TransactionEvent": {
        "action": _ACTION, "parentID": _URI, "epcList": _EPCS, "quantityList": _QUANTITIES,
    },
    "TransformationEvent": {
        "inputEPCList": _EPCS, "inputQuantityList": _QUANTITIES, "outputEPCList": _EPCS,
        "outputQuantityList": _QUANTITIES, "transformationID": _URI, "ilmd": _ILMD,
    },
    "AssociationEvent": {
        "action": _ACTION, "parentID": _URI, "childEPCs": _EPCS, "childQuantityList": _QUANTITIES,
    },
}  # fmt: skip

_REQUIRED = ("type", "eventTime", "eventTimeZoneOffset")


def schema_of(kind: str) -> Schema:
    """Return the schema of one kind of event."""
    required = (*_REQUIRED, "action") if "action" in _OWN[kind] else _REQUIRED
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **_object(_COMMON | _OWN[kind], *required, open_=True),
    }


SCHEMAS = {kind: schema_of(kind) for kind in KINDS}
"""The schema of each kind of event."""
