"""Cases put together from parts that do harm and twins that do not, and how a survey fares on them.

``python -m tests.exposure.composed`` prints the shares found and wrongly told, by danger.
"""

from __future__ import annotations

import tempfile
import textwrap
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from waybill.exposure.code.program import Code, read

FOLDER = Path(__file__).parent / "cases"

SHORT_WAYS = ("same", "function elsewhere", "mapping by key")
"""Ways on which every sink is reached."""
TRIED_WITH = ("system", "sql in a statement")
"""Sinks that every source and every way leads to."""


@dataclass(frozen=True)
class Case:
    """A file of code, and whether something of a kind stands open in it."""

    name: str
    danger: str
    is_harmful: bool
    code: str


def body(prelude: str, code: str) -> str:
    """Return a prelude with code behind it, within the function that the prelude ends with."""
    text = textwrap.dedent(code).strip("\n")
    return prelude.strip("\n") + "\n" + (textwrap.indent(text, "    ") if prelude.rstrip().endswith(":") else text)


@cache
def parts(name: str) -> Mapping[str, Any]:
    """Return what a file of parts holds."""
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def _put_together(prelude: str, source: Any, way: Any, sink: Any) -> Iterator[Case]:
    """Yield the case in which all three parts do harm, and those in which one does not."""
    chosen = [source, way, sink]
    name = ", ".join(one["name"] for one in chosen)
    if all("harmful" in one for one in chosen):
        yield Case(name, sink["danger"], True, body(prelude, "\n".join(one["harmful"].strip("\n") for one in chosen)))
    for which, one in enumerate(chosen):
        others = [other for place, other in enumerate(chosen) if place != which]
        if "harmless" in one and all("harmful" in other for other in others):
            texts = [
                other["harmless" if place == which else "harmful"].strip("\n") for place, other in enumerate(chosen)
            ]
            yield Case(f"{name}: harmless {one['name']}", sink["danger"], False, body(prelude, "\n".join(texts)))


def flask_cases() -> Iterator[Case]:
    """Yield views of Flask: every source, way and sink with a few others, and each pair some way or other."""
    given = parts("flask")
    prelude, sources, ways, sinks = given["prelude"], given["source"], given["way"], given["sink"]
    plain, same = sources[2], ways[0]
    tried = [one for one in sinks if one["name"] in TRIED_WITH]
    seen: set[tuple[str, bool]] = set()
    chosen = [(source, same, sink) for source in sources for sink in tried]
    chosen += [(plain, way, sink) for way in ways for sink in tried]
    chosen += [(plain, way, sink) for sink in sinks for way in ways if way["name"] in SHORT_WAYS]
    chosen += [
        (sources[(5 * place + turn) % len(sources)], way, sinks[(7 * place + 11 * turn) % len(sinks)])
        for turn in range(3)
        for place, way in enumerate(ways)
    ]
    for source, way, sink in chosen:
        for case in _put_together(prelude, source, way, sink):
            if (case.code, case.is_harmful) not in seen:
                seen.add((case.code, case.is_harmful))
                yield case


def written_out(name: str) -> Iterator[Case]:
    """Yield the cases of a file in which each is written out, by group."""
    for group, given in parts(name).items():
        first = f"{given['first']}\n" if "first" in given else ""
        for number, one in enumerate(given["case"]):
            for kind in ("harmful", "harmless"):
                texts = one.get(kind, ())
                for place, text in enumerate([texts] if isinstance(texts, str) else texts):
                    title = f"{group} {number}.{place} {one['danger']} {kind}"
                    yield Case(title, one["danger"], kind == "harmful", body(given.get("prelude", ""), first + text))


def told(cases: list[Case], modules: Mapping[str, str]) -> list[set[str]]:
    """Return the kinds of what stands open in each case, all surveyed at once."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        files = {f"case_{number}.py": case.code for number, case in enumerate(cases)} | dict(modules)
        for name, content in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(content + "\n", encoding="utf-8")
        code, *gaps = read(root)
        assert isinstance(code, Code)
        assert not gaps, gaps
    found: dict[str, set[str]] = {name: set() for name in files}
    for flow in code.flows:
        for file in {flow.exit.file, *(step.file for step in flow.path)}:
            found[file].add(str(flow.exit.danger))
    for file, misuse in code.misuses:
        found[file].add(misuse.rule)
    for file, _ in code.secrets:
        found[file].add("secret")
    return [found[f"case_{number}.py"] for number in range(len(cases))]


@dataclass
class Score:
    """How many cases of a kind there are, and how many are told."""

    harmful: int = 0
    found: int = 0
    harmless: int = 0
    wrong: int = 0

    @property
    def found_share(self) -> float:
        """The share of harmful cases that are told."""
        return self.found / max(1, self.harmful)

    @property
    def wrong_share(self) -> float:
        """The share of harmless cases that are told."""
        return self.wrong / max(1, self.harmless)


def mistakes(cases: list[Case], modules: Mapping[str, str]) -> tuple[dict[str, Score], list[Case]]:
    """Return the scores by kind, and the cases that were judged wrongly."""
    scores: dict[str, Score] = {}
    wrong = []
    for case, kinds in zip(cases, told(cases, modules), strict=True):
        score = scores.setdefault(case.danger, Score())
        is_told = case.danger in kinds
        if case.is_harmful:
            score.harmful += 1
            score.found += is_told
        else:
            score.harmless += 1
            score.wrong += is_told
        if is_told != case.is_harmful:
            wrong.append(case)
    return scores, wrong


def every() -> Iterator[tuple[str, list[Case], Mapping[str, str]]]:
    """Yield the families of cases, with the modules that they use."""
    yield "flask", list(flask_cases()), parts("flask")["modules"]
    for name in ("views", "idioms", "cryptography"):
        if (FOLDER / f"{name}.toml").exists():
            yield name, list(written_out(name)), {}


def main() -> None:
    """Print the scores."""
    for family, cases, modules in every():
        scores, wrong = mistakes(cases, modules)
        for danger, score in sorted(scores.items()):
            print(  # noqa: T201  what it is for
                f"{family:14}{danger:26}{score.found:4}/{score.harmful:<4}{score.wrong:4}/{score.harmless:<4}"
                f"{score.found_share:6.2f}{score.wrong_share:6.2f}"
            )
        for name, count in Counter(f"{'missed' if one.is_harmful else 'wrong'}  {one.name}" for one in wrong).items():
            print(f"  {name}" + f" x{count}" * (count > 1))  # noqa: T201


if __name__ == "__main__":
    main()
