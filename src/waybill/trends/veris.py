"""VERIS 1.4.1 JSON: read into incidents, and written from them (verisframework.org).

What VERIS has no field for stands under ``plus.waybill``, which its schema leaves free. Names, notes and summaries of
people are not taken: they are prose, and nothing here counts prose.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from waybill.cases.words import Origin
from waybill.model.words import Intent
from waybill.trends.incidents import (
    NAME_LENGTH,
    UNKNOWN,
    Action,
    Actor,
    Asset,
    Data,
    Discovery,
    Incident,
    Precision,
    RefusedError,
    day_of,
    intent_of,
)
from waybill.trends.vocabulary import VERSION, vocabulary

_PLUS = "waybill"
_COUNTRY = re.compile(r"[A-Z]{2}\Z")
_NOBODY = frozenset({"", "unknown", "na", "n/a", "none"})
"""What people write where they do not know who was concerned."""


def read(document: Any, source: str) -> Incident:
    """Return the incident that a document of VERIS tells of. Raises RefusedError for one that cannot be taken."""
    if not isinstance(document, dict):
        raise RefusedError("", "this is no incident", "an object of JSON")
    try:
        return _read(document, source)
    except (AttributeError, TypeError, KeyError):
        raise RefusedError("", "this is not in the form of VERIS", f"VERIS {VERSION}") from None


def _read(document: Mapping[str, Any], source: str) -> Incident:
    word = vocabulary().word
    id, timeline = document.get("incident_id"), document["timeline"]
    if not isinstance(id, str) or not id.strip() or len(id) > NAME_LENGTH:
        raise RefusedError("incident_id", "an incident needs an id", "a text")
    victim, plus = document.get("victim") or {}, document.get("plus") or {}
    secret = (document.get("attribute") or {}).get("confidentiality") or {}
    own = plus.get(_PLUS) or {}
    moment, found = timeline["incident"], timeline.get("discovery") or {}
    occurred, precision = day_of("timeline.incident", moment.get("year"), moment.get("month"), moment.get("day"))
    actions = tuple(dict.fromkeys(_actions(document.get("action") or {})))
    return Incident(
        source=source,
        id=id.strip(),
        occurred=occurred,
        precision=precision,
        reported_at=_day(own.get("reported_at")),
        coded_at=_day(plus.get("created")),
        status=word("status", document["security_incident"]),
        disclosed=word("disclosed", secret.get("data_disclosure", UNKNOWN)),
        intent=Intent(own["intent"]) if own.get("intent") in set(Intent) else intent_of(one.kind for one in actions),
        origin=Origin(own["origin"]) if own.get("origin") in set(Origin) else Origin.UNKNOWN,
        victim=_victim(victim.get("victim_id")),
        industry=_digits(victim.get("industry")),
        countries=tuple(one for one in _list(victim.get("country")) if _COUNTRY.match(str(one))),
        employees=word("employees", victim.get("employee_count") or UNKNOWN),
        records=_count(secret.get("data_total")),
        discovery_value=_amount(found.get("value")),
        discovery_unit=word("unit", found.get("unit") or UNKNOWN),
        public_interest=own.get("public_interest") is True,
        actions=actions,
        actors=tuple(dict.fromkeys(_actors(document.get("actor") or {}))),
        data=tuple(
            Data(word("data", one.get("variety", UNKNOWN)), _count(one.get("amount")))
            for one in _list(secret.get("data"))
        ),
        assets=tuple(
            Asset(word("asset", one.get("variety", UNKNOWN)) if one.get("variety", UNKNOWN) != UNKNOWN else UNKNOWN)
            for one in _list((document.get("asset") or {}).get("assets"))
        ),
        discoveries=tuple(dict.fromkeys(_discoveries(document.get("discovery_method") or {}))),
    )


def _actions(said: Mapping[str, Any]) -> Iterable[Action]:
    word = vocabulary().word
    for kind, one in said.items():
        word("action", kind)
        for variety in _several(one, "variety"):
            for vector in _several(one, "vector"):
                yield Action(kind, word(f"action.{kind}.variety", variety), word(f"action.{kind}.vector", vector))


def _actors(said: Mapping[str, Any]) -> Iterable[Actor]:
    word = vocabulary().word
    for kind, one in said.items():
        word("actor", kind)
        for variety in _several(one, "variety"):
            for motive in _several(one, "motive"):
                yield Actor(kind, word(f"actor.{kind}.variety", variety), word(f"actor.{kind}.motive", motive))


def _discoveries(said: Mapping[str, Any]) -> Iterable[Discovery]:
    word = vocabulary().word
    for method, one in said.items():
        word("discovery", method)
        if one is not False:
            for variety in _several(one, "variety"):
                yield Discovery(method, word(f"discovery.{method}.variety", variety))


def _several(said: Any, name: str) -> list[Any]:
    return _list(said.get(name)) or [UNKNOWN] if isinstance(said, dict) else [UNKNOWN]


def _list(said: Any) -> list[Any]:
    return said if isinstance(said, list) else [] if said is None else [said]


def _victim(said: Any) -> str:
    text = said.strip()[:NAME_LENGTH] if isinstance(said, str) else ""
    return "" if text.casefold() in _NOBODY else text


def _digits(said: Any) -> str:
    text = str(said or "").strip()
    return text if text.isdigit() and len(text) <= 6 and text.strip("0") else ""


def _count(said: Any) -> int | None:
    whole = isinstance(said, (int, float)) and not isinstance(said, bool) and 0 <= said < 2**62
    return int(said) if whole else None


def _amount(said: Any) -> float | None:
    is_number = isinstance(said, (int, float)) and not isinstance(said, bool) and 0 <= said < 1e12
    return float(said) if is_number else None


def _day(said: Any) -> date | None:
    """Return the day of a moment in ISO 8601; None for what is none, for coding dates are help and no claim."""
    try:
        return date.fromisoformat(str(said)[:10]) if said else None
    except ValueError:
        return None


def write(incident: Incident) -> dict[str, Any]:
    """Return an incident as a document of VERIS that its schema takes."""
    moment: dict[str, int] = {"year": incident.occurred.year}
    if incident.precision is not Precision.YEAR:
        moment["month"] = incident.occurred.month
    if incident.precision is Precision.DAY:
        moment["day"] = incident.occurred.day
    found: dict[str, Any] = {"unit": incident.discovery_unit}
    if incident.discovery_value is not None:
        found["value"] = incident.discovery_value
    secret: dict[str, Any] = {"data_disclosure": incident.disclosed}
    if incident.records is not None:
        secret["data_total"] = incident.records
    if incident.data:
        secret["data"] = [_without_none({"variety": one.variety, "amount": one.records}) for one in incident.data]
    victim: dict[str, Any] = {
        "industry": incident.industry or "000",
        "country": list(incident.countries) or [UNKNOWN],
        "employee_count": incident.employees,
        "government": [UNKNOWN],
    }
    return {
        "schema_version": VERSION,
        "incident_id": incident.id,
        "source_id": incident.source,
        "security_incident": incident.status,
        "summary": "",
        "timeline": {"incident": moment, "discovery": found},
        "victim": victim | ({"victim_id": incident.victim} if incident.victim else {}),
        "action": _by_kind("action", ((a.kind, a.variety, a.vector) for a in incident.actions), "variety", "vector"),
        "actor": _by_kind("actor", ((a.kind, a.variety, a.motive) for a in incident.actors), "variety", "motive"),
        "asset": {"assets": [{"variety": one.variety} for one in incident.assets], "cloud": [UNKNOWN]},
        "attribute": {"confidentiality": secret},
        "discovery_method": _discovered(incident.discoveries),
        "plus": _without_none(
            {
                "created": incident.coded_at.isoformat() if incident.coded_at else None,
                _PLUS: _without_none(
                    {
                        "intent": str(incident.intent),
                        "origin": str(incident.origin),
                        "reported_at": incident.reported_at.isoformat() if incident.reported_at else None,
                        "public_interest": incident.public_interest or None,
                    }
                ),
            }
        ),
    }


def _by_kind(axis: str, rows: Iterable[tuple[str, str, str]], *names: str) -> dict[str, dict[str, list[str]]]:
    """Return the distinct words of each kind; VERIS has no field where a kind has no words."""
    kinds: dict[str, dict[str, list[str]]] = {}
    for kind, *words in rows:
        lists = kinds.setdefault(kind, {name: list(said) for name, said in _REQUIRED.get((axis, kind), {}).items()})
        for name, word in zip(names, words, strict=True):
            known = lists.setdefault(name, []) if _has_words(axis, kind, name) else [word]
            if word not in known:
                known.append(word)
    return kinds or {"unknown": {}}


_REQUIRED = {("action", "social"): {"target": [UNKNOWN]}, ("actor", "partner"): {"country": [UNKNOWN]}}
"""What the schema asks for and the register does not keep."""


def _has_words(axis: str, kind: str, name: str) -> bool:
    return len(vocabulary().words(f"{axis}.{kind}.{name}")) > 1


def _discovered(rows: Iterable[Discovery]) -> dict[str, Any]:
    methods: dict[str, Any] = {}
    for one in rows:
        if one.method in {"unknown", "other"}:
            methods[one.method] = True
        else:
            methods.setdefault(one.method, {"variety": []})["variety"].append(one.variety)
    return methods or {"unknown": True}


def _without_none(said: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if value is not None}
