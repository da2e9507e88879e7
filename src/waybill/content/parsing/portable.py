"""PDF (ISO 32000): the text of its pages, what is attached to it, its properties.

PDFium reads pages quickly but ends the process over some bombs; the parent then has the rest of the file read by pypdf,
which refuses a bomb and goes on with the next page (``Task.second``).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from waybill.content.parsing.decoding import segments
from waybill.content.parsing.pieces import Caveat, Content, Place, Reason
from waybill.content.parsing.plan import Refused
from waybill.content.parsing.reading import Source, Task

_PAGES = 20_000
_PICTURE = 3  # FPDF_PAGEOBJ_IMAGE


def document(source: Source, task: Task) -> Iterator[Content]:
    """Yield the pages of a document, then what is attached to it."""
    yield from (_by_pypdf if task.second else _by_pdfium)(source, task)


def _by_pdfium(source: Source, task: Task) -> Iterator[Content]:
    import pypdfium2

    try:
        file = pypdfium2.PdfDocument(source.opened())
    except pypdfium2.PdfiumError as error:
        raise Refused(Reason.ENCRYPTED if "password" in str(error).lower() else Reason.DAMAGED) from error
    yield from segments([_properties(file.get_metadata_dict(skip_empty=True))], task.place.at(part="properties"))
    for number in range(min(len(file), _PAGES)):
        yield from _page(file, number, task)
    if len(file) > _PAGES:
        yield Caveat(task.place, Reason.SIZE, f"more than {_PAGES} pages")
    for number in range(file.count_attachments()):
        attached = file.get_attachment(number)
        yield from task.member(attached.get_name() or f"attachment {number + 1}", Source.of(bytes(attached.get_data())))


def _page(file: Any, number: int, task: Task) -> Iterator[Content]:
    import pypdfium2

    place = task.place.at(page=number + 1)
    try:
        page = file[number]
        content = page.get_textpage()
        text = content.get_text_range() if content.count_chars() else ""
        pictured = not text.strip() and any(True for _ in page.get_objects(filter=[_PICTURE], max_depth=3))
    except (pypdfium2.PdfiumError, ValueError) as error:
        yield Caveat(place, Reason.DAMAGED, type(error).__name__)
        return
    yield from segments([text.replace("\r\n", "\n")], place)
    if pictured:
        yield from _seen(page, place, task)
    content.close()
    page.close()


def _seen(page: Any, place: Place, task: Task) -> Iterator[Content]:
    """Yield what text recognition reads on a page that is a picture, or that it was not asked."""
    from waybill.content.parsing import pictures

    try:
        lines = pictures.recognised(page.render(scale=2).to_numpy())
    except Refused as refused:
        yield Caveat(place, refused.reason, refused.detail)
        return
    yield from segments(lines, place)


def _by_pypdf(source: Source, task: Task) -> Iterator[Content]:
    from pypdf import PdfReader

    file = PdfReader(source.opened())
    if file.is_encrypted and not file.decrypt(""):
        raise Refused(Reason.ENCRYPTED)
    for number in range(task.after_page, len(file.pages)):
        place = task.place.at(page=number + 1)
        try:
            text = file.pages[number].extract_text()
        except Exception as error:  # noqa: BLE001 -- a page that defeats it costs only itself
            reason = Reason.BOMB if "Limit" in type(error).__name__ else Reason.DAMAGED
            yield Caveat(place, reason, type(error).__name__)
            continue
        yield from segments([text], place)
    for name, contents in file.attachments.items():
        for content in contents:
            yield from task.member(name, Source.of(content))


def _properties(found: dict[str, str]) -> str:
    return "".join(f"{name}: {value}\n" for name, value in found.items())
