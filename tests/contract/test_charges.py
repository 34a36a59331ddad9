"""A centre's charges: the gateway is asked once for each key, by whichever process, whatever fails."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from sqlalchemy import select

from kiosk.central.charges import Charges
from kiosk.clock import ManualClock
from kiosk.database.charges import SqlCharges
from kiosk.database.engine import Database
from kiosk.database.sync_tables import ChangeRow
from kiosk.errors import ErrorCode, KnownError
from kiosk.payments.charge import Charge, ChargeStatus
from kiosk.payments.types import PaymentOffer, PaymentReport, PaymentRequest
from tests.fake_gateway import FakeGateway

S = ChargeStatus
REQUEST = PaymentRequest("key-1", 29900, "K7-4Q2M")


@dataclass
class Desk:
    """Charges, with the bank and the clock behind them."""

    charges: Charges
    gateway: FakeGateway
    clock: ManualClock
    database: Database

    def request(self, key: str = "key-1") -> Charge:
        return self.charges.request("river", "kiosk-a", PaymentRequest(key, 29900, "K7-4Q2M"))

    def pay(self, charge: Charge) -> None:
        assert charge.provider_reference is not None
        self.gateway.pay(charge.provider_reference)

    def told(self) -> dict[str, int]:
        """The newest revision of each charge in the feed."""
        with self.database.reading() as session:
            return {row.key: row.revision for row in session.scalars(select(ChangeRow))}


@pytest.fixture
def desk(central_database: Database) -> Desk:
    clock = ManualClock()
    gateway = FakeGateway(clock)
    return Desk(Charges(SqlCharges(central_database), gateway, clock), gateway, clock, central_database)


def test_the_same_key_is_the_same_charge_and_the_bank_is_asked_once(desk: Desk) -> None:
    first = desk.request()
    assert desk.request() == first
    assert (first.status, first.due_satang) == (S.PENDING, 29924)
    assert len(desk.gateway.created) == 1


def test_the_bank_hears_neither_the_kiosks_key_nor_does_the_kiosk_choose_it(desk: Desk) -> None:
    """Another tenant that names the same key must not meet this one's payment."""
    mine = desk.request()
    other = desk.charges.request("hill", "kiosk-z", REQUEST)
    assert other.charge_id != mine.charge_id
    assert other.provider_reference != mine.provider_reference
    assert set(desk.gateway.created) == {mine.gateway_key, other.gateway_key}


@pytest.mark.parametrize(
    "other", [PaymentRequest("key-1", 1, "K7-4Q2M"), PaymentRequest("key-1", 29900, "K7-0000")]
)
def test_a_key_that_stands_for_another_payment_is_refused(desk: Desk, other: PaymentRequest) -> None:
    desk.request()
    with pytest.raises(KnownError) as refused:
        desk.charges.request("river", "kiosk-a", other)
    assert refused.value.code is ErrorCode.WRONG_KEY_REUSE
    assert len(desk.gateway.created) == 1


def test_a_slow_bank_holds_few_who_ask_and_the_others_are_told_what_is_known(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    charges = [desk.request(f"key-{number}") for number in range(24)]
    answers = threading.Event()

    def check(_reference: str) -> PaymentReport:
        assert answers.wait(30)
        raise KnownError(ErrorCode.GATEWAY_TIMEOUT, "It did not answer.")

    def ask(charge: Charge) -> str:
        with pytest.raises(KnownError) as slow:
            desk.charges.check("river", charge.charge_id)
        return slow.value.detail

    monkeypatch.setattr(desk.gateway, "check", check)
    with ThreadPoolExecutor(24) as pool:
        asked = [pool.submit(ask, charge) for charge in charges]
        while sum(one.done() for one in asked) < 8:
            time.sleep(0.05)
        answers.set()
    details = Counter(one.result() for one in asked)
    assert details == {"It did not answer.": 16, "The gateway is slow, and is being asked enough.": 8}


@pytest.mark.parametrize("code", [ErrorCode.GATEWAY_TIMEOUT, ErrorCode.GATEWAY_NONSENSE])
def test_an_asking_without_a_clear_answer_is_unknown_and_never_repeated(desk: Desk, code: ErrorCode) -> None:
    desk.gateway.fail_next["create"] = [code]
    assert desk.request().status is S.UNKNOWN
    desk.charges.sweep()
    assert desk.request().status is S.UNKNOWN
    assert len(desk.gateway.created) == 1


def test_what_the_bank_never_heard_of_is_asked_for_anew_under_its_key(desk: Desk) -> None:
    desk.gateway.fail_next["create"] = [ErrorCode.GATEWAY_UNREACHABLE]
    first = desk.request()
    assert (first.status, first.error_code) == (S.REFUSED, ErrorCode.GATEWAY_UNREACHABLE)
    again = desk.request()
    assert (again.status, again.error_code, again.charge_id) == (S.PENDING, None, first.charge_id)
    assert len(desk.gateway.created) == 1


def test_a_refusal_of_the_bank_stands(desk: Desk) -> None:
    desk.gateway.fail_next["create"] = [ErrorCode.GATEWAY_REFUSED]
    desk.request()
    assert desk.request().status is S.REFUSED
    assert desk.gateway.created == []


class CutGateway(FakeGateway):
    """The process dies between the asking and the answer."""

    def create(self, request: PaymentRequest) -> PaymentOffer:
        super().create(request)
        raise KeyboardInterrupt


def test_an_asking_lost_in_a_crash_becomes_unknown_and_is_never_repeated(desk: Desk) -> None:
    gateway = CutGateway(desk.clock)
    charges = Charges(SqlCharges(desk.database), gateway, desk.clock)
    with pytest.raises(KeyboardInterrupt):
        charges.request("river", "kiosk-a", REQUEST)
    desk.charges.sweep()
    found = desk.charges.find_by_key("river", "key-1")
    assert found is not None
    assert found.status is S.CREATED  # another process may be at it still
    desk.clock.advance(31)
    desk.charges.sweep()
    assert desk.charges.find("river", found.charge_id).status is S.UNKNOWN
    assert desk.request().status is S.UNKNOWN
    assert (len(gateway.created), desk.gateway.created) == (1, [])


def test_a_lost_asking_that_no_bank_hears_of_is_made_again(central_database: Database) -> None:
    clock = ManualClock()
    gateway = CutGateway(clock, confirms_by_itself=False)
    with pytest.raises(KeyboardInterrupt):
        Charges(SqlCharges(central_database), gateway, clock).request("river", "kiosk-a", REQUEST)
    clock.advance(31)
    charges = Charges(SqlCharges(central_database), FakeGateway(clock, confirms_by_itself=False), clock)
    charges.sweep()
    assert charges.request("river", "kiosk-a", REQUEST).status is S.PENDING


class SlowGateway(FakeGateway):
    """Takes its time, so that askers meet; counts them."""

    def __init__(self, clock: ManualClock) -> None:
        super().__init__(clock)
        self.asked = 0
        self.looked = 0
        self._count = threading.Lock()
        self._pause = threading.Event()

    def create(self, request: PaymentRequest) -> PaymentOffer:
        with self._count:
            self.asked += 1
        self._pause.wait(0.2)
        return super().create(request)

    def check(self, provider_reference: str) -> PaymentReport:
        with self._count:
            self.looked += 1
        self._pause.wait(0.2)
        return super().check(provider_reference)


def test_two_processes_at_once_ask_the_bank_once_and_give_the_same_code(
    central_database: Database, open_again: Callable[[], Database]
) -> None:
    clock = ManualClock()
    gateway = SlowGateway(clock)
    both = [Charges(SqlCharges(each), gateway, clock) for each in (central_database, open_again())]
    with ThreadPoolExecutor(6) as pool:
        asked = [pool.submit(both[n % 2].request, "river", f"kiosk-{n}", REQUEST) for n in range(6)]
        codes = {each.result().qr_payload for each in asked}
    assert gateway.asked == 1
    assert len(codes) == 1
    assert None not in codes


def test_many_who_look_at_once_share_one_look_at_the_bank(
    central_database: Database, open_again: Callable[[], Database]
) -> None:
    clock = ManualClock()
    gateway = SlowGateway(clock)
    both = [Charges(SqlCharges(each), gateway, clock) for each in (central_database, open_again())]
    charge = both[0].request("river", "kiosk-a", REQUEST)
    assert charge.provider_reference is not None
    gateway.pay(charge.provider_reference)
    with ThreadPoolExecutor(6) as pool:
        looks = [pool.submit(both[n % 2].check, "river", charge.charge_id) for n in range(6)]
        assert {each.result().received_satang for each in looks} == {29924}
    assert gateway.looked == 1


def test_two_sweeps_at_once_ask_about_each_charge_once(
    central_database: Database, open_again: Callable[[], Database]
) -> None:
    clock = ManualClock()
    gateway = SlowGateway(clock)
    both = [Charges(SqlCharges(each), gateway, clock) for each in (central_database, open_again())]
    for number in range(4):
        both[0].request("river", "kiosk-a", PaymentRequest(f"key-{number}", 29900, "K7-4Q2M"))
    with ThreadPoolExecutor(2) as pool:
        for each in [pool.submit(one.sweep) for one in both]:
            each.result()
    assert gateway.looked == 4


def test_the_last_word_of_the_bank_is_good_for_three_seconds(desk: Desk) -> None:
    charge = desk.request()
    assert desk.charges.check("river", charge.charge_id).status is S.PENDING
    desk.pay(charge)
    assert desk.charges.check("river", charge.charge_id).status is S.PENDING
    desk.clock.advance(3)
    assert desk.charges.check("river", charge.charge_id).status is S.COMPLETED


def test_a_notice_is_looked_into_at_once_and_twice_is_harmless(desk: Desk) -> None:
    charge = desk.request()
    desk.charges.check("river", charge.charge_id)
    desk.pay(charge)
    for _ in range(2):
        assert charge.provider_reference is not None
        heard = desk.charges.hear(charge.provider_reference)
        assert heard is not None
        assert (heard.status, heard.received_satang) == (S.COMPLETED, 29924)
    assert desk.charges.hear("nobody-knows-this") is None


def test_a_notice_without_money_changes_nothing(desk: Desk) -> None:
    charge = desk.request()
    assert charge.provider_reference is not None
    heard = desk.charges.hear(charge.provider_reference)
    assert heard is not None
    assert (heard.status, heard.received_satang) == (S.PENDING, 0)


def test_whatever_changes_of_money_or_status_is_told_to_the_kiosks_and_nothing_else(desk: Desk) -> None:
    charge = desk.request()
    pending = desk.told()[charge.charge_id]
    desk.charges.sweep()
    assert desk.told()[charge.charge_id] == pending
    desk.pay(charge)
    desk.clock.advance(3)
    desk.charges.sweep()
    assert desk.told()[charge.charge_id] > pending


def test_a_bank_that_cannot_be_asked_is_said_and_asked_again(desk: Desk) -> None:
    charge = desk.request()
    desk.gateway.fail_next["check"] = [ErrorCode.GATEWAY_UNREACHABLE]
    with pytest.raises(KnownError) as away:
        desk.charges.check("river", charge.charge_id)
    assert away.value.code is ErrorCode.GATEWAY_UNREACHABLE
    desk.pay(charge)
    assert desk.charges.check("river", charge.charge_id).status is S.COMPLETED


def test_a_charge_without_money_expires_only_after_a_last_look_at_sixteen_minutes(desk: Desk) -> None:
    charge = desk.request()
    desk.clock.advance(16 * 60)
    desk.gateway.fail_next["check"] = [ErrorCode.GATEWAY_TIMEOUT]
    desk.charges.sweep()
    assert desk.charges.find("river", charge.charge_id).status is S.PENDING
    desk.clock.advance(3)
    desk.charges.sweep()
    assert desk.charges.find("river", charge.charge_id).status is S.EXPIRED


def test_money_that_comes_after_the_end_is_known_when_the_bank_tells(desk: Desk) -> None:
    charge = desk.request()
    desk.clock.advance(20 * 60)
    desk.charges.sweep()
    desk.pay(charge)
    assert charge.provider_reference is not None
    heard = desk.charges.hear(charge.provider_reference)
    assert heard is not None
    assert heard.status is S.COMPLETED
    assert heard.settled_at is not None
    assert charge.expires_at is not None
    assert heard.settled_at > charge.expires_at


def test_what_staff_of_the_centre_saw_counts_where_no_bank_watches(central_database: Database) -> None:
    clock = ManualClock()
    gateway = FakeGateway(clock, confirms_by_itself=False)
    charges = Charges(SqlCharges(central_database), gateway, clock)
    charge = charges.request("river", "kiosk-a", REQUEST)
    assert charges.check("river", charge.charge_id).received_satang == 0
    charges.confirm("river", charge.charge_id, 29924)
    assert charges.check("river", charge.charge_id).status is S.COMPLETED


@pytest.mark.parametrize("act", ["find", "check", "cancel"])
def test_a_charge_of_another_tenant_is_as_unknown_as_none(desk: Desk, act: str) -> None:
    charge = desk.request()
    for charge_id in (charge.charge_id, "nothing"):
        with pytest.raises(KnownError) as unknown:
            getattr(desk.charges, act)("hill", charge_id)
        assert unknown.value.code is ErrorCode.CHARGE_UNKNOWN
        assert unknown.value.detail == "There is no such payment here."
