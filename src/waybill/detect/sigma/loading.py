"""Loads rules: reads files, lets pySigma parse them, applies filters, and translates what is left.

A file, document or rule that is wrong becomes a problem with its line; all others are loaded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from sigma.exceptions import SigmaConditionError, SigmaError
from sigma.filters import SigmaFilter
from sigma.rule import SigmaRule
from sigma.rule.detection import SigmaDetectionItem

from waybill.detect.sigma.conditions import Node
from waybill.detect.sigma.documents import Document, files_below, read_documents
from waybill.detect.sigma.encodings import encode_exactly, spelt_out
from waybill.detect.sigma.routing import LogSource
from waybill.detect.sigma.rules import Problem, Rule, RuleSet
from waybill.detect.sigma.sentences import check_sentence
from waybill.detect.sigma.translate import NotEvaluableError, Placeholders, translate
from waybill.model.findings import Text
from waybill.model.words import Severity

OWN_RULES = Path(__file__).parent / "rules"
"""The rules that come with this package."""

_READ = ("title", "id", "name", "level", "logsource", "detection")
"""The parts of a rule that decide what it does; the rest is for readers and cannot make it fail."""

_FAULTS = (SigmaError, ValueError, TypeError, AttributeError, KeyError, IndexError, RecursionError)
"""What pySigma raises for rules that are wrong, or wrong in ways it did not foresee."""


def load(paths: Sequence[Path], placeholders: Placeholders) -> RuleSet:
    """Return the rules among and below ``paths``; never raises for what a file contains."""
    documents: list[Document] = []
    problems: list[Problem] = []
    for file in files_below(paths):
        found, wrong = read_documents(file)
        documents += found
        problems += wrong
    filters = list(_filters(documents, problems))
    rules = _unique(_rules(documents, filters, placeholders, problems), problems)
    return RuleSet(tuple(rules), tuple(sorted(problems, key=lambda problem: (problem.file, problem.line))))


def _filters(documents: Iterable[Document], problems: list[Problem]) -> Iterator[SigmaFilter]:
    for document in documents:
        if "filter" in document.content:
            try:
                yield SigmaFilter.from_dict(_cased_logsource(document.content))
            except _FAULTS as error:
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
        except _FAULTS as error:
            problems.append(document.problem(_what(error), _line(document, error)))


def _rule(document: Document, filters: list[SigmaFilter], placeholders: Placeholders) -> Rule:
    content = _cased_logsource(document.content)
    content["detection"] = spelt_out(content.get("detection"))
    parsed = SigmaRule.from_dict({name: content[name] for name in _READ if name in content})
    encode_exactly(parsed)
    for one in filters:
        one.apply_on_rule(parsed)
    condition: Node | None = None
    why = ""
    try:
        condition = translate(parsed, placeholders)
    except NotEvaluableError as error:
        why = str(error)
    source = parsed.logsource
    return _described(document, LogSource(source.product, source.category, source.service), condition, why)


def _correlation(document: Document) -> Rule:
    why = "correlations over several records are not evaluated yet; the rules it names run by themselves"
    return _described(document, LogSource(), None, why)


def _described(document: Document, logsource: LogSource, condition: Node | None, why: str) -> Rule:
    content = document.content
    title = str(content.get("title") or Path(document.file).stem)
    return Rule(
        id=str(content.get("id") or content.get("name") or Path(document.file).stem),
        title=Text(title, str(content.get("title_zh") or title)),
        level=Severity(str(content.get("level") or Severity.MEDIUM).lower()),
        logsource=logsource,
        tags=tuple(str(tag) for tag in content.get("tags") or ()),
        path=document.file,
        line=document.line,
        sentence=_sentence(content),
        advice=_both(content, "advice"),
        condition=condition,
        not_evaluable=why,
    )


def _sentence(content: dict[str, Any]) -> Text | None:
    if "sentence_en" not in content:
        return None
    sentence = _both(content, "sentence")
    check_sentence(sentence)
    return sentence


def _cased_logsource(content: dict[str, Any]) -> dict[str, Any]:
    """Return the document with its log source in lower case, as rows have it."""
    logsource = content.get("logsource")
    if not isinstance(logsource, dict):
        return dict(content)
    lower = {name: part.lower() if isinstance(part, str) else part for name, part in logsource.items()}
    return {**content, "logsource": lower}


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
    refused = document.first_refused(SigmaDetectionItem.from_mapping)
    named = type(error).__name__.removeprefix("Sigma").removesuffix("Error").lower()
    named = {"identifier": "id"}.get(named, named)
    return refused or document.line_of(named)


def _both(content: dict[str, Any], name: str) -> Text:
    """Return one of our own attributes in both languages; English where the rule has no Chinese."""
    english = str(content.get(f"{name}_en") or "")
    return Text(english, str(content.get(f"{name}_zh") or english))
