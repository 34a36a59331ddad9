"""A picture is searched in sizes and tiles; what is found is said in its own pixels, once per face."""

from __future__ import annotations

import numpy as np
import pytest

from kiosk.errors import BugError
from kiosk.vision.finding import find_faces
from kiosk.vision.looks import exact_landmarks, in_tiles, one_per_face, overlap, scaled
from kiosk.vision.types import Box, Detection, Pixels

SURE = 0.6


def face(x: float, y: float, width: float, score: float = 0.9) -> Detection:
    landmarks = np.array([[0.3, 0.4], [0.7, 0.4], [0.5, 0.6], [0.35, 0.8], [0.65, 0.8]]) * width + [x, y]
    return Detection(Box(x, y, x + width, y + width), score, landmarks.astype(np.float32))


def white_square(picture: Pixels, _: float) -> list[Detection]:
    """A detector of one white square."""
    rows, columns = np.nonzero(picture[..., 0] > 127)
    if not len(rows):
        return []
    x, y, width = columns.min(), rows.min(), columns.max() + 1 - columns.min()
    return [face(float(x), float(y), float(width))]


def picture_with_square(width: int, height: int, x: int, y: int, side: int) -> Pixels:
    picture = np.zeros((height, width, 3), np.uint8)
    picture[y : y + side, x : x + side] = 255
    return picture


def test_boxes_and_landmarks_are_in_pixels_of_the_whole_picture() -> None:
    picture = picture_with_square(3000, 2000, 1200, 600, 300)
    (found,) = find_faces(picture, (640, 1280), white_square, SURE)
    assert found.box.x1 == pytest.approx(1200, abs=5)
    assert found.box.y2 == pytest.approx(900, abs=5)
    assert found.landmarks[2].tolist() == pytest.approx([1350, 780], abs=6)


def test_a_size_that_shows_nothing_new_is_left_out() -> None:
    sizes: list[int] = []

    def note(picture: Pixels, _: float) -> list[Detection]:
        sizes.append(max(picture.shape[:2]))
        return []

    for side in (500, 640, 641, 1200):
        find_faces(np.zeros((100, side, 3), np.uint8), (640, 700), note, SURE)
    assert sizes == [500, 640, 641, 640, 700, 640]


def test_the_largest_face_comes_first_and_each_face_once() -> None:
    def see(_: Pixels, __: float) -> list[Detection]:
        return [face(10, 10, 40, 0.7), face(12, 11, 40, 0.9), face(100, 100, 80, 0.8)]

    found = find_faces(np.zeros((400, 400, 3), np.uint8), (640,), see, SURE)
    assert [(one.box.width, one.score) for one in found] == [(80, 0.8), (40, 0.9)]


def test_of_overlapping_faces_the_surest_stays() -> None:
    kept = one_per_face([face(0, 0, 100, 0.6), face(5, 5, 100, 0.95), face(90, 0, 100, 0.7)])
    assert sorted(one.score for one in kept) == [0.7, 0.95]


def test_a_large_picture_is_searched_in_tiles_that_leave_nothing_out() -> None:
    seen = np.zeros((1281, 1919), np.int64)
    rows, columns = np.mgrid[0:1281, 0:1919]
    picture = np.stack([rows % 256, columns % 256, (rows // 256) * 16 + columns // 256], axis=2)

    def mark(tile: Pixels, _: float) -> list[Detection]:
        row, column, block = (int(value) for value in tile[0, 0])
        top, left = block // 16 * 256 + row, block % 16 * 256 + column
        seen[top : top + tile.shape[0], left : left + tile.shape[1]] += 1
        assert tile.shape[0] * tile.shape[1] <= 704 * 704
        return []

    in_tiles(picture.astype(np.uint8), mark, SURE)
    assert seen.min() == 1
    assert seen.mean() < 1.3


@pytest.mark.parametrize("x", [600, 640, 660, 700, 1250, 1400])
def test_a_face_on_the_border_of_two_tiles_is_found_whole_and_once(x: int) -> None:
    picture = picture_with_square(1920, 1280, x, 640, 40)
    (found,) = one_per_face(in_tiles(picture, white_square, SURE))
    assert (found.box.x1, found.box.y1, found.box.width) == (x, 640, 40)


def unsure_of_small_squares(picture: Pixels, min_score: float) -> list[Detection]:
    """Sees white squares; below 20 pixels it is unsure."""
    seen = white_square(picture, min_score)
    sized = [face(one.box.x1, one.box.y1, one.box.width, min(0.95, one.box.width / 40)) for one in seen]
    return [one for one in sized if one.score >= min_score]


def test_what_looks_a_little_like_a_face_is_one_when_it_does_so_enlarged() -> None:
    picture = picture_with_square(6000, 4000, 3501, 1203, 24)
    (found,) = find_faces(picture, (640, 1920), unsure_of_small_squares, SURE)
    assert found.score >= SURE
    assert found.box.x1 == pytest.approx(3501, abs=3)
    assert found.box.width == pytest.approx(24, abs=3)
    assert find_faces(picture, (640,), unsure_of_small_squares, SURE) == []


def test_what_does_not_look_like_a_face_enlarged_is_none() -> None:
    def only_from_afar(picture: Pixels, min_score: float) -> list[Detection]:
        return [] if max(picture.shape[:2]) < 200 else unsure_of_small_squares(picture, min_score)

    picture = picture_with_square(6000, 4000, 3501, 1203, 24)
    assert find_faces(picture, (640, 1920), only_from_afar, SURE) == []


def test_foliage_costs_no_endless_second_looks() -> None:
    second_looks = 0

    def leaves(picture: Pixels, min_score: float) -> list[Detection]:
        nonlocal second_looks
        if max(picture.shape[:2]) == 160:
            second_looks += 1
        if min_score >= SURE:
            return []
        return [face(x, y, 10, 0.3) for x in range(40, 600, 20) for y in range(40, 600, 20)]

    assert find_faces(np.zeros((4000, 6000, 3), np.uint8), (640, 1920), leaves, SURE) == []
    assert second_looks == 32


def test_overlap_is_intersection_over_union() -> None:
    assert overlap(Box(0, 0, 10, 10), Box(0, 0, 10, 10)) == 1.0
    assert overlap(Box(0, 0, 10, 10), Box(5, 0, 15, 10)) == pytest.approx(1 / 3)
    assert overlap(Box(0, 0, 10, 10), Box(10, 0, 20, 10)) == 0.0


def test_close_ups_find_the_landmarks_more_exactly() -> None:
    picture = picture_with_square(3000, 2000, 1203, 601, 61)
    rough = face(1198, 605, 64, 0.7)
    exact = face(1203, 601, 61).landmarks
    assert np.abs(rough.landmarks - exact).max() > 3
    assert exact_landmarks(picture, rough, white_square, SURE) == pytest.approx(exact, abs=1.0)


@pytest.mark.parametrize("place", [(-20, -20), (2980, 1990), (5000, 100), (-500, -500)])
def test_landmarks_stay_where_no_close_up_shows_the_face_again(place: tuple[int, int]) -> None:
    rough = face(*place, 60)
    empty = np.zeros((2000, 3000, 3), np.uint8)
    assert exact_landmarks(empty, rough, white_square, SURE) is rough.landmarks


def test_a_close_up_does_not_take_the_neighbours_face() -> None:
    picture = picture_with_square(600, 600, 360, 200, 100)
    rough = face(200, 200, 100)
    assert exact_landmarks(picture, rough, white_square, SURE) is rough.landmarks


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((1, 1), (1, 1)), ((1, 5000), (1, 640)), ((9000, 3), (640, 1)), ((480, 640), (480, 640))],
)
def test_scaling_never_loses_a_whole_side(shape: tuple[int, int], expected: tuple[int, int]) -> None:
    assert scaled(np.zeros((*shape, 3), np.uint8), 640).shape[:2] == expected


@pytest.mark.parametrize(
    "wrong",
    [
        np.zeros((50, 50), np.uint8),
        np.zeros((50, 50, 1), np.uint8),
        np.zeros((50, 50, 4), np.uint8),
        np.zeros((50, 50, 3), np.uint16),
        np.zeros((50, 50, 3), np.float32),
        np.zeros((0, 50, 3), np.uint8),
        np.zeros((50, 0, 3), np.uint8),
        [[1, 2, 3]],
        None,
    ],
)
def test_what_is_no_picture_is_a_bug_of_the_caller(wrong: Pixels) -> None:
    with pytest.raises(BugError):
        find_faces(wrong, (640,), white_square, SURE)
