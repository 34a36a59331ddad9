"""Colour profiles of print pages (ICC)."""

from __future__ import annotations

import io
from functools import lru_cache

from PIL import Image, ImageCms

from kiosk.errors import ErrorCode, KnownError

_KEPT_TRANSFORMS = 8


def converted(image: Image.Image, source: bytes | None, target: bytes | None) -> Image.Image:
    """An RGB picture in the colours of another profile: relative colorimetric, with black point compensation.
    None stands for sRGB. Raises KnownError SETTING_INVALID for a `target` that is of no use."""
    if source == target:
        return image
    changed = ImageCms.applyTransform(image, _transform(source, target))
    return changed if changed is not None else image


def usable(profile: bytes | None) -> bytes | None:
    """A photo's profile as it is, or None for one that cannot be read or is of no RGB picture."""
    return profile if profile and _is_rgb(profile) else None


def check_printer_profile(profile: bytes) -> None:
    """Raises KnownError SETTING_INVALID for one into which no page can be converted."""
    if not _is_rgb(profile):
        raise KnownError(
            ErrorCode.SETTING_INVALID,
            "The file of printing.profile is no ICC profile of an RGB printer.",
            "Name the profile that came with the printer and its paper.",
        )


@lru_cache(_KEPT_TRANSFORMS)
def _transform(source: bytes | None, target: bytes | None) -> ImageCms.ImageCmsTransform:
    try:
        return ImageCms.buildTransform(
            _opened(source),
            _opened(target),
            "RGB",
            "RGB",
            ImageCms.Intent.RELATIVE_COLORIMETRIC,
            ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except ImageCms.PyCMSError as error:
        raise KnownError(
            ErrorCode.SETTING_INVALID,
            "The colours of a photo cannot be converted into printing.profile.",
            "Name the profile that came with the printer and its paper.",
        ) from error


@lru_cache(_KEPT_TRANSFORMS)
def _is_rgb(profile: bytes) -> bool:
    try:
        return ImageCms.ImageCmsProfile(io.BytesIO(profile)).profile.xcolor_space.strip() == "RGB"
    except (ImageCms.PyCMSError, OSError, ValueError):
        return False


def _opened(profile: bytes | None) -> ImageCms.ImageCmsProfile:
    if profile is None:
        return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    return ImageCms.ImageCmsProfile(io.BytesIO(profile))
