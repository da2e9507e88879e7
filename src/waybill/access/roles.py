"""Who may do what: the seven roles and their permissions, as one table. What is not in it is denied."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What a person is to the service; one may have several, each for some organisations and up to a grade."""

    ANALYST = "analyst"
    """Looks through transfers and findings."""
    RESPONDER = "responder"
    """Decides on findings, stops transfers, is on call."""
    TRADE_CONTROL = "trade-control"
    """Decides on permits."""
    PRIVACY_OFFICER = "privacy-officer"
    """Decides whether the person behind a pseudonym may be seen."""
    AUDITOR = "auditor"
    """Reads everything and changes nothing."""
    ADMINISTRATOR = "administrator"
    """Runs the service and gives roles; sees no records by that."""
    PARTNER = "partner"
    """Belongs to another organisation and sees what concerns it."""


class Permission(StrEnum):
    """One thing that can be allowed: a kind of record, and what is done with it."""

    OVERVIEW_READ = "overview.read"
    TRANSFERS_READ = "transfers.read"
    TRANSFERS_ASSESS = "transfers.assess"
    """Asking what the rules on file say of a planned transfer."""
    RULEBOOK_READ = "rulebook.read"
    """Rules of law on file, and how counts of persons stand."""
    RULEBOOK_VERIFY = "rulebook.verify"
    """Saying that a rule of law was held against the text of its source."""
    POSTS_READ = "posts.read"
    """Sensitive posts, who holds them, and what was done when somebody left."""
    POSTS_MANAGE = "posts.manage"
    FINDINGS_READ = "findings.read"
    FINDINGS_DECIDE = "findings.decide"
    """Dismissing with a reason, exceptions."""
    FINDINGS_CONTEST = "findings.contest"
    """Entering what the person concerned says against a finding."""
    CASES_READ = "cases.read"
    CASES_HANDLE = "cases.handle"
    """Judging, assigning, merging and splitting cases; tasks, evidence, clocks."""
    PLAYBOOKS_READ = "playbooks.read"
    """Playbooks, what each would do, and how runs stand."""
    PLAYBOOKS_RUN = "playbooks.run"
    """Beginning a run for a case, looking again, undoing it."""
    PLAYBOOKS_APPROVE = "playbooks.approve"
    """Agreeing to an act that somebody else has begun, or saying that a person did it."""
    DUTY_READ = "duty.read"
    """Who is on call, what is due, and what is handed over."""
    DUTY_MANAGE = "duty.manage"
    """Planning who is on call, swapping shifts, handing over."""
    REGISTER_READ = "register.read"
    """Assets, places, prices and duties."""
    ASSETS_GRADE = "assets.grade"
    """Saying what is known of an asset, and confirming its grade."""
    CANARIES_READ = "canaries.read"
    """Marked copies and decoys: what was handed out or laid, and who agreed."""
    CANARIES_REQUEST = "canaries.request"
    CANARIES_DECIDE = "canaries.decide"
    RULES_READ = "rules.read"
    PERMITS_READ = "permits.read"
    PERMITS_REQUEST = "permits.request"
    PERMITS_DECIDE = "permits.decide"
    PEOPLE_READ = "people.read"
    """People by pseudonym."""
    UNMASKING_REQUEST = "unmasking.request"
    UNMASKING_DECIDE = "unmasking.decide"
    SOURCES_READ = "sources.read"
    TOKENS_MANAGE = "tokens.manage"
    LEDGER_READ = "ledger.read"
    SETTINGS_READ = "settings.read"
    USERS_MANAGE = "users.manage"
    TRENDS_READ = "trends.read"
    """Incidents over the years, and how they go with calendars."""
    TRENDS_SIGN = "trends.sign"
    """Consenting to figures that are published to everybody."""
    RECORDS_EXPORT = "records.export"
    """Taking records out of the service: exports, reports, shares."""


_P = Permission
_OVERSIGHT = frozenset({_P.OVERVIEW_READ, _P.LEDGER_READ, _P.SETTINGS_READ, _P.TRENDS_READ})
"""What whoever answers for the service sees."""
_INQUIRY = frozenset({
    _P.OVERVIEW_READ, _P.TRANSFERS_READ, _P.FINDINGS_READ, _P.CASES_READ, _P.REGISTER_READ, _P.PERMITS_READ,
    _P.TRENDS_READ,
    _P.PLAYBOOKS_READ, _P.DUTY_READ,
})  # fmt: skip
"""What whoever looks into transfers reads."""
_CASE_WORK = _INQUIRY | {
    _P.PEOPLE_READ, _P.SOURCES_READ, _P.RULES_READ, _P.LEDGER_READ, _P.FINDINGS_DECIDE, _P.PERMITS_REQUEST,
    _P.CASES_HANDLE, _P.FINDINGS_CONTEST, _P.UNMASKING_REQUEST, _P.RECORDS_EXPORT, _P.TRANSFERS_ASSESS,
    _P.RULEBOOK_READ, _P.CANARIES_READ, _P.CANARIES_REQUEST,
}  # fmt: skip
_TRADE = _INQUIRY | {
    _P.PERMITS_REQUEST, _P.PERMITS_DECIDE, _P.LEDGER_READ, _P.RECORDS_EXPORT, _P.TRANSFERS_ASSESS, _P.RULEBOOK_READ,
    _P.RULEBOOK_VERIFY, _P.ASSETS_GRADE, _P.POSTS_READ, _P.POSTS_MANAGE, _P.PLAYBOOKS_APPROVE,
    _P.TRENDS_SIGN, _P.CANARIES_READ, _P.CANARIES_REQUEST, _P.CANARIES_DECIDE,
}  # fmt: skip
_AUDIT = _OVERSIGHT | _INQUIRY | {
    _P.PEOPLE_READ, _P.SOURCES_READ, _P.RULES_READ, _P.RULEBOOK_READ, _P.RECORDS_EXPORT, _P.POSTS_READ,
    _P.CANARIES_READ,
}  # fmt: skip

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.ANALYST: _CASE_WORK,
    Role.RESPONDER: _CASE_WORK | {_P.PLAYBOOKS_RUN, _P.PLAYBOOKS_APPROVE, _P.DUTY_MANAGE},
    Role.TRADE_CONTROL: _TRADE,
    Role.PRIVACY_OFFICER: _OVERSIGHT
    | {
        _P.PEOPLE_READ,
        _P.UNMASKING_DECIDE,
        _P.FINDINGS_CONTEST,
        _P.TRANSFERS_ASSESS,
        _P.RULEBOOK_READ,
        _P.RULEBOOK_VERIFY,
        _P.POSTS_READ,
        _P.TRENDS_SIGN,
        _P.CANARIES_READ,
        _P.CANARIES_DECIDE,
    },
    Role.AUDITOR: _AUDIT,
    Role.ADMINISTRATOR: _OVERSIGHT | {_P.SOURCES_READ, _P.RULES_READ, _P.TOKENS_MANAGE, _P.USERS_MANAGE},
    Role.PARTNER: frozenset({_P.TRANSFERS_READ, _P.FINDINGS_READ, _P.PERMITS_READ, _P.PERMITS_REQUEST}),
}
"""The permissions of each role."""

BOUND = frozenset({Role.PARTNER})
"""Roles that are given for named organisations alone."""
