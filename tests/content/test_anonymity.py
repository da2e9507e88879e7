"""k-anonymity and l-diversity against a count by hand."""

from __future__ import annotations

from collections import defaultdict

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from waybill.content import k_anonymity, l_diversity
from waybill.model.errors import UsageError

_ROWS = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from(["x", "y", None]), st.sampled_from("pqr")), min_size=1, max_size=30
)


@given(_ROWS)
def test_classes_are_those_of_a_count_by_hand(rows: list[tuple[int, str | None, str]]) -> None:
    table = pa.table({"age": [r[0] for r in rows], "area": [r[1] for r in rows], "illness": [r[2] for r in rows]})
    classes: dict[tuple[int, str | None], list[str]] = defaultdict(list)
    for age, area, illness in rows:
        classes[age, area].append(illness)
    found, spread = k_anonymity(table, ["age", "area"]), l_diversity(table, ["age", "area"], "illness")
    assert found.k == min(map(len, classes.values()))
    assert found.classes == len(classes)
    assert found.alone == sum(len(one) == 1 for one in classes.values())
    assert spread.distinct == min(len(set(one)) for one in classes.values())
    assert spread.uniform == sum(len(one) for one in classes.values() if len(set(one)) == 1)
    assert 1 - 1e-9 <= spread.entropy <= spread.distinct + 1e-9


def test_an_empty_table_hides_nobody() -> None:
    empty = pa.table({"age": pa.array([], pa.int64()), "illness": pa.array([], pa.string())})
    assert k_anonymity(empty, ["age"]).k == 0
    assert l_diversity(empty, ["age"], "illness").distinct == 0


def test_columns_must_be_there() -> None:
    with pytest.raises(UsageError, match="no such column"):
        k_anonymity(pa.table({"a": [1]}), ["b"])
    with pytest.raises(UsageError, match="no such column"):
        k_anonymity(pa.table({"a": [1]}), [])
