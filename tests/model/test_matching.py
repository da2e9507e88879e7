"""What a name in a log means: exact, then domain, then address block, then prefix; the longest wins."""

from __future__ import annotations

import pickle

from waybill.model.matching import Matcher
from waybill.model.register import Asset, Permit, Place, RegisterSnapshot
from waybill.model.words import AssetKind, Grade


def test_order_of_patterns() -> None:
    matcher = Matcher(
        [
            ("bucket", ["s3://plans/*"]),
            ("folder", ["s3://plans/magnets/*"]),
            ("file", ["s3://plans/magnets/grade-n52.step"]),
            ("company", [".example.org"]),
            ("mail", [".mail.example.org"]),
            ("site", ["10.0.0.0/8"]),
            ("hall", ["10.1.0.0/16", "fd00::/8"]),
        ]
    )
    expected = {
        "s3://plans/a": "bucket",
        "S3://Plans/Magnets/x": "folder",
        "s3://plans/magnets/grade-n52.step": "file",
        "www.example.org": "company",
        "example.org": "company",
        "in.mail.example.org": "mail",
        "notexample.org": None,
        "10.2.3.4": "site",
        "10.1.3.4": "hall",
        "fd00::1": "hall",
        "11.0.0.1": None,
        "": None,
    }
    assert {name: matcher.match(name) for name in expected} == expected
    assert {name: matcher.match(name) for name in expected} == expected, "remembered answers are the same"


def test_a_slash_that_is_no_address_block_is_an_exact_name() -> None:
    assert Matcher([("table", ["sales/customers"])]).match("Sales/Customers") == "table"


def test_snapshot_finds_places_above_and_survives_pickling() -> None:
    snapshot = RegisterSnapshot(
        assets=(Asset(id="recipe", name="Recipe", kind=AssetKind.DOCUMENT, grade=Grade.CORE, patterns=("/r/*",)),),
        places=(
            Place(id="cn", jurisdiction="CN"),
            Place(id="plant", parent="cn"),
            Place(id="loop-a", parent="loop-b"),
            Place(id="loop-b", parent="loop-a"),
        ),
        permits=(Permit(id="p1", asset="recipe"), Permit(id="p2", asset="recipe")),
    )
    assert snapshot.asset_of("/r/1") is snapshot.assets[0]
    again = pickle.loads(pickle.dumps(snapshot))
    assert again == snapshot
    assert list(again.place_and_above(again.place_of("plant"))) == ["plant", "cn"]
    assert list(again.place_and_above(again.place_of("loop-a"))) == ["loop-a", "loop-b"], "a loop ends"
    assert [permit.id for permit in again.permits_by_asset["recipe"]] == ["p1", "p2"]
    assert again.party(None) is None and again.asset_of(None) is None
