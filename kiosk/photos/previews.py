"""Thumbnails and the watermarked preview of a photo."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

from kiosk.paths import resources_folder
from kiosk.photos.types import PreviewSize

_OPACITY = 0.30
_FONT = "IBMPlexSansThai_600SemiBold.ttf"


@dataclass(frozen=True, slots=True)
class _Format:
    """The sides that a preview fits in (for an upright photo they change places), and its JPEG quality."""

    long_side: int
    short_side: int
    quality: int


# The platform's own sizes and qualities, so that previews made here and there are the same.
_FORMATS = {
    PreviewSize.WATERMARKED: _Format(1920, 1080, 85),
    PreviewSize.LARGE: _Format(800, 600, 90),
    PreviewSize.MEDIUM: _Format(300, 300, 85),
    PreviewSize.SMALL: _Format(150, 150, 80),
}


def make_previews(image: Image.Image, watermark: str) -> dict[PreviewSize, bytes]:
    """JPEGs of all sizes from an upright RGB picture; never enlarged, without metadata."""
    previews: dict[PreviewSize, bytes] = {}
    for size, form in _FORMATS.items():
        image = _fit(image, form)
        shown = _marked(image, watermark) if size is PreviewSize.WATERMARKED else image
        previews[size] = _jpeg(shown, form.quality)
    return previews


def _fit(image: Image.Image, form: _Format) -> Image.Image:
    """Lanczos; a large picture is first averaged down to at least 1.5 times the size, in half the time."""
    upright = image.height > image.width
    box = (form.short_side, form.long_side) if upright else (form.long_side, form.short_side)
    scale = min(box[0] / image.width, box[1] / image.height)
    if scale >= 1:
        return image
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=1.5)


def _marked(image: Image.Image, text: str) -> Image.Image:
    """The text at the bottom right, white with a dark edge, 30 % opaque; its size follows the picture's."""
    layer = _watermark(image.width, image.height, text)
    marked = image.copy()
    marked.paste(layer, (image.width - layer.width, image.height - layer.height), layer)
    return marked


@lru_cache(maxsize=16)
def _watermark(width: int, height: int, text: str) -> Image.Image:
    """The layer that is laid into the corner; an event's photos share a few sizes."""
    size = max(10, round(min(width, height) * 0.055))
    font = _font(size)
    while size > 8 and font.getlength(text) > width * 0.9:
        size -= 1
        font = _font(size)
    edge, margin = max(1, size // 14), max(2, size // 2)
    left, top, right, bottom = font.getbbox(text, stroke_width=edge)
    layer = Image.new("RGBA", (int(right - left) + margin, int(bottom - top) + margin))
    opacity = round(255 * _OPACITY)
    ImageDraw.Draw(layer).text(
        (-left, -top),
        text,
        font=font,
        fill=(255, 255, 255, opacity),
        stroke_width=edge,
        stroke_fill=(0, 0, 0, opacity),
    )
    return layer.crop((max(0, layer.width - width), 0, layer.width, layer.height))


@lru_cache(maxsize=64)
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    path = resources_folder() / "fonts" / _FONT
    return ImageFont.truetype(str(path), size) if path.exists() else ImageFont.load_default(size)


def _jpeg(image: Image.Image, quality: int) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()
