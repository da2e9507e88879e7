"""What is remembered from run to run as text: arrays packed together, without code that a reader would run.

Everything is a decayed sum, a score of the last weeks, or a number that stands for a name: no history of anybody.
"""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
import pyarrow as pa

from waybill.detect.behaviour.conformal import Calibration
from waybill.detect.behaviour.days import Novelty, Seen
from waybill.detect.behaviour.observer import Observer
from waybill.detect.behaviour.people import People
from waybill.detect.behaviour.surprise import Means

_VERSION = 2


def pack(observer: Observer) -> dict[str, Any]:
    """Return what an observer knows, as JSON values."""
    scorer, novelty, people = observer.scorer, observer.novelty, observer.people
    surprise, slow, heads = scorer.surprise, scorer.slow, scorer.heads
    arrays: dict[str, Any] = {
        **{f"own{n}": part for n, part in enumerate(surprise.own.parts())},
        **{f"peers{n}": part for n, part in enumerate(surprise.peers.parts())},
        "spread": surprise.spread,
        "slow_sums": slow.sums,
        "slow_days": slow.days,
        "slow_peer_sums": slow.peer_sums,
        "slow_peer_days": slow.peer_days,
        "variance": slow.variance,
        "single": np.array([slow.seen, scorer.threshold, novelty.presence]),
        "memory": scorer.memory,
        "day": heads.day,
        "entity": heads.entity,
        "stratum": heads.stratum,
        "role": heads.role,
        "scores": heads.scores,
        "pairs": novelty.pairs.numbers,
        "first": novelty.pairs.first,
        "last": novelty.pairs.last,
        "things": np.array(list(novelty.users), np.uint64),
        "users": np.array(list(novelty.users.values()), np.int32).reshape(-1, 2),
        "machines": np.array(list(novelty.owners), np.uint64),
        "owners": np.array(list(novelty.owners.values()), np.int32).reshape(-1, 2),
        "areas": np.array([area for _, area in novelty.opened], np.uint64),
        "area_groups": np.array([group for group, _ in novelty.opened], np.int32),
        "opened": np.array(list(novelty.opened.values()), np.float64),
        "hours": novelty.hours,
        "lately": novelty.lately,
    }
    return {
        "version": _VERSION,
        "last": observer.last,
        "entities": list(people.entities),
        "groups": list(people.groups),
        "posts": dict(people.posts),
        "notices": dict(people.notices),
        "begun": dict(people.begun),
        "leaving": dict(people.leaving),
        "arrays": _packed(arrays),
    }


def unpack(kept: dict[str, Any] | None) -> Observer:
    """Return the observer that was packed; one that knows nothing where nothing, or another version, was kept."""
    observer = Observer()
    if kept is None or kept["version"] != _VERSION:
        return observer
    arrays = _unpacked(kept["arrays"])
    scorer = observer.scorer
    surprise, slow, heads = scorer.surprise, scorer.slow, scorer.heads
    observer.last = kept["last"]
    observer.people = People(
        {name: number for number, name in enumerate(kept["entities"])},
        {name: number for number, name in enumerate(kept["groups"])},
        dict(kept["posts"]),
        dict(kept["notices"]),
        dict(kept.get("begun", {})),
        dict(kept.get("leaving", {})),
    )
    surprise.own, surprise.peers = (Means(*(arrays[f"{whose}{n}"] for n in range(4))) for whose in ("own", "peers"))
    surprise.spread = arrays["spread"]
    slow.sums, slow.days, slow.variance = arrays["slow_sums"], arrays["slow_days"], arrays["variance"]
    slow.peer_sums, slow.peer_days = arrays["slow_peer_sums"], arrays["slow_peer_days"]
    slow.seen, scorer.threshold, presence = arrays["single"].tolist()
    scorer.memory = arrays["memory"]
    scorer.heads = Calibration(heads.width, *(arrays[name] for name in ("day", "entity", "stratum", "role", "scores")))
    observer.novelty = Novelty(
        pairs=Seen(arrays["pairs"], arrays["first"], arrays["last"]),
        users={
            thing: (count, last)
            for thing, (count, last) in zip(arrays["things"].tolist(), arrays["users"].tolist(), strict=True)
        },
        owners={
            machine: tuple(owner)
            for machine, owner in zip(arrays["machines"].tolist(), arrays["owners"].tolist(), strict=True)
        },
        opened={
            (group, area): count
            for group, area, count in zip(
                arrays["area_groups"].tolist(), arrays["areas"].tolist(), arrays["opened"].tolist(), strict=True
            )
        },
        hours=arrays["hours"],
        presence=presence,
        lately=arrays["lately"],
    )
    return observer


def scores(kept: dict[str, Any]) -> tuple[list[str], Calibration]:
    """Return the names of all entities by number, and the scores of the last weeks; nothing else is unpacked."""
    with _opened(kept["arrays"]) as arrays:
        columns = [arrays[name] for name in ("day", "entity", "stratum", "role", "scores")]
    return list(kept["entities"]), Calibration(columns[-1].shape[1], *columns)


def pack_table(table: pa.Table) -> str:
    """Return a table as text."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
        writer.write_table(table)
    return base64.b64encode(sink.getvalue()).decode()


def unpack_table(text: str, schema: pa.Schema) -> pa.Table:
    """Return the table that ``pack_table`` gave; numbers that an earlier version did not keep are 0."""
    table = pa.ipc.open_stream(base64.b64decode(text)).read_all()
    for name in set(schema.names) - set(table.column_names):
        table = table.append_column(name, pa.array(np.zeros(table.num_rows)).cast(schema.field(name).type))
    return table.select(schema.names)


def _packed(arrays: dict[str, Any]) -> str:
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return base64.b64encode(file.getvalue()).decode()


def _unpacked(text: str) -> dict[str, Any]:
    with _opened(text) as arrays:
        return {name: arrays[name] for name in arrays.files}


def _opened(text: str) -> Any:
    return np.load(io.BytesIO(base64.b64decode(text)), allow_pickle=False)
