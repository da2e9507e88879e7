"""Queries of the standard (EPCIS 2.0, section 8.2.7): read strictly, so that a misspelt condition is never passed over.

A query is conditions on columns, which SQLite judges, and conditions on what stands only in the event itself (sensors,
extensions), which are judged event by event.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from waybill.epcis.document import KINDS, Event
from waybill.epcis.facts import PARTIES
from waybill.epcis.identifiers import canonical
from waybill.epcis.inside import inside
from waybill.epcis.moments import moment
from waybill.epcis.store import literal, to_number
from waybill.epcis.units import UNITS
from waybill.epcis.vocabulary import TRANSACTION_TYPES, bare
from waybill.model.errors import InputError

MOST = 1000
"""Events a page."""

Test = Callable[[Event], bool]
_COMPARED = {"EQ": "=", "GT": ">", "GE": ">=", "LT": "<", "LE": "<="}

_WORDS: dict[str, tuple[str, Callable[[str], str]]] = {
    "EQ_action": ("action", str), "EQ_bizStep": ("biz_step", lambda word: bare("bizStep", word)),
    "EQ_disposition": ("disposition", lambda word: bare("disposition", word)),
    "EQ_readPoint": ("read_point", canonical), "EQ_bizLocation": ("biz_location", canonical),
    "EQ_transformationID": ("transformation", str), "EQ_eventID": ("id", str), "eventType": ("kind", str),
    "EQ_errorReason": ("reason", lambda word: bare("reason", word)),
}  # fmt: skip
_ALLOWED = {"EQ_action": ("ADD", "OBSERVE", "DELETE"), "eventType": KINDS}
_MATCHES = {
    "MATCH_epc": (("what", "child"), 0), "MATCH_parentID": (("parent",), 0), "MATCH_inputEPC": (("input",), 0),
    "MATCH_outputEPC": (("output",), 0), "MATCH_anyEPC": ((), 0), "MATCH_epcClass": (("what", "child"), 1),
    "MATCH_inputEPCClass": (("input",), 1), "MATCH_outputEPCClass": (("output",), 1), "MATCH_anyEPCClass": ((), 1),
}  # fmt: skip
_TIMES = {
    "eventTime": "time", "recordTime": "recorded_at", "errorDeclarationTime": "declared_at",
    "errorDeclaration_Time": "declared_at",
}  # fmt: skip
_SIDES = {"source": PARTIES, "destination": PARTIES}
_COLUMNS = {"owning_party": "owner", "possessing_party": "possessor", "location": "location"}
_QUANTITY = re.compile(r"(EQ|GT|GE|LT|LE)_quantity(?:_([A-Z0-9]{2,3}))?")


@dataclass(slots=True)
class Query:
    """A query that was read."""

    wheres: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)
    tests: list[Test] = field(default_factory=list)
    order: str = "time"
    descending: bool = True
    limit: int | None = None
    """``eventCountLimit``: so many at most, quietly."""
    most: int | None = None
    """``maxEventCount``: more than so many are an error."""

    @classmethod
    def parse(cls, parameters: Mapping[str, Any]) -> Query:
        """Read parameters, lists or single values. Raises QueryParameterError for one that is not known or wrong."""
        query = cls()
        for name, value in parameters.items():
            if not name.startswith("@"):
                query._take(name, value)
        return query

    def where(self, condition: str, *values: Any) -> None:
        """Add a condition on columns of ``event``."""
        self.wheres.append(condition)
        self.values += values

    def _take(self, name: str, value: Any) -> None:
        prefix, _, rest = name.partition("_")
        if name in _WORDS:
            self._word(name, value)
        elif name in _MATCHES:
            self._match(name, value)
        elif prefix in _COMPARED and rest in _TIMES:
            self.where(f"{_TIMES[rest]} {_COMPARED[prefix]} ?", _moment(name, value))
        elif found := _QUANTITY.fullmatch(name):
            self._quantity(found[1], found[2], value, name)
        elif not (self._listed(name, prefix, rest, value) or self._control(name, value)):
            self.tests.append(inside(name, value))

    def _word(self, name: str, value: Any) -> None:
        column, meant = _WORDS[name]
        words = [meant(word) for word in _texts(name, value)]
        wrong = [word for word in words if name in _ALLOWED and word not in _ALLOWED[name]]
        if wrong:
            raise QueryParameterError(name, f"there is no such word: {wrong[0][:60]}", ", ".join(_ALLOWED[name]))
        self.where(f"{column} IN ({_marks(words)})", *words)

    def _match(self, name: str, value: Any) -> None:
        roles, is_class = _MATCHES[name]
        names = [canonical(text) for text in _texts(name, value)]
        like = " OR ".join("item.item = ? OR item.item LIKE ? ESCAPE '\\'" for _ in names)
        values = [one for item in names for one in (item, literal(item) + "/%")]
        role = f"role IN ({_marks(roles)}) AND " if roles else ""
        self.where(
            f"number IN (SELECT event FROM event_item JOIN item ON item.number = event_item.item "  # noqa: S608
            f"WHERE {role}event_item.is_class = ? AND ({like}))",
            *roles, is_class, *values,
        )  # fmt: skip

    def _quantity(self, relation: str, unit: str | None, value: Any, name: str) -> None:
        numbers = [_number(name, one) for one in (value if isinstance(value, list) else [value])]
        compared = _COMPARED[relation]
        if unit is None:
            either = " OR ".join(f"quantity {compared} ?" for _ in numbers)
            self.where(f"number IN (SELECT event FROM event_item WHERE is_class = 1 AND ({either}))", *numbers)  # noqa: S608
            return
        known = UNITS.get(unit)
        factors = {code: float(one.factor) for code, one in UNITS.items() if known and one.base == known.base}
        factors = factors or {unit: 1.0}
        own = factors[unit]
        choices = " OR ".join(
            f"(unit = ? AND round(quantity * ? - ? * ?, 12) {compared} 0)" for _ in numbers for _ in factors
        )
        values = [one for number in numbers for code, factor in factors.items() for one in (code, factor, number, own)]
        self.where(f"number IN (SELECT event FROM event_item WHERE is_class = 1 AND ({choices}))", *values)  # noqa: S608

    def _listed(self, name: str, prefix: str, rest: str, value: Any) -> bool:
        """Take conditions on lists of an event; returns whether it was one."""
        kind, _, type = rest.partition("_")
        if prefix == "EQ" and kind in _SIDES and type:
            column = f"{kind}_{_COLUMNS.get(bare('party', type), '')}"
            if column.endswith("_"):
                raise QueryParameterError(name, "there is no such type of party", ", ".join(PARTIES))
            names = [canonical(text) for text in _texts(name, value)]
            self.where(f"{column} IN ({_marks(names)})", *names)
        elif prefix == "EQ" and kind == "bizTransaction":
            self._transaction(bare("transaction", type), _texts(name, value))
        elif name in ("EQ_persistentDisposition_set", "EQ_persistentDisposition_unset"):
            words = [bare("disposition", word) for word in _texts(name, value)]
            column = f"{type}_dispositions"
            self.where(f"EXISTS (SELECT 1 FROM json_each({column}) WHERE value IN ({_marks(words)}))", *words)  # noqa: S608
        elif name == "EQ_correctiveEventID":
            ids = _texts(name, value)
            self.where(f"EXISTS (SELECT 1 FROM json_each(corrective) WHERE value IN ({_marks(ids)}))", *ids)  # noqa: S608
        elif name == "EXISTS_errorDeclaration":
            self.where("declares")
        elif prefix == "WD" and rest in ("readPoint", "bizLocation"):
            column = "read_point" if rest == "readPoint" else "biz_location"
            names = [canonical(text) for text in _texts(name, value)]
            choices = " OR ".join(f"{column} = ? OR {column} LIKE ? ESCAPE '\\'" for _ in names)
            self.where(f"({choices})", *(one for place in names for one in (place, literal(place) + "/%")))
        else:
            return False
        return True

    def _transaction(self, type: str, documents: list[str]) -> None:
        names = [canonical(text) for text in documents]
        typed = "type = ? AND " if type in TRANSACTION_TYPES or type else ""
        self.where(
            f"number IN (SELECT event FROM paper WHERE {typed}document IN ({_marks(names)}))",  # noqa: S608
            *([type] if typed else []), *names,
        )  # fmt: skip

    def _control(self, name: str, value: Any) -> bool:
        """Take what says how results come; returns whether it was that."""
        if name == "orderBy":
            if value not in ("eventTime", "recordTime"):
                raise QueryParameterError(name, "events cannot be put in this order", "eventTime or recordTime")
            self.order = _TIMES[value]
        elif name == "orderDirection":
            if value not in ("ASC", "DESC"):
                raise QueryParameterError(name, "there is no such direction", "ASC or DESC")
            self.descending = value == "DESC"
        elif name in ("eventCountLimit", "maxEventCount"):
            count = int(_number(name, value))
            if count < 1:
                raise QueryParameterError(name, "no events at all", "1 or more")
            self.limit, self.most = (count, self.most) if name == "eventCountLimit" else (self.limit, count)
        else:
            return False
        return True


class QueryParameterError(InputError):
    """A parameter of a query is not known, or its value is wrong."""

    def __init__(self, name: str, what: str, expected: str) -> None:
        super().__init__(what, where=name[:100], expected=expected)


def _texts(name: str, value: Any) -> list[str]:
    texts = value if isinstance(value, list) else [value]
    if not texts or not all(isinstance(text, str) and text for text in texts):
        raise QueryParameterError(name, "not a list of texts", "one text, or several")
    return texts


def _moment(name: str, value: Any) -> int:
    try:
        return to_number(moment(str(value)))
    except ValueError:
        raise QueryParameterError(name, "this is no moment", "for example 2026-02-28T10:30:00+08:00") from None


def _number(name: str, value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise QueryParameterError(name, "this is no number", "a number") from None


def _marks(values: Any) -> str:
    return ", ".join("?" * len(values))
