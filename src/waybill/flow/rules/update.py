"""Takes over a folder of rules, such as a new state of the public ones: all that are right, in one step.

Exceptions name rules by id and stay as they are; those whose rule is gone are told.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec

from waybill.detect.sigma import Problem, Rule
from waybill.detect.sigma.documents import files_below
from waybill.detect.sigma.loading import OWN_RULES, load
from waybill.flow.home import DataFolder
from waybill.flow.settings import RULES_FOLDER
from waybill.model.errors import UsageError


class RuleUpdate(msgspec.Struct, frozen=True, kw_only=True):
    """What a new folder of rules changes."""

    added: tuple[str, ...]
    """Ids of rules."""
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: int
    not_evaluable: int
    """Rules that are taken over and cannot be decided here; `waybill rules check` says why."""
    problems: tuple[Problem, ...]
    """What is wrong with files; these are left out."""
    orphaned: tuple[int, ...]
    """Exceptions that name a rule which is gone."""


def update_rules(folder: DataFolder, source: Path, *, dry_run: bool = False) -> RuleUpdate:
    """Replace the rules that were taken over before by those below ``source``; ``dry_run`` tells only what would be.

    Raises UsageError if there is no rule below ``source``.
    """
    target = folder.root / RULES_FOLDER
    before = {rule.id: rule for rule in load([target], {}).rules} if target.is_dir() else {}
    loaded = load([source], {})
    if not loaded.rules:
        raise UsageError("there are no rules in this folder", where=str(source), expected="Sigma rules (*.yml)")
    after = {rule.id: rule for rule in loaded.rules}
    if not dry_run:
        _replace(source, target, {problem.file for problem in loaded.problems})
    both = before.keys() & after.keys()
    changed = sorted(name for name in both if _meaning(before[name]) != _meaning(after[name]))
    return RuleUpdate(
        added=tuple(sorted(after.keys() - before.keys())),
        changed=tuple(changed),
        removed=tuple(sorted(before.keys() - after.keys())),
        unchanged=len(both) - len(changed),
        not_evaluable=sum(not rule.is_evaluable for rule in loaded.rules),
        problems=loaded.problems,
        orphaned=_orphaned({*after, *(rule.id for rule in load([OWN_RULES], {}).rules)}),
    )


def _meaning(rule: Rule) -> Rule:
    """Return a rule without where it stands."""
    return msgspec.structs.replace(rule, path="", line=1)


def _replace(source: Path, target: Path, wrong: set[str]) -> None:
    """Copy the files that are right beside the old folder, then let the new one take its place."""
    fresh, old = target.with_name(f"{target.name}.new"), target.with_name(f"{target.name}.old")
    for left in (fresh, old):
        shutil.rmtree(left, ignore_errors=True)
    base = source if source.is_dir() else source.parent
    for file in files_below([source]):
        if str(file) not in wrong:
            copy = fresh / file.relative_to(base)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, copy)
    if target.exists():
        target.rename(old)
    fresh.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def _orphaned(known: set[str]) -> tuple[int, ...]:
    from waybill.findings.exceptions import exceptions

    return tuple(
        one.number for one in exceptions() if len(one.match.rule_id) == _UUID_LENGTH and one.match.rule_id not in known
    )


_UUID_LENGTH = 36
"""Rules of other detectors have names of their own, which no folder holds."""
