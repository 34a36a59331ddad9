"""The staff's desk of a whole kiosk: photos from a card are looked at, put on sale, and in the log."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from kiosk.app import Kiosk, open_kiosk
from kiosk.events import Event
from kiosk.settings import EventSection, PaymentSection, Settings
from kiosk.staff.desk import StaffDesk
from kiosk.staff.slip_scan import SlipScan
from kiosk.staff.told import PhotosListed
from kiosk.staff.types import Role
from kiosk.staff_parts import Surroundings, staff_parts
from tests.photo_fakes import write_photos
from tests.staff_room import QUICK_HASHES, RUN, StillCamera
from tests.watching import wait_until


@dataclass
class Counter:
    """A kiosk with its desk, as the composition root puts them together."""

    kiosk: Kiosk
    desk: StaffDesk
    listed: list[PhotosListed]


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Counter]:
    settings = Settings(
        payment=PaymentSection(promptpay_id="0800000000"), event=EventSection(approves_photos=True)
    )
    kiosk = open_kiosk(tmp_path / "home", settings)
    kiosk.archive.photos.add_event(RUN)
    around = Surroundings(
        bus=kiosk.bus,
        settings=lambda: settings,
        checkout=kiosk.checkout,
        links=kiosk.desk,
        slip_scan=SlipScan(StillCamera(), kiosk.bus),
        look_now=lambda: None,
        centre=lambda: None,
    )
    desk = StaffDesk(staff_parts(kiosk.archive, around), QUICK_HASHES)
    listed: list[Event] = []
    kiosk.bus.subscribe(PhotosListed, listed.append)
    for worker in desk.workers:
        worker.start()
    yield Counter(kiosk, desk, listed)  # type: ignore[arg-type]
    for worker in desk.workers:
        worker.stop()
    kiosk.stop()


def test_photos_of_a_card_are_on_sale_once_staff_have_looked(
    counter: Counter, tmp_path: Path, weights: Path
) -> None:
    card = tmp_path / "card"
    card.mkdir()
    write_photos(card, 3)
    desk, photos = counter.desk, counter.kiosk.archive.photos
    desk.open()
    desk.add_member("Somchai", Role.TECHNICIAN, "4821")
    wait_until(lambda: desk.view.who is not None, 20)
    desk.add_member("Malee", Role.MANAGER, "9173")
    wait_until(lambda: len(desk.view.members) == 2, 20)
    malee = next(each for each in desk.view.members if each.name == "Malee")
    desk.close()
    desk.open()
    desk.sign_in(malee.staff_id, "9173")
    wait_until(lambda: desk.view.who is not None, 20)
    desk.start_import(card)
    wait_until(lambda: desk.view.imports.last_at is not None, 60)
    assert photos.photos(RUN.event_id) == []
    desk.list_photos()
    wait_until(lambda: bool(counter.listed), 20)
    first, second, third = counter.listed[-1].photos
    desk.approve([first.photo_id, second.photo_id])
    desk.reject([third.photo_id])
    wait_until(lambda: counter.listed[-1].total == 0, 20)
    assert {each.photo_id for each in photos.photos(RUN.event_id)} == {first.photo_id, second.photo_id}
