"""Equal texts are looked at once, and yet every value stays what it is."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.collect.samples import event, ndjson, read_bytes

SCALARS = st.sampled_from([1, "1", True, "true", 1.0, "1.0", 0, False, "false", None, "", "x", 10**18])


@settings(max_examples=20, deadline=None)
@given(st.lists(SCALARS, min_size=1, max_size=20), st.integers(1, 40))
def test_values_that_are_equal_to_python_stay_what_they_are(values: list[object], times: int) -> None:
    written = [value for _ in range(times) for value in values]
    with TemporaryDirectory() as folder:
        (batch,) = read_bytes(Path(folder), ndjson(event(i, extra=[value]) for i, value in enumerate(written)))
    shown = {None: None, True: "true", False: "false"}
    for value, row in zip(written, batch.transfers.to_pylist(), strict=True):
        text = shown[value] if value is None or isinstance(value, bool) else str(value)
        assert dict(row["fields"]).get("extra") == text
