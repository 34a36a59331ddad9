"""Drawn pictures, and a face engine that finds faces in them without weights."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from kiosk.vision.types import Box, Detection, Embedding, Pixels

FAKE_CONTRACT = "magenta-squares-1"
MAGENTA = (255, 0, 255)


def drawn(seed: int = 0, size: tuple[int, int] = (320, 240), people: int = 1) -> Image.Image:
    """A picture of its own for each seed, with `people` magenta squares that `SquareFaceEngine` sees."""
    noise = np.random.default_rng(seed).integers(0, 90, (12, 16, 3), np.uint8)
    image = Image.fromarray(noise).resize(size, Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(image)
    side = min(size) // 5
    for person in range(people):
        left, top = 10 + person * (side + 16), size[1] // 3
        draw.rectangle((left, top, left + side - 1, top + side - 1), fill=MAGENTA)
    return image


def encoded(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    """The picture as a file's bytes."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **({"quality": 95} if kind == "JPEG" else {}), **options)
    return buffer.getvalue()


def write_photos(folder: Path, count: int, people: int = 1) -> None:
    """`count` different photos, named in order."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        (folder / f"IMG_{number:04d}.jpg").write_bytes(encoded(drawn(number, people=people)))


class SquareFaceEngine:
    """A `FaceEngine` whose faces are magenta squares; picture and place make the embedding."""

    contract_id = FAKE_CONTRACT

    def detect(self, pixels: Pixels) -> list[Detection]:
        mask = (pixels[:, :, 0] > 200) & (pixels[:, :, 1] < 80) & (pixels[:, :, 2] > 200)
        columns = np.flatnonzero(mask.sum(axis=0) > 10)
        if not len(columns):
            return []
        runs = np.split(columns, np.flatnonzero(np.diff(columns) > 4) + 1)
        rows = np.flatnonzero(mask.sum(axis=1) > 10)
        found = []
        for run in runs:
            box = Box(float(run[0]), float(rows[0]), float(run[-1] + 1), float(rows[-1] + 1))
            found.append(Detection(box, 0.9, np.zeros((5, 2), np.float32)))
        return found

    def embed(self, pixels: Pixels, detections: Sequence[Detection]) -> list[Embedding]:
        around = int(pixels[::16, ::16].astype(np.int64).sum())
        embeddings = []
        for detection in detections:
            rng = np.random.default_rng([around, int(detection.box.x1)])
            vector = rng.standard_normal(512).astype(np.float32)
            embeddings.append(Embedding(vector / np.linalg.norm(vector), FAKE_CONTRACT))
        return embeddings
