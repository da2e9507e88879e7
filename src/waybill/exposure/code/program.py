"""A program as checks see it: its files read once each, and what of what they read arrives where.

Every file is looked at, by its bytes. Those that can do something by themselves are read in full; then those that
bring something to them, as their imports tell, until no more turn up.
"""

from __future__ import annotations

import gc
import os
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import ClassVar

from waybill.exposure.code.cache import Cache, Linked, Look, Seen, digest_of, signature_of
from waybill.exposure.code.facts import Danger, Misuse, Module, Source
from waybill.exposure.code.flows import Flow
from waybill.exposure.code.linking import Program
from waybill.exposure.code.names import module_name
from waybill.exposure.code.reachable import Reach
from waybill.exposure.code.screening import Holds, Interest, imported, is_within, is_worth_reading, screen
from waybill.exposure.code.searching import places
from waybill.exposure.code.secrets import Secret, secrets_in
from waybill.exposure.code.values import Value
from waybill.exposure.folders import Found, content_of, shown, walk
from waybill.exposure.snapshots import NotInspected, Snapshot
from waybill.model.findings import Position

MOST_BYTES = 4 << 20
"""A longer file of code was made by a program, and is said to be left out."""
MOST_PACKED = 256 << 10
"""A longer file in endless lines is a bundle of many others, and is said to be left out."""
MOST_ROUNDS = 5
"""How often more files are read for what those before lead to."""

SCRIPTS = (".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".mts", ".cts")
"""Names of files in JavaScript and TypeScript end so."""


CODE = (".py", ".pyw", *SCRIPTS)
"""Names of files of code that is followed end so."""

_CONFIGURATION = re.compile(
    r"^\.env|^\.npmrc$|^\.pypirc$|^\.netrc$|^Dockerfile|^Jenkinsfile|^id_[a-z0-9]+$|\.(?:ya?ml|json|toml|ini|cfg|conf|config|"
    r"properties|env|xml|sh|bash|zsh|ps1|bat|tf|tfvars|sql|pem|key|java|go|rb|php|cs|kt|swift|scala|c|cc|cpp|h|hpp|rs|m|"
    r"groovy|gradle|lua|pl|dart|html?|vue|svelte|md|rst|txt|ipynb)$"
)


def is_configuration(name: str) -> bool:
    """Return whether a file that is not followed as code may hold secrets, by its name."""
    return _CONFIGURATION.search(name) is not None


class Code(Snapshot):
    """The code below a folder."""

    channel: ClassVar[str] = "code"

    @cached_property
    def flows(self) -> list[Flow]:
        """What is read and arrives where it can do harm, and by which way."""
        found: list[Flow] = self.part("flows")
        return found

    @property
    def departures(self) -> list[Flow]:
        """Flows of personal data out of the program; a page may send what people type to where it came from."""
        return [
            flow
            for flow in self.flows
            if flow.exit.danger == Danger.EGRESS and (flow.kind == Source.PERSONS or flow.exit.host)
        ]

    @property
    def secrets(self) -> Iterator[tuple[str, Secret]]:
        """Secrets, with the file."""
        secrets: Mapping[str, list[Secret]] = self.part("secrets")
        for file, found in secrets.items():
            for secret in found:
                yield file, secret

    @property
    def misuses(self) -> Iterator[tuple[str, Misuse]]:
        """What is wrong as it stands, with the file."""
        modules: Mapping[str, Module] = self.part("modules")
        for file, module in modules.items():
            for misuse in module.misuses:
                yield file, misuse


@dataclass(frozen=True, slots=True)
class First:
    """What a first reading in full told."""

    module: Module
    attributes: dict[str, Value]
    """What the attributes of its classes hold."""
    passed: list[tuple[int, int]]
    """Where it was passed over."""


@dataclass(slots=True)
class File:
    """A file of code."""

    path: str
    name: str
    """Relative to the root."""
    digest: bytes
    look: Look
    module: str
    """As imports name it."""
    wanted: frozenset[str] | None = None
    """Words that it was searched for when it was read in full; nothing as long as it was not."""
    first: First | None = None
    """What was learnt of it for its own sake; not known where its facts were."""
    searched: tuple[frozenset[int], Module] | None = None
    """Where words of other files stood in it when it was last searched for some, and what came of it."""

    @property
    def is_script(self) -> bool:
        """Whether it is of JavaScript or TypeScript."""
        return self.name.endswith(SCRIPTS)


@dataclass
class Reader:
    """Reads the files of a program."""

    cache: Cache
    root: Path
    begun: int = field(default_factory=time.time_ns)
    """When it had read nothing yet, in nanoseconds."""
    before: dict[bytes, Seen] = field(default_factory=dict)
    """Files as the last audit saw them, by name."""
    now: dict[bytes, Seen] = field(default_factory=dict)
    program: Program | None = None
    """What was linked last."""
    files: list[File] = field(default_factory=list)
    modules: dict[str, Module] = field(default_factory=dict)
    digests: dict[str, bytes] = field(default_factory=dict)
    """Of the facts in modules."""
    secrets: dict[str, list[Secret]] = field(default_factory=dict)
    gaps: list[NotInspected] = field(default_factory=list)

    def look_around(self) -> None:
        """Look at every file."""
        self.before = self.cache.tree(self.root)
        above = len(str(self.root))
        for found in walk(self.root):
            if isinstance(found, NotInspected):
                self.gaps.append(found)
            elif found.is_file and (found.name.endswith(CODE) or is_configuration(found.name)):
                try:
                    self.look(found, found.path[above:].lstrip("/"))
                except NotInspected as gap:
                    self.gaps.append(gap)
        if self.now != self.before:
            self.cache.keep_tree(self.root, self.now)

    def look(self, found: Found, name: str) -> None:
        """Look at a file's bytes, if it does not look as it did when they were last looked at."""
        is_code, size = name.endswith(CODE), found.status.st_size
        seen = self.seen(found, os.fsencode(name))
        if seen.look.secrets:
            self.secrets[shown(name)] = seen.look.secrets
        if Holds.PACKED in seen.look.holds and size > MOST_PACKED:
            raise NotInspected(shown(name), f"it is packed, {size >> 10} KiB in lines that nobody reads")
        if is_code:
            self.files.append(File(found.path, name, seen.digest, seen.look, module_name(name)))

    def seen(self, found: Found, name: bytes) -> Seen:
        """Return what is seen of a file, from outside alone where that leaves no doubt."""
        signature = signature_of(found.status)
        known = self.before.get(name)
        if known is None or not known.still_holds(signature):
            digest, look = self._looked(Path(found.path), os.fsdecode(name))
            known = Seen(signature, digest, look, self.begun)
        self.now[name] = known
        return known

    def _looked(self, path: Path, name: str) -> tuple[bytes, Look]:
        content = content_of(path, MOST_BYTES, shown(name))
        digest, is_script = digest_of(content), name.endswith(SCRIPTS)
        place = digest + os.fsencode(name)
        look = self.cache.look(place)
        if look is None:
            look = Look(Holds.NOTHING, [])
            if name.endswith(CODE):
                look.holds = screen(content, is_script=is_script)
                look.imports = imported(content, name, is_script=is_script)
            if Holds.PACKED not in look.holds and b"\0" not in content[:8192]:
                look.secrets = secrets_in(content, name)
            self.cache.keep_look(place, look)
        return digest, look

    def read(self, file: File, wanted: frozenset[str]) -> bool:
        """Read a file in full, and search it for words of other files; return whether that told anything new."""
        file.wanted = wanted
        name = shown(file.name)
        before = self.modules.get(name)
        known = self.cache.facts(file.digest, file.name, wanted)
        if known is None:
            try:
                module = _facts(file, wanted)
            except NotInspected as gap:
                if gap not in self.gaps:
                    self.gaps.append(gap)
                return False
            if module is None:
                return False
            known = module, self.cache.keep_facts(file.digest, file.name, wanted, module)
        self.modules[name], self.digests[name] = known
        return known[0] != before

    def flows(self) -> list[Flow]:
        """Read what can do something, and what that leads to; return what arrives where it can do harm."""
        for file in self.files:
            if is_worth_reading(file.look.holds):
                self.read(file, frozenset())
        for _ in range(MOST_ROUNDS):
            linked = self._linked()
            if not self._read_more(linked.reach):
                break
        return linked.flows

    def _linked(self) -> Linked:
        """Return where data go through what was read; the same facts are linked once."""
        parts = [name.encode() + b"\0" + self.digests[name] for name in self.modules]
        digest = digest_of(b"".join(parts))
        linked = self.cache.linked(digest)
        if linked is None:
            self.program = Program(self.modules, self.program)
            flows = self.program.flows()
            linked = Linked(flows, Reach.of(self.program))
            self.cache.keep_linked(digest, linked)
        return linked

    def _read_more(self, reach: Reach) -> bool:
        """Read files that bring something to what was read, or are called by it; return whether there were any."""
        more = False
        for file in self.files:
            wanted = reach.wanted(file.look.imports, file.module, asks=Holds.REQUEST in file.look.holds)
            if wanted is not None and (file.wanted is None or not wanted <= file.wanted):
                more = self.read(file, wanted | (file.wanted or frozenset())) or more
        return more


def read(root: Path, cache: Cache | None = None) -> Iterator[Code | NotInspected]:
    """Yield the code below a folder, and the files of it that could not be read."""
    reader = Reader(cache or Cache(None), root)
    with _uncollected():
        reader.cache.begin()
        reader.look_around()
        flows = reader.flows()
        reader.cache.end()
    place = shown(str(root.absolute()))
    parts = {"modules": reader.modules, "flows": flows, "secrets": reader.secrets}
    yield Code(place, Position("code", place, 0), (root.absolute().name,), parts)
    yield from reader.gaps


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep the collector of cycles from looking through syntax trees, which have none: it takes longer than parsing."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _facts(file: File, wanted: frozenset[str]) -> Module | None:
    """Return the facts of a file: what it tells by itself, and what it tells where it is searched for some words.

    There are none if it tells nothing by itself, and none of the words stands in it. Raises ``NotInspected``.
    """
    content = content_of(Path(file.path), MOST_BYTES, shown(file.name))
    found = frozenset(places(content, wanted, is_script=file.is_script))
    if is_worth_reading(file.look.holds):
        if file.first is None:
            interest = Interest(content, is_script=file.is_script)
            attributes: dict[str, Value] = {}
            file.first = First(_walked(file, content, interest, attributes), attributes, interest.passed())
        found = frozenset(place for place in found if is_within(place, file.first.passed))
    if not found:
        return file.first.module if file.first is not None else None
    if file.searched is None or file.searched[0] != found:
        file.searched = found, _searched(file, content, wanted)
    return file.searched[1]


def _searched(file: File, content: bytes, wanted: frozenset[str]) -> Module:
    """Return the facts of a file in which words of other files stand."""
    first = file.first
    if first is None:
        return _walked(file, content, Interest(content, is_script=file.is_script, wanted=wanted), {})
    interest = Interest(content, is_script=file.is_script, wanted=wanted, within=first.passed)
    return _merged(first.module, _walked(file, content, interest, dict(first.attributes)))


def _merged(one: Module, other: Module) -> Module:
    """Return what two readings of a file told."""
    had = {function.name for function in one.functions}
    functions = [*one.functions, *(function for function in other.functions if function.name not in had)]
    misuses = sorted({*one.misuses, *other.misuses})
    return Module(one.name, functions, misuses, {**other.aliases, **one.aliases}, {**other.bases, **one.bases})


def _walked(file: File, content: bytes, interest: Interest, attributes: dict[str, Value]) -> Module:
    if file.is_script:
        from waybill.exposure.code.script import module_facts  # a grammar takes its time to load
    else:
        from waybill.exposure.code.python import module_facts
    try:
        return module_facts(content, file.name, interest, attributes)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        language = "JavaScript" if file.is_script else "Python"
        raise NotInspected(shown(file.name), f"it cannot be read as {language}: {str(error)[:200]}") from None
    except (TypeError, LookupError, AttributeError, ArithmeticError, AssertionError) as error:  # code is hostile input
        raise NotInspected(shown(file.name), f"it could not be followed: {type(error).__name__}") from None
