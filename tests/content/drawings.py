"""Drawings of STEP and DXF, made here, and what another program would write of them."""

from __future__ import annotations

import random
import re

_HEADER = b"ISO-10303-21;\nHEADER;\nFILE_NAME('%s');\nENDSEC;\nDATA;\n"
_FOOTER = b"ENDSEC;\nEND-ISO-10303-21;\n"


def step(seed: int, points: int = 200, name: str = "part.stp") -> bytes:
    """Return a part: points that no other seed gives, joined by lines, and directions that every part has."""
    chosen = random.Random(seed)
    lines = [b"#1 = DIRECTION('',(0.,0.,1.));", b"#2 = CARTESIAN_POINT('',(0.,0.,0.));"]
    for number in range(points):
        place = ",".join(f"{chosen.uniform(-200, 200):.6f}" for _ in range(3))
        lines.append(f"#{2 * number + 3} = CARTESIAN_POINT('NONE',({place}));".encode())
        lines.append(f"#{2 * number + 4} = VERTEX_POINT('NONE',#{2 * number + 3});".encode())
    return _HEADER % name.encode() + b"\n".join(lines) + b"\n" + _FOOTER


def exported_again(data: bytes, seed: int, share: float = 1.0) -> bytes:
    """Return a part as another program writes it: other numbers and order of entities, other names, other digits."""
    chosen = random.Random(seed)
    entities = re.findall(rb"#(\d+) = (.*?);\n", data)
    entities = entities[: int(len(entities) * share)]
    chosen.shuffle(entities)
    numbers = {old: str(1000 + place).encode() for place, (old, _) in enumerate(entities)}
    lines = []
    for old, entity in entities:
        renumbered = re.sub(rb"#(\d+)", lambda found: b"#" + numbers.get(found[1], b"9"), entity)
        unnamed = renumbered.replace(b"'NONE'", b"''")
        text = re.sub(rb"-?\d+\.\d+", lambda found: b"%.9E" % float(found[0]), unnamed)
        lines.append(b"#" + numbers[old] + b"=" + text.replace(b",", b" , ") + b";\n")
    return _HEADER % b"holiday.jpg" + b"".join(lines) + _FOOTER


def dxf(seed: int, entities: int = 120, layer: str = "0", handles: int = 0) -> bytes:
    """Return a drawing of lines and circles."""
    chosen = random.Random(seed)
    pairs = ["0", "SECTION", "2", "ENTITIES"]
    for number in range(entities):
        kind = ("LINE", "CIRCLE")[number % 2]
        pairs += ["0", kind, "5", f"{handles + number:X}", "8", layer]
        for code in (10, 20, 30, 11, 21, 31) if kind == "LINE" else (10, 20, 30, 40):
            pairs += [f" {code}", f"{chosen.uniform(0, 500):.4f}"]
    return "\n".join([*pairs, "0", "ENDSEC", "0", "EOF", ""]).encode()
