"""A photo as the page that goes to the printer: as large as the paper, at 300 dpi."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

from PIL import Image

from kiosk.photos.decoding import in_srgb, opened
from kiosk.photos.exif import read_exif
from kiosk.printing.colours import check_printer_profile, converted, usable
from kiosk.printing.crop import crop_of
from kiosk.printing.frame import lay_over
from kiosk.printing.paper import DPI, pixels
from kiosk.printing.sheet import page_with
from kiosk.printing.types import Paper, PrintPage
from kiosk.sales.types import PrintSize
from kiosk.vision.types import Box

_QUALITY = 95
_SPARE = 1.5
"""A JPEG is decoded at a half, a quarter or an eighth of its size where that leaves so many times the pixels
of the paper, in half the time. Press photos then differ from those decoded as a whole by 47 dB, and their
edges are 98 % as steep, which nobody sees in a print; the hardest drawing keeps 94 %."""
_AS_IT_IS = ("RGB", "CMYK", "L")
_LANCZOS = Image.Resampling.LANCZOS
_Turn = Image.Transpose
_TURNS = {
    2: _Turn.FLIP_LEFT_RIGHT,
    3: _Turn.ROTATE_180,
    4: _Turn.FLIP_TOP_BOTTOM,
    5: _Turn.TRANSPOSE,
    6: _Turn.ROTATE_270,
    7: _Turn.TRANSVERSE,
    8: _Turn.ROTATE_90,
}
"""What EXIF's orientation asks for."""
_ON_THEIR_SIDE = range(5, 9)
_STORED: dict[int, Callable[[float, float], tuple[float, float]]] = {
    1: lambda x, y: (x, y),
    2: lambda x, y: (1 - x, y),
    3: lambda x, y: (1 - x, 1 - y),
    4: lambda x, y: (x, 1 - y),
    5: lambda x, y: (y, x),
    6: lambda x, y: (y, 1 - x),
    7: lambda x, y: (1 - y, 1 - x),
    8: lambda x, y: (1 - y, x),
}
"""Where a point of the upright picture lies in the file, by EXIF's orientation; both in shares of a side."""


def print_page(
    original: bytes,
    faces: Sequence[Box],
    paper: Paper,
    copies: int,
    frame: bytes | None = None,
    profile: bytes | None = None,
) -> PrintPage:
    """The page of a photo. `faces` are in pixels of the whole upright picture; `frame` is a PNG with a clear
    middle; `profile` the printer's ICC profile, without which the photo's own stays. Paper is turned to suit
    the photo. A photo too small for the paper is enlarged.

    Raises KnownError PHOTO_* for a file that cannot be read, SETTING_INVALID for a frame or profile that is
    of no use.
    """
    page, colours = _resampled(original, faces, paper.size)
    if profile is not None:
        check_printer_profile(profile)
        page, colours = converted(page, colours, profile), profile
    if frame is not None:
        lay_over(page, frame, colours)
    jpeg = io.BytesIO()
    page.save(jpeg, "JPEG", quality=_QUALITY, subsampling=0, dpi=(DPI, DPI), icc_profile=colours)
    pdf = page_with(jpeg.getvalue(), paper.size, is_lying=page.width > page.height)
    return PrintPage(pdf, paper, copies, jpeg.getvalue())


def _resampled(original: bytes, faces: Sequence[Box], size: PrintSize) -> tuple[Image.Image, bytes | None]:
    """The part of the photo that fills the paper, upright and in the paper's pixels, with its profile."""
    with opened(original) as image:
        orientation = read_exif(image).orientation
        is_on_side = orientation in _ON_THEIR_SIDE
        upright = image.size[::-1] if is_on_side else image.size
        page = pixels(size) if upright[0] <= upright[1] else pixels(size)[::-1]
        part = _in_file(crop_of(upright, page, faces), upright, image.size, orientation)
        wanted = page[::-1] if is_on_side else page
        part = _decoded(image, part, wanted)
        profile = usable(image.info.get("icc_profile"))
        if image.mode not in _AS_IT_IS or "transparency" in image.info:
            image, profile = in_srgb(image), None
        image = image.resize(wanted, _LANCZOS, (part.x1, part.y1, part.x2, part.y2))
        if image.mode != "RGB":
            image, profile = in_srgb(image), None
    turn = _TURNS.get(orientation)
    return (image if turn is None else image.transpose(turn)), profile


def _in_file(part: Box, upright: tuple[int, int], size: tuple[int, int], orientation: int) -> Box:
    """A part of the upright picture, in pixels of the picture as its file stores it."""
    place = _STORED[orientation]
    ends = [place(x / upright[0], y / upright[1]) for x, y in ((part.x1, part.y1), (part.x2, part.y2))]
    (left, right), (top, bottom) = (sorted(end[axis] for end in ends) for axis in (0, 1))
    width, height = size
    return Box(left * width, top * height, right * width, bottom * height)


def _decoded(image: Image.Image, part: Box, wanted: tuple[int, int]) -> Box:
    """Decodes a picture, a JPEG no larger than serves; returns the part in the pixels that it has now."""
    enough = max(wanted[0] * _SPARE / part.width, wanted[1] * _SPARE / part.height)
    whole = image.size
    if enough < 1:
        image.draft(image.mode, (round(whole[0] * enough), round(whole[1] * enough)))
    image.load()
    across, down = image.width / whole[0], image.height / whole[1]
    return Box(
        part.x1 * across,
        part.y1 * down,
        min(part.x2 * across, image.width),
        min(part.y2 * down, image.height),
    )
