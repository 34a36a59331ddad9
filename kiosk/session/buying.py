"""Choosing, the basket, paying, and the way to a paid order: the commands of the shop's pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta

import structlog

from kiosk.checkout.checkout import Checkout
from kiosk.checkout.types import GatewayAsked, PaymentChanged
from kiosk.delivery.guess_limit import GuessLimit
from kiosk.errors import ErrorCode, KnownError
from kiosk.payments.types import Payment, PaymentState
from kiosk.printing.types import Paper
from kiosk.sales import basket as baskets
from kiosk.sales.orders import normalise_code
from kiosk.sales.types import Basket, Finish, Order, OrderState, PrintSize
from kiosk.sales.vouchers import normalise_voucher_code, validate
from kiosk.session.faces import Submit
from kiosk.session.order_pages import CODE_PAGES, SHOPPING, OrderPages
from kiosk.session.results import results_view
from kiosk.session.session import ScreenChange, Session
from kiosk.session.states import Action, Screen
from kiosk.session.types import OpenOrder, OrderLinks, Vouchers
from kiosk.session.view import PayStage
from kiosk.session.visitor import Visitor

_log = structlog.get_logger(__name__)
_S = PaymentState

_THIS_SCREEN = "screen"
_MOST_GUESSES = 10
_GUESSES_WITHIN_S = 600.0
_RESUMED_WITHIN = timedelta(minutes=15)

_BANK_AWAY = "error.pay_network"
_SLIP_INSTEAD = "pay.offline"
_AWAY_AFTER_POLLS = 2


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
    ) -> None:
        self._session = session
        self._checkout = checkout
        self._pages = OrderPages(session, checkout, links)
        self._vouchers = vouchers
        self._open_order = open_order
        self._submit = submit
        self._guesses = GuessLimit(session.clock, most=_MOST_GUESSES, window_s=_GUESSES_WITHIN_S)
        self._missed_polls: tuple[str, int] = ("", 0)  # of the payment that was looked for, in a row
        session.bus.subscribe(PaymentChanged, self._on_payment_changed)
        session.bus.subscribe(GatewayAsked, self._on_gateway_asked)
        session.on_screen_change(self._on_screen_change)

    # -- choosing ---------------------------------------------------------------------------------

    def choose(self, photo_id: str) -> None:
        """Puts a photo into the basket."""

        def change(basket: Basket) -> Basket:
            self._check_found(photo_id)
            return baskets.add(basket, photo_id)

        self._change_basket(change)

    def unchoose(self, photo_id: str) -> None:
        """Takes a photo out of the basket."""
        self._change_basket(lambda basket: baskets.remove(basket, photo_id))

    def choose_all(self) -> None:
        """Puts every sure photo into the basket."""
        session = self._session
        with session.change():
            results = results_view(session.visitor)
            sure = results.sure if results else ()
            self._change_basket(lambda basket: baskets.add(basket, *(tile.photo_id for tile in sure)))

    def set_print(self, photo_id: str, size: PrintSize, finish: Finish, copies: int) -> None:
        """So many prints of a photo on this paper; 0 takes them out. What would be too many, or has no paper
        now, is told, and the basket stays as it is."""

        def change(basket: Basket) -> Basket:
            if copies > self._copies_of(photo_id, size, finish):
                self._check_found(photo_id)
                self._check_paper((Paper(size, finish),))
            return baskets.set_print(basket, photo_id, size, finish, copies, self._most_prints())

        self._change_basket(change)

    def change_finish(self, photo_id: str, size: PrintSize, finish: Finish) -> None:
        """The prints of a photo in this size all on this finish; where there is no paper of it now, that is
        told, and they stay on theirs."""

        def change(basket: Basket) -> Basket:
            self._check_paper((Paper(size, finish),))
            copies = sum(self._copies_of(photo_id, size, each) for each in Finish)
            for other in set(Finish) - {finish}:
                basket = baskets.set_print(basket, photo_id, size, other, 0, self._most_prints())
            return baskets.set_print(basket, photo_id, size, finish, copies, self._most_prints())

        self._change_basket(change)

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
            quote = session.quote()
            subtotal = quote.digital_satang + quote.prints_satang

        def job() -> None:
            found = self._vouchers.voucher(normalise_voucher_code(code_text))
            voucher = validate(found, event.event_id, session.clock.now(), subtotal)
            self._checkout.check_voucher(voucher)
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
            try:
                self._check_paper(Paper(item.size, item.finish) for item in visitor.basket.prints)
            except KnownError as gone:
                session.tell_error(gone)
                return
            session.pay = None
            session.go(Action.PAY)
            basket, quote, language = visitor.basket, session.quote(), session.language

        def job() -> None:
            order, payment = visitor.order, visitor.payment
            if order is None or payment is None or visitor.ordered_basket != basket:
                if order is not None and not self._is_called_off(visitor, order):
                    return
                order, payment = self._checkout.place(basket, quote, event.event_id, language)
                if self._keep(visitor, order, payment, basket):
                    self._open_order.remember(order.order_id, session.clock.now())
            self._request(visitor, payment)

        self._run(visitor, job)

    def check_payment(self) -> None:
        """Answers "I have paid": asks the bank now; also "check again" on the problem page."""
        session = self._session
        with session.change():
            session.touch()
            visitor, order, payment = session.visitor, session.visitor.order, session.visitor.payment
            if order is None or payment is None or not session.is_on(Screen.PAYMENT, Screen.PROBLEM):
                return
            if not self._checkout.is_confirmed_by_itself(payment):
                self.ask_staff()
                return
            session.pay = self._pages.page(order, payment, PayStage.CHECKING)
            session.notice = None

        def job() -> None:
            checked = self._checkout.check(payment.payment_id)
            self._pages.show(visitor, checked, PayStage.NOT_YET if checked.state is _S.PENDING else None)

        self._run(visitor, job)

    def renew_payment(self) -> None:
        """A new code in place of one that has ended or did not come."""
        self._ask_anew(Screen.PAYMENT, None, self._checkout.renew)

    def pay_rest(self) -> None:
        """A code for what is missing after a payment that came short."""
        self._ask_anew(Screen.PROBLEM, Action.PAY_REST, self._checkout.pay_rest)

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
            if not session.is_on(*CODE_PAGES):
                return
            visitor = session.visitor

        def job() -> None:
            code, order = self._order_typed(code_text)
            payment = self._checkout.payments(order.order_id)[-1]
            if order.state in (OrderState.CANCELLED, OrderState.REFUNDED):
                raise KnownError(ErrorCode.ORDER_UNKNOWN, f"Order {code} is {order.state}.")
            self._pick_up(visitor, payment)

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
        if not is_open or session.clock.now() - at > _RESUMED_WITHIN:
            self._submit(self._open_order.forget)
            return
        payment = self._checkout.payments(order_id)[-1]
        visitor = session.visitor
        try:
            self._pick_up(visitor, payment)
        except KnownError as gone:
            if gone.code is not ErrorCode.PHOTOS_DELETED:
                raise
        with session.change():
            if self._pages.is_about(visitor, order.order_id):
                session.touch()
                session.tell("error.power_back", is_success=True, code=order.code)

    def refresh(self) -> None:
        """Shows the visitor what has become of their order, whoever wrote it (staff at another place)."""
        with self._session.lock:
            visitor, order = self._session.visitor, self._session.visitor.order
        if order is not None and order.state is OrderState.AWAITING_PAYMENT:
            self._run(visitor, lambda: self._look_at(visitor, order.order_id))

    def tick(self) -> None:
        """Once a second: the last quarter of a code is said."""
        session = self._session
        with session.lock:
            visitor, shown = session.visitor, session.pay
            if shown is None or visitor.order is None or visitor.payment is None:
                return
            fresh = self._pages.page(visitor.order, visitor.payment, shown.stage)
            if fresh.is_last_quarter != shown.is_last_quarter:
                with session.change():
                    session.pay = fresh

    # -- the parts --------------------------------------------------------------------------------

    def _look_at(self, visitor: Visitor, order_id: str) -> None:
        """Nobody but whoever stands here asks about an order that another kiosk made."""
        self._checkout.follow(order_id)
        self._pages.refresh(visitor, order_id)

    def _ask_anew(self, page: Screen, action: Action | None, further: Callable[[str], Payment]) -> None:
        """From `page`: asks for the payment that `further` gives for the visitor's order."""
        session = self._session
        with session.change():
            session.touch()
            visitor, order = session.visitor, session.visitor.order
            if order is None or not session.is_on(page):
                return
            session.pay = session.notice = None
            if action is not None:
                session.go(action)
        self._run(visitor, lambda: self._request(visitor, further(order.order_id)))

    def _order_typed(self, code_text: str) -> tuple[str, Order]:
        """The order of a code as a person typed it. Raises KnownError ORDER_UNKNOWN, TOO_MANY_CODES."""
        if self._guesses.wait_s(_THIS_SCREEN) > 0:
            raise KnownError(ErrorCode.TOO_MANY_CODES, "Too many unknown order codes were typed.")
        try:
            code = normalise_code(code_text, self._session.settings.kiosk.code_prefix)
            return code, self._checkout.order_by_code(code)
        except KnownError as error:
            if error.code is ErrorCode.ORDER_UNKNOWN:
                self._guesses.note_miss(_THIS_SCREEN)
            raise

    def _change_basket(self, change: Callable[[Basket], Basket]) -> None:
        session = self._session
        with session.change():
            session.touch()
            if not session.is_on(*SHOPPING):
                return
            try:
                session.visitor.basket = change(session.visitor.basket)
            except KnownError as refused:
                session.tell_error(refused)

    def _copies_of(self, photo_id: str, size: PrintSize, finish: Finish) -> int:
        wanted = (photo_id, size, finish)
        prints = self._session.visitor.basket.prints
        return sum(item.copies for item in prints if (item.photo_id, item.size, item.finish) == wanted)

    def _check_found(self, photo_id: str) -> None:
        """Raises KnownError(PHOTO_UNKNOWN) for what this visitor's search did not bring."""
        if photo_id not in self._session.visitor.found.tiles:
            raise KnownError(ErrorCode.PHOTO_UNKNOWN, "This photo was not found for this visitor.")

    def _check_paper(self, wanted: Iterable[Paper]) -> None:
        """Raises KnownError(PRINT_SIZE_NOT_OFFERED) for paper that has run out."""
        papers = self._session.papers
        for paper in wanted:
            if papers is not None and paper not in papers:
                raise KnownError(ErrorCode.PRINT_SIZE_NOT_OFFERED, f"{paper.name} is not to be had now.")

    def _most_prints(self) -> int:
        """Sheets that the visitor's order may hold."""
        event = self._session.event
        per_order = self._session.settings.sales.prints_per_order
        return min(per_order, self._checkout.print_limits.most(event.event_id)) if event else per_order

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
                self._pages.tell_failure(visitor, failed)

        self._submit(guarded)

    def _keep(self, visitor: Visitor, order: Order, payment: Payment, basket: Basket) -> bool:
        """Notes the order of a basket; whether the visitor is still here."""
        with self._session.lock:
            visitor.order, visitor.payment, visitor.ordered_basket = order, payment, basket
            return self._session.visitor is visitor

    def _is_called_off(self, visitor: Visitor, order: Order) -> bool:
        """Cancels the order of an earlier basket; False, and shown, where money for it has come already."""
        left = self._checkout.cancel(order.order_id)
        payments = self._checkout.payments(order.order_id)
        if left.state is OrderState.PAID or any(payment.received_satang for payment in payments):
            self._pages.show(visitor, payments[-1], None)
            return False
        with self._session.lock:
            visitor.order = visitor.payment = visitor.ordered_basket = None
        return True

    def _request(self, visitor: Visitor, payment: Payment) -> None:
        self._pages.show(visitor, self._checkout.request_payment(payment.payment_id), None)

    def _on_payment_changed(self, event: PaymentChanged) -> None:
        with self._session.lock:
            visitor = self._session.visitor
            is_theirs = visitor.order is not None and visitor.order.order_id == event.order_id
        if is_theirs:
            self._run(visitor, lambda: self._pages.refresh(visitor, event.order_id))

    def _on_gateway_asked(self, event: GatewayAsked) -> None:
        """While the bank cannot be asked, the page does not say that it moves on by itself."""
        session = self._session
        with session.lock:
            payment, shown = session.visitor.payment, session.notice
            if payment is None or payment.state is not _S.PENDING or payment.is_by_staff:
                return
            payment_id, missed = self._missed_polls
            missed = 0 if event.is_reached else (missed if payment_id == payment.payment_id else 0) + 1
            self._missed_polls = (payment.payment_id, missed)
            if not session.is_on(Screen.PAYMENT):
                return
            if event.is_reached and shown is not None and shown.key in (_BANK_AWAY, _SLIP_INSTEAD):
                with session.change():
                    session.notice = None
            elif missed >= _AWAY_AFTER_POLLS and (shown is None or shown.key == "pay.not_yet"):
                session.tell(_SLIP_INSTEAD if session.scans_slips else _BANK_AWAY)

    def _pick_up(self, visitor: Visitor, payment: Payment) -> None:
        """To the page of an order of before; a code that was never asked for is asked for now."""
        self._pages.show(visitor, payment, None)
        if payment.state is _S.CREATED and self._pages.is_about(visitor, payment.order_id):
            self._run(visitor, lambda: self._request(visitor, payment))
