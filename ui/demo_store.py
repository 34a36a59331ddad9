"""`kiosk demo --store`: a shop whose three cameras play clips, with a month behind it; the rest is real."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from uuid import uuid4

from kiosk.database.people_tables import VisitRow
from kiosk.errors import ErrorCode, KnownError
from kiosk.language import Language
from kiosk.people_commands import enrol_from_files
from kiosk.runtime.single_instance import SingleInstance
from kiosk.settings import Settings, load_settings
from kiosk.store import Store, open_store
from kiosk.store_commands import Shop, care_of, shop_at
from kiosk.visits.types import Gender, Person, PersonDraft, PersonKind, StreamDraft
from ui.demo import demo_folder
from ui.window_size import LANDSCAPE, PORTRAIT, size_on_screen

_SITE = "Riverside shop"
_CAMERAS = {"Front door": "visitor.mp4", "Aisle": "aisle.mp4", "Counter": "counter.mp4"}
_PEOPLE = (
    (PersonDraft(PersonKind.STAFF, "Barack", Gender.MALE), ("obama.jpg", "obama3.jpg")),
    (PersonDraft(PersonKind.CUSTOMER, "Joe", Gender.MALE), ("biden.jpg",)),
)
_DAYS = 30
_OPENS, _CLOSES = 10, 20
_SEED = 7
_GENDERS = (*[Gender.UNKNOWN] * 8, Gender.FEMALE, Gender.MALE)
"""A camera seldom sees anybody well enough to say."""
_CAME_DAYS_AGO = (23, 12, 4)
"""Each customer's earlier visits."""


def run_demo_store(
    home: Path, *, headless: bool, out: Path | None, portrait: bool, language: Language
) -> int:
    """Makes the demo's shop and opens its window, or sends scripted staff through its pages.

    `out` is where a headless run leaves its pictures and `tour.json` (a folder in `home` if None). Returns
    the exit status: 1 when the staff got stuck. Raises KnownError FOLDER_MISSING, WEIGHTS_MISSING (the
    installer brings both) and what a store raises.
    """
    if headless:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    design = PORTRAIT if portrait else LANDSCAPE
    with SingleInstance(home), _demo_store(home, language) as store:
        if headless:
            from ui.scripted_staff import tour

            return tour(store, out or home / "tour", design)
        from ui.application import application
        from ui.store_window import run_store_window

        application()
        return run_store_window(store, size=size_on_screen(is_fullscreen=False, design=design))


@contextmanager
def _demo_store(home: Path, language: Language) -> Iterator[Store]:
    settings = _demo_settings(home, language)
    with shop_at(home, settings) as shop:
        _fill(shop)
    store = open_store(home, settings)
    store.start()
    try:
        yield store
    finally:
        store.stop()


def _demo_settings(home: Path, language: Language) -> Settings:
    settings = load_settings(home)
    kiosk = settings.kiosk.model_copy(update={"mode": "store", "language": language, "operator": _SITE})
    return settings.model_copy(update={"kiosk": kiosk})


def _fill(shop: Shop) -> None:
    """What is not there yet: cameras, people, and a month of visits."""
    site = shop.site_named("")
    there = {stream.name for stream in shop.streams.streams()}
    for name, clip in _CAMERAS.items():
        if name not in there:
            care_of(shop).add(StreamDraft(site.site_id, name, str(_present(demo_folder() / clip))))
    known = {person.name for person in shop.people.find()}
    for draft, photos in _PEOPLE:
        if draft.name not in known:
            files = [demo_folder() / "photos" / photo for photo in photos]
            enrol_from_files(shop, draft, shop.settings.store.consent_version, files)
    _fill_month(shop, site.site_id)


def _present(file: Path) -> Path:
    if not file.is_file():
        raise KnownError(
            ErrorCode.FOLDER_MISSING,
            f"The demo pictures in {file.parent} are not there.",
            "Fetch them with: python3 -m installer setup",
        )
    return file


def _fill_month(shop: Shop, site_id: str) -> None:
    """Drawn visits of the last month up to an hour ago, so that reports have something to say: of visitors
    who were counted and not kept, each new to the shop therefore, and of customers who agreed to be known."""
    now = shop.tenant.clock.now()
    with shop.tenant.reading() as session:
        if session.query(VisitRow).limit(1).first() is not None:
            return
    random = Random(_SEED)
    rows = [row for day in range(_DAYS) for row in _day(random, site_id, now - timedelta(days=day))]
    for customer in shop.people.find(kind=PersonKind.CUSTOMER):
        rows += _earlier(random, site_id, now, customer)
    with shop.tenant.writing() as session:
        session.add_all(row for row in rows if row.began_at < now - timedelta(hours=1))


def _day(random: Random, site_id: str, day: datetime) -> Iterator[VisitRow]:
    busy = 1.6 if day.weekday() >= 5 else 1.0
    for hour in range(_OPENS, _CLOSES):
        for _ in range(round(random.gauss(9, 3) * busy)):
            yield _visit(random, site_id, _moment(random, day, hour), random.choice(_GENDERS))


def _earlier(random: Random, site_id: str, now: datetime, customer: Person) -> Iterator[VisitRow]:
    """The visits of somebody who has been here before."""
    for number, days_ago in enumerate(_CAME_DAYS_AGO, start=1):
        row = _visit(random, site_id, _moment(random, now - timedelta(days=days_ago), 15), customer.gender)
        row.person_id, row.number, row.is_returning = customer.person_id, number, number > 1
        yield row


def _moment(random: Random, day: datetime, hour: int) -> datetime:
    """Within this hour of a shop in Bangkok."""
    return day.replace(hour=hour - 7, minute=random.randrange(60), second=random.randrange(60))


def _visit(random: Random, site_id: str, began_at: datetime, gender: Gender) -> VisitRow:
    return VisitRow(
        visit_id=uuid4().hex,
        kiosk_id="demo",
        site_id=site_id,
        stream_id="demo",
        person_id=None,
        gender=gender.value,
        is_returning=False,
        number=None,
        began_at=began_at,
        ended_at=began_at + timedelta(minutes=random.randrange(2, 40)),
    )
