"""Links: unguessable, shown again without being stored, limited fairly."""

from __future__ import annotations

import stat
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from kiosk.clock import ManualClock
from kiosk.delivery.links import (
    SECRET_FILE,
    ZIP_OBJECT,
    LinkMaker,
    download_token,
    downloads_used,
    load_link_secret,
    receipt_url_for,
    token_hash,
    url_for,
)
from kiosk.errors import ErrorCode, KnownError


def test_token_is_shown_again_after_a_restart_without_being_stored() -> None:
    link = LinkMaker(b"k" * 32, ManualClock()).new_link("o1")
    first = LinkMaker(b"k" * 32, ManualClock()).tokens_of(link)
    again = LinkMaker(b"k" * 32, ManualClock()).tokens_of(link)
    assert first is not None
    assert first == again
    assert token_hash(first.download) == link.token_hash
    assert first.download not in repr(link)
    assert first.receipt not in repr(link)


def test_tokens_are_long_url_safe_and_never_the_same_twice() -> None:
    maker = LinkMaker(b"k" * 32, ManualClock())
    tokens = {found.download for _ in range(500) if (found := maker.tokens_of(maker.new_link("o1")))}
    assert len(tokens) == 500
    for token in tokens:
        assert len(token) == 27  # 160 bits in base64
        assert set(token) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def test_another_secret_cannot_make_the_token() -> None:
    link = LinkMaker(b"k" * 32, ManualClock()).new_link("o1")
    assert LinkMaker(b"x" * 32, ManualClock()).tokens_of(link) is None


def test_download_token_follows_from_the_receipt_token_and_differs_from_it() -> None:
    maker = LinkMaker(b"k" * 32, ManualClock())
    tokens = maker.tokens_of(maker.new_link("o1"))
    assert tokens is not None
    assert tokens.download == download_token(tokens.receipt) != tokens.receipt


def test_new_link_ends_after_its_validity() -> None:
    clock = ManualClock()
    link = LinkMaker(b"k" * 32, clock, timedelta(days=3), 4).new_link("o1")
    assert link.expires_at - clock.now() == timedelta(days=3)
    assert link.download_limit == 4
    assert link.downloads == 0


def test_urls_hold_the_token_once_whatever_the_base() -> None:
    assert url_for("http://192.168.1.20:8377/", "abc") == "http://192.168.1.20:8377/d/abc"
    assert receipt_url_for("https://photos.example", "abc") == "https://photos.example/r/abc"


def test_each_photo_can_be_saved_once_per_whole() -> None:
    counts = {"a": 2, "b": 1, ZIP_OBJECT: 3}
    assert downloads_used(counts) == 5
    assert downloads_used(counts, ZIP_OBJECT) == 5
    assert downloads_used(counts, "b") == 4
    assert downloads_used(counts, "never") == 3
    assert downloads_used({}) == 0


def test_secret_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    home = tmp_path / "not" / "yet"
    secret = load_link_secret(home)
    assert len(secret) == 32
    assert load_link_secret(home) == secret
    if sys.platform != "win32":
        assert stat.S_IMODE((home / SECRET_FILE).stat().st_mode) == 0o600


@pytest.mark.parametrize("damaged", [b"", b"short", b"x" * 33])
def test_damaged_secret_is_replaced(tmp_path: Path, damaged: bytes) -> None:
    (tmp_path / SECRET_FILE).write_bytes(damaged)
    secret = load_link_secret(tmp_path)
    assert len(secret) == 32
    assert load_link_secret(tmp_path) == secret


def test_half_written_secret_of_a_power_cut_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "link.new").write_bytes(b"half")
    assert len(load_link_secret(tmp_path)) == 32


def test_secret_that_cannot_be_stored_is_told_by_code(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file where the folder should be")
    with pytest.raises(KnownError) as caught:
        load_link_secret(tmp_path / "home")
    assert caught.value.code is ErrorCode.FOLDER_NOT_WRITABLE
