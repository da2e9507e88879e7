"""Code: what of the personal data of many it sends out, followed through all modules of a program, and what else harms.

Nothing is run. Each file is turned into facts by its syntax tree alone, and the facts of all files are then linked.

- ``program``: the code below a folder as checks see it; ``screening``, which files are worth a full reading; ``cache``,
  what was learnt of files by their content; ``reachable``, which files are read because of others.
- ``python``, ``script``: a file of Python, or of JavaScript or TypeScript, to a syntax tree.
- ``modules``, ``bodies``, ``calls``, ``expressions``: a walk over the tree that writes ``facts`` down (``recording``),
  with ``values`` for what is known of what an expression comes to, ``constants`` and ``containers`` to work it out, and
  ``guards`` for what tests prove.
- ``vocabulary``, ``reading``, ``requests``, ``injection``, ``misuse``: the words for what is read, sent and harmed.
- ``linking``, ``resolving``: follows reads through calls, answers, attributes and globals to where they arrive.

What is not followed: data that take a way over the file system, a queue or a database between two parts of a program,
names that are looked up in texts at run time beyond ``getattr`` and ``import_module``, and other languages.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from waybill.exposure.code import program
from waybill.exposure.code.cache import Cache
from waybill.exposure.snapshots import NotInspected, Snapshot
from waybill.model.errors import InputError


def read(target: str) -> Iterator[Snapshot | NotInspected]:
    """Yield the code below a folder."""
    if not Path(target).is_dir():
        raise InputError("there is no such folder", where=target)
    yield from program.read(Path(target), Cache.of_user())
