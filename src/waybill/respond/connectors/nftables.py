"""Blocks what leaves to an address, by an element of an nftables set that goes by itself after a time."""

from __future__ import annotations

import ipaddress
import json
import subprocess
from dataclasses import dataclass
from typing import ClassVar

from waybill.model.errors import UsageError
from waybill.respond.acting import Arguments, Before, Connector, ConnectorError

SECONDS = 5.0
_MOST_MINUTES = 60 * 24 * 7


@dataclass(frozen=True, slots=True)
class Firewall:
    """Which set of which table; ``command`` is how nft is called, such as with ``sudo`` or in a network namespace."""

    command: tuple[str, ...] = ("nft",)
    table: str = "waybill"
    set_v4: str = "blocked4"
    set_v6: str = "blocked6"


@dataclass(frozen=True, slots=True)
class BlockEgress(Connector):
    """``nftables.block``: nothing leaves to ``address`` for ``minutes``. It ends by itself should nobody undo it."""

    firewall: Firewall
    name: ClassVar[str] = "nftables.block"
    arguments: ClassVar[tuple[str, ...]] = ("address", "minutes")
    needs_two: ClassVar[bool] = False

    def says(self, arguments: Arguments) -> str:
        """Return the call that it would make."""
        return f"nft add element inet {self._element(arguments, timed=True)}"

    def before(self, arguments: Arguments) -> Before:
        """Return whether it is blocked already."""
        return {"blocked": "yes" if self.in_force(arguments) else "no"}

    def act(self, arguments: Arguments, seconds: float) -> None:
        """Block it; the table with its sets and its chain is made where it is not there."""
        here = self.firewall
        self._run(
            f"add table inet {here.table}; "
            f"add set inet {here.table} {here.set_v4} {{ type ipv4_addr; flags timeout; }}; "
            f"add set inet {here.table} {here.set_v6} {{ type ipv6_addr; flags timeout; }}; "
            f"add chain inet {here.table} out {{ type filter hook output priority 0; }}; "
            f"add chain inet {here.table} through {{ type filter hook forward priority 0; }}; "
            f"flush chain inet {here.table} out; flush chain inet {here.table} through; "
            + "".join(
                f"add rule inet {here.table} {chain} {kind} daddr @{name} drop; "
                for chain in ("out", "through")
                for kind, name in (("ip", here.set_v4), ("ip6", here.set_v6))
            )
            + f"add element inet {self._element(arguments, timed=True)}",
            seconds,
        )

    def in_force(self, arguments: Arguments) -> bool:
        """Return whether the set holds the address, and the chain drops what it holds."""
        here, address = self.firewall, _address(arguments)
        told = self._run("-j list ruleset", SECONDS)
        try:
            items = [one for one in json.loads(told)["nftables"] if isinstance(one, dict)]
        except (ValueError, KeyError, TypeError):
            raise ConnectorError("nft says what cannot be read", where=here.table) from None
        name = here.set_v4 if address.version == 4 else here.set_v6
        elements = [
            element
            for one in items
            if (found := one.get("set")) and (found["table"], found["name"]) == (here.table, name)
            for element in found.get("elem", ())
        ]
        held = {str(one["elem"]["val"]) if isinstance(one, dict) else str(one) for one in elements}
        drops = any(
            f'"@{name}"' in json.dumps(rule["expr"]) and "drop" in json.dumps(rule["expr"])
            for one in items
            if (rule := one.get("rule")) and (rule["table"], rule["chain"]) == (here.table, "out")
        )
        return str(address) in held and drops

    def undo(self, arguments: Arguments, before: Before, seconds: float) -> None:
        """Let it through again; one that was blocked by another stays so."""
        if before.get("blocked") != "yes" and self.in_force(arguments):
            self._run(f"delete element inet {self._element(arguments, timed=False)}", seconds)

    def _element(self, arguments: Arguments, *, timed: bool) -> str:
        here, address = self.firewall, _address(arguments)
        said = arguments["minutes"]
        if not said.isdecimal() or not 1 <= int(said) <= _MOST_MINUTES:
            raise UsageError("this is no time", where=said, expected=f"minutes from 1 to {_MOST_MINUTES}")
        timeout = f" timeout {int(said)}m" if timed else ""
        return f"{here.table} {here.set_v4 if address.version == 4 else here.set_v6} {{ {address}{timeout} }}"

    def _run(self, script: str, seconds: float) -> str:
        program, words = self.firewall.command, ([*script.split()] if script.startswith("-") else [script])
        try:
            done = subprocess.run(  # noqa: S603  the address was read by ipaddress, all else is ours
                [*program, *words], capture_output=True, text=True, timeout=seconds, check=False
            )
        except subprocess.TimeoutExpired:
            raise ConnectorError("nft does not answer in time", where=self.firewall.table) from None
        except OSError as error:
            raise ConnectorError(f"nft cannot be run: {error.strerror}", where=" ".join(program)) from None
        if done.returncode:
            raise ConnectorError(f"nft refuses: {done.stderr.strip()[:200]}", where=self.firewall.table)
        return done.stdout


def _address(arguments: Arguments) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    try:
        return ipaddress.ip_address(arguments["address"])
    except ValueError:
        raise UsageError("this is no address", where=arguments["address"][:60], expected="192.0.2.7") from None
