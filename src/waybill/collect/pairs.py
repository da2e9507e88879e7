"""Reads lists of named values as objects: ``[{"Name": "To", "Value": "a"}]`` means ``{"To": "a"}``.

Several audit logs write parameters that way. In flat rows such lists would be two rows of words that belong together
only by their order.
"""

from __future__ import annotations

from typing import Any

_NAMES = ("name", "Name")


def named(members: Any) -> Any:
    """Return a list of named values as one object, inner lists too; anything else as it is.

    What a name has is its one value; where it has several, such as the old and the new one, they keep their names. A
    name that repeats has the list of its values.
    """
    if not isinstance(members, list) or not members:
        return members
    fields: dict[str, Any] = {}
    for member in members:
        name = _name_of(member)
        if name is None:
            return members
        value = _value(member)
        if name in fields:
            former = fields[name]
            value = [*(former if isinstance(former, list) else [former]), value]
        fields[name] = value
    return fields


def _name_of(member: Any) -> str | None:
    names = [member[key] for key in _NAMES if key in member] if isinstance(member, dict) else []
    return names[0] if len(names) == 1 and isinstance(names[0], str) and names[0] else None


def _value(member: dict[str, Any]) -> Any:
    values = {key: _inner(value) for key, value in member.items() if key not in _NAMES}
    return next(iter(values.values())) if len(values) == 1 else values


def _inner(value: Any) -> Any:
    """Return a value that may be a message of further named values, as Google nests them."""
    if isinstance(value, dict) and value.keys() == {"parameter"}:
        return named(value["parameter"])
    if isinstance(value, list):
        return [_inner(item) for item in value]
    return value
