"""Loads rules: reads files, lets pySigma parse them, applies filters, and translates what is left.

A file, document or rule that is wrong becomes a problem with its line; all others are loaded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
from sigma.exceptions import SigmaConditionError
from sigma.filters import SigmaFilter
from sigma.rule import SigmaRule
from sigma.rule.detection import SigmaDetectionItem

from waybill.detect.sigma.conditions import Node
from waybill.detect.sigma.correlations import correlation_of
from waybill.detect.sigma.documents import Document, files_below, read_documents
from waybill.detect.sigma.encodings import encode_exactly, spelt_out
from waybill.detect.sigma.resolving import resolved
from waybill.detect.sigma.routing import LogSource
from waybill.detect.sigma.rules import Problem, Rule, RuleSet
from waybill.detect.sigma.sentences import check_sentence
from waybill.detect.sigma.testing import tests_of
from waybill.detect.sigma.translate import NotEvaluableError, Placeholders, translate
from waybill.model.findings import Text
from waybill.model.words import Severity

OWN_RULES = Path(__file__).parent / "rules"
"""The rules that come with this package."""

_READ = ("title", "id", "name", "level", "logsource", "detection")
"""The parts of a rule that decide what it does; the rest is for readers and cannot make it fail."""


def rule_set(paths: Sequence[Path], own: bool, placeholders: Placeholders) -> RuleSet:
    """Return the rules of these paths, after the package's own if ``own``; read again only when a file has changed."""
    every = (OWN_RULES, *paths) if own else tuple(paths)
    given = tuple((name, tuple(values)) for name, values in sorted(placeholders.items()))
    return _loaded(every, given, _stamp(every))


@lru_cache(maxsize=8)
def _loaded(
    paths: tuple[Path, ...], placeholders: tuple[tuple[str, tuple[str, ...]], ...], stamp: tuple[object, ...]
) -> RuleSet:
    del stamp  # what the files were like, so that changed ones are read again
    return load(paths, dict(placeholders))


def _stamp(paths: Sequence[Path]) -> tuple[object, ...]:
    with suppress(OSError):
        states = ((file, file.stat()) for file in files_below(paths))
        return tuple((str(file), state.st_mtime_ns, state.st_size) for file, state in states)
    return (object(),)


def load(paths: Sequence[Path], placeholders: Placeholders) -> RuleSet:
    """Return the rules among and below ``paths``; never raises for what a file contains."""
    documents: list[Document] = []
    problems: list[Problem] = []
    for file in files_below(paths):
        found, wrong = read_documents(file)
        documents += found
        problems += wrong
    filters = list(_filters(documents, problems))
    rules = resolved(list(_unique(_rules(documents, filters, placeholders, problems), problems)), problems)
    return RuleSet(tuple(rules), tuple(sorted(problems, key=lambda problem: (problem.file, problem.line))))


def _filters(documents: Iterable[Document], problems: list[Problem]) -> Iterator[SigmaFilter]:
    for document in documents:
        if "filter" in document.content:
            try:
                yield SigmaFilter.from_dict(_prepared(document.content))
            except Exception as error:  # noqa: BLE001  # a bad filter makes pySigma raise all sorts
                problems.append(document.problem(_what(error), document.line_of("filter")))


def _rules(
    documents: Iterable[Document], filters: list[SigmaFilter], placeholders: Placeholders, problems: list[Problem]
) -> Iterator[Rule]:
    for document in documents:
        if "filter" in document.content:
            continue
        try:
            yield (
                _correlation(document) if "correlation" in document.content else _rule(document, filters, placeholders)
            )
        except Exception as error:  # noqa: BLE001  # a bad rule makes pySigma raise all sorts; the others must run
            problems.append(document.problem(_what(error), _line(document, error)))


def _rule(document: Document, filters: list[SigmaFilter], placeholders: Placeholders) -> Rule:
    content = _prepared(document.content)
    parsed = SigmaRule.from_dict({name: content[name] for name in _READ if name in content})
    for one in filters:
        one.apply_on_rule(parsed)
    encode_exactly(parsed)
    condition: Node | None = None
    why = ""
    try:
        condition = translate(parsed, placeholders)
    except NotEvaluableError as error:
        why = str(error)
    source = parsed.logsource
    return _described(document, LogSource(source.product, source.category, source.service), condition, why)


def _correlation(document: Document) -> Rule:
    return msgspec.structs.replace(
        _described(document, LogSource(), None, ""), correlation=correlation_of(document.content)
    )


def _described(document: Document, logsource: LogSource, condition: Node | None, why: str) -> Rule:
    content = document.content
    title = str(content.get("title") or Path(document.file).stem)
    return Rule(
        id=str(content.get("id") or content.get("name") or Path(document.file).stem),
        name=str(content.get("name") or ""),
        title=Text(title, str(content.get("title_zh") or title)),
        level=Severity(str(content.get("level") or Severity.MEDIUM).lower()),
        logsource=logsource,
        tags=_tags(content.get("tags")),
        path=document.file,
        line=document.line,
        sentence=_sentence(content),
        advice=_both(content, "advice"),
        condition=condition,
        not_evaluable=why,
        tests=tests_of(content.get("tests")),
    )


def _tags(tags: Any) -> tuple[str, ...]:
    return tuple(str(tag) for tag in (tags if isinstance(tags, list) else [tags]) if tag)


def _sentence(content: dict[str, Any]) -> Text | None:
    if "sentence_en" not in content:
        return None
    sentence = _both(content, "sentence")
    check_sentence(sentence)
    return sentence


def _prepared(content: dict[str, Any]) -> dict[str, Any]:
    """Return a document with its log source in lower case, as rows have it, and its detection spelt out."""
    prepared = dict(content)
    logsource = content.get("logsource")
    if isinstance(logsource, dict):
        prepared["logsource"] = {name: _lower(part) for name, part in logsource.items()}
    for name in ("detection", "filter"):
        if name in content:
            prepared[name] = spelt_out(content[name])
    return prepared


def _lower(part: Any) -> Any:
    return part.lower() if isinstance(part, str) else part


def _unique(rules: Iterable[Rule], problems: list[Problem]) -> Iterator[Rule]:
    """Yield the rules but those whose id an earlier one has: their findings could not be told apart."""
    first: dict[str, Rule] = {}
    for rule in rules:
        known = first.setdefault(rule.id, rule)
        if known is rule:
            yield rule
        else:
            what = f"rule {rule.id} is already defined in {known.path}:{known.line}"
            problems.append(Problem(rule.path, rule.line, what, "Give one of them another id, or remove it."))


def _what(error: Exception) -> str:
    """Return the fault in one line."""
    text = " ".join(str(error).split())
    if isinstance(error, KeyError):
        text = f"{text} is missing"
    return text or type(error).__name__


def _line(document: Document, error: Exception) -> int | None:
    """Return the line that is to blame, as near as it can be told."""
    if isinstance(error, SigmaConditionError):
        return document.line_of("detection", "condition") or document.line_of("detection")
    refused = document.first_refused(_parse_item)
    named = type(error).__name__.removeprefix("Sigma").removesuffix("Error").lower()
    named = {"identifier": "id"}.get(named, named)
    return refused or document.line_of(named)


def _both(content: dict[str, Any], name: str) -> Text:
    """Return one of our own attributes in both languages; English where the rule has no Chinese."""
    english = str(content.get(f"{name}_en") or "")
    return Text(english, str(content.get(f"{name}_zh") or english))


def _parse_item(key: str, value: Any) -> None:
    for spelt, prepared in spelt_out({key: value}).items():
        SigmaDetectionItem.from_mapping(spelt, prepared)
