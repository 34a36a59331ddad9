"""Every payment code that we draw can be scanned."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from kiosk.payments.promptpay import transfer_payload
from kiosk.payments.qr import QUIET_MODULES, picture_of, qr_matrix, qr_png, read_qr
from kiosk.payments.types import PaymentOffer


def test_the_matrix_is_square_with_four_quiet_modules_around_the_corner_marks() -> None:
    matrix = np.array(qr_matrix("https://kiosk.local/d/abc"))
    assert matrix.shape[0] == matrix.shape[1]
    assert not matrix[:QUIET_MODULES].any()
    assert not matrix[:, -QUIET_MODULES:].any()
    assert matrix[QUIET_MODULES, QUIET_MODULES : QUIET_MODULES + 7].all()


@pytest.mark.parametrize("amount", [7900, 29924, 149999])
@pytest.mark.parametrize("module_pixels", [3, 8])
def test_a_drawn_payment_code_reads_back(amount: int, module_pixels: int) -> None:
    payload = transfer_payload("0801234567", amount)
    picture = picture_of(qr_png(payload, module_pixels))
    assert picture is not None
    assert picture.shape[0] == len(qr_matrix(payload)) * module_pixels
    assert read_qr(picture) == payload


def test_a_picture_without_a_code_reads_as_none() -> None:
    grey = np.full((120, 160), 128, dtype=np.uint8)
    assert read_qr(grey) is None
    assert read_qr(cv2.randu(np.zeros((90, 90), dtype=np.uint8), 0, 255)) is None


@pytest.mark.parametrize("data", [b"", b"hello", b"\x89PNG\r\n\x1a\n", qr_png("x")[:60]])
def test_what_is_no_picture_is_none(data: bytes) -> None:
    assert picture_of(data) is None


def test_codes_stay_out_of_logs() -> None:
    offer = PaymentOffer(
        "reference", 100, None, qr_payload=transfer_payload("0801234567", 100), qr_png=b"png"
    )
    assert "801234567" not in repr(offer)
