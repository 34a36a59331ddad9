"""The demo event's drawn pictures, and the times and photographers that its photos carry."""

from __future__ import annotations

import io
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass

from PIL import ExifTags, Image, ImageDraw, ImageFilter

EVENT_DAY = "2026:11:15"
_SIZE = (1600, 1066)
_FINE = 2  # drawn this many times larger, for smooth edges
_EXIF_HEADER = b"Exif\0\0"

Colour = tuple[int, int, int]


@dataclass(frozen=True)
class _Scene:
    """One drawn picture: place and file, sky from top to horizon, hills from far to near, the motif."""

    name: str
    taken: str
    photographer: str
    sky: tuple[Colour, Colour]
    hills: tuple[Colour, ...]
    sun: tuple[float, float, Colour] | None
    motif: str


_DAWN = ((52, 58, 104), (247, 178, 130))
_MORNING = ((98, 170, 226), (226, 240, 248))
_NOON = ((46, 128, 206), (186, 222, 244))
_DUSK = ((40, 34, 74), (232, 128, 84))
_GREEN = ((142, 176, 150), (96, 146, 100), (54, 104, 66))
_BLUE = ((128, 148, 190), (84, 106, 160), (46, 64, 112))
_GOLD = ((214, 168, 118), (178, 122, 78), (112, 74, 54))
_LOW_SUN, _HIGH_SUN = (0.72, 0.46, (255, 226, 170)), (0.2, 0.16, (255, 250, 224))
_SCENES = (
    _Scene("Start/start-at-dawn.jpg", "05:48:02", "Ploy", _DAWN, _BLUE, _LOW_SUN, "arch"),
    _Scene("Lake/lake-road.jpg", "06:05:40", "Krit", _DAWN, _GREEN, _LOW_SUN, "lake"),
    _Scene("Lake/morning-road.jpg", "06:31:15", "Ploy", _MORNING, _GREEN, _HIGH_SUN, "road"),
    _Scene("Lake/first-balloons.jpg", "06:55:27", "Krit", _MORNING, _BLUE, _HIGH_SUN, "balloons"),
    _Scene("Hills/palm-avenue.jpg", "07:12:09", "Ploy", _NOON, _GREEN, _HIGH_SUN, "palms"),
    _Scene("Hills/flags-at-ten-km.jpg", "07:30:44", "Krit", _MORNING, _GOLD, _HIGH_SUN, "flags"),
    _Scene("Finish/finish-line.jpg", "08:02:18", "Ploy", _NOON, _GREEN, None, "arch"),
    _Scene("Finish/medals.jpg", "08:40:33", "Krit", _MORNING, _GOLD, None, "medals"),
    _Scene("Hills/hill-road.jpg", "09:05:51", "Ploy", _NOON, _GOLD, _HIGH_SUN, "road"),
    _Scene("Lake/reservoir.jpg", "09:40:12", "Krit", _NOON, _BLUE, None, "lake"),
    _Scene("Finish/balloons-over-fields.jpg", "16:50:30", "Ploy", _DUSK, _GOLD, _LOW_SUN, "balloons"),
    _Scene("Finish/lanterns.jpg", "18:05:09", "Krit", _DUSK, _BLUE, None, "lanterns"),
)


def draw_scenes() -> Iterator[tuple[str, bytes]]:
    """Place and file name, and the JPEG, of every drawn picture; the same each time."""
    for number, scene in enumerate(_SCENES):
        buffer = io.BytesIO()
        _drawn(scene, random.Random(number)).save(buffer, "JPEG", quality=88)
        yield scene.name, stamped(buffer.getvalue(), scene.taken, scene.photographer)


def _drawn(scene: _Scene, chance: random.Random) -> Image.Image:
    width, height = _SIZE[0] * _FINE, _SIZE[1] * _FINE
    ramp = Image.new("L", (width, height), 255)
    ramp.paste(Image.linear_gradient("L").resize((width, int(height * 0.6))))
    picture = Image.composite(
        Image.new("RGB", ramp.size, scene.sky[1]), Image.new("RGB", ramp.size, scene.sky[0]), ramp
    )
    if scene.sun:
        picture = _with_sun(picture, scene.sun)
    draw = ImageDraw.Draw(picture)
    for depth, colour in enumerate(scene.hills):
        _hill(draw, width, height, 0.5 + 0.1 * depth, colour, chance)
    _MOTIFS[scene.motif](draw, width, height, chance)
    return picture.resize(_SIZE, Image.Resampling.LANCZOS)


def _with_sun(picture: Image.Image, sun: tuple[float, float, Colour]) -> Image.Image:
    x, y, colour = sun[0] * picture.width, sun[1] * picture.height, sun[2]
    radius = picture.width // 26
    glow = Image.new("L", (picture.width // 8, picture.height // 8))
    small = (x / 8, y / 8, radius / 8)
    ImageDraw.Draw(glow).ellipse(_circle(small[0], small[1], small[2] * 2.4), 150)
    glow = glow.filter(ImageFilter.GaussianBlur(28)).resize(picture.size)
    picture.paste(Image.new("RGB", picture.size, colour), mask=glow)
    ImageDraw.Draw(picture).ellipse(_circle(x, y, radius), colour)
    return picture


def _circle(x: float, y: float, radius: float) -> tuple[float, float, float, float]:
    return (x - radius, y - radius, x + radius, y + radius)


def _hill(
    draw: ImageDraw.ImageDraw, width: int, height: int, line: float, colour: Colour, chance: random.Random
) -> None:
    waves = [
        (chance.uniform(0.8, 3.2), chance.uniform(0, math.tau), chance.uniform(0.012, 0.04)) for _ in range(3)
    ]
    ridge = [
        (
            x,
            height
            * (line + sum(size * math.sin(often * math.tau * x / width + at) for often, at, size in waves)),
        )
        for x in range(0, width + 16, 16)
    ]
    draw.polygon([*ridge, (width, height), (0, height)], colour)


def _road(draw: ImageDraw.ImageDraw, width: int, height: int, chance: random.Random) -> None:
    end = width * chance.uniform(0.42, 0.6)
    top, bottom = height * 0.7, float(height)
    draw.polygon(
        [(end - 26, top), (end + 26, top), (width * 0.86, bottom), (width * 0.1, bottom)], (84, 86, 92)
    )
    for step in range(7):
        near, far = (step / 7) ** 2, ((step + 0.5) / 7) ** 2
        y0, y1 = top + (bottom - top) * near, top + (bottom - top) * far
        x0, x1 = end + (width * 0.48 - end) * near, end + (width * 0.48 - end) * far
        wide0, wide1 = 3 + 16 * near, 3 + 16 * far
        stroke = [(x0 - wide0, y0), (x0 + wide0, y0), (x1 + wide1, y1), (x1 - wide1, y1)]
        draw.polygon(stroke, (238, 232, 214))


def _arch(draw: ImageDraw.ImageDraw, width: int, height: int, chance: random.Random) -> None:
    _road(draw, width, height, chance)
    left, right, top, foot = width * 0.2, width * 0.8, height * 0.3, height * 0.9
    gold, dark, post = (212, 175, 55), (26, 26, 26), width * 0.035
    for x in (left, right):
        draw.rounded_rectangle((x - post, top, x + post, foot), post / 2, dark)
    draw.rounded_rectangle((left - post, top, right + post, top + height * 0.16), post / 2, gold)
    square = height * 0.04
    for column in range(int((right - left) / square)):
        for row in range(2):
            if (column + row) % 2 == 0:
                x, y = left + column * square, top + height * 0.04 + row * square
                draw.rectangle((x, y, x + square, y + square), dark)


def _balloons(draw: ImageDraw.ImageDraw, width: int, height: int, chance: random.Random) -> None:
    for _ in range(9):
        x, y = width * chance.uniform(0.06, 0.94), height * chance.uniform(0.1, 0.5)
        size = height * chance.uniform(0.04, 0.11)
        colour = chance.choice(
            [(206, 84, 70), (212, 175, 55), (70, 120, 176), (236, 226, 204), (96, 146, 100)]
        )
        draw.ellipse(_circle(x, y, size), colour)
        draw.polygon(
            [(x - size * 0.86, y + size * 0.5), (x + size * 0.86, y + size * 0.5), (x, y + size * 1.5)],
            colour,
        )
        draw.rectangle((x - size * 0.2, y + size * 1.55, x + size * 0.2, y + size * 1.85), (96, 66, 44))


def _palms(draw: ImageDraw.ImageDraw, width: int, height: int, chance: random.Random) -> None:
    _road(draw, width, height, chance)
    for x, size in ((0.08, 1.0), (0.2, 0.74), (0.3, 0.56), (0.7, 0.56), (0.8, 0.74), (0.92, 1.0)):
        foot, crown = (width * x, height * (0.68 + 0.24 * size)), (width * x, height * (0.62 - 0.42 * size))
        draw.line([foot, crown], (112, 84, 62), int(34 * size))
        for leaf in range(9):
            turn = math.tau * leaf / 9 + chance.uniform(-0.2, 0.2)
            tip = (crown[0] + 260 * size * math.cos(turn), crown[1] + 150 * size * math.sin(turn) + 70 * size)
            middle = (
                crown[0] + 150 * size * math.cos(turn),
                crown[1] + 120 * size * math.sin(turn) - 30 * size,
            )
            draw.line([crown, middle, tip], (50, 112, 62), int(30 * size), joint="curve")


def _flags(draw: ImageDraw.ImageDraw, width: int, height: int, chance: random.Random) -> None:
    _road(draw, width, height, chance)
    for number in range(9):
        x, top, foot = width * (0.06 + 0.11 * number), height * 0.34, height * 0.86
        draw.line([(x, top), (x, foot)], (240, 240, 236), 14)
        colour = ((212, 175, 55), (206, 84, 70), (70, 120, 176))[number % 3]
        wave = [(x + step * 12, top + 14 * math.sin(step / 2 + number)) for step in range(15)]
        draw.polygon([*wave, *((px, py + height * 0.13) for px, py in reversed(wave))], colour)


def _lake(draw: ImageDraw.ImageDraw, width: int, height: int, chance: random.Random) -> None:
    draw.rectangle((0, height * 0.74, width, height), (74, 122, 168))
    for _ in range(120):
        x, y = width * chance.random(), height * chance.uniform(0.75, 1.0)
        length = width * chance.uniform(0.01, 0.05) * (y / height)
        draw.line([(x, y), (x + length, y)], (150, 188, 216), 4)
    for x in (0.3, 0.62):
        hull = [(x - 0.05, 0.8), (x + 0.05, 0.8), (x + 0.035, 0.83), (x - 0.035, 0.83)]
        draw.polygon([(width * a, height * b) for a, b in hull], (72, 48, 40))
        sail = [(x, 0.79), (x, 0.6), (x + 0.045, 0.78)]
        draw.polygon([(width * a, height * b) for a, b in sail], (244, 240, 228))


def _medals(draw: ImageDraw.ImageDraw, width: int, height: int, chance: random.Random) -> None:
    for number in range(4):
        x, y, radius = width * (0.16 + 0.227 * number), height * 0.62, height * 0.14
        ribbon = ((206, 84, 70), (70, 120, 176), (54, 104, 66), (112, 74, 140))[number]
        draw.polygon([(x - 120, 0), (x - 30, 0), (x + 36, y - radius), (x - 36, y - radius)], ribbon)
        draw.polygon([(x + 120, 0), (x + 30, 0), (x - 36, y - radius), (x + 36, y - radius)], ribbon)
        draw.ellipse(_circle(x, y, radius), (176, 138, 36))
        draw.ellipse(_circle(x, y, radius * 0.86), (212, 175, 55))
        reach = [radius * (0.6 if k % 2 == 0 else 0.26) for k in range(10)]
        star = [
            (x + r * math.sin(math.pi * k / 5), y - r * math.cos(math.pi * k / 5))
            for k, r in enumerate(reach)
        ]
        draw.polygon(star, (250, 226, 140))
    for _ in range(70):
        x, y = width * chance.random(), height * chance.random()
        draw.ellipse(_circle(x, y, chance.uniform(4, 12)), (250, 236, 190))


def _lanterns(draw: ImageDraw.ImageDraw, width: int, height: int, chance: random.Random) -> None:
    for _ in range(34):
        x, y, size = (
            width * chance.random(),
            height * chance.uniform(0.04, 0.72),
            height * chance.uniform(0.012, 0.04),
        )
        draw.rounded_rectangle(
            (x - size, y - size * 1.3, x + size, y + size * 1.3), size * 0.6, (250, 196, 104)
        )
        draw.ellipse(_circle(x, y + size * 0.7, size * 0.4), (255, 244, 206))


_MOTIFS = {
    "arch": _arch,
    "balloons": _balloons,
    "flags": _flags,
    "lake": _lake,
    "lanterns": _lanterns,
    "medals": _medals,
    "palms": _palms,
    "road": _road,
}


def stamped(content: bytes, taken: str, photographer: str) -> bytes:
    """The same picture, pixel for pixel, taken on the event's day at `taken` (hh:mm:ss, Thai time).

    A camera, a photographer and a notice that the picture already names stay.
    """
    picture = Image.open(io.BytesIO(content))
    exif = picture.getexif()
    exif[ExifTags.Base.DateTime] = f"{EVENT_DAY} {taken}"
    exif.setdefault(ExifTags.Base.Make, "Demo")
    exif.setdefault(ExifTags.Base.Model, f"Camera of {photographer}")
    exif.setdefault(ExifTags.Base.Artist, photographer)
    details = exif.get_ifd(ExifTags.IFD.Exif)
    details[ExifTags.Base.DateTimeOriginal] = f"{EVENT_DAY} {taken}"
    details[ExifTags.Base.DateTimeDigitized] = f"{EVENT_DAY} {taken}"
    details[ExifTags.Base.OffsetTimeOriginal] = "+07:00"
    if picture.format == "JPEG":
        return _with_exif_segment(content, exif.tobytes())
    buffer = io.BytesIO()
    picture.save(buffer, picture.format, exif=exif)
    return buffer.getvalue()


def _with_exif_segment(jpeg: bytes, exif: bytes) -> bytes:
    """A JPEG with its EXIF segment replaced; nothing is decoded, so no pixel changes."""
    payload = exif if exif.startswith(_EXIF_HEADER) else _EXIF_HEADER + exif
    kept, at = [], 2
    while jpeg[at] == 0xFF and 0xE0 <= jpeg[at + 1] <= 0xEF:
        end = at + 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
        if not jpeg[at + 4 :].startswith(_EXIF_HEADER):
            kept.append(jpeg[at:end])
        at = end
    segment = b"\xff\xe1" + (len(payload) + 2).to_bytes(2, "big") + payload
    jfif = [part for part in kept if part[1] == 0xE0]
    rest = [part for part in kept if part[1] != 0xE0]
    return b"".join([jpeg[:2], *jfif, segment, *rest, jpeg[at:]])
