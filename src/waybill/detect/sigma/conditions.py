"""Boolean expressions over predicates: what a rule's condition becomes.

A node answers for all rows of a view at once. An answer is a mask, or plain True or False where it is the same for
all rows, so that a rule whose first test holds nowhere costs next to nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol, TypeAlias

import msgspec

from waybill.detect.sigma.columns import Mask
from waybill.detect.sigma.literals import LITERAL, Literal
from waybill.detect.sigma.predicates import RELATIONS, Op, Predicate


class View(Protocol):
    """Some rows that predicates can be asked about."""

    def mask(self, predicate: Predicate) -> Mask:
        """Return for each row whether ``predicate`` holds."""


class Test(msgspec.Struct, frozen=True):
    """One predicate."""

    predicate: Predicate

    @property
    def cost(self) -> int:
        """Rough time to answer, in units of one comparison per distinct value."""
        return (
            _COST.get(self.predicate.op, 1) * max(1, len(self.predicate.values)) * (1 if self.predicate.field else 50)
        )

    def mask(self, view: View) -> Mask:
        """Return for each row whether it holds."""
        return view.mask(self.predicate)

    def reasons(self, view: View, row: int) -> Iterator[Predicate]:
        """Yield the predicates that hold of ``row`` and make the condition hold."""
        if holds(self.mask(view), row):
            yield self.predicate


class All(msgspec.Struct, frozen=True):
    """Every one of its nodes, cheapest first."""

    nodes: tuple[Node, ...]

    @property
    def cost(self) -> int:
        """Sum over its nodes."""
        return sum(node.cost for node in self.nodes)

    def mask(self, view: View) -> Mask:
        """Return for each row whether all hold; stops as soon as no row is left."""
        mask: Mask = True
        for node in self.nodes:
            other = node.mask(view)
            if other is False:
                return False
            if other is not True:
                mask = other if mask is True else mask & other
                if not mask.any():
                    return False
        return mask

    def reasons(self, view: View, row: int) -> Iterator[Predicate]:
        """Yield those of all its nodes."""
        for node in self.nodes:
            yield from node.reasons(view, row)


class Either(msgspec.Struct, frozen=True):
    """At least one of its nodes, cheapest first."""

    nodes: tuple[Node, ...]

    @property
    def cost(self) -> int:
        """Sum over its nodes."""
        return sum(node.cost for node in self.nodes)

    def mask(self, view: View) -> Mask:
        """Return for each row whether any holds; stops as soon as all rows are covered."""
        mask: Mask = False
        for node in self.nodes:
            other = node.mask(view)
            if other is True:
                return True
            if other is not False:
                mask = other if mask is False else mask | other
        return mask

    def reasons(self, view: View, row: int) -> Iterator[Predicate]:
        """Yield those of the nodes that hold of ``row``."""
        for node in self.nodes:
            if holds(node.mask(view), row):
                yield from node.reasons(view, row)


class Not(msgspec.Struct, frozen=True):
    """The opposite of its node."""

    node: Node

    @property
    def cost(self) -> int:
        """That of its node."""
        return self.node.cost

    def mask(self, view: View) -> Mask:
        """Return for each row whether it does not hold."""
        mask = self.node.mask(view)
        return not mask if isinstance(mask, bool) else ~mask

    def reasons(self, view: View, row: int) -> Iterator[Predicate]:
        """Yield nothing: what is absent shows no value."""
        yield from ()


Node: TypeAlias = Test | All | Either | Not

Witness: TypeAlias = tuple[str, Literal]
"""A field and a literal in it; keywords have no field."""

_COST = {Op.CONTAINS: 3, Op.MATCHES: 20, Op.WITHIN: 10, Op.FIELD_CONTAINS: 20}

_MERGED = frozenset({Op.EQUALS, Op.STARTS, Op.ENDS, Op.CONTAINS, Op.NUMBER, Op.WITHIN})
"""Operators of which several tests of one field, joined by `or`, become one predicate with several values."""


def holds(mask: Mask, row: int) -> bool:
    """Return the truth of one row."""
    return mask if isinstance(mask, bool) else bool(mask[row])


def all_of(nodes: Iterable[Node]) -> Node:
    """Return a node that holds where every one of ``nodes`` does."""
    flat = [inner for node in nodes for inner in (node.nodes if isinstance(node, All) else (node,))]
    ordered = tuple(sorted(dict.fromkeys(flat), key=lambda node: node.cost))
    return ordered[0] if len(ordered) == 1 else All(ordered)


def any_of(nodes: Iterable[Node]) -> Node:
    """Return a node that holds where at least one of ``nodes`` does."""
    flat = [inner for node in nodes for inner in (node.nodes if isinstance(node, Either) else (node,))]
    merged: dict[Node | tuple[str, Op, bool, str], list[Node]] = {}
    for node in flat:
        known = node.predicate if isinstance(node, Test) and node.predicate.op in _MERGED else None
        merged.setdefault((known.field, known.op, known.cased, known.part) if known else node, []).append(node)
    ordered = tuple(sorted((_merge(group) for group in merged.values()), key=lambda node: node.cost))
    return ordered[0] if len(ordered) == 1 else Either(ordered)


def _merge(group: list[Node]) -> Node:
    predicates = [node.predicate for node in group if isinstance(node, Test)]
    if len(group) == 1 or not predicates:
        return group[0]
    values = dict.fromkeys(value for predicate in predicates for value in predicate.values)
    return Test(msgspec.structs.replace(predicates[0], values=tuple(values)))


def predicates_of(node: Node) -> Iterator[Predicate]:
    """Yield every predicate of an expression."""
    match node:
        case Test(predicate):
            yield predicate
        case Not(inner):
            yield from predicates_of(inner)
        case All(nodes) | Either(nodes):
            for inner in nodes:
                yield from predicates_of(inner)


def witness(node: Node) -> frozenset[Witness]:
    """Return literals of which at least one is in a record of which the expression holds; empty if there are none.

    Of several such sets it is the one whose shortest literal is longest: long literals are rare.
    """
    match node:
        case Test(predicate) if predicate.op in LITERAL and not predicate.cased:
            return frozenset((predicate.field, (predicate.op, str(value))) for value in predicate.values)
        case All(nodes):
            return max(map(witness, nodes), key=_rarity)
        case Either(nodes):
            every = [witness(inner) for inner in nodes]
            return frozenset().union(*every) if all(every) else frozenset()
    return frozenset()


def _rarity(witnesses: frozenset[Witness]) -> int:
    return min((len(value) for _, (_, value) in witnesses), default=-1)


def missing(node: Node, present: frozenset[str]) -> frozenset[str]:
    """Return fields without which the expression holds of no record that has none but the fields ``present``.

    Empty if it can hold: a test needs its field, `not` needs nothing, `or` needs one of its nodes.
    """
    match node:
        case Test(predicate):
            needed = {predicate.field} - {""}
            if predicate.op in RELATIONS:
                needed |= {str(predicate.values[0])}
            return frozenset(needed - present)
        case All(nodes):
            return frozenset().union(*(missing(inner, present) for inner in nodes))
        case Either(nodes):
            lacking = [missing(inner, present) for inner in nodes]
            return frozenset().union(*lacking) if all(lacking) else frozenset()
    return frozenset()
