"""What visitors were told apart by does not outlive their stay, also where no shop runs that would end it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import func, select

from kiosk import rounds
from kiosk.app import Outside, open_kiosk
from kiosk.clock import SystemClock
from kiosk.database.people_tables import SiteRow, StayRow
from kiosk.store import open_store
from kiosk.store_commands import shop_at
from tests.command_line import answer, kiosk
from tests.fake_gateway import FakeGateway
from tests.watching import wait_until
from tests.whole_kiosk import PATIENCE_S, settings_for

STORE = '[kiosk]\nmode = "store"\n[store]\nsite = "Riverside"\n'


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """The data folder of a shop that was switched off yesterday, while a visitor was there."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "kiosk.toml").write_text(STORE, encoding="utf-8")
    at = datetime.now(UTC) - timedelta(days=1)
    with shop_at(home) as rows, rows.tenant.writing() as session:
        session.add(SiteRow(site_id="site", name="Riverside", created_at=at))
        session.flush()
        places = {"stay_id": "1", "site_id": "site", "stream_id": "door", "kind": "visitor"}
        times = {"began_at": at, "last_seen_at": at, "tracks": 1}
        face = {"contract_id": "engine", "embedding": np.full(512, 512**-0.5, np.float32)}
        session.add(StayRow(**places, **times, **face))
    return home


def stays(home: Path) -> int:
    with shop_at(home) as rows, rows.tenant.reading() as session:
        return session.scalar(select(func.count()).select_from(StayRow)) or 0


def test_a_purge_says_how_many_are_over_and_ends_them(shop: Path) -> None:
    assert answer(kiosk(shop, "purge", "--dry-run", "--json"))["stays"] == 1
    assert "1 stays that are over" in kiosk(shop, "purge", "--dry-run").stdout
    assert stays(shop) == 1
    assert answer(kiosk(shop, "purge", "--json")) == {"stays": 1}
    assert stays(shop) == 0
    assert "Nothing was due" in kiosk(shop, "purge").stdout


def test_a_shop_that_stops_ends_those_that_are_over(shop: Path, weights: Path) -> None:
    with shop_at(shop) as rows:
        settings = rows.settings
    open_store(shop, settings).stop()
    assert stays(shop) == 0


def test_a_kiosk_that_was_a_shop_ends_them(
    shop: Path, demo: Path, weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds, "_BACKUP_LOOK_EVERY_S", 0.05)
    outside = Outside(gateway=FakeGateway(SystemClock()))
    kiosk_ = open_kiosk(shop, settings_for(demo / "visitor.mp4"), outside)
    kiosk_.start()
    try:
        wait_until(lambda: stays(shop) == 0, PATIENCE_S)
    finally:
        kiosk_.stop()
