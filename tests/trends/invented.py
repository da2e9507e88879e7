"""Incidents that we made up."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np

from waybill.cases.words import Origin
from waybill.model.words import Intent
from waybill.trends.incidents import Action, Actor, Asset, Data, Discovery, Incident, Precision

START = date(2012, 1, 2)


def incident(number: int = 1, **changed: Any) -> Incident:
    """Return an incident, with these fields changed."""
    said: dict[str, Any] = {
        "source": "made-up",
        "id": f"i-{number}",
        "occurred": date(2020, 3, 5),
        "precision": Precision.DAY,
        "coded_at": date(2020, 6, 1),
        "disclosed": "Yes",
        "intent": Intent.ACCIDENT,
        "origin": Origin.UNKNOWN,
        "victim": f"Works {number % 40}",
        "industry": "334413",
        "countries": ("DE",),
        "records": 120,
        "discovery_value": 3.0,
        "discovery_unit": "Days",
        "actions": (Action("error", "Misdelivery", "Carelessness"),),
        "actors": (Actor("internal", "End-user", "NA"),),
        "data": (Data("Personal", 120),),
        "assets": (Asset("S - Mail"),),
        "discoveries": (Discovery("internal", "Log review"),),
    }
    return Incident(**said | changed)


def years_of(mean: float = 8.0, weeks: int = 312, seed: int = 1, **changed: Any) -> list[Incident]:
    """Return incidents of so many weeks, so many a week, each on some day of its week, coded ten weeks later."""
    random = np.random.default_rng(seed)
    found: list[Incident] = []
    for week, count in enumerate(random.poisson(mean, weeks)):
        for _ in range(int(count)):
            day = START + timedelta(days=7 * week + int(random.integers(0, 7)))
            delay = timedelta(days=int(random.integers(7, 140)))
            found.append(incident(len(found), occurred=day, coded_at=day + delay, **changed))
    return found


def document(**changed: Any) -> dict[str, Any]:
    """Return an incident as somebody else would write it in VERIS, with these parts changed."""
    said: dict[str, Any] = {
        "schema_version": "1.3.7",
        "incident_id": "9B1F",
        "security_incident": "Confirmed",
        "source_id": "made-up",
        "summary": "A list went to the wrong address.",
        "timeline": {"incident": {"year": 2021, "month": 5, "day": 4}, "discovery": {"unit": "Days", "value": 2}},
        "victim": {"victim_id": "Works 7", "industry": "334413", "country": ["DE"], "employee_count": "101 to 1000"},
        "action": {"error": {"variety": ["Misdelivery"], "vector": ["Carelessness"]}},
        "actor": {"internal": {"variety": ["End-user"], "motive": ["NA"]}},
        "asset": {"assets": [{"variety": "S - Mail"}]},
        "attribute": {
            "confidentiality": {
                "data_disclosure": "Yes",
                "data_total": 55,
                "data": [{"variety": "Personal", "amount": 55}],
            }
        },
        "discovery_method": {"internal": {"variety": ["Reported by employee"]}, "unknown": False},
        "plus": {"created": "2021-06-01T10:00:00Z"},
    }
    return said | changed
