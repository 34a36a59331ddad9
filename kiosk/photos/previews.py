"""Thumbnails and the watermarked preview of a photo."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from kiosk.paths import resources_folder
from kiosk.photos.types import PreviewSize
from kiosk.vision.scaling import reduced
from kiosk.vision.types import FloatArray, Pixels

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


def make_previews(pixels: Pixels, watermark: str) -> dict[PreviewSize, bytes]:
    """JPEGs of all sizes from an upright picture; never enlarged, without metadata."""
    previews: dict[PreviewSize, bytes] = {}
    for size, form in _FORMATS.items():
        pixels = _fit(pixels, form)
        shown = _marked(pixels, watermark) if size is PreviewSize.WATERMARKED else pixels
        previews[size] = _jpeg(shown, form.quality)
    return previews


def _fit(pixels: Pixels, form: _Format) -> Pixels:
    height, width = pixels.shape[:2]
    box = (form.short_side, form.long_side) if height > width else (form.long_side, form.short_side)
    scale = min(box[0] / width, box[1] / height)
    if scale >= 1:
        return pixels
    return reduced(pixels, (max(1, round(width * scale)), max(1, round(height * scale))))


def _marked(pixels: Pixels, text: str) -> Pixels:
    """The text at the bottom right, white with a dark edge, 30 % opaque; its size follows the picture's."""
    colour, opacity = _watermark(pixels.shape[1], pixels.shape[0], text)
    marked = pixels.copy()
    corner = marked[-colour.shape[0] :, -colour.shape[1] :]
    corner[:] = np.rint(corner * (1.0 - opacity) + colour * opacity)
    return marked


@lru_cache(maxsize=16)
def _watermark(width: int, height: int, text: str) -> tuple[FloatArray, FloatArray]:
    """Colour (0..255) and opacity (0..1) of what is laid into the corner, height x width x 3 and x 1; an
    event's photos share a few sizes."""
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
    left_over = max(0, layer.width - width), max(0, layer.height - height)
    drawn = np.asarray(layer, np.float32)[left_over[1] :, left_over[0] :]
    return drawn[..., 2::-1].copy(), drawn[..., 3:] / np.float32(255)


@lru_cache(maxsize=64)
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    path = resources_folder() / "fonts" / _FONT
    return ImageFont.truetype(str(path), size) if path.exists() else ImageFont.load_default(size)


def _jpeg(pixels: Pixels, quality: int) -> bytes:
    _, encoded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return encoded.tobytes()
