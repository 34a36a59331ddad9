"""The demo's pictures carry times and names, keep their pixels, and are made again only when damaged."""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path

import pytest
from PIL import ExifTags, Image

from installer import demo
from installer.demo_pictures import EVENT_DAY, draw_scenes, stamped
from installer.environment import mark_of


def picture(kind: str, artist: str | None = None) -> bytes:
    image = Image.radial_gradient("L").convert("RGB")
    exif = Image.Exif()
    if artist is not None:
        exif[ExifTags.Base.Artist] = artist
        exif[ExifTags.Base.Copyright] = "a notice"
        exif[ExifTags.Base.DateTime] = "2009:01:01 00:00:00"
    buffer = io.BytesIO()
    image.save(buffer, kind, exif=exif)
    return buffer.getvalue()


def test_a_stamped_picture_keeps_every_pixel_and_says_when_it_was_taken() -> None:
    for kind in ("JPEG", "PNG"):
        before = picture(kind)
        after = stamped(before, "07:58:31", "Ploy")
        opened = Image.open(io.BytesIO(after))
        assert opened.tobytes() == Image.open(io.BytesIO(before)).tobytes()
        exif = opened.getexif()
        assert exif[ExifTags.Base.Artist] == "Ploy"
        details = exif.get_ifd(ExifTags.IFD.Exif)
        assert details[ExifTags.Base.DateTimeOriginal] == f"{EVENT_DAY} 07:58:31"
        assert details[ExifTags.Base.OffsetTimeOriginal] == "+07:00"


def test_a_photographer_and_a_notice_that_a_picture_names_stay() -> None:
    exif = Image.open(io.BytesIO(stamped(picture("JPEG", "Somebody"), "07:58:31", "Ploy"))).getexif()
    assert exif[ExifTags.Base.Artist] == "Somebody"
    assert exif[ExifTags.Base.Copyright] == "a notice"
    assert exif[ExifTags.Base.DateTime] == f"{EVENT_DAY} 07:58:31"


@pytest.mark.slow
def test_drawn_pictures_are_many_distinct_and_the_same_each_time() -> None:
    first, second = dict(draw_scenes()), dict(draw_scenes())
    assert first == second
    assert len(first) == len(set(first.values())) == 12
    taken = [Image.open(io.BytesIO(content)).getexif()[ExifTags.Base.DateTime] for content in first.values()]
    assert len(set(taken)) == 12


def test_the_visitor_is_never_in_the_event_with_the_same_photo() -> None:
    assert demo.VISITOR[0] not in [portrait.file for portrait in demo.PEOPLE]


def test_the_demo_is_made_again_when_a_file_of_it_changed_or_is_gone(tmp_path: Path) -> None:
    assert not demo.is_ready(tmp_path)
    (tmp_path / "visitor.mp4").write_bytes(b"clip")
    files = {"visitor.mp4": hashlib.sha256(b"clip").hexdigest()}
    recipes = [
        Path(demo.__file__).with_name(name) for name in ("demo.py", "demo_pictures.py", "demo_clip.py")
    ]
    made = {"recipe": mark_of(*recipes), "files": files}
    (tmp_path / "made.json").write_text(json.dumps(made), encoding="utf-8")
    assert demo.is_ready(tmp_path)
    (tmp_path / "visitor.mp4").write_bytes(b"other")
    assert not demo.is_ready(tmp_path)
    (tmp_path / "visitor.mp4").unlink()
    assert not demo.is_ready(tmp_path)
