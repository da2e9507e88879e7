"""Statements of JavaScript in the tree of Python."""

from __future__ import annotations

import ast
import re

from tree_sitter import Node

from waybill.exposure.code.script_expressions import FUNCTIONS, Expressions, at, text_of

_BLOCKS = frozenset({"program", "statement_block", "class_body", "switch_case", "switch_default", "else_clause",
                     "finally_clause", "internal_module", "module", "namespace"})  # fmt: skip
_HANDLER = re.compile(r"^on(key(?:down|up|press)|input|change|submit|blur|paste)$")


class Statements(Expressions):
    """Tells statements."""

    def block(self, node: Node | None) -> list[ast.stmt]:
        """Return the statements in a block, or the one statement that stands in its place."""
        if node is None:
            return []
        if node.type not in _BLOCKS:
            return self.statement(node)
        asked = node.child_by_field_name("value") if node.type == "switch_case" else None
        inner = (one for one in node.named_children if asked is None or one.id != asked.id)
        return [made for one in inner for made in self.statement(one)]

    def body_of(self, function: Node) -> list[ast.stmt]:
        """Return the statements of a function."""
        body = function.child_by_field_name("body")
        if body is None:
            return [ast.Pass()]
        if body.type == "statement_block":
            return self.block(body) or [ast.Pass()]
        before, self.pending = self.pending, []
        value = self.expression(body)
        made, self.pending = [*self.pending, at(body, ast.Return(value))], before
        return made

    def statement(self, node: Node) -> list[ast.stmt]:
        """Return a statement, with what its expressions do besides before it."""
        before, self.pending = self.pending, []
        made = self._statement(node)
        made, self.pending = [*self.pending, *made], before
        return made

    def _statement(self, node: Node) -> list[ast.stmt]:  # noqa: PLR0911, PLR0912  one case for each kind of statement
        kind = node.type
        if kind == "expression_statement":
            return self._expressed(node.named_children[0]) if node.named_children else []
        if kind in {"lexical_declaration", "variable_declaration"}:
            return [made for one in node.named_children for made in self._declared(one)]
        if kind in {"function_declaration", "generator_function_declaration"}:
            return [self.function(node, text_of(node.child_by_field_name("name")), [])]
        if kind in {"class_declaration", "abstract_class_declaration", "class"}:
            return [self._class(node, text_of(node.child_by_field_name("name")) or "default")]
        if kind == "return_statement":
            value = node.named_children[0] if node.named_children else None
            return [at(node, ast.Return(self.expression(value)))]
        if kind == "if_statement":
            test = self.expression(node.child_by_field_name("condition"))
            body = self.block(node.child_by_field_name("consequence"))
            return [at(node, ast.If(test, body or [ast.Pass()], self.block(node.child_by_field_name("alternative"))))]
        if kind == "for_in_statement":
            target = self._target(node.child_by_field_name("left"))
            right = self.expression(node.child_by_field_name("right"))
            body = [*target[1], *self.block(node.child_by_field_name("body"))]
            return [at(node, ast.For(target[0], right, body or [ast.Pass()], []))]
        if kind in {"for_statement", "while_statement", "do_statement"}:
            return self._loop(node)
        if kind == "try_statement":
            return [self._try(node)]
        if kind == "switch_statement":
            return self._switch(node)
        if kind in {"import_statement", "export_statement"}:
            return self._import(node) if kind == "import_statement" else self._export(node)
        if kind == "throw_statement":
            return [at(node, ast.Raise(self.expression(node.named_children[0] if node.named_children else None)))]
        if kind in {"break_statement", "continue_statement"}:
            return [at(node, ast.Continue())]
        if kind in _BLOCKS or kind == "labeled_statement":
            return self.block(node if kind in _BLOCKS else node.child_by_field_name("body"))
        if kind in {"field_definition", "public_field_definition", "method_definition"}:
            return self._member(node)
        return []

    def _expressed(self, node: Node) -> list[ast.stmt]:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if node.type in {"assignment_expression", "augmented_assignment_expression"} and left and right:
            return self.assign(left, right, node)
        return [at(node, ast.Expr(self.expression(node)))]

    def _declared(self, node: Node) -> list[ast.stmt]:
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        if name is None or value is None:
            return []
        return self.assign(name, value, node)

    def assign(self, left: Node, right: Node, place: Node) -> list[ast.stmt]:
        """Return the statements of an assignment."""
        name = self._exported_name(left) or (text_of(left) if left.type == "identifier" else "")
        if name and right.type in FUNCTIONS:
            return [self.function(right, name, [])]
        if name and right.type == "class":
            return [self._class(right, name)]
        if name == "default" and right.type == "object":
            return self._exported_object(right)
        if left.type in {"object_pattern", "array_pattern"}:
            whole = self.fresh()
            kept = at(place, ast.Assign([at(left, ast.Name(whole, ast.Store()))], self.expression(right)))
            return [kept, *self.taken_apart(left, at(left, ast.Name(whole, ast.Load())))]
        if left.type == "member_expression" and right.type in FUNCTIONS:
            heard = _HANDLER.match(text_of(left.child_by_field_name("property")))
            if heard is not None:
                return [self._listening(left, heard[1], right)]
        value = self.expression(right)
        if place.type == "augmented_assignment_expression":
            value = at(place, ast.BinOp(self.expression(left), ast.Add(), value))
        target = at(left, ast.Name(name, ast.Store())) if name else self.expression(left)
        return [at(place, ast.Assign([target], value))]

    def _listening(self, left: Node, event: str, handler: Node) -> ast.stmt:
        owner = self.expression(left.child_by_field_name("object"))
        method = at(left, ast.Attribute(owner, "addEventListener", ast.Load()))
        call = at(left, ast.Call(method, [at(left, ast.Constant(event)), self.closure(handler)], []))
        return at(left, ast.Expr(call))

    @staticmethod
    def _exported_name(left: Node) -> str:
        """Return the name under which an assignment hands something on; ``module.exports`` itself is the default."""
        text = text_of(left)
        if text == "module.exports":
            return "default"
        for start in ("module.exports.", "exports."):
            if text.startswith(start) and "." not in text[len(start) :]:
                return text[len(start) :]
        return ""

    def _exported_object(self, node: Node) -> list[ast.stmt]:
        made: list[ast.stmt] = []
        for one in node.named_children:
            if one.type == "method_definition":
                made.append(self.function(one, text_of(one.child_by_field_name("name")), []))
            elif one.type == "pair":
                key, value = one.child_by_field_name("key"), one.child_by_field_name("value")
                name = text_of(key).strip("\"'")
                if value is not None and value.type in FUNCTIONS:
                    made.append(self.function(value, name, []))
                elif value is not None and text_of(value) != name:
                    made.append(at(one, ast.Assign([at(one, ast.Name(name, ast.Store()))], self.expression(value))))
        return made

    def taken_apart(self, pattern: Node, value: ast.expr) -> list[ast.stmt]:
        """Return the statements that bind the names of a pattern to parts of a value."""
        made: list[ast.stmt] = []
        for one in pattern.named_children:
            key, inner = text_of(one), one
            if one.type == "pair_pattern":
                key, inner = text_of(one.child_by_field_name("key")), one.child_by_field_name("value") or one
            if inner.type in {"object_assignment_pattern", "assignment_pattern"}:
                inner = inner.child_by_field_name("left") or inner
                key = text_of(inner) if one.type != "pair_pattern" else key
            if inner.type == "rest_pattern" and inner.named_children:
                made.append(self._bound(inner.named_children[0], value))
                continue
            part: ast.expr = at(one, ast.Attribute(value, key.strip("\"'"), ast.Load()))
            if pattern.type == "array_pattern":
                part = at(one, ast.Subscript(value, at(one, ast.Name("%place", ast.Load())), ast.Load()))
            if inner.type in {"object_pattern", "array_pattern"}:
                made += self.taken_apart(inner, part)
            else:
                made.append(self._bound(inner, part))
        return made

    @staticmethod
    def _bound(name: Node, value: ast.expr) -> ast.stmt:
        return at(name, ast.Assign([at(name, ast.Name(text_of(name), ast.Store()))], value))

    def _target(self, node: Node | None) -> tuple[ast.expr, list[ast.stmt]]:
        """Return what a loop binds, and how that is taken apart."""
        if node is not None and node.type in {"object_pattern", "array_pattern"}:
            name = self.fresh()
            return at(node, ast.Name(name, ast.Store())), self.taken_apart(node, at(node, ast.Name(name, ast.Load())))
        return self.expression(node), []

    def _loop(self, node: Node) -> list[ast.stmt]:
        first = node.child_by_field_name("initializer")
        before = self.statement(first) if first is not None else []
        test = node.child_by_field_name("condition")
        if test is not None and test.type == "expression_statement":
            test = test.named_children[0] if test.named_children else None
        body = self.block(node.child_by_field_name("body"))
        step = node.child_by_field_name("increment")
        if step is not None:
            body += self._expressed(step)
        return [*before, at(node, ast.While(self.expression(test), body or [ast.Pass()], []))]

    def _try(self, node: Node) -> ast.stmt:
        handler = node.child_by_field_name("handler")
        handlers = []
        if handler is not None:
            name = handler.child_by_field_name("parameter")
            body = self.block(handler.child_by_field_name("body")) or [ast.Pass()]
            handlers = [at(handler, ast.ExceptHandler(None, text_of(name) if name is not None else None, body))]
        finally_ = node.child_by_field_name("finalizer")
        return at(
            node,
            ast.Try(
                self.block(node.child_by_field_name("body")) or [ast.Pass()],
                handlers,
                [],
                self.block(finally_.child_by_field_name("body")) if finally_ is not None else [],
            ),
        )

    def _switch(self, node: Node) -> list[ast.stmt]:
        """Each case is one that may be taken or not."""
        body = node.child_by_field_name("body")
        made: list[ast.stmt] = [at(node, ast.Expr(self.expression(node.child_by_field_name("value"))))]
        for one in body.named_children if body is not None else ():
            inner = [stmt for stmt in self.block(one) if not isinstance(stmt, ast.Continue)]
            if inner:
                made.append(at(one, ast.If(at(one, ast.Name("%case", ast.Load())), inner, [])))
        return made

    def _class(self, node: Node, name: str) -> ast.stmt:
        bases: list[ast.expr] = []
        for one in node.named_children:
            if one.type == "class_heritage":
                clause = next((part for part in one.named_children if part.type == "extends_clause"), one)
                bases = [self.expression(clause.named_children[0])] if clause.named_children else []
        body = self.block(node.child_by_field_name("body")) or [ast.Pass()]
        return at(node, ast.ClassDef(name, bases, [], body, []))

    def _member(self, node: Node) -> list[ast.stmt]:
        name = text_of(node.child_by_field_name("name") or node.child_by_field_name("property")).lstrip("#")
        if node.type == "method_definition":
            return [self.function(node, name, ["self"])]
        value = node.child_by_field_name("value")
        if value is None:
            return []
        if value.type in FUNCTIONS:
            return [self.function(value, name, ["self"])]
        return [at(node, ast.Assign([at(node, ast.Name(name, ast.Store()))], self.expression(value)))]

    def _import(self, node: Node) -> list[ast.stmt]:
        source = text_of(node.child_by_field_name("source")).strip("\"'`")
        full = self.loaded(source)
        own = source.startswith(".")
        made: list[ast.stmt] = []
        clause = next((one for one in node.named_children if one.type == "import_clause"), None)
        for one in clause.named_children if clause is not None else ():
            if one.type == "identifier":
                name = f"{full}.default" if own else full
                made.append(at(node, ast.Import([ast.alias(name, text_of(one))])))
            elif one.type == "namespace_import":
                made.append(at(node, ast.Import([ast.alias(full, text_of(one.named_children[0]))])))
            elif one.type == "named_imports":
                made.append(at(node, ast.ImportFrom(full, self._specified(one), 0)))
        return made

    @staticmethod
    def _specified(clause: Node) -> list[ast.alias]:
        found = []
        for one in clause.named_children:
            name = text_of(one.child_by_field_name("name"))
            if name:
                found.append(ast.alias(name, text_of(one.child_by_field_name("alias")) or None))
        return found

    def _export(self, node: Node) -> list[ast.stmt]:
        declared = node.child_by_field_name("declaration")
        value = node.child_by_field_name("value")
        source = node.child_by_field_name("source")
        is_default = any(one.type == "default" for one in node.children)
        if source is not None:
            full = self.loaded(text_of(source).strip("\"'`"))
            clause = next((one for one in node.named_children if one.type == "export_clause"), None)
            return [at(node, ast.ImportFrom(full, self._specified(clause), 0))] if clause is not None else []
        if declared is not None:
            made = self.statement(declared)
            name = text_of(declared.child_by_field_name("name"))
            return [*made, self._default(node, name)] if is_default and name else made
        if value is not None and is_default:
            if value.type in FUNCTIONS:
                return [self.function(value, "default", [])]
            if value.type == "object":
                return self._exported_object(value)
            return [at(node, ast.Assign([at(node, ast.Name("default", ast.Store()))], self.expression(value)))]
        return []

    @staticmethod
    def _default(node: Node, name: str) -> ast.stmt:
        return at(
            node,
            ast.Assign([at(node, ast.Name("default", ast.Store()))], at(node, ast.Name(name, ast.Load()))),
        )
