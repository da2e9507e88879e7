"""Lock files of Python and of npm: which package in which version."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
import yaml


@dataclass(frozen=True, slots=True, order=True)
class Package:
    """A package in a version."""

    ecosystem: str
    """As OSV calls it: ``PyPI`` or ``npm``."""
    name: str
    version: str


Found = tuple[list[Package], list[str]]
"""Packages in versions, and names without."""


def is_lock(name: str) -> bool:
    """Return whether a file names versions of dependencies, by its name."""
    return name in _READERS or _REQUIREMENTS.match(name) is not None


def locked(name: str, content: bytes) -> Found:
    """Return what a lock file names; raise ``ValueError`` where it cannot be read."""
    try:
        read = _READERS.get(name, _requirements)
        packages, unpinned = read(content.decode("utf-8", "replace"))
    except (tomllib.TOMLDecodeError, msgspec.DecodeError, yaml.YAMLError, AttributeError, TypeError, KeyError) as error:
        raise ValueError(f"it cannot be read: {str(error)[:200]}") from None
    return sorted(set(packages)), unpinned


_REQUIREMENTS = re.compile(r"^(?:requirements|constraints)[\w.-]*\.(?:txt|lock)$")
_PINNED = re.compile(r"^([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?[ \t]*===?[ \t]*([\w.!+-]+)")
_NAMED = re.compile(r"^([A-Za-z0-9][\w.-]*)")


def plain(name: str) -> str:
    """Return the name of a package of Python as PEP 503 has it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _requirements(text: str) -> Found:
    packages, unpinned = [], []
    for line in text.replace("\\\n", " ").splitlines():
        stated = line.strip()
        if pinned := _PINNED.match(stated):
            packages.append(Package("PyPI", plain(pinned[1]), pinned[2]))
        elif named := _NAMED.match(stated):
            unpinned.append(named[1])
    return packages, unpinned


def _of_python(text: str) -> Found:
    packages, unpinned = [], []
    for one in tomllib.loads(text).get("package", []):
        if "version" in one:
            packages.append(Package("PyPI", plain(one["name"]), str(one["version"])))
        else:
            unpinned.append(str(one["name"]))
    return packages, unpinned


def _pipfile(text: str) -> Found:
    packages, unpinned = [], []
    document = msgspec.json.decode(text)
    for part in ("default", "develop"):
        for name, one in document.get(part, {}).items():
            version = str(one.get("version", "")) if isinstance(one, dict) else ""
            if version.startswith("=="):
                packages.append(Package("PyPI", plain(name), version.lstrip("=")))
            else:
                unpinned.append(name)
    return packages, unpinned


def _package_lock(text: str) -> Found:
    document = msgspec.json.decode(text)
    packages = []
    for path, one in document.get("packages", {}).items():
        name = one.get("name") or path.rpartition("node_modules/")[2]
        if path and "version" in one and not one.get("link"):
            packages.append(Package("npm", name, str(one["version"])))
    return packages or list(_nested(document.get("dependencies", {}))), []


def _nested(dependencies: dict[str, Any]) -> Iterator[Package]:
    waiting = [dependencies]
    while waiting:
        for name, one in waiting.pop().items():
            yield Package("npm", name, str(one["version"]))
            waiting.append(one.get("dependencies", {}))


_YARN = re.compile(r'^"?(@?[^@\s"]+)@[^\n]*:\n(?:  [^\n]*\n)*?  version:? "?([^"\n]+)"?', re.MULTILINE)


def _yarn(text: str) -> Found:
    return [Package("npm", name, version) for name, version in _YARN.findall(text) if name != "__metadata"], []


_PNPM = re.compile(r"^/?(@?[^@(/]+(?:/[^@(/]+)?)[@/](\d[^(_]*)")


def _pnpm(text: str) -> Found:
    document = yaml.load(text, yaml.CSafeLoader)
    matches = (_PNPM.match(str(one)) for one in document.get("packages", {}))
    return [Package("npm", match[1], match[2]) for match in matches if match is not None], []


_READERS: dict[str, Callable[[str], Found]] = {
    "poetry.lock": _of_python,
    "uv.lock": _of_python,
    "pdm.lock": _of_python,
    "pylock.toml": lambda text: _of_python(text.replace("[[packages]]", "[[package]]")),
    "Pipfile.lock": _pipfile,
    "package-lock.json": _package_lock,
    "npm-shrinkwrap.json": _package_lock,
    "yarn.lock": _yarn,
    "pnpm-lock.yaml": _pnpm,
}
