"""The self-test: every part of the kiosk, one after the other, each with what was measured."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from kiosk.adapters import ReadSecret
from kiosk.archive import Archive
from kiosk.database.meta import SqlMeta
from kiosk.database.notices import SqlNotices
from kiosk.errors import ErrorCode, KnownError
from kiosk.events import EventBus
from kiosk.payments.types import PaymentOffer
from kiosk.printing.trial import test_page
from kiosk.runtime.crash import record_crash
from kiosk.technician.camera_tests import CameraTest, HeldCamera, ShotTest
from kiosk.technician.gallery_tests import IndexTest, ModelsTest
from kiosk.technician.live import LiveSettings
from kiosk.technician.looks import queues_of
from kiosk.technician.machine_tests import (
    BackupTest,
    DiskTest,
    LineTest,
    MailTest,
    NetworkTest,
    TouchTest,
)
from kiosk.technician.measuring import Measured, Part, failed, measured_row, row_of
from kiosk.technician.payment_test import PaymentTest, TestMoney
from kiosk.technician.ports import Around
from kiosk.technician.printer_tests import NoPrinterTest, PrinterTest
from kiosk.technician.told import SelfTestChanged, TestRow, TestState

_OPEN_TEST_MONEY = "test_money"
_Measure = Callable[[threading.Event], Measured]


class SelfTest:
    """`run`, `print_page` and `pay` are for one worker, one at a time; the rest is safe from any thread.
    Every step is told (SelfTestChanged). A part that fails keeps none from being tested."""

    def __init__(
        self,
        archive: Archive,
        bus: EventBus,
        live: LiveSettings,
        around: Around,
        models: Path,
        read_secret: ReadSecret,
    ) -> None:
        self._bus = bus
        self._live = live
        self._around = around
        self._camera = HeldCamera(around.camera)
        self._touch = TouchTest()
        self._payment = PaymentTest(around.gateway, _money(archive))
        self._before: tuple[Part, ...] = (
            CameraTest(self._camera, lambda: live.settings.camera),
            ShotTest(self._camera, lambda: archive.engines.live),
            ModelsTest(models),
            IndexTest(archive),
        )
        self._last_to_look = self._before[1]
        self._after: tuple[Part, ...] = (
            self._payment,
            self._touch,
            DiskTest(archive.home, around.sync_status),
            BackupTest(archive.database, archive.clock),
            NetworkTest(archive.centre, around.sync_status, lambda: live.settings),
            MailTest(lambda: live.settings, read_secret),
            LineTest(lambda: live.settings, read_secret),
        )
        self._printers: dict[str, PrinterTest] = {}
        self._shown = SelfTestChanged((), is_running=False)
        self._stops: set[threading.Event] = set()
        self._lock = threading.Lock()

    @property
    def rows(self) -> tuple[TestRow, ...]:
        return self._shown.rows

    def run(self, name: str = "") -> None:
        """All parts, or one again. Raises KnownError(TEST_UNKNOWN)."""
        parts = self._parts()
        chosen = [part for part in parts if name in ("", part.name)]
        if not chosen:
            raise _unknown(name)
        with self._running(parts, chosen) as stop:
            for part in chosen:
                if stop.is_set():
                    self._put(row_of(part, TestState.SKIPPED))
                else:
                    self._measure(part, part.measure, stop)
                if part is self._last_to_look:
                    self._camera.let_go()  # a visitor may come for it while the rest is tested

    def print_page(self, queue: str) -> None:
        """A test page. Raises KnownError(TEST_UNKNOWN)."""
        parts = self._parts()
        part = self._printers.get(queue)
        if part is None:
            raise _unknown(queue)
        with self._running(parts, [part]) as stop:
            self._measure(part, part.print_page, stop)

    def pay(self) -> None:
        """One baht; the code is shown while it is awaited."""
        with self._running(self._parts(), [self._payment]) as stop:
            self._measure(self._payment, lambda end: self._payment.pay(end, self._show_code), stop)

    def confirm_payment(self) -> bool:
        """A person saw the baht on the account; False where none is awaited that only a person sees."""
        if not self._payment.awaits_person:
            return False
        self._payment.confirm()
        return True

    def note_touch(self, points: int, largest_error_mm: float) -> None:
        self._touch.note(points, largest_error_mm)

    def stop(self) -> None:
        """Ends what runs, within two seconds."""
        with self._lock:
            for stop in self._stops:
                stop.set()

    # -- parts ------------------------------------------------------------------------------------

    def _parts(self) -> list[Part]:
        return [*self._before, *self._printer_parts(), *self._after]

    def _printer_parts(self) -> Sequence[Part]:
        """As the settings name them now; one that was there before remembers its test page."""
        printer, queues = self._around.printer(), queues_of(self._live.settings.printing)
        if printer is None or not queues:
            self._printers = {}
            return [NoPrinterTest()]
        known = {part.queue: part for part in self._printers.values()}
        around = self._around
        self._printers = {
            queue.name: known.get(queue)
            or PrinterTest(queue, printer, around.supplies, around.count, test_page)
            for queue in queues
        }
        return list(self._printers.values())

    @contextmanager
    def _running(self, parts: Sequence[Part], chosen: Sequence[Part]) -> Iterator[threading.Event]:
        stop, began_s = threading.Event(), time.monotonic()
        with self._lock:
            self._stops.add(stop)
        known = {row.name: row for row in self._shown.rows}
        rows = [
            row_of(part, TestState.WAITING) if part in chosen or part.name not in known else known[part.name]
            for part in parts
        ]
        self._tell(SelfTestChanged(tuple(rows), is_running=True))
        try:
            yield stop
        finally:
            self._camera.let_go()
            with self._lock:
                self._stops.discard(stop)
            took_s = time.monotonic() - began_s
            self._tell(SelfTestChanged(self._shown.rows, is_running=False, took_s=took_s))

    def _measure(self, part: Part, measure: _Measure, stop: threading.Event) -> None:
        self._put(row_of(part, TestState.RUNNING))
        began_s = time.monotonic()
        try:
            found = measure(stop)
        except KnownError as error:
            found = failed(error.code, time.monotonic() - began_s)
        except Exception as error:  # noqa: BLE001 - whatever it is, the other parts are tested
            record_crash("self-test", error)
            found = failed(type(error).__name__, time.monotonic() - began_s)
        self._put(measured_row(part, found, time.monotonic() - began_s))

    def _put(self, row: TestRow) -> None:
        rows = tuple(row if one.name == row.name else one for one in self._shown.rows)
        self._tell(replace(self._shown, rows=rows))

    def _show_code(self, offer: PaymentOffer | None) -> None:
        self._tell(
            replace(
                self._shown,
                qr_payload=offer.qr_payload if offer else None,
                qr_png=offer.qr_png if offer else None,
                qr_due_satang=offer.due_satang if offer else 0,
                needs_person=self._payment.awaits_person,
            )
        )

    def _tell(self, event: SelfTestChanged) -> None:
        self._shown = event
        self._bus.publish(event)


def _money(archive: Archive) -> TestMoney:
    meta = SqlMeta(archive.database)
    notices = SqlNotices(archive.database, archive.clock)
    return TestMoney(
        asked=lambda reference: meta.set(_OPEN_TEST_MONEY, reference or ""),
        open=lambda: meta.get(_OPEN_TEST_MONEY) or None,
        came=notices.add,
    )


def _unknown(name: str) -> KnownError:
    return KnownError(ErrorCode.TEST_UNKNOWN, f"There is no test {name!r}.", "Choose one from the list.")
