"""Surveys by schedule: those that the setting ``surveys`` names, written as on the command line."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from pydantic import SecretStr

from waybill.exposure import FAMILIES
from waybill.exposure.deployed import reader
from waybill.exposure.deployed.bundles import Signer, signer_of
from waybill.flow.installation import Installation
from waybill.flow.surveys.surveying import Things, drifted, look_and_keep, things_of
from waybill.model.errors import UsageError, WaybillError

DRIFT = "drift"
"""Stands where a family would: what code can do since it was approved."""
_OLD_AND_NEW = 2


@dataclass(frozen=True, slots=True)
class Plan:
    """One survey: ``storage s3: /var/www``, or ``deployed /srv/shop --manifest shop.json --trusted approver.pub``.

    ``drift v2.3 /srv/shop`` tells what code can do since a revision, a folder or a manifest.
    """

    family: str
    targets: tuple[str, ...]
    manifest: Path | None = None
    trusted: tuple[Path, ...] = ()
    signer: Signer | None = None
    """Who signed the manifest, if that is a Sigstore bundle."""

    def read(self) -> tuple[str, Things]:
        """Read what is to be looked at; return its family, and that."""
        if self.family == DRIFT:
            old, new = self.targets
            return "code", drifted(old, new, self.trusted)
        held = reader(self.manifest, self.trusted, self.signer) if self.manifest else None
        return self.family, things_of(self.family, self.targets, read=held)


class _Words(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Raise instead of ending the process; the message may hold a password and is not shown."""
        raise UsageError(
            "setting 'surveys' holds what is no survey",
            expected="FAMILY TARGET... [--manifest FILE] [--trusted FILE] "
            "[--sigstore-root FILE --identity WHO --issuer WHO | --sigstore-root FILE --sigstore-key FILE], "
            f"or drift OLD NEW; FAMILY one of {', '.join(sorted(FAMILIES))}",
        )


def plans(lines: Iterable[SecretStr]) -> list[Plan]:
    """Return the surveys that lines name. Raises ``UsageError`` for one that names none."""
    words = _Words(add_help=False, prog="surveys")
    words.add_argument("family", choices=[DRIFT, *sorted(FAMILIES)])
    words.add_argument("targets", nargs="+")
    words.add_argument("--manifest", type=Path)
    words.add_argument("--trusted", type=Path, action="append", default=[])
    words.add_argument("--sigstore-root", type=Path)
    words.add_argument("--sigstore-key", type=Path)
    words.add_argument("--identity", default="")
    words.add_argument("--issuer", default="")
    found = []
    for line in lines:
        try:
            said = words.parse_intermixed_args(shlex.split(line.get_secret_value()))
        except ValueError as error:  # of quotes; it holds nothing of the line
            raise UsageError(f"setting 'surveys': {error}") from None
        signer = signer_of(said.sigstore_root, said.identity, said.issuer, said.sigstore_key)
        if said.family == DRIFT and len(said.targets) != _OLD_AND_NEW:
            words.error("")
        found.append(Plan(said.family, tuple(said.targets), said.manifest, tuple(said.trusted), signer))
    return found


def survey_all(installation: Installation) -> dict[str, int]:
    """Do all surveys of the settings and return counts. One that fails is counted, and keeps no other from being done.

    Raises the error of the last one if none could be done.
    """
    told = {"opened": 0, "closed": 0, "not_inspected": 0, "failed": 0}
    done, failure = 0, None
    for plan in plans(installation.settings.surveys):
        try:
            family, things = plan.read()
            found = look_and_keep(installation, family, things)
        except WaybillError as error:
            told["failed"] += 1
            failure = error
            continue
        done += 1
        told["opened"] += len(found.opened)
        told["closed"] += len(found.closed)
        told["not_inspected"] += len(found.gaps)
    if failure is not None and not done:
        raise failure
    return told
