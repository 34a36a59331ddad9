"""What is read from EXIF, and that nonsense in it is left out."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from PIL import Image
from PIL.ExifTags import GPS, IFD, Base

from kiosk.photos.decoding import load_upright
from kiosk.photos.exif import ExifFacts, read_exif

GPS_BANGKOK = {
    GPS.GPSLatitudeRef: "N",
    GPS.GPSLatitude: (13.0, 45.0, 22.5),
    GPS.GPSLongitudeRef: "E",
    GPS.GPSLongitude: (100.0, 30.0, 5.76),
}


def facts(
    main: dict[int, object] | None = None,
    detail: dict[int, object] | None = None,
    gps: dict[int, object] | None = None,
    zone: str = "Asia/Bangkok",
) -> ExifFacts:
    exif = Image.Exif()
    exif.update(main or {})
    exif.get_ifd(IFD.Exif).update(detail or {})
    exif.get_ifd(IFD.GPSInfo).update(gps or {})
    buffer = io.BytesIO()
    Image.new("RGB", (40, 40)).save(buffer, "JPEG", exif=exif.tobytes())
    return read_exif(Image.open(buffer), ZoneInfo(zone))


def test_a_time_without_offset_is_the_zone_of_the_event() -> None:
    detail = {Base.DateTimeOriginal: "2026:11:20 15:30:00"}

    assert facts(detail=detail).taken_at == datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
    assert facts(detail=detail, zone="Europe/Paris").taken_at == datetime(2026, 11, 20, 14, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("offset", "hour", "minute"),
    [("+07:00", 8, 30), ("-03:30", 19, 0), ("+00:00", 15, 30), ("nonsense", 8, 30)],
)
def test_the_cameras_own_offset_wins(offset: str, hour: int, minute: int) -> None:
    read = facts(detail={Base.DateTimeOriginal: "2026:11:20 15:30:00", Base.OffsetTimeOriginal: offset})

    assert read.taken_at == datetime(2026, 11, 20, hour, minute, tzinfo=UTC)


def test_the_shutters_time_goes_before_the_files_time() -> None:
    read = facts(
        {Base.DateTime: "2026:12:01 00:00:00"},
        {Base.DateTimeOriginal: "2026:11:20 15:30:00", Base.DateTimeDigitized: "2026:11:21 15:30:00"},
    )

    assert read.taken_at == datetime(2026, 11, 20, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "nonsense", ["0000:00:00 00:00:00", "", "    :  :     :  :  ", "yesterday", "2026:13:45 99:99:99"]
)
def test_a_time_that_cannot_be_is_no_time_and_the_next_one_is_taken(nonsense: str) -> None:
    assert facts(detail={Base.DateTimeOriginal: nonsense}).taken_at is None
    assert (
        facts({Base.DateTime: "2026:11:20 15:30:00"}, {Base.DateTimeOriginal: nonsense}).taken_at is not None
    )


@pytest.mark.parametrize(
    ("make", "model", "camera"),
    [
        ("Canon", "Canon EOS R5", "Canon EOS R5"),
        ("NIKON CORPORATION", "NIKON Z 9", "NIKON Z 9"),
        ("SONY", "ILCE-7M4", "SONY ILCE-7M4"),
        ("", "Pixel 9", "Pixel 9"),
        ("FUJIFILM", "", "FUJIFILM"),
        ("Canon\x00\x00 ", " EOS\x07 R5\x00", "Canon EOS R5"),
        ("", "", ""),
    ],
)
def test_the_camera_is_named_once_and_printably(make: str, model: str, camera: str) -> None:
    assert facts({Base.Make: make, Base.Model: model}).camera == camera


def test_the_place_is_in_degrees() -> None:
    read = facts(gps=GPS_BANGKOK)

    assert read.latitude == pytest.approx(13.75625)
    assert read.longitude == pytest.approx(100.5016)


def test_south_and_west_are_negative() -> None:
    read = facts(gps={**GPS_BANGKOK, GPS.GPSLatitudeRef: "S", GPS.GPSLongitudeRef: "W"})

    assert read.latitude == pytest.approx(-13.75625)
    assert read.longitude == pytest.approx(-100.5016)


@pytest.mark.parametrize(
    "wrong",
    [
        {GPS.GPSLatitude: (113.0, 0.0, 0.0)},
        {GPS.GPSLatitude: (13.0, 0.0)},
        {GPS.GPSLongitude: (200.0, 0.0, 0.0)},
    ],
)
def test_a_place_that_cannot_be_is_no_place(wrong: dict[int, object]) -> None:
    read = facts(gps={**GPS_BANGKOK, **wrong})

    assert (read.latitude, read.longitude) == (None, None)


def test_the_photographer_is_read_in_thai() -> None:
    assert facts({Base.Artist: "สมชาย ใจดี".encode()}).photographer == "สมชาย ใจดี"


def test_a_picture_without_exif_says_nothing() -> None:
    assert read_exif(Image.new("RGB", (40, 40))) == ExifFacts()


def test_damaged_exif_is_read_as_far_as_it_goes_and_never_raises() -> None:
    exif = Image.Exif()
    exif[Base.Model] = "Pixel 9"
    exif.get_ifd(IFD.Exif)[Base.DateTimeOriginal] = "2026:11:20 15:30:00"
    buffer = io.BytesIO()
    Image.new("RGB", (40, 40)).save(buffer, "JPEG", exif=exif.tobytes())
    whole = buffer.getvalue()
    start = whole.index(b"Exif")
    length = int.from_bytes(whole[start - 2 : start])
    for position in range(start + 6, start - 2 + length):
        for value in (0x00, 0xFF, 0x7F):
            damaged = whole[:position] + bytes([value]) + whole[position + 1 :]
            assert isinstance(load_upright(damaged).exif, ExifFacts)
