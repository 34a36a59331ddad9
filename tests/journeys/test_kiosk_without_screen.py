"""The whole kiosk but its screen, on good and bad days: nothing paid is lost, no way ends in a wall."""

from __future__ import annotations

import dataclasses
import os
import random
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from PIL import Image
from sqlalchemy import select

from kiosk.adapters import Engines
from kiosk.app import Kiosk, Outside, open_kiosk
from kiosk.archive import open_archive
from kiosk.capture.types import CameraState
from kiosk.database.tables import ConsentRow
from kiosk.errors import ErrorCode, KnownError
from kiosk.payments.simulator import PayNoiSimulator
from kiosk.payments.types import PaymentState
from kiosk.sales.types import OrderState
from kiosk.session.states import Screen
from kiosk.session.view import PayStage, Problem
from kiosk.vision.open_engine import OpenFaceEngine
from tests.command_line import fresh_kiosk, kiosk
from tests.journeys.conftest import EVENT
from tests.whole_kiosk import Bank, Guest, gateway_at, load_on_phone, running, settings_for

NO_CAMERA = "no-camera.mp4"


@pytest.fixture
def guest(drawn_home: Path, bank: PayNoiSimulator) -> Iterator[Guest]:
    """In front of a kiosk of drawn pictures that has no camera."""
    with running(drawn_home, settings_for(NO_CAMERA), bank.base_url) as someone:
        yield someone


def states_of(guest: Guest) -> list[PaymentState]:
    return [payment.state for payment in guest.kiosk.checkout.payments(guest.order.order_id)]


# -- the journey -------------------------------------------------------------------------------------


def test_a_visitor_finds_buys_and_receives_their_photos_and_nothing_of_them_stays(
    home: Path, demo: Path, bank: PayNoiSimulator
) -> None:
    with running(home, settings_for(demo / "visitor.mp4"), bank.base_url) as guest:
        guest.find_by_face()
        assert guest.file_names() == {"obama.jpg", "obama3.jpg"}
        assert guest.kiosk.view.holds_face
        pay = guest.go_to_code(2)
        assert pay.due_satang == round(float(Bank(bank.base_url).transactions()[-1]["amount"]) * 100)

        Bank(bank.base_url).pay()
        guest.wait_for(Screen.DELIVERY)
        code, url = guest.order.code, guest.deliver.url
        files = load_on_phone(url)
        originals = {(demo / "photos" / name).read_bytes() for name in ("obama.jpg", "obama3.jpg")}
        assert {data for name, data in files.items() if name != "metadata.json"} == originals

        guest.kiosk.journey.finish()
        guest.wait_for(Screen.THANKS)
        receipt = guest.kiosk.view.receipt
        assert receipt is not None
        assert (receipt.order_code, receipt.photo_count) == (code, 2)
        assert receipt.face_deleted_at is not None
        guest.kiosk.journey.close()
        guest.wait_for(Screen.ATTRACT)
        view = guest.kiosk.view
        assert (view.holds_face, view.results, view.pay, view.deliver, view.order_code) == (
            False, None, None, None, None,
        )  # fmt: skip
        guest.wait(lambda: faces_deleted(guest.kiosk) == [True])
        assert len(Bank(bank.base_url).completed()) == 1

        guest.kiosk.buying.open_order(code)
        guest.wait_for(Screen.DELIVERY)
        assert guest.deliver.url == url, "the order's code leads back to the same link"


def faces_deleted(kiosk: Kiosk) -> list[bool]:
    with kiosk.archive.database.reading() as session:
        return [row.face_deleted_at is not None for row in session.scalars(select(ConsentRow))]


@pytest.mark.slow
def test_without_a_face_the_same_photos_are_had_at_the_same_price(
    guest: Guest, bank: PayNoiSimulator
) -> None:
    guest.find_without_face()
    pay = guest.go_to_code(2)
    assert pay.price_satang == 2 * 7900
    Bank(bank.base_url).pay()
    guest.wait_for(Screen.DELIVERY)
    assert len(load_on_phone(guest.deliver.url)) == 3
    assert faces_deleted(guest.kiosk) == [], "nobody was asked for a consent"
    assert guest.kiosk.live.state is CameraState.OFF


def test_nothing_leaves_the_kiosk_before_it_is_paid(guest: Guest, bank: PayNoiSimulator) -> None:
    guest.find_without_face()
    guest.go_to_code()
    Bank(bank.base_url).pay()
    guest.wait_for(Screen.DELIVERY)
    paid_url = guest.deliver.url
    guest.kiosk.journey.close()
    guest.find_without_face()
    guest.go_to_code(2)
    order = guest.order
    with pytest.raises(KnownError) as refused:
        guest.kiosk.desk.link_of(order.order_id)
    assert refused.value.code is ErrorCode.ORDER_UNKNOWN
    pages = paid_url.rpartition("/")[0]
    for last in (order.order_id, order.code, f"{order.code}/all.zip", f"{paid_url.rpartition('/')[2][:-1]}x"):
        assert requests.get(f"{pages}/{last}", timeout=20).status_code == 404, last


@pytest.mark.slow
def test_staff_confirm_a_promptpay_payment_from_a_second_process(drawn_home: Path) -> None:
    number = "0812345678"
    (drawn_home / "kiosk.toml").write_text(f"[payment]\npromptpay_id = '{number}'\n")
    with running(drawn_home, settings_for(NO_CAMERA, promptpay_id=number), None) as guest:
        guest.find_without_face()
        pay = guest.go_to_code()
        assert (pay.stage, pay.confirms_by_itself) == (PayStage.STAFF, False)
        assert pay.qr_payload
        arguments = ("confirm", pay.order_code, "--received", "79.00", "--staff", "Nok")
        done = fresh_kiosk(drawn_home, *arguments)
        assert done.returncode == 0, done.stderr
        guest.wait_for(Screen.DELIVERY)
        assert len(load_on_phone(guest.deliver.url)) == 2
        again = kiosk(drawn_home, *arguments)
        assert again.returncode == 2, "money for a paid order is not passed over"
        assert again.stderr.startswith(ErrorCode.ORDER_PAID_ALREADY)
        assert states_of(guest) == [PaymentState.PAID]


# -- money that is not as asked ----------------------------------------------------------------------


def test_short_money_is_kept_and_only_the_rest_is_asked_for(guest: Guest, bank: PayNoiSimulator) -> None:
    guest.find_without_face()
    guest.go_to_code()
    Bank(bank.base_url).pay(amount="50.00")
    guest.wait_for(Screen.PROBLEM)
    assert (guest.pay.problem, guest.pay.received_satang) == (Problem.SHORT, 5000)

    guest.kiosk.buying.pay_rest()
    guest.wait_for(Screen.PAYMENT)
    rest = guest.wait_for_code()
    assert 2900 <= rest.due_satang < 3000
    Bank(bank.base_url).pay()
    guest.wait_for(Screen.DELIVERY)
    assert guest.order.state is OrderState.PAID
    assert len(load_on_phone(guest.deliver.url)) == 2


def test_too_much_money_gives_the_photos_and_says_what_is_over(guest: Guest, bank: PayNoiSimulator) -> None:
    guest.find_without_face()
    due = guest.go_to_code().due_satang
    Bank(bank.base_url).pay(amount="100.00")
    guest.wait_for(Screen.DELIVERY)
    assert guest.deliver.over_satang == 10_000 - due
    assert [payment.state for payment in guest.kiosk.checkout.payments_for_staff()] == [PaymentState.OVER]


def test_late_money_is_kept_for_staff_and_pays_the_order_once_they_say_so(
    guest: Guest, drawn_home: Path, bank: PayNoiSimulator
) -> None:
    guest.find_without_face()
    code = guest.go_to_code().order_code
    money = Bank(bank.base_url)
    first = money.newest()
    money.expire(first)
    guest.wait(lambda: guest.pay.stage is PayStage.EXPIRED)
    money.pay(first)
    guest.kiosk.buying.check_payment()
    guest.wait_for(Screen.PROBLEM)
    assert guest.pay.problem is Problem.LATE

    (drawn_home / "kiosk.toml").write_text("[payment]\npromptpay_id = '0812345678'\n")
    done = kiosk(drawn_home, "confirm", code, "--received", "79.99", "--staff", "Nok")
    assert done.returncode == 0, done.stderr
    guest.wait_for(Screen.DELIVERY)
    assert len(money.completed()) == 1


def test_an_order_that_is_paid_twice_is_delivered_once_and_the_second_money_is_for_staff(
    guest: Guest, bank: PayNoiSimulator
) -> None:
    guest.find_without_face()
    guest.go_to_code()
    money = Bank(bank.base_url)
    first = money.newest()
    money.expire(first)
    guest.wait(lambda: guest.pay.stage is PayStage.EXPIRED)
    guest.kiosk.buying.renew_payment()
    guest.wait(lambda: len(money.transactions()) == 2)
    guest.wait_for_code()
    money.pay()
    guest.wait_for(Screen.DELIVERY)
    money.pay(first)
    guest.kiosk.checkout.reconcile()
    assert states_of(guest) == [PaymentState.DUPLICATE, PaymentState.PAID]
    assert len(guest.kiosk.checkout.deliveries(guest.order.order_id)) == 1
    assert len(guest.kiosk.checkout.payments_for_staff()) == 1


def test_a_code_that_is_scanned_twice_counts_as_too_much(guest: Guest, bank: PayNoiSimulator) -> None:
    guest.find_without_face()
    guest.go_to_code()
    money = Bank(bank.base_url)
    money.pay()
    guest.wait_for(Screen.DELIVERY)
    money.pay()
    guest.kiosk.checkout.reconcile()
    assert states_of(guest) == [PaymentState.OVER]
    assert len(load_on_phone(guest.deliver.url)) == 2


# -- a gateway on a bad day --------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["error_500", "nonsense", "half_answer", "wrong_amount"])
def test_a_gateway_that_answers_wrongly_charges_nobody_and_a_new_code_can_be_had(
    guest: Guest, bank: PayNoiSimulator, fault: str
) -> None:
    money = Bank(bank.base_url)
    money.fail(fault)
    guest.find_without_face()
    guest.choose(1)
    guest.kiosk.buying.open_basket()
    guest.kiosk.buying.pay()
    guest.wait(lambda: guest.notice == "error.qr_failed")
    guest.wait(lambda: guest.pay.stage is PayStage.EXPIRED)
    assert guest.screen is Screen.PAYMENT

    guest.kiosk.buying.renew_payment()
    guest.wait_for_code()
    money.pay()
    guest.wait_for(Screen.DELIVERY)
    assert len(money.completed()) == 1


@pytest.mark.slow
def test_a_slow_gateway_is_waited_for(guest: Guest, bank: PayNoiSimulator) -> None:
    money = Bank(bank.base_url)
    money.fail("slow", delay_s=3)
    guest.find_without_face()
    guest.go_to_code()
    money.fail("slow", method="check", delay_s=3)
    money.pay()
    guest.wait_for(Screen.DELIVERY)
    assert len(money.transactions()) == 1


def test_checks_that_fail_are_asked_again_until_the_money_is_seen(
    guest: Guest, bank: PayNoiSimulator
) -> None:
    money = Bank(bank.base_url)
    guest.find_without_face()
    guest.go_to_code()
    for kind in ("error_500", "nonsense"):
        money.fail(kind, method="check")
    money.pay()
    guest.wait_for(Screen.DELIVERY)
    assert states_of(guest) == [PaymentState.PAID]


def test_a_gateway_that_is_away_is_said_and_its_return_is_all_that_is_needed(drawn_home: Path) -> None:
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        port = place.getsockname()[1]
    with running(drawn_home, settings_for(NO_CAMERA), f"http://127.0.0.1:{port}") as guest:
        guest.find_without_face()
        guest.choose(1)
        guest.kiosk.buying.open_basket()
        guest.kiosk.buying.pay()
        guest.wait(lambda: guest.notice == "error.pay_network")
        assert guest.screen is Screen.PAYMENT
        with PayNoiSimulator(port=port) as back:
            guest.kiosk.buying.renew_payment()
            guest.wait_for_code()
            Bank(back.base_url).pay()
            guest.wait_for(Screen.DELIVERY)
            assert len(back.transactions) == 1


# -- cameras -----------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_camera_that_goes_away_in_mid_capture_comes_back_by_itself(
    home: Path, visitor_picture: Path, tmp_path: Path, bank: PayNoiSimulator
) -> None:
    lens = tmp_path / "lens"
    lens.mkdir()
    Image.new("RGB", (1280, 720), "gray").save(lens / "nobody.png")
    with running(home, settings_for(lens), bank.base_url) as guest:
        guest.agree()
        guest.wait(lambda: guest.kiosk.view.camera is CameraState.LIVE)
        lens.rename(tmp_path / "unplugged")
        guest.wait(lambda: guest.kiosk.view.camera in (CameraState.LOST, CameraState.NONE))
        assert guest.screen is Screen.CAPTURE
        lens.mkdir()
        shutil.copy(visitor_picture, lens)
        guest.wait_for(Screen.RESULTS)
        assert guest.file_names() == {"obama.jpg", "obama3.jpg"}


@pytest.mark.slow
def test_without_a_camera_the_capture_page_says_so_and_leads_on(guest: Guest) -> None:
    guest.agree()
    guest.wait(lambda: guest.kiosk.view.camera is CameraState.NONE)
    guest.kiosk.finding.take_now()
    guest.kiosk.journey.go_manual()
    guest.wait_for(Screen.MANUAL)
    guest.kiosk.finding.find_by_number("1")
    guest.wait_for(Screen.RESULTS)


# -- damage ------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_damaged_index_is_rebuilt_at_the_start_and_the_visitor_is_found(
    home: Path, demo: Path, bank: PayNoiSimulator
) -> None:
    (index,) = (home / "index").rglob("faces.index")
    index.write_bytes(random.Random(1).randbytes(index.stat().st_size))
    with running(home, settings_for(demo / "visitor.mp4"), bank.base_url) as guest:
        guest.find_by_face()
        assert guest.file_names() == {"obama.jpg", "obama3.jpg"}


def test_a_damaged_database_comes_back_from_its_backup_and_sales_go_on(
    drawn_home: Path, bank: PayNoiSimulator
) -> None:
    archive = open_archive(drawn_home, settings_for(NO_CAMERA))
    assert archive.database.back_up() is not None
    archive.close()
    database = drawn_home / "kiosk.db"
    database.write_bytes(random.Random(2).randbytes(database.stat().st_size))
    for journal in drawn_home.glob("kiosk.db-*"):
        journal.unlink()
    with running(drawn_home, settings_for(NO_CAMERA), bank.base_url) as guest:
        assert guest.kiosk.archive.database.restored_from is not None
        guest.find_without_face()
        guest.go_to_code()
        Bank(bank.base_url).pay()
        guest.wait_for(Screen.DELIVERY)
        assert len(load_on_phone(guest.deliver.url)) == 2
    assert list(drawn_home.glob("*damaged*")), "the damaged file is kept"


def test_weights_that_are_not_ours_close_only_the_way_with_the_face(
    drawn_home: Path, weights: Path, tmp_path: Path, bank: PayNoiSimulator
) -> None:
    other = Path(shutil.copytree(weights, tmp_path / "models"))
    networks = sorted(other.glob("*.onnx"))
    whole = networks[0].read_bytes()
    networks[0].write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    archive = open_archive(drawn_home, settings_for(NO_CAMERA))
    engine = OpenFaceEngine(other)
    archive = dataclasses.replace(archive, engines=Engines(live=engine, photos=engine))
    kiosk = Kiosk(archive, Outside(gateway=gateway_at(bank.base_url)))
    try:
        kiosk.start()
        guest = Guest(kiosk)
        guest.wait(lambda: kiosk.view.event is not None)
        kiosk.journey.begin()
        assert (guest.screen, guest.notice) == (Screen.MANUAL, "error.face_search_out")
        kiosk.journey.begin()
        assert (guest.screen, guest.notice) == (Screen.MANUAL, "error.face_search_out")
        kiosk.finding.find_all()
        guest.wait_for(Screen.RESULTS)
        guest.go_to_code()
        Bank(bank.base_url).pay()
        guest.wait_for(Screen.DELIVERY)
        kiosk.journey.close()

        networks[0].write_bytes(whole)
        guest.wait(lambda: not kiosk.session.face_search_fault)
        kiosk.journey.begin()
        assert guest.screen is Screen.CONSENT
    finally:
        kiosk.stop()


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A disk of 400 MB of its own."""
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=400m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("no small disk can be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=False)


@pytest.mark.slow
@pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="a small disk of its own needs Linux and root"
)
def test_a_full_disk_closes_the_kiosk_when_nobody_is_there_and_room_opens_it_again(
    imported_drawings: Path, tmp_path: Path, bank: PayNoiSimulator
) -> None:
    with small_disk(tmp_path / "disk") as disk:
        home = Path(shutil.copytree(imported_drawings, disk / "home"))
        with running(home, settings_for(NO_CAMERA), bank.base_url) as guest:
            guest.find_without_face()
            guest.go_to_code()
            ballast = disk / "ballast"
            with ballast.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, 300_000_000)
            Bank(bank.base_url).pay()
            guest.wait_for(Screen.DELIVERY)
            assert len(load_on_phone(guest.deliver.url)) == 2, "who is there is served to the end"

            guest.kiosk.journey.close()
            guest.wait_for(Screen.OUT_OF_SERVICE)
            assert guest.kiosk.view.failure_code == ErrorCode.DISK_FULL
            ballast.unlink()
            guest.wait_for(Screen.ATTRACT)
            assert guest.kiosk.view.failure_code == ""


def test_a_port_that_is_taken_is_said_and_nothing_stays_open(drawn_home: Path, bank: PayNoiSimulator) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        settings = settings_for(NO_CAMERA)
        delivery = settings.delivery.model_copy(update={"port": other.getsockname()[1]})
        taken = settings.model_copy(update={"delivery": delivery})
        kiosk = open_kiosk(drawn_home, taken, Outside(gateway=gateway_at(bank.base_url)))
        with pytest.raises(KnownError) as refused:
            kiosk.start()
        kiosk.stop()
    assert refused.value.code is ErrorCode.PORT_TAKEN
    with running(drawn_home, settings, bank.base_url) as guest:
        assert guest.kiosk.view.event is not None
        assert guest.kiosk.view.event.name == EVENT
