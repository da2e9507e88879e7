"""Compound files ([MS-CFB]): old Excel, messages of Outlook, encrypted documents of an office, old Word as strings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from waybill.content.parsing.decoding import segments
from waybill.content.parsing.pieces import Caveat, Content, Reason
from waybill.content.parsing.plan import Refused
from waybill.content.parsing.reading import Source, Task
from waybill.content.parsing.sheets import by_calamine
from waybill.content.parsing.text import strings

_HEADERS = (("0037", "Subject: "), ("0C1A", "From: "), ("0C1F", "From: "), ("0E04", "To: "), ("0E03", "Cc: "))
"""Properties of a message ([MS-OXPROPS]): PidTagSubject, SenderName, SenderEmailAddress, DisplayTo, DisplayCc."""
_BODY, _HTML, _DATA = "1000", "1013", "3701"
_NAMES = ("3707", "3704")
"""PidTagAttachLongFilename, PidTagAttachFilename."""


def compound(source: Source, task: Task) -> Iterator[Content]:
    """Yield what a compound file holds, by the streams that it has."""
    import olefile

    with olefile.OleFileIO(source.opened()) as file:
        names = {name for path in file.listdir() for name in path}
        if "EncryptedPackage" in names:
            raise Refused(Reason.ENCRYPTED)
        if "Workbook" in names or "Book" in names:
            task.format = "xls"
            yield from by_calamine(source.opened(), task)
        elif "__properties_version1.0" in names:
            task.format = "msg"
            yield from _message(file, [], task)
        else:
            task.format = "doc" if "WordDocument" in names else task.format
            yield from strings(source, task)


def _message(file: Any, folder: list[str], task: Task) -> Iterator[Content]:
    """Yield the headers, the body and the attachments of a message ([MS-OXMSG]); a message may be attached as well."""
    headers = (f"{label}{text}\n" for number, label in _HEADERS if (text := _text(file, folder, number)))
    yield from segments(headers, task.place.at(part="header"))
    body = _text(file, folder, _BODY)
    yield from segments([body], task.place)
    html = _bytes(file, folder, f"__substg1.0_{_HTML}0102")
    if html and not body:
        yield from task.member("body.html", Source.of(html))
    attached = sorted({path[len(folder)] for path in file.listdir() if _is_attachment(path, folder)})
    for name in attached:
        inner = [*folder, name]
        shown = next((text for number in _NAMES if (text := _text(file, inner, number))), name)
        data = _bytes(file, inner, f"__substg1.0_{_DATA}0102")
        if file.exists([*inner, "__substg1.0_3701000D"]):
            if len(folder) // 2 >= task.budget.limits.depth:
                yield Caveat(task.place.inside(shown), Reason.DEPTH)
            else:
                yield from _message(file, [*inner, "__substg1.0_3701000D"], task)
        elif data:
            yield from task.member(shown, Source.of(data))


def _is_attachment(path: list[str], folder: list[str]) -> bool:
    return (
        path[: len(folder)] == folder
        and len(path) > len(folder)
        and path[len(folder)].startswith("__attach_version1.0_")
    )


def _text(file: Any, folder: list[str], number: str) -> str:
    if wide := _bytes(file, folder, f"__substg1.0_{number}001F"):
        return wide.decode("utf-16-le", "replace")
    return _bytes(file, folder, f"__substg1.0_{number}001E").decode("cp1252", "replace")


def _bytes(file: Any, folder: list[str], name: str) -> bytes:
    path = [*folder, name]
    return bytes(file.openstream(path).read()) if file.exists(path) else b""
