"""Inputs that break the process which parses them: a plan whose pseudonymiser fails on certain names.

Stands for a fault in a library deep below; importable, since workers unpickle it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping

from waybill.model.words import PartyKind
from waybill.register.pseudonyms import KeyedPseudonymiser


class Hostile(KeyedPseudonymiser):
    """Crashes, hangs, eats memory or looks around, as the name asks for."""

    def pseudonym(self, identity: str, kind: PartyKind) -> str:
        """Do what the name says."""
        if identity == "crash":
            os.abort()
        if identity == "exit":
            os._exit(0)
        if identity == "hang":
            time.sleep(600)
        if identity == "spin":
            while True:
                pass
        if identity == "memory":
            return "p-" + str(len(bytearray(64 * 1024**3)))
        if identity == "fault":
            raise RuntimeError("name of a person")
        if identity == "print":
            print("into the answers", flush=True)  # noqa: T201
            os.write(1, b"and below")
        if identity == "secret":
            return "p-" + os.environ.get("WAYBILL_TEST_SECRET", "none")
        if identity == "file":
            return "p-" + _write()
        return super().pseudonym(identity, kind)

    def known(self) -> Mapping[str, str]:
        """Know nobody."""
        return {}


def _write() -> str:
    try:
        with open("/tmp/waybill-worker-wrote", "wb") as file:  # noqa: PTH123
            file.write(b"x" * 10_000)
    except OSError:
        return "refused"
    return "written"
