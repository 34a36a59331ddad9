"""`kiosk sites`, `streams` and `purge` as a shop without staff uses them; and the shop that runs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.errors import ErrorCode
from kiosk.settings import Settings, load_settings
from kiosk.store import Store, open_store
from kiosk.store_commands import shop_at
from kiosk.visits.told import StoreChanged
from kiosk.visits.types import StreamState
from tests.command_line import answer, kiosk, refusal
from tests.file_keyring import keyring_in
from tests.watching import wait_until

PATIENCE_S = 60.0


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """The data folder of a machine in store mode."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "kiosk.toml").write_text(
        '[kiosk]\nmode = "store"\n[store]\nsite = "Riverside"\n', encoding="utf-8"
    )
    return home


@pytest.mark.slow
def test_cameras_are_added_changed_switched_and_removed(shop: Path, demo: Path) -> None:
    clip = demo / "visitor.mp4"
    added = answer(kiosk(shop, "streams", "add", "Front door", clip, "--line", "0.5,0,0.5,1", "--json"))
    assert (added["is_on"], added["recognises"], added["line"]["x1"]) == (True, True, 0.5)
    assert kiosk(shop, "streams", "stop", "front door").returncode == 0
    assert kiosk(shop, "streams", "recognise", added["stream_id"], "--off").returncode == 0
    assert kiosk(shop, "streams", "change", "Front door", "--name", "Main door", "--line", "").returncode == 0
    (listed,) = answer(kiosk(shop, "streams", "list", "--json"))
    assert (listed["name"], listed["is_on"], listed["recognises"]) == ("Main door", False, False)
    assert (listed["line"], listed["site"], listed["source"]) == (None, "Riverside", str(clip))
    assert kiosk(shop, "streams", "remove", "Main door").returncode == 0
    assert answer(kiosk(shop, "streams", "list", "--json")) == []


@pytest.mark.slow
def test_what_makes_no_sense_is_refused_with_a_next_step(shop: Path, demo: Path) -> None:
    clip = demo / "visitor.mp4"
    kiosk(shop, "streams", "add", "Door", clip)
    assert refusal(kiosk(shop, "streams", "add", "Door", clip, "--json")) == ErrorCode.STREAM_TAKEN
    for source in ("", "ftp://cameras/1", "/nowhere/clip.mp4"):
        done = kiosk(shop, "streams", "add", "Aisle", source, "--json")
        assert refusal(done) == ErrorCode.STORE_FIELD_INVALID, source
    assert kiosk(shop, "streams", "stop", "nobody").returncode == 2
    assert kiosk(shop, "streams", "add", "Aisle", clip, "--line", "left to right").returncode == 2


def test_a_password_goes_into_the_keyring_and_nowhere_else(shop: Path, tmp_path: Path) -> None:
    ring = keyring_in(tmp_path / "ring")
    address = "rtsp://door:pa%3Ass@192.0.2.7/stream"
    added = answer(kiosk(shop, "streams", "add", "Door", address, "--json", **ring))
    assert (added["source"], added["user"]) == ("rtsp://192.0.2.7/stream", "door")
    held = b"".join(path.read_bytes() for path in shop.rglob("*") if path.is_file())
    assert b"pa:ss" not in held
    assert b"pa%3Ass" not in held
    (secret,) = (tmp_path / "ring").iterdir()
    assert secret.read_text(encoding="utf-8") == "pa:ss"


def test_sites_of_the_chain_are_kept(shop: Path) -> None:
    site_id = kiosk(shop, "sites", "add", "Hill").stdout.strip()
    assert kiosk(shop, "sites", "rename", "Hill", "Hilltop").returncode == 0
    names = {site["site_id"]: site["name"] for site in answer(kiosk(shop, "sites", "list", "--json"))}
    assert names[site_id] == "Hilltop"
    assert kiosk(shop, "sites", "remove", "Hilltop").returncode == 0
    assert site_id not in kiosk(shop, "sites", "list").stdout


def test_a_purge_says_what_is_due_then_deletes_it_and_proves_it(shop: Path) -> None:
    plan = answer(kiosk(shop, "purge", "--dry-run", "--json"))
    assert (plan["pictures"], plan["guests"]) == (0, 0)
    assert "Nothing was due" in kiosk(shop, "purge").stdout
    assert answer(kiosk(shop, "purge", "--proofs", "--json")) == {"proofs": [], "broken": None}


@pytest.fixture
def running(shop: Path, demo: Path, weights: Path) -> Iterator[Store]:
    kiosk(shop, "streams", "add", "Front door", demo / "visitor.mp4")
    store = open_store(shop, settings_of(shop))
    store.start()
    yield store
    store.stop()


def settings_of(home: Path) -> Settings:
    return load_settings(home, {})


@pytest.mark.slow
def test_a_running_shop_follows_what_is_done_beside_it(running: Store, shop: Path, demo: Path) -> None:
    told: list[StoreChanged] = []
    running.bus.subscribe(StoreChanged, told.append)
    wait_until(lambda: states(running) == {"Front door": StreamState.LIVE}, PATIENCE_S)
    kiosk(shop, "streams", "add", "Aisle", demo / "visitor.mp4")
    wait_until(lambda: states(running).get("Aisle") is StreamState.LIVE, PATIENCE_S)
    kiosk(shop, "streams", "stop", "Front door")
    wait_until(lambda: states(running).get("Front door") is StreamState.OFF, PATIENCE_S)
    wait_until(lambda: running.view.today.visitors == 1, PATIENCE_S)
    enrolled = kiosk(
        shop,
        *("people", "enrol", "Mali", demo / "photos" / "obama.jpg", "--agreed", "1", "--json"),
    )
    assert enrolled.returncode == 0, enrolled.stderr
    wait_until(lambda: running.view.held.customers == 1, PATIENCE_S)
    assert told


@pytest.mark.slow
def test_whoever_is_here_when_the_shop_starts_anew_is_not_counted_again(
    shop: Path, demo: Path, weights: Path
) -> None:
    kiosk(shop, "streams", "add", "Front door", demo / "visitor.mp4")
    for _ in range(2):
        store = open_store(shop, settings_of(shop))
        store.start()
        wait_until(lambda store=store: store.view.today.visitors == 1, PATIENCE_S)
        wait_until(lambda store=store: bool(store.view.held.throwaway_embeddings), PATIENCE_S)
        store.stop()
    with shop_at(shop, settings_of(shop)) as rows:
        assert rows.kept.held(30).visits == 1


def states(store: Store) -> dict[str, StreamState]:
    return {card.stream.name: card.status.state for card in store.view.streams}


@pytest.mark.slow
def test_the_doctor_looks_at_a_shop(shop: Path, demo: Path, weights: Path) -> None:
    found = {one["part"]: one for one in json.loads(kiosk(shop, "doctor", "--json").stdout)}
    assert found["cameras"]["code"] == ErrorCode.STREAM_UNKNOWN
    kiosk(shop, "streams", "add", "Front door", demo / "visitor.mp4")
    found = {one["part"]: one for one in json.loads(kiosk(shop, "doctor", "--json").stdout)}
    assert "Front door 1280x720" in found["cameras"]["detail"]
    assert all(one["is_ok"] for one in found.values()), found
