"""Any picture file to upright RGB: judged by its content, never by its name."""

from __future__ import annotations

import importlib
import io
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageCms

from kiosk.errors import ErrorCode, KnownError
from kiosk.photos.exif import BANGKOK, ExifFacts, quiet_pillow, read_exif
from kiosk.vision.types import Pixels

MAX_MEGAPIXELS = 120.0
MAX_FILE_BYTES = 256 * 1024 * 1024
MIN_SIDE = 32
HEAD_BYTES = 32
_STRIP_ROWS = 256

# The limit on pixels is `max_megapixels`, checked before anything is decoded; Pillow's own would only warn.
Image.MAX_IMAGE_PIXELS = None
with suppress(ImportError):  # not among the dependencies; used where a site has it
    importlib.import_module("pillow_heif").register_heif_opener()
Image.init()

_TURNS: dict[int, Callable[[Pixels], cv2.typing.MatLike]] = {
    2: lambda pixels: cv2.flip(pixels, 1),
    3: lambda pixels: cv2.rotate(pixels, cv2.ROTATE_180),
    4: lambda pixels: cv2.flip(pixels, 0),
    5: cv2.transpose,
    6: lambda pixels: cv2.rotate(pixels, cv2.ROTATE_90_CLOCKWISE),
    7: lambda pixels: cv2.transpose(cv2.rotate(pixels, cv2.ROTATE_180)),
    8: lambda pixels: cv2.rotate(pixels, cv2.ROTATE_90_COUNTERCLOCKWISE),
}
"""What EXIF's orientation asks for."""
_ON_THEIR_SIDE = range(5, 9)
"""The orientations whose width and height change places."""
_READERS = {"JPEG": ("JPEG", "MPO")}
_DECODE_ERRORS = (OSError, ValueError, SyntaxError, TypeError, struct.error, EOFError, IndexError, KeyError)


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A decoded picture: upright, 8 bits, in sRGB as far as its profile tells.

    `width` and `height` are those of the whole picture; `upright` holds half as many pixels a side where
    `load_upright` was told that they are enough.
    """

    upright: Pixels
    width: int
    height: int
    exif: ExifFacts

    @property
    def is_halved(self) -> bool:
        return self.pixels().shape[:2] != (self.height, self.width)

    def pixels(self) -> Pixels:
        """Height x width x 3, uint8, blue first: the picture's own array, to be read and not written."""
        return self.upright


def kind_of(head: bytes) -> str | None:
    """The format that the first bytes of a file (32 are enough) announce; None when it is no picture."""
    if head[4:8] == b"ftyp":
        brands = head[8:32]
        if b"avif" in brands or b"avis" in brands:
            return "AVIF"
        return "HEIF" if any(brand in brands for brand in (b"heic", b"heix", b"mif1", b"heim")) else None
    if head[:4] == b"RIFF":
        return "WEBP" if head[8:12] == b"WEBP" else None
    for magic, kind in (
        (b"\xff\xd8\xff", "JPEG"),
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (b"II*\0", "TIFF"),
        (b"MM\0*", "TIFF"),
        (b"GIF8", "GIF"),
        (b"BM", "BMP"),
    ):
        if head.startswith(magic):
            return kind
    return None


def load_upright(
    source: Path | bytes,
    max_megapixels: float = MAX_MEGAPIXELS,
    zone: tzinfo = BANGKOK,
    enough_px: int | None = None,
) -> Picture:
    """Decodes a file or its bytes; of an animation the first frame; transparent parts become white.

    A plain JPEG whose half is at least `enough_px` long is decoded at half its size, in half the time; each
    pixel then stands for two by two.

    Raises KnownError: PHOTO_EMPTY, PHOTO_NOT_A_PICTURE, PHOTO_TRUNCATED, PHOTO_UNREADABLE, PHOTO_TOO_LARGE,
    PHOTO_TOO_SMALL; the detail says why.
    """
    data = source if isinstance(source, bytes) else read_picture_file(source)
    with opened(data, max_megapixels) as image:
        pixels = _plain_jpeg(image, data, enough_px) if image.format in _READERS["JPEG"] else None
        if pixels is None:
            image.load()  # before its EXIF is asked for: that may load a PNG too, and passes over its damage
            pixels = _blue_first(in_srgb(image))
        facts = read_exif(image, zone)
    turn = _TURNS.get(facts.orientation)
    width, height = image.size if facts.orientation not in _ON_THEIR_SIDE else image.size[::-1]
    upright = pixels if turn is None else np.asarray(turn(pixels), np.uint8)
    return Picture(upright, width, height, facts)


@contextmanager
def opened(data: bytes, max_megapixels: float = MAX_MEGAPIXELS) -> Iterator[Image.Image]:
    """A picture that is checked and not decoded yet. Whatever it fails at while it is read inside is raised
    as `load_upright` raises it."""
    kind = check_head(data[:HEAD_BYTES], len(data))
    try:
        with quiet_pillow():
            image = Image.open(io.BytesIO(data), formats=_READERS.get(kind, (kind,)))
        _check_size(image.size, max_megapixels)
        yield image
    except _DECODE_ERRORS as error:
        raise _unreadable(kind, data, error) from error


def picture_size(data: bytes) -> tuple[int, int]:
    """Width and height as a file's head tells them, before any turning; 0, 0 where it does not."""
    try:
        with quiet_pillow(), Image.open(io.BytesIO(data)) as image:
            return image.size
    except _DECODE_ERRORS:
        return 0, 0


def read_picture_file(path: Path) -> bytes:
    """The bytes of a file that looks like a picture: nothing large is read in vain.

    Raises KnownError like `load_upright`; PHOTO_UNREADABLE when the file cannot be opened.
    """
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
            check_head(head, path.stat().st_size)
            return head + file.read()
    except OSError as error:
        raise KnownError(
            ErrorCode.PHOTO_UNREADABLE, f"The file cannot be opened: {error.strerror}.", "Check the file."
        ) from error


def check_head(head: bytes, size: int) -> str:
    """The kind of a picture of `size` bytes. Raises KnownError: PHOTO_EMPTY, PHOTO_NOT_A_PICTURE,
    PHOTO_TOO_LARGE."""
    if size == 0:
        raise KnownError(ErrorCode.PHOTO_EMPTY, "The file is empty.", "Copy it from the camera again.")
    kind = kind_of(head)
    if kind is None:
        raise KnownError(ErrorCode.PHOTO_NOT_A_PICTURE, "The file's content is not a picture.")
    if size > MAX_FILE_BYTES:
        raise KnownError(
            ErrorCode.PHOTO_TOO_LARGE,
            f"The file has {size // 2**20} MB; {MAX_FILE_BYTES // 2**20} are allowed.",
            "Export it smaller.",
        )
    return kind


def _check_size(size: tuple[int, int], max_megapixels: float) -> None:
    width, height = size
    if width * height > max_megapixels * 1e6:
        raise KnownError(
            ErrorCode.PHOTO_TOO_LARGE,
            f"The picture has {width} x {height} pixels; {max_megapixels:g} megapixels are allowed.",
            "Export it smaller.",
        )
    if min(width, height) < MIN_SIDE:
        raise KnownError(
            ErrorCode.PHOTO_TOO_SMALL,
            f"The picture has {width} x {height} pixels; a side of at least {MIN_SIDE} is needed.",
        )


def _unreadable(kind: str, data: bytes, error: Exception) -> KnownError:
    if kind == "HEIF" and kind not in Image.OPEN:
        return KnownError(
            ErrorCode.PHOTO_UNREADABLE,
            "HEIC pictures cannot be read here.",
            "Set the phone or camera to JPEG, or export as JPEG.",
        )
    if _is_cut(kind, data) or "truncated" in str(error).lower():
        return KnownError(
            ErrorCode.PHOTO_TRUNCATED, f"The {kind} file ends too early.", "Copy it from the camera again."
        )
    return KnownError(
        ErrorCode.PHOTO_UNREADABLE, f"The {kind} file is damaged: {error}.", "Copy it from the camera again."
    )


def _is_cut(kind: str, data: bytes) -> bool:
    """Whether the end that the format asks for is missing."""
    if kind == "JPEG":
        return b"\xff\xd9" not in data[-64 * 1024 :]
    if kind == "PNG":
        return b"IEND" not in data[-1024:]
    if kind == "WEBP":
        return len(data) < 12 or int.from_bytes(data[4:8], "little") + 8 > len(data)
    return False


def _plain_jpeg(image: Image.Image, data: bytes, enough_px: int | None) -> Pixels | None:
    """What nearly every camera writes, by OpenCV: the same values as Pillow's, blue first at once, which
    saves a third of the time. None for what it does not read whole, or in colours that need a profile."""
    profile = image.info.get("icc_profile")
    if image.mode not in ("RGB", "L") or (profile and not _is_srgb(profile)):
        return None
    part = 2 if enough_px is not None and max(image.size) >= 2 * enough_px else 1
    colours = cv2.IMREAD_REDUCED_COLOR_2 if part == 2 else cv2.IMREAD_COLOR
    try:
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), colours | cv2.IMREAD_IGNORE_ORIENTATION)
    except cv2.error:
        return None
    size = (-(-image.height // part), -(-image.width // part))
    is_whole = pixels is not None and pixels.shape[:2] == size
    return np.asarray(pixels, np.uint8) if is_whole else None


def _blue_first(image: Image.Image) -> Pixels:
    """Height x width x 3 of an RGB picture, copied in strips, which stay in the processor's cache: six times
    as fast as the whole at once."""
    width, height = image.size
    pixels = np.empty((height, width, 3), np.uint8)
    for top in range(0, height, _STRIP_ROWS):
        strip = image.crop((0, top, width, min(height, top + _STRIP_ROWS)))
        rows = np.frombuffer(strip.tobytes("raw", "BGR"), np.uint8)
        pixels[top : top + _STRIP_ROWS] = rows.reshape(-1, width, 3)
    return pixels


def in_srgb(image: Image.Image) -> Image.Image:
    """8-bit RGB from any mode that Pillow opens; transparent parts become white."""
    if image.mode.startswith(("I", "F")):
        return _from_deep_grey(image)
    if image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info:
        layer = image.convert("RGBA")
        ground = Image.new("RGBA", layer.size, "white")
        return Image.alpha_composite(ground, layer).convert("RGB")
    profile = image.info.get("icc_profile")
    if profile and image.mode in ("RGB", "CMYK", "L"):
        converted = _from_profile(image, profile)
        if converted is not None:
            return converted
    return image if image.mode == "RGB" else image.convert("RGB")


def _from_deep_grey(image: Image.Image) -> Image.Image:
    """16- and 32-bit grey: integers count to 65535 as a whole, floating numbers to their own greatest."""
    values = np.asarray(image).astype(np.float32)
    top = 65535.0 if image.mode.startswith("I") and values.max() > 255 else max(255.0, float(values.max()))
    if image.mode == "F" and values.max() > 0:
        top = float(values.max())
    grey = np.nan_to_num(np.clip(values * (255.0 / top), 0, 255)).astype(np.uint8)
    return Image.fromarray(grey).convert("RGB")


def _from_profile(image: Image.Image, profile: bytes) -> Image.Image | None:
    """Converted by the embedded colour profile; None when it is sRGB already or no use."""
    if _is_srgb(profile):
        return None
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        return ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None


def _is_srgb(profile: bytes) -> bool:
    """Whether a colour profile says that it is sRGB; one that cannot be read is taken for it."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        return "srgb" in ImageCms.getProfileDescription(source).lower()
    except (ImageCms.PyCMSError, OSError, ValueError):
        return True
