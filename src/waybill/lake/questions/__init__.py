"""The questions every investigation asks, as SQL in DuckDB's dialect, one file each.

The head of each file says what it answers and what its parameters mean. They run against any snapshot::

    snapshot.query(questions.text("top_talkers"), {"from": ..., "until": ..., "limit": 20})
"""

from __future__ import annotations

from importlib import resources

NAMES = (
    "top_talkers",
    "flows",
    "actor_history",
    "asset_history",
    "new_destinations",
    "graded_volume",
    "page",
    "count",
    "uses",
)
"""Every question there is."""


def text(name: str) -> str:
    """Return the statement of a question."""
    return _file(name).replace("{matching}", _file("matching"))


def _file(name: str) -> str:
    return (resources.files(__name__) / f"{name}.sql").read_text(encoding="utf-8")
