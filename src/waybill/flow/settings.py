"""Every setting with its default; from ``waybill.toml`` in the data folder and ``WAYBILL_*`` variables."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from waybill.model.errors import UsageError
from waybill.model.words import Grade, Severity

SETTINGS_FILE = "waybill.toml"

RULES_FOLDER = "rules"
"""Where, in the data folder, `waybill rules update` keeps the rules it was given; they run beside the built-in ones."""


class Settings(BaseSettings):
    """The settings. Environment variables (``WAYBILL_ALERT_BUDGET=100``) win over the file, the file over defaults."""

    model_config = SettingsConfigDict(env_prefix="WAYBILL_", extra="forbid", use_attribute_docstrings=True)

    database: SecretStr | None = None
    """Address of a PostgreSQL database (`postgresql://USER@HOST/NAME`); not set: a file in the data folder."""
    workers: Annotated[int, Field(ge=0, le=256)] = min(8, os.cpu_count() or 1)
    """Processes that read sources and run detectors; 0 does everything in one process."""
    alert_budget: Annotated[int, Field(ge=1)] = 50
    """Findings shown a day and source before the rest is summarised; nothing is hidden, `--all` shows the rest."""
    alerts: tuple[SecretStr, ...] = ()
    """Addresses told of new findings, as Apprise takes them (`mailtos://…`, `jsons://…`); they are not shown."""
    alert_severity: Severity = Severity.HIGH
    """The least severity that is told."""
    alert_seconds: Annotated[float, Field(ge=0)] = 300.0
    """Least seconds between two messages to an address: what is found in between is told together."""
    alert_grade: Grade | None = None
    """The highest grade of assets whose names may stand in messages; not set: none may."""
    alert_language: Literal["en", "zh"] = "en"
    """Language of the messages."""
    case_severity: Severity = Severity.HIGH
    """The least severity of a finding that opens a case; lesser ones join a case that they belong to."""
    case_hours: Annotated[float, Field(gt=0, le=24 * 30)] = 72.0
    """Hours before and after a case in which findings with the same actor, asset or destination belong to it."""
    incident_zones: tuple[str, ...] = ()
    """Where the days of a law end, if not where it says: `eu-gdpr=Europe/Berlin`."""
    night_hour: Annotated[int, Field(ge=0, le=23)] = 1
    """Hour (UTC) from which `waybill serve` does the night's work: retention, compaction, audit, back-up."""
    audit_days: Annotated[int, Field(ge=0, le=366)] = 1
    """Days between two audits of lake, ledger and records; 0: none."""
    surveys: tuple[SecretStr, ...] = ()
    """Surveys of every night, as on the command line (`storage s3: /var/www`); they are not shown."""
    retention_months: Annotated[int, Field(ge=1)] | None = None
    """Months that transfers are kept, by the night's work and `waybill lake retain`; not set: for ever."""
    coverage_days: Annotated[int, Field(ge=1, le=180)] = 90
    """Days after which an important or core asset that no source tells about is a finding."""
    behaviour_rate: Annotated[float, Field(gt=0, le=0.01)] = 0.0005
    """Promised share of person-days with nothing wrong that are told as behaviour: one in 2,000."""
    behaviour_roles: tuple[str, ...] = ()
    """Roles of the register whose days are told twice as readily as behaviour, others that much less; not set: none."""
    career_places: tuple[str, ...] = ()
    """Places of the register whose visits count as a sign of leaving; not set: nobody's visits do."""
    price_excess: Annotated[float, Field(gt=0, le=10)] = 0.30
    """Share above the median of its references from which a price paid with public money is a finding."""
    shipment_thresholds: dict[str, Annotated[float, Field(gt=0)]] = {}  # pydantic copies it
    """Kilograms from which a shipment must be reported or licensed, by the start of its HS heading; not set: none."""
    rules: tuple[Path, ...] = ()
    """Folders of Sigma rules to run beside the built-in ones."""
    mappings: tuple[Path, ...] = ()
    """Mapping files of your own sources, tried before the built-in ones."""
    rulebook: tuple[Path, ...] = ()
    """Files and folders of your own rules for `waybill assess`; one with the id of a built-in one replaces it."""
    rulebook_facts: Path | None = None
    """TOML file of facts that hold for all that the organisation does, such as `ciio = false`; not set: none."""
    screening: tuple[Path, ...] = ()
    """Lists of sanctioned or watched parties (FollowTheMoney entities, a JSON object a line), for screening."""
    max_unpack_ratio: Annotated[int, Field(ge=2)] = 250
    """How many times its packed size an input may unpack to before it is refused as a bomb."""
    max_record_bytes: Annotated[int, Field(ge=1024)] = 16 * 1024 * 1024
    """Largest single record read; larger ones are quarantined."""
    ledger_origin: str | None = None
    """Name of this installation's ledger, such as `example.com/ledger`; not set: made from its key. For good."""
    ledger_policy: Path | None = None
    """Policy file of the ledger (c2sp.org/tlog-policy): its witnesses and how many must agree; not set: none."""
    ledger_wait: Annotated[float, Field(gt=0)] = 600.0
    """Seconds that a record may wait for its proof in the ledger before that is a finding."""
    timestamp_url: str | None = None
    """Address of a time-stamping authority (RFC 3161), asked once a day; not set: none."""
    timestamp_roots: Path | None = None
    """Certificates (PEM) that its answers are checked against."""
    serve_names: tuple[str, ...] = ()
    """Names by which clients may call `waybill serve`, beside `localhost` and its address: that of your proxy."""
    ldap_url: str | None = None
    """Directory that knows the passwords of accounts: `ldaps://ldap.example.com`, or `ldap://` with StartTLS."""
    ldap_base: str = ""
    """Below which name its entries of people are: `ou=people,dc=example,dc=com`."""
    ldap_filter: str = "(uid={login})"
    """How the one entry of a login is found."""
    ldap_bind_name: str = ""
    """As whom entries are looked for; empty: anonymously."""
    ldap_bind_password: SecretStr | None = None
    """The password for that; better in the variable `WAYBILL_LDAP_BIND_PASSWORD` than in the file."""
    ldap_certificates: Path | None = None
    """Authorities (PEM) that its certificate is checked against; not set: those of the system."""
    oidc_server: str | None = None
    """OpenID Connect: the service that signs people in, `https://id.example.com`; not set: none."""
    oidc_client: str = ""
    """What this installation is called there."""
    oidc_secret: SecretStr | None = None
    """The secret for that; better in the variable `WAYBILL_OIDC_SECRET` than in the file."""
    oidc_claim: str = "preferred_username"
    """Which claim is the login of an account here."""
    detect_seconds: Annotated[float, Field(ge=0)] = 1.0
    """Seconds between two looks of `waybill serve` at what is new; 0 leaves detection to another process."""
    max_batch_mb: Annotated[int, Field(ge=1, le=512)] = 16
    """Largest batch that an agent may send, packed or unpacked."""
    max_log_mb: Annotated[int, Field(ge=64)] = 4096
    """Size of the write-ahead log beyond which agents are asked to wait."""
    epcis_callbacks: tuple[str, ...] = ()
    """Beginnings of addresses that subscriptions to custody events may be sent to; none are set: no subscriptions."""
    silence_seconds: Annotated[float, Field(ge=1)] = 30.0
    """Seconds after which `waybill serve` closes a connection on which nothing comes."""
    worker_memory_mb: Annotated[int, Field(ge=256)] = 4096
    """Address space of one process that reads sources."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order the sources: arguments, environment, then the file of the data folder."""
        return (init_settings, env_settings, TomlConfigSettingsSource(settings_cls))


def is_secret(name: str) -> bool:
    """Return whether a setting may hold a password, so that its value is shown nowhere."""
    field = Settings.model_fields.get(name)
    return field is not None and "SecretStr" in str(field.annotation)


def load_settings(data: Path | None = None) -> Settings:
    """Return the settings for a data folder, or those of the environment alone.

    Raises UsageError naming the setting, what it holds and what it may hold.
    """
    file = data / SETTINGS_FILE if data else None

    class FromFile(Settings):
        model_config = SettingsConfigDict(env_prefix="WAYBILL_", extra="forbid", toml_file=file)

    try:
        settings = FromFile()
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        shown = "" if is_secret(name.partition(".")[0]) else f" (found {first.get('input')!r})"
        raise UsageError(
            f"setting {name!r}: {first['msg']}",
            where=f"{file or 'environment'}{shown}",
            advice="`waybill settings` lists every setting with its meaning",
        ) from None
    except ValueError as error:
        raise UsageError(f"the settings file is not TOML: {error}", where=str(file)) from None
    if data is None or not (data / RULES_FOLDER).is_dir():
        return settings
    return settings.model_copy(update={"rules": (*settings.rules, data / RULES_FOLDER)})
