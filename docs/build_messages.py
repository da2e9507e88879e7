"""Writes the catalogue of the console's texts: ``python -m docs.build_messages`` (``make messages``).

Texts are gathered from templates, from the console's modules, and from what pages show of the code itself: meanings of
settings and columns. Translations that are there are kept; new ones are empty, changed ones are marked fuzzy, and both
fail a test. Pages read the compiled file beside the catalogue.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parent.parent
CONSOLE = ROOT / "src" / "waybill" / "console"
CATALOGUE = CONSOLE / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"

_WORDS = {"gettext": None, "gettext_lazy": None, "gettext_noop": None, "ngettext": (1, 2), "_": None}
_HEAD = "Texts of Waybill's console. Written by `make messages`; translations are written here by hand."

_NEVER = datetime(2026, 1, 1, tzinfo=UTC)
"""Stands in the file for when it was written, so that the same texts give the same bytes."""

Message = str | tuple[str, ...]
"""A text, or one and many."""


def gathered() -> Catalog:
    """Return all texts that pages show, without translations."""
    catalogue = Catalog(
        locale="zh_Hans", header_comment=f"# {_HEAD}", fuzzy=False, creation_date=_NEVER, revision_date=_NEVER
    )
    for place, message in _messages():
        catalogue.add(message, locations=[(place, 1)])
    return catalogue


def merged() -> Catalog:
    """Return the texts with the translations that the catalogue has."""
    known = read()
    catalogue = gathered()
    for message in catalogue:
        before = known.get(message.id) if message.id else None
        if message.id and before is not None:
            message.string = before.string
            message.flags |= before.flags & {"fuzzy"}
    return catalogue


def read() -> Catalog:
    """Return the catalogue as it stands in its file; an empty one if there is none."""
    if not CATALOGUE.exists():
        return Catalog(locale="zh_Hans")
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="zh_Hans")


def text_of(catalogue: Catalog) -> bytes:
    """Return the catalogue as its file has it."""
    stream = io.BytesIO()
    write_po(stream, catalogue, width=120, sort_output=True, include_lineno=False)
    return stream.getvalue()


def compiled(catalogue: Catalog) -> bytes:
    """Return the catalogue as pages read it."""
    stream = io.BytesIO()
    write_mo(stream, catalogue)
    return stream.getvalue()


def _messages() -> Iterator[tuple[str, Message]]:
    for file in sorted(CONSOLE.rglob("*.py")):
        yield from _of_python(file)
    for file in sorted((CONSOLE / "templates").rglob("*.html")):
        yield from _of_template(file)
    yield from _of_code()


def _of_python(file: Path) -> Iterator[tuple[str, Message]]:
    with file.open("rb") as source:
        for _, message, _, _ in extract("python", source, keywords=_WORDS):
            yield _place(file), message


def _of_template(file: Path) -> Iterator[tuple[str, Message]]:
    """Yield the texts of a template, as Django itself would hand them to gettext."""
    from django.utils.translation.template import templatize

    code = templatize(file.read_text(encoding="utf-8"), origin=str(file))
    source = io.BytesIO("\n".join(_CALLS.findall(code)).encode())
    for _, message, _, _ in extract("python", source, keywords=_WORDS):
        yield _place(file), message


_STRING = r"""u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
_CALLS = re.compile(rf"(?:ngettext\({_STRING},\s*{_STRING},.*?\)|(?:gettext|_)\({_STRING}\))", re.DOTALL)


def _of_code() -> Iterator[tuple[str, Message]]:
    """Yield what pages show of the code: meanings of settings and of columns."""
    from waybill.flow.settings import Settings
    from waybill.model.transfers import COLUMNS

    for name, field in Settings.model_fields.items():
        yield f"settings: {name}", field.description or ""
    for column in COLUMNS:
        yield f"columns: {column.name}", column.meaning


def _place(file: Path) -> str:
    return str(file.relative_to(CONSOLE))


def missing(catalogue: Catalog) -> Iterable[str]:
    """Return the texts that have no translation, or one that is not certain."""
    for message in catalogue:
        strings = message.string if isinstance(message.string, tuple | list) else [message.string]
        if message.id and (message.fuzzy or not all(strings)):
            yield str(message.id)


def main() -> None:
    """Write the catalogue and its compiled form; name what is to be translated."""
    catalogue = merged()
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    CATALOGUE.write_bytes(text_of(catalogue))
    CATALOGUE.with_suffix(".mo").write_bytes(compiled(catalogue))
    for text in missing(catalogue):
        print(f"to be translated: {text}")


if __name__ == "__main__":
    main()
