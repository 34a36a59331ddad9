"""A slip held up to the kiosk: read however it is held, taken for one order, and never paying by itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from kiosk.camera.types import Frame, Pixels
from kiosk.clock import ManualClock
from kiosk.database.engine import open_database
from kiosk.errors import ErrorCode, KnownError
from kiosk.payments.qr import qr_matrix
from kiosk.payments.slip import Slip, SlipFacts, parse_slip
from kiosk.sales.types import Order, OrderState
from kiosk.staff.slip_notes import VisitorSlips
from kiosk.staff.slip_reading import slip_code
from kiosk.staff.told import SlipLooked
from kiosk.staff.types import DecisionAction
from tests.staff_room import StaffShop

SLIP = "004000060000010103002021900021231231212000115102TH91049C30"
OTHER = "00020101021129370016A000000677010111011300668012345675802TH530376463046197"  # a code to pay by


def held_up(text: str, px: int = 260, angle: float = 0.0, blur: float = 0.0, lean: float = 0.0) -> Pixels:
    """What the camera sees of a phone that shows a code `px` wide."""
    modules = np.array(qr_matrix(text))
    code = np.where(modules, 0, 255).astype(np.uint8).repeat(8, 0).repeat(8, 1)
    code = cv2.cvtColor(cv2.resize(code, (px, px), interpolation=cv2.INTER_AREA), cv2.COLOR_GRAY2BGR)
    picture = np.full((720, 1280, 3), 90, np.uint8)
    cv2.rectangle(picture, (430, 60), (850, 680), (205, 205, 205), -1)
    square = np.array([[0, 0], [px, 0], [px, px], [0, px]], np.float32)
    turn = np.deg2rad(angle)
    turning = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    corners = (square - px / 2) @ turning * (1 - lean, 1) + (640, 360)
    corners[1] += (0, lean * px * 0.3)
    where = cv2.getPerspectiveTransform(square, corners.astype(np.float32))
    warped = cv2.warpPerspective(code, where, (1280, 720), flags=cv2.INTER_AREA)
    covered = cv2.warpPerspective(np.full((px, px), 255, np.uint8), where, (1280, 720)) > 128
    picture[covered] = warped[covered]
    if blur:
        picture = cv2.GaussianBlur(picture, (0, 0), blur)
    noise = np.random.default_rng(1).normal(0, 6, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"px": 120},
        {"px": 420, "blur": 3.0},
        {"px": 240, "blur": 2.0, "angle": 20},
        {"px": 200, "angle": -35, "lean": 0.15},
        {"px": 240, "angle": 90, "lean": 0.2},
    ],
    ids=str,
)
def test_a_slip_is_read_however_it_is_held(how: dict[str, float]) -> None:
    text = slip_code(held_up(SLIP, **how))  # type: ignore[arg-type]
    assert text == SLIP
    assert parse_slip(text) == Slip("002", "0002123123121200011")


def test_where_there_is_no_code_there_is_none() -> None:
    assert slip_code(np.full((480, 640, 3), 128, np.uint8)) is None
    assert slip_code(np.random.default_rng(0).integers(0, 255, (240, 320, 3), dtype=np.uint8)) is None


class Checker:
    """A service that says what a test wants."""

    def __init__(self) -> None:
        self.facts: SlipFacts | KnownError = KnownError(ErrorCode.SLIP_CHECK_UNREACHABLE, "away")

    def check(self, bank: str, reference: str) -> SlipFacts:
        if isinstance(self.facts, KnownError):
            raise self.facts
        return self.facts


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("empty") / "kiosk.db"
    open_database(path).close()
    return path


@pytest.fixture
def checker() -> Checker:
    return Checker()


@pytest.fixture
def shop(tmp_path: Path, empty: Path, checker: Checker) -> Iterator[StaffShop]:
    shop = StaffShop(tmp_path, empty, hears_of_money=False, checker=checker)
    shop.hire("Malee", "Niran")
    shop.listen(SlipLooked)
    yield shop
    shop.close()


def scanned(shop: StaffShop, order: Order, text: str = SLIP) -> SlipLooked:
    """What becomes of holding a slip up for an order."""
    shop.camera.frame = Frame(1, 0.0, held_up(text))
    shop.desk.scan_slip(shop.payment(order).payment_id)
    until(lambda: shop.told(SlipLooked).stage != "looking")
    return shop.told(SlipLooked)


def until(is_so: Callable[[], bool]) -> None:
    end_s = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < end_s
        time.sleep(0.01)


def test_staff_take_a_slip_under_the_limit_and_managers_any(shop: StaffShop) -> None:
    small, large = shop.order(50000), shop.order(50100)
    shop.sign_in("Niran")
    seen = scanned(shop, small)
    assert (seen.stage, seen.amount_satang) == ("found", None)
    until(lambda: not shop.camera.is_open)
    shop.desk.take_slip(50000)
    shop.settle()
    assert shop.checkout.order(small.order_id).state is OrderState.PAID
    assert shop.told(SlipLooked).stage == "taken"
    assert shop.logged()[-1].detail["reference"] == "0002123123121200011"
    another = SLIP.replace("0002123123121200011", "0002123123121200012")
    another = another[:-4] + _checksum(another)
    scanned(shop, large, another)
    shop.desk.take_slip(50100)
    shop.settle()
    assert shop.logged()[-1].detail["code"] == ErrorCode.SLIP_OVER_LIMIT
    shop.desk.close()
    shop.sign_in("Malee")
    scanned(shop, large, another)
    shop.desk.take_slip(50100)
    shop.settle()
    assert shop.checkout.order(large.order_id).state is OrderState.PAID


def _checksum(payload: str) -> str:
    from kiosk.payments.emv import crc16

    return crc16(payload[:-4])


def test_a_slip_is_taken_for_one_order_only(shop: StaffShop) -> None:
    first, second = shop.order(), shop.order()
    shop.sign_in("Malee")
    scanned(shop, first)
    shop.desk.take_slip(29900)
    shop.settle()
    seen = scanned(shop, second)
    assert (seen.stage, seen.code) == ("failed", ErrorCode.SLIP_USED)
    shop.desk.take_slip(29900)
    shop.settle()
    assert shop.checkout.order(second.order_id).state is OrderState.AWAITING_PAYMENT
    shop.desk.stop_scanning()


def test_the_service_says_how_much_it_was_and_whose(shop: StaffShop, checker: Checker) -> None:
    order = shop.order(60000)
    shop.sign_in("Niran")
    checker.facts = SlipFacts(60000, "xxx-1234", None, is_ours=False)
    assert scanned(shop, order).code == ErrorCode.SLIP_MISMATCH
    shop.desk.stop_scanning()
    checker.facts = SlipFacts(60000, "xxx-1234", None, is_ours=True)
    seen = scanned(shop, order)
    assert (seen.amount_satang, seen.receiver) == (60000, "xxx-1234")
    shop.desk.take_slip(1)  # what the service told counts
    shop.settle()
    assert shop.checkout.order(order.order_id).state is OrderState.PAID


def test_a_code_that_is_no_slips_is_said_and_looking_goes_on(shop: StaffShop) -> None:
    order = shop.order()
    shop.sign_in("Niran")
    seen = scanned(shop, order, OTHER)
    assert (seen.stage, seen.code) == ("failed", ErrorCode.SLIP_UNREADABLE)
    shop.camera.frame = Frame(2, 0.1, held_up(SLIP))
    until(lambda: shop.told(SlipLooked).stage == "found")


def test_leaving_the_pages_lets_go_of_the_camera(shop: StaffShop) -> None:
    order = shop.order()
    shop.sign_in("Niran")
    shop.camera.frame = None
    shop.desk.scan_slip(shop.payment(order).payment_id)
    until(lambda: shop.camera.is_open)
    shop.desk.close()
    until(lambda: not shop.camera.is_open)


def test_a_slip_that_the_visitor_shows_pays_nothing_and_is_noted_for_staff(shop: StaffShop) -> None:
    order, other = shop.order(), shop.order()
    parts = shop.parts()
    notes = VisitorSlips(parts.slips, parts.slip_checker, ManualClock())
    slip = parse_slip(SLIP)
    notes.note(slip, order.order_id, shop.payment(order).payment_id)
    notes.note(slip, order.order_id, shop.payment(order).payment_id)
    notes.note(slip, other.order_id, shop.payment(other).payment_id)  # a picture of it, say
    notes.note(slip, order.order_id, shop.payment(order).payment_id)
    assert shop.checkout.order(order.order_id).state is OrderState.AWAITING_PAYMENT
    shop.sign_in("Niran")
    noted = {each.order_id: each.has_slip for each in shop.desk.view.decisions}
    assert noted == {order.order_id: True, other.order_id: False}
    shop.desk.decide(shop.payment(order).payment_id, DecisionAction.CONFIRM)
    shop.settle()
    with pytest.raises(KnownError) as used:
        notes.note(slip, other.order_id, shop.payment(other).payment_id)
    assert used.value.code is ErrorCode.SLIP_USED
    assert shop.checkout.order(order.order_id).state is OrderState.PAID
