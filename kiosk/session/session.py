"""The one visit that is going on at the kiosk: page, visitor, language, and the snapshot for the screens."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from kiosk.capture.types import CameraState
from kiosk.clock import Clock
from kiosk.errors import KnownError
from kiosk.events import EventBus
from kiosk.printing.types import Paper
from kiosk.sales.packages import PackageSet
from kiosk.sales.pricing import quote
from kiosk.sales.types import Finish, PrintSize, Quote, Voucher
from kiosk.session.print_sizes import is_smaller, minutes_for, sharp_up_to
from kiosk.session.results import results_view
from kiosk.session.states import TRANSITIONS, Action, Screen, next_screen
from kiosk.session.view import (
    ConsentTerms,
    DeliverView,
    EventCard,
    GroupView,
    HandingView,
    Notice,
    PayStage,
    PayView,
    PersonView,
    PrintOffer,
    PrivacyReceipt,
    Problem,
    SessionChanged,
    SessionView,
    ShopView,
    SlipView,
)
from kiosk.session.visitor import Visitor
from kiosk.settings import Settings

_PAGES_WITHOUT_BACK = frozenset({Screen.ATTRACT, Screen.DELIVERY, Screen.THANKS, Screen.OUT_OF_SERVICE})

_BESIDE_THE_WAY = frozenset({Action.BACK, Action.ADD_FRIEND, Action.LEAVE, Action.SEARCH_STOPPED})
_BEFORE_THE_PHOTOS = frozenset({Screen.SEARCHING, Screen.RESULTS, Screen.NO_MATCH})
_BIB_TEXT = "-bib"


@dataclass(frozen=True, slots=True)
class ScreenChange:
    """A step of the journey, for whoever has to act on it (the camera follows the capture page)."""

    left: Screen
    entered: Screen


class Session:
    """The state of the visit.

    Invariant: everything here is read and changed only inside `change()` or with `lock` held; each change
    publishes one SessionChanged. A result that a worker brings for a visitor who has left is dropped by
    comparing `visitor` by identity. Lives on no thread of its own.
    """

    def __init__(self, settings: Settings, bus: EventBus, clock: Clock) -> None:
        self.bus = bus
        self.clock = clock
        self.lock = threading.RLock()
        self._take(settings)
        self.amounts_vary = True  # until the composition root says that the gateway asks for the exact price
        self.visitor = Visitor()
        self.screen = Screen.ATTRACT
        self.language = settings.kiosk.language
        self.event: EventCard | None = None
        self.camera = CameraState.OFF
        self.notice: Notice | None = None
        self.voucher: Voucher | None = None
        self.receipt: PrivacyReceipt | None = None
        self.pay: PayView | None = None
        self.deliver: DeliverView | None = None
        self.handing = HandingView()
        self.slip = SlipView()
        self.papers: frozenset[Paper] | None = None  # that there are; None: as many as are wanted
        self.printed: frozenset[Paper] | None = None  # at all, out of them or not; None: whatever has a price
        self.sheets_owed: int | None = None  # to those who bought before; None where nobody can say
        self.scans_slips = self.prints_receipts = False  # until the composition root says otherwise
        self.is_idle_warning = False
        self.is_search_slow = False
        self.failure_code = ""
        self.face_search_fault = ""  # the code of what keeps the kiosk from searching by face; no visitor's
        self.touched_at_s = clock.monotonic_s()
        self.entered_at_s = clock.monotonic_s()
        self._came_from: dict[Screen, Screen] = {}
        self._listeners: list[Callable[[ScreenChange], None]] = []
        self._depth = 0

    def use(self, settings: Settings) -> None:
        """Follows these from now on; prices, words and times of the visitor who is here change with them.
        Raises KnownError(SETTING_INVALID), with nothing changed, for a price list that is of no use."""
        with self.change():
            self._take(settings)

    def _take(self, settings: Settings) -> None:
        self._usual_packages = settings.sales.package_set()
        self.print_prices = settings.sales.print_prices()
        self.settings = settings

    # -- changing ---------------------------------------------------------------------------------

    @contextmanager
    def change(self) -> Iterator[None]:
        """Holds the lock for a change and publishes the new view at the end of the outermost one."""
        with self.lock:
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
                if self._depth == 0:
                    self.bus.publish(SessionChanged(self.view()))

    def on_screen_change(self, listener: Callable[[ScreenChange], None]) -> None:
        """Calls `listener` at every step of the journey, with the lock held; it must return at once."""
        self._listeners.append(listener)

    def go(self, action: Action) -> None:
        """Moves to the page that follows. Raises BugError for a step that the table does not allow."""
        with self.change():
            left = self.screen
            entered = self._fit_to_show(next_screen(left, action, self._came_from.get(left)), action)
            is_new = action not in _BESIDE_THE_WAY and entered is not left
            if is_new and not self._is_behind(entered, left):
                self._came_from[entered] = (
                    self._came_from.get(left, left) if left is Screen.SEARCHING else left
                )
            self.screen = entered
            self.entered_at_s = self.clock.monotonic_s()
            self.notice = None
            self.is_search_slow = False
            for listener in self._listeners:
                listener(ScreenChange(left, entered))

    def _fit_to_show(self, page: Screen, action: Action) -> Screen:
        """The page, or another where it has nothing to show: a withdrawn consent takes the camera and what
        it found with it, and an order opened by its code has no basket behind it."""
        visitor = self.visitor
        if page is Screen.BASKET and action is Action.BACK and visitor.basket.is_empty:
            page = Screen.RESULTS
        if page in (Screen.RESULTS, Screen.LIGHTBOX) and not visitor.found.photos:
            return Screen.MANUAL
        if page is Screen.CAPTURE and visitor.consent is None:
            return Screen.CONSENT
        return page

    def _is_behind(self, page: Screen, left: Screen) -> bool:
        """Whether Back leads from `left` to `page`: to enter it is then to return to it, or Back would run in
        a circle."""
        passed: set[Screen] = set()
        while left in self._came_from and left not in passed:
            passed.add(left)
            left = self._came_from[left]
            if left is page:
                return True
        return False

    def forget_way(self) -> None:
        """Back leads nowhere that was seen before: from here the way without a face begins at attract."""
        self._came_from = {Screen.MANUAL: Screen.ATTRACT}

    def is_on(self, *screens: Screen) -> bool:
        """Whether one of these pages is showing: a touch that comes too late for its page is ignored."""
        return self.screen in screens

    def tell(self, key: str, *, is_success: bool = False, **params: str) -> None:
        """Shows a sentence on the present page."""
        with self.change():
            self.notice = Notice(key, tuple(params.items()), is_success)

    def tell_error(self, error: KnownError) -> None:
        """Shows the visitor's sentence of a known error."""
        with self.change():
            self.notice = Notice(error.message_key, tuple(error.params.items()))

    def touch(self) -> None:
        """Somebody is there: the silence starts anew."""
        self.touched_at_s = self.clock.monotonic_s()
        if self.is_idle_warning:
            with self.change():
                self.is_idle_warning = False

    def welcome_next(self) -> None:
        """Drops everything of the visitor; the screens are as new."""
        with self.change():
            self.visitor = Visitor()
            self.language = self.settings.kiosk.language
            self.voucher = self.receipt = self.pay = self.deliver = self.notice = None
            self.handing, self.slip = HandingView(), SlipView()
            self.is_idle_warning = False
            self.failure_code = ""
            self._came_from.clear()

    # -- reading ----------------------------------------------------------------------------------

    @property
    def terms(self) -> ConsentTerms:
        """What the consent page promises now. Where numbers are read, its text names them among the ways
        without a face: it is another text, of a version of its own."""
        settings = self.settings
        reads_numbers = self.event is not None and self.event.reads_numbers
        return ConsentTerms(
            version=settings.session.consent_version + (_BIB_TEXT if reads_numbers else ""),
            keep_minutes=max(1, round(settings.session.face_keep_s / 60)),
            operator=settings.kiosk.operator,
            contact=settings.kiosk.contact,
        )

    @property
    def can_go_back(self) -> bool:
        visitor = self.visitor
        if self.screen in _PAGES_WITHOUT_BACK:
            return False
        if visitor.is_group and not visitor.is_adding and self.screen in _BEFORE_THE_PHOTOS:
            return False  # it would lead one of them to the camera, and the others nowhere
        return (self.screen, Action.BACK) in TRANSITIONS or self.screen in self._came_from

    @property
    def packages(self) -> PackageSet:
        """The event's own price list, else that of the settings."""
        own = self.event.packages if self.event is not None else None
        return own or self._usual_packages

    def silent_s(self) -> float:
        """Seconds since the last touch."""
        return self.clock.monotonic_s() - self.touched_at_s

    def on_page_s(self) -> float:
        """Seconds since the present page was entered."""
        return self.clock.monotonic_s() - self.entered_at_s

    def quote(self) -> Quote:
        """What the basket costs now."""
        visitor = self.visitor
        available = len(visitor.found.photos.keys() | set(visitor.basket.digital))
        return quote(visitor.basket, self.packages, self.print_prices, self.voucher, available)

    def view(self) -> SessionView:
        """The snapshot for the screens."""
        visitor = self.visitor
        return SessionView(
            screen=self.screen,
            language=self.language,
            event=self.event,
            camera=self.camera,
            holds_face=visitor.has_face,
            can_go_back=self.can_go_back,
            single_price_satang=min(package.price_satang for package in self.packages.packages),
            notice=self.notice,
            is_idle_warning=self.is_idle_warning,
            group=self._group_view(),
            results=results_view(visitor, self.event is None or self.event.blurs_bystanders),
            lightbox_photo_id=visitor.lightbox_photo_id,
            shop=self._shop_view(),
            pay=self.pay,
            deliver=self.deliver,
            handing=replace(self.handing, can_keep=self.handing.can_keep and visitor.has_face),
            slip=replace(self.slip, is_offered=self._is_slip_wanted()),
            receipt=self.receipt,
            order_code=visitor.order.code if visitor.order else None,
            is_search_slow=self.is_search_slow,
            failure_code=self.failure_code,
            terms=self.terms,
            timezone=self.settings.kiosk.timezone,
        )

    def _group_view(self) -> GroupView:
        visitor = self.visitor
        people = visitor.people if visitor.looks_again else visitor.everyone
        return GroupView(
            people=tuple(PersonView(one.person_id, one.shot is not None) for one in people),
            can_add=visitor.can_add,
            is_adding=visitor.is_adding,
            is_again=visitor.looks_again,
        )

    def _shop_view(self) -> ShopView:
        return ShopView(
            basket=self.visitor.basket,
            quote=self.quote(),
            packages=self.packages.packages,
            amounts_vary=self.amounts_vary,
            print_offers=tuple(
                PrintOffer(size, price, self._finishes_of(size))
                for size, price in self.print_prices.items()
                if self.printed is None or any(paper.size is size for paper in self.printed)
            ),
            sharp_sizes=self._sharp_sizes(),
            print_minutes=self._print_minutes(),
        )

    def _finishes_of(self, size: PrintSize) -> tuple[Finish, ...]:
        papers = self.papers
        return tuple(finish for finish in Finish if papers is None or Paper(size, finish) in papers)

    def _print_minutes(self) -> int:
        if self.sheets_owed is None:
            return 0
        own = sum(item.copies for item in self.visitor.basket.prints)
        return minutes_for(self.sheets_owed + max(1, own))

    def _sharp_sizes(self) -> dict[str, PrintSize | None]:
        """Of photos in the basket that are too small for the largest paper: up to which they are sharp."""
        if not self.print_prices:
            return {}
        basket, photos = self.visitor.basket, self.visitor.found.photos
        wanted = {*basket.digital, *(item.photo_id for item in basket.prints)} & photos.keys()
        sharp = {each: sharp_up_to(photos[each].width, photos[each].height) for each in wanted}
        largest = max(self.print_prices, key=list(PrintSize).index)
        return {each: size for each, size in sharp.items() if size is None or is_smaller(size, largest)}

    def _is_slip_wanted(self) -> bool:
        """Where only staff can confirm: theirs it is always, or while the bank does not answer."""
        pay = self.pay
        if not self.scans_slips or pay is None or (pay.qr_payload is None and pay.qr_png is None):
            return False
        if pay.problem is not None:
            return pay.problem in (Problem.UNKNOWN, Problem.LATE)
        is_open = pay.stage in (PayStage.WAITING, PayStage.NOT_YET, PayStage.STAFF)
        is_away = self.notice is not None and self.notice.key == "pay.offline"
        return is_open and (not pay.confirms_by_itself or is_away or bool(self.slip.stage))
