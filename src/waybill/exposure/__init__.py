"""Exposures: ways out that stand open. What stands somewhere is read, checks look at it, findings come out.

Nothing is changed here, and nothing is passed over in silence: what could not be inspected is said, with the reason.

- ``snapshots``: a thing as it stood when it was read, and what of it could not be read.
- ``checks``: what a check is, a folder with its metadata in ``check.toml`` and the function ``look``.
- ``survey``: looks at things with checks, and keeps in mind since when each exposure has stood open.
- ``weighing``: how grave an exposure is, by what lies behind it and by what has gone through it already.
- ``repositories``: asks git without letting a repository start anything. ``bills``: CycloneDX.
- ``drift``: what a program can do that it could not before.
- ``code/``, ``deployed/``, ``storage/``, ``crypto/``, ``devices/``, ``apps/``: a family each, its readers and checks.
"""

from waybill.exposure.checks import Check, checks_of
from waybill.exposure.families import FAMILIES, Family
from waybill.exposure.snapshots import NotInspected, Snapshot
from waybill.exposure.survey import Survey, survey
from waybill.exposure.weighing import Passage

__all__ = ["FAMILIES", "Check", "Family", "NotInspected", "Passage", "Snapshot", "Survey", "checks_of", "survey"]
