"""What a sample day holds: the records that decide each case, those that cannot be read, those nobody may see."""

from __future__ import annotations

from datetime import date

import msgspec

from waybill.model.findings import Text


class Mark(msgspec.Struct, frozen=True, order=True):
    """Where one record stands, and a text that occurs in no other record of the day."""

    file: str
    """Relative to the folder of logs."""
    position: int
    """Line, or number of the record in a document, from 1."""
    marker: str


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A leak and its benign twin: the same deed with a permit, inside home, or undone."""

    name: str
    title: Text
    detectors: tuple[str, ...]
    """Each of them must tell the leak; no detector at all may tell the twin."""
    leak: tuple[Mark, ...]
    """The decisive records: a detector tells the leak if its finding rests on at least one of them."""
    twin: tuple[Mark, ...]
    why_allowed: Text
    """Why the twin is no leak."""


class Truth(msgspec.Struct, frozen=True, kw_only=True):
    """What a generator knows of the day it wrote."""

    day: date
    records: int
    """Records written, broken and protected ones included."""
    cases: tuple[Case, ...]
    broken: tuple[Mark, ...]
    """Records that cannot be read and belong in the quarantine."""
    protected: tuple[Mark, ...]
    """Records that touch a protected channel; their markers must never be met again, not even in the quarantine."""
    logs: str = "logs"
    """Folder of the sources' files, relative to the day's folder."""
    mappings: tuple[str, ...] = ("mappings/endpoint-agent.toml",)
    """Mapping files for sources that no built-in mapping reads."""
    register: str = "register"
    """Folder of the register's CSV files and of the list of protected channels."""
