"""QR codes as pictures and back: any text, with the quiet zone that scanners need."""

from __future__ import annotations

import cv2
import numpy as np
import qrcode
from numpy.typing import NDArray
from qrcode.constants import ERROR_CORRECT_M

QUIET_MODULES = 4


def qr_matrix(text: str) -> list[list[bool]]:
    """The modules of the QR of `text`, rows from the top, True = dark, square; four quiet (light) modules on
    each side are part of it. Error correction M (15 %)."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=QUIET_MODULES)
    code.add_data(text)
    code.make(fit=True)
    return [[bool(module) for module in row] for row in code.get_matrix()]


def qr_png(text: str, module_pixels: int = 8) -> bytes:
    """The same as an 8-bit grey PNG, black on white, `module_pixels` whole pixels per module."""
    modules = np.array(qr_matrix(text), dtype=bool)
    pixels = np.where(modules, 0, 255).astype(np.uint8)
    block = np.ones((module_pixels, module_pixels), dtype=np.uint8)
    return png_of(np.kron(pixels, block))


def png_of(picture: NDArray[np.uint8]) -> bytes:
    """A grey picture (height x width, uint8) as PNG."""
    _, encoded = cv2.imencode(".png", picture)
    return bytes(encoded.tobytes())


def picture_of(data: bytes) -> NDArray[np.uint8] | None:
    """An encoded picture as grey pixels (height x width, uint8), None where it is not one."""
    if not data:
        return None
    try:
        decoded = cv2.imdecode(np.frombuffer(data, dtype=np.uint8), cv2.IMREAD_GRAYSCALE)
    except cv2.error:  # larger than OpenCV takes
        return None
    return None if decoded is None else np.asarray(decoded, dtype=np.uint8)


def read_qr(picture: NDArray[np.uint8]) -> str | None:
    """The text of the QR in a grey picture (height x width, uint8), None where none can be read."""
    framed = cv2.copyMakeBorder(picture, 16, 16, 16, 16, cv2.BORDER_CONSTANT, value=255)
    try:
        text, _, _ = cv2.QRCodeDetector().detectAndDecode(framed)
    except cv2.error:  # the detector raises on some pictures that hold no code
        return None
    return text or None
