"""The process that reads: it is handed open files over a socket, and answers with pieces.

It has no secrets in its environment, bounded memory and time, and is refused network and programs. It answers in
msgpack, so that nothing it says can run code in the parent.
"""

from __future__ import annotations

import os
import resource
import socket
from pathlib import Path
from typing import BinaryIO

import msgspec

from waybill.content.parsing.pieces import Caveat, Content, End, Place, Reason, Segment, Table
from waybill.content.parsing.plan import Budget, Exhausted, Limits
from waybill.content.parsing.reading import Source, Task, pieces
from waybill.sandbox.confining import bound_time, confine
from waybill.sandbox.filtering import refuse_calls
from waybill.sandbox.framing import send

ORDER_BYTES = 4096
"""Room for an order."""


class Order(msgspec.Struct, frozen=True):
    """What the parent asks for, beside the open file."""

    limits: Limits
    second: bool = False
    after_page: int = 0


def main() -> None:
    """Serve until the parent is gone."""
    with socket.socket(fileno=os.dup(0)) as orders, os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)  # what a library prints must not end up among the answers
        confined = False
        send(answers, b"ready")
        while True:
            try:
                head, descriptors, _, _ = socket.recv_fds(orders, ORDER_BYTES, 1)
            except ConnectionError:
                return
            if not head:
                return
            order = msgspec.msgpack.decode(head, type=Order)
            if not confined:
                confine(_in_use() + order.limits.memory)
                refuse_calls()
                confined = True
            bound_time(order.limits.cpu_seconds)
            with os.fdopen(descriptors[0], "rb") as file:
                _serve(file, order, answers)


def _serve(file: BinaryIO, order: Order, answers: BinaryIO) -> None:
    """Answer with the pieces of one file; the last is its end."""
    encoder = msgspec.msgpack.Encoder()
    budget = Budget(order.limits)
    task = Task(budget, second=order.second, after_page=order.after_page)
    size = os.fstat(file.fileno()).st_size
    place = Place()
    try:
        for piece in pieces(Source(file, size), task):
            place = piece.place
            budget.add_text(_size(piece))
            send(answers, encoder.encode(piece))
    except Exhausted as exhausted:
        send(answers, encoder.encode(Caveat(place, exhausted.reason, exhausted.detail)))
    except MemoryError:
        send(answers, encoder.encode(Caveat(place, Reason.MEMORY)))
    send(answers, encoder.encode(End(task.format or "none", size, budget.text)))


def _size(piece: Content) -> int:
    if isinstance(piece, Segment):
        return len(piece.data)
    if isinstance(piece, Table):
        return piece.size
    return 0


def _in_use() -> int:
    """Return the address space that this process has already."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except (OSError, ValueError):
        return 0
    return pages * resource.getpagesize()


if __name__ == "__main__":
    main()
