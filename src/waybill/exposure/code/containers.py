"""Lists and mappings whose parts are known one by one, as they are changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from waybill.exposure.code.facts import NOTHING
from waybill.exposure.code.values import UNKNOWN, Value, joined, whole


class Walk(Protocol):
    """What is known of where a walk stands."""

    level: int


def put(walk: Walk, box: Value, key: object, value: Value) -> None:
    """Put a value into a container under a key that is known."""
    box.const = UNKNOWN
    items = box.items
    if isinstance(items, list) and isinstance(key, int) and -len(items) <= key < len(items):
        items[key] = value if walk.level == box.level else joined(items[key], value)
    elif isinstance(items, dict) and isinstance(key, str | int | float | bytes | None):
        items[key] = value if walk.level == box.level or key not in items else joined(items[key], value)
    else:
        box.sources |= whole(value)


def remove(walk: Walk, box: Value, key: object) -> None:
    """Take what lies under a key that is known out of a container."""
    items = box.items
    if walk.level != box.level or box.slot:
        return
    box.const = UNKNOWN
    if isinstance(items, list) and isinstance(key, int) and -len(items) <= key < len(items):
        del items[key]
    elif isinstance(items, dict):
        items.pop(key, None)


def change(
    walk: Walk, box: Value, method: str, arguments: Sequence[Value], keywords: Mapping[str, Value]
) -> Value | None:
    """Change a container as a method of it does; return the answer, or nothing if that is not known."""
    if box.name.endswith("ConfigParser()"):
        return _configured(walk, box, method, arguments)
    if box.items is None:
        return None
    if isinstance(box.items, dict) and method == "get" and arguments and not arguments[0].known:
        return Value(whole(box).union(*map(whole, arguments[1:])))  # what is looked up, not what it is looked up by
    if box.slot:
        return None
    if isinstance(box.items, dict):
        return _mapping(walk, box, box.items, method, arguments, keywords)
    return _sequence(walk, box, box.items, method, arguments)


def _mapping(  # noqa: PLR0917  each is another thing
    walk: Walk,
    box: Value,
    items: dict[object, Value],
    method: str,
    arguments: Sequence[Value],
    keywords: Mapping[str, Value],
) -> Value | None:
    first = arguments[0] if arguments else None
    if method in {"get", "pop", "setdefault"} and first is not None and first.known:
        default = arguments[1] if len(arguments) > 1 else Value(const=None)
        if isinstance(first.const, str | int) and first.const in items:
            found = items[first.const]
            if method == "pop" and walk.level == box.level:
                del items[first.const]
            return found
        if method == "setdefault":
            put(walk, box, first.const, default)
        return joined(default, Value(box.sources)) if box.sources else default
    if method == "update":
        for name, value in keywords.items():
            put(walk, box, name, value)
        if first is not None and isinstance(first.items, dict):
            for key, value in first.items.items():
                put(walk, box, key, value)
        elif first is not None:
            box.sources |= whole(first)
        return Value(const=None)
    if method == "set" and len(arguments) == 2 and arguments[0].known:
        put(walk, box, arguments[0].const, arguments[1])
        return box
    return None


def _sequence(  # noqa: PLR0912  one case for each method
    walk: Walk, box: Value, items: list[Value], method: str, arguments: Sequence[Value]
) -> Value | None:
    certain = walk.level == box.level
    first = arguments[0] if arguments else None
    if method in {"append", "push"} and first is not None:
        box.const = UNKNOWN
        if certain and len(items) < 1000:
            items.append(first)
        else:
            box.sources |= whole(first)
        return Value(const=None)
    if method == "insert" and len(arguments) == 2:
        box.const = UNKNOWN
        if certain and isinstance(arguments[0].const, int):
            items.insert(arguments[0].const, arguments[1])
        else:
            box.sources |= whole(arguments[1])
        return Value(const=None)
    if method in {"pop", "shift"} and certain and items:
        place = first.const if first is not None else 0 if method == "shift" else -1
        if isinstance(place, int) and -len(items) <= place < len(items):
            box.const = UNKNOWN
            return items.pop(place)
    if method in {"extend", "push"} and first is not None:
        box.const = UNKNOWN
        if certain and isinstance(first.items, list):
            items.extend(first.items)
        else:
            box.sources |= whole(first)
        return Value(const=None)
    if method == "reverse" and certain:
        box.const = UNKNOWN
        items.reverse()
        return Value(const=None)
    if method == "clear" and certain:
        items.clear()
        box.sources, box.const = NOTHING, UNKNOWN
    return None


def _configured(walk: Walk, box: Value, method: str, arguments: Sequence[Value]) -> Value | None:
    """A configuration keeps values under a section and a name."""
    if not isinstance(box.items, dict) or len(arguments) < 2 or method not in {"set", "get"}:
        return None
    section = box.items.get(arguments[0].text)
    if method == "get":
        return section.items.get(arguments[1].text) if section is not None and isinstance(section.items, dict) else None
    if section is None:
        section = box.items[arguments[0].text] = _mapped(box.level)
    if len(arguments) > 2:
        put(walk, section, arguments[1].text, arguments[2])
    return Value(const=None)


def _mapped(level: int) -> Value:
    found = Value()
    found.items, found.level = {}, level
    return found


_AND_BACK = {"json.loads": "json.dumps()", "pickle.loads": "pickle.dumps()", "ast.literal_eval": "repr()"}
_COPYING = frozenset({"dict", "list", "copy.copy", "copy.deepcopy", "tuple"})


def made_again(walk: Walk, callee: str, arguments: Sequence[Value], keywords: Mapping[str, Value]) -> Value | None:
    """Return what is made of containers by a call that makes or copies one; nothing where it makes none."""
    if callee.endswith("ConfigParser"):
        found = _mapped(walk.level)
        found.name = f"{callee}()"
        return found
    if callee in {"dict", "collections.OrderedDict"} and not arguments:
        found = _mapped(walk.level)
        found.items = dict(keywords)
        return found
    if len(arguments) != 1:
        return None
    held = arguments[0]
    if _AND_BACK.get(callee) == held.name and len(held.parents) > 1:
        held = held.parents[1]
    elif callee not in _COPYING:
        return None
    if held.items is None or held.slot:
        return None
    found = Value(held.sources)
    found.items = dict(held.items) if isinstance(held.items, dict) else list(held.items)
    found.level = walk.level
    return found
