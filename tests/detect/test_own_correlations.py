"""The pack's rules about several records: each fires on its story, and not where the decisive thing differs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from tests.detect.sigma_tables import DAY, table, transfer
from tests.detect.test_rule_pack import CORRELATIONS, content

from waybill.detect.sigma import CorrelationDetector
from waybill.model.protocols import Tables

Story = Sequence[tuple[float, dict[str, Any]]]
"""Hours and columns of some records."""

NOTICE = {"channel": "employment", "logsource": "hr/employment/notice", "actor": "li"}
CLONE = {
    "channel": "code", "logsource": "github//audit", "actor": "li",
    "fields": [("action", "git.clone"), ("actor", "li")],
}  # fmt: skip
QUESTION = {"channel": "network", "application": "dns", "from_place": "10.2.3.4", "logsource": "zeek/dns/dns"}
DOWNLOAD = {"channel": "cloud-storage", "action": "download", "source": "box", "actor": "li", "actor_kind": "person"}
PIECE = {"channel": "web", "action": "upload", "to_place": "pan.baidu.com", "actor": "li", "bytes": 2**29}
COPY = {"channel": "usb", "action": "copy", "to_place": "E:", "from_place": "ws-1", "actor": "li", "asset": "a.gds"}
SHARED = {
    "channel": "cloud-storage", "action": "share", "actor": "li", "actor_org": "mine.example",
    "to_party": "wang@other.example",
}  # fmt: skip
BLOCKED = {"channel": "email", "action": "send", "outcome": "blocked", "actor": "li", "to_place": "mail.example"}


def names(count: int) -> Story:
    """Return questions for so many different names."""
    return [(number / 1_000, {**QUESTION, "to_place": f"{number:032d}.t.outside.example"}) for number in range(count)]


def often(record: dict[str, Any], count: int, hours: float) -> Story:
    """Return a record so many times, evenly over some hours."""
    return [(number * hours / count, {**record, "asset": f"{number}.gds"}) for number in range(count)]


STORIES: dict[str, tuple[Story, Story]] = {
    "repository_cloned_by_leaver": ([(0, NOTICE), (30, CLONE)], [(0, CLONE), (30, NOTICE)]),
    "dns_data_carried": (names(60), [*names(30), *names(30)]),
    "team_space_emptied": (often(DOWNLOAD, 220, 0.9), often(DOWNLOAD, 220, 10)),
    "much_in_small_pieces": (often(PIECE, 2, 20), often({**PIECE, "bytes": 2**20}, 20, 20)),
    "many_copies": (often(COPY, 120, 0.9), often(COPY, 90, 0.9)),
    "many_shared_outside": (often(SHARED, 25, 8), often({**SHARED, "to_party": "li@mine.example"}, 25, 8)),
    "another_way_after_a_block": ([(0, BLOCKED), (2, COPY)], [(0, COPY), (2, BLOCKED)]),
}
"""For each correlation a story on which it fires, and one on which it must not."""


def told(story: Story) -> set[str]:
    """Return the ids of the correlations that fire on a story."""
    rows = [
        transfer(number, **{**columns, "time": DAY + timedelta(hours=hours), "recorded_at": DAY + timedelta(days=9)})
        if "fields" not in columns
        else {**transfer(number), **columns, "time": DAY + timedelta(hours=hours), "recorded_at": DAY}
        for number, (hours, columns) in enumerate(story, start=1)
    ]
    detector = CorrelationDetector()
    columns = list(detector.columns)
    state = detector.run(Tables(table(rows).select(columns)), {}).state
    return {finding.rule_id for finding in detector.run(Tables(table([]).select(columns)), state).findings}


def test_every_correlation_has_a_story() -> None:
    assert set(STORIES) == set(CORRELATIONS)


@pytest.mark.parametrize("stem", STORIES)
def test_a_correlation_fires_on_its_story_alone(stem: str) -> None:
    fires, silent = STORIES[stem]
    assert content(stem)["id"] in told(fires)
    assert content(stem)["id"] not in told(silent)
