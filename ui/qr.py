"""QR codes as pictures, one pixel for each module."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QImage
from qrcode.constants import ERROR_CORRECT_M
from qrcode.main import QRCode

CLEAR_MODULES = 4


def qr_image(text: str) -> QImage:
    """Black on white, error correction M, with the four clear modules that readers need around it."""
    code = QRCode(error_correction=ERROR_CORRECT_M, border=CLEAR_MODULES)
    code.add_data(text)
    code.make(fit=True)
    dark = np.array(code.get_matrix(), dtype=bool)
    grey = np.ascontiguousarray(np.where(dark, 0, 255).astype(np.uint8))
    side = grey.shape[0]
    return QImage(grey.data, side, side, side, QImage.Format.Format_Grayscale8).copy()
