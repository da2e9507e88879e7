"""Values of fields, and the texts that rules and columns see of them."""

from __future__ import annotations

Scalar = str | int | float | bool | None

Row = dict[str, Scalar]
"""One record, flat: scalars by dotted path."""


def text(value: Scalar) -> str | None:
    """Return a scalar as the text that rules and columns see; JSON's words for true and false."""
    if value is None or type(value) is str:
        return value
    if value is True:
        return "true"
    if value is False:
        return "false"
    return str(value)
