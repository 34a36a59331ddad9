"""The page of a photo: its size, its colours, the way up, and how sharp it is."""

from __future__ import annotations

import io
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageDraw, ImageFilter

from kiosk.errors import ErrorCode, KnownError
from kiosk.printing import trial
from kiosk.printing.page import print_page
from kiosk.printing.paper import pixels as pixels_of
from kiosk.printing.types import Paper, PrintPage
from kiosk.sales.types import Finish, PrintSize
from kiosk.vision.types import Box

PAPER = Paper(PrintSize.S10X15, Finish.GLOSSY)
RED, BLUE, GREEN, WHITE = (220, 40, 40), (40, 40, 220), (40, 200, 40), (255, 255, 255)
Colour = tuple[int, int, int]


def quarters(width: int = 300, height: int = 200) -> Image.Image:
    """Red, blue / green, white."""
    image = Image.new("RGB", (width, height), RED)
    draw = ImageDraw.Draw(image)
    draw.rectangle((width // 2, 0, width, height // 2), BLUE)
    draw.rectangle((0, height // 2, width // 2, height), GREEN)
    draw.rectangle((width // 2, height // 2, width, height), WHITE)
    return image


def detailed(width: int, height: int) -> Image.Image:
    """Edges of all directions and sizes, as sharp as pixels can be."""
    rows, columns = np.ogrid[0:height, 0:width]
    rings = (columns**2 + rows**2) // (7 * width) % 2
    grain = np.random.default_rng(7).integers(0, 40, (height, width), np.uint8)
    return Image.fromarray((rings * 150 + 30).astype(np.uint8) + grain).convert("RGB")


def encoded(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **({"quality": 95, "subsampling": 0} if kind == "JPEG" else {}), **options)
    return file.getvalue()


def printed(
    original: bytes, paper: Paper = PAPER, faces: tuple[Box, ...] = (), **how: bytes | None
) -> Image.Image:
    return picture_in(print_page(original, faces, paper, 1, **how))


def picture_in(page: PrintPage) -> Image.Image:
    """The JPEG as it lies in the PDF."""
    first, last = page.pdf.index(b"\xff\xd8\xff"), page.pdf.rindex(b"\xff\xd9") + 2
    image = Image.open(io.BytesIO(page.pdf[first:last]))
    image.load()
    return image


def corners(image: Image.Image) -> list[Colour]:
    """The colour in the middle of each quarter, in reading order."""
    rgb = image.convert("RGB")
    places = [(x, y) for y in (0.25, 0.75) for x in (0.25, 0.75)]
    return [rgb.getpixel((int(rgb.width * x), int(rgb.height * y))) for x, y in places]  # type: ignore[misc]


def is_like(found: Colour, wanted: Colour, apart: int = 6) -> bool:
    return all(abs(one - other) <= apart for one, other in zip(found, wanted, strict=True))


@pytest.mark.parametrize(
    ("size", "pixels", "points"),
    [
        (PrintSize.S10X15, (1181, 1772), "283.46 x 425.2 pts"),
        (PrintSize.S13X18, (1535, 2126), "368.5 x 510.24 pts"),
        (PrintSize.S20X25, (2362, 2953), "566.93 x 708.66 pts"),
    ],
)
@pytest.mark.parametrize("is_lying", [False, True])
def test_a_page_is_as_large_as_its_paper_at_300_dpi(
    size: PrintSize, pixels: tuple[int, int], points: str, is_lying: bool, tmp_path: Path
) -> None:
    if shutil.which("pdfimages") is None:
        pytest.skip("poppler-utils is not installed")
    photo = quarters(600, 400) if is_lying else quarters(400, 600)
    page = print_page(encoded(photo), [], Paper(size, Finish.MATTE), 2, None, None)
    file = tmp_path / "page.pdf"
    file.write_bytes(page.pdf)
    said = subprocess.run(["pdfinfo", file], capture_output=True, text=True, check=True).stdout
    image = subprocess.run(["pdfimages", "-list", file], capture_output=True, text=True, check=True).stdout
    found = image.splitlines()[-1].split()
    wide, high = pixels[::-1] if is_lying else pixels
    width, height = points.removesuffix(" pts").split(" x ")
    turned = f"{height} x {width} pts" if is_lying else points
    assert f"Page size:       {turned}" in said
    assert found[3:9] == [str(wide), str(high), found[5], "3", "8", "jpeg"]
    assert found[12:14] == ["300", "300"]
    assert (page.copies, page.paper.finish) == (2, Finish.MATTE)


def test_the_jpeg_lies_in_the_pdf_as_it_was_made_with_full_colour() -> None:
    image = picture_in(print_page(encoded(quarters()), [], PAPER, 1, None, None))
    assert image.format == "JPEG"
    assert [layer[1:3] for layer in image.layer] == [(1, 1)] * 3  # type: ignore[attr-defined]
    assert max(image.quantization[0]) <= 12  # type: ignore[attr-defined]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_stands_upright_whichever_way_the_camera_was_held(orientation: int) -> None:
    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    upright = quarters(900, 400)
    upright.paste((0, 0, 0), (880, 0, 900, 400))  # cut off, unless the crop goes to the face there
    stored = upright.transpose(turns[orientation]) if orientation in turns else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = printed(encoded(stored, exif=exif), faces=(Box(780, 100, 890, 200),))
    assert image.size == (1772, 1181)
    assert is_like(image.getpixel((1770, 300)), (0, 0, 0))  # type: ignore[arg-type]
    assert is_like(image.getpixel((10, 300)), RED)  # type: ignore[arg-type]
    assert is_like(image.getpixel((10, 1100)), GREEN)  # type: ignore[arg-type]


def profile_of(name: str) -> bytes:
    """An ICC profile with other primaries than sRGB."""
    from tests.colour_profiles import wide_profile

    return wide_profile(name)


def test_a_photos_own_profile_stays_and_its_values_too() -> None:
    wide = profile_of("wide")
    image = printed(encoded(quarters(), icc_profile=wide))
    assert image.info["icc_profile"] == wide
    assert is_like(corners(image)[0], RED)


def test_with_a_printers_profile_colours_are_converted_into_it() -> None:
    wide = profile_of("printer")
    plain = printed(encoded(quarters()), profile=wide)
    assert plain.info["icc_profile"] == wide
    back = ImageCms.profileToProfile(
        plain, ImageCms.ImageCmsProfile(io.BytesIO(wide)), ImageCms.createProfile("sRGB")
    )
    assert back is not None
    assert not is_like(corners(plain)[2], GREEN)
    assert all(is_like(one, other, 9) for one, other in zip(corners(back), corners(quarters()), strict=True))
    assert is_like(corners(plain)[3], WHITE)


def test_a_photo_of_the_printers_own_colours_is_not_changed() -> None:
    wide = profile_of("printer")
    assert is_like(corners(printed(encoded(quarters(), icc_profile=wide), profile=wide))[0], RED)


@pytest.mark.parametrize("mode", ["L", "CMYK", "P", "RGBA", "LA", "I;16", "1"])
def test_every_kind_of_picture_becomes_a_page_in_colour(mode: str) -> None:
    if mode == "I;16":
        values = np.linspace(0, 65535, 300 * 200, dtype=np.uint16).reshape(200, 300)
        image = Image.fromarray(values)
    else:
        image = quarters().quantize(8) if mode == "P" else quarters().convert(mode)
    page = printed(encoded(image, "TIFF" if mode in ("CMYK", "I;16", "1") else "PNG"))
    assert (page.mode, page.size) == ("RGB", (1772, 1181))
    wanted = image.convert("RGB") if mode != "I;16" else None
    if wanted is not None and mode != "1":
        assert is_like(corners(page)[0], corners(wanted)[0], 12)


def test_a_cmyk_jpeg_of_a_camera_bag_is_printed_in_its_colours() -> None:
    page = printed(encoded(quarters().convert("CMYK")))
    assert is_like(corners(page)[1], BLUE, 12)


def test_a_photo_too_small_for_its_paper_is_printed_all_the_same() -> None:
    assert printed(encoded(quarters(90, 60)), Paper(PrintSize.S20X25, Finish.GLOSSY)).size == (2953, 2362)


def test_a_large_photo_is_decoded_at_half_its_size_and_shows_the_same_part() -> None:
    large = quarters(5400, 3000)
    large.paste((0, 0, 0), (5000, 0, 5400, 3000))  # cut off, unless the crop goes to the face there
    image = printed(encoded(large), faces=(Box(4900, 1000, 5390, 1500),))
    assert image.size == (1772, 1181)
    assert is_like(image.getpixel((1625, 300)), (0, 0, 0))  # type: ignore[arg-type]
    assert is_like(image.getpixel((1603, 300)), BLUE)  # type: ignore[arg-type]
    assert is_like(image.getpixel((10, 300)), RED)  # type: ignore[arg-type]


@pytest.mark.slow
def test_what_is_decoded_at_half_its_size_is_all_but_as_sharp_as_the_whole() -> None:
    """So large a JPEG is decoded at half its size; the same pixels in another file are decoded as a whole."""
    photo = detailed(5328, 3552).convert("L").filter(ImageFilter.GaussianBlur(0.8))  # as a lens shows them
    data = encoded(photo)
    whole = encoded(Image.open(io.BytesIO(data)), "BMP")
    true, found = (np.asarray(printed(each).convert("L"), np.float64) for each in (whole, data))
    error = np.sqrt(np.mean((true - found) ** 2))
    assert 20 * np.log10(255 / error) > 36
    assert steepness(found) > 0.94 * steepness(true)


def steepness(grey: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> float:
    """How much neighbours differ: what is blurred differs less."""
    return float(np.abs(np.diff(grey, axis=1)).mean() + np.abs(np.diff(grey, axis=0)).mean())


def frame_of(size: tuple[int, int] = (400, 600), middle: int = 0) -> bytes:
    frame = Image.new("RGBA", size, (*RED, 255))
    edge = size[0] // 10
    frame.paste((0, 0, 0, middle), (edge, edge, size[0] - edge, size[1] - edge))
    return encoded(frame, "PNG")


def test_the_frame_lies_over_the_photo_and_shows_it_in_the_middle() -> None:
    for photo in (Image.new("RGB", (600, 400), BLUE), Image.new("RGB", (400, 600), BLUE)):
        image = printed(encoded(photo), frame=frame_of())
        middle = (image.width // 2, image.height // 2)
        assert is_like(image.getpixel(middle), BLUE)  # type: ignore[arg-type]
        for place in ((5, 5), (image.width - 5, middle[1]), (middle[0], image.height - 5)):
            assert is_like(image.getpixel(place), RED)  # type: ignore[arg-type]


def test_the_frame_has_its_colours_also_on_a_photo_of_others() -> None:
    wide = profile_of("wide")
    image = printed(encoded(quarters(), icc_profile=wide), frame=frame_of())
    shown = ImageCms.profileToProfile(
        image, ImageCms.ImageCmsProfile(io.BytesIO(wide)), ImageCms.createProfile("sRGB")
    )
    assert shown is not None
    assert is_like(shown.getpixel((5, 5)), RED, 9)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("frame", "profile"), [(b"no picture", None), (frame_of(middle=255), None), (None, b"no profile")]
)
def test_a_frame_or_profile_of_no_use_is_named(frame: bytes | None, profile: bytes | None) -> None:
    with pytest.raises(KnownError) as error:
        printed(encoded(quarters()), frame=frame, profile=profile)
    assert error.value.code is ErrorCode.SETTING_INVALID
    assert error.value.next_step


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", ErrorCode.PHOTO_EMPTY),
        (b"no picture at all", ErrorCode.PHOTO_NOT_A_PICTURE),
        (encoded(detailed(400, 300))[:20_000], ErrorCode.PHOTO_TRUNCATED),
    ],
)
def test_what_is_no_photo_is_named(data: bytes, code: ErrorCode) -> None:
    with pytest.raises(KnownError) as error:
        printed(data)
    assert error.value.code is code


def test_a_broken_profile_in_a_photo_is_left_out() -> None:
    image = printed(encoded(quarters(), icc_profile=b"nonsense" * 40))
    assert "icc_profile" not in image.info
    assert is_like(corners(image)[0], RED)


@pytest.mark.parametrize("size", list(PrintSize))
def test_the_test_page_fills_its_paper_with_greys_colours_and_words(size: PrintSize) -> None:
    page = trial.test_page(Paper(size, Finish.GLOSSY))
    image = picture_in(page)
    assert image.size == pixels_of(size)[::-1]
    assert image.info["dpi"] == (300, 300)
    assert is_like(image.getpixel((2, 2)), WHITE)  # type: ignore[arg-type]
    rows = np.asarray(image.convert("L"))
    wedge = rows[round(image.height * 0.2)]
    steps = wedge[wedge < 250].astype(int)
    assert len(set(steps // 8)) >= 10
    words = rows[round(image.height * 0.76) :, : image.width // 2]
    assert 0.02 < float((words < 128).mean()) < 0.3


def test_a_page_brings_its_picture_for_printers_that_are_painted_on() -> None:
    page = print_page(encoded(quarters()), [], PAPER, 1, None, None)
    assert page.jpeg in page.pdf
