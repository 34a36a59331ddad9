"""Test of the payment: the form of the code, and one baht all the way, which is given back."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import uuid4

from kiosk.errors import ErrorCode, KnownError
from kiosk.payments.promptpay import parse
from kiosk.payments.types import BY_STAFF, GatewayStatus, PaymentGateway, PaymentOffer, PaymentRequest
from kiosk.technician.measuring import Measured, seconds
from kiosk.technician.told import TestState

ONE_BAHT = 100  # satang
_LONGEST_WAIT_S = 180.0
_ASKED_EVERY_S = 1.0
_ORDER_CODE = "TEST"


@dataclass(frozen=True, slots=True)
class TestMoney:
    """Where the money of tests is noted: `asked` before a code is shown (the reference, by which the gateway
    can be asked after a power cut; None when that is over), `came` what staff are to give back."""

    __test__ = False

    asked: Callable[[str | None], None]
    open: Callable[[], str | None]
    came: Callable[[KnownError, str], None]


class PaymentTest:
    """As a part it checks what costs nothing. `pay` asks for one baht and waits for it."""

    name = room = "payment"
    params: Mapping[str, str] = {}
    actions = ("pay_one_baht",)

    def __init__(self, gateway: Callable[[], PaymentGateway], money: TestMoney) -> None:
        self._gateway = gateway
        self._money = money
        self._paid: Measured | None = None
        self._confirmed = threading.Event()
        self.awaits_person = False

    def measure(self, stop: threading.Event) -> Measured:
        """Also sees to a baht that came while nobody waited for it any more."""
        return _unless_nobody_is_paid(self._measured)

    def _measured(self) -> Measured:
        gateway = self._gateway()
        self._settle_open(gateway)
        if self._paid is not None:
            return self._paid
        if gateway.confirms_by_itself:
            return Measured(TestState.SKIPPED, "words.untried", {"gateway": gateway.name})
        _check_form(gateway.create(_request()))
        return Measured(words="words.form", params={"gateway": gateway.name})

    def confirm(self) -> None:
        """A person saw the money on the account."""
        self._confirmed.set()

    def pay(self, stop: threading.Event, show: Callable[[PaymentOffer | None], None]) -> Measured:
        """`show` is given what is to be paid, and None when it is no longer awaited. Raises KnownError
        GATEWAY_*, QR_UNREADABLE."""
        return _unless_nobody_is_paid(lambda: self._pay(stop, show))

    def _pay(self, stop: threading.Event, show: Callable[[PaymentOffer | None], None]) -> Measured:
        gateway = self._gateway()
        self._confirmed.clear()
        self._settle_open(gateway)
        began_s = time.monotonic()
        offer = gateway.create(_request())
        self._money.asked(offer.provider_reference)
        by_person = not gateway.confirms_by_itself or offer.provider_reference.startswith(BY_STAFF)
        if by_person:
            _check_form(offer)
        self.awaits_person = by_person
        show(offer)
        try:
            received = self._received(gateway, offer, by_person, stop)
        finally:
            self.awaits_person = False
            show(None)
        self._money.asked(None)
        took = seconds(time.monotonic() - began_s)
        if received:
            self._note(received, offer.provider_reference)
            words = "words.by_person" if by_person else "words"
            self._paid = Measured(words=words, params={"took": took, "baht": f"{received / 100:.2f}"})
            return self._paid
        params = {"took": took, "gateway": gateway.name}
        words = "words.not_confirmed" if by_person else "words.no_money"
        return Measured(TestState.LOOK, words, params, "advice.no_money")

    def _received(
        self, gateway: PaymentGateway, offer: PaymentOffer, by_person: bool, stop: threading.Event
    ) -> int:
        """Satang that came; 0 where nobody paid until `stop` or the longest wait."""
        until_s = time.monotonic() + _LONGEST_WAIT_S
        while time.monotonic() < until_s and not stop.is_set():
            if by_person and self._confirmed.wait(_ASKED_EVERY_S):
                return offer.due_satang
            if not by_person:
                report = gateway.check(offer.provider_reference)
                if report.status is not GatewayStatus.PENDING:
                    return report.received_satang
                stop.wait(_ASKED_EVERY_S)
        if by_person:
            return 0
        gateway.cancel(offer.provider_reference)
        return gateway.check(offer.provider_reference).received_satang

    def _settle_open(self, gateway: PaymentGateway) -> None:
        """A baht that was asked for before a power cut: called off, and noted where it came."""
        reference = self._money.open()
        if reference is None:
            return
        if gateway.confirms_by_itself and not reference.startswith(BY_STAFF):
            gateway.cancel(reference)
            received = gateway.check(reference).received_satang
            if received:
                self._note(received, reference)
        self._money.asked(None)

    def _note(self, satang: int, reference: str) -> None:
        came = KnownError(
            ErrorCode.TEST_MONEY,
            f"{satang / 100:.2f} baht of a test came in.",
            "Give it back to whoever tested, then settle this notice.",
        )
        self._money.came(came, reference)


def _unless_nobody_is_paid(test: Callable[[], Measured]) -> Measured:
    """Where the settings name nobody to be paid, nothing is wrong with the network."""
    try:
        return test()
    except KnownError as error:
        if error.code is not ErrorCode.GATEWAY_NOT_CONFIGURED:
            raise
        return Measured(TestState.FAILED, "words.nobody", advice="advice.nobody", code=error.code)


def _request() -> PaymentRequest:
    return PaymentRequest(f"test{uuid4().hex}", ONE_BAHT, _ORDER_CODE)


def _check_form(offer: PaymentOffer) -> None:
    """Raises KnownError(QR_UNREADABLE) for a code that asks for something else."""
    if offer.qr_payload is None:
        return
    if parse(offer.qr_payload).amount_satang != offer.due_satang:
        raise KnownError(
            ErrorCode.QR_UNREADABLE, "The code asks for another amount.", "Look at the payment settings."
        )
