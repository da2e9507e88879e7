"""What can go wrong in the ledger beyond files that cannot be read or written.

::

    InputError
    └── ProofError      a proof, a signature or a checkpoint does not hold        (exit 3)
    StorageError
    └── RestoredError   a witness has seen more of this log than there is here    (exit 4)
"""

from __future__ import annotations

from waybill.model.errors import InputError, StorageError


class ProofError(InputError):
    """A proof, a signature or a checkpoint does not hold, or is not written as its standard asks."""


class RestoredError(StorageError):
    """A witness has seen more of this log than there is here: the folder was restored from an older copy.

    Going on would give indexes a second time and fork the log.
    """

    def __init__(self, witness: str, seen: int, here: int, where: str) -> None:
        super().__init__(
            f"witness {witness} has seen {seen} entries of this log, and here are only {here}: "
            "the folder was restored from an older copy, and going on would fork the log",
            where=where,
            expected=f"at least {seen} entries",
            advice="fetch the missing tail from a mirror (`waybill ledger recover --mirror PLACE`), or, if it is lost, "
            "begin a log under a new origin that commits to the last checkpoint (`waybill ledger recover --anew`)",
        )
        self.seen = seen
        self.here = here
