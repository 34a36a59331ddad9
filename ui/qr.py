"""QR codes as pictures, one pixel for each module."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QImage

from kiosk.payments.qr import qr_matrix


def qr_image(text: str) -> QImage:
    """Black on white, with the four clear modules that readers need around it (see `qr_matrix`)."""
    grey = np.ascontiguousarray(np.where(qr_matrix(text), 0, 255).astype(np.uint8))
    side = grey.shape[0]
    return QImage(grey.data, side, side, side, QImage.Format.Format_Grayscale8).copy()
