"""The one task there is for Django: doing a job, by name, for the installation of this process."""

from __future__ import annotations

from django_tasks import task

from waybill.flow.installation import Installation
from waybill.flow.tasks.jobs import Result, job
from waybill.model.errors import WaybillError

_here: list[Installation] = []


class JobError(Exception):
    """A job failed. It says nothing that could quote a record: what is kept of a run can be seen by many."""


def work_for(installation: Installation) -> None:
    """Let tasks of this process be about this installation."""
    _here[:] = [installation]


@task()
def perform(name: str) -> Result:
    """Do a job and return what came of it."""
    try:
        return job(name).run(_here[0])
    except WaybillError as error:
        raise JobError(str(error)) from None
    except Exception as error:  # noqa: BLE001  its text may quote what was being worked on
        raise JobError(f"unexpected: {type(error).__name__}") from None
