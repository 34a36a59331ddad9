"""A kiosk and a real centre over real HTTP: what one knows the other learns, once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.database.photos import SqlPhotoRepository
from tests.centre import CentreServer
from tests.sync_kiosk import (
    SyncKiosk,
    add_photos,
    enrolled_kiosk,
    everything_of,
    make_event,
    make_order,
    make_payment,
)


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[CentreServer]:
    with CentreServer(tmp_path / "centre") as server:
        yield server


@pytest.fixture
def tenant(centre: CentreServer) -> str:
    return centre.add_tenant("Run of the year")


@pytest.fixture
def kiosk(centre: CentreServer, tenant: str, tmp_path: Path) -> Iterator[SyncKiosk]:
    with enrolled_kiosk(centre, tmp_path / "kiosk", tenant, "K1") as one:
        yield one


def test_everything_of_an_event_comes_down_to_the_bit(
    centre: CentreServer, tenant: str, kiosk: SyncKiosk
) -> None:
    photos = SqlPhotoRepository(centre.centre.database)
    photos.add_event(make_event("run", tenant))
    add_photos(photos, "run", range(1, 60), faces=2)
    assert kiosk.sync.once() is None
    assert kiosk.codes() == []
    assert len(kiosk.photos.photos("run")) == 59
    assert everything_of(kiosk.database, "run") == everything_of(centre.centre.database, "run")


def test_an_order_goes_up_once_and_comes_back_unchanged(
    centre: CentreServer, tenant: str, kiosk: SyncKiosk
) -> None:
    SqlPhotoRepository(centre.centre.database).add_event(make_event("run", tenant))
    order = make_order(kiosk.kiosk_id, 1)
    kiosk.orders.open_order(order, make_payment(order))
    assert kiosk.sync.once() is None
    assert kiosk.outbox.counts() == (0, 0)
    assert kiosk.sync.once() is None
    assert kiosk.orders.order(order.order_id) == order
