"""Names of downloaded files: good for people, harmless for systems."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.delivery.file_names import (
    content_disposition,
    photo_file_name,
    photo_media_type,
    photo_suffix,
    zip_file_name,
)
from kiosk.photos.types import Photo

NOW = datetime(2026, 11, 20, tzinfo=UTC)
PHOTO = Photo("p1", "ev1", 42, "DSC_0001.JPG", "ab", 10, 10, NOW, NOW)


def test_name_is_event_and_number() -> None:
    assert photo_file_name("Riverside Run 2026", PHOTO) == "Riverside Run 2026 0042.jpg"
    assert zip_file_name("Riverside Run 2026", "K7-4Q2M") == "Riverside Run 2026 K7-4Q2M.zip"


@pytest.mark.parametrize(
    ("event", "stem"),
    [
        ("งานวิ่งริมน้ำ 2569", "งานวิ่งริมน้ำ 2569"),
        ("Run 🏃🏽‍♀️", "Run 🏃🏽‍♀️"),
        ("../../etc/passwd", "etcpasswd"),
        ('a"b\r\nSet-Cookie: x', "abSet-Cookie x"),
        ("gpj\u202egnp", "gpjgnp"),
        ("  ...  ", "Photos"),
        ("\x00\x07", "Photos"),
    ],
)
def test_event_names_of_every_kind_become_safe_names(event: str, stem: str) -> None:
    assert photo_file_name(event, PHOTO) == f"{stem} 0042.jpg"


def test_long_thai_name_is_cut_between_letters_and_keeps_number_and_ending() -> None:
    name = photo_file_name("งานวิ่งริมน้ำ" * 100, PHOTO)
    assert len(name.encode()) <= 120
    assert name.endswith(" 0042.jpg")


@given(st.text())
def test_any_event_name_gives_a_header_that_survives_the_wire(event: str) -> None:
    name = photo_file_name(event, PHOTO)
    assert len(name.encode()) <= 120
    assert not set(name) & set('<>:"/\\|?*\r\n\0')
    header = content_disposition("attachment", name)
    header.encode("ascii")
    assert unquote(header.split("filename*=UTF-8''")[1]) == name


def test_header_has_an_ascii_fall_back_and_the_true_name() -> None:
    header = content_disposition("inline", "งานวิ่ง 0042.jpg")
    assert header.startswith("inline; filename=\"0042.jpg\"; filename*=UTF-8''%E0%B8%87")


@pytest.mark.parametrize("file_name", ["evil.html", "evil.svg", "noending", "x.jpg.exe", "ย.ภาพ"])
def test_no_ending_makes_a_browser_run_anything(file_name: str) -> None:
    photo = replace(PHOTO, file_name=file_name)
    assert photo_suffix(photo) == ".bin"
    assert photo_media_type(photo) == "application/octet-stream"


def test_known_pictures_keep_their_type() -> None:
    assert photo_media_type(replace(PHOTO, file_name="a.PNG")) == "image/png"
    assert photo_media_type(PHOTO) == "image/jpeg"
