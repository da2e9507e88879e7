"""Entries of Google Cloud's audit log answer to the names that public rules give to their fields."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import orjson
import pytest
from tests.detect.rule_samples import plan
from tests.detect.sigma_tables import detector, findings, rule

from waybill.collect import collect
from waybill.detect.sigma import RuleState, SigmaDetector, standings

GCP = {"product": "gcp", "service": "gcp.audit"}


def entry(method: str, **more: Any) -> dict[str, Any]:
    """Return an entry as a sink delivers it."""
    return {
        "timestamp": "2026-03-02T02:15:00Z",
        "insertId": method,
        "logName": "projects/chips/logs/cloudaudit.googleapis.com%2Factivity",
        "resource": {"type": "k8s_cluster", "labels": {"project_id": "chips"}},
        "protoPayload": {
            "serviceName": "k8s.io",
            "methodName": method,
            "authenticationInfo": {"principalEmail": "zhao.n@chips.example"},
            "authorizationInfo": [{"permission": "io.k8s.core.v1.pods.create", "granted": True}],
            **more,
        },
    }


def collected(folder: Path, *entries: dict[str, Any]) -> Any:
    """Return entries as the collector reads them."""
    file = folder / "audit.ndjson"
    file.write_bytes(b"\n".join(map(orjson.dumps, entries)))
    (batch,) = collect([file], plan(), workers=0)
    return batch.transfers


@pytest.mark.parametrize(
    "selection",
    [
        {"gcp.audit.method_name": "io.k8s.core.v*.Pods.create"},
        {
            "data.protoPayload.methodName": "io.k8s.core.v1.pods.create",
            "data.protoPayload.logName": ["cloudaudit.googleapis.com/activity", "cloudaudit.googleapis.com%2Factivity"],
            "data.protoPayload.resource.type": "k8s_cluster",
        },
        {
            "data.protoPayload.authorizationInfo.permission": "io.k8s.core.v1.pods.create",
            "data.protoPayload.authorizationInfo.granted": "true",
            "data.protoPayload.serviceName": "k8s.io",
        },
    ],
    ids=["Elastic", "Pub/Sub", "authorisation"],
)
def test_public_names_are_known(tmp_path: Path, selection: dict[str, Any]) -> None:
    rows = collected(
        tmp_path, entry("io.k8s.core.v1.pods.get", authorizationInfo=[]), entry("io.k8s.core.v1.pods.create")
    )
    made = detector(tmp_path / "rules", rule({"selection": selection}, logsource=GCP))
    assert [found.source.position for found in findings(made, rows)] == [2]


@pytest.mark.oracle
def test_every_public_rule_about_google_cloud_can_be_decided(tmp_path: Path) -> None:
    corpora = os.environ.get("WAYBILL_CORPORA")
    if not corpora:
        pytest.skip("WAYBILL_CORPORA is not set: this test reads the public Sigma rules")
    made = SigmaDetector([Path(corpora) / "sigma" / "rules" / "cloud" / "gcp" / "audit"], own=False)
    fields = frozenset(name for name, _ in collected(tmp_path, entry("any"))["fields"][0].as_py())
    found = standings(made.rules, (), {"gcp//gcp.audit": fields})
    assert len(found) >= 15
    assert [one.rule.title.en for one in found if one.state is RuleState.NOT_EVALUABLE] == []
