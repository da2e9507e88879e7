"""Pictures as the browser's script draws them; each stands beside a table that says the same."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _


def sankey(flows: Iterable[tuple[tuple[str, str, str], int]]) -> dict[str, Any]:
    """Return flows through three columns of nodes by their labels, each with its size."""
    nodes: dict[str, dict[str, Any]] = {}
    links: dict[tuple[str, str], int] = {}
    for labels, size in flows:
        ends = [f"{depth}{label}" for depth, label in enumerate(labels)]
        for depth, (end, label) in enumerate(zip(ends, labels, strict=True)):
            nodes.setdefault(end, {"name": end, "label": label or _("not said"), "depth": depth})
        for pair in ((ends[0], ends[1]), (ends[1], ends[2])):
            links[pair] = links.get(pair, 0) + size
    return {
        "kind": "sankey",
        "nodes": list(nodes.values()),
        "links": [{"source": begin, "target": end, "value": value} for (begin, end), value in links.items()],
    }
