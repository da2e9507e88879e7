"""Errors that a user can act on.

::

    WaybillError
    ├── UsageError        the command was asked for something it cannot do   (exit 2)
    ├── InputError        a file or stream could not be read as asked        (exit 3)
    │   └── BombError     it unpacks to far more than it should              (exit 3)
    ├── RuleError         a rule or mapping file is wrong                    (exit 2)
    └── StorageError      the data folder cannot be written or read          (exit 4)
        ├── DamagedError  bytes on disk are not those that were written      (exit 4)
        └── BusyError     another process holds the data folder              (exit 4)
"""

from __future__ import annotations


class WaybillError(Exception):
    """Something went wrong that the user can understand and act on.

    ``what`` is the fault in one sentence, ``where`` the file, line, record or field, ``expected`` what would
    have been right, ``advice`` what to do now. The last three may be empty.
    """

    exit_code = 4

    def __init__(self, what: str, *, where: str = "", expected: str = "", advice: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.expected = expected
        self.advice = advice

    def diagnostics(self) -> str:
        """Return the fault, its place, what was expected and what to do, a line each."""
        lines = [self.what]
        if self.where:
            lines.append(f"  where:    {self.where}")
        if self.expected:
            lines.append(f"  expected: {self.expected}")
        if self.advice:
            lines.append(f"  do:       {self.advice}")
        return "\n".join(lines)

    def __str__(self) -> str:
        return f"{self.what} ({self.where})" if self.where else self.what


class UsageError(WaybillError):
    """The command was asked for something it cannot do."""

    exit_code = 2


class InputError(WaybillError):
    """A file or stream could not be read as asked."""

    exit_code = 3


class BombError(InputError):
    """A compressed input unpacks to far more than any log would."""


class RuleError(WaybillError):
    """A rule, a mapping or another file of instructions is wrong."""

    exit_code = 2


class StorageError(WaybillError):
    """The data folder cannot be written or read."""


class DamagedError(StorageError):
    """Bytes on disk are not those that were written."""


class BusyError(StorageError):
    """Another process holds the data folder."""
