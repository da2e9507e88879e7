"""What lies in a file, a table or a message: kinds of sensitive data, persons, grade, and known documents.

The room reads bytes and answers; it stores nothing and knows neither the lake nor the register.

::

    types() -> Mapping[str, DataType]                     the catalogue: id, names {en, zh}, category, sensitivity, …
    scan(data, *, header="", only=None, least=0.5) -> Hits
        Hits: a sequence of Hit(type, start, end, score, evidence), also as arrays; .counts(), .characters()
    scan_table(columns) -> {name: ColumnDecision(name, type, score, share, cells, distinct, evidence)}
    Tally(names_sought=False).add(data, hits); .summary() -> Summary    over many pieces; summarise(data, hits) for one
        Summary(values, distinct, persons, names_sought, share)
    grade(summary, rules=None, *, day=None) -> Suggestion(grade, reason {en, zh}, rule, others); rules()
    register_table(table, path, key, *, searched) -> Registration; ExactTable(path, key).scan(data, *, least=2,
        within=400) -> [ExactMatch(row, start, end, columns)]; .share(matches) -> float     (exact data match)
    assess(table, quasi_identifiers, sensitive, Wanted(k, l, entropy, t)) -> Assessment; roles_of(decisions) -> Roles
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from waybill.content.anonymity import Assessment, Roles, Wanted, assess, roles_of
    from waybill.content.catalogue import Category, DataType, Sensitivity, types
    from waybill.content.columns import ColumnDecision, scan_table
    from waybill.content.exact import ExactMatch, ExactTable, Registration, register_table
    from waybill.content.grading import GradingRule, Suggestion, grade, rules
    from waybill.content.hits import Evidence, Hit, Hits, masked
    from waybill.content.scanner import LEAST, scan, scanner_for
    from waybill.content.tally import Summary, Tally, summarise

__all__ = [
    "LEAST",
    "Assessment",
    "Category",
    "ColumnDecision",
    "DataType",
    "Evidence",
    "ExactMatch",
    "ExactTable",
    "GradingRule",
    "Hit",
    "Hits",
    "Registration",
    "Roles",
    "Sensitivity",
    "Suggestion",
    "Summary",
    "Tally",
    "Wanted",
    "assess",
    "grade",
    "masked",
    "register_table",
    "roles_of",
    "rules",
    "scan",
    "scan_table",
    "scanner_for",
    "summarise",
    "types",
]

_MODULES = {
    "anonymity": ("Assessment", "Roles", "Wanted", "assess", "roles_of"),
    "catalogue": ("Category", "DataType", "Sensitivity", "types"),
    "columns": ("ColumnDecision", "scan_table"),
    "exact": ("ExactMatch", "ExactTable", "Registration", "register_table"),
    "grading": ("GradingRule", "Suggestion", "grade", "rules"),
    "hits": ("Evidence", "Hit", "Hits", "masked"),
    "scanner": ("LEAST", "scan", "scanner_for"),
    "tally": ("Summary", "Tally", "summarise"),
}
"""Where each name stands. It is loaded when it is first asked for: processes that read hostile files need little of the
room, and are to start quickly with as little code as possible."""

_WHERE = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    """Return what stands in a module of the room."""
    if name not in _WHERE:
        raise AttributeError(name)
    found = globals()[name] = getattr(import_module(f"waybill.content.{_WHERE[name]}"), name)
    return found
