"""The two ways out when the ledger's folder is an older copy: fetch what is missing, or begin a log that continues it.

Which rows have their leaves in the log is found out anew: those whose leaves were lost wait again.
"""

from __future__ import annotations

import shutil

from waybill.durable import make_folder, storage_faults, sync_folder
from waybill.flow.installation import Installation
from waybill.flow.proof.sequencing import PATIENCE
from waybill.ledger import Checkpoint, Note, open_source
from waybill.ledger.restore import begin_anew, fetch_tail
from waybill.model.errors import UsageError
from waybill.outbox import queue


def fetch_missing(installation: Installation, mirror: str) -> range:
    """Fetch the entries that the log lacks from a mirror (a folder or an address); returns their indexes."""
    ledger = installation.ledger
    with ledger.lock.exclusive(PATIENCE):
        return fetch_tail(ledger.log, ledger.origin, ledger.signer, open_source(mirror))


def begin_next(installation: Installation, last: Note | None = None) -> int:
    """Put the log aside and begin one under the origin that the settings name now; returns how many rows wait again.

    Its first entry is ``last``, the latest checkpoint of the old log that anybody has (by default its own). What the
    old log holds stays provable by it.
    """
    ledger = installation.ledger
    with ledger.lock.exclusive(PATIENCE):
        old = ledger.first_origin() if ledger.began else ""
        if old in {"", ledger.origin}:
            raise UsageError(
                "a new log needs an origin of its own" if old else "there is no ledger yet",
                where=old,
                advice="set `ledger_origin` to a new name, such as example.com/ledger-2, then try again" if old else "",
            )
        shown = Note.parse((ledger.log / "checkpoint").read_bytes())
        waiting = queue.take_back(old, Checkpoint.parse(shown.text).size)
        with storage_faults("cannot put the old log aside", ledger.home):
            shutil.rmtree(ledger.next, ignore_errors=True)
            begin_anew(last or shown, ledger.next, ledger.origin, ledger.signer)
            former = ledger.former(old)
            make_folder(former.parent)
            ledger.log.rename(former)
            sync_folder(former.parent)
            ledger.take_next()
        return waiting
