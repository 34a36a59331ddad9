"""What a kiosk hands over with besides the page for phones: prints, e-mail, LINE, later photos."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from kiosk.adapters import ReadSecret, choose_printer, queue_of
from kiosk.archive import Archive
from kiosk.database.print_jobs import SqlPrintStore
from kiosk.database.sendings import SqlSendings
from kiosk.database.wishes import SqlWishes
from kiosk.delivery.links import load_link_secret
from kiosk.errors import ErrorCode, KnownError
from kiosk.events import EventBus
from kiosk.language import Language
from kiosk.order_desk import OrderDesk
from kiosk.print_pages import print_pages
from kiosk.printing.print_desk import PrintDesk
from kiosk.printing.shelf import Shelf, ShelfRules
from kiosk.printing.types import papers
from kiosk.printing.windows import Paint, no_painter
from kiosk.runtime.pulse import PATIENT_S
from kiosk.runtime.worker import Supervised, Worker
from kiosk.secrets import read_secret
from kiosk.sending.carriers import LINE_SECRET, carriers_of
from kiosk.sending.courier import Courier
from kiosk.sending.line import LineCarrier
from kiosk.sending.line_desk import LineDesk
from kiosk.sending.line_webhook import LineAccount, line_webhook
from kiosk.sending.new_photos import NewPhotos
from kiosk.sending.types import Carrier, Way
from kiosk.session.view import PrivacyReceipt
from kiosk.settings import Settings


class Prints:
    """The printers of a kiosk with its shelf of papers and its desk of prints. `use` follows the settings."""

    def __init__(self, archive: Archive, bus: EventBus, paint: Paint = no_painter) -> None:
        """`paint` as in `choose_printer`. Raises KnownError(SETTING_INVALID)."""
        settings, clock = archive.settings, archive.clock
        self._archive = archive
        self._paint = paint
        self._settings = settings
        self._store = store = SqlPrintStore(archive.database, clock)
        self.printer = choose_printer(settings.printing, paint)
        queues = queue_of(settings.printing)
        self.shelf = Shelf(store, shelf_rules(settings), queues if self.printer else None, clock)
        pages = print_pages(archive, settings.printing)
        self.desk = PrintDesk(store, self.printer, pages, queues, self.shelf, bus, clock)
        self.workers: tuple[Supervised, ...] = (
            Worker(self.desk.name, self.desk.run, bus, silent_s=PATIENT_S),
        )

    def sheets_owed(self) -> int:
        """Sheets that are paid for and not printed yet. Raises KnownError DATABASE_*."""
        return sum(self._store.sheets_owed().values())

    def print_receipt(self, receipt: PrivacyReceipt, language: Language) -> None:
        """As `kiosk.session.types.ReceiptPrinter`."""
        from kiosk.receipt_paper import ReceiptPaper

        kiosk, printing = self._settings.kiosk, self._settings.printing
        if self.printer is None:
            raise KnownError(ErrorCode.PRINTER_UNKNOWN, "There is no printer.", "Set one up.")
        zone = ZoneInfo(kiosk.timezone)
        paper = ReceiptPaper(self.printer, self.desk, queue_of(printing), kiosk.operator, zone)
        paper.print_receipt(receipt, language)

    def use(self, settings: Settings) -> None:
        """Prints are made and sold by these from now on. Raises KnownError(SETTING_INVALID)."""
        before, self._settings = self._settings, settings
        if before.printing != settings.printing:
            self.printer = choose_printer(settings.printing, self._paint)
            pages = print_pages(self._archive, settings.printing)
            self.desk.use(self.printer, pages, queue_of(settings.printing))
        self.shelf.rules = shelf_rules(settings)
        self.desk.wake()


def shelf_rules(settings: Settings) -> ShelfRules:
    """What of prints is sold, as the settings say."""
    return ShelfRules(
        papers=frozenset(papers(tuple(settings.sales.print_prices()))),
        per_order=settings.sales.prints_per_order,
        per_event=settings.sales.prints_per_event,
        warn_at=settings.printing.warn_at,
        stop_at=settings.printing.stop_at,
    )


class Messages:
    """The ways of sending of a kiosk, and its look-out for later photos. `use` follows the settings."""

    def __init__(
        self, archive: Archive, bus: EventBus, orders: OrderDesk, read_secret: ReadSecret = read_secret
    ) -> None:
        """Raises KnownError(SETTING_INVALID)."""
        database, clock, settings = archive.database, archive.clock, archive.settings
        self._read_secret = read_secret
        self.sendings = SqlSendings(database)
        secret, zone = load_link_secret(archive.home), ZoneInfo(settings.kiosk.timezone)
        self.courier = Courier(self.sendings, orders, bus, clock, secret, zone)
        wishes = SqlWishes(database)
        self.new_photos = NewPhotos(wishes, archive.search, archive.photos, orders, self.courier, clock)
        line_desk = LineDesk(orders, self.courier, self.new_photos, clock)
        self._line_account: LineAccount | None = None
        self.webhook = line_webhook(line_desk, lambda: self._line_account)
        """Where LINE tells who wrote to the account; nothing as long as LINE is not set up."""
        self.use(settings)
        self.workers: tuple[Supervised, ...] = (
            Worker("courier", self.courier.run, bus, silent_s=PATIENT_S),
            Worker("new-photos", self.new_photos.run, bus, silent_s=PATIENT_S),
        )

    def use(self, settings: Settings) -> None:
        """Sends by these ways from now on. Raises KnownError(SETTING_INVALID)."""
        carriers = carriers_of(settings.mail, settings.line, self._read_secret)
        self.courier.use(carriers, settings.line.account)
        self._line_account = self._account_at(carriers.get(Way.LINE))

    def _account_at(self, carrier: Carrier | None) -> LineAccount | None:
        """None where LINE or its channel secret is not set up."""
        if not isinstance(carrier, LineCarrier):
            return None
        try:
            return LineAccount(carrier, self._read_secret(LINE_SECRET))
        except KnownError as missing:
            if missing.code is not ErrorCode.SECRET_MISSING:
                raise
            return None
