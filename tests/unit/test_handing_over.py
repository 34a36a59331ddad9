"""What the delivery page hands over with: prints, messages, later photos, the paper receipt, and the slip."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from kiosk.errors import ErrorCode, KnownError
from kiosk.language import Language
from kiosk.payments.slip import Slip
from kiosk.printing.rules import PrintProgress
from kiosk.printing.types import Paper, PrintersChanged, PrintsChanged
from kiosk.sales.types import Finish, PrintSize
from kiosk.sending.types import Purpose, Sending, SendingsChanged, SendingState, Way
from kiosk.session.handing_over import HandingOver, HandingPorts, message_view
from kiosk.session.print_sizes import sharp_up_to
from kiosk.session.receipt_lines import gone_lines, kept_lines
from kiosk.session.states import Screen
from kiosk.session.view import PrivacyReceipt
from kiosk.settings import PrintingSection, Settings
from kiosk.vision.types import Embedding
from tests.visit import START, Visit, match, photo

ADDRESS = "somchai@example.com"
UNTIL = START + timedelta(days=30)
GLOSSY = Paper(PrintSize.S10X15, Finish.GLOSSY)
LARGE = Paper(PrintSize.S13X18, Finish.MATTE)
SLIP = Slip("014", "REF1")


class Printing:
    """Two sheets of each order; papers as told."""

    def __init__(self) -> None:
        self.now = PrintProgress(2, 0, "waiting")
        self.papers = frozenset({GLOSSY})
        self.has_queue = frozenset({GLOSSY, LARGE})

    def progress(self, order_id: str) -> PrintProgress:
        return self.now

    def printed(self) -> frozenset[Paper]:
        return self.has_queue

    def offered(self) -> frozenset[Paper]:
        return self.papers


class Post:
    """Owes messages, and refuses addresses without an @."""

    def __init__(self) -> None:
        self.asked: list[Sending] = []

    def ways(self) -> frozenset[Way]:
        return frozenset(Way)

    def ask(self, order_id: str, way: Way, address: str) -> Sending:
        if "@" not in address:
            raise KnownError(ErrorCode.MAIL_ADDRESS_INVALID, "That is no e-mail address.")
        owed = Sending(
            str(len(self.asked)),
            order_id,
            "K1-AAAA",
            way,
            Purpose.PHOTOS,
            Language.THAI,
            SendingState.WAITING,
            START,
            START,
            address,
            "s…@example.com",
        )
        self.asked.append(owed)
        return owed

    def of_order(self, order_id: str) -> Sequence[Sending]:
        return [each for each in self.asked if each.order_id == order_id]

    def line_entry_url(self, order_code: str) -> str:
        return f"https://line.test/{order_code}"


class Later:
    """Keeps face numbers of buyers of every photo."""

    def __init__(self) -> None:
        self.kept: dict[str, tuple[Way, str, int]] = {}
        self.is_for_all = True

    def can_wish(self, order_id: str) -> bool:
        return self.is_for_all

    def until(self, order_id: str) -> datetime:
        return UNTIL

    def wish(
        self,
        order_id: str,
        way: Way,
        address: str,
        embeddings: Sequence[Embedding],
        language: Language,
        consent_version: str,
    ) -> None:
        self.kept[order_id] = (way, address, len(embeddings))

    def withdraw(self, order_id: str) -> None:
        self.kept.pop(order_id, None)


class Camera:
    """A slip scanner: shows what it is held before."""

    def __init__(self) -> None:
        self.found: Callable[[Slip], bool] | None = None
        self.failed: Callable[[KnownError], None] | None = None
        self.stops = 0

    def look(self, found: Callable[[Slip], bool], failed: Callable[[KnownError], None]) -> None:
        self.found, self.failed = found, failed

    def stop(self) -> None:
        self.found = self.failed = None
        self.stops += 1

    def hold(self, slip: Slip) -> None:
        assert self.found is not None
        assert self.failed is not None
        try:
            self.found(slip)
        except KnownError as error:
            self.failed(error)


class Notes:
    """Slips beside payments; one belongs to one order."""

    def __init__(self) -> None:
        self.of: dict[Slip, str] = {}

    def note(self, slip: Slip, order_id: str, payment_id: str) -> None:
        if self.of.setdefault(slip, order_id) != order_id:
            raise KnownError(ErrorCode.SLIP_USED, "Another order has this slip.")


class Paperwork:
    """Prints receipts, or says that there is no paper."""

    def __init__(self) -> None:
        self.printed: list[Language] = []
        self.failure: KnownError | None = None

    def print_receipt(self, receipt: PrivacyReceipt, language: Language) -> None:
        if self.failure is not None:
            raise self.failure
        self.printed.append(language)


class Counter:
    """A kiosk in memory with everything to hand over with."""

    def __init__(self) -> None:
        self.visit = Visit([photo(number) for number in range(1, 4)], [match(1), match(2)])
        self.prints, self.post, self.later = Printing(), Post(), Later()
        self.camera, self.notes, self.paper = Camera(), Notes(), Paperwork()
        ports = HandingPorts(
            self.prints,
            self.post,
            self.later,
            self.camera,
            self.notes,
            self.paper,
            sheets_owed=lambda: 4,
        )
        self.visit.session.use(Settings(printing=PrintingSection(tray="right")))
        self.desk = HandingOver(self.visit.session, ports, self.visit.jobs.submit)

    def buy(self) -> str:
        """The whole way to the delivery page; the order's id."""
        self.visit.go_to_payment(1, 2)
        self.visit.pay()
        self.visit.jobs.run()
        assert self.visit.screen is Screen.DELIVERY
        order = self.visit.session.visitor.order
        assert order is not None
        return order.order_id

    def run(self) -> None:
        self.visit.jobs.run()


@pytest.fixture
def counter() -> Counter:
    return Counter()


def test_the_delivery_page_says_what_is_offered_and_follows_the_prints(counter: Counter) -> None:
    order_id = counter.buy()
    handing = counter.visit.view.handing
    assert handing.ways == frozenset(Way)
    assert handing.line_url.startswith("https://line.test/K1-")
    assert handing.prints is not None
    assert (handing.prints.sheets, handing.prints.done, handing.prints.tray) == (2, 0, "right")
    counter.prints.now = PrintProgress(2, 1, "waiting", ErrorCode.PAPER_EMPTY.value)
    counter.visit.bus.publish(PrintsChanged(order_id))
    counter.run()
    shown = counter.visit.view.handing.prints
    assert shown is not None
    assert shown.reason_key == "deliver.print.wait"


def test_another_orders_prints_change_nothing_here(counter: Counter) -> None:
    counter.buy()
    before = counter.visit.view.handing
    counter.prints.now = PrintProgress(2, 2, "done")
    counter.visit.bus.publish(PrintsChanged("another"))
    counter.run()
    assert counter.visit.view.handing == before


def test_a_message_is_owed_once_asked_for_and_its_fate_is_shown(counter: Counter) -> None:
    order_id = counter.buy()
    counter.desk.send(Way.MAIL, f" {ADDRESS} ")
    counter.run()
    (shown,) = counter.visit.view.handing.messages
    assert (shown.state, shown.is_tried, shown.shown_to) == (SendingState.WAITING, False, "s…@example.com")
    counter.post.asked[0] = replace(counter.post.asked[0], state=SendingState.SENT, address="")
    counter.visit.bus.publish(SendingsChanged(order_id))
    counter.run()
    assert counter.visit.view.handing.messages[0].state is SendingState.SENT
    assert counter.post.asked[0].order_id == order_id


def test_an_address_that_is_none_is_said_and_nothing_is_owed(counter: Counter) -> None:
    counter.buy()
    counter.desk.send(Way.MAIL, "somchai")
    counter.run()
    notice = counter.visit.view.notice
    assert notice is not None
    assert notice.key == "error.email_form"
    assert counter.post.asked == []


@pytest.mark.parametrize(
    ("code", "key"),
    [
        (ErrorCode.MAIL_REFUSED, "deliver.email.refused"),
        (ErrorCode.MAIL_LATER, "deliver.email.failed"),
        (ErrorCode.LINE_BLOCKED, "deliver.line.blocked"),
    ],
)
def test_a_message_that_never_leaves_says_why_and_promises_no_other_try(code: ErrorCode, key: str) -> None:
    way = Way.LINE if code is ErrorCode.LINE_BLOCKED else Way.MAIL
    owed = Post().ask("o", way, ADDRESS)
    assert message_view(replace(owed, state=SendingState.FAILED, code=code.value)).reason_key == key


def test_a_face_is_kept_for_new_photos_only_after_yes_and_goes_when_called_back(counter: Counter) -> None:
    order_id = counter.buy()
    assert counter.visit.view.handing.can_keep
    assert counter.later.kept == {}
    counter.desk.keep_face(Way.MAIL, ADDRESS)
    counter.run()
    assert counter.later.kept == {order_id: (Way.MAIL, ADDRESS, 1)}
    handing = counter.visit.view.handing
    assert handing.is_kept
    assert not handing.can_keep
    assert handing.keeps_until == UNTIL
    counter.desk.stop_keeping()
    counter.run()
    assert counter.later.kept == {}
    assert not counter.visit.view.handing.is_kept


def test_who_bought_some_photos_or_whose_face_is_gone_is_not_asked(counter: Counter) -> None:
    counter.later.is_for_all = False
    order_id = counter.buy()
    assert not counter.visit.view.handing.can_keep
    counter.later.is_for_all = True
    counter.visit.journey.drop_face()
    counter.visit.bus.publish(PrintsChanged(order_id))
    counter.run()
    assert not counter.visit.view.handing.can_keep
    counter.desk.keep_face(Way.MAIL, ADDRESS)
    counter.run()
    assert counter.later.kept == {}


def test_who_comes_by_an_orders_code_sends_nothing_and_keeps_nothing(counter: Counter) -> None:
    counter.buy()
    order = counter.visit.session.visitor.order
    assert order is not None
    counter.visit.journey.finish()
    counter.visit.journey.close()
    counter.visit.buying.open_order(order.code)
    counter.run()
    assert counter.visit.screen is Screen.DELIVERY
    handing = counter.visit.view.handing
    assert handing.prints is not None
    assert (handing.ways, handing.messages, handing.line_url, handing.can_keep) == (
        frozenset(),
        (),
        "",
        False,
    )


def test_what_is_asked_for_a_visitor_who_has_left_is_not_shown_to_the_next(counter: Counter) -> None:
    counter.buy()
    counter.desk.send(Way.MAIL, ADDRESS)
    counter.visit.journey.finish()
    counter.run()
    assert counter.post.asked, "what was asked for is owed all the same"
    assert counter.visit.view.handing.messages == ()


def test_the_receipt_says_that_numbers_and_an_address_are_kept(counter: Counter) -> None:
    counter.buy()
    counter.desk.send(Way.MAIL, ADDRESS)
    counter.desk.keep_face(Way.MAIL, ADDRESS)
    counter.run()
    counter.visit.journey.finish()
    receipt = counter.visit.view.receipt
    assert receipt is not None
    assert [line.what for line in kept_lines(receipt)] == ["photos", "numbers", "address", "order", "consent"]
    assert "thanks.template" not in [line.key for line in gone_lines(receipt)]
    assert receipt.can_print


def test_the_receipt_is_printed_once_in_the_visitors_language(counter: Counter) -> None:
    counter.buy()
    counter.visit.journey.set_language(Language.ENGLISH)
    counter.visit.journey.finish()
    counter.desk.print_receipt()
    counter.desk.print_receipt()
    counter.run()
    assert counter.paper.printed == [Language.ENGLISH]
    notice = counter.visit.view.notice
    assert notice is not None
    assert notice.is_success


def test_a_receipt_that_cannot_be_printed_says_so(counter: Counter) -> None:
    counter.paper.failure = KnownError(ErrorCode.PAPER_EMPTY, "There is no paper.")
    counter.buy()
    counter.visit.journey.finish()
    counter.desk.print_receipt()
    counter.run()
    notice = counter.visit.view.notice
    assert notice is not None
    assert notice.key == "error.print_paper"


def test_a_slip_is_noted_for_staff_and_pays_nothing(counter: Counter) -> None:
    counter.visit.go_to_payment(1)
    counter.desk.scan_slip()
    counter.run()
    assert counter.visit.view.slip.stage == "looking"
    counter.camera.hold(SLIP)
    assert counter.visit.view.slip.stage == "noted"
    assert counter.visit.screen is Screen.PAYMENT
    assert list(counter.notes.of) == [SLIP]
    counter.desk.stop_scanning()
    counter.run()
    assert counter.visit.view.slip.stage == ""
    assert counter.camera.stops == 1


def test_a_slip_of_another_order_is_said_and_looking_goes_on(counter: Counter) -> None:
    counter.notes.of[SLIP] = "another order"
    counter.visit.go_to_payment(1)
    counter.desk.scan_slip()
    counter.run()
    counter.camera.hold(SLIP)
    assert counter.visit.view.slip.reason_key == "error.slip_used"
    counter.camera.hold(Slip("014", "REF2"))
    assert counter.visit.view.slip.stage == "noted"


def test_whoever_leaves_the_payment_lets_go_of_the_camera(counter: Counter) -> None:
    counter.visit.go_to_payment(1)
    counter.desk.scan_slip()
    counter.run()
    counter.visit.journey.close()
    counter.run()
    assert counter.camera.stops == 1
    assert counter.visit.view.slip.stage == ""


def test_only_papers_that_there_are_are_offered(counter: Counter) -> None:
    session = counter.visit.session
    session.print_prices = {PrintSize.S10X15: 5000, PrintSize.S13X18: 8000}
    counter.visit.find()
    offers = counter.visit.view.shop.print_offers if counter.visit.view.shop else ()
    assert [offer.finishes for offer in offers] == [(Finish.GLOSSY,), ()]
    counter.prints.papers = frozenset()
    counter.visit.bus.publish(PrintersChanged((), (), frozenset()))
    offers = counter.visit.view.shop.print_offers if counter.visit.view.shop else ()
    assert [offer.finishes for offer in offers] == [(), ()]
    counter.prints.has_queue = frozenset({GLOSSY})
    counter.visit.bus.publish(PrintersChanged((), (), frozenset()))
    offers = counter.visit.view.shop.print_offers if counter.visit.view.shop else ()
    assert [offer.size for offer in offers] == [PrintSize.S10X15]


def test_how_long_prints_take_hangs_on_those_bought_before(counter: Counter) -> None:
    counter.visit.find()
    counter.visit.buying.choose(f"{1:032x}")
    counter.visit.buying.open_basket()
    counter.run()
    shop = counter.visit.view.shop
    assert shop is not None
    assert shop.print_minutes == 3  # 30 s to begin, then four sheets and one's own at 20 s each


def test_a_photo_says_up_to_which_paper_it_is_sharp(counter: Counter) -> None:
    counter.visit.session.print_prices = {PrintSize.S10X15: 5000, PrintSize.S20X25: 15000}
    counter.visit.find()
    counter.visit.buying.choose(f"{1:032x}")
    shop = counter.visit.view.shop
    assert shop is not None
    assert shop.sharp_sizes == {f"{1:032x}": PrintSize.S10X15}


@pytest.mark.parametrize(
    ("width", "height", "size"),
    [
        (6000, 4000, PrintSize.S20X25),
        (1969, 1575, PrintSize.S20X25),
        (1500, 1100, PrintSize.S13X18),
        (1200, 800, PrintSize.S10X15),
        (640, 480, None),
    ],
)
def test_sharp_is_two_hundred_dots_to_the_inch(width: int, height: int, size: PrintSize | None) -> None:
    assert sharp_up_to(width, height) is size
    assert sharp_up_to(height, width) is size
