"""What a kiosk looks after by itself, each on a worker of its own: payments, folder, backups, time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from kiosk.archive import Archive
from kiosk.checkout.checkout import Checkout
from kiosk.database.restored import back_up_if_due
from kiosk.database.sealing import seal_pictures
from kiosk.database.stays_over import StaysOver
from kiosk.database.sync_state import SqlEnrolment
from kiosk.database.tenant import TenantDatabase
from kiosk.event_folder import sell_from
from kiosk.order_desk import OrderDesk
from kiosk.payments.settlement import POLL_EVERY_S
from kiosk.session.buying import Buying
from kiosk.sync.voucher_desk import VoucherDesk
from kiosk.visits.pictures import FacePictures
from kiosk.visits.stay_rules import StayRules

_TICK_S = 1.0
_RECONCILE_EVERY_S = 300.0
_KEEP_ORIGINALS_EVERY_S = 6 * 3600.0
_BACKUP_LOOK_EVERY_S = 600.0


def watch_payments(checkout: Checkout, buying: Buying, stop: threading.Event) -> None:
    """Picks up where a power cut came, then asks about open payments every few seconds."""
    buying.resume()
    while not stop.is_set():
        checkout.sweep()
        buying.refresh()
        stop.wait(POLL_EVERY_S)


def reconcile(
    checkout: Checkout, desk: OrderDesk, voucher_desk: VoucherDesk | None, stop: threading.Event
) -> None:
    """At start and every few minutes. A day's payments take a while to be asked about, for which nobody who
    stands at the kiosk is to wait: so it has a worker of its own."""
    kept_s = float("-inf")
    while not stop.is_set():
        checkout.reconcile()
        if voucher_desk is not None:
            voucher_desk.resume()
        if time.monotonic() - kept_s >= _KEEP_ORIGINALS_EVERY_S:
            desk.keep_originals()
            kept_s = time.monotonic()
        stop.wait(_RECONCILE_EVERY_S)


def watch_folder(archive: Archive, look_now: Callable[[], None], stop: threading.Event) -> None:
    """Ends at once where no folder is watched."""
    folder = archive.settings.event.watch_folder
    if folder:
        sell_from(archive, Path(folder), stop, look_now)


def watch_backups(archive: Archive, fix_shares: Callable[[], object], stop: threading.Event) -> None:
    """A copy of the database each day, also where the kiosk is never switched off. What is told to nobody
    does not grow for ever; where there is a centre, whoever tells it sees to that. Of a kiosk that was a shop
    before nothing of its visitors is left, and pictures of its people are sealed. What was sold gets its
    shares."""
    tenant = TenantDatabase(archive.database, "", archive.clock)
    pictures = FacePictures(archive.store, "", archive.database.vault)
    stays = StaysOver(tenant, pictures, StayRules.of(archive.settings.store))
    while not stop.wait(_BACKUP_LOOK_EVERY_S):
        stays.end()
        seal_pictures(archive.database, pictures, "")
        back_up_if_due(archive.database, archive.clock)
        if archive.centre is None:
            SqlEnrolment(archive.database, archive.clock).prune()
        fix_shares()  # last: a plan that makes no sense keeps nothing else from being done


def watch_clock(ticks: Sequence[Callable[[], None]], stop: threading.Event) -> None:
    """Each of these once a second."""
    while not stop.wait(_TICK_S):
        for tick in ticks:
            tick()
