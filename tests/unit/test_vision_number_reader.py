"""Numbers are read where they stand, words are not, and only with the weights that the manifest names."""

from __future__ import annotations

import hashlib
import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from kiosk.benchmarks.drawn_numbers import FONT, Look, draw_numbers
from kiosk.errors import BugError, ErrorCode, KnownError
from kiosk.vision.manifest import Slot, read_manifest
from kiosk.vision.number_reader import ShirtNumberReader
from kiosk.vision.types import Pixels

SLOTS = pytest.mark.parametrize("slot", ["text_finder", "text_reader"])


@pytest.fixture(scope="module")
def reader(weights: Path) -> ShirtNumberReader:
    return ShirtNumberReader(weights)


def ground(width: int = 1500, height: int = 1000) -> Pixels:
    rough = np.random.default_rng(1).integers(60, 120, (40, 60, 3), np.uint8)
    return np.asarray(cv2.resize(rough, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)


def sign(text: str) -> Pixels:
    """A white sign with black words, 60 pixels high."""
    image = Image.fromarray(ground(900, 400))
    pen = ImageDraw.Draw(image)
    pen.rectangle((100, 100, 800, 300), fill="white")
    pen.text((450, 200), text, fill="black", font=ImageFont.truetype(str(FONT), 80), anchor="mm")
    return np.asarray(image, np.uint8)[..., ::-1].copy()


@pytest.mark.parametrize(
    "look",
    [
        Look(),
        Look(height_px=24.0),
        Look(height_px=120.0, blur=0.05),
        Look(angle=25.0),
        Look(angle=-25.0, contrast=0.5),
        Look(turn=35.0, waves=0.05),
    ],
    ids=str,
)
def test_numbers_are_read_whole_and_where_they_stand(reader: ShirtNumberReader, look: Look) -> None:
    picture, drawn = draw_numbers(ground(), [look] * 4, np.random.default_rng(7), digits=4)
    found = {number.digits: number for number in reader.read(picture)}
    assert set(found) == {one.digits for one in drawn}
    for one in drawn:
        number, box = found[one.digits], one.box
        assert 0.7 <= number.score <= 1.0
        x, y = box.center
        assert number.box.x1 < x < number.box.x2
        assert number.box.y1 < y < number.box.y2
        assert 0.8 < number.box.height / box.height < 3.5  # a line of print beside it may be in its box


def test_a_number_in_a_large_photo_is_read_at_its_own_size(reader: ShirtNumberReader) -> None:
    look = Look(height_px=40.0)
    picture, drawn = draw_numbers(ground(6000, 4000), [look], np.random.default_rng(3), digits=4)
    assert [number.digits for number in reader.read(picture)] == [drawn[0].digits]


@pytest.mark.parametrize("text", ["12:34", "10K", "42.195", "20/11/2026", "081 234 5678", "FINISH", "เส้นชัย"])
def test_words_times_and_distances_are_no_numbers(reader: ShirtNumberReader, text: str) -> None:
    assert reader.read(sign(text)) == []


@pytest.mark.parametrize(("text", "digits"), [("1234", "1234"), ("F1234", "1234"), ("007", "007")])
def test_signs_of_the_same_kind_are_read(reader: ShirtNumberReader, text: str, digits: str) -> None:
    assert [number.digits for number in reader.read(sign(text))] == [digits]


@pytest.mark.parametrize("shape", [(1000, 1500), (32, 32), (1, 1), (8, 4000), (4000, 8)])
def test_pictures_without_numbers_of_any_shape_have_none(
    reader: ShirtNumberReader, shape: tuple[int, int]
) -> None:
    assert reader.read(np.full((*shape, 3), 127, np.uint8)) == []


def test_what_is_no_picture_is_a_bug(reader: ShirtNumberReader) -> None:
    for wrong in (np.zeros((10, 10), np.uint8), np.zeros((10, 10, 3), np.float32)):
        with pytest.raises(BugError):
            reader.read(wrong)  # type: ignore[arg-type]


@pytest.mark.slow
def test_several_threads_read_the_same(reader: ShirtNumberReader) -> None:
    pictures = [draw_numbers(ground(), [Look()] * 3, np.random.default_rng(seed))[0] for seed in range(4)]
    alone = [reader.read(picture) for picture in pictures]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(reader.read, pictures)) == alone


def with_weights(weights: Path, folder: Path, slot: Slot, data: bytes, is_claimed: bool) -> Path:
    """A folder of weights in which the file of `slot` is another; the manifest claims it or does not."""
    content = json.loads((weights / "manifest.json").read_text(encoding="utf-8"))
    for entry in content["weights"]:
        if entry["slot"] == slot:
            (folder / entry["file"]).write_bytes(data)
            entry["sha256"] = hashlib.sha256(data).hexdigest() if is_claimed else entry["sha256"]
        else:
            shutil.copy(weights / entry["file"], folder / entry["file"])
    (folder / "manifest.json").write_text(json.dumps(content), encoding="utf-8")
    return folder


@SLOTS
def test_weights_with_another_hash_are_never_loaded(weights: Path, tmp_path: Path, slot: Slot) -> None:
    folder = with_weights(weights, tmp_path, slot, b"something else", is_claimed=False)
    with pytest.raises(KnownError) as caught:
        ShirtNumberReader(folder).warm_up()
    assert caught.value.code is ErrorCode.WEIGHTS_HASH


@SLOTS
@pytest.mark.parametrize("other", ["", "detector", "text_finder", "text_reader"])
def test_weights_of_another_network_are_unusable(
    weights: Path, tmp_path: Path, slot: Slot, other: Slot | str
) -> None:
    if other == slot:
        return
    file = read_manifest(weights).entry(other).file if other else ""  # type: ignore[arg-type]
    data = (weights / file).read_bytes() if file else b"no network"
    folder = with_weights(weights, tmp_path, slot, data, is_claimed=True)
    with pytest.raises(KnownError) as caught:
        ShirtNumberReader(folder).warm_up()
    assert caught.value.code is ErrorCode.WEIGHTS_UNUSABLE
    assert caught.value.next_step
