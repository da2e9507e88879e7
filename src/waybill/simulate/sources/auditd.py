"""Log of the Linux audit daemon (``log_format = ENRICHED``, ``name_format = HOSTNAME``); an event has several lines.

Format: https://github.com/linux-audit/audit-documentation/wiki and auditd.conf(5). Names of accounts, as the daemon
looked them up, stand at the end of a line behind a group separator (0x1d).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from random import Random

from waybill.simulate.sources.log import Layout
from waybill.simulate.sources.values import number_of

LAYOUT = Layout("{owner}/auditd/audit-{month}.log.gz")

_GROUP = "\x1d"
_READ, _WRITE = "0", "241"
"""The third argument of openat: O_RDONLY; O_WRONLY, O_CREAT, O_TRUNC."""


def opened(
    random: Random,
    time: datetime,
    *,
    host: str,
    user: str,
    program: str,
    path: str,
    arguments: Sequence[str] = (),
    write: bool = False,
    succeeded: bool = True,
    key: str = "controlled",
) -> bytes:
    """Write that a program opened a watched file (openat), to read or to write; ``key`` names the rule that watched."""
    start = _start(random, time, host)
    mode = _WRITE if write else _READ
    result = "success=yes exit=3" if succeeded else "success=no exit=-13"
    call = f"arch=c000003e syscall=257 {result} a0=ffffff9c a1=7ffd9c1e a2={mode} a3=0 items=1"
    path_line = (
        f"item=0 name={_text(path)} inode={number_of(path, 7)} dev=fd:00 mode=0100640 ouid=0 ogid=0 rdev=00:00"
        f" nametype={'CREATE' if write else 'NORMAL'} cap_fp=0 cap_fi=0 cap_fe=0 cap_fver=0 cap_frootid=0"
    )
    return _event(
        (start("SYSCALL"), f"{call} {_who(random, user, program, key)}", _names("openat", user)),
        (start("CWD"), f'cwd="/home/{user}"', ""),
        (start("PATH"), path_line, 'OUID="root" OGID="root"'),
        (start("PROCTITLE"), f"proctitle={_title(program, arguments or (path,))}", ""),
    )


def executed(
    random: Random,
    time: datetime,
    *,
    host: str,
    user: str,
    program: str,
    arguments: Sequence[str] = (),
    key: str = "programs",
) -> bytes:
    """Write that somebody ran a program (execve)."""
    start = _start(random, time, host)
    call = "arch=c000003e syscall=59 success=yes exit=0 a0=55d0c1 a1=55d0d7 a2=55d0e2 a3=8 items=1"
    words = (program.rpartition("/")[2], *arguments)
    given = " ".join(f"a{place}={_text(word)}" for place, word in enumerate(words))
    path_line = f"item=0 name={_text(program)} inode={number_of(program, 7)} dev=fd:00 mode=0100755 ouid=0 ogid=0"
    return _event(
        (start("SYSCALL"), f"{call} {_who(random, user, program, key)}", _names("execve", user)),
        (start("EXECVE"), f"argc={len(words)} {given}", ""),
        (start("CWD"), f'cwd="/home/{user}"', ""),
        (start("PATH"), f"{path_line} rdev=00:00 nametype=NORMAL", 'OUID="root" OGID="root"'),
        (start("PROCTITLE"), f"proctitle={_title(program, arguments)}", ""),
    )


def logged_in(random: Random, time: datetime, *, host: str, user: str, address: str, succeeded: bool = True) -> bytes:
    """Write that somebody logged in over SSH, or failed to."""
    number, result = number_of(user, 4), "success" if succeeded else "failed"
    told = (
        f'op=login id={number} exe="/usr/sbin/sshd" hostname={address} addr={address} terminal=/dev/pts/0 res={result}'
    )
    who = f"pid={random.randrange(1000, 99999)} uid=0 auid={number} ses={random.randrange(1, 9999)}"
    names = f'UID="root" AUID="{user}" ID="{user}"'
    return _event((_start(random, time, host)("USER_LOGIN"), f"{who} msg='{told}'", names))


def _event(*lines: tuple[str, str, str]) -> bytes:
    """Return the lines of one event: where and when, what, and names that were looked up."""
    return "\n".join(
        [f"{start} {what}{_GROUP}{names}" if names else f"{start} {what}" for start, what, names in lines]
    ).encode()


def _start(random: Random, time: datetime, host: str) -> Callable[[str], str]:
    """Return what gives the beginning of each line; time and serial number say which lines belong together."""
    number = f"audit({time.timestamp():.3f}:{random.randrange(1000, 10_000_000)}):"
    return lambda kind: f"node={host} type={kind} msg={number}"


def _who(random: Random, user: str, program: str, key: str) -> str:
    number, process = number_of(user, 4), random.randrange(1000, 99999)
    ids = " ".join(f"{name}={number}" for name in ("uid", "gid", "euid", "suid", "fsuid", "egid", "sgid", "fsgid"))
    name = program.rpartition("/")[2]
    return (
        f"ppid={process - 7} pid={process} auid={number} {ids} tty=pts0 ses={process % 900}"
        f' comm={_text(name[:15])} exe={_text(program)} subj=unconfined key="{key}"'
    )


def _names(call: str, user: str) -> str:
    names = ("AUID", "UID", "GID", "EUID", "SUID", "FSUID", "EGID", "SGID", "FSGID")
    return f"ARCH=x86_64 SYSCALL={call} " + " ".join(f'{name}="{user}"' for name in names)


def _text(value: str) -> str:
    """Return a text that a user has in hand as the kernel logs it: quoted if harmless, else in hexadecimal."""
    harmless = value.isascii() and value.isprintable() and not any(letter in value for letter in ' "')
    return f'"{value}"' if harmless else value.encode().hex().upper()


def _title(program: str, arguments: Sequence[str]) -> str:
    """Return the command line; its words are parted by zeros, so that more than one are hexadecimal."""
    return _text("\0".join((program.rpartition("/")[2], *arguments)))
