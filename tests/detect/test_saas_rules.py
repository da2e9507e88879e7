"""Rules that speak of transfers fire on the native records of services, and public rules on their products' own."""

from __future__ import annotations

import os
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml
from tests.detect.rule_samples import overlaid, plan, read

from waybill.collect import collect
from waybill.detect.sigma import SigmaDetector
from waybill.model.protocols import Tables

Record = dict[str, Any]

RULES = Path(__file__).parents[2] / "src" / "waybill" / "detect" / "sigma" / "rules"


@cache
def stems() -> dict[str, str]:
    """Return the stem of each rule of the pack by its id."""
    return {str(yaml.safe_load(path.read_text())["id"]): path.stem for path in RULES.rglob("*.yml")}


def told(folder: Path, record: Record, detector: SigmaDetector) -> set[str]:
    """Return the ids of the rules that fire on one record; it must be read."""
    (folder / "log").write_bytes(orjson.dumps(record))
    (batch,) = [one for one in collect([folder / "log"], plan(), workers=0) if one.source]
    assert batch.rejected == []
    return {finding.rule_id for finding in detector.run(Tables(batch.transfers), {}).findings}


@pytest.fixture(scope="module")
def pack() -> SigmaDetector:
    return SigmaDetector()


def drive(name: str, **parameters: Any) -> Record:
    """Return the change that makes the envelope of Workspace an event of Drive."""
    return {"events": [{"name": name, "parameters": [{"name": key, "value": one} for key, one in parameters.items()]}]}


INBOX = {"Workload": "Exchange", "Operation": "New-InboxRule", "RecordType": 1, "ResultStatus": "True"}
SHARING = {"Workload": "OneDrive", "RecordType": 14, "ObjectId": "https://x.example/a.docx"}
GRANT = "[] => [[Id: 1, ClientId: 2, ConsentType: Principal, Scope:  Mail.Read offline_access, CreatedDateTime: ]]"
CONSENT = {
    "Workload": "AzureActiveDirectory",
    "Operation": "Consent to application.",
    "RecordType": 8,
    "Target": [{"ID": "Calendar Helper", "Type": 1}],
    "ModifiedProperties": [{"Name": "ConsentAction.Permissions", "NewValue": GRANT, "OldValue": ""}],
}
SIGN_IN = [{"Name": "ConsentAction.Permissions", "NewValue": GRANT.replace("Mail.Read", "openid"), "OldValue": ""}]
TOKEN = {"id": {"applicationName": "token"}}
LOGIN = {"id": {"applicationName": "user_accounts"}}

FIRES = [
    ("microsoft-365", SHARING | {"Operation": "AnonymousLinkCreated"}, "share_with_anyone"),
    (
        "google-workspace",
        drive("change_document_visibility", doc_title="a", visibility="people_with_link"),
        "share_with_anyone",
    ),
    (
        "microsoft-365",
        INBOX | {"Parameters": [{"Name": "ForwardTo", "Value": "a@mailbox.example"}]},
        "mail_forwarding_outside",
    ),
    (
        "microsoft-365",
        INBOX
        | {
            "Operation": "Set-Mailbox",
            "Parameters": [{"Name": "ForwardingSmtpAddress", "Value": "smtp:a@mailbox.example"}],
        },
        "mail_forwarding_outside",
    ),
    (
        "google-workspace",
        LOGIN | drive("email_forwarding_out_of_domain", email_forwarding_destination_address="a@mailbox.example"),
        "mail_forwarding_outside",
    ),
    ("microsoft-365", CONSENT, "broad_consent_granted"),
    (
        "google-workspace",
        TOKEN | drive("authorize", app_name="Helper", scope="https://www.googleapis.com/auth/drive"),
        "broad_consent_granted",
    ),
    ("github-audit", {"action": "repo.access", "repo": "chips/etch", "visibility": "public"}, "repository_made_public"),
    ("github-audit", {"action": "repo.create", "repo": "chips/etch", "visibility": "public"}, "repository_made_public"),
    ("github-audit", {"action": "personal_access_token.access_granted"}, "api_token_created"),
    ("github-audit", {"action": "audit_log_streaming.destroy"}, "audit_log_stopped"),
    ("okta", {"eventType": "system.log_stream.lifecycle.deactivate"}, "audit_log_stopped"),
]
SILENT = [
    ("microsoft-365", SHARING | {"Operation": "CompanyLinkCreated"}),
    ("microsoft-365", SHARING | {"Operation": "SharingRevoked", "TargetUserOrGroupName": "a@mailbox.example"}),
    ("google-workspace", drive("change_document_visibility", doc_title="a", visibility="private", new_value="private")),
    ("microsoft-365", INBOX | {"Parameters": [{"Name": "ForwardTo", "Value": "wu.b@chips.example"}]}),
    ("microsoft-365", INBOX | {"Parameters": [{"Name": "MoveToFolder", "Value": "Archive"}]}),
    ("microsoft-365", CONSENT | {"ModifiedProperties": SIGN_IN}),
    ("google-workspace", TOKEN | drive("authorize", app_name="Helper", scope="openid")),
    ("github-audit", {"action": "repo.access", "repo": "chips/etch", "visibility": "private"}),
    ("github-audit", {"action": "git.clone", "repo": "chips/etch"}),
    ("github-audit", {"action": "audit_log_streaming.create"}),
    ("okta", {"eventType": "user.session.start"}),
]


@pytest.mark.parametrize(("source", "change", "rule"), FIRES)
def test_one_rule_covers_several_sources(
    tmp_path: Path, pack: SigmaDetector, source: str, change: Record, rule: str
) -> None:
    assert rule in {stems()[one] for one in told(tmp_path, overlaid(read("envelopes")[source], change), pack)}


@pytest.mark.parametrize(("source", "change"), SILENT)
def test_ordinary_use_is_silent(tmp_path: Path, pack: SigmaDetector, source: str, change: Record) -> None:
    assert told(tmp_path, overlaid(read("envelopes")[source], change), pack) == set()


def corpora() -> Path:
    """Return the folder with outside data."""
    folder = os.environ.get("WAYBILL_CORPORA")
    if not folder:
        pytest.skip("WAYBILL_CORPORA is not set: this test needs data that others recorded")
    return Path(folder)


ALERT = {"Workload": "SecurityComplianceCenter", "RecordType": 40, "Operation": "AlertTriggered"}
PUBLIC = [
    ("microsoft365_impossible_travel_activity", "microsoft-365", ALERT | {"Name": "Impossible travel activity"}),
    ("microsoft365_from_susp_ip_addresses", "microsoft-365", ALERT | {"Name": "Activity from suspicious IP addresses"}),
    ("microsoft365_susp_inbox_forwarding", "microsoft-365", ALERT | {"Name": "Suspicious inbox forwarding"}),
    (
        "microsoft365_data_exfiltration_to_unsanctioned_app",
        "microsoft-365",
        ALERT | {"Name": "Data exfiltration to unsanctioned apps"},
    ),
    (
        "microsoft365_disabling_mfa",
        "microsoft-365",
        {"Workload": "AzureActiveDirectory", "RecordType": 8, "Operation": "Disable Strong Authentication."},
    ),
    (
        "microsoft365_new_federated_domain_added_exchange",
        "microsoft-365",
        {"Workload": "Exchange", "RecordType": 1, "Operation": "Add-FederatedDomain"},
    ),
    (
        "microsoft365_new_federated_domain_added_audit",
        "microsoft-365",
        {"Workload": "AzureActiveDirectory", "RecordType": 8, "Operation": "Add unverified domain."},
    ),
    (
        "gcp_gworkspace_granted_domain_api_access",
        "google-workspace",
        {"id": {"applicationName": "admin"}, **drive("AUTHORIZE_API_CLIENT_ACCESS", API_CLIENT_NAME="x")},
    ),
    (
        "gcp_gworkspace_mfa_disabled",
        "google-workspace",
        {"id": {"applicationName": "admin"}, **drive("ENFORCE_STRONG_AUTHENTICATION", NEW_VALUE="false")},
    ),
    (
        "gcp_gworkspace_application_access_levels_modified",
        "google-workspace",
        {"id": {"applicationName": "admin"}, **drive("CHANGE_APPLICATION_SETTING", SETTING_NAME="ContextAwareAccess")},
    ),
    (
        "gcp_gworkspace_govattack",
        "google-workspace",
        {"id": {"applicationName": "login"}, **drive("gov_attack_warning")},
    ),
    (
        "gcp_gworkspace_out_of_domain_email_forwarding",
        "google-workspace",
        {
            "id": {"applicationName": "login"},
            **drive("email_forwarding_out_of_domain", email_forwarding_destination_address="a@x.example"),
        },
    ),
    ("github_repo_or_org_transferred", "github-audit", {"action": "repo.transfer_outgoing", "repo": "a/b"}),
    ("github_disable_high_risk_configuration", "github-audit", {"action": "org.disable_two_factor_requirement"}),
    ("github_push_protection_bypass_detected", "github-audit", {"action": "secret_scanning_push_protection.bypass"}),
    ("github_new_secret_created", "github-audit", {"action": "org.create_actions_secret"}),
    ("okta_api_token_created", "okta", {"eventType": "system.api_token.create"}),
    ("okta_admin_role_assigned_to_user_or_group", "okta", {"eventType": "user.account.privilege.grant"}),
    (
        "okta_user_account_locked_out",
        "okta",
        {"eventType": "user.account.lock", "displayMessage": "Max sign in attempts exceeded"},
    ),
    (
        "okta_user_session_start_via_anonymised_proxy",
        "okta",
        {"eventType": "user.session.start", "securityContext": {"isProxy": True}},
    ),
    (
        "okta_new_behaviours_admin_console",
        "okta",
        {
            "eventType": "policy.evaluate_sign_on",
            "target": [{"type": "AppInstance", "displayName": "Okta Admin Console"}],
            "debugContext": {"debugData": {"behaviors": "{New Device=POSITIVE}"}},
        },
    ),
]


@pytest.mark.oracle
def test_public_rules_of_these_products_fire_on_events_made_by_hand(tmp_path: Path) -> None:
    rules = corpora() / "sigma" / "rules"
    paths = {path.stem: path for path in rules.rglob("*.yml")}
    detector = SigmaDetector([rules / "cloud", rules / "application" / "github", rules / "identity" / "okta"])
    envelopes = read("envelopes")
    silent = []
    for stem, source, change in PUBLIC:
        rule = yaml.safe_load(paths[stem].read_text(encoding="utf-8"))["id"] if stem in paths else None
        if rule is None or rule not in told(tmp_path, overlaid(envelopes[source], change), detector):
            silent.append(stem)
    assert silent == []


LABELLED = {
    "GSuite.ExternalMailForwarding": "mail_forwarding_outside",
    "Google.Workspace.OAuth.Privileged.Scopes": "broad_consent_granted",
    "Github.Repo.VisibilityChange": "repository_made_public",
    "Github.Public.Repository.Created": "repository_made_public",
    "GitHub.User.AccessKeyCreated": "repository_key_added",
}
"""Analyses of others and the rule of ours that tells of the same deed."""

MISSED = {"GSuite.ExternalMailForwarding": 1, "Github.Repo.VisibilityChange": 1}
"""An address whose domain begins with a dot; a change of visibility that does not say to what."""


@pytest.mark.oracle
def test_labelled_events_of_the_same_deeds(tmp_path: Path, pack: SigmaDetector) -> None:
    lines = (corpora() / "panther-tests/tests.jsonl").read_bytes().splitlines()
    missed, right, wrong = Counter[str](), 0, []
    for test in map(orjson.loads, lines):
        if test["rule"] not in LABELLED:
            continue
        log = test["log"]
        if isinstance(log.get("id"), dict):
            log["id"].setdefault("time", "2026-03-02T02:15:00Z")
        else:
            log.setdefault("created_at", 1772417700000)
        fired = LABELLED[test["rule"]] in {stems()[one] for one in told(tmp_path, log, pack)}
        right += fired and test["expect"]
        missed[test["rule"]] += test["expect"] and not fired
        wrong += [test["rule"]] if fired and not test["expect"] else []
    assert wrong == []
    assert right >= 5
    assert +missed == MISSED
