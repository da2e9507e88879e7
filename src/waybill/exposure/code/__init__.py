"""Code: what of the personal data of many it sends out, followed through all modules of a program.

Nothing is run. Each file is turned into facts by its syntax tree alone, and the facts of all files are then linked.

- ``program``: the code below a folder as checks see it.
- ``python``, ``bodies``, ``names``: a file of Python to ``facts``.
- ``constants``: what texts in code come to, so that a host cannot hide behind its spelling.
- ``linking``: follows reads through calls, answers, attributes and globals to where something is sent.
- ``vocabulary``: the words for personal data, for reading many records, for sending.

What is not followed: data that take a way over the file system, a queue or a database between two parts of a program,
names that are looked up in texts at run time beyond ``getattr`` and ``import_module``, and other languages.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from waybill.exposure.code import program
from waybill.exposure.snapshots import NotInspected, Snapshot
from waybill.model.errors import InputError


def read(target: str) -> Iterator[Snapshot | NotInspected]:
    """Yield the code below a folder."""
    if not Path(target).is_dir():
        raise InputError("there is no such folder", where=target)
    yield from program.read(Path(target))
