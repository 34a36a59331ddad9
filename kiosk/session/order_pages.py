"""The pages of an order: payment, problem and delivery follow what the database says of it."""

from __future__ import annotations

from kiosk.checkout.checkout import Checkout
from kiosk.errors import KnownError
from kiosk.payments.types import Payment, PaymentState
from kiosk.sales.types import Order, OrderState
from kiosk.session.pay_page import deliver_view, pay_view, problem_of, stage_of
from kiosk.session.session import Session
from kiosk.session.states import Action, Screen
from kiosk.session.types import OrderLinks
from kiosk.session.view import PayStage, PayView
from kiosk.session.visitor import Visitor

_S = PaymentState

SHOPPING = (Screen.RESULTS, Screen.LIGHTBOX, Screen.BASKET)
CODE_PAGES = (Screen.ATTRACT, Screen.MANUAL, Screen.NO_MATCH, Screen.OUT_OF_SERVICE)
_WITH_ORDER = (*SHOPPING, Screen.PAYMENT, Screen.PROBLEM)


class OrderPages:
    """Brings a visitor to the page that their order asks for, and nobody else.

    Lives on the payment worker, but for `page`; reads the database before it takes the session's lock. All
    raise KnownError DATABASE_*, ORDER_UNKNOWN and what `OrderLinks` raises.
    """

    def __init__(self, session: Session, checkout: Checkout, links: OrderLinks) -> None:
        self._session = session
        self._checkout = checkout
        self._links = links

    def page(self, order: Order, payment: Payment, stage: PayStage | None) -> PayView:
        """The payment page as it is now; `stage` None means that of the payment's state."""
        confirms_by_itself = self._checkout.is_confirmed_by_itself(payment)
        shown = stage or stage_of(payment, confirms_by_itself)
        return pay_view(order, payment, shown, self._session.clock.now(), confirms_by_itself)

    def is_about(self, visitor: Visitor, order_id: str) -> bool:
        """Whether the visitor is still here with this order."""
        own = visitor.order
        return self._session.visitor is visitor and own is not None and own.order_id == order_id

    def show(self, visitor: Visitor, payment: Payment, stage: PayStage | None) -> None:
        """Brings the visitor to the page that the payment asks for. `stage` None means that of its state."""
        session = self._session
        order = self._checkout.order(payment.order_id)
        if order.state is OrderState.PAID:
            self._deliver(visitor, order, payment)
            return
        with session.change():
            if not self._take_up(visitor, order, payment):
                return
            session.pay = self.page(order, payment, stage)
            if problem_of(payment) is not None:
                if session.is_on(Screen.PAYMENT, Screen.PROBLEM, *CODE_PAGES):
                    session.go(Action.NEED_HELP)
            elif session.is_on(*CODE_PAGES):
                session.go(Action.PAY)
            if stage is PayStage.NOT_YET:
                session.tell("pay.not_yet")
            elif payment.state is _S.UNKNOWN and not payment.has_code:
                session.tell("error.qr_failed")

    def refresh(self, visitor: Visitor, order_id: str) -> None:
        """Shows what the database says of the visitor's order now."""
        payment = self._checkout.payments(order_id)[-1]
        with self._session.lock:
            is_same = visitor.payment is not None and visitor.payment == payment
            # Paid, and still at the code: the way to the photos failed then, as on a full disk.
            is_behind = self._session.is_on(Screen.PAYMENT) and stage_of(payment, True) is PayStage.PAID
        if not is_same or is_behind:
            self.show(visitor, payment, None)

    def tell_failure(self, visitor: Visitor, failed: KnownError) -> None:
        """Says what failed, on the page that the visitor can go on from."""
        session = self._session
        order, payment = visitor.order, self._stored_payment(visitor)
        with session.change():
            if session.visitor is not visitor:
                return
            if session.is_on(Screen.PAYMENT) and order is not None and payment is not None:
                visitor.payment = payment
                is_gone = payment.state in (_S.CREATED, _S.REFUSED)
                session.pay = self.page(order, payment, PayStage.EXPIRED if is_gone else None)
            elif session.is_on(Screen.PAYMENT):
                session.go(Action.BACK)  # there is no order to pay
            session.tell_error(failed)

    def _stored_payment(self, visitor: Visitor) -> Payment | None:
        """The visitor's payment as it stands; as it was seen last where the database cannot say."""
        try:
            return self._checkout.payments(visitor.order.order_id)[-1] if visitor.order else None
        except KnownError:
            return visitor.payment

    def _take_up(self, visitor: Visitor, order: Order, payment: Payment) -> bool:
        """Notes how the visitor's order stands; one that is not theirs only on a page that takes codes."""
        session = self._session
        if not self.is_about(visitor, order.order_id):
            if session.visitor is not visitor or not session.is_on(*CODE_PAGES):
                return False
            visitor.ordered_basket = None
        visitor.order, visitor.payment = order, payment
        return True

    def _deliver(self, visitor: Visitor, order: Order, payment: Payment) -> None:
        session = self._session
        link = self._links.link_of(order.order_id)
        payments = self._checkout.payments(order.order_id)
        with session.change():
            if not self._take_up(visitor, order, payment):
                return
            session.pay = self.page(order, payment, None)
            session.deliver = deliver_view(order, payments, link, session.settings.delivery.wifi_name)
            if session.is_on(*CODE_PAGES):
                session.go(Action.OPEN_ORDER)
            elif session.is_on(*_WITH_ORDER):
                session.go(Action.PAID)
            if payment.state is _S.OVER:
                session.tell("problem.over.text")
            elif payment.state is _S.DUPLICATE:
                session.tell("problem.twice.text")
