"""An event's own price list is what visitors see and pay, from the moment at which it comes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from kiosk.archive import Archive, open_archive
from kiosk.clock import SystemClock
from kiosk.database.records import write_event
from kiosk.database.tables import EventPackageRow
from kiosk.event_watch import EventWatch
from kiosk.events import EventBus
from kiosk.sales.types import Basket
from kiosk.session.session import Session
from kiosk.settings import Settings
from tests.sync_records import an_event
from tests.watching import wait_until

OWN = (
    {"package_id": "one", "name_key": "One photo", "photo_count": 1, "price_satang": 5000},
    {"package_id": "five", "name_key": "Five photos", "photo_count": 5, "price_satang": 12_000},
)


@pytest.fixture
def archive(tmp_path: Path, weights: Path) -> Iterator[Archive]:
    opened = open_archive(tmp_path, Settings())
    yield opened
    opened.close()


@pytest.fixture
def session(archive: Archive) -> Iterator[Session]:
    """With the event on the screen, as the running kiosk keeps it."""
    session = Session(Settings(), EventBus(), SystemClock())
    tell_event(archive)
    watch, stop = EventWatch(archive, session, []), threading.Event()
    thread = threading.Thread(target=watch.run, args=(stop,))
    thread.start()
    yield session
    stop.set()
    watch.look_now()
    thread.join()


def tell_event(archive: Archive, *packages: dict[str, Any]) -> None:
    """As the centre does."""
    with archive.database.writing() as session:
        write_event(session, an_event("run", packages=packages), "")


def price_of(session: Session, photos: int) -> int:
    with session.lock:
        session.visitor.basket = Basket(tuple(map(str, range(photos))))
        return session.quote().total_satang


def test_an_events_own_price_list_wins_over_the_settings_and_its_end_brings_them_back(
    archive: Archive, session: Session
) -> None:
    wait_until(lambda: session.event is not None)
    usual = (price_of(session, 1), price_of(session, 5))
    tell_event(archive, *OWN)
    wait_until(lambda: price_of(session, 1) == 5000)
    assert price_of(session, 5) == 12_000
    with session.lock:
        view = session.view()
    assert view.single_price_satang == 5000
    assert [package.package_id for package in view.shop.packages] == ["one", "five"]
    tell_event(archive)
    wait_until(lambda: price_of(session, 1) == usual[0])
    assert price_of(session, 5) == usual[1]


def test_a_price_list_that_no_price_can_be_made_of_is_as_none(archive: Archive, session: Session) -> None:
    wait_until(lambda: session.event is not None)
    usual = price_of(session, 1)
    tell_event(archive, *OWN)
    wait_until(lambda: price_of(session, 1) == 5000)
    with archive.database.writing() as rows:
        rows.execute(update(EventPackageRow).values(photo_count=1))
    wait_until(lambda: price_of(session, 1) == usual)
