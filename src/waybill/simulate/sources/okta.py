"""System Log of Okta, as its API lists it, one event a line.

Format: https://developer.okta.com/docs/api/openapi/okta-management/management/tag/SystemLog
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from random import Random
from typing import Any

import orjson

from waybill.simulate.sources.log import Layout
from waybill.simulate.sources.values import BROWSER, letters, letters_of, milliseconds, token, uuid

LAYOUT = Layout("{owner}/okta/system-log-{month}.ndjson.gz")


def session_start(
    random: Random, time: datetime, *, user: str, address: str, country: str = "China", succeeded: bool = True
) -> bytes:
    """Write that somebody signed in, or failed to."""
    what = "user.session.start", "User login to Okta"
    failure = "" if succeeded else "INVALID_CREDENTIALS"
    return _event(random, time, *what, user=user, address=address, country=country, failure=failure)


def sso(random: Random, time: datetime, *, user: str, address: str, application: str, country: str = "China") -> bytes:
    """Write that somebody was let into an application by single sign-on."""
    what = "user.authentication.sso", "User single sign on to app"
    targets = [_application(application), _user_of(application, user)]
    return _event(random, time, *what, user=user, address=address, country=country, targets=targets)


def api_token_create(
    random: Random, time: datetime, *, user: str, address: str, name: str, country: str = "China"
) -> bytes:
    """Write that somebody made a token for the API."""
    what = "system.api_token.create", "Create API token"
    target = {"id": "00T" + letters(random, 17), "type": "Token", "alternateId": "unknown", "displayName": name}
    return _event(random, time, *what, user=user, address=address, country=country, targets=[target])


def consent_grant(
    random: Random,
    time: datetime,
    *,
    user: str,
    address: str,
    application: str,
    scopes: Sequence[str],
    country: str = "China",
) -> bytes:
    """Write that somebody let an application act for them (OAuth 2.0), within ``scopes``."""
    what = "app.oauth2.as.consent.grant", "OAuth2 consent is granted"
    targets = [
        _application(application),
        *({"id": letters_of(scope, 20), "type": "scope", "displayName": scope} for scope in scopes),
    ]
    more = {"scopes": ",".join(scopes)}
    return _event(random, time, *what, user=user, address=address, country=country, targets=targets, debug=more)


def _event(
    random: Random,
    time: datetime,
    event_type: str,
    message: str,
    *,
    user: str,
    address: str,
    country: str,
    failure: str = "",
    targets: Sequence[dict[str, Any]] = (),
    debug: dict[str, str] | None = None,
) -> bytes:
    place = {"city": None, "state": None, "country": country, "postalCode": None, "geolocation": None}
    return orjson.dumps(
        {
            "actor": {**_user(user), "detailEntry": None},
            "client": {
                "userAgent": {"rawUserAgent": BROWSER, "os": "Windows 10", "browser": "CHROME"},
                "zone": "null",
                "device": "Computer",
                "id": None,
                "ipAddress": address,
                "geographicalContext": place,
            },
            "device": None,
            "authenticationContext": {
                "authenticationProvider": None,
                "credentialProvider": None,
                "credentialType": None,
                "issuer": None,
                "interface": None,
                "authenticationStep": 0,
                "externalSessionId": "idx" + letters(random, 22),
            },
            "displayMessage": message,
            "eventType": event_type,
            "outcome": {"result": "FAILURE", "reason": failure} if failure else {"result": "SUCCESS", "reason": None},
            "published": milliseconds(time),
            "securityContext": {"asNumber": None, "asOrg": None, "isp": None, "domain": None, "isProxy": None},
            "severity": "WARN" if failure else "INFO",
            "debugContext": {"debugData": {"requestId": token(random, 32), **(debug or {})}},
            "legacyEventType": None,
            "transaction": {"type": "WEB", "id": token(random, 32), "detail": {}},
            "uuid": uuid(random),
            "version": "0",
            "request": {"ipChain": [{"ip": address, "geographicalContext": place, "version": "V4", "source": None}]},
            "target": list(targets) or None,
        }
    )


def _user(user: str) -> dict[str, Any]:
    name = user.partition("@")[0].replace(".", " ").title()
    return {"id": "00u" + letters_of(user, 17), "type": "User", "alternateId": user, "displayName": name}


def _application(application: str) -> dict[str, Any]:
    names = {"alternateId": application, "displayName": application}
    return {"id": "0oa" + letters_of(application, 17), "type": "AppInstance", **names, "detailEntry": None}


def _user_of(application: str, user: str) -> dict[str, Any]:
    key = "0ua" + letters_of(f"{application}/{user}", 17)
    return {**_user(user), "id": key, "type": "AppUser", "detailEntry": None}
