"""Where each page is."""

from __future__ import annotations

from django.urls import path

from waybill.console import statics
from waybill.console.pages import (
    assess,
    assets,
    findings,
    law,
    ledger,
    overview,
    people,
    permits,
    rules,
    settings,
    sources,
    tokens,
    transfers,
    users,
    views,
)
from waybill.console.pages.preferences import preferences

urlpatterns = [
    path("", overview.overview, name="overview"),
    path("findings", findings.findings, name="findings"),
    path("findings/decide", findings.decide, name="findings-decide"),
    path("findings/exceptions", findings.accepted, name="findings-exceptions"),
    path("findings/exceptions/<int:number>/end", findings.end, name="findings-exceptions-end"),
    path("findings/<str:id>", findings.finding, name="findings-one"),
    path("findings/<str:id>/accept", findings.accept, name="findings-accept"),
    path("transfers", transfers.transfers, name="transfers"),
    path("transfers/count", transfers.count, name="transfers-count"),
    path("transfers/export", transfers.export, name="transfers-export"),
    path("transfers/<str:id>", transfers.transfer, name="transfers-one"),
    path("assets", assets.assets, name="assets"),
    path("assets/<path:id>", assets.asset, name="assets-one"),
    path("permits", permits.permits, name="permits"),
    path("permits/ask", permits.ask, name="permits-ask"),
    path("permits/<int:number>/decide", permits.decide, name="permits-decide"),
    path("assess", assess.assess, name="assess"),
    path("assess/keep", assess.keep, name="assess-keep"),
    path("rulebook", law.law, name="rulebook"),
    path("people", people.people, name="people"),
    path("people/ask", people.ask, name="people-ask"),
    path("people/<int:number>/decide", people.decide, name="people-decide"),
    path("people/<int:number>/see", people.see, name="people-see"),
    path("sources", sources.sources, name="sources"),
    path("tokens", tokens.tokens, name="tokens"),
    path("tokens/make", tokens.make, name="tokens-make"),
    path("tokens/<str:id>/revoke", tokens.revoke, name="tokens-revoke"),
    path("users", users.users, name="users"),
    path("users/invite", users.invite, name="users-invite"),
    path("users/<str:pseudonym>/change", users.change, name="users-change"),
    path("rules", rules.rules, name="rules"),
    path("rules/coverage", rules.coverage, name="rules-coverage"),
    path("rules/<str:id>", rules.rule, name="rules-one"),
    path("ledger", ledger.ledger, name="ledger"),
    path("ledger/<str:id>/proof", ledger.proof, name="ledger-proof"),
    path("ledger/<str:id>/disclosure", ledger.disclosure, name="ledger-disclosure"),
    path("settings", settings.settings, name="settings"),
    path("views/<str:page>", views.keep, name="views-keep"),
    path("views/<int:number>/remove", views.remove, name="views-remove"),
    path("preferences", preferences, name="preferences"),
    path("static/<str:mark_>/<path:path>", statics.serve, name="static"),
]
