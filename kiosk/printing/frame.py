"""The event's frame around a print."""

from __future__ import annotations

import io
from functools import lru_cache

from PIL import Image

from kiosk.errors import ErrorCode, KnownError
from kiosk.printing.colours import converted

_LANCZOS = Image.Resampling.LANCZOS


def lay_over(page: Image.Image, frame: bytes, profile: bytes | None) -> None:
    """Lays a frame over a page whose colours are of a profile (None: sRGB). A standing frame is turned for a
    lying page, and takes its shape. Raises KnownError SETTING_INVALID for a file that is no frame."""
    layer = _fitted(frame, page.size, profile)
    page.paste(layer, (0, 0), layer)


@lru_cache(4)
def _fitted(frame: bytes, size: tuple[int, int], profile: bytes | None) -> Image.Image:
    """Made once for all prints of a size."""
    try:
        with Image.open(io.BytesIO(frame), formats=("PNG",)) as opened:
            whole = opened.convert("RGBA")
    except (OSError, ValueError, SyntaxError) as error:
        raise _unusable("is no PNG picture") from error
    if whole.getchannel("A").getpixel((whole.width // 2, whole.height // 2)) != 0:
        raise _unusable("is not clear in the middle, and would hide the photo")
    if (whole.width > whole.height) != (size[0] > size[1]):
        whole = whole.transpose(Image.Transpose.ROTATE_90)
    # Resampled with its colours weighed by how clear they are, as Pillow does for RGBA: no dark fringes.
    fitted = whole.resize(size, _LANCZOS)
    if profile is not None:
        colours = converted(fitted.convert("RGB"), None, profile)
        colours.putalpha(fitted.getchannel("A"))
        return colours
    return fitted


def _unusable(why: str) -> KnownError:
    return KnownError(
        ErrorCode.SETTING_INVALID,
        f"The file of printing.frame {why}.",
        "Save the frame as a PNG with a transparent middle.",
    )
