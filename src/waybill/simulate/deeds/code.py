"""Source code on GitHub."""

from __future__ import annotations

from typing import Literal

from waybill.simulate.deeds.worker import Moments, Worker
from waybill.simulate.offices import Office
from waybill.simulate.sources import github

Action = Literal["fetch", "push", "clone"]

_ACTIONS: tuple[Action, ...] = (*("fetch",) * 12, *("push",) * 7, "clone")


def work(office: Office, worker: Worker, moments: Moments) -> None:
    """Write what was fetched, pushed and cloned."""
    for moment in moments:
        action: Action = office.names.of(_ACTIONS)
        repository = f"{office.organisation.label}/{office.favourite(worker.desk.repositories)}"
        record = github.git(
            office.random, moment, action, actor=worker.person.login, address=worker.address, repository=repository
        )
        office.write(github.LAYOUT, moment, record)
