"""Which numbers are missing follows from which came, in whatever order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from waybill.access.sequences import MOST_GAPS, Sequences


@given(st.lists(st.integers(1, 60)))
def test_missing_is_what_did_not_come(numbers: list[int]) -> None:
    sequences = Sequences()
    for number in numbers:
        sequences.add(number)
    missing = [number for first, last in sequences.missing for number in range(first, last + 1)]
    assert missing == sorted(set(range(1, max(numbers, default=0) + 1)) - set(numbers))


def test_far_jumps_cost_nothing_and_gaps_are_bounded() -> None:
    sequences = Sequences()
    for number in range(2, 4 * MOST_GAPS, 2):
        sequences.add(number)
    sequences.add(2**62)
    assert len(sequences.missing) == MOST_GAPS
    assert sequences.missing[0][0] == 1


def test_what_was_written_down_may_be_behind() -> None:
    sequences = Sequences(5, [(2, 3)], behind=True)
    sequences.add(9)
    assert list(sequences.missing) == [(2, 3)], "6 to 8 may have been answered just before a crash"
    sequences.add(12)
    assert list(sequences.missing) == [(2, 3), (10, 11)]
