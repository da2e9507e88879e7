"""The list of breaches of Have I Been Pwned, as JSON: what happened when, and when it became known."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from waybill.trends.incidents import (
    NAME_LENGTH,
    UNKNOWN,
    Action,
    Actor,
    Asset,
    Data,
    Incident,
    Precision,
    RefusedError,
)

_CLASSES = {
    "passwords": "Credentials",
    "password hints": "Credentials",
    "security questions and answers": "Credentials",
    "credit cards": "Payment",
    "partial credit card data": "Payment",
    "bank account numbers": "Bank",
    "health insurance information": "Medical",
    "personal health data": "Medical",
    "source code": "Source code",
}
"""Classes of data that are not plainly personal."""


def read(document: Any, source: str) -> Incident:
    """Return the incident of a breach. Raises RefusedError for one that cannot be taken."""
    if not isinstance(document, Mapping) or not isinstance(document.get("Name"), str) or not document["Name"]:
        raise RefusedError("Name", "a breach needs a name", "a text")
    happened = _day(document, "BreachDate")
    added = _day(document, "AddedDate")
    if added < happened:
        raise RefusedError("AddedDate", "it became known before it happened", "a day after BreachDate")
    classes = document.get("DataClasses") or []
    if not isinstance(classes, list) or not all(isinstance(one, str) for one in classes):
        raise RefusedError("DataClasses", "this is no list of classes of data", '["Passwords"]')
    count = document.get("PwnCount")
    varieties = dict.fromkeys(_CLASSES.get(one.casefold(), "Personal") for one in classes)
    return Incident(
        source=source,
        id=document["Name"][:NAME_LENGTH],
        occurred=happened,
        precision=Precision.DAY,
        reported_at=added,
        coded_at=added,
        status="Confirmed" if document.get("IsVerified", True) else "Suspected",
        disclosed="Yes",
        victim=str(document.get("Domain") or document["Name"])[:NAME_LENGTH],
        records=count if isinstance(count, int) and 0 <= count < 2**62 else None,
        actions=(Action("unknown"),),
        actors=(Actor("unknown"),),
        data=tuple(Data(one) for one in varieties),
        assets=(Asset(UNKNOWN),),
    )


def _day(document: Mapping[str, Any], field: str) -> date:
    try:
        return date.fromisoformat(str(document.get(field))[:10])
    except ValueError:
        raise RefusedError(field, "this day is in no calendar", "2024-12-31") from None
