"""A person verifies a rule: the text is checked against it, kept, and proved."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from waybill.flow.installation import Installation
from waybill.rulebook import load_rulebook
from waybill.rulebook.verifying import Verification, check


def verify(
    installation: Installation, provision: str, quote: str, source: str, review: timedelta, *, who: str
) -> Verification:
    """Keep that somebody held a rule against the text of its source. Raises RuleError for a text that cannot be it."""
    from waybill.register import verifications

    check(load_rulebook(installation.settings.rulebook), provision, quote, source)
    today = datetime.now(UTC).date()
    return verifications.add(provision, quote, source.strip(), today, today + review, who=who)
