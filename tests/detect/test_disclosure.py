"""Every figure that was filed otherwise is named, in whatever order records arrive; what agrees or is noted is not."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import msgspec
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from waybill.detect.disclosure import DisclosureDetector, Duties, Fault, reconcile
from waybill.model import transfers
from waybill.model.disclosures import Disclosure, Duty, Figure, Price, PriceRole, Stage
from waybill.model.findings import Finding
from waybill.model.protocols import Result, State, Tables
from waybill.model.register import Asset, RegisterSnapshot
from waybill.model.words import AssetKind, Grade, Severity

BEGIN = datetime(2026, 3, 2, 1, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MUCH_LATER = BEGIN + 300 * DAY


def figures(**values: int | str) -> tuple[Figure, ...]:
    return tuple(sorted(Figure.parse(f"{name}={value}") for name, value in values.items()))


def report(id_: str, stage: Stage, after: timedelta = timedelta(0), **more: Any) -> Disclosure:
    given_figures = figures(**{name: more.pop(name) for name in [*more] if name not in Disclosure.__struct_fields__})
    fields: dict[str, Any] = {"event": "INC-1", "organisation": "north-mine", "figures": given_figures, **more}
    return Disclosure(id=id_, stage=stage, made_at=BEGIN + after, **fields)


def inside(after: timedelta = timedelta(0), *, id: str = "R1", **more: Any) -> Disclosure:
    return report(id, Stage.INTERNAL, after, **more)


def filing(after: timedelta = HOUR / 2, *, id: str = "F1", **more: Any) -> Disclosure:
    return report(id, Stage.FILING, after, **more)


def run(
    *reports: Disclosure,
    now: datetime | None = MUCH_LATER,
    state: State | None = None,
    prices: Sequence[Price] = (),
    duties: Sequence[Duty] = (),
    excess: float = 0.30,
) -> Result:
    """Ask the detector about a register that holds these."""
    register = RegisterSnapshot(disclosures=tuple(reports), prices=tuple(prices), duties=tuple(duties))
    return DisclosureDetector(excess).run(Tables(rows([]), register, now), state or {})


def found(*reports: Disclosure, **more: Any) -> list[Finding]:
    return run(*reports, **more).findings


def named(finding: Finding) -> dict[str, tuple[str, str]]:
    return {part.name: (part.value, part.usual) for part in finding.parts}


def rules(*reports: Disclosure, **more: Any) -> list[str]:
    return sorted(finding.rule_id.removeprefix("disclosure.") for finding in found(*reports, **more))


def rows(records: Sequence[dict[str, Any]]) -> pa.Table:
    """Return transfers with the columns that the detector reads."""
    fields = [transfers.SCHEMA.field(name) for name in DisclosureDetector.columns]
    return pa.Table.from_pylist(list(records), schema=pa.schema(fields))


def as_fields(**values: object) -> dict[str, Any]:
    return {f"figures.{name}": value for name, value in values.items()}


def row(number: int, after: timedelta = timedelta(0), **fields: Any) -> dict[str, Any]:
    """Return a transfer that is a report, as collection keeps it."""
    return {
        "time": BEGIN + after,
        "recorded_at": BEGIN + after,
        "id": number.to_bytes(16, "big"),
        "source": "waybill",
        "logsource": "waybill/disclosure/",
        "asset": fields.get("event"),
        "actor_org": "north-mine",
        "origin": "safety.ndjson",
        "position": number,
        "fields": [(name, str(value)) for name, value in fields.items()],
    }


NAMES = ("deaths", "missing", "injured", "direct_loss", "dust", "甲烷")
values = st.dictionaries(st.sampled_from(NAMES), st.integers(0, 10**17), min_size=1)


@given(values)
def test_equal_figures_are_silent(told: dict[str, Any]) -> None:
    assert found(inside(**told), filing(**told)) == []


@settings(max_examples=200)
@given(told=values, data=st.data())
def test_any_change_of_any_figure_is_named(told: dict[str, Any], data: st.DataObject) -> None:
    changed = data.draw(st.sets(st.sampled_from(sorted(told)), min_size=1))
    filed: dict[str, Any] = {name: value + 1 if name in changed else value for name, value in told.items()}
    (finding,) = found(inside(**told), filing(**filed))
    assert finding.rule_id == "disclosure.differs"
    assert named(finding) == {name: (str(filed[name]), str(told[name])) for name in changed}
    for name in changed:
        assert str(filed[name]) in finding.sentence.en and str(told[name]) in finding.sentence.zh
    assert sum(part.share for part in finding.parts) == pytest.approx(1)


@given(told=values)
def test_any_figure_left_out_is_named_unless_it_is_nothing(told: dict[str, Any]) -> None:
    left_out = {name: ("", str(value)) for name, value in told.items() if value}
    assert [named(one) for one in found(inside(**told), filing())] == ([left_out] if left_out else [])


STORY = (
    inside(deaths=1, injured=2, kind="work-accident", site="Shaft 3", day=date(2026, 3, 2)),
    inside(5 * HOUR, id="R2", deaths=3, injured=2, kind="work-accident"),
    filing(deaths=0, injured=2),
    filing(2 * DAY, id="F2", deaths=2, injured=2, amends="F1", reason="hospital"),
    filing(3 * DAY, id="F3", deaths=1, injured=2, site="Shaft 4"),
    report("W1", Stage.WITHDRAWAL, 4 * DAY, amends="F3", reason="double"),
    inside(id="R9", event="INC-9", deaths=1, kind="work-accident"),
)


@given(st.permutations(STORY))
def test_the_order_of_arrival_makes_no_difference(story: list[Disclosure]) -> None:
    assert found(*story) == found(*STORY)
    accounts = reconcile(story, Duties(), MUCH_LATER)
    assert accounts == reconcile(STORY, Duties(), MUCH_LATER)
    assert [account.event for account in accounts] == ["INC-1", "INC-9"]


@given(st.permutations(range(6)), st.sets(st.integers(1, 5)))
def test_windows_of_rows_make_no_difference(order: list[int], cuts: set[int]) -> None:
    told = [
        row(1, event="E", stage="internal", **as_fields(deaths=3, injured=1)),
        row(2, HOUR, event="E", stage="filing", **as_fields(deaths=1, injured=1), document="F"),
        row(3, 2 * HOUR, event="E", stage="filing", **as_fields(deaths=2), amends="F", reason="count"),
        row(4, event="G", stage="internal", **as_fields(deaths=1)),
        row(5, HOUR, event="G", stage="filing", **as_fields(deaths=1)),
        {**row(6, 30 * DAY), "logsource": "waybill/transfer/"},
    ]
    detector = DisclosureDetector()
    state: dict[str, Any] = {}
    edges = [0, *sorted(cuts), 6]
    for start, end in pairwise(edges):
        state = dict(detector.run(Tables(rows([told[number] for number in order[start:end]])), state).state)
    findings = detector.run(Tables(rows([])), state).findings
    assert [named(one) for one in findings] == [{"deaths": ("2", "3"), "injured": ("", "1")}]
    assert findings[0].transfers == tuple(number.to_bytes(16, "big").hex() for number in (1, 2, 3))
    assert (findings[0].source.file, findings[0].source.position) == ("safety.ndjson", 3)


def test_deaths_are_gravest_and_the_subject_is_always_withheld() -> None:
    (deaths,) = found(inside(deaths=3), filing(deaths=1))
    (injured,) = found(inside(injured=3), filing(injured=1))
    (dust,) = found(inside(dust=3), filing(dust=1))
    assert [one.severity for one in (deaths, injured, dust)] == [Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM]
    assert {one.subject for one in (deaths, injured, dust)} == {""}


def test_other_names_widths_and_zeros_of_a_figure_make_no_difference() -> None:
    names: dict[str, Any] = {"死亡人数": 3, "Direct Loss": "12.50 CNY"}
    assert found(inside(**names), filing(deaths="3.0", direct_loss="12.5 cny")) == []


def test_another_unit_is_another_figure() -> None:
    (finding,) = found(inside(loss="3 t"), filing(loss="3 kg"))
    assert named(finding) == {"loss": ("3 kg", "3 t")}
    assert rules(inside(deaths=3), inside(HOUR, id="R2", deaths="1 persons"), filing(DAY, deaths="1 persons")) == [
        "differs"
    ]


def test_day_site_and_kind_are_compared_where_both_state_them() -> None:
    known = inside(deaths=0, day=date(2026, 3, 1), site="Shaft 3", kind="gas explosion")
    (finding,) = found(known, filing(deaths=0, day=date(2026, 3, 2), site="SHAFT  3", kind="traffic accident"))
    assert named(finding) == {
        "day": ("2026-03-02", "2026-03-01"),
        "kind": ("traffic accident", "gas explosion"),
    }
    assert found(known, filing(deaths=0)) == []


def test_a_noted_amendment_is_silent_and_ends_the_finding_on_what_it_amends() -> None:
    known, wrong = inside(deaths=1), filing(deaths=0)
    first = run(known, wrong)
    amendment = filing(4 * DAY, id="F2", deaths=1, amends="F1", reason="died in hospital")
    second = run(known, wrong, amendment, state=first.state)
    assert [one.rule_id for one in first.findings] == ["disclosure.differs"]
    assert second.findings == [] and second.over == (first.findings[0].id,)
    assert run(known, wrong, state=first.state).findings == [], "it is told once"


@pytest.mark.parametrize(
    "change",
    [{"amends": "", "reason": "typing error"}, {"amends": "F1", "reason": ""}, {"amends": "F7", "reason": "other"}],
)
def test_a_filing_is_not_replaced_without_naming_it_and_the_reason(change: dict[str, Any]) -> None:
    assert rules(inside(deaths=1), filing(deaths=0), filing(DAY, id="F2", deaths=1, **change)) == ["differs"]


def test_an_amendment_that_is_wrong_too_is_told_instead() -> None:
    (finding,) = found(inside(deaths=3), filing(deaths=0), filing(DAY, id="F2", deaths=2, amends="F1", reason="count"))
    assert named(finding) == {"deaths": ("2", "3")}


def test_an_earlier_document_amends_no_later_one_and_a_circle_amends_nothing() -> None:
    assert rules(
        inside(deaths=1), filing(DAY, deaths=0), filing(HOUR, id="F2", deaths=1, amends="F1", reason="before")
    ) == ["differs"]
    circle = (
        filing(id="F1", deaths=0, amends="F2", reason="a"),
        filing(id="F2", deaths=0, amends="F1", reason="b"),
        report("W", Stage.WITHDRAWAL, DAY, amends="F9", reason="none"),
    )
    assert rules(inside(deaths=1), *circle) == ["differs", "differs"]


def test_a_report_inside_is_lowered_only_by_an_amendment() -> None:
    covered = inside(2 * HOUR, id="R2", deaths=1)
    assert rules(inside(deaths=3), covered, filing(3 * HOUR, deaths=1)) == ["differs"]
    noted = inside(2 * HOUR, id="R2", deaths=1, amends="R1", reason="counted twice")
    assert rules(inside(deaths=3), noted, filing(3 * HOUR, deaths=1)) == []
    withdrawn = report("W", Stage.WITHDRAWAL, HOUR, amends="R1")
    assert rules(inside(deaths=3), withdrawn, filing(3 * HOUR, deaths=1)) == ["differs"], "no reason was given"


def test_a_record_written_again_with_other_figures_does_not_replace_the_first() -> None:
    first, again = inside(deaths=3, document="R"), inside(id="R1b", deaths=1, document="R")
    assert rules(first, again, filing(deaths=1)) == ["differs"]


def test_what_became_known_later_must_be_amended_within_a_day() -> None:
    story = (inside(deaths=1), filing(deaths=1), inside(10 * HOUR, id="R2", deaths=2))
    assert rules(*story, now=BEGIN + 33 * HOUR) == []
    assert rules(*story, now=BEGIN + 35 * HOUR) == ["differs"]
    amended = filing(30 * HOUR, id="F2", deaths=2, amends="F1", reason="died")
    assert rules(*story, amended) == []


KIND: dict[str, Any] = {"kind": "coal-mine-accident"}


def test_a_filing_after_the_hour_is_late_with_all_its_figures() -> None:
    (finding,) = found(inside(deaths=1, injured=2, **KIND), filing(3 * HOUR, deaths=1, injured=2, **KIND))
    assert (finding.rule_id, finding.severity) == ("disclosure.late", Severity.HIGH)
    assert named(finding) == {
        "filed": ("2026-03-02 04:00 UTC", "2026-03-02 02:00 UTC"),
        "deaths": ("1", "1"),
        "injured": ("2", "2"),
    }
    assert "2.0 hours later" in finding.sentence.en
    assert rules(inside(deaths=1, **KIND), filing(HOUR, deaths=1, **KIND)) == []


def test_what_is_not_filed_when_due_is_missing_and_then_late() -> None:
    known = inside(deaths=1, **KIND)
    assert rules(known, now=BEGIN + HOUR) == []
    missing = run(known, now=BEGIN + HOUR + HOUR / 60)
    assert [(one.rule_id, one.severity) for one in missing.findings] == [("disclosure.missing", Severity.CRITICAL)]
    assert named(missing.findings[0])["deaths"] == ("", "1")
    late = run(known, filing(5 * HOUR, deaths=1), state=missing.state)
    assert [one.rule_id for one in late.findings] == ["disclosure.late"]
    assert late.over == (missing.findings[0].id,)


def test_nothing_is_missing_where_no_rule_asks() -> None:
    assert rules(inside(deaths=0, injured=0, **KIND)) == [], "nobody was hurt and nothing lost"
    assert rules(inside(deaths=1)) == [], "no rule for an event of an unknown kind"
    assert rules(inside(deaths=1, due_at=BEGIN + DAY)) == ["missing"]


def test_the_registers_own_duty_wins() -> None:
    day = Duty(id="cn-mine-accident", instrument="ours", kinds=("coal-mine-accident",), hours=24)
    story = inside(deaths=1, dust=7, **KIND), filing(3 * HOUR, deaths=1, **KIND)
    assert rules(*story) == ["late"]
    assert rules(*story, duties=[day]) == ["differs"], "in time, but now every figure is asked for"
    none = msgspec.structs.replace(day, hours=None, figures=("deaths",))
    assert rules(*story, duties=[none]) == []


def test_a_duty_that_a_document_names_counts_for_any_kind() -> None:
    duty = Duty(id="port-rule", instrument="ours", hours=2)
    assert rules(inside(spill=3, basis="port-rule", kind="spill"), duties=[duty]) == ["missing"]


def test_every_built_in_duty_says_where_it_was_read_and_how_sure_it_is() -> None:
    from waybill.detect.disclosure.duties import built_in

    assert {duty.certainty for duty in built_in()} <= {"verbatim", "secondary", "assumed"}
    assert all(duty.source and duty.verified_on and duty.article and duty.kinds for duty in built_in())


def test_a_withdrawn_filing_is_told_unless_another_stands_in_its_place() -> None:
    withdrawal = report("W1", Stage.WITHDRAWAL, DAY, amends="F1", reason="error")
    (finding,) = found(inside(deaths=1), filing(deaths=1), withdrawal)
    assert (finding.rule_id, finding.severity) == ("disclosure.withdrawn", Severity.CRITICAL)
    assert named(finding)["deaths"] == ("1", "1")
    again = filing(2 * DAY, id="F2", deaths=1, amends="F1", reason="corrected form")
    assert rules(inside(deaths=1), filing(deaths=1), withdrawal, again) == []
    assert rules(inside(deaths=1), filing(deaths=1), filing(HOUR, id="F2", deaths=1), withdrawal) == []


def test_numbers_of_other_organisations_are_other_events() -> None:
    assert found(inside(deaths=3), filing(deaths=1, organisation="south-mine")) == []


def test_the_register_and_the_rows_are_one_and_the_asset_is_the_registered_one() -> None:
    asset = Asset(
        id="casualties", name="n", kind=AssetKind.DOCUMENT, grade=Grade.IMPORTANT, public_interest=True,
        patterns=("E-*",),
    )  # fmt: skip
    detector = DisclosureDetector()
    told = [row(1, event="E-1", stage="internal", **as_fields(deaths=3)), row(2, event="E-1", stage="filing")]
    state = detector.run(Tables(rows(told)), {}).state
    alone = detector.run(Tables(rows([]), RegisterSnapshot(assets=(asset,))), state)
    held = Disclosure(
        id=told[0]["id"].hex(), transfer=told[0]["id"].hex(), stage=Stage.INTERNAL, event="E-1",
        organisation="north-mine", made_at=BEGIN, figures=figures(deaths=3),
    )  # fmt: skip
    both = detector.run(Tables(rows([]), RegisterSnapshot(assets=(asset,), disclosures=(held,))), state)
    assert both.findings == alone.findings and alone.findings[0].asset == "casualties"
    kept = [key for key in both.state if key.startswith("report ")]
    assert len(kept) == 1, "what the register holds is not remembered twice"


def test_figures_that_are_none_are_left_out_and_told() -> None:
    fields: dict[str, Any] = {
        "figures.deaths": "three",
        "figures.injured": "1e9999999",
        "figures": "dust=4 P1;x",
        "due_at": "soon",
    }
    state = DisclosureDetector().run(Tables(rows([row(1, event="E", stage="internal", **fields)])), {}).state
    result = DisclosureDetector().run(Tables(rows([])), state)
    assert result.remarks == (
        "1 due times without a zone were left out",
        "3 figures that are no plain numbers were left out",
    )


@settings(max_examples=300)
@given(
    st.dictionaries(
        st.sampled_from(["event", "stage", "figures", "figures.x", "units.x", "due_at", "day", "amends", "kind"]),
        st.text(max_size=30) | st.sampled_from(["internal", "filing", "a=1", "-0", "9" * 18]),
    )
)
def test_no_field_whatever_it_holds_breaks_a_run(fields: dict[str, str]) -> None:
    detector = DisclosureDetector()
    told: dict[str, Any] = {"event": "E", "stage": "filing", **fields}
    state = detector.run(Tables(rows([row(1, **told)])), {}).state
    detector.run(Tables(rows([])), msgspec.json.decode(msgspec.json.encode(state)))


def price(id_: str, amount: str, role: PriceRole = PriceRole.REFERENCE, **more: Any) -> Price:
    fields: dict[str, Any] = {"source": f"market {id_}", "day": date(2026, 3, 1), **more}
    return Price(id=id_, role=role, item="ICU monitor", price=Decimal(amount), currency="CNY", unit="C62", **fields)


MARKET = tuple(price(f"r{number}", amount) for number, amount in enumerate(("90", "100", "110")))


def paid(amount: str, **more: Any) -> Price:
    return price("buy", amount, PriceRole.PAID, **more)


@pytest.mark.parametrize(
    ("amount", "severity"),
    [("129.99", None), ("130", Severity.MEDIUM), ("140", Severity.MEDIUM), ("200", Severity.HIGH), ("70", None)],
)
def test_a_price_from_30_per_cent_above_the_market_is_told(amount: str, severity: Severity | None) -> None:
    findings = found(prices=[*MARKET, paid(amount)])
    assert [one.severity for one in findings] == ([severity] if severity else [])
    if findings:
        assert "3 references from 90 to 110" in findings[0].sentence.en and findings[0].subject == ""
        assert findings[0].parts[0].peers == "3 from 90 to 110"


def test_the_share_is_a_setting() -> None:
    assert found(prices=[*MARKET, paid("135")], excess=0.4) == []
    assert len(found(prices=[*MARKET, paid("140")], excess=0.4)) == 1


def test_a_price_among_its_references_is_low() -> None:
    (finding,) = found(prices=[*MARKET, price("r9", "200"), price("r8", "60"), paid("150")])
    assert finding.severity is Severity.LOW


@pytest.mark.parametrize(
    "references",
    [
        MARKET[:2],
        [msgspec.structs.replace(one, source="one list") for one in MARKET],
        [msgspec.structs.replace(one, quality="used") for one in MARKET],
        [msgspec.structs.replace(one, currency="USD") for one in MARKET],
        [msgspec.structs.replace(one, unit="BX") for one in MARKET],
        [msgspec.structs.replace(one, day=date(2024, 1, 1)) for one in MARKET],
    ],
)
def test_without_comparable_references_there_is_a_remark_and_no_finding(references: list[Price]) -> None:
    result = run(prices=[*references, paid("500")])
    assert result.findings == []
    assert len(result.remarks) == 1 and "price buy" in result.remarks[0]


def test_what_was_compared_is_said() -> None:
    market = [msgspec.structs.replace(one, quantity=Decimal(10), quality="Class IIb") for one in MARKET]
    other = price("u", "20", quality="used")
    (finding,) = found(prices=[*market, other, paid("500", quality="class iib", quantity=Decimal("2000"))])
    assert "quality (class iib)" in finding.sentence.en
    assert "quantity 2000 against 10–10" in finding.sentence.en
    assert "1 references of other quality left out" in finding.sentence.en


@given(st.randoms(use_true_random=False))
def test_the_order_of_prices_makes_no_difference(shuffled: random.Random) -> None:
    prices = [*MARKET, price("r9", "400"), paid("500")]
    shuffled.shuffle(prices)
    assert found(prices=prices) == found(prices=[*MARKET, price("r9", "400"), paid("500")])


def test_an_account_says_what_is_wrong() -> None:
    (account,) = reconcile([inside(deaths=3, **KIND), filing(2 * HOUR, deaths=1)], Duties(), MUCH_LATER)
    assert {flaw.fault for flaw in account.flaws} == {Fault.DIFFERS, Fault.LATE}
    assert (account.due_at, account.duty) == (BEGIN + HOUR, "cn-mine-accident")
