"""Pictures: how they look; text in them where the extra ``ocr`` is installed, else it is said that it was not read."""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from waybill.content.parsing.decoding import segments
from waybill.content.parsing.looks import look
from waybill.content.parsing.pieces import Content, Picture, Reason
from waybill.content.parsing.plan import Refused
from waybill.content.parsing.reading import Source, Task

_PIXELS = 40_000_000
"""Largest picture that is looked at: a small file may claim any size."""


def picture(source: Source, task: Task) -> Iterator[Content]:
    """Yield how a picture looks and the text in it. Raises Refused for a kind of picture that is not read."""
    from PIL import Image, UnidentifiedImageError

    try:
        opened = Image.open(io.BytesIO(source.whole(task.budget.limits.member)))
    except UnidentifiedImageError as error:
        raise Refused(Reason.PICTURE) from error
    with opened as image:
        if image.width * image.height > _PIXELS:
            raise Refused(Reason.SIZE, f"more than {_PIXELS} pixels")
        if seen := look(image):
            yield Picture(task.place, seen)
        recogniser()
        pixels = image.convert("RGB")
    import numpy as np

    yield from segments(recognised(np.asarray(pixels)[:, :, ::-1]), task.place)


def recognised(pixels: Any) -> Iterator[str]:
    """Yield lines of text in a picture given as rows of blue, green and red. Raises Refused without the extra."""
    found = recogniser()(pixels)
    for line in found.txts or ():
        yield f"{line}\n"


@lru_cache(maxsize=1)
def recogniser() -> Any:
    """Return the recogniser of text, whose models come with its package. Raises Refused without the extra."""
    try:
        from rapidocr import RapidOCR
    except ImportError as error:
        raise Refused(Reason.PICTURE) from error
    return RapidOCR()
