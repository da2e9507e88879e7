"""Rules see the rows of their log source and no others."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from tests.detect.sigma_tables import detector, events, findings, positions, rule, table, transfer

from waybill.detect.sigma.routing import LogSource
from waybill.model.transfers import TEXT


@pytest.mark.parametrize(
    ("rule_source", "row", "seen"),
    [
        ({"product": "windows", "category": "process_creation"}, "windows/process_creation/sysmon", True),
        ({"product": "windows", "category": "process_creation"}, "windows/process_creation/security", True),
        ({"product": "windows", "category": "process_creation"}, "linux/process_creation/", False),
        ({"product": "windows", "category": "process_creation"}, "windows//security", False),
        ({"category": "process_creation"}, "linux/process_creation/auditd", True),
        ({"product": "windows"}, "windows/file_event/sysmon", True),
        ({"product": "windows", "service": "security"}, "windows/process_creation/security", True),
        ({"product": "windows", "service": "security"}, "windows//system", False),
        ({"product": "Windows", "service": "Security"}, "windows//security", True),
        ({"category": "registry_event", "product": "windows"}, "windows/registry_set/sysmon", True),
        ({"category": "registry_event", "product": "windows"}, "windows/registry_add/sysmon", True),
        ({"category": "registry_event", "product": "windows"}, "windows/registry_delete/sysmon", True),
        ({"category": "registry_event", "product": "windows"}, "windows/registry_rename/sysmon", True),
        ({"category": "registry_event", "product": "windows"}, "windows/registry_event/security", True),
        ({"category": "registry_set", "product": "windows"}, "windows/registry_add/sysmon", False),
        ({"category": "registry_set", "product": "windows"}, "windows/registry_event/security", False),
        ({"product": "windows", "category": "ps_classic_start"}, "windows/ps_classic_start/powershell-classic", True),
        ({"product": "windows", "service": "powershell-classic"}, "windows/ps_classic_start/powershell-classic", True),
        ({"product": "aws", "service": "cloudtrail"}, "aws//cloudtrail", True),
        ({"product": "aws", "category": "x", "service": "cloudtrail"}, "aws//cloudtrail", False),
        ({"category": "proxy"}, None, False),
        ({"category": "proxy"}, "", False),
        ({"category": "proxy"}, "zscaler/proxy", True),
        ({"product": "waybill", "category": "transfer"}, None, True),
        ({"product": "waybill", "category": "transfer"}, "windows/process_creation/sysmon", True),
    ],
)
def test_which_rule_sees_which_row(tmp_path: Path, rule_source: dict[str, str], row: str | None, seen: bool) -> None:
    selection = {"channel": "host"} if rule_source.get("product") == "waybill" else {"Image": "a"}
    made = detector(tmp_path / "rules", rule({"selection": selection}, logsource=rule_source))
    assert bool(findings(made, events({"Image": "a"}, logsource=row))) is seen


def test_rows_of_many_sources_keep_their_own_fields(tmp_path: Path) -> None:
    """The same field in several log sources, in mixed order, and rows that lack it or have no fields at all."""
    sources = ["windows/process_creation/sysmon", "linux//sshd", None, "windows/file_event/sysmon"]
    rows = [
        transfer(
            number, {"Image": f"v{number % 5}", "Other": "x"} if number % 7 else None, logsource=sources[number % 4]
        )
        for number in range(1, 101)
    ]
    rows[50]["fields"] = None
    wanted = rule({"selection": {"Image": "V3"}}, logsource={"product": "windows"})
    expected = [
        row["position"]
        for row in rows
        if str(row["logsource"]).startswith("windows") and ("Image", "v3") in (row["fields"] or ())
    ]
    made = detector(tmp_path / "rules", wanted)
    assert positions(findings(made, table(rows))) == expected
    assert positions(findings(made, table(rows).slice(10, 60))) == [number for number in expected if 10 < number <= 70]


def test_rules_about_transfers_read_columns_and_then_fields(tmp_path: Path) -> None:
    about_transfers = {"product": "waybill", "category": "transfer"}
    rows = table(
        [
            transfer(1, {"ticket": "T-1", "bytes": "1"}, bytes=5_000, to_place="Drop.example", records=None),
            transfer(2, {"bytes": "5000"}, bytes=None, to_place="drop.example"),
            transfer(3, {"ticket": "T-2"}, bytes=4_999, to_place=None, logsource=None),
        ]
    )

    def seen(name: str, selection: dict[str, object]) -> list[int]:
        return positions(
            findings(detector(tmp_path / name, rule({"selection": selection}, logsource=about_transfers)), rows)
        )

    assert seen("number", {"bytes|gte": 5_000}) == [1]
    assert seen("equal", {"bytes": 4_999}) == [3]
    assert seen("text", {"to_place": "drop.example"}) == [1, 2]
    assert seen("null", {"to_place": None}) == [3]
    assert seen("no_number", {"bytes": None}) == [2]
    assert seen("digits", {"bytes|startswith": "49"}) == [3]
    assert seen("field", {"ticket": "t-1"}) == [1]
    assert seen("neither", {"no_such": "x"}) == []
    assert seen("empty_column", {"records|exists": False}) == [1, 2, 3]
    assert seen("two", {"from_place|fieldref": "to_place"}) == []


def test_plain_and_odd_columns_are_read_as_well(tmp_path: Path) -> None:
    """Text that is not dictionary-encoded, and dictionaries that hold a null."""
    rows = table([transfer(1, actor="p-1", asset="a"), transfer(2, actor=None, asset=None)])
    plain = rows.cast(pa.schema([(f.name, pa.string() if f.type == TEXT else f.type) for f in rows.schema]))
    null_inside = pa.DictionaryArray.from_arrays(pa.array([0, 1], pa.int32()), pa.array([None, "a"]))
    odd = rows.set_column(rows.column_names.index("asset"), "asset", null_inside)
    wanted = rule({"selection": {"asset": "a"}}, logsource={"product": "waybill", "category": "transfer"})
    made = detector(tmp_path / "rules", wanted)
    assert findings(made, plain) == findings(made, rows)
    assert positions(findings(made, odd)) == [2]


def test_words_are_looked_for_in_all_sources_by_rules_about_transfers(tmp_path: Path) -> None:
    words = rule({"selection": ["secret"]}, logsource={"product": "waybill", "category": "transfer"})
    rows = table(
        [
            transfer(1, {"A": "Secret"}, raw=None),
            transfer(2, None, raw=b'{"x": "top SECRET"}', logsource=None),
            transfer(3, {"A": "x"}, raw=b"\xff\xfe"),
        ]
    )
    assert positions(findings(detector(tmp_path / "rules", words), rows)) == [1, 2]


def test_log_sources_are_written_as_rows_write_them() -> None:
    assert str(LogSource.of_row("aws//cloudtrail")) == "aws//cloudtrail"
    assert LogSource.of_row("a") == LogSource("a", None, None)


def test_keywords_of_several_log_sources_are_found_in_each(tmp_path: Path) -> None:
    made = detector(
        tmp_path,
        rule({"selection": ["Shared"]}, title="All", logsource={"product": "windows"}),
        rule({"selection": ["own", "sh?red"]}, title="One", logsource={"product": "windows", "service": "security"}),
        rule({"selection": ["shared"]}, title="Other", logsource={"product": "linux"}),
    )
    rows = [
        transfer(1, {"A": "x"}, logsource=None),
        transfer(2, {"A": "SHARED"}, logsource="windows//security"),
        transfer(3, {"A": None, "B": "its own"}, logsource="windows//security"),
        transfer(4, {"shared": "a name"}, logsource="windows//system"),
        transfer(5, {"A": "x\x1fshared", "B": "y"}, logsource="windows//system"),
        transfer(6, {"A": "shared"}, logsource="linux//sshd"),
        transfer(7, {"A": "shared"}, logsource=None),
    ]
    for first in (0, 1):
        found = findings(made, table(rows).slice(first))
        by_rule: dict[str, list[int]] = {one.title.en: [] for one in found}
        for one in found:
            by_rule[one.title.en] += [int(name, 16) for name in one.transfers]
        assert by_rule == {"All": [2, 5], "One": [2, 3], "Other": [6]}
