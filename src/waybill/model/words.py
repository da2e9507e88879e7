"""Enumerations of the field, as the strings that are stored, each with its OCSF number where OCSF has one."""

from __future__ import annotations

from enum import StrEnum


class Grade(StrEnum):
    """How much harm the loss of an asset does; the classes of GB/T 43697-2024 plus ``sensitive``.

    Ordered: ``Grade.rank`` grows with the harm.
    """

    GENERAL = "general"
    SENSITIVE = "sensitive"
    IMPORTANT = "important"
    CORE = "core"

    @property
    def rank(self) -> int:
        """0 for general up to 3 for core."""
        return list(Grade).index(self)


class AssetKind(StrEnum):
    """What sort of thing is controlled."""

    DATA = "data"
    DOCUMENT = "document"
    CODE = "code"
    MATERIAL = "material"
    DEVICE = "device"
    CREDENTIAL = "credential"
    KNOW_HOW = "know-how"


class PartyKind(StrEnum):
    """Who acts or receives. A ``person`` is only ever known by a pseudonym."""

    PERSON = "person"
    SERVICE = "service"
    ORGANISATION = "organisation"
    SITE = "site"


class Action(StrEnum):
    """What was done, in the terms of OCSF activities (file, datastore, e-mail, API) and EPCIS business steps.

    ``MOVING`` lists the actions that take an asset somewhere; the rest only touch or concern it.
    """

    READ = "read"
    CREATE = "create"
    WRITE = "write"
    DELETE = "delete"
    COPY = "copy"
    MOVE = "move"
    DOWNLOAD = "download"
    UPLOAD = "upload"
    SEND = "send"
    SHARE = "share"
    PRINT = "print"
    EXPORT = "export"
    SHIP = "ship"
    RECEIVE = "receive"
    DEPLOY = "deploy"
    EXECUTE = "execute"
    CONFIGURE = "configure"
    LOGIN = "login"
    CONNECT = "connect"
    OTHER = "other"


MOVING = frozenset(
    {
        Action.COPY,
        Action.MOVE,
        Action.DOWNLOAD,
        Action.UPLOAD,
        Action.SEND,
        Action.SHARE,
        Action.PRINT,
        Action.EXPORT,
        Action.SHIP,
        Action.DEPLOY,
    }
)
"""Actions that take an asset from a place to a place."""


class Channel(StrEnum):
    """The way an asset goes."""

    EMAIL = "email"
    USB = "usb"
    CLOUD_STORAGE = "cloud-storage"
    CLOUD_API = "cloud-api"
    WEB = "web"
    FILE = "file"
    DATABASE = "database"
    NETWORK = "network"
    CODE = "code"
    PRINT = "print"
    FREIGHT = "freight"
    CHAT = "chat"
    EMPLOYMENT = "employment"
    """A person takes up, changes or leaves a post, and takes what he or she knows along."""
    HOST = "host"
    OTHER = "other"


class Outcome(StrEnum):
    """How the attempt ended; blocked attempts count too (OCSF ``status_id`` 1, 2 and ``disposition_id`` 2)."""

    SUCCESS = "success"
    FAILURE = "failure"
    BLOCKED = "blocked"
    UNKNOWN = "unknown"


class Severity(StrEnum):
    """How urgent a finding is; ``number`` is OCSF ``severity_id``."""

    INFORMATIONAL = "informational"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def number(self) -> int:
        """1 for informational up to 5 for critical."""
        return list(Severity).index(self) + 1


class Intent(StrEnum):
    """Why it happened, as far as anybody found out (VERIS actions ``Error`` and ``Misuse``)."""

    ACCIDENT = "accident"
    DELIBERATE = "deliberate"
    UNKNOWN = "unknown"


class Scope(StrEnum):
    """How much of the table a detector must see at once; ``flow`` partitions by it.

    ``record``: any rows, in any grouping. ``key``: all rows of one key together. ``whole``: all rows. ``fold``: all
    rows in windows of any size and order, the state handed from window to window, then a last call without rows.
    """

    RECORD = "record"
    KEY = "key"
    WHOLE = "whole"
    FOLD = "fold"
