"""A whole kiosk with a real print server, a real mail server and its staff: what is bought is handed over,
and what goes wrong is seen and decided."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.payments.simulator import PayNoiSimulator
from kiosk.printing.types import PrinterState
from kiosk.sales.types import Finish, OrderState, PrintSize
from kiosk.sending.types import Way
from kiosk.session.states import Screen
from kiosk.settings import Settings
from kiosk.staff.types import DecisionAction, DecisionKind, Role
from kiosk.staff_commands import add_staff
from tests.peers.cups import CupsServer
from tests.peers.mail import MailPeer, make_certificates
from tests.whole_kiosk import Bank, Guest, running, settings_for

PIN = "48213"


@pytest.fixture
def mail(tmp_path: Path) -> Iterator[MailPeer]:
    with MailPeer(make_certificates(tmp_path / "mail"), security="none") as peer:
        yield peer


@pytest.fixture
def settings(cups_server: CupsServer, mail: MailPeer) -> Settings:
    cups_server.add_printer("dnp")
    plain = settings_for("no-camera.mp4")
    return plain.model_validate(
        {
            **plain.model_dump(),
            "sales": {"prints": True},
            "printing": {"printer": "cups", "server": cups_server.url, "queues": {"10x15": "dnp"}},
            "mail": mail.settings(user="").model_dump(),
        }
    )


@pytest.fixture
def guest(drawn_home: Path, bank: PayNoiSimulator, settings: Settings) -> Iterator[Guest]:
    for name, role in (("Ton", Role.TECHNICIAN), ("Ploy", Role.MANAGER)):
        add_staff(drawn_home, name, role, PIN)
    with running(drawn_home, settings, bank.base_url) as someone:
        yield someone


def ploy_signs_in(guest: Guest) -> None:
    staff = guest.kiosk.staff
    staff.open()
    guest.wait(lambda: staff.view.members)
    (ploy,) = [member for member in staff.view.members if member.name == "Ploy"]
    staff.sign_in(ploy.staff_id, PIN)
    guest.wait(lambda: staff.view.who is not None and staff.view.today is not None)


def buys_a_print(guest: Guest, bank: Bank) -> None:
    """One digital photo and two prints of it."""
    guest.find_without_face()
    guest.choose(1)
    results = guest.kiosk.view.results
    assert results is not None
    guest.kiosk.buying.open_basket()
    guest.wait_for(Screen.BASKET)
    guest.kiosk.buying.set_print(results.sure[0].photo_id, PrintSize.S10X15, Finish.GLOSSY, 2)
    guest.kiosk.buying.pay()
    guest.wait_for_code()
    bank.pay()
    guest.wait_for(Screen.DELIVERY)


def test_what_is_bought_comes_out_of_the_printer_and_into_the_mailbox(
    guest: Guest, bank: PayNoiSimulator, cups_server: CupsServer, mail: MailPeer
) -> None:
    buys_a_print(guest, Bank(bank.base_url))
    guest.wait(lambda: guest.kiosk.view.handing.prints is not None)
    guest.kiosk.handing_over.send(Way.MAIL, "somchai@example.com")
    guest.wait(lambda: mail.taken)
    (message,) = mail.taken
    body = message.mail.get_body(("plain",))
    assert body is not None
    assert guest.deliver.url in body.get_content()
    guest.wait(lambda: (prints := guest.kiosk.view.handing.prints) and prints.state == "done")
    assert len(cups_server.made["dnp"].sheets()) == 2

    ploy_signs_in(guest)
    view = guest.kiosk.staff.view
    assert view.today is not None
    assert (view.today.orders, view.today.prints) == (1, 2)
    assert view.decisions == ()


def test_an_empty_tray_is_said_and_the_prints_come_after_the_refill(
    guest: Guest, bank: PayNoiSimulator, cups_server: CupsServer
) -> None:
    printer = cups_server.made["dnp"]
    printer.empty()
    buys_a_print(guest, Bank(bank.base_url))
    guest.wait(lambda: (prints := guest.kiosk.view.handing.prints) and prints.state == "waiting")
    ploy_signs_in(guest)
    staff = guest.kiosk.staff
    guest.wait(lambda: [one.state for one in staff.view.printers] == [PrinterState.PAPER_EMPTY])
    printer.mend()
    guest.wait(lambda: (prints := guest.kiosk.view.handing.prints) and prints.state == "done")
    assert len(printer.sheets()) == 2


@pytest.mark.slow
def test_money_that_came_twice_is_decided_by_staff_and_stands_in_the_log(
    guest: Guest, bank: PayNoiSimulator
) -> None:
    buys_a_print(guest, Bank(bank.base_url))
    order = guest.order
    Bank(bank.base_url).pay()  # the same code once more
    guest.kiosk.buying.check_payment()
    guest.kiosk.checkout.reconcile()
    ploy_signs_in(guest)
    staff = guest.kiosk.staff
    guest.wait(lambda: staff.view.decisions)
    (decision,) = staff.view.decisions
    assert decision.kind in (DecisionKind.OVER, DecisionKind.TWICE)
    staff.decide(decision.payment_id, DecisionAction.GIVE_BACK)
    guest.wait(lambda: not staff.view.decisions)
    assert guest.kiosk.checkout.order(order.order_id).state is OrderState.PAID
    assert [refund.amount_satang for refund in guest.kiosk.checkout.refunds(order.order_id)]


def test_a_setting_works_at_once_and_is_undone_with_one_touch(guest: Guest) -> None:
    staff, technician = guest.kiosk.staff, guest.kiosk.technician
    staff.open()
    guest.wait(lambda: staff.view.members)
    (ton,) = [member for member in staff.view.members if member.name == "Ton"]
    staff.sign_in(ton.staff_id, PIN)
    guest.wait(lambda: staff.view.who is not None)
    technician.change_setting("kiosk", "operator", "River Photos")
    guest.wait(lambda: guest.kiosk.view.terms.operator == "River Photos")
    technician.undo_settings()
    guest.wait(lambda: guest.kiosk.view.terms.operator != "River Photos")
