"""Puts the commands together."""

from __future__ import annotations

from typing import Annotated

import typer

from waybill import __version__
from waybill.cli import (
    alerts,
    anonymity,
    assess,
    backup,
    balance,
    behaviour,
    canary,
    cases,
    counters,
    coverage,
    disclosures,
    discover,
    documents,
    duty,
    epcis,
    findings,
    forward,
    grades,
    intake,
    keys,
    lake,
    ledger,
    names,
    playbooks,
    register,
    report,
    roles,
    rulebook,
    rules,
    scan,
    screen,
    serve,
    settings,
    simulate,
    survey,
    tasks,
    tokens,
    trace,
    transfers,
    trends,
    users,
    watch,
)
from waybill.cli.language import Language, choose
from waybill.register.fields import Kind

app = typer.Typer(
    name="waybill",
    help="Finds transfers of controlled assets that nobody authorised, in the logs you already have.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"waybill {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    *,
    lang: Annotated[
        Language | None, typer.Option(help="Language of the output.", show_default="that of your locale")
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Finds transfers of controlled assets that nobody authorised, in the logs you already have."""
    choose(lang)


WORK, REGISTER, SERVE, KEEP = "Find", "What is controlled and permitted", "Serve", "Keep"

app.command("scan", rich_help_panel=WORK)(scan.command)
app.command("ingest", rich_help_panel=WORK)(intake.ingest_command)
app.command("detect", rich_help_panel=WORK)(intake.detect_command)
app.command("watch", rich_help_panel=WORK)(watch.command)
app.add_typer(findings.app, name="findings", rich_help_panel=WORK)
app.add_typer(survey.app, name="survey", rich_help_panel=WORK)
app.add_typer(behaviour.app, name="behaviour", rich_help_panel=WORK)
app.add_typer(cases.app, name="case", rich_help_panel=WORK)
app.add_typer(playbooks.app, name="playbook", rich_help_panel=WORK)
app.add_typer(duty.app, name="duty", rich_help_panel=WORK)
app.command("discover", rich_help_panel=WORK)(discover.command)
app.command("anonymity", rich_help_panel=WORK)(anonymity.command)
app.command("report", rich_help_panel=WORK)(report.command)
app.command("transfers", rich_help_panel=WORK)(transfers.command)
app.add_typer(epcis.app, name="epcis", rich_help_panel=WORK)
app.command("trace", rich_help_panel=WORK)(trace.command)
app.add_typer(balance.app, name="balance", rich_help_panel=WORK)
app.add_typer(rules.app, name="rules", rich_help_panel=WORK)
app.add_typer(trends.app, name="trends", rich_help_panel=WORK)
documents.add_to(register.whole)
app.add_typer(register.whole, name="register", rich_help_panel=REGISTER)
for kind in (Kind.ASSETS, Kind.PARTIES, Kind.PLACES, Kind.PERMITS, Kind.DUTIES, Kind.PRICES):
    group = register.group(kind)
    if kind is Kind.ASSETS:
        group.command("coverage")(coverage.command)
    app.add_typer(group, name=str(kind), rich_help_panel=REGISTER)
app.add_typer(names.app, name="names", rich_help_panel=REGISTER)
app.add_typer(canary.app, name="canary", rich_help_panel=REGISTER)
app.add_typer(disclosures.app, name="disclosures", rich_help_panel=REGISTER)
app.command("assess", rich_help_panel=REGISTER)(assess.command)
app.add_typer(rulebook.app, name="rulebook", rich_help_panel=REGISTER)
app.add_typer(counters.app, name="counters", rich_help_panel=REGISTER)
app.add_typer(grades.app, name="grades", rich_help_panel=REGISTER)
app.add_typer(roles.app, name="roles", rich_help_panel=REGISTER)
app.command("screen", rich_help_panel=REGISTER)(screen.screen)
app.command("consult", rich_help_panel=REGISTER)(screen.consult)
app.command("serve", rich_help_panel=SERVE)(serve.command)
app.command("forward", rich_help_panel=SERVE)(forward.command)
app.add_typer(users.app, name="users", rich_help_panel=SERVE)
app.add_typer(tokens.app, name="tokens", rich_help_panel=SERVE)
app.add_typer(alerts.app, name="alerts", rich_help_panel=SERVE)
app.add_typer(keys.app, name="keys", rich_help_panel=KEEP)
app.command("backup", rich_help_panel=KEEP)(backup.backup_command)
app.command("restore", rich_help_panel=KEEP)(backup.restore_command)
app.add_typer(tasks.app, name="tasks", rich_help_panel=KEEP)
app.add_typer(lake.app, name="lake", rich_help_panel=KEEP)
app.add_typer(intake.quarantine, name="quarantine", rich_help_panel=KEEP)
app.add_typer(ledger.app, name="ledger", rich_help_panel=KEEP)
app.command("settings", rich_help_panel=KEEP)(settings.command)
app.command("simulate", rich_help_panel=KEEP)(simulate.command)
