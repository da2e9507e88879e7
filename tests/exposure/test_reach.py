"""What anybody may do in a bucket: policy, access list and blocks together."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waybill.exposure.snapshots import NotInspected, Unread
from waybill.exposure.storage.bucket import Block, Bucket, Grant
from waybill.exposure.storage.reach import ALL_USERS, ANY_ACCOUNT, ANYBODY, Deed, openings
from waybill.model.findings import Position

NOTHING, EVERYTHING = Block(), Block(True, True, True, True)
READ = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::plans/*"}


def bucket(*statements: dict[str, Any], grants: Any = (), block: Any = NOTHING, **parts: Any) -> Bucket:
    known = {"policy": {"Statement": list(statements)}, "grants": grants, "block": block, "account": "1" * 12}
    return Bucket("s3://plans", Position("test", "f", 1), parts={**known, **parts})


def public(thing: Bucket) -> set[Deed]:
    return {opening.deed for opening in openings(thing) if opening.who == ANYBODY}


def test_policy_for_anybody() -> None:
    assert public(bucket(READ)) == {Deed.READ}
    assert public(bucket({**READ, "Principal": {"AWS": ["*"]}, "Action": ["s3:Get*", "s3:List*"]})) == {
        Deed.READ,
        Deed.LIST,
    }
    assert public(bucket({**READ, "Action": "*"})) == set(Deed)
    assert public(bucket({**READ, "Effect": "Deny"})) == set()


def test_not_action_grants_the_rest() -> None:
    statement = {"Effect": "Allow", "Principal": "*", "NotAction": "s3:Get*", "Resource": "*"}
    assert public(bucket(statement)) == {Deed.LIST, Deed.WRITE, Deed.CONTROL}


@pytest.mark.parametrize(
    ("condition", "is_public"),
    [
        ({"StringEquals": {"aws:PrincipalOrgID": "o-1"}}, False),
        ({"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}, False),
        ({"IpAddress": {"aws:SourceIp": ["192.0.2.0/24", "0.0.0.0/0"]}}, True),
        ({"StringLike": {"aws:PrincipalArn": "*"}}, True),
        ({"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}, True),
        ({"Bool": {"aws:SecureTransport": "true"}}, True),
        ({"ForAnyValue:StringEquals": {"aws:SourceVpce": ["vpce-1"]}}, False),
        ({"StringEquals": "nonsense"}, True),
    ],
)
def test_conditions(condition: dict[str, Any], is_public: bool) -> None:
    assert bool(public(bucket({**READ, "Condition": condition}))) is is_public


def test_a_denial_to_everybody_counts() -> None:
    assert public(bucket(READ, {**READ, "Effect": "Deny", "Action": "s3:GetObject*"})) == set()
    under_conditions = {**READ, "Effect": "Deny", "Action": "s3:*", "Condition": {"Bool": {"x": "true"}}}
    assert public(bucket(READ, under_conditions)) == {Deed.READ}


def test_access_list() -> None:
    assert public(bucket(grants=(Grant(ALL_USERS, "READ"),))) == {Deed.LIST}
    assert public(bucket(grants=(Grant(ALL_USERS, "FULL_CONTROL"),))) == set(Deed)
    (opening,) = openings(bucket(grants=(Grant(ANY_ACCOUNT, "WRITE"),)))
    assert opening.any_account
    assert public(bucket(grants=(Grant(ALL_USERS, "READ"),), **{"acls disabled": True})) == set()
    assert public(bucket(grants=(Grant("some-canonical-id", "FULL_CONTROL"),))) == set()


def test_what_is_in_force_is_not_what_the_policy_says() -> None:
    """A service tells of a public policy that it is public, though the block leaves nothing of it."""
    grants = (Grant(ALL_USERS, "FULL_CONTROL"),)
    assert public(bucket(READ, grants=grants, block=EVERYTHING)) == set()
    assert public(bucket(READ, grants=grants, **{"account block": EVERYTHING})) == set()
    assert public(bucket(READ, block=Block(new_policies=True, new_acls=True))) == {Deed.READ}
    assert public(bucket(READ, block=Block(acls=True))) == {Deed.READ}


def test_other_accounts() -> None:
    of = {**READ, "Principal": {"AWS": ["arn:aws:iam::222222222222:root", "111111111111"]}}
    assert [opening.who for opening in openings(bucket(of))] == ["2" * 12]
    assert list(openings(bucket(of, READ, block=EVERYTHING))) == []


@pytest.mark.parametrize("part", ["policy", "grants", "block"])
def test_what_could_not_be_read_is_said(part: str) -> None:
    with pytest.raises(NotInspected, match="AccessDenied"):
        list(openings(bucket(READ, **{part: Unread("AccessDenied")})))


@given(
    st.recursive(
        st.none() | st.booleans() | st.text(max_size=8) | st.sampled_from(["*", "Allow", "s3:*"]),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["Statement", "Effect", "Principal", "AWS", "Action", "Condition", "NotAction", "Resource"]
                ),
                inner,
                max_size=5,
            )
        ),
        max_leaves=20,
    )
)
def test_any_policy_is_judged(statement: Any) -> None:
    thing = bucket()
    policy = {"Statement": [statement]}
    list(openings(Bucket(thing.place, thing.source, parts={**thing.parts, "policy": policy})))
