"""The process that parses: it gets chunks and returns batches, with few rights and bounded means.

Parsing is where hostile bytes meet complicated code. A worker has no secrets in its environment, opens no files,
writes none, leaves no core, and has only so much memory and time. It answers in msgpack and Arrow IPC, so that
nothing it says can run code in the parent.
"""

from __future__ import annotations

import gc
import os
import pickle
import sys
from dataclasses import replace

import msgspec
import pyarrow as pa

from waybill.collect.mapping import Mapping
from waybill.collect.plan import Batch, Plan, Rejected
from waybill.collect.quick_scanning import scanning_with
from waybill.collect.transform import Task, Transformer
from waybill.model.words import PartyKind
from waybill.sandbox.confining import bound_time, confine
from waybill.sandbox.framing import receive, send

GARBAGE = 200_000
"""Objects more than at the last time that are left when a chunk is done, before garbage is collected."""


class Answer(msgspec.Struct):
    """What a worker says of a chunk: a batch without its table, which follows, or the fault that stopped it."""

    source: str = ""
    file: str = ""
    rejected: list[Rejected] = []
    protected: int = 0
    identities: dict[str, tuple[str, PartyKind]] = {}
    fault: str = ""


def encode_task(task: Task, plan: Plan) -> tuple[bytes, bytes]:
    """Return a task as the two parts that a worker is sent: the bytes to parse apart, so that nobody copies them.

    A mapping of the plan is its place there: to take a large one apart and put it together again costs a millisecond.
    """
    place = next((place for place, mapping in enumerate(plan.mappings) if mapping is task.mapping), None)
    empty = replace(task.chunk, data=b"")
    mapping = task.mapping if place is None else place
    return pickle.dumps((task.file, empty, mapping, task.now)), task.chunk.data


def _decode_task(head: bytes, data: bytes, plan: Plan) -> Task:
    file, chunk, mapping, now = pickle.loads(head)  # noqa: S301 -- from the parent, over its own pipe
    return Task(file, replace(chunk, data=data), mapping if type(mapping) is Mapping else plan.mappings[mapping], now)


def encode(batch: Batch) -> tuple[bytes, pa.Buffer]:
    """Return a batch as the two parts that a worker sends."""
    answer = Answer(batch.source, batch.file, batch.rejected, batch.protected, batch.identities)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.transfers.schema) as writer:
        writer.write_table(batch.transfers)
    return msgspec.msgpack.encode(answer), sink.getvalue()


def decode(answer: Answer, table: pa.Buffer) -> Batch:
    """Return the batch that a worker sent."""
    transfers = pa.ipc.open_stream(table).read_all()
    return Batch(answer.source, answer.file, transfers, answer.rejected, answer.protected, answer.identities)


def main() -> None:
    """Serve until standard input ends."""
    tasks = sys.stdin.buffer
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not end up among the answers
    plan: Plan = pickle.loads(receive(tasks))  # noqa: S301 -- from the parent, over its own pipe
    transformer = Transformer(plan, scanning_with(receive(tasks)))
    confine(plan.limits.worker_memory)
    send(answers, b"ready")
    # Tens of thousands of small objects live until a chunk is done, and hardly any in cycles: collecting garbage
    # between chunks instead of amid them halves the time, and only when there is some saves a tenth of the rest.
    gc.disable()
    gc.freeze()
    while True:
        try:
            task = _decode_task(receive(tasks), receive(tasks), plan)
        except EOFError:
            return
        bound_time(plan.limits.worker_seconds)
        try:
            parts = encode(transformer.batch(task))
        except MemoryError:
            parts = msgspec.msgpack.encode(Answer(fault="memory")), pa.py_buffer(b"")
        send(answers, *parts)
        del task, parts
        if gc.get_count()[0] > GARBAGE:
            gc.collect()
