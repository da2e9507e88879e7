"""Erasing a person leaves no byte of the pseudonym, and what is left of others stands."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from waybill.findings.erasing import ERASED, erase_subject
from waybill.findings.exceptions import Match, add_exception, exceptions
from waybill.findings.handling import set_state
from waybill.findings.queries import ALL_STATES, Filter, query
from waybill.findings.states import FindingState
from waybill.findings.store import DatabaseFindingStore
from waybill.model.errors import UsageError
from waybill.model.findings import Text
from waybill.outbox.erasing import erase_subject as forget

from .samples import finding

store = DatabaseFindingStore()
PERSON = "p-5ca1ab1e"


def test_no_byte_of_the_pseudonym_remains(database: Path) -> None:
    mail = Text(f"The asset went to {PERSON}@mail.example.", f"资产转移至 {PERSON}@mail.example。")
    store.commit(
        "d",
        [finding(0, subject=PERSON), finding(1, sentence=mail), finding(2, subject=PERSON + "-2")],
        {PERSON: 1, "a1": {"by": [PERSON]}},
        1,
    )
    set_state([finding(1).id], FindingState.IN_PROGRESS, who=PERSON, reason=f"asked {PERSON}")
    soon = datetime.now(UTC) + timedelta(days=1)
    add_exception(Match(subject=PERSON), owner="o", reason="r", expires_at=soon)
    add_exception(Match(asset="a9"), owner="o", reason=f"for {PERSON}", expires_at=soon)
    forget(PERSON)
    erase_subject(PERSON)
    for path in database.parent.glob("control.db*"):
        assert PERSON.encode() not in path.read_bytes().replace(PERSON.encode() + b"-2", b""), path.name
    kept = {item.finding.id: item.finding for item in query(Filter(states=ALL_STATES)).items}
    assert kept.keys() == {finding(1).id, finding(2).id}
    assert kept[finding(1).id].sentence.en == f"The asset went to {ERASED}@mail.example."
    assert kept[finding(2).id] == finding(2, subject=PERSON + "-2")
    assert store.state("d") == {"a1": {"by": [ERASED]}}
    assert [item.reason for item in exceptions()] == [f"for {ERASED}"]


def test_nobody_is_not_everybody(database: Path) -> None:
    store.commit("d", [finding(0, subject="")], {}, 1)
    with pytest.raises(UsageError):
        erase_subject("")
    assert len(query(Filter()).items) == 1
