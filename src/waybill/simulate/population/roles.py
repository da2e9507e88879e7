"""What people of each role do on a working day: the shapes of a company's peer groups.

The rates follow published figures on office logs (1,000 people, about 4.8 million records in 150 days); none is fitted
to a detector.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple


class Deed(IntEnum):
    """Kinds of deeds that are recorded; the first ten are everyday habits."""

    SIGN_IN = 0
    PLUG_IN = 1
    COPY = 2
    MAIL_INSIDE = 3
    MAIL_OUTSIDE = 4
    VISIT = 5
    UPLOAD = 6
    DOWNLOAD = 7
    READ = 8
    DELETE = 9
    CAREER = 10


HABITS = tuple(deed for deed in Deed if deed is not Deed.CAREER)


class Role(NamedTuple):
    """A peer group: its share of the company, what its people do a day, and when."""

    name: str
    share: float
    sign_ins: float
    with_media: float
    """Share of its people who use removable media at all."""
    copies: float
    """Files a day, of those who do."""
    mails_inside: float
    mails_outside: float
    visits: float
    uploads: float
    downloads: float
    reads: float
    """Controlled documents opened."""
    deletions: float
    late: float
    """Chance of work outside usual hours."""
    weekend: float
    """Chance of work on a day off."""


ROLES = (
    Role("line", 0.18, 1.3, 0.05, 3, 3, 0.4, 10, 0.05, 0.3, 0.3, 0.1, 0.01, 0.05),
    Role("technician", 0.16, 1.8, 0.20, 6, 5, 0.8, 18, 0.2, 1, 2, 0.4, 0.03, 0.05),
    Role("sales", 0.15, 1.5, 0.15, 5, 8, 7, 30, 0.8, 1.5, 1, 0.2, 0.06, 0.04),
    Role("software-engineer", 0.12, 1.6, 0.12, 5, 7, 1, 45, 0.8, 4, 8, 1.5, 0.10, 0.04),
    Role("it-administrator", 0.04, 4, 0.45, 9, 8, 1.5, 40, 0.6, 5, 3, 2, 0.25, 0.15),
    Role("scientist", 0.08, 1.5, 0.20, 8, 6, 2, 35, 0.5, 3, 7, 0.6, 0.06, 0.04),
    Role("engineer", 0.12, 1.5, 0.22, 8, 7, 1.5, 30, 0.5, 2.5, 9, 0.8, 0.05, 0.04),
    Role("clerk", 0.07, 1.4, 0.08, 3, 11, 2, 22, 0.3, 1, 1.5, 0.3, 0.01, 0.01),
    Role("finance", 0.04, 1.4, 0.08, 4, 9, 3, 22, 0.3, 1.2, 5, 0.3, 0.05, 0.03),
    Role("manager", 0.04, 1.8, 0.12, 4, 15, 5, 25, 0.3, 1, 4, 0.3, 0.12, 0.06),
)

NAMES = tuple(role.name for role in ROLES)
TEAMS_PER_ROLE = 4
TEAMS = TEAMS_PER_ROLE * len(ROLES)
