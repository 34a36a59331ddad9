"""A kiosk of a real centre, without camera and screen: its own database, checkout and synchronisation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import cast

from kiosk.archive import Archive
from kiosk.checkout.checkout import Checkout
from kiosk.checkout.types import OrderPaid
from kiosk.clock import Clock
from kiosk.database.engine import open_database
from kiosk.database.hold_notes import SqlHoldNotes
from kiosk.database.links import SqlLinkRepository
from kiosk.database.meta import SqlMeta
from kiosk.database.notices import SqlNotices
from kiosk.database.orders import SqlCheckoutStore
from kiosk.database.photos import SqlPhotoRepository
from kiosk.database.pulled import SqlPulled
from kiosk.database.sync_state import SqlEnrolment, SqlOutbox
from kiosk.database.tables import VoucherRow
from kiosk.database.vouchers import SqlVoucherRepository
from kiosk.delivery.links import LinkMaker, load_link_secret
from kiosk.errors import ErrorCode, KnownError
from kiosk.events import EventBus
from kiosk.language import Language
from kiosk.order_desk import OrderDesk
from kiosk.payments.types import Payment
from kiosk.photos.types import PhotoEvent
from kiosk.sales.orders import make_code
from kiosk.sales.types import Basket, Finish, Order, PrintItem, PrintSize, Quote
from kiosk.sync.central_gateway import CentralGateway
from kiosk.sync.pull import Puller
from kiosk.sync.push import Pusher
from kiosk.sync.voucher_desk import VoucherDesk
from tests.money_centre import MoneyCentre

EVENT = "run"
BASKET = Basket(
    digital=("photo-1", "photo-2"), prints=(PrintItem("photo-1", PrintSize.S10X15, Finish.GLOSSY, 1),)
)


def add_event(centre: MoneyCentre, clock: Clock) -> None:
    """The event that the kiosks sell at."""
    event = PhotoEvent(EVENT, "Riverside Run", "", clock.now(), tenant_id=centre.tenant_id)
    SqlPhotoRepository(centre.server.centre.database).add_event(event)


class CentralKiosk:
    """Commands on `checkout`; `sync` tells and hears as the worker does. While `is_off` nothing goes out; so
    many of the next answers are lost on the way as `loses_answers` says."""

    def __init__(self, folder: Path, centre: MoneyCentre, prefix: str, clock: Clock) -> None:
        self.database = open_database(folder / "kiosk.db", clock)
        self.id = SqlMeta(self.database).kiosk_id()
        self.is_off = False
        self.loses_answers = 0
        self.paid: list[str] = []
        self.client = centre.enrol(self.id)
        SqlEnrolment(self.database, clock).enrol("River", prefix)
        self.store = SqlCheckoutStore(self.database, clock)
        self.vouchers = SqlVoucherRepository(self.database, clock)
        self.notices = SqlNotices(self.database, clock)
        self._clock = clock
        self._prefix = prefix
        self.restart()
        self._pusher = Pusher(self.client, SqlOutbox(self.database, clock))
        self._puller = Puller(self.client, SqlPulled(self.database, "contract", clock))

    def restart(self) -> None:
        """As after a power cut: only what is stored is left."""
        self.desk = VoucherDesk(
            self.id,
            self.vouchers.voucher,
            self.store.has_order,
            self._centre,
            SqlHoldNotes(self.database),
            self.notices,
        )
        bus = EventBus()
        bus.subscribe(OrderPaid, lambda event: self.paid.append(event.order_id))
        self.checkout = Checkout(
            self.store,
            CentralGateway(self._centre, self._clock),
            self._clock,
            bus,
            partial(make_code, self._prefix),
            {PrintSize.S10X15: 5000},
            self.desk,
        )

    def forget_uses(self, code: str) -> None:
        """As where an older copy of the database took its place."""
        with self.database.writing() as session:
            session.get_one(VoucherRow, ("", code)).used = 0

    def _centre(self) -> _Client:
        return _Client(self)

    def place(self, total_satang: int = 29900, voucher: str | None = None) -> tuple[Order, Payment]:
        quote = Quote(2, (), 24900, 24900, 5000, 29900 - total_satang, total_satang, None, voucher)
        return self.checkout.place(BASKET, quote, EVENT, Language.THAI)

    def code_on_screen(self) -> tuple[Order, Payment]:
        """A visitor has chosen and sees the code to pay."""
        order, payment = self.place()
        return order, self.checkout.request_payment(payment.payment_id)

    def sync(self) -> None:
        """Tells and hears everything; asks about payments that there is news of."""
        if self.is_off:
            return
        self._pusher.push()
        charged = [one for part in self._puller.pull() for one in part.charged_payments]
        for payment_id in charged:
            self.checkout.check(payment_id)
        self._pusher.push()

    def order_desk(self, home: Path) -> OrderDesk:
        """Hands out links of this kiosk."""
        folder = home / f"desk-{self._prefix}"
        folder.mkdir()
        archive = cast(Archive, SimpleNamespace(database=self.database, clock=self._clock))
        maker = LinkMaker(load_link_secret(folder), self._clock)
        links = SqlLinkRepository(self.database)
        return OrderDesk(archive, self.checkout, links, maker, lambda: f"http://{self._prefix}.test")

    def deliveries(self, order: Order) -> list[str]:
        return sorted(each.delivery_id for each in self.checkout.deliveries(order.order_id))

    def close(self) -> None:
        self.client.close()
        self.database.close()


class _Client:
    """The kiosk's way to the centre, which can be cut before anything goes out."""

    def __init__(self, kiosk: CentralKiosk) -> None:
        self._kiosk = kiosk

    def get_json(self, path: str) -> dict[str, object]:
        self._check()
        return self._kiosk.client.get_json(path)

    def post_json(self, path: str, body: object, idempotency_key: str | None = None) -> dict[str, object]:
        self._check()
        answer = self._kiosk.client.post_json(path, body, idempotency_key)
        if self._kiosk.loses_answers:
            self._kiosk.loses_answers -= 1
            raise KnownError(ErrorCode.CENTRE_FAILED, "The answer was lost.")
        return answer

    def _check(self) -> None:
        if self._kiosk.is_off:
            raise KnownError(ErrorCode.CENTRE_UNREACHABLE, "The cable is out.")


@contextmanager
def kiosks(folder: Path, centre: MoneyCentre, clock: Clock, *prefixes: str) -> Iterator[list[CentralKiosk]]:
    """Kiosks of one event, each with the prefix of its order codes."""
    add_event(centre, clock)
    opened: list[CentralKiosk] = []
    try:
        for prefix in prefixes:
            home = folder / prefix
            home.mkdir()
            opened.append(CentralKiosk(home, centre, prefix, clock))
        yield opened
    finally:
        for kiosk in opened:
            kiosk.close()
