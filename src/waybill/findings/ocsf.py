"""Findings as OCSF 1.8 events: Data Security Finding (2006) for moved assets, else Detection Finding (2004)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from waybill import __version__
from waybill.findings.states import FindingState
from waybill.model.findings import Finding

VERSION = "1.8.0"
"""Version of OCSF that the events follow."""

DETECTION_FINDING = 2004
DATA_SECURITY_FINDING = 2006

_CLASSES = {DETECTION_FINDING: "Detection Finding", DATA_SECURITY_FINDING: "Data Security Finding"}
_DATA_SECURITY = frozenset({"unauthorised"})
_CATEGORY_UID = 2
_CREATE = 1
_RULE = 1
_IN_TRANSIT = 2
_OTHER_SYSTEM = 99
_STATUSES = {
    FindingState.NEW: (1, "New"),
    FindingState.IN_PROGRESS: (2, "In Progress"),
    FindingState.RESOLVED: (4, "Resolved"),
    FindingState.FALSE_POSITIVE: (4, "Resolved"),
    FindingState.EXCEPTED: (3, "Suppressed"),
    FindingState.SUMMARISED: (3, "Suppressed"),
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def event(finding: Finding, state: FindingState = FindingState.NEW) -> dict[str, Any]:
    """Return ``finding`` as an OCSF event. Times are milliseconds since 1970; what OCSF lacks is in ``unmapped``."""
    class_uid = DATA_SECURITY_FINDING if finding.detector in _DATA_SECURITY else DETECTION_FINDING
    status_id, status = _STATUSES[state]
    return {
        "activity_id": _CREATE,
        "activity_name": "Create",
        "category_uid": _CATEGORY_UID,
        "category_name": "Findings",
        "class_uid": class_uid,
        "class_name": _CLASSES[class_uid],
        "type_uid": class_uid * 100 + _CREATE,
        "type_name": f"{_CLASSES[class_uid]}: Create",
        "time": _milliseconds(finding.time),
        "start_time": _milliseconds(finding.time),
        "end_time": _milliseconds(finding.last_time),
        "count": max(1, finding.count),
        "severity_id": finding.severity.number,
        "severity": finding.severity.capitalize(),
        "status_id": status_id,
        "status": status,
        "status_detail": str(state),
        "message": finding.sentence.en,
        "metadata": _metadata(finding),
        "finding_info": _finding_info(finding),
        "unmapped": _unmapped(finding),
        **({"resources": [{"uid": finding.asset, "name": finding.asset}]} if finding.asset else {}),
        **_of_class(finding, class_uid),
    }


def _of_class(finding: Finding, class_uid: int) -> dict[str, Any]:
    actor = {"user": {"uid": finding.subject}} if finding.subject else None
    if class_uid == DETECTION_FINDING:
        return {
            "is_alert": True,
            **({"evidences": [{"actor": actor}]} if actor else {}),
            **({"remediation": {"desc": finding.advice.en}} if finding.advice.en else {}),
        }
    return {
        "is_alert": True,
        **({"actor": actor} if actor else {}),
        "data_security": {
            "data_lifecycle_state_id": _IN_TRANSIT,
            "data_lifecycle_state": "Data in-Transit",
            "detection_system_id": _OTHER_SYSTEM,
            "detection_system": "Waybill",
            "policy": {"uid": finding.rule_id, "name": finding.title.en},
        },
    }


def _metadata(finding: Finding) -> dict[str, Any]:
    return {
        "version": VERSION,
        "uid": finding.id,
        "product": {"name": "Waybill", "vendor_name": "Waybill", "version": __version__},
        "log_provider": finding.source.name,
        "log_source": finding.source.file,
    }


def _finding_info(finding: Finding) -> dict[str, Any]:
    attacks = [attack for tag in finding.tags if (attack := _attack(tag))]
    return {
        "uid": finding.id,
        "title": finding.title.en,
        "desc": finding.sentence.en,
        "types": [finding.rule_id],
        "first_seen_time": _milliseconds(finding.time),
        "last_seen_time": _milliseconds(finding.last_time),
        "data_sources": [finding.source.name],
        "analytic": {"uid": finding.rule_id, "name": finding.title.en, "type_id": _RULE, "type": "Rule"},
        "related_events": [{"uid": transfer} for transfer in finding.transfers],
        "related_events_count": finding.count,
        **({"attacks": attacks} if attacks else {}),
    }


def _attack(tag: str) -> dict[str, Any] | None:
    """Return the ATT&CK object of a Sigma tag: ``attack.t1567.002``, ``attack.t1567`` or ``attack.exfiltration``."""
    family, _, name = tag.casefold().partition(".")
    if family != "attack" or not name:
        return None
    technique, _, part = name.partition(".")
    if technique[0] != "t" or not technique[1:].isdigit():
        return {"tactic": {"name": name.replace("-", " ").replace("_", " ").title()}}
    found: dict[str, Any] = {"technique": {"uid": technique.upper()}}
    if part:
        found["sub_technique"] = {"uid": name.upper()}
    return found


def _unmapped(finding: Finding) -> dict[str, Any]:
    return {
        "detector": finding.detector,
        "score": finding.score,
        "channel": finding.channel,
        "outcome": finding.outcome,
        "position": finding.source.position,
        "title_zh": finding.title.zh,
        "sentence_zh": finding.sentence.zh,
        "parts": [
            {"name": part.name, "value": part.value, "usual": part.usual, "peers": part.peers, "share": part.share}
            for part in finding.parts
        ],
    }


def _milliseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(milliseconds=1)
