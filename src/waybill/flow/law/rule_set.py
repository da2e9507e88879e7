"""The rules in force: built-in ones, those of the settings, what people verified; the last good set where one breaks.

A file of rules that somebody breaks must not stop detection, nor silently take rules away: the set that was read last
stays in force, and what is wrong is told until it is mended.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from waybill.durable import replace_file, storage_faults
from waybill.model.errors import InputError, RuleError, WaybillError
from waybill.rulebook import Rulebook, load_rulebook
from waybill.rulebook.book import files_of, own_texts
from waybill.rulebook.facts import Value
from waybill.rulebook.verifying import verified

if TYPE_CHECKING:
    from waybill.flow.installation import Installation

_KEPT = "rulebook.json"
"""Where, in the data folder, the texts of own rules rest that were last read without a fault."""

_Signature = tuple[tuple[tuple[str, int, int], ...], int]


class RuleSet:
    """The rules of one installation, read again when a file or a verification changes; for several threads."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._own: Sequence[Path] = installation.settings.rulebook
        self._kept = installation.folder.root / _KEPT
        self._lock = threading.Lock()
        self._seen: _Signature | None = None
        self._book: Rulebook | None = None
        self.fault: WaybillError | None = None
        """What is wrong with the files now; None if they are those in force."""

    def current(self) -> Rulebook:
        """Return the rules in force. ``fault`` then says whether the files could be read."""
        from waybill.register import verifications

        with self._lock:
            signature = (tuple(_stamp(file) for file in files_of(self._own)), verifications.newest())
            if self._book is None or signature != self._seen:
                self._book, self._seen = verified(self._read(), verifications.every()), signature
            return self._book

    def _read(self) -> Rulebook:
        try:
            texts = own_texts(self._own)
            book = load_rulebook(texts=texts)
            today = datetime.now(UTC).date()
            for regime in book.regimes:
                book.regime(regime, today, today)
        except (RuleError, InputError) as error:
            self.fault = error
            return self._last_good()
        self.fault = None
        self._keep(texts)
        return book

    def _keep(self, texts: dict[str, str]) -> None:
        """Keep the texts that were read, if there are any, for when a service starts with a broken file."""
        content = msgspec.json.encode(texts, order="sorted")
        if (texts or self._kept.exists()) and (not self._kept.exists() or self._kept.read_bytes() != content):
            with storage_faults("the rules that were read cannot be kept", self._kept):
                replace_file(self._kept, content)

    def _last_good(self) -> Rulebook:
        """Return the rules as they were last read; the built-in ones alone where those are not to be had."""
        try:
            return load_rulebook(texts=msgspec.json.decode(self._kept.read_bytes(), type=dict[str, str]))
        except (OSError, msgspec.DecodeError, RuleError):
            return load_rulebook()


def facts_everywhere(installation: Installation) -> dict[str, Value]:
    """Return the facts that hold for all that the organisation does; none where their file is broken.

    What is unknown is asked for, and work goes on; ``facts_fault`` says what is wrong.
    """
    return _facts(installation)[0]


def facts_fault(installation: Installation) -> WaybillError | None:
    """Return what is wrong with the file of those facts; None if it can be read, or there is none."""
    return _facts(installation)[1]


def _facts(installation: Installation) -> tuple[dict[str, Value], WaybillError | None]:
    from waybill.rulebook.planned import read_usual

    try:
        return read_usual(installation.settings.rulebook_facts), None
    except WaybillError as error:
        return {}, error


def _stamp(file: Path) -> tuple[str, int, int]:
    try:
        status = file.stat()
    except OSError:
        return str(file), 0, 0
    return str(file), status.st_mtime_ns, status.st_size
