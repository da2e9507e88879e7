"""Elements of HTML and SVG. Whatever is not markup already is escaped, and nothing is made markup by mistake.

Only ``tag`` makes markup out of text, and it writes names of elements and attributes as the code gives them, never
as data does. Text and attribute values are escaped, and characters that a reader would not see, or that turn the
direction of what follows, are shown by their code point.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from waybill.model.findings import Text


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


NOTHING = Markup()

Content = str | Iterable["Content"] | None
"""What an element holds: text, markup, several of these, or nothing."""

_VOID = frozenset({"meta", "input", "br"})


def tag(name: str, /, *content: Content, **attributes: str | float | bool | None) -> Markup:
    """Return an element. Of attribute names a trailing ``_`` falls away and other ``_`` become ``-``.

    An attribute of None or False is left out, one of True stands without a value.
    """
    head = "".join(_attribute(key, value) for key, value in attributes.items())
    if name in _VOID:
        return Markup(f"<{name}{head}>")
    return Markup(f"<{name}{head}>{joined(content)}</{name}>")


def joined(content: Content) -> Markup:
    """Return content as markup, text escaped."""
    if content is None:
        return NOTHING
    if isinstance(content, Markup):
        return content
    if isinstance(content, str):
        return Markup(escape(visible(shortened(content))))
    return Markup("".join(joined(part) for part in content))


def both(text: Text) -> Markup:
    """Return a text in both languages, of which the page shows one; once if it is the same in both."""
    if text.en == text.zh:
        return joined(text.en)
    return Markup(tag("span", text.en, lang="en") + tag("span", text.zh, lang=ZH))


ZH = "zh-Hans"
"""Language tag of Chinese in simplified characters (BCP 47)."""


LONGEST = 400
"""Letters of a text that are shown; of a longer one the middle is left out."""


def shortened(text: str) -> str:
    """Return a text no longer than anybody reads."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST * 3 // 4]}…{text[-LONGEST // 4 + 1 :]}"


def visible(text: str) -> str:
    """Return text with each character that cannot be seen, or reverses others, written as ``\\u202e``."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() or character in _BLANKS else _code(ord(character)) for character in text
    )


_BLANKS = "\n\u00a0\u3000"


def _code(point: int) -> str:
    return f"\\u{point:04x}" if point <= 0xFFFF else f"\\U{point:08x}"


def _attribute(key: str, value: str | float | bool | None) -> str:
    if value is None or value is False:
        return ""
    key = key.rstrip("_").replace("_", "-")
    if value is True:
        return f" {key}"
    if isinstance(value, str):
        text = escape(visible(value))
    else:
        text = f"{value:.1f}" if isinstance(value, float) else str(value)
    return f' {key}="{text}"'
