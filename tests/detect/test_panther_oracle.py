"""Labelled events of many services (panther-analysis): what our rule pack says of those about exfiltration.

Each event is completed with what its source always writes (mostly a time, which the labels leave out), read by the real
collectors, and judged by the whole pack. An event that no mapping reads counts as not found.
"""

from __future__ import annotations

import os
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pytest
from tests.detect.rule_samples import outspoken, plan

from waybill.collect import collect
from waybill.detect.sigma import SigmaDetector
from waybill.model.errors import WaybillError
from waybill.model.protocols import Tables

pytestmark = pytest.mark.oracle

ANALYSES = """
    AWS.EC2.Traffic.Mirroring AWS.CloudTrail.CodebuildProjectMadePublic AWS.CloudTrail.SnapshotMadePublic
    AWS.RDS.SnapshotExport AWS.RDS.InstanceMadePublic AWS.S3.BucketPolicyModified
    AWS.SecretsManager.BatchRetrieveSecrets AWS.RDS.SnapshotCopiedCrossRegion AWS.IAM.BackdoorRole
    GCP.GCS.ObjectExfiltration GCP.GCS.Public GCP.Compute.Snapshot.UnexpectedDomain GCP.BigQuery.Large.Scan
    Azure.MonitorActivity.Compute.DiskSASURIGenerated
    Azure.MonitorActivity.StorageAccount.BlobAnonymousAccessEnabled
    Azure.MonitorActivity.StorageAccount.PublicNetworkAccessEnabled
    Azure.MonitorActivity.Network.PacketCaptureEnabled Azure.MonitorActivity.Storage.BlobPermissionsModified
    Box.Large.Number.Downloads Box.Shield.Anomalous.Download Box.Large.Number.Permission.Updates
    Box.Access.Granted Dropbox.BulkDownloads Dropbox.Ownership.Transfer GSuite.DriveOverlyVisible
    GSuite.Drive.ExternalFileShare GSuite.ExternalMailForwarding Github.Repo.VisibilityChange
    Github.Public.Repository.Created Microsoft365.External.Document.Sharing Notion.Workspace.Exported
    Notion.Workspace.Public.Page.Added Salesforce.BulkAPI.DataExfiltration Snowflake.Stream.FileDownloaded
    Snowflake.Stream.TableCopiedIntoStage Databricks.Audit.DeltaSharingRecipientWithoutIPACLs
    Databricks.Audit.DataMovementExplicitCredentials Kubernetes.Kubectl.CP.Operation
    Kubernetes.Secrets.DumpAllNamespaces
"""
"""The analyses that are about data leaving, or about opening a way out for them."""

ALWAYS: dict[str, dict[str, Any]] = {
    "Snowflake.QueryHistory": {"START_TIME": "2026-03-02T02:15:00Z"},
    "Box.Event": {"created_at": "2026-03-02T02:15:00Z"},
    "Databricks.Audit": {"timestamp": 1772417700000},
    "Dropbox.TeamEvent": {"timestamp": "2026-03-02T02:15:00Z", "event_category": {"_tag": "file_operations"}},
    "GCP.AuditLog": {"timestamp": "2026-03-02T02:15:00Z"},
    "GitHub.Audit": {"@timestamp": 1772417700000, "actor": "zhao-n", "org": "chips"},
    "GSuite.ActivityEvent": {
        "id": {"time": "2026-03-02T02:15:00Z", "uniqueQualifier": "1", "applicationName": "drive"},
        "actor": {"email": "zhao.n@chips.example"},
    },
    "Amazon.EKS.Audit": {
        "auditID": "1", "requestReceivedTimestamp": "2026-03-02T02:15:00Z", "requestURI": "/", "verb": "get",
    },
    "AWS.CloudTrail": {
        "eventTime": "2026-03-02T02:15:00Z", "eventVersion": "1.11", "eventID": "1", "awsRegion": "eu-central-1",
        "userIdentity": {"type": "IAMUser", "accountId": "111122223333", "userName": "zhao.n"},
        "recipientAccountId": "111122223333", "eventSource": "aws", "eventName": "none",
    },
    "Microsoft365.Audit.SharePoint": {"CreationTime": "2026-03-02T02:15:00", "Id": "1", "UserType": 0},
    "Azure.MonitorActivity": {"time": "2026-03-02T02:15:00Z", "category": "Administrative", "resourceId": "/x"},
}  # fmt: skip
"""What the sources write in every record, where the labelled events leave it out."""


OWN_DOMAINS = """
title: Domains that the labels take for agreed ones
id: 0b2a6bb0-6d0f-4a53-9b3e-6f6f4f5b2a01
logsource: {category: transfer, product: waybill}
filter:
  rules: any
  agreed:
    to_party|endswith: ['@alloweddomain.com', '@saas.com', '@outsider.com', '@mycompany.com', '@acme.com', '@abc.com']
  condition: not agreed
---
title: Domains that the labels take for agreed ones, in Google Workspace
id: 0b2a6bb0-6d0f-4a53-9b3e-6f6f4f5b2a02
logsource: {product: gcp, service: google_workspace.drive}
filter:
  rules: any
  agreed:
    events.parameters.doc_title|contains: Document Title Pattern
  condition: not agreed
---
title: The organisation's own domain on Google Cloud
id: 0b2a6bb0-6d0f-4a53-9b3e-6f6f4f5b2a03
logsource: {product: gcp, service: gcp.audit}
filter:
  rules: any
  own:
    protoPayload.authenticationInfo.principalEmail|endswith: '@your-domain.tld'
  condition: not own
"""
"""The labels take some domains for agreed, as the analyses are configured; an organisation says so by filters."""


@dataclass
class Score:
    """How one log type fared."""

    counts: Counter[tuple[bool, bool]] = field(default_factory=Counter)
    """By what was expected and what was said."""
    wrong: list[str] = field(default_factory=list)

    def note(self, analysis: str, expected: bool, said: frozenset[str]) -> None:
        """Count one event."""
        self.counts[expected, bool(said)] += 1
        if expected is not bool(said):
            self.wrong.append(f"{'missed' if expected else 'false'}: {analysis} {', '.join(sorted(said))}")

    def __str__(self) -> str:
        return f"precision {self.precision:.2f}, recall {self.recall:.2f} of {sum(self.counts.values())} events"

    @property
    def precision(self) -> float:
        """Share of what was said that is right."""
        right, wrong = self.counts[True, True], self.counts[False, True]
        return right / (right + wrong) if right + wrong else 1.0

    @property
    def recall(self) -> float:
        """Share of what there is that was said."""
        found, missed = self.counts[True, True], self.counts[True, False]
        return found / (found + missed) if found + missed else 1.0


def events() -> Iterator[dict[str, Any]]:
    """Yield the labelled events."""
    folder = os.environ.get("WAYBILL_CORPORA")
    if not folder:
        pytest.skip("WAYBILL_CORPORA is not set: this test reads labelled events")
    for line in (Path(folder) / "panther-tests" / "tests.jsonl").read_bytes().splitlines():
        yield orjson.loads(line)


def said(folder: Path, event: dict[str, Any], detector: SigmaDetector) -> frozenset[str]:
    """Return the titles of the rules that fire on one event."""
    log = {name: value for name, value in event["log"].items() if not name.startswith("p_")}
    types = event["logtypes"] or [""]
    kind = next((one for one in types if one in ALWAYS and _looks_like(one, log)), types[0])
    always = ALWAYS.get(kind, {})
    log = {**{name: value for name, value in always.items() if name not in log}, **log}
    for name, value in always.items():
        if isinstance(value, dict) and isinstance(log[name], dict):
            log[name] = {**value, **log[name]}
    file = folder / "event.json"
    file.write_bytes(orjson.dumps(log))
    found: set[str] = set()
    try:
        for batch in collect([file], plan(), workers=0):
            for finding in detector.run(Tables(batch.transfers), {}).findings:
                found.add(finding.title.en)
    except WaybillError:
        return frozenset()
    return frozenset(found)


_TELLING = {
    "Amazon.EKS.Audit": "objectRef", "Azure.MonitorActivity": "operationName", "GCP.AuditLog": "protoPayload",
}  # fmt: skip


def _looks_like(kind: str, log: dict[str, Any]) -> bool:
    telling = {
        "Amazon.EKS.Audit": "objectRef",
        "Azure.MonitorActivity": "operationName",
        "GCP.AuditLog": "protoPayload",
    }
    return telling.get(kind, "") in {*log, ""}


def test_exfiltration_is_told_and_benign_events_are_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    filters = tmp_path / "agreed.yml"
    filters.write_text(OWN_DOMAINS)
    detector = SigmaDetector([filters])
    assert not detector.rules.problems
    detector = outspoken(detector)  # the labels do not know of thresholds
    scores: dict[str, Score] = defaultdict(Score)
    whole = Score()
    for event in events():
        if event["rule"] in ANALYSES.split():
            titles = said(tmp_path, event, detector)
            kind = ",".join(event["logtypes"] or ["?"])
            scores[kind].note(event["rule"], event["expect"], titles)
            whole.note(event["rule"], event["expect"], titles)
    with capsys.disabled():
        for kind, score in sorted(scores.items()):
            sys.stdout.write("\n  ".join([f"\n{kind}: {score}", *score.wrong]))
        sys.stdout.write(f"\nall exfiltration analyses: {whole}\n")
    assert sum(whole.counts.values()) >= 140
    assert whole.precision >= 0.95
    assert whole.recall >= 0.90
