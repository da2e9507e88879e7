"""Reads the YAML documents of rule files, guarded, and finds the line on which one went wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

from waybill.detect.sigma.rules import Problem

MAX_BYTES = 4 * 2**20
"""Largest file of rules that is read."""

MAX_DEPTH = 64
"""Deepest nesting of YAML collections; the C parser overflows its stack on hostile ones."""

SUFFIXES = (".yml", ".yaml")


class Document:
    """One YAML document of a file of rules."""

    def __init__(self, file: str, text: str, number: int, line: int, content: dict[str, Any]) -> None:
        self.file = file
        self.line = line
        """Where it starts, from 1."""
        self.content = content
        self._text = text
        self._number = number

    def problem(self, what: str, line: int | None = None, advice: str = "") -> Problem:
        """Return a problem of this document, by default on its first line."""
        return Problem(self.file, line or self.line, what, advice)

    def line_of(self, *path: str) -> int | None:
        """Return the line of the key at ``path``, or None if there is none."""
        node, line = self._root(), None
        for name in path:
            found = next(((key, value) for key, value in _pairs(node) if key.value == name), None)
            if found is None:
                return None
            line, node = found[0].start_mark.line + 1, found[1]
        return line

    def first_refused(self, accept: Callable[[str, Any], object]) -> int | None:
        """Return the line of the first key below ``detection`` at which ``accept`` raises."""
        detection = next((value for key, value in _pairs(self._root()) if key.value == "detection"), None)
        for key, value in _all_pairs(detection):
            if isinstance(value, yaml.MappingNode) or key.value == "condition":
                continue
            try:
                accept(str(key.value), _plain(value))
            except Exception:  # noqa: BLE001  # whatever it is, here it happens
                return int(key.start_mark.line) + 1
        return None

    def _root(self) -> yaml.Node | None:
        nodes = yaml.compose_all(self._text, yaml.CSafeLoader)
        return next((node for number, node in enumerate(nodes) if number == self._number), None)


def files_below(paths: Sequence[Path]) -> Iterator[Path]:
    """Yield the files of rules among and below ``paths``, each once, folders in order of name."""
    seen: set[Path] = set()
    for path in paths:
        below = sorted(file for file in path.rglob("*") if file.suffix in SUFFIXES) if path.is_dir() else [path]
        for file in below:
            if file.resolve() not in seen:
                seen.add(file.resolve())
                yield file


def read_documents(file: Path) -> tuple[list[Document], list[Problem]]:
    """Return the documents of a file, and the problems that keep it or some of them from being read."""
    try:
        if file.stat().st_size > MAX_BYTES:
            return [], [Problem(str(file), 1, f"the file is larger than {MAX_BYTES} bytes", "Split it.")]
        return _documents(str(file), file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        return [], [Problem(str(file), 1, f"the file cannot be read: {error.strerror}")]
    except UnicodeDecodeError as error:
        return [], [Problem(str(file), 1, f"the file is not UTF-8: {error.reason} at byte {error.start}")]


def _documents(file: str, text: str) -> tuple[list[Document], list[Problem]]:
    try:
        lines = _starts(text)
        contents = list(yaml.load_all(text, _loader()))
    except _RefusedError as error:
        return [], [Problem(file, error.line, f"refused YAML: {error}")]
    except yaml.MarkedYAMLError as error:
        return [], [Problem(file, _line_of_error(error), f"bad YAML: {error.problem}")]
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        return [], [Problem(file, 1, f"bad YAML: {error}")]
    documents, problems = [], []
    for number, (line, content) in enumerate(zip(lines, contents, strict=True)):
        if isinstance(content, dict):
            documents.append(Document(file, text, number, line, content))
        elif content is not None:
            problems.append(Problem(file, line, "the document is not a map of names to values"))
    return documents, problems


def _line_of_error(error: yaml.MarkedYAMLError) -> int:
    """Return the line of a fault; of a text that never ends, the line where it starts."""
    endless = "end of stream" in (error.problem or "")
    mark = error.context_mark if endless and error.context_mark else error.problem_mark
    return mark.line + 1 if mark else 1


def _loader() -> type[yaml.CSafeLoader]:
    from sigma.rule.base import SigmaYAMLLoader

    return SigmaYAMLLoader


def _starts(text: str) -> list[int]:
    """Return the line on which each document starts, and refuse what could exhaust stack or memory."""
    lines, depth = [], 0
    for event in yaml.parse(text, yaml.CSafeLoader):
        line = event.start_mark.line + 1 if event.start_mark is not None else 1
        if isinstance(event, yaml.DocumentStartEvent):
            lines.append(line + bool(event.explicit))
        elif isinstance(event, yaml.AliasEvent):
            raise _RefusedError(line, "references (*name) are not accepted")
        elif isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise _RefusedError(line, f"nested more than {MAX_DEPTH} deep")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
    return lines


class _RefusedError(Exception):
    """The YAML is valid, but reading it could do harm."""

    def __init__(self, line: int, what: str) -> None:
        super().__init__(what)
        self.line = line


def _pairs(node: yaml.Node | None) -> list[tuple[yaml.Node, yaml.Node]]:
    return node.value if isinstance(node, yaml.MappingNode) else []


def _all_pairs(node: yaml.Node | None) -> Iterator[tuple[yaml.Node, yaml.Node]]:
    for key, value in _pairs(node):
        yield key, value
        yield from _all_pairs(value)
    for inner in node.value if isinstance(node, yaml.SequenceNode) else ():
        yield from _all_pairs(inner)


def _plain(node: yaml.Node) -> Any:
    return yaml.load(yaml.serialize(node, Dumper=yaml.CSafeDumper), yaml.CSafeLoader)  # a safe loader
