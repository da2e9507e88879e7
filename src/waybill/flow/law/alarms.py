"""What is to be minded though no transfer says it: permits that end, counts that were split, posts, broken rules.

Each is a finding that is told once, and closed by itself when its cause is gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from waybill.epcis.units import in_base
from waybill.flow.installation import Installation
from waybill.flow.law import counters
from waybill.flow.law.alarm_wording import (
    TITLES,
    advice,
    broken,
    expiring,
    near,
    split_affiliates,
    split_new_year,
    used_up,
)
from waybill.flow.law.rule_set import facts_fault
from waybill.flow.permit_use import Use, uses
from waybill.model.findings import Finding, Part, Position, Text
from waybill.model.ids import finding_id
from waybill.model.register import Permit
from waybill.model.words import Channel, Outcome, Severity
from waybill.rulebook.counting import Count, Split

DETECTOR = "law"
"""What stands for a detector in these findings."""

EXPIRES = timedelta(days=30)
"""How long before its end a permit is told about."""
NEAR = timedelta(days=30)
"""How long before a threshold is reached, at the pace of late, it is told about."""
NEARLY = 0.8
"""Share of a permit's limit from which it is told about; what goes beyond the limit, the detector tells."""


def tell_alarms(installation: Installation, now: datetime | None = None) -> int:
    """Store what is to be minded and was not told yet, and close what has passed; returns how many there are."""
    from waybill.findings.store import DatabaseFindingStore

    store, found = DatabaseFindingStore(), {one.id: one for one in alarms(installation, now or datetime.now(UTC))}
    told = dict(store.state(DETECTOR))
    fresh, over = [one for id, one in found.items() if id not in told], [id for id in told if id not in found]
    if fresh or over:
        store.commit(DETECTOR, fresh, dict.fromkeys(found, True), 0, over)
    return len(found)


def alarms(installation: Installation, now: datetime) -> list[Finding]:
    """Return everything that is to be minded now, whether it was told before or not."""
    from waybill.flow.law.roles import alarms as of_posts

    permits = installation.register().permits
    found = [*_of_permits(permits, uses(installation), now), *_of_counts(installation, now)]
    return [*found, *of_posts(installation, now), *_of_rules(installation, now)]


def alarm(rule: str, about: Sequence[str], sentence: Text, now: datetime, **more: object) -> Finding:
    """Return a finding of this family: low, unless ``severity`` says otherwise; the same cause is the same finding."""
    whole: dict[str, object] = {
        "severity": Severity.LOW,
        "score": 20.0,
        "subject": "",
        "asset": "",
        "parts": (),
        **more,
    }
    return Finding(
        id=finding_id(DETECTOR, rule, *about),
        detector=DETECTOR,
        rule_id=rule,
        title=TITLES[rule],
        time=now,
        last_time=now,
        channel=Channel.OTHER,
        outcome=Outcome.UNKNOWN,
        source=Position("rulebook", about[0], 0),
        transfers=(),
        sentence=sentence,
        advice=advice(rule),
        **whole,  # type: ignore[arg-type]
    )


def _of_permits(permits: Iterable[Permit], used: dict[str, Use], now: datetime) -> Iterator[Finding]:
    for permit in permits:
        until = permit.valid_until
        if until is not None and now < until <= now + EXPIRES:
            sentence = expiring(permit, until, (until - now).days)
            yield alarm("law.permit-expires", [permit.id, until.isoformat()], sentence, now, asset=permit.asset)
        use = used.get(permit.id, Use())
        for name, amount, limit in (
            ("bytes", use.bytes, permit.max_bytes),
            ("records", use.records, permit.max_records),
            ("kilograms", _kilograms(use), permit.max_kilograms),
        ):
            if limit and NEARLY * float(limit) <= amount and (until is None or until > now):
                part = Part(name, f"{amount:,}", usual=f"{limit:,}", share=1.0)
                about = [permit.id, name, str(limit)]
                sentence = used_up(permit, name, amount, limit)
                yield alarm("law.permit-used-up", about, sentence, now, asset=permit.asset, parts=(part,))


def _kilograms(use: Use) -> float:
    amounts = (in_base(amount, unit) for unit, amount in use.quantities.items())
    return sum(amount for amount, base in amounts if base == "KGM" and amount is not None)


def _of_counts(installation: Installation, now: datetime) -> Iterator[Finding]:
    day, year = now.date(), str(now.year)
    counts, splits = counters.standing_and_splits(installation, day)
    for count in counts:
        if count.split:
            about = [count.exporter, count.category, year]
            yield alarm("law.split-new-year", about, split_new_year(count), now, **_grave(count.across_new_year))
        if count.crossing is not None and count.crossing <= day + NEAR:
            about = [count.exporter, count.recipient, count.category, str(count.threshold), year]
            yield alarm("law.threshold-near", about, near(count), now, parts=(_count_part(count),))
    for split in splits:
        about = [*split.exporters, split.category, str(split.threshold), year]
        yield alarm("law.split-affiliates", about, split_affiliates(split), now, **_grave(split.persons, split))


def _of_rules(installation: Installation, now: datetime) -> Iterator[Finding]:
    installation.law.current()
    for fault in (installation.law.fault, facts_fault(installation)):
        if fault is not None:
            yield alarm("law.rules-broken", [fault.where or "rules"], broken(fault), now, severity=Severity.MEDIUM)


def _grave(persons: int, split: Split | None = None) -> dict[str, object]:
    """Return what splitting is told with: a threshold of law was reached, and nobody filed for it."""
    part = Part("persons", f"{persons:,}", usual=f"{split.threshold:,}" if split else "", share=1.0)
    return {"severity": Severity.HIGH, "score": 70.0, "parts": (part,)}


def _count_part(count: Count) -> Part:
    return Part("persons", f"{count.persons:,}", usual=f"{count.threshold:,}", share=1.0)
