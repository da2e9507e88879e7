"""Expressions of JavaScript in the tree of Python."""

from __future__ import annotations

import ast
from abc import abstractmethod
from typing import TypeVar

from tree_sitter import Node

from waybill.exposure.code.closures import Closure
from waybill.exposure.code.names import module_path

_T = TypeVar("_T", bound=ast.AST)

FUNCTIONS = frozenset({"arrow_function", "function_expression", "generator_function", "function"})
_WRAPPINGS = frozenset(
    {"as_expression", "satisfies_expression", "non_null_expression", "type_assertion", "instantiation_expression"}
)
_BINARY: dict[str, type[ast.operator]] = {
    "+": ast.Add, "-": ast.Sub, "*": ast.Mult, "/": ast.Div, "%": ast.Mod, "**": ast.Pow, "<<": ast.LShift,
    ">>": ast.RShift, ">>>": ast.RShift, "&": ast.BitAnd, "|": ast.BitOr, "^": ast.BitXor,
}  # fmt: skip
_COMPARED: dict[str, type[ast.cmpop]] = {
    "==": ast.Eq, "===": ast.Eq, "!=": ast.NotEq, "!==": ast.NotEq, "<": ast.Lt, "<=": ast.LtE, ">": ast.Gt,
    ">=": ast.GtE, "in": ast.In, "instanceof": ast.Is,
}  # fmt: skip
_OF_PAGES = frozenset(
    {"jsx_expression", "jsx_attribute", "jsx_opening_element", "jsx_element", "jsx_closing_element",
     "jsx_self_closing_element", "template_substitution"}
)  # fmt: skip
_CONSTANTS = {"true": True, "false": False, "null": None, "undefined": None}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "\n": ""}


def text_of(node: Node | None) -> str:
    """Return the text of a node."""
    return node.text.decode("utf-8", "replace") if node is not None and node.text is not None else ""


def at(node: Node, made: _T) -> _T:
    """Give what was made the place of where it comes from."""
    made.lineno = node.start_point[0] + 1  # type: ignore[attr-defined]
    made.end_lineno = node.end_point[0] + 1  # type: ignore[attr-defined]
    made.col_offset = made.end_col_offset = 0  # type: ignore[attr-defined]
    return made


class LazyFunction(ast.FunctionDef):
    """A function whose body is told only when somebody walks it."""

    statements: Expressions
    node: Node
    first: list[ast.stmt]
    """What its parameters are taken apart by."""

    @property
    def body(self) -> list[ast.stmt]:  # type: ignore[override]
        """The statements."""
        if not hasattr(self, "told"):
            self.told = [*self.first, *self.statements.body_of(self.node)]
        return self.told


class Expressions:
    """Tells expressions."""

    def __init__(self, module: str) -> None:
        self.module = module
        self.roots: set[str] = set()
        """First parts of the names of other files of the program."""
        self.pending: list[ast.stmt] = []
        """What an expression does besides, to be done before its statement."""
        self.made = 0

    @abstractmethod
    def body_of(self, function: Node) -> list[ast.stmt]:
        """Return the statements of a function."""

    @abstractmethod
    def assign(self, left: Node, right: Node, place: Node) -> list[ast.stmt]:
        """Return the statements of an assignment."""

    @abstractmethod
    def taken_apart(self, pattern: Node, value: ast.expr) -> list[ast.stmt]:
        """Return the statements that bind the names of a pattern."""

    def expression(self, node: Node | None) -> ast.expr:  # noqa: PLR0911, PLR0912  one case for each kind of expression
        """Return an expression in the tree of Python."""
        if node is None:
            return ast.Constant(None, lineno=1, col_offset=0)
        kind = node.type
        if kind in {"identifier", "property_identifier", "shorthand_property_identifier", "type_identifier"}:
            return at(node, ast.Name(text_of(node), ast.Load()))
        if kind in _CONSTANTS:
            return at(node, ast.Constant(_CONSTANTS[kind]))
        if kind in {"string", "template_string"}:
            return self._text(node)
        if kind == "number":
            return at(node, ast.Constant(_number(text_of(node))))
        if kind in {"call_expression", "new_expression"}:
            return self._call(node)
        if kind == "member_expression":
            inner = self.expression(node.child_by_field_name("object"))
            return at(node, ast.Attribute(inner, text_of(node.child_by_field_name("property")), ast.Load()))
        if kind == "subscript_expression":
            return self._subscript(node)
        if kind in FUNCTIONS:
            return self.closure(node)
        if kind == "object":
            return self._object(node)
        if kind == "array":
            return at(node, ast.List([self.expression(one) for one in node.named_children], ast.Load()))
        if kind == "binary_expression":
            return self._binary(node)
        if kind == "parenthesized_expression" or kind in _WRAPPINGS:
            return self.expression(next((one for one in node.named_children if one.type != "comment"), None))
        if kind == "await_expression":
            return at(node, ast.Await(self.expression(node.named_children[0] if node.named_children else None)))
        if kind == "ternary_expression":
            parts = [self.expression(node.child_by_field_name(name)) for name in _TERNARY]
            return at(node, ast.IfExp(*parts))
        if kind in {"this", "super"}:
            return at(node, ast.Name("self", ast.Load()))
        if kind == "spread_element":
            return at(node, ast.Starred(self.expression(node.named_children[0]), ast.Load()))
        if kind in {"assignment_expression", "augmented_assignment_expression"}:
            return self._assigned(node)
        if kind == "sequence_expression":
            *others, last = [self.expression(one) for one in node.named_children] or [at(node, ast.Constant(None))]
            self.pending += [at(node, ast.Expr(one)) for one in others]
            return last
        if kind == "unary_expression" and text_of(node.child_by_field_name("operator")) in {"!", "-"}:
            sign = ast.Not() if text_of(node.child_by_field_name("operator")) == "!" else ast.USub()
            return at(node, ast.UnaryOp(sign, self.expression(node.child_by_field_name("argument"))))
        if kind == "regex":
            return at(node, ast.Name("RegExp", ast.Load()))
        return self._parts(node)

    def _parts(self, node: Node) -> ast.expr:
        """Return the expressions in something else, such as a part of a page, as a list."""
        found, waiting = [], list(reversed(node.named_children))
        while waiting:
            one = waiting.pop()
            if one.type in _OF_PAGES:
                waiting += reversed(one.named_children)
            elif one.type not in {"jsx_text", "comment", "property_identifier", "type_annotation", "statement_block"}:
                found.append(self.expression(one))
        return at(node, ast.List(found, ast.Load()))

    def _text(self, node: Node) -> ast.expr:
        parts: list[ast.expr] = []
        for one in node.named_children:
            if one.type == "template_substitution":
                inner = self.expression(one.named_children[0] if one.named_children else None)
                parts.append(at(one, ast.FormattedValue(inner, -1)))
            else:
                parts.append(at(one, ast.Constant(_fragment(one))))
        if all(isinstance(part, ast.Constant) for part in parts):
            return at(node, ast.Constant("".join(str(part.value) for part in parts if isinstance(part, ast.Constant))))
        return at(node, ast.JoinedStr(parts))

    def _call(self, node: Node) -> ast.expr:
        function = node.child_by_field_name("function") or node.child_by_field_name("constructor")
        given = node.child_by_field_name("arguments")
        callee = self.expression(function)
        if function is not None and function.type == "import":
            callee = at(function, ast.Name("require", ast.Load()))
        if given is None:
            arguments: list[ast.expr] = []
        elif given.type == "template_string":
            arguments = [self._text(given)]
        else:
            arguments = [self.expression(one) for one in given.named_children if one.type != "comment"]
        first = arguments[0] if arguments else None
        if isinstance(callee, ast.Name) and callee.id == "require" and isinstance(first, ast.Constant):
            self.loaded(str(first.value))
        return at(node, ast.Call(callee, arguments, []))

    def loaded(self, name: str) -> str:
        """Note that another file is loaded; return its full name."""
        full = module_path(name, self.module)
        if name.startswith("."):
            self.roots.add(full.partition(".")[0])
        return full

    def _subscript(self, node: Node) -> ast.expr:
        inner = self.expression(node.child_by_field_name("object"))
        place = self.expression(node.child_by_field_name("index"))
        if isinstance(place, ast.Constant) and isinstance(place.value, str):
            return at(node, ast.Attribute(inner, place.value, ast.Load()))
        return at(node, ast.Subscript(inner, place, ast.Load()))

    def _object(self, node: Node) -> ast.expr:
        keys: list[ast.expr | None] = []
        values: list[ast.expr] = []
        for one in node.named_children:
            if one.type == "pair":
                key = one.child_by_field_name("key")
                plain = key is not None and key.type in {"property_identifier", "string", "number"}
                keys.append(at(one, ast.Constant(text_of(key).strip("\"'"))) if plain else self._parts(one))
                values.append(self.expression(one.child_by_field_name("value")))
            elif one.type == "shorthand_property_identifier":
                keys.append(at(one, ast.Constant(text_of(one))))
                values.append(self.expression(one))
            elif one.type == "spread_element":
                keys.append(None)
                values.append(self.expression(one.named_children[0]))
            elif one.type == "method_definition":
                keys.append(at(one, ast.Constant(text_of(one.child_by_field_name("name")))))
                values.append(self.closure(one))
        return at(node, ast.Dict(keys, values))

    def _binary(self, node: Node) -> ast.expr:
        sign = text_of(node.child_by_field_name("operator"))
        left = self.expression(node.child_by_field_name("left"))
        right = self.expression(node.child_by_field_name("right"))
        if sign in _BINARY:
            return at(node, ast.BinOp(left, _BINARY[sign](), right))
        if sign in _COMPARED:
            return at(node, ast.Compare(left, [_COMPARED[sign]()], [right]))
        return at(node, ast.BoolOp(ast.And() if sign == "&&" else ast.Or(), [left, right]))

    def _assigned(self, node: Node) -> ast.expr:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None or right is None:
            return self._parts(node)
        self.pending += self.assign(left, right, node)
        return self.expression(left) if left.type in {"identifier", "member_expression"} else self._parts(left)

    def closure(self, node: Node) -> ast.expr:
        """Return a function as an expression."""
        return at(node, Closure(self.function(node, "closure", [])))

    def function(self, node: Node, name: str, first: list[str]) -> ast.FunctionDef:
        """Return a function; ``first`` are parameters that the language does not name."""
        names, apart = list(first), []
        given = node.child_by_field_name("parameters") or node.child_by_field_name("parameter")
        ones = [given] if given is not None and given.type == "identifier" else given.named_children if given else []
        for one in ones:
            pattern = one.child_by_field_name("pattern") or one
            if pattern.type == "assignment_pattern":
                pattern = pattern.child_by_field_name("left") or pattern
            if pattern.type == "rest_pattern" and pattern.named_children:
                pattern = pattern.named_children[0]
            if pattern.type in {"object_pattern", "array_pattern"}:
                names.append(self.fresh())
                apart += self.taken_apart(pattern, at(pattern, ast.Name(names[-1], ast.Load())))
            elif pattern.type == "identifier":
                names.append(text_of(pattern))
        arguments = ast.arguments([], [ast.arg(one) for one in names], None, [], [], None, [])
        made = LazyFunction(name=name, args=arguments, decorator_list=[])  # type: ignore[call-arg]  # its body comes later
        made.statements, made.node, made.first = self, node, apart
        return at(node, made)

    def fresh(self) -> str:
        """Return a name that no code can have."""
        self.made += 1
        return f"%{self.made}"


_TERNARY = ("condition", "consequence", "alternative")


def _number(text: str) -> int | float | None:
    plain = text.replace("_", "").rstrip("n")
    try:
        return int(plain, 0)
    except ValueError:
        try:
            return float(plain)
        except ValueError:
            return None


def _fragment(node: Node) -> str:
    """Return a part of a text, with what escapes in it stand for."""
    text = text_of(node)
    if node.type != "escape_sequence":
        return text
    body = text[1:]
    try:
        if body[:1] == "u":
            return chr(int(body[1:].strip("{}"), 16))
        if body[:1] == "x":
            return chr(int(body[1:], 16))
    except (ValueError, OverflowError):
        return text
    return _ESCAPES.get(body, body)
