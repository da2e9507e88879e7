"""CloudTrail: who did it, what moved, to whom it was opened, and whether it was let."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.collect.format_samples import batches, pseudonym, read_record, read_records, rejected_of, rows_of

from waybill.collect.cloudtrail import read

OWN = "111122223333"
OTHER = "444455556666"

USER = {
    "type": "IAMUser",
    "principalId": "AIDAEXAMPLE",
    "arn": f"arn:aws:iam::{OWN}:user/mei.tanaka",
    "accountId": OWN,
    "userName": "mei.tanaka",
}


def event(service: str, name: str, parameters: Any = None, **more: Any) -> dict[str, Any]:
    """Return a CloudTrail record."""
    return {
        "eventVersion": "1.09",
        "userIdentity": USER,
        "eventTime": "2026-03-04T05:06:07Z",
        "eventSource": f"{service}.amazonaws.com",
        "eventName": name,
        "awsRegion": "eu-central-1",
        "sourceIPAddress": "198.51.100.7",
        "requestParameters": parameters,
        "responseElements": None,
        "recipientAccountId": OWN,
    } | more


def columns(row: dict[str, Any], *names: str) -> tuple[Any, ...]:
    """Return some columns of a row."""
    return tuple(row[name] for name in names)


def session(name: str, role: str = "Builder", issuer_arn: str = "") -> dict[str, Any]:
    """Return the identity of a role's session."""
    arn = issuer_arn or f"arn:aws:iam::{OWN}:role/{role}"
    return {
        "type": "AssumedRole",
        "principalId": f"AROAEXAMPLE:{name}",
        "arn": f"arn:aws:sts::{OWN}:assumed-role/{role}/{name}",
        "accountId": OWN,
        "sessionContext": {"sessionIssuer": {"type": "Role", "arn": arn, "userName": role}},
    }


@pytest.mark.parametrize("form", ["log file", "array", "one record", "lines", "pretty"])
def test_all_forms_of_a_file_are_recognised_by_content(tmp_path: Path, form: str) -> None:
    records = [event("ec2", "DescribeInstances"), event("s3", "GetObject", {"bucketName": "b", "key": "k"})]
    content = {
        "log file": orjson.dumps({"Records": records}),
        "array": orjson.dumps(records),
        "one record": orjson.dumps(records[0]),
        "lines": b"\n".join(orjson.dumps(record) for record in records),
        "pretty": orjson.dumps({"Records": records}, option=orjson.OPT_INDENT_2),
    }[form]
    file = tmp_path / "whatever.txt"
    file.write_bytes(content)
    found = batches(file)
    assert not rejected_of(found)
    rows = rows_of(found)
    assert len(rows) == (1 if form == "one record" else 2)
    assert {(row["source"], row["logsource"]) for row in rows} == {("aws-cloudtrail", "aws//cloudtrail")}


def test_a_download_goes_to_the_address_that_asked(tmp_path: Path) -> None:
    parameters = {"bucketName": "drawings", "key": "wing/a.dwg"}
    row = read_record(tmp_path, event("s3", "GetObject", parameters, additionalEventData={"bytesTransferredOut": 4096}))
    assert columns(row, "action", "channel", "asset", "asset_kind") == (
        "download",
        "cloud-storage",
        "s3://drawings/wing/a.dwg",
        "data",
    )
    assert columns(row, "from_place", "to_place", "bytes") == ("s3://drawings", "198.51.100.7", 4096)
    assert columns(row, "actor", "actor_kind", "actor_org") == (pseudonym("mei.tanaka"), "person", OWN)


def test_an_upload_goes_to_the_bucket(tmp_path: Path) -> None:
    parameters = {"bucketName": "drop", "key": "a.zip"}
    row = read_record(tmp_path, event("s3", "PutObject", parameters, additionalEventData={"bytesTransferredIn": 77.0}))
    assert columns(row, "action", "from_place", "to_place", "bytes") == ("upload", "198.51.100.7", "s3://drop", 77)


@pytest.mark.parametrize("source", ["/vault/plan.pdf", "vault/plan.pdf"])
def test_a_copy_goes_from_bucket_to_bucket(tmp_path: Path, source: str) -> None:
    parameters = {"bucketName": "elsewhere", "key": "p.pdf", "x-amz-copy-source": source}
    row = read_record(tmp_path, event("s3", "CopyObject", parameters))
    assert columns(row, "action", "asset", "from_place", "to_place") == (
        "copy",
        "s3://vault/plan.pdf",
        "s3://vault",
        "s3://elsewhere",
    )


def test_a_bucket_as_a_whole_is_below_its_own_prefix(tmp_path: Path) -> None:
    assert read_record(tmp_path, event("s3", "DeleteBucket", {"bucketName": "vault"}))["asset"] == "s3://vault/"


def allow(principal: Any, **more: Any) -> dict[str, Any]:
    """Return a statement that allows."""
    return {"Effect": "Allow", "Principal": principal, "Action": "s3:GetObject", "Resource": "*"} | more


DENY_PLAIN_HTTP = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}


@pytest.mark.parametrize(
    ("statements", "granted"),
    [
        ([allow("*")], "all"),
        ([allow({"AWS": "*"})], "all"),
        (allow({"AWS": f"arn:aws:iam::{OTHER}:root"}), OTHER),
        ([allow({"AWS": [OTHER, f"arn:aws:iam::{OWN}:role/app"]})], OTHER),
        ([DENY_PLAIN_HTTP, allow({"AWS": OTHER})], OTHER),
        ([allow({"AWS": OTHER}), allow("*")], f"{OTHER}\x1fall"),
    ],
)
def test_a_policy_that_lets_others_in_is_a_share(tmp_path: Path, statements: Any, granted: str) -> None:
    policy = {"Version": "2012-10-17", "Statement": statements}
    as_object = event("s3", "PutBucketPolicy", {"bucketName": "vault", "bucketPolicy": policy})
    as_text = event("sqs", "SetQueueAttributes", {"attributes": {"Policy": json.dumps(policy)}})
    for row in read_records(tmp_path, as_object, as_text):
        assert columns(row, "action", "to_party") == ("share", granted)


@pytest.mark.parametrize(
    "statements",
    [
        [DENY_PLAIN_HTTP],
        [allow({"AWS": f"arn:aws:iam::{OWN}:role/app"})],
        [allow({"Service": "cloudtrail.amazonaws.com"})],
        [allow("*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}})],
        [allow("*", Condition={"StringEquals": {"AWS:SourceVpce": "vpce-1"}})],
        [],
        None,
        "nonsense",
        [None, 5, {"Effect": "Allow"}],
    ],
)
def test_a_policy_that_lets_in_nobody_else_is_configuration(tmp_path: Path, statements: Any) -> None:
    policy = {"Version": "2012-10-17", "Statement": statements}
    row = read_record(tmp_path, event("s3", "PutBucketPolicy", {"bucketName": "vault", "bucketPolicy": policy}))
    assert columns(row, "action", "to_party") == ("configure", None)


def test_an_access_list_for_everyone_is_a_share(tmp_path: Path) -> None:
    everyone = {"Grantee": {"URI": "http://acs.amazonaws.com/groups/global/AllUsers"}, "Permission": "READ"}
    in_full = {"AccessControlPolicy": {"AccessControlList": {"Grant": [everyone]}}, "bucketName": "vault"}
    canned = {"bucketName": "vault", "x-amz-acl": ["public-read"]}
    private = {"bucketName": "vault", "x-amz-acl": ["private"]}
    one, two, three = read_records(tmp_path, *(event("s3", "PutBucketAcl", it) for it in (in_full, canned, private)))
    assert columns(one, "action", "to_party") == columns(two, "action", "to_party") == ("share", "all")
    assert columns(three, "action", "to_party") == ("configure", None)


def permission(change: str, **item: str) -> dict[str, Any]:
    """Return a change of who may use an image or a snapshot."""
    return {change: {"items": [item]}}


AMI = {"imageId": "ami-1", "launchPermission": permission("add", userId=OTHER)}
SHARES = [
    (event("ec2", "ModifyImageAttribute", AMI), "ami-1", OTHER),
    (event("ec2", "ModifyImageAttribute", AMI | {"launchPermission": permission("add", group="all")}), "ami-1", "all"),
    (
        event(
            "ec2",
            "ModifySnapshotAttribute",
            {"snapshotId": "snap-1", "createVolumePermission": permission("add", userId=OTHER)},
        ),
        "snap-1",
        OTHER,
    ),
    (event("rds", "ModifyDBSnapshotAttribute", {"dBSnapshotIdentifier": "s", "valuesToAdd": [OTHER]}), "s", OTHER),
    (
        event("redshift", "AuthorizeSnapshotAccess", {"snapshotIdentifier": "s", "accountWithRestoreAccess": OTHER}),
        "s",
        OTHER,
    ),
    (event("lambda", "AddPermission20150331v2", {"functionName": "f", "principal": "*"}), "f", "all"),
    (event("ram", "CreateResourceShare", {"principals": [OTHER], "resourceArns": ["arn:x"]}), "arn:x", OTHER),
]

NO_SHARES = [
    event("ec2", "ModifyImageAttribute", AMI | {"launchPermission": permission("remove", userId=OTHER)}),
    event("rds", "ModifyDBSnapshotAttribute", {"dBSnapshotIdentifier": "s", "valuesToRemove": [OTHER]}),
    event("lambda", "AddPermission20150331v2", {"functionName": "f", "principal": "s3.amazonaws.com"}),
    event("lambda", "AddPermission20150331v2", {"functionName": "f", "principal": OWN}),
]


@pytest.mark.parametrize(("record", "asset", "party"), SHARES)
def test_sharing_with_another_account_says_what_and_with_whom(
    tmp_path: Path, record: dict[str, Any], asset: str, party: str
) -> None:
    assert columns(read_record(tmp_path, record), "action", "asset", "to_party") == ("share", asset, party)


@pytest.mark.parametrize("record", NO_SHARES)
def test_taking_access_back_or_granting_it_at_home_is_no_share(tmp_path: Path, record: dict[str, Any]) -> None:
    assert columns(read_record(tmp_path, record), "action", "to_party") == ("configure", None)


def test_reading_a_secret_takes_a_credential_along(tmp_path: Path) -> None:
    secret = event("secretsmanager", "GetSecretValue", {"secretId": "db/main"})
    parameter = event("ssm", "GetParameters", {"names": ["/db/password", "/db/user"], "withDecryption": True})
    one, two = read_records(tmp_path, secret, parameter)
    assert columns(one, "action", "asset", "asset_kind", "to_place") == (
        "read",
        "db/main",
        "credential",
        "198.51.100.7",
    )
    assert columns(two, "action", "asset", "asset_kind") == ("read", "/db/password", "credential")


def test_exports_go_to_their_bucket(tmp_path: Path) -> None:
    snapshot = event("rds", "StartExportTask", {"sourceArn": "arn:snap", "s3BucketName": "out"})
    table = event("dynamodb", "ExportTableToPointInTime", {"tableArn": "arn:table", "s3Bucket": "out"})
    for row in read_records(tmp_path, snapshot, table):
        assert columns(row, "action", "to_place") == ("export", "s3://out")


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (None, "success"),
        ("AccessDenied", "blocked"),
        ("AccessDeniedException", "blocked"),
        ("Client.UnauthorizedOperation", "blocked"),
        ("NoSuchBucket", "failure"),
        ("ThrottlingException", "failure"),
    ],
)
def test_a_refusal_is_blocked_and_another_error_a_failure(tmp_path: Path, code: str | None, outcome: str) -> None:
    assert read_record(tmp_path, event("s3", "GetObject", errorCode=code))["outcome"] == outcome


def test_a_failed_console_login_is_a_failure(tmp_path: Path) -> None:
    row = read_record(tmp_path, event("signin", "ConsoleLogin", responseElements={"ConsoleLogin": "Failure"}))
    assert columns(row, "action", "outcome", "from_place") == ("login", "failure", "198.51.100.7")


@pytest.mark.parametrize(
    ("identity", "actor", "kind"),
    [
        (USER, pseudonym("mei.tanaka"), "person"),
        (session("li.wei@corp.example"), pseudonym("li.wei@corp.example"), "person"),
        (session("i-0a1b2c3d4e5f60718"), "Builder", "service"),
        (session("aws-go-sdk-1700000000000000000"), "Builder", "service"),
        (session("x", "RoleForRDS", f"arn:aws:iam::{OWN}:role/aws-service-role/rds/X"), "RoleForRDS", "service"),
        ({"type": "AWSService", "invokedBy": "backup.amazonaws.com"}, "backup.amazonaws.com", "service"),
        ({"accountId": OWN, "invokedBy": "ec2.amazonaws.com"}, "ec2.amazonaws.com", "service"),
        ({"type": "AWSAccount", "accountId": OTHER, "principalId": "AIDAX"}, OTHER, "organisation"),
        ({"type": "FederatedUser", "arn": f"arn:aws:sts::{OWN}:federated-user/li.wei"}, pseudonym("li.wei"), "person"),
        ({"type": "Root", "accountId": OWN}, pseudonym(f"{OWN}/root"), "person"),
        ({}, None, None),
        (None, None, None),
    ],
)  # fmt: skip
def test_who_did_it(tmp_path: Path, identity: Any, actor: str | None, kind: str | None) -> None:
    row = read_record(tmp_path, event("s3", "ListBuckets", userIdentity=identity))
    assert row["actor"] == actor
    assert actor is None or row["actor_kind"] == kind


def test_no_name_of_a_person_stays_in_the_clear(tmp_path: Path) -> None:
    by_user = event(
        "iam", "CreateAccessKey", {"userName": "mei.tanaka"}, responseElements={"accessKey": {"userName": "mei.tanaka"}}
    )
    by_role = event("s3", "ListBuckets", userIdentity=session("mei.tanaka@corp.example"))
    into_role = event(
        "sts",
        "AssumeRole",
        {"roleSessionName": "mei.tanaka", "roleArn": "arn:r"},
        responseElements={"assumedRoleUser": {"arn": "arn:aws:sts::1:assumed-role/r/mei.tanaka"}},
    )
    federated = event(
        "sts",
        "GetFederationToken",
        {"name": "mei.tanaka"},
        userIdentity={},
        responseElements={"federatedUser": {"federatedUserId": f"{OWN}:mei.tanaka"}},
    )
    issuer = {
        "type": "FederatedUser",
        "arn": f"arn:aws:sts::{OWN}:federated-user/app",
        "sessionContext": {"sessionIssuer": {"type": "IAMUser", "userName": "mei.tanaka"}},
    }
    for row in read_records(
        tmp_path, by_user, by_role, into_role, federated, event("s3", "ListBuckets", userIdentity=issuer)
    ):
        assert "tanaka" not in str(row).lower()


def test_names_of_resources_keep_what_is_not_a_person(tmp_path: Path) -> None:
    root = {"type": "Root", "accountId": OWN, "arn": f"arn:aws:iam::{OWN}:root", "principalId": OWN}
    by_role = session("li.wei", "DataEngineer")
    one, two, three = read_records(
        tmp_path, *(event("s3", "ListBuckets", userIdentity=who) for who in (USER, by_role, root))
    )
    assert one["fields"]["userIdentity.arn"] == f"arn:aws:iam::{OWN}:user/{pseudonym('mei.tanaka')}"
    assert two["fields"]["userIdentity.arn"] == f"arn:aws:sts::{OWN}:assumed-role/DataEngineer/{pseudonym('li.wei')}"
    assert three["fields"]["userIdentity.arn"] == f"arn:aws:iam::{OWN}:root"
    assert {row["actor_org"] for row in (one, two, three)} == {OWN}


def test_roles_are_not_people(tmp_path: Path) -> None:
    row = read_record(tmp_path, event("s3", "ListBuckets", userIdentity=session("li.wei", "DataEngineer")))
    assert row["fields"]["userIdentity.sessionContext.sessionIssuer.userName"] == "DataEngineer"


@pytest.mark.parametrize(
    ("name", "action"),
    [
        ("StopLogging", "configure"),
        ("SendCommand", "execute"),
        ("StartSession", "connect"),
        ("UpdateFunctionCode20150331v2", "deploy"),
        ("DescribeSnapshots", "read"),
        ("QuuxifyWidget", "other"),
    ],
)
def test_what_is_done_follows_from_the_name_of_the_event(tmp_path: Path, name: str, action: str) -> None:
    assert read_record(tmp_path, event("any", name))["action"] == action


def test_a_record_without_a_time_is_rejected_and_the_rest_is_read(tmp_path: Path) -> None:
    without = event("s3", "ListBuckets")
    del without["eventTime"]
    file = tmp_path / "log.json"
    file.write_bytes(orjson.dumps({"Records": [event("s3", "ListBuckets"), without, event("s3", "ListBuckets")]}))
    found = batches(file)
    assert [(record.position, record.field) for record in rejected_of(found)] == [(2, "time")]
    assert [row["position"] for row in rows_of(found)] == [1, 3]


JSON = st.recursive(
    st.none() | st.integers() | st.sampled_from(["*", "Allow", "{", '{"Statement": 1}', "arn:", "arn:aws:iam::1:x"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["Statement", "Effect", "Principal", "AWS", "Condition", "Policy"]), inner, max_size=4
        )
    ),
    max_leaves=8,
)


@given(
    st.dictionaries(st.sampled_from(["policy", "bucketPolicy", "attributes", "principal", "x-amz-acl", "name"]), JSON),
    JSON,
)
def test_no_parameters_make_reading_grants_fail(parameters: dict[str, Any], identity: Any) -> None:
    read({"requestParameters": parameters, "userIdentity": identity, "eventName": "GetFederationToken"})


def test_documents_one_after_another_are_all_read(tmp_path: Path) -> None:
    one, two = (orjson.dumps(event("s3", name), option=orjson.OPT_INDENT_2) for name in ("ListBuckets", "GetBucketAcl"))
    whole, damaged = tmp_path / "whole.json", tmp_path / "damaged.json"
    whole.write_bytes(one + b"\n" + two + b"\n")
    damaged.write_bytes(one + b"\n" + two[:-20])
    assert [row["position"] for row in rows_of(batches(whole))] == [1, 2]
    found = batches(damaged)
    assert [row["position"] for row in rows_of(found)] == [1]
    assert [record.raw for record in rejected_of(found)] == [two[:-20]]
