"""The work on a case: whose it is, notes, tasks that may wait for each other, and evidence by its hash."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime

from waybill.cases import journal, models
from waybill.cases.acting import acting
from waybill.cases.words import Act
from waybill.model.errors import UsageError


def assign(number: int, assignee: str, *, who: str) -> None:
    """Give a case to somebody (a pseudonym or the name of a team); empty takes it from whoever had it."""
    with acting(number, who=who) as case:
        before, case.assignee = case.assignee, assignee.strip()
        journal.write(case, Act.ASSIGNED, who=who, at=_now(), what={"before": before, "after": case.assignee})


def note(number: int, text: str, *, who: str) -> None:
    """Write something down. Raises UsageError for nothing."""
    with acting(number, who=who, reason=text) as case:
        journal.write(case, Act.NOTE, who=who, at=_now(), reason=text.strip())


def add_task(
    number: int, title: str, *, who: str, assignee: str = "", due_at: datetime | None = None, after: int | None = None
) -> int:
    """Add a task, which may have to wait for another one of the case; returns its number."""
    with acting(number, who=who, reason=title) as case:
        if after is not None and not case.tasks.filter(pk=after).exists():
            raise UsageError("There is no such task in this case.", where=str(after))
        task = models.CaseTask.objects.create(
            case=case, title=title.strip(), assignee=assignee, due_at=due_at, after_id=after, made_at=_now()
        )
        what = {"task": task.pk, "title": task.title, "assignee": assignee, "due": due_at, "after": after}
        journal.write(case, Act.TASK, who=who, at=task.made_at, what={k: v for k, v in what.items() if v})
    return task.pk


def finish_task(number: int, task: int, *, who: str) -> None:
    """Note that a task is done. Raises UsageError where it is already, or the one it waits for is not."""
    with acting(number, who=who) as case:
        row = case.tasks.select_related("after").filter(pk=task).first()
        if row is None or row.done_at is not None:
            raise UsageError("There is no such open task in this case.", where=str(task))
        if row.after is not None and row.after.done_at is None:
            raise UsageError("Another task must be done before.", where=str(task), expected=f"task {row.after_id}")
        row.done_at, row.done_by = _now(), who
        row.save()
        journal.write(case, Act.TASK_DONE, who=who, at=row.done_at, what={"task": task, "title": row.title})


def add_evidence(number: int, name: str, content: Iterable[bytes], *, who: str, reason: str) -> str:
    """Note a file by its hash; returns its SHA-256 as hex. Raises UsageError where the case has the same bytes."""
    digest, size = hashlib.sha256(), 0
    for part in content:
        digest.update(part)
        size += len(part)
    with acting(number, who=who, reason=reason) as case:
        if case.evidence.filter(sha256=digest.hexdigest()).exists():
            raise UsageError("The case has this file already.", where=name, expected="other bytes")
        row = models.CaseEvidence.objects.create(
            case=case,
            name=name[: models.NAME_LENGTH],
            sha256=digest.hexdigest(),
            bytes=size,
            added_at=_now(),
            added_by=who,
        )
        what = {"name": row.name, "sha256": row.sha256, "bytes": size}
        journal.write(case, Act.EVIDENCE, who=who, at=row.added_at, what=what, reason=reason.strip())
    return digest.hexdigest()


def _now() -> datetime:
    return datetime.now(UTC)
