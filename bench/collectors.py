"""Every built-in source: how fast one core turns its file into transfers, beside the least that reading it takes.

The least is what parsing alone costs: the patterns that match the lines, ``csv``, a split at tabs, or ``orjson``,
without ids, columns, pseudonyms, secrets, quarantine; of messages, what the standard library makes of them. Both are
in CPU time, on the same lines, in the same run.
"""

from __future__ import annotations

import csv
import gc
import io
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from email import message_from_bytes
from email.message import EmailMessage
from pathlib import Path
from random import Random

import orjson

from bench.scoreboard import Row, row
from bench.source_lines import SOURCES, lines
from waybill.collect import Mapping, Plan, built_in_mappings, collect
from waybill.collect.line_patterns import line_pattern
from waybill.register.channels import ProtectedChannels
from waybill.register.pseudonyms import KeyedPseudonymiser

RECORDS = 10_000
MESSAGES = 600
REPEATS = 3


def measure() -> list[Row]:
    """Return the rate of every built-in source."""
    with tempfile.TemporaryDirectory(prefix="waybill-bench-") as folder:
        rows = [_measured(mapping, Path(folder) / mapping.name) for mapping in built_in_mappings()]
        return [*rows, _messages(Path(folder) / "box")]


def _measured(mapping: Mapping, file: Path) -> Row:
    written = list(lines(mapping.name, RECORDS))
    file.write_bytes(b"\n".join(written) + b"\n")
    alone, how = _parser(mapping, written[1:] if SOURCES[mapping.name].head else written)
    ours, least = [], []
    for _ in range(REPEATS):
        least.append(_seconds(alone))
        ours.append(_seconds(lambda: _collected(mapping, file)))
    rate = RECORDS / statistics.median(ours)
    size = file.stat().st_size / RECORDS
    what = f"{mapping.name}: records of {size:,.0f} bytes, {rate * size / 1e6:.1f} MB/s on one core"
    return row(what, rate, "events/s", peer=how, peer_value=RECORDS / statistics.median(least))


def _messages(file: Path) -> Row:
    """Return the rate of messages whose content is looked into, the time of confined processes included."""
    random = Random(1)
    words = [f"{''.join(random.choices('aeioulmnrst', k=6))}" for _ in range(2000)]
    sent = [_message(number, random.choices(words, k=6000)) for number in range(MESSAGES)]
    file.write_bytes(b"".join(b"From a@b Mon Mar  2 01:14:05 2026\n" + one + b"\n" for one in sent))
    ours, least = [], []
    for _ in range(REPEATS):
        least.append(_seconds(lambda: [_parsed(one) for one in sent]))
        before = sum(os.times()[:4])
        held = sum(batch.transfers.num_rows for batch in collect([file], _plan(), workers=0))
        ours.append(sum(os.times()[:4]) - before)
        if held != MESSAGES * 4 // 3:
            raise AssertionError(f"{held} transfers of {MESSAGES} messages")
    size = file.stat().st_size / MESSAGES
    what = f"mail: messages of {size:,.0f} bytes, a third with an attachment, their content looked into"
    peer = MESSAGES / statistics.median(least)
    return row(what, MESSAGES / statistics.median(ours), "messages/s", peer="parsing alone", peer_value=peer)


def _message(number: int, words: Sequence[str]) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"] = f"u{number % 50}@works.example", f"c{number % 90}@customer.example"
    mail["Date"], mail["Subject"] = "Mon, 02 Mar 2026 09:14:05 +0800", f"Offer {number}"
    mail.set_content(" ".join(words[:250]))
    if number % 3 == 0:
        text = " ".join(words).encode()
        mail.add_attachment(text, maintype="application", subtype="octet-stream", filename=f"offer-{number}.txt")
    return mail.as_bytes()


def _parsed(message: bytes) -> list[object]:
    return [part.get_payload(decode=True) for part in message_from_bytes(message).walk()]


def _plan() -> Plan:
    channels = ProtectedChannels(addresses=["hotline@works.example"])
    return Plan(b"k" * 32, KeyedPseudonymiser(b"k" * 32), channels, built_in_mappings())


def _collected(mapping: Mapping, file: Path) -> None:
    held = 0
    for batch in collect([file], _plan(), workers=0):
        if batch.rejected or batch.source != mapping.name:
            raise AssertionError(f"{mapping.name}: {batch.source}, {batch.rejected[:1]}")
        held += batch.transfers.num_rows
    if held != RECORDS:
        raise AssertionError(f"{mapping.name}: {held} transfers of {RECORDS} records")


def _parser(mapping: Mapping, written: Sequence[bytes]) -> tuple[Callable[[], object], str]:
    """Return what parses these lines and does nothing else, and its name."""
    if written[0].startswith(b"{"):
        return lambda: [orjson.loads(line) for line in written], "orjson alone"
    text = b"\n".join(written).decode()
    if "lines" in mapping.formats:
        patterns = [line_pattern(pattern) for pattern in mapping.lines.patterns]
        fitting = next(one for one in patterns if None not in one.matches(text.split("\n")))
        return lambda: fitting.matches(text.split("\n")), "the pattern alone"
    if "zeek" in mapping.formats:
        return lambda: [line.split("\t") for line in text.split("\n")], "a split at tabs alone"
    return lambda: list(csv.reader(io.StringIO(text))), "csv alone"


def _seconds(work: Callable[[], object]) -> float:
    """Return the CPU time of some work; as in a worker, garbage is collected before and not amid it."""
    gc.collect()
    gc.disable()
    begun = time.process_time()
    work()
    seconds = time.process_time() - begun
    gc.enable()
    return seconds
