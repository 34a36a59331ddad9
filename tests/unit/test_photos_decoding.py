"""Every kind of picture becomes upright RGB, and every file that is none is refused with its reason."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageOps

from kiosk.errors import ErrorCode, KnownError
from kiosk.photos.decoding import MAX_FILE_BYTES, check_head, load_upright, picture_size
from tests.photo_fakes import drawn, encoded


def two_colours(mode: str = "RGB", size: tuple[int, int] = (80, 40)) -> Image.Image:
    """Left half red, right half blue."""
    image = Image.new("RGB", size, (250, 0, 0))
    image.paste((0, 0, 250), (size[0] // 2, 0, size[0], size[1]))
    return image.convert(mode)


def assert_red_then_blue(data: bytes, tolerance: int = 40) -> None:
    pixels = load_upright(data).pixels()
    assert pixels.shape == (40, 80, 3)
    assert pixels.dtype == np.uint8
    blue, _, red = (int(value) for value in pixels[20, 10])
    assert red > 250 - tolerance
    assert blue < tolerance
    blue, _, red = (int(value) for value in pixels[20, 70])
    assert blue > 250 - tolerance
    assert red < tolerance


def refusal(data: bytes | Path, **limits: float) -> KnownError:
    with pytest.raises(KnownError) as refused:
        load_upright(data, **limits)
    return refused.value


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "BMP", "AVIF"])
def test_every_usual_format_is_read(kind: str) -> None:
    assert_red_then_blue(encoded(two_colours(), kind))


@pytest.mark.parametrize(
    ("mode", "kind"),
    [("CMYK", "JPEG"), ("CMYK", "TIFF"), ("P", "PNG"), ("RGBA", "PNG"), ("YCbCr", "TIFF"), ("P", "GIF")],
)
def test_every_usual_mode_becomes_rgb(mode: str, kind: str) -> None:
    assert_red_then_blue(encoded(two_colours(mode), kind), tolerance=60)


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bit_grey_keeps_its_brightness(kind: str) -> None:
    ramp = np.linspace(0, 65535, 64 * 64).reshape(64, 64).astype(np.uint16)
    pixels = load_upright(encoded(Image.fromarray(ramp), kind)).pixels()

    assert int(pixels[0, 0, 0]) == 0
    assert int(pixels[-1, -1, 0]) == 255
    assert abs(int(pixels[32, 0, 0]) - 128) <= 2


def test_dark_sixteen_bit_grey_stays_dark() -> None:
    dark = np.full((64, 64), 700, np.uint16)

    assert int(load_upright(encoded(Image.fromarray(dark), "PNG")).pixels().max()) < 5


def test_floating_point_grey_is_stretched_to_its_brightest() -> None:
    ramp = np.linspace(0, 1, 64 * 64).reshape(64, 64).astype(np.float32)
    pixels = load_upright(encoded(Image.fromarray(ramp), "TIFF")).pixels()

    assert (int(pixels[0, 0, 0]), int(pixels[-1, -1, 0])) == (0, 255)


def test_black_and_white_and_grey_are_read() -> None:
    for mode in ("1", "L"):
        pixels = load_upright(encoded(Image.new(mode, (64, 64), 1 if mode == "1" else 200), "PNG")).pixels()
        assert int(pixels[0, 0, 0]) == (255 if mode == "1" else 200)


def test_transparent_parts_become_white() -> None:
    pixels = load_upright(encoded(Image.new("RGBA", (64, 64), (0, 0, 0, 0)), "PNG")).pixels()

    assert int(pixels.min()) == 255


def test_a_palette_with_transparency_is_read_without_a_warning() -> None:
    image = two_colours("P")
    assert_red_then_blue(encoded(image, "PNG", transparency=bytes([255] * 256)), tolerance=60)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_of_an_animation_the_first_picture_is_taken(kind: str) -> None:
    frames = [Image.new("RGB", (64, 64), colour) for colour in ((200, 0, 0), (0, 200, 0), (0, 0, 200))]
    data = encoded(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)
    blue, green, red = (int(value) for value in load_upright(data).pixels()[32, 32])

    assert red > 150
    assert max(blue, green) < 60


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_exif_orientation_ends_upright(orientation: int) -> None:
    stored = two_colours()
    for step in {
        2: [Image.Transpose.FLIP_LEFT_RIGHT],
        3: [Image.Transpose.ROTATE_180],
        4: [Image.Transpose.FLIP_TOP_BOTTOM],
        5: [Image.Transpose.TRANSPOSE],
        6: [Image.Transpose.ROTATE_90],
        7: [Image.Transpose.TRANSVERSE],
        8: [Image.Transpose.ROTATE_270],
    }.get(orientation, []):
        stored = stored.transpose(step)
    exif = Image.Exif()
    exif[0x0112] = orientation

    assert_red_then_blue(encoded(stored, exif=exif.tobytes()))


def test_an_orientation_that_does_not_exist_changes_nothing() -> None:
    exif = Image.Exif()
    exif[0x0112] = 77

    assert_red_then_blue(encoded(two_colours(), exif=exif.tobytes()))


def test_a_colour_profile_is_followed() -> None:
    lab_free = ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ")).tobytes()
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()

    assert_red_then_blue(encoded(two_colours(), icc_profile=srgb))
    assert_red_then_blue(encoded(two_colours(), icc_profile=b"no profile at all"))
    assert load_upright(encoded(two_colours(), icc_profile=lab_free)).pixels().shape == (40, 80, 3)


def test_the_content_counts_and_not_the_name(tmp_path: Path) -> None:
    for name in ("photo.txt", "photo.jpg", "photo"):
        path = tmp_path / name
        path.write_bytes(encoded(two_colours(), "PNG"))
        assert load_upright(path).pixels().shape == (40, 80, 3)


def test_the_pixels_are_blue_green_red_and_whole_for_any_height() -> None:
    image = drawn(3, (301, 517))
    pixels = load_upright(encoded(image, "PNG")).pixels()

    assert np.array_equal(pixels[:, :, ::-1], np.asarray(image))


def test_an_empty_file_is_refused_as_empty(tmp_path: Path) -> None:
    path = tmp_path / "empty.jpg"
    path.touch()

    assert refusal(path).code is ErrorCode.PHOTO_EMPTY
    assert refusal(b"").code is ErrorCode.PHOTO_EMPTY


@pytest.mark.parametrize(
    "data",
    [
        b"hello",
        b"%PDF-1.7 not a picture",
        b"\0" * 500,
        b"RIFF0000WAVEfmt ",
        b"\0\0\0\x18ftypmp42" + b"\0" * 40,
    ],
)
def test_what_is_no_picture_is_refused_as_such(data: bytes) -> None:
    assert refusal(data).code is ErrorCode.PHOTO_NOT_A_PICTURE


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "BMP"])
@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_a_file_that_ends_too_early_is_refused_and_never_half_a_picture(kind: str, share: float) -> None:
    data = encoded(drawn(1), kind)

    error = refusal(data[: int(len(data) * share)])

    assert error.code in (ErrorCode.PHOTO_TRUNCATED, ErrorCode.PHOTO_UNREADABLE)
    if kind in ("JPEG", "PNG", "WEBP"):
        assert error.code is ErrorCode.PHOTO_TRUNCATED


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "TIFF", "BMP", "WEBP"])
def test_only_the_first_bytes_of_a_picture_are_refused(kind: str) -> None:
    assert refusal(encoded(drawn(1), kind)[:20]).code in (
        ErrorCode.PHOTO_TRUNCATED,
        ErrorCode.PHOTO_UNREADABLE,
    )


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF"])
def test_damage_anywhere_is_refused_or_survived_but_never_a_crash(kind: str) -> None:
    data = encoded(drawn(2), kind)
    rng = np.random.default_rng(7)
    for _ in range(60):
        damaged = bytearray(data)
        for position in rng.integers(0, len(data), 30):
            damaged[position] = int(rng.integers(0, 256))
        try:
            load_upright(bytes(damaged), max_megapixels=4)
        except KnownError as error:
            assert error.code.startswith("P-")  # noqa: PT017 - surviving is as good as refusing


def test_a_decompression_bomb_is_refused_before_it_is_decoded() -> None:
    def chunk(name: bytes, body: bytes) -> bytes:
        import zlib

        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"x") + chunk(b"IEND", b"")

    error = refusal(bomb)

    assert error.code is ErrorCode.PHOTO_TOO_LARGE
    assert "60000 x 60000" in error.detail


def test_the_limit_on_megapixels_is_the_callers() -> None:
    data = encoded(drawn(1, (400, 300)))

    assert refusal(data, max_megapixels=0.1).code is ErrorCode.PHOTO_TOO_LARGE
    picture = load_upright(data, max_megapixels=0.12)
    assert (picture.width, picture.height) == (400, 300)


def test_a_file_of_too_many_bytes_is_refused_unread() -> None:
    with pytest.raises(KnownError) as refused:
        check_head(b"\xff\xd8\xff\xe0", MAX_FILE_BYTES + 1)

    assert refused.value.code is ErrorCode.PHOTO_TOO_LARGE


def test_a_speck_is_refused_as_too_small() -> None:
    assert refusal(encoded(Image.new("RGB", (16, 400)), "PNG")).code is ErrorCode.PHOTO_TOO_SMALL


def test_a_heic_picture_says_what_to_do_instead() -> None:
    error = refusal(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 400)

    assert error.code in (ErrorCode.PHOTO_UNREADABLE, ErrorCode.PHOTO_TRUNCATED)
    assert error.next_step


def test_a_missing_file_and_a_folder_are_refused_by_name(tmp_path: Path) -> None:
    assert refusal(tmp_path / "nowhere.jpg").code is ErrorCode.PHOTO_UNREADABLE
    assert refusal(tmp_path).code is ErrorCode.PHOTO_UNREADABLE


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_turned_pictures_are_mirrored_and_turned_as_exif_says(orientation: int, kind: str) -> None:
    corners = np.zeros((40, 64, 3), np.uint8)
    corners[:20, :32], corners[:20, 32:], corners[20:, :32] = (240, 0, 0), (0, 240, 0), (0, 0, 240)
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(Image.fromarray(corners), kind, exif=exif.tobytes())

    with Image.open(io.BytesIO(data)) as image:
        upright = np.asarray(ImageOps.exif_transpose(image).convert("RGB"))
    assert np.array_equal(load_upright(data).pixels()[:, :, ::-1], upright)


@pytest.mark.parametrize("mode", ["RGB", "L"])
@pytest.mark.parametrize("subsampling", [0, 1, 2])
def test_the_quick_way_for_jpegs_gives_the_values_of_the_general_one(mode: str, subsampling: int) -> None:
    data = encoded(drawn(5, (333, 217)).convert(mode), subsampling=subsampling)

    with Image.open(io.BytesIO(data)) as plain:
        assert np.array_equal(load_upright(data).pixels()[:, :, ::-1], np.asarray(plain.convert("RGB")))


@pytest.mark.parametrize("share", [0.3, 0.6, 0.97])
def test_a_cut_jpeg_with_a_whole_thumbnail_in_it_is_still_refused(share: float) -> None:
    exif = Image.Exif()
    exif[0x010E] = "x"
    data = encoded(drawn(6, (900, 700)), exif=exif.tobytes() + encoded(drawn(1, (160, 120))))

    error = refusal(data[: int(len(data) * share)])

    assert error.code in (ErrorCode.PHOTO_TRUNCATED, ErrorCode.PHOTO_UNREADABLE)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_the_size_is_known_before_anything_is_decoded(kind: str) -> None:
    assert picture_size(encoded(drawn(1, (123, 77)), kind)) == (123, 77)
    assert picture_size(b"no picture") == (0, 0)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
def test_a_png_that_is_damaged_in_its_middle_is_refused_and_never_taken_half_black(share: float) -> None:
    noise = np.random.default_rng(4).integers(0, 255, (200, 300, 3), dtype=np.uint8)
    data = bytearray(encoded(Image.fromarray(noise), "PNG"))
    start = int(len(data) * share)
    data[start : start + 40] = b"\xa5" * 40

    assert refusal(bytes(data)).code is ErrorCode.PHOTO_UNREADABLE
