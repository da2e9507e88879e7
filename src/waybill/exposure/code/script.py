"""JavaScript and TypeScript to facts: parsed by tree-sitter and told in the tree of Python, which is then walked.

Statements and expressions of the two languages mean nearly the same to somebody who follows data, so that one walk does
for both; what has no counterpart (destructuring, exports, handlers of events) is spelt out. Types are left out.
"""

from __future__ import annotations

import ast
from functools import cache

import tree_sitter_javascript
import tree_sitter_typescript
from tree_sitter import Language, Parser

from waybill.exposure.code.facts import Module
from waybill.exposure.code.modules import facts_of
from waybill.exposure.code.names import module_name
from waybill.exposure.code.screening import Interest
from waybill.exposure.code.script_statements import Statements
from waybill.exposure.code.values import Value

MOST_ERRORS = 0.2
"""Share of a file in which the grammar finds no sense, from which on it is said not to be inspected."""


def module_facts(content: bytes, path: str, interest: Interest, attributes: dict[str, Value]) -> Module:
    """Return the facts of a file; raise ``SyntaxError`` where it makes no sense as JavaScript or TypeScript."""
    root = _parser(path.rpartition(".")[2]).parse(content).root_node
    wrong = sum(node.end_byte - node.start_byte for node in root.children if node.type == "ERROR")
    if root.type == "ERROR" or wrong > MOST_ERRORS * max(1, len(content)):
        raise SyntaxError(f"the grammar finds no sense in {wrong or len(content)} of {len(content)} bytes")
    statements = Statements(module_name(path))
    tree = ast.Module(statements.block(root), [])
    return facts_of(tree, path, interest, attributes, is_script=True, more=frozenset(statements.roots))


@cache
def _parser(ending: str) -> Parser:
    if ending in {"ts", "mts", "cts"}:
        return Parser(Language(tree_sitter_typescript.language_typescript()))
    if ending == "tsx":
        return Parser(Language(tree_sitter_typescript.language_tsx()))
    return Parser(Language(tree_sitter_javascript.language()))
