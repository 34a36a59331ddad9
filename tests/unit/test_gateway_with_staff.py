"""While the gateway is away a sale goes on with a code that staff confirm, and nobody is charged twice."""

from __future__ import annotations

import pytest

from kiosk.adapters import choose_gateway
from kiosk.clock import ManualClock
from kiosk.errors import ErrorCode, KnownError
from kiosk.payments.promptpay import parse
from kiosk.payments.promptpay_staff import PromptPayGateway
from kiosk.payments.types import GatewayStatus, PaymentRequest, PaymentState
from kiosk.payments.with_staff import GatewayWithStaff
from kiosk.sales.types import OrderState
from kiosk.session.states import Screen
from kiosk.session.view import PayStage
from kiosk.settings import PaymentSection
from tests.fake_gateway import FakeGateway
from tests.visit import START, Visit, match, photo

REQUEST = PaymentRequest("key-1", 29900, "K7-AAAA")


def made() -> tuple[FakeGateway, GatewayWithStaff]:
    fake = FakeGateway(ManualClock(START))
    return fake, GatewayWithStaff(fake, PromptPayGateway("0801234567", "River"))


def test_only_what_certainly_did_not_happen_is_left_to_staff() -> None:
    fake, gateway = made()
    for code in (ErrorCode.GATEWAY_TIMEOUT, ErrorCode.GATEWAY_REFUSED, ErrorCode.GATEWAY_NONSENSE):
        fake.fail_next["create"] = [code]
        with pytest.raises(KnownError) as raised:
            gateway.create(PaymentRequest(f"key-{code}", 29900, "K7-AAAA"))
        assert raised.value.code is code
    fake.fail_next["create"] = [ErrorCode.GATEWAY_UNREACHABLE]
    offer = gateway.create(REQUEST)
    assert (offer.due_satang, offer.expires_at, offer.receiver_name) == (29900, None, "River")
    assert offer.qr_payload is not None
    assert parse(offer.qr_payload).amount_satang == 29900


def test_of_what_staff_confirm_the_gateway_hears_nothing() -> None:
    fake, gateway = made()
    fake.fail_next["create"] = [ErrorCode.GATEWAY_UNREACHABLE]
    by_staff, usual = gateway.create(REQUEST), gateway.create(PaymentRequest("key-2", 100, "K7-AAAB"))
    fake.fail_next["check"] = fake.fail_next["cancel"] = [ErrorCode.GATEWAY_UNREACHABLE]
    assert gateway.check(by_staff.provider_reference).status is GatewayStatus.PENDING
    gateway.cancel(by_staff.provider_reference)
    with pytest.raises(KnownError):
        gateway.check(usual.provider_reference)


@pytest.mark.parametrize(("promptpay_id", "is_with_staff"), [("", False), ("0801234567", True)])
def test_the_centre_has_staff_behind_it_where_a_receiver_is_set(
    promptpay_id: str, is_with_staff: bool
) -> None:
    gateway = choose_gateway(PaymentSection(gateway="central", promptpay_id=promptpay_id))
    assert isinstance(gateway, GatewayWithStaff) is is_with_staff
    assert (gateway.name, gateway.confirms_by_itself) == ("central", True)


def test_the_page_says_that_staff_confirm_and_opens_when_they_have() -> None:
    visit = Visit([photo(1)], [match(1)])
    visit.checkout.use_gateway(GatewayWithStaff(visit.gateway, PromptPayGateway("0801234567", "River")))
    visit.gateway.fail_next["create"] = [ErrorCode.GATEWAY_UNREACHABLE]
    visit.go_to_payment(1)
    pay = visit.view.pay
    assert pay is not None
    assert (pay.stage, pay.confirms_by_itself, pay.due_satang) == (PayStage.STAFF, False, 7900)
    visit.gateway.fail_next["check"] = [ErrorCode.GATEWAY_UNREACHABLE] * 5
    for _ in range(3):
        visit.checkout.sweep()
        visit.buying.refresh()
        visit.jobs.run()
    assert visit.view.notice is None
    visit.buying.check_payment()
    visit.jobs.run()
    assert visit.view.notice is not None
    assert visit.view.notice.key == "common.staff_called"
    assert len(visit.gateway.fail_next["check"]) == 5
    payment = visit.session.visitor.payment
    assert payment is not None
    assert payment.state is PaymentState.PENDING
    visit.checkout.confirm_by_staff(payment.payment_id, 7900, "Nok")
    visit.jobs.run()
    assert visit.screen is Screen.DELIVERY
    assert visit.gateway.created == []


def test_an_order_by_staff_can_be_called_off_while_the_gateway_is_away() -> None:
    visit = Visit([photo(1)], [match(1)])
    visit.checkout.use_gateway(GatewayWithStaff(visit.gateway, PromptPayGateway("0801234567", "River")))
    visit.gateway.fail_next["create"] = [ErrorCode.GATEWAY_UNREACHABLE]
    visit.go_to_payment(1)
    order = visit.session.visitor.order
    assert order is not None
    visit.gateway.fail_next["cancel"] = [ErrorCode.GATEWAY_UNREACHABLE]
    assert visit.checkout.cancel(order.order_id).state is OrderState.CANCELLED
