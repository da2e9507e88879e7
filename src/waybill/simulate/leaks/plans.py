"""Plans of a magnet maker as small documents of PDF: each copy says the same in a form of its own."""

from __future__ import annotations

from random import Random

_MATTERS = (
    "quota", "blending", "roasting", "leaching", "extraction line", "oxide stock", "alloy furnace", "sintering",
    "coating", "customer allotment", "reserve", "transport", "licence", "capacity", "price floor",
)  # fmt: skip
_VERBS = ("rises to", "is cut to", "is held at", "moves to", "is planned at", "must not exceed")
_UNITS = ("tonnes", "per cent", "furnace hours", "yuan per kilogram", "drums", "batches")
_LINE, _LINES = 86, 60


def sentences(random: Random, count: int = 90) -> list[str]:
    """Return what a plan says."""
    return [
        f"Item {number}: {random.choice(_MATTERS)} of plant {random.randrange(100, 999)} {random.choice(_VERBS)} "
        f"{random.uniform(1, 900):.2f} {random.choice(_UNITS)} from week {random.randrange(1, 53)}."
        for number in range(1, count + 1)
    ]


def write(said: list[str]) -> bytes:
    """Return a document of PDF with these sentences, wrapped."""
    text = " ".join(said)
    lines = [text[at : at + _LINE] for at in range(0, len(text), _LINE)]
    pages = [lines[at : at + _LINES] for at in range(0, len(lines), _LINES)]
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {len(pages)}>>",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    for number, page in enumerate(pages):
        drawn = " ".join(f"({line}) Tj T*" for line in page)
        stream = f"BT /F1 9 Tf 12 TL 40 760 Td {drawn} ET"
        parts = f"/MediaBox[0 0 595 842]/Resources<</Font<</F1 3 0 R>>>>/Contents {5 + 2 * number} 0 R"
        objects += [f"<</Type/Page/Parent 2 0 R{parts}>>", f"<</Length {len(stream)}>>\nstream\n{stream}\nendstream"]
    return _file(objects)


def _file(objects: list[str]) -> bytes:
    data, places = "%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(data))
        data += f"{number} 0 obj\n{content}\nendobj\n"
    start = len(data)
    data += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n" + "".join(f"{at:010d} 00000 n \n" for at in places)
    return f"{data}trailer<</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n".encode("ascii")
