"""What a rule's level counts as a score."""

from __future__ import annotations

from waybill.model.words import Severity

SCORES = {
    Severity.INFORMATIONAL: 10.0,
    Severity.LOW: 25.0,
    Severity.MEDIUM: 50.0,
    Severity.HIGH: 75.0,
    Severity.CRITICAL: 95.0,
}
"""A rule's level as a score. How rare a match is does not count: a rule is as right the tenth time as the first."""
