"""Code: what of the personal data of many it sends out, followed through all modules of a program, and what else harms.

Nothing is run. Each file is turned into facts by its syntax tree alone, and the facts of all files are then linked.

- ``program``: the code below a folder as checks see it; ``screening``, which files are worth a full reading; ``cache``,
  what was learnt of files by their content; ``reachable``, which files are read because of others.
- ``python``, ``script``: a file of Python, or of JavaScript or TypeScript, to a syntax tree; ``skeleton``,
  ``statements``: functions that do not matter are parsed only when asked for; ``searching``, where a file uses, defines
  or keeps what others need.
- ``modules``, ``bodies``, ``calls``, ``expressions``: a walk over the tree that writes ``facts`` down (``recording``),
  with ``values`` for what is known of what an expression comes to, ``constants`` and ``containers`` to work it out, and
  ``guards`` for what tests prove.
- ``vocabulary``, ``reading``, ``requests``, ``injection``, ``misuse``: the words for what is read, sent and harmed.
- ``libraries``: JavaScript libraries, by a data file of retire.js. ``capabilities``: what a module can do.
- ``engines``: other programs that look at code, where they are installed.
- ``linking``, ``resolving``: follows reads through calls, answers, attributes and globals to where they arrive.

What is not followed: data that take a way over the file system, a queue or a database between two parts of a program,
names that are looked up in texts at run time beyond ``getattr`` and ``import_module``, and other languages.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from waybill.exposure.code import libraries, program
from waybill.exposure.code.cache import Cache
from waybill.exposure.code.dependencies import is_lock, read_lock
from waybill.exposure.code.dependencies.advisories import compile_advisories
from waybill.exposure.folders import shown, walk
from waybill.exposure.snapshots import NotInspected, Snapshot
from waybill.model.errors import InputError


def read(target: str) -> Iterator[Snapshot | NotInspected]:
    """Yield the code below a folder, its lock files and libraries.

    ``osv:PATH`` and ``retire:FILE`` take in advisories to hold these against.
    """
    if target.startswith("osv:"):
        _, unread = compile_advisories(Path(target.removeprefix("osv:")), advisories_of_user())
        yield from (NotInspected(name, "it is no record of OSV") for name in unread)
        return
    if target.startswith("retire:"):
        given = Path(target.removeprefix("retire:"))
        libraries.read_data(given)
        libraries_of_user().parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(given, libraries_of_user())
        return
    root = Path(target)
    if not root.is_dir():
        raise InputError("there is no such folder", where=target)
    yield from program.read(root, Cache.of_user())
    place = shown(str(root.absolute()))
    for found in walk(root):
        if not isinstance(found, NotInspected) and found.is_file and is_lock(found.name):
            name = Path(found.path).relative_to(root).as_posix()
            yield from read_lock(Path(found.path), name, place, advisories_of_user())
    if libraries_of_user().is_file():
        yield from libraries.read(root, libraries.read_data(libraries_of_user()))


def advisories_of_user() -> Path:
    """Return where advisories are compiled to: ``$XDG_DATA_HOME/waybill/advisories.sqlite``."""
    return _kept() / "advisories.sqlite"


def libraries_of_user() -> Path:
    """Return where a data file of retire.js is kept: ``$XDG_DATA_HOME/waybill/libraries.json``."""
    return _kept() / "libraries.json"


def _kept() -> Path:
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "waybill"
