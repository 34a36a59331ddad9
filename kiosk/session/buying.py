"""Choosing, the basket, paying, and the way to a paid order: the commands of the shop's pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import structlog

from kiosk.checkout.checkout import Checkout
from kiosk.checkout.types import PaymentChanged
from kiosk.errors import ErrorCode, KnownError
from kiosk.payments.types import Payment, PaymentState
from kiosk.sales import basket as baskets
from kiosk.sales.orders import normalise_code
from kiosk.sales.types import Basket, Finish, Order, OrderState, PrintSize
from kiosk.sales.vouchers import normalise_voucher_code, validate
from kiosk.session.journey import Submit
from kiosk.session.pay_page import deliver_view, pay_view, problem_of, stage_of
from kiosk.session.session import ScreenChange, Session
from kiosk.session.states import Action, Screen
from kiosk.session.types import OpenOrder, OrderLinks, Vouchers
from kiosk.session.view import PayStage, PayView
from kiosk.session.visitor import Visitor

_log = structlog.get_logger(__name__)
_S = PaymentState

_RESUMED_WITHIN = timedelta(minutes=15)
_SHOPPING = (Screen.RESULTS, Screen.LIGHTBOX, Screen.BASKET)
_WITH_ORDER = (*_SHOPPING, Screen.PAYMENT, Screen.PROBLEM)
_CODE_PAGES = (Screen.ATTRACT, Screen.MANUAL, Screen.NO_MATCH, Screen.OUT_OF_SERVICE)


class Buying:
    """Commands of the results, basket, payment and problem pages.

    Called on the UI thread; whatever asks the bank or the disk runs on the payment worker behind `submit`.
    A visitor who has left in the meantime is never shown what comes back; their order goes on without them.
    """

    def __init__(
        self,
        session: Session,
        checkout: Checkout,
        links: OrderLinks,
        vouchers: Vouchers,
        open_order: OpenOrder,
        submit: Submit,
        confirms_by_itself: bool,
    ) -> None:
        self._session = session
        self._checkout = checkout
        self._links = links
        self._vouchers = vouchers
        self._open_order = open_order
        self._submit = submit
        self._confirms_by_itself = confirms_by_itself
        session.bus.subscribe(PaymentChanged, self._on_payment_changed)
        session.on_screen_change(self._on_screen_change)

    # -- choosing ---------------------------------------------------------------------------------

    def choose(self, photo_id: str) -> None:
        """Puts a photo into the basket."""
        self._change_basket(lambda basket: baskets.add(basket, photo_id))

    def unchoose(self, photo_id: str) -> None:
        """Takes a photo out of the basket."""
        self._change_basket(lambda basket: baskets.remove(basket, photo_id))

    def choose_all(self) -> None:
        """Puts every sure photo into the basket."""
        session = self._session
        with session.change():
            results = session.view().results
            for tile in results.sure if results else ():
                self.choose(tile.photo_id)

    def set_print(self, photo_id: str, size: PrintSize, finish: Finish, copies: int) -> None:
        """So many prints of a photo on this paper; 0 takes them out."""
        self._change_basket(lambda basket: baskets.set_print(basket, photo_id, size, finish, copies))

    def open_basket(self) -> None:
        """To the basket."""
        with self._session.change():
            self._session.touch()
            if self._session.is_on(Screen.RESULTS, Screen.LIGHTBOX):
                self._session.go(Action.OPEN_BASKET)

    def apply_voucher(self, code_text: str) -> None:
        """Uses a voucher for this basket, or says why it cannot be used."""
        session = self._session
        with session.lock:
            session.touch()
            visitor, event = session.visitor, session.event
            if event is None:
                return
            subtotal = session.quote().digital_satang + session.quote().prints_satang

        def job() -> None:
            found = self._vouchers.voucher(normalise_voucher_code(code_text))
            voucher = validate(found, event.event_id, session.clock.now(), subtotal)
            with session.change():
                if session.visitor is visitor:
                    session.voucher = voucher
                    visitor.basket = baskets.with_voucher(visitor.basket, voucher.code)
                    session.notice = None

        self._run(visitor, job)

    def remove_voucher(self) -> None:
        """The basket without a voucher."""
        with self._session.change():
            self._session.touch()
            self._session.voucher = None
            self._session.visitor.basket = baskets.with_voucher(self._session.visitor.basket, None)

    # -- paying -----------------------------------------------------------------------------------

    def pay(self) -> None:
        """From the basket to the code to pay. An unchanged basket keeps its order and its code."""
        session = self._session
        with session.change():
            session.touch()
            visitor, event = session.visitor, session.event
            if not session.is_on(Screen.BASKET) or visitor.basket.is_empty or event is None:
                return
            session.pay = None
            session.go(Action.PAY)
            basket, quote, language = visitor.basket, session.quote(), session.language

        def job() -> None:
            order, payment = visitor.order, visitor.payment
            if order is None or payment is None or visitor.ordered_basket != basket:
                if order is not None:
                    self._checkout.cancel(order.order_id)
                order, payment = self._checkout.place(basket, quote, event.event_id, language)
                self._open_order.remember(order.order_id, session.clock.now())
                self._keep(visitor, order, payment, basket)
            self._request(visitor, payment)

        self._run(visitor, job)

    def check_payment(self) -> None:
        """Answers "I have paid": asks the bank now; also "check again" on the problem page."""
        session = self._session
        with session.change():
            session.touch()
            visitor, payment = session.visitor, session.visitor.payment
            if payment is None or not session.is_on(Screen.PAYMENT, Screen.PROBLEM):
                return
            if not self._confirms_by_itself:
                session.tell("common.staff_called")
                return
            self._show(visitor, payment, PayStage.CHECKING)

        def job() -> None:
            checked = self._checkout.check(payment.payment_id)
            self._show(visitor, checked, PayStage.NOT_YET if checked.state is _S.PENDING else None)

        self._run(visitor, job)

    def renew_payment(self) -> None:
        """A new code in place of one that has ended or did not come."""
        session = self._session
        with session.change():
            session.touch()
            visitor, order = session.visitor, session.visitor.order
            if order is None or not session.is_on(Screen.PAYMENT):
                return
            session.pay = None
            session.notice = None
        self._run(visitor, lambda: self._request(visitor, self._checkout.renew(order.order_id)))

    def pay_rest(self) -> None:
        """A code for what is missing after a payment that came short."""
        session = self._session
        with session.change():
            session.touch()
            visitor, order = session.visitor, session.visitor.order
            if order is None or not session.is_on(Screen.PROBLEM):
                return
            session.pay = None
            session.go(Action.PAY_REST)
        self._run(visitor, lambda: self._request(visitor, self._checkout.pay_rest(order.order_id)))

    def ask_staff(self) -> None:
        """Calls staff to the kiosk; they see the order among those to decide."""
        session = self._session
        with session.change():
            session.touch()
            order = session.visitor.order
            session.tell("common.staff_called")
        _log.info("staff_called", order_code=order.code if order else None)

    def open_order(self, code_text: str) -> None:
        """By an order code: to its photos when it is paid, else to its payment."""
        session = self._session
        with session.lock:
            session.touch()
            if not session.is_on(*_CODE_PAGES):
                return
            visitor = session.visitor

        def job() -> None:
            code = normalise_code(code_text, session.settings.kiosk.code_prefix)
            order = self._checkout.order_by_code(code)
            payment = self._checkout.payments(order.order_id)[-1]
            if order.state in (OrderState.CANCELLED, OrderState.REFUNDED):
                raise KnownError(ErrorCode.ORDER_UNKNOWN, f"Order {code} is {order.state}.")
            self._keep(visitor, order, payment, None)
            self._show(visitor, payment, None)

        self._run(visitor, job)

    def resume(self) -> None:
        """After a power cut: shows the order that a visitor was standing here with, if it is fresh.

        Called once, on a worker, before anybody has touched the screen. Raises KnownError DATABASE_*.
        """
        session = self._session
        remembered = self._open_order.remembered()
        if remembered is None:
            return
        order_id, at = remembered
        order = self._checkout.order(order_id)
        is_open = order.state in (OrderState.AWAITING_PAYMENT, OrderState.PAID)
        with session.change():
            if not is_open or session.clock.now() - at > _RESUMED_WITHIN or not session.is_on(Screen.ATTRACT):
                self._submit(self._open_order.forget)
                return
            session.touch()
            visitor = session.visitor
            payment = self._checkout.payments(order_id)[-1]
            self._show(visitor, payment, None)
            session.tell("error.power_back", is_success=True, code=order.code)

    def refresh(self) -> None:
        """Shows the visitor what has become of their order, whoever wrote it (staff at another place)."""
        with self._session.lock:
            visitor, order = self._session.visitor, self._session.visitor.order
        if order is not None and order.state is OrderState.AWAITING_PAYMENT:
            self._run(visitor, lambda: self._refresh(visitor, order.order_id))

    def tick(self) -> None:
        """Once a second: the last quarter of a code is said."""
        session = self._session
        with session.lock:
            visitor, shown = session.visitor, session.pay
            if shown is None or visitor.order is None or visitor.payment is None:
                return
            fresh = self._page(visitor.order, visitor.payment, shown.stage)
            if fresh.is_last_quarter != shown.is_last_quarter:
                with session.change():
                    session.pay = fresh

    # -- the parts --------------------------------------------------------------------------------

    def _change_basket(self, change: Callable[[Basket], Basket]) -> None:
        session = self._session
        with session.change():
            session.touch()
            if session.is_on(*_SHOPPING):
                session.visitor.basket = change(session.visitor.basket)

    def _on_screen_change(self, change: ScreenChange) -> None:
        """At the end of a visit its order is no longer the one that somebody stands here with."""
        is_end = change.entered in (Screen.ATTRACT, Screen.THANKS)
        if is_end and self._session.visitor.order is not None:
            self._submit(self._open_order.forget)

    def _run(self, visitor: Visitor, job: Callable[[], None]) -> None:
        """Runs a job on the payment worker; a known error becomes a sentence for the visitor who waits."""

        def guarded() -> None:
            try:
                job()
            except KnownError as failed:
                _log.warning("shop_step_failed", code=failed.code, detail=failed.detail)
                self._tell_failure(visitor, failed)

        self._submit(guarded)

    def _tell_failure(self, visitor: Visitor, failed: KnownError) -> None:
        session = self._session
        with session.change():
            if session.visitor is not visitor:
                return
            if visitor.order is not None and visitor.payment is not None and session.is_on(Screen.PAYMENT):
                payment = self._checkout.payments(visitor.order.order_id)[-1]
                visitor.payment = payment
                is_gone = payment.state in (_S.CREATED, _S.REFUSED)
                session.pay = self._page(visitor.order, payment, PayStage.EXPIRED if is_gone else None)
            session.tell_error(failed)

    def _keep(self, visitor: Visitor, order: Order, payment: Payment, basket: Basket | None) -> None:
        with self._session.lock:
            visitor.order, visitor.payment, visitor.ordered_basket = order, payment, basket

    def _request(self, visitor: Visitor, payment: Payment) -> None:
        with self._session.lock:
            visitor.payment = payment
        self._show(visitor, self._checkout.request_payment(payment.payment_id), None)

    def _on_payment_changed(self, event: PaymentChanged) -> None:
        with self._session.lock:
            visitor = self._session.visitor
            is_theirs = visitor.order is not None and visitor.order.order_id == event.order_id
        if is_theirs:
            self._run(visitor, lambda: self._refresh(visitor, event.order_id))

    def _refresh(self, visitor: Visitor, order_id: str) -> None:
        """Shows what the database says of the visitor's order now."""
        payment = self._checkout.payments(order_id)[-1]
        with self._session.lock:
            is_same = visitor.payment is not None and visitor.payment == payment
        if not is_same:
            self._show(visitor, payment, None)

    def _page(self, order: Order, payment: Payment, stage: PayStage | None) -> PayView:
        shown = stage or stage_of(payment, self._confirms_by_itself)
        return pay_view(order, payment, shown, self._session.clock.now(), self._confirms_by_itself)

    def _show(self, visitor: Visitor, payment: Payment, stage: PayStage | None) -> None:
        """Brings the visitor to the page that the payment asks for. `stage` None means that of its state."""
        session = self._session
        order = self._checkout.order(payment.order_id)
        if order.state is OrderState.PAID:
            self._deliver(visitor, order, payment)
            return
        with session.change():
            if session.visitor is not visitor:
                return
            visitor.order, visitor.payment = order, payment
            session.pay = self._page(order, payment, stage)
            if problem_of(payment) is not None:
                if session.is_on(Screen.PAYMENT, Screen.PROBLEM, *_CODE_PAGES):
                    session.go(Action.NEED_HELP)
            elif session.is_on(*_CODE_PAGES):
                session.go(Action.PAY)
            if stage is PayStage.NOT_YET:
                session.tell("pay.not_yet")
            elif payment.state is _S.UNKNOWN and not payment.has_code:
                session.tell("error.qr_failed")

    def _deliver(self, visitor: Visitor, order: Order, payment: Payment) -> None:
        session = self._session
        link = self._links.link_of(order.order_id)
        payments = self._checkout.payments(order.order_id)
        with session.change():
            if session.visitor is not visitor:
                return
            visitor.order, visitor.payment = order, payment
            session.pay = self._page(order, payment, None)
            session.deliver = deliver_view(order, payments, link, session.settings.delivery.wifi_name)
            if session.is_on(*_CODE_PAGES):
                session.go(Action.OPEN_ORDER)
            elif session.is_on(*_WITH_ORDER):
                session.go(Action.PAID)
            if payment.state is _S.OVER:
                session.tell("problem.over.text")
            elif payment.state is _S.DUPLICATE:
                session.tell("problem.twice.text")
