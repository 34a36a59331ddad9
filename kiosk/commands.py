"""What the command line does with an archive: import, list, search, evaluate."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

from kiosk.adapters import choose_gateway
from kiosk.archive import (
    DATABASE_FILE,
    Archive,
    choose_calibration,
    event_named,
    importer_for,
    open_archive,
)
from kiosk.calibrate import Measured, measure
from kiosk.checkout.checkout import Checkout
from kiosk.checkout.rules import missing_satang
from kiosk.clock import SystemClock
from kiosk.database.calibrations import SqlCalibrations
from kiosk.database.engine import open_database
from kiosk.database.orders import SqlCheckoutStore
from kiosk.database.vouchers import SqlVoucherRepository
from kiosk.errors import ErrorCode, KnownError
from kiosk.evaluate import EvaluatedSystem, Evaluation, Progress, run_evaluation
from kiosk.event_folder import EventFolder, event_to_import_into
from kiosk.events import EventBus
from kiosk.gallery.calibration import Targets
from kiosk.gallery.types import PhotoMatch
from kiosk.money import display_baht, satang
from kiosk.payments.types import Payment, PaymentState
from kiosk.photos.decoding import load_upright, read_picture_file
from kiosk.photos.folder_scan import holds_a_picture
from kiosk.photos.folder_watch import check_folder
from kiosk.photos.import_report import ImportProgress, ImportReport
from kiosk.photos.index_sync import verify_and_rebuild
from kiosk.photos.types import Photo, PhotoEvent
from kiosk.sales.orders import make_code, normalise_code
from kiosk.sales.types import Order, OrderState, Voucher, VoucherKind
from kiosk.sales.vouchers import new_voucher_code
from kiosk.settings import Settings, load_settings
from kiosk.vision.probe import probe_from_picture

_TAKES_MONEY = frozenset({OrderState.AWAITING_PAYMENT, OrderState.CANCELLED})
_FOR_STAFF = frozenset({PaymentState.LATE, PaymentState.OVER, PaymentState.DUPLICATE})
"""Of an order that waits no more; one that came short waits, or its rest was paid."""


@contextmanager
def archive_at(home: Path, settings: Settings | None = None) -> Iterator[Archive]:
    """An archive that is closed at the end.

    Beside a running kiosk, which holds the index, it has an index of its own for the time being: the rows are
    what counts, and the kiosk takes them into its index within seconds.
    """
    settings = settings or load_settings(home)
    with tempfile.TemporaryDirectory(prefix="kiosk-index-") as own_index:
        try:
            archive = open_archive(home, settings)
        except KnownError as error:
            if error.code is not ErrorCode.INDEX_LOCKED:
                raise
            archive = open_archive(home, settings, index_folder=Path(own_index))
        try:
            yield archive
        finally:
            archive.close()


def import_folder(
    archive: Archive,
    folder: Path,
    event_name: str,
    progress: Callable[[ImportProgress], None] | None = None,
    photographer: str = "",
    is_public: bool = False,
) -> ImportReport:
    """Imports a folder into an event. Raises what `PhotoImporter.import_folder` raises.

    A folder without a picture makes no event: the kiosk would show it, being the newest.
    """
    if archive.photos.event_by_name(event_name) is None and not holds_a_picture(folder):
        raise KnownError(
            ErrorCode.FOLDER_WITHOUT_PHOTOS, f"There is no picture in {folder}.", "Choose another folder."
        )
    event = event_to_import_into(archive, event_name)
    return importer_for(archive, event).import_folder(folder, progress, is_public, photographer)


def watch_folder(
    archive: Archive,
    folder: Path,
    event_name: str,
    tell: Callable[[ImportReport], None],
    is_over: Callable[[], bool],
    photographer: str = "",
    is_public: bool = False,
) -> None:
    """Imports a folder's photos into an event as they are written; `tell` hears of every few.

    Raises KnownError FOLDER_MISSING at the start, and what `FolderWatch.run` raises.
    """
    check_folder(folder)
    event = event_to_import_into(archive, event_name)
    verify_and_rebuild(archive.index, archive.photos, event.event_id)
    EventFolder(archive, folder, event, photographer, is_public).run(is_over, tell)


@dataclass(frozen=True, slots=True)
class EventSummary:
    """An event and how many photos it has on sale."""

    event: PhotoEvent
    photo_count: int


def list_events(archive: Archive) -> list[EventSummary]:
    """All events, the newest first."""
    return [EventSummary(event, archive.photos.count(event.event_id)) for event in archive.photos.events()]


@dataclass(frozen=True, slots=True)
class PictureSearch:
    """What a search by a still picture found; `reasons` say what is wrong with the picture or the outcome."""

    matches: tuple[PhotoMatch, ...]
    photos: dict[str, Photo]
    reasons: tuple[str, ...]


def search_picture(archive: Archive, picture: Path, event_name: str) -> PictureSearch:
    """The photos of the main person in a picture. Raises KnownError PHOTO_*, EVENT_UNKNOWN."""
    event = event_named(archive.photos, event_name)
    verify_and_rebuild(archive.index, archive.photos, event.event_id)
    pixels = load_upright(read_picture_file(picture)).pixels()
    outcome = probe_from_picture(archive.engines.photos, pixels)
    reasons = tuple(str(reason) for reason in outcome.reasons)
    if outcome.embedding is None:
        return PictureSearch((), {}, reasons)
    matches = tuple(archive.search.find(event.event_id, (outcome.embedding,)))
    photos = archive.photos.photos_by_id([match.photo_id for match in matches])
    return PictureSearch(matches, photos, reasons if matches else (*reasons, "no_match"))


def evaluate_folder(
    settings: Settings, folder: Path, scores_to: Path | None, progress: Callable[[int, int], None] | None
) -> Evaluation:
    """Measures recognition on a labelled folder in a throw-away archive with the engine of the settings.

    Raises what `run_evaluation` raises.
    """
    with (
        tempfile.TemporaryDirectory(prefix="kiosk-evaluate-") as home,
        archive_at(Path(home), settings) as archive,
    ):
        event = event_to_import_into(archive, "evaluation")
        system = EvaluatedSystem(
            event.event_id,
            archive.engines.photos,
            archive.index,
            archive.photos,
            importer_for(archive, event),
        )
        kin = archive.thresholds(event.event_id).kin
        return run_evaluation(folder, system, kin, scores_to=scores_to, progress=progress)


def calibrate_folder(archive: Archive, folder: Path, targets: Targets, progress: Progress) -> Measured:
    """Measures how similar strangers get, in a throw-away archive with the engine of the settings, and keeps
    it in `archive`. Raises what `measure` raises."""
    with (
        tempfile.TemporaryDirectory(prefix="kiosk-calibrate-") as home,
        archive_at(Path(home), archive.settings) as throw_away,
    ):
        event = event_to_import_into(throw_away, "calibration")
        system = EvaluatedSystem(
            event.event_id,
            throw_away.engines.photos,
            throw_away.index,
            throw_away.photos,
            importer_for(throw_away, event),
        )
        measured = measure(folder, system, archive.clock.now(), targets, progress)
    SqlCalibrations(archive.database).store(measured.calibration)
    return measured


def retarget(archive: Archive, targets: Targets) -> None:
    """Other targets for the calibration in use. Raises KnownError(CALIBRATION_MISSING): it is of another face
    engine, and only stands in."""
    stored = SqlCalibrations(archive.database)
    calibration = choose_calibration(stored, archive.index.contract_id)
    if calibration.contract_id != archive.index.contract_id:
        raise KnownError(
            ErrorCode.CALIBRATION_MISSING,
            "This face engine was never calibrated.",
            "Calibrate it with a labelled folder: kiosk calibrate FOLDER",
        )
    stored.store(calibration.model_copy(update={"targets": targets}))


@contextmanager
def _order_rows(home: Path) -> Iterator[SqlCheckoutStore]:
    """The orders beside a running kiosk: only the database is opened."""
    database = open_database(home / DATABASE_FILE)
    try:
        yield SqlCheckoutStore(database)
    finally:
        database.close()


@dataclass(frozen=True, slots=True)
class Confirmation:
    """How an order and its payment stand after staff told what came; `missing_satang` is still to be paid."""

    order: Order
    payment: Payment
    missing_satang: int

    @property
    def in_words(self) -> str:
        """For staff: what it means, and what is left for them to do."""
        if self.payment.state is PaymentState.OVER:
            over = display_baht(self.payment.received_satang - self.payment.amount_satang)
            return f"paid; {over} baht too much came, to be given back"
        if self.order.state is OrderState.PAID:
            return "paid"
        if self.payment.state is PaymentState.SHORT:
            return f"{display_baht(self.missing_satang)} baht still missing"
        if self.payment.state is PaymentState.LATE:
            came = display_baht(self.payment.received_satang)
            return f"not paid; {came} baht came after its end, too little, and must be given back"
        return "not paid; no money is awaited for this payment any more"


def confirm_order(home: Path, code_text: str, received_satang: int, staff: str) -> Confirmation:
    """Notes the whole sum that staff saw come for an order's present payment so far.

    Raises KnownError ORDER_UNKNOWN, ORDER_PAID_ALREADY (nothing is noted), DATABASE_*.
    """
    settings = load_settings(home)
    with _order_rows(home) as store:
        checkout = Checkout(
            store,
            choose_gateway(settings.payment),
            SystemClock(),
            EventBus(),
            partial(make_code, settings.kiosk.code_prefix),
            settings.sales.print_prices(),
        )
        order = checkout.order_by_code(normalise_code(code_text, settings.kiosk.code_prefix))
        if order.state not in _TAKES_MONEY:
            raise KnownError(
                ErrorCode.ORDER_PAID_ALREADY,
                f"Order {order.code} is {order.state} already; nothing was noted.",
                "If this money came besides, it came twice: give it back.",
            )
        payment = checkout.payments(order.order_id)[-1]
        payment = checkout.confirm_by_staff(payment.payment_id, received_satang, staff)
        order = checkout.order(order.order_id)
        return Confirmation(order, payment, _still_missing(order, checkout.payments(order.order_id)))


def _still_missing(order: Order, payments: list[Payment]) -> int:
    return missing_satang(order, payments) if order.state is OrderState.AWAITING_PAYMENT else 0


@dataclass(frozen=True, slots=True)
class OrderSummary:
    """An order, its last payment, and what came in all. `is_waiting`: for money, or for staff to decide."""

    order: Order
    payment: Payment
    received_satang: int
    is_waiting: bool


def list_orders(home: Path, days: int, only_waiting: bool = False) -> list[OrderSummary]:
    """The orders of so many days back, the newest first. Raises KnownError DATABASE_*."""
    now = SystemClock().now()
    with _order_rows(home) as store:
        summaries = [
            _summary(order, store.payments(order.order_id))
            for order in store.orders(now - timedelta(days=days), now)
        ]
    return [each for each in summaries if each.is_waiting or not only_waiting]


def _summary(order: Order, payments: list[Payment]) -> OrderSummary:
    is_open = order.state is OrderState.AWAITING_PAYMENT
    return OrderSummary(
        order,
        payments[-1],
        sum(payment.received_satang for payment in payments),
        is_waiting=is_open or any(payment.state in _FOR_STAFF for payment in payments),
    )


def issue_voucher(
    archive: Archive,
    code: str,
    percent: int | None,
    baht: int | None,
    is_free: bool,
    event_name: str,
    uses: int,
    days: int,
) -> Voucher:
    """Issues a voucher of exactly one kind under a code that there is none of yet.

    Raises KnownError SETTING_INVALID, EVENT_UNKNOWN, VOUCHER_CODE_INVALID, VOUCHER_TAKEN.
    """
    chosen = [kind for kind, given in _voucher_kinds(percent, baht, is_free) if given]
    if len(chosen) != 1:
        raise KnownError(
            ErrorCode.SETTING_INVALID,
            "A voucher has exactly one of percent, baht and free.",
            "For example: kiosk voucher WELCOME --percent 10",
        )
    symbols = new_voucher_code(code)
    value = percent or (satang(baht) if baht else 0)
    event_id = event_named(archive.photos, event_name).event_id if event_name else None
    now = archive.clock.now()
    voucher = Voucher(symbols, chosen[0], value, event_id, now, now + timedelta(days=days), use_limit=uses)
    SqlVoucherRepository(archive.database).add_voucher(voucher)
    return voucher


def _voucher_kinds(
    percent: int | None, baht: int | None, is_free: bool
) -> tuple[tuple[VoucherKind, bool], ...]:
    return (
        (VoucherKind.PERCENT, percent is not None),
        (VoucherKind.AMOUNT, baht is not None),
        (VoucherKind.FREE, is_free),
    )
