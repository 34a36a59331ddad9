"""A file goes on sale when it is whole, and not before."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.photos.arrivals import (
    SETTLE_CLOSED_S,
    SETTLE_S,
    SETTLE_WITHOUT_END_S,
    Arrivals,
    Stamp,
    is_for_sale,
    is_whole,
)
from tests.photo_fakes import drawn, encoded

PHOTO = Path("IMG_0001.jpg")


def test_a_file_must_stand_still_anew_after_each_change() -> None:
    arrivals = Arrivals({})
    arrivals.saw("a", PHOTO, Stamp(100, 1), 0.0)
    arrivals.saw("a", PHOTO, Stamp(200, 2), SETTLE_S * 0.9)
    assert arrivals.due(SETTLE_S) == []
    arrivals.saw("a", PHOTO, Stamp(200, 2), SETTLE_S * 1.5)
    assert arrivals.due(SETTLE_S * 1.9) == ["a"]


def test_a_file_that_its_writer_has_closed_need_not_stand_still_so_long() -> None:
    arrivals = Arrivals({})
    arrivals.saw("a", PHOTO, Stamp(100, 1), 0.0)
    arrivals.saw("a", PHOTO, Stamp(100, 1), 0.1, SETTLE_CLOSED_S)
    assert arrivals.due(0.1 + SETTLE_CLOSED_S) == ["a"]
    arrivals.look_later("a", 0.2)
    arrivals.saw("a", PHOTO, Stamp(100, 1), 0.3, SETTLE_CLOSED_S)
    assert arrivals.due(0.9) == []


def test_a_file_of_an_earlier_run_is_dealt_with_until_it_changes() -> None:
    arrivals = Arrivals({"a": Stamp(100, 1)})
    arrivals.saw("a", PHOTO, Stamp(100, 1), 0.0)
    assert len(arrivals) == 0
    arrivals.saw("a", PHOTO, Stamp(100, 2), 0.0)
    assert arrivals.due(SETTLE_S) == ["a"]
    arrivals.done("a")
    arrivals.saw("a", PHOTO, Stamp(100, 2), 9.0)
    assert len(arrivals) == 0


def test_the_newest_photos_go_before_what_has_lain_there() -> None:
    arrivals = Arrivals({})
    for name, modified_ns in (("old", 1), ("new", 3), ("middle", 2)):
        arrivals.saw(name, PHOTO, Stamp(9, modified_ns), 0.0)
    assert arrivals.due(SETTLE_S) == ["new", "middle", "old"]


def test_what_is_not_whole_is_looked_at_again_less_and_less_often() -> None:
    arrivals = Arrivals({})
    arrivals.saw("a", PHOTO, Stamp(9, 1), 0.0)
    now_s, pauses = SETTLE_S, []
    for _ in range(6):
        arrivals.look_later("a", now_s)
        again_s = arrivals.next_look_s()
        assert again_s is not None
        pauses.append(again_s - now_s)
        now_s = again_s
    assert pauses == sorted(pauses)
    assert pauses[0] == pytest.approx(1.0)
    assert pauses[-1] == pytest.approx(8.0)


def test_what_has_vanished_waits_no_more() -> None:
    arrivals = Arrivals({})
    for name in ("a", "b", "c"):
        arrivals.saw(name, PHOTO, Stamp(9, 1), 0.0)
    arrivals.keep_only({"a", "b"})
    arrivals.vanished("b")
    assert arrivals.due(SETTLE_S) == ["a"]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_is_whole_only_with_its_end(tmp_path: Path, kind: str) -> None:
    data, path = encoded(drawn(), kind), tmp_path / "photo"
    for part in (0.1, 0.5, 0.95):
        path.write_bytes(data[: int(len(data) * part)])
        assert is_whole(path, 99.0) is False
    path.write_bytes(data)
    assert is_whole(path, 0.5) is True
    path.write_bytes(data + b"maker's notes" * 100)
    assert is_whole(path, 0.5) in (True, None) or kind == "PNG"


def test_room_that_was_set_aside_for_a_file_is_no_picture_yet(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(bytes(100_000))
    assert is_whole(path, 99.0) is None
    path.write_bytes(encoded(drawn())[:2000] + bytes(100_000))
    assert is_whole(path, 99.0) is False


@pytest.mark.parametrize("kind", ["BMP", "GIF", "TIFF"])
def test_a_picture_whose_end_cannot_be_told_must_stand_still_longer(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "photo"
    path.write_bytes(encoded(drawn(), kind))
    assert not is_whole(path, SETTLE_WITHOUT_END_S * 0.9)
    assert is_whole(path, SETTLE_WITHOUT_END_S)


@pytest.mark.parametrize("name", ["IMG_0001.JPG", "photo", "รูป 1.jpeg", "a.part.jpg", "x.heic", "scan.tif"])
def test_photos_are_known_by_any_name(name: str) -> None:
    assert is_for_sale(name)


@pytest.mark.parametrize(
    "name",
    [
        *(".IMG_1.jpg", "~IMG_1.jpg", "IMG_1.jpg.part", "IMG_1.JPG.TMP", "IMG_1.jpg.filepart"),
        *(".in.IMG_1.jpg.", "tmpfileX3aB", "IMG_1.CR3", "DSC_1.NEF", "IMG_1.xmp", "Thumbs.db"),
    ],
)
def test_files_on_their_way_and_files_that_are_no_photos_are_left_alone(name: str) -> None:
    assert not is_for_sale(name)
