"""Photos of a camera's size, with as many real faces as wanted, made while a benchmark runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from kiosk.errors import ErrorCode, KnownError
from kiosk.paths import program_root
from kiosk.vision.types import Box, FaceEngine, Pixels

CAMERA_SIZE = (6000, 4000)
_QUALITY = 90
_MARGIN = 1.3
"""Half the side of what is cut out around a face, over the face's own width: hair and shoulders, too."""
_FILLED = 0.4
"""How much of its cell in the grid of people a face takes at most; it takes no less than half of that."""
_LARGEST_SHARE = 0.1
"""A face is no wider than this share of the photo."""
_GRAIN = 6.0
_SEED = 24


def demo_pictures() -> list[Path]:
    """What large photos are made of. Raises KnownError(FOLDER_MISSING): they were not fetched."""
    pictures = sorted((program_root() / ".cache" / "demo" / "photos").glob("*.jpg"))
    if not pictures:
        raise KnownError(
            ErrorCode.FOLDER_MISSING,
            "The demo's pictures are not there.",
            "Fetch them with: python3 -m installer run",
        )
    return pictures


def heads(engine: FaceEngine, pictures: Sequence[Path]) -> list[Pixels]:
    """Every face of the pictures, cut out with what is around it."""
    found: list[Pixels] = []
    for path in pictures:
        pixels = np.asarray(cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR), np.uint8)
        found.extend(_cut_out(pixels, face.box) for face in engine.detect(pixels))
    return found


def write_cards(
    folder: Path, people: Sequence[Pixels], faces: int, photos: int, size: tuple[int, int] = CAMERA_SIZE
) -> list[Path]:
    """So many JPEGs of `size`, each with so many people in rows on a blurred ground with a camera's grain;
    no two files alike."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(_SEED)
    paths = [folder / f"IMG_{number:04}.jpg" for number in range(photos)]
    for path in paths:
        path.write_bytes(_photo(people, faces, size, rng))
    return paths


def _cut_out(pixels: Pixels, box: Box) -> Pixels:
    half = max(box.width, box.height) * _MARGIN
    x, y = box.center
    left, top = max(0, int(x - half)), max(0, int(y - half))
    return pixels[top : int(y + half), left : int(x + half)].copy()


def _photo(people: Sequence[Pixels], faces: int, size: tuple[int, int], rng: np.random.Generator) -> bytes:
    width, height = size
    small = rng.integers(20, 220, (5, 8, 3), dtype=np.uint8)
    photo = np.asarray(cv2.resize(small, size, interpolation=cv2.INTER_CUBIC), np.uint8)
    columns = max(1, round((faces * width / height) ** 0.5))
    rows = -(-faces // columns)
    cell = min(width // columns, height // rows)
    widest = min(cell * _FILLED, width * _LARGEST_SHARE)
    for place in range(faces):
        side = int(widest * 2 * _MARGIN * rng.uniform(0.5, 1.0))
        head = cv2.resize(people[int(rng.integers(len(people)))], (side, side), interpolation=cv2.INTER_CUBIC)
        row, column = divmod(place, columns)
        left = min(width - side, column * width // columns + int(rng.integers(0, max(1, cell - side + 1))))
        top = min(height - side, row * height // rows + int(rng.integers(0, max(1, cell - side + 1))))
        photo[top : top + side, left : left + side] = head
    grain = np.asarray(np.clip(rng.normal(0, _GRAIN, (height // 8 + 1, width)), -20, 20), np.int16)
    noisy = photo.astype(np.int16) + np.repeat(grain, 8, axis=0)[:height, :, None]
    _, encoded = cv2.imencode(
        ".jpg", np.clip(noisy, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, _QUALITY]
    )
    return encoded.tobytes()
