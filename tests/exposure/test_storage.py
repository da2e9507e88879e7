"""Buckets read from a service that speaks S3, from exports and plans; folders read from disk."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests import s3

from waybill.exposure import FAMILIES, NotInspected, survey
from waybill.exposure.storage.bucket import Bucket
from waybill.model.errors import InputError
from waybill.model.register import Place, RegisterSnapshot

FAMILY = FAMILIES["storage"]
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def ids(target: str, register: RegisterSnapshot | None = None) -> set[tuple[str, str]]:
    found = survey(FAMILY.read(target), FAMILY.checks(), register or RegisterSnapshot(), NOW)
    return {
        (finding.asset.removeprefix("s3://"), finding.rule_id.removeprefix("storage-")) for finding in found.findings
    }


@pytest.fixture(scope="module")
def service() -> Iterator[Any]:
    """A service on loopback that speaks S3, and a client of it."""
    with s3.service() as client:
        yield client


def make(service: Any, name: str) -> None:
    service.create_bucket(Bucket=name)
    service.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})


def policy(name: str, **statement: Any) -> str:
    whole = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{name}/*", **statement}
    return json.dumps({"Version": "2012-10-17", "Statement": [whole]})


def test_live(service: Any) -> None:
    for name in ("shut", "open", "blocked", "listed", "partner"):
        make(service, name)
    service.put_bucket_policy(Bucket="open", Policy=policy("open", Principal="*"))
    service.put_bucket_policy(Bucket="blocked", Policy=policy("blocked", Principal="*"))
    service.put_bucket_policy(Bucket="partner", Policy=policy("partner", Principal={"AWS": "222222222222"}))
    service.put_bucket_acl(Bucket="listed", ACL="public-read")
    block = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)
    for name in ("shut", "blocked"):
        service.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=block)
    found = ids("s3:")
    assert {one for one in found if one[1].startswith(("public", "foreign"))} == {
        ("open", "public-read"),
        ("listed", "public-list"),
        ("partner", "foreign-account"),
    }
    assert ("open", "no-public-block") in found
    assert ("shut", "no-public-block") not in found
    assert {place for place, _ in ids("s3://open")} == {"open"}
    approved = RegisterSnapshot(places=(Place(id="partner", patterns=("222222222222",), approved_egress=True),))
    assert ("partner", "foreign-account") not in ids("s3:", approved)


def test_no_such_bucket_is_not_inspected(service: Any) -> None:
    found = survey(FAMILY.read("s3://missing"), FAMILY.checks(), RegisterSnapshot(), NOW)
    assert not found.findings
    assert {gap.why for gap in found.gaps} >= {"get_bucket_policy: NoSuchBucket"}


def test_nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with pytest.raises(InputError, match="cannot be asked"):
        list(FAMILY.read("s3:"))


def test_snapshot_of_aws_config(tmp_path: Path) -> None:
    more = {
        "BucketPolicy": {"policyText": policy("plans", Principal="*")},
        "AccessControlList": json.dumps(json.dumps({"grantList": [{"grantee": "AllUsers", "permission": "Read"}]})),
        "PublicAccessBlockConfiguration": {"ignorePublicAcls": True},
        "BucketVersioningConfiguration": {"status": "Off"},
        "ServerSideEncryptionConfiguration": {
            "rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms"}}]
        },
    }
    item = {"resourceType": "AWS::S3::Bucket", "resourceName": "plans", "supplementaryConfiguration": more}
    file = tmp_path / "snapshot.json"
    file.write_text(json.dumps({"fileVersion": "1.0", "configurationItems": [item]}))
    found = {check for _, check in ids(str(file))}
    assert {"public-read", "not-versioned", "not-logged", "no-public-block"} <= found
    assert not found & {"public-list", "not-encrypted"}


def test_plan_of_terraform(tmp_path: Path) -> None:
    """A new bucket has no name yet: what belongs to it is known by reference."""
    resources = [
        {"address": "aws_s3_bucket.plans", "type": "aws_s3_bucket", "values": {"force_destroy": None}},
        {"address": "aws_s3_bucket_acl.plans", "type": "aws_s3_bucket_acl", "values": {"acl": "public-read-write"}},
        {"address": "aws_s3_bucket_policy.plans", "type": "aws_s3_bucket_policy", "values": {}},
    ]
    of = {"bucket": {"references": ["aws_s3_bucket.plans.id", "aws_s3_bucket.plans"]}}
    configured = [{"address": one["address"], "expressions": of} for one in resources[1:]]
    plan = {
        "terraform_version": "1.9.0",
        "planned_values": {"root_module": {"resources": resources}},
        "configuration": {"root_module": {"resources": configured}},
    }
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(plan))
    (thing,) = FAMILY.read(str(file))
    assert isinstance(thing, Bucket)
    assert [grant.permission for grant in thing.grants] == ["READ", "WRITE"]
    with pytest.raises(NotInspected, match="only once it is applied"):
        _ = thing.policy


def test_web_root(tmp_path: Path) -> None:
    root = tmp_path / "www"
    (root / ".git").mkdir(parents=True)
    for name in ("index.html", "dump.sql.gz", "site.bak", ".env", "plans.html"):
        (root / name).write_text("x")
    (root / "plans.html").chmod(0o666)
    (root / os.fsdecode(b"\xff\n.sql")).write_text("x")
    found = survey(FAMILY.read(str(root)), FAMILY.checks(), RegisterSnapshot(), NOW)
    seen = {(finding.rule_id, finding.sentence.en.split(" ")[0]) for finding in found.findings}
    assert seen == {
        ("storage-web-copies", "dump.sql.gz"),
        ("storage-web-copies", "site.bak"),
        ("storage-web-copies", "\\xff\\n.sql"),
        ("storage-web-secrets", ".env"),
        ("storage-web-secrets", ".git"),
        ("storage-world-writable", "plans.html"),
    }


def test_a_share_is_no_web_root(tmp_path: Path) -> None:
    (tmp_path / "dump.sql").write_text("x")
    (tmp_path / "round").symlink_to(tmp_path)
    assert ids(str(tmp_path)) == set()


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"configurationItems": 3}', "[" * 100_000, "\x00\xff"])
def test_what_is_no_export(tmp_path: Path, content: str) -> None:
    file = tmp_path / "export.json"
    file.write_text(content)
    with pytest.raises(InputError):
        list(FAMILY.read(str(file)))


def test_no_such_target() -> None:
    with pytest.raises(InputError, match="no such file"):
        list(FAMILY.read("nowhere.json"))
