"""Stays that nobody ends who watches, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.database.engine import open_database
from kiosk.database.stays_over import StaysOver
from kiosk.photos.folder_store import FolderObjectStore
from kiosk.visits.pictures import FacePictures
from kiosk.visits.stay_rules import StayRules
from tests.empty_databases import ON_SERVER, empty_url
from tests.visit_worlds import MORNING, SqlWorld, all_visits, sighting


@pytest.fixture(params=["sqlite", ON_SERVER])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlWorld]:
    database = open_database(empty_url(request, tmp_path))
    yield SqlWorld(database, FacePictures(FolderObjectStore(tmp_path / "objects"))).set_up()
    database.close()


def test_only_stays_that_are_over_are_counted_and_end(world: SqlWorld) -> None:
    over = StaysOver(world.tenant, world.pictures, StayRules())
    gone = world.book.see(sighting(world, 1))
    world.clock.advance(20 * 60)
    here = world.book.see(sighting(world, 2))
    assert (over.count(), over.end(), world.throwaway()) == (0, 0, 2)
    world.clock.advance(10 * 60)
    assert over.count() == 1
    assert (world.throwaway(), over.end(), over.count(), world.throwaway()) == (2, 1, 0, 1)
    ended = {visit.visit_id: visit.ended_at for visit in all_visits(world)}
    assert ended == {gone.stay_id: MORNING, here.stay_id: None}
