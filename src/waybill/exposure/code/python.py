"""Python to facts, by its syntax tree alone."""

from __future__ import annotations

import warnings

from waybill.exposure.code import skeleton
from waybill.exposure.code.facts import Module
from waybill.exposure.code.modules import facts_of
from waybill.exposure.code.screening import Interest
from waybill.exposure.code.values import Value


def module_facts(content: bytes, path: str, interest: Interest, attributes: dict[str, Value]) -> Module:
    """Return the facts of a file; ``path`` is relative to the root of the code.

    Raises ``SyntaxError``, ``ValueError`` or ``RecursionError`` where it cannot be read as Python.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about escapes in texts of the code that is looked at
        tree = skeleton.parse(content, interest)
    return facts_of(tree, path, interest, attributes)
