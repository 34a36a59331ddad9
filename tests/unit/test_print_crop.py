"""Paper of another shape is filled around the faces."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.printing.crop import crop_of
from kiosk.vision.types import Box

SIDES = st.integers(32, 8000)
PAGE = (1181, 1772)


def test_without_faces_the_middle_is_printed() -> None:
    part = crop_of((4000, 3000), (1772, 1181), [])
    assert (part.x1, part.x2) == (0, 4000)
    assert part.y1 == pytest.approx(3000 - part.y2)


def test_a_face_at_the_edge_moves_the_crop_to_it_with_its_hair() -> None:
    part = crop_of((3000, 3000), PAGE, [Box(2700, 1000, 2900, 1300)])
    assert part.x2 >= 2900 + 0.25 * 200
    assert part.y1 == 0
    assert part.height == pytest.approx(3000)


def test_two_faces_that_fit_are_both_whole() -> None:
    faces = [Box(300, 900, 600, 1300), Box(1700, 900, 2000, 1300)]
    part = crop_of((3000, 3000), PAGE, faces)
    assert part.x1 <= 300
    assert part.x2 >= 2000


def test_where_hair_does_not_fit_the_faces_still_do() -> None:
    # 2000 wide of 3000, and faces that need all of it.
    part = crop_of((3000, 3000), (2000, 3000), [Box(505, 900, 900, 1300), Box(2100, 900, 2495, 1300)])
    assert part.x1 <= 505
    assert part.x2 >= 2495


def test_where_not_all_fit_the_least_is_cut() -> None:
    three = [Box(0, 0, 300, 400), Box(1500, 0, 1800, 400), Box(1900, 0, 2200, 400)]
    part = crop_of((3000, 3000), (1000, 3000), three)
    assert part.x1 <= 1500
    assert part.x2 >= 2200


@given(
    size=st.tuples(SIDES, SIDES),
    page=st.sampled_from([(1181, 1772), (1772, 1181), (1535, 2126), (2362, 2953)]),
    corner=st.tuples(st.floats(-0.2, 1.0), st.floats(-0.2, 1.0)),
    share=st.floats(0.01, 1.0),
)
def test_a_crop_fills_the_paper_lies_in_the_photo_and_cuts_no_face_that_fits(
    size: tuple[int, int], page: tuple[int, int], corner: tuple[float, float], share: float
) -> None:
    side = share * min(size)
    left, top = corner[0] * size[0], corner[1] * size[1]
    face = Box(left, top, left + side, top + side)
    part = crop_of(size, page, [face])
    assert part.width / part.height == pytest.approx(page[0] / page[1])
    assert part.x1 >= -1e-6
    assert part.x2 <= size[0] + 1e-6
    assert part.y1 >= -1e-6
    assert part.y2 <= size[1] + 1e-6
    inside = Box(max(0, face.x1), max(0, face.y1), min(size[0], face.x2), min(size[1], face.y2))
    if 0 < inside.width <= part.width:
        assert part.x1 <= inside.x1 + 1e-3
        assert part.x2 >= inside.x2 - 1e-3
    if 0 < inside.height <= part.height:
        assert part.y1 <= inside.y1 + 1e-3
        assert part.y2 >= inside.y2 - 1e-3
