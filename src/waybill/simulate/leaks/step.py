"""STEP models of wings (ISO 10303-21): each time, a shape is written with other numbers, order, digits and names."""

from __future__ import annotations

from math import pi, sin
from random import Random

Point = tuple[float, float, float]
Shape = tuple[tuple[Point, ...], ...]
"""Sections of a wing from its root to its tip, each a closed outline."""

_SECTIONS, _POINTS = 12, 24

_HEADER = """\
ISO-10303-21;
HEADER;
FILE_DESCRIPTION(('{name}'),'2;1');
FILE_NAME('{name}','2025-01-01T00:00:00',(''),(''),'','','');
FILE_SCHEMA(('AUTOMOTIVE_DESIGN'));
ENDSEC;
DATA;
"""


def wing(random: Random) -> Shape:
    """Return a wing: chord, thickness, sweep and twist are drawn."""
    chord, thickness = random.uniform(180, 260), random.uniform(0.08, 0.16)
    span, sweep, taper = random.uniform(700, 1100), random.uniform(40, 160), random.uniform(0.35, 0.7)
    return tuple(
        tuple(
            _outline(point / _POINTS, chord * (1 - taper * along), thickness, sweep * along, span * along)
            for point in range(_POINTS)
        )
        for along in (section / (_SECTIONS - 1) for section in range(_SECTIONS))
    )


def _outline(around: float, chord: float, thickness: float, forward: float, out: float) -> Point:
    """Return a point of a section: a symmetric profile, thickest before the middle."""
    side, along = (1, 2 * around) if around < 0.5 else (-1, 2 * (1 - around))
    return forward + chord * along, side * chord * thickness * sin(pi * along**0.7), out


def write(random: Random, name: str, shape: Shape) -> bytes:
    """Return the shape as a file, as another program would export it: renumbered, shuffled, in its own digits."""
    digits = random.randrange(5, 9)
    points = [point for section in shape for point in section]
    numbers = random.sample(range(10, 10 + 9 * len(points)), 2 * len(points))
    lines = [
        f"#{number}=CARTESIAN_POINT('',({','.join(f'{value:.{digits}f}' for value in point)}));"
        for number, point in zip(numbers, points, strict=False)
    ]
    for section in range(_SECTIONS - 1):
        for point in range(_POINTS):
            corners = (
                numbers[(section + up) * _POINTS + (point + round) % _POINTS]
                for up, round in ((0, 0), (0, 1), (1, 1), (1, 0))
            )
            number = numbers[len(points) + section * _POINTS + point]
            lines.append(f"#{number}=POLY_LOOP('',({','.join(f'#{corner}' for corner in corners)}));")
    random.shuffle(lines)
    return (_HEADER.format(name=name) + "\n".join(lines) + "\nENDSEC;\nEND-ISO-10303-21;\n").encode()
