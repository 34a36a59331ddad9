"""Which picture of a camera is drawn with which faces, and where labels go."""

from __future__ import annotations

import numpy as np
import pytest

from kiosk.camera.types import Frame
from kiosk.visits.told import StreamFaces
from ui.face_labels import GAP, Area, place_labels
from ui.stream_pictures import FRESH_S, PATIENCE_S, Pairing
from ui.view_models.row_list import RowListModel

PIXELS = np.zeros((9, 16, 3), np.uint8)


def frame(sequence: int, at_s: float) -> Frame:
    return Frame(sequence, at_s, PIXELS)


def faces(sequence: int, at_s: float) -> StreamFaces:
    return StreamFaces("door", sequence, at_s, 16, 9, ())


def drawn(pairing: Pairing, *told: object, now_s: float) -> tuple[int | None, bool] | None:
    """The sequence drawn and whether with faces; None where all stays as it is."""
    shown = pairing.next(*told, now_s)  # type: ignore[arg-type]
    if shown is None:
        return None
    return (shown.frame.sequence if shown.frame else None), shown.faces is not None


def test_faces_are_drawn_with_the_picture_that_was_looked_at_though_a_newer_one_is_there() -> None:
    pairing = Pairing()
    looked = frame(5, 100.0)
    assert drawn(pairing, frame(8, 100.1), looked, faces(5, 100.0), now_s=100.12) == (5, True)


def test_the_picture_waits_for_the_next_faces_and_not_for_long() -> None:
    pairing = Pairing()
    drawn(pairing, frame(5, 100.0), frame(5, 100.0), faces(5, 100.0), now_s=100.1)
    newest = frame(9, 100.3)
    assert drawn(pairing, newest, frame(5, 100.0), faces(5, 100.0), now_s=100.4) is None
    assert drawn(pairing, newest, frame(8, 100.25), faces(8, 100.25), now_s=100.45) == (8, True)
    later = frame(30, 101.2)
    late_s = 100.45 + PATIENCE_S + 0.01
    assert drawn(pairing, later, frame(8, 100.25), faces(8, 100.25), now_s=late_s) == (30, False)


def test_faces_found_too_late_are_not_drawn() -> None:
    pairing = Pairing()
    late_s = 100.0 + FRESH_S + 0.01
    assert drawn(pairing, frame(9, 100.3), frame(5, 100.0), faces(5, 100.0), now_s=late_s) == (9, False)


@pytest.mark.parametrize("looked", [None, frame(6, 100.05), frame(5, 99.0)])
def test_faces_without_their_picture_are_not_drawn(looked: Frame | None) -> None:
    """Also where a camera that came back counts its pictures anew."""
    assert drawn(Pairing(), frame(7, 100.1), looked, faces(5, 100.0), now_s=100.12) == (7, False)


def test_where_nobody_looks_the_newest_picture_comes_at_most_twelve_times_a_second() -> None:
    pairing = Pairing()
    shown = [
        drawn(pairing, frame(number, 100 + number * 0.02), None, None, now_s=100 + number * 0.02)
        for number in range(100)
    ]
    assert 18 <= sum(one is not None for one in shown) <= 26


def test_a_picture_that_stands_still_is_not_prepared_again() -> None:
    pairing = Pairing()
    newest = frame(5, 100.0)
    assert drawn(pairing, newest, None, None, now_s=100.1) == (5, False)
    assert drawn(pairing, newest, None, None, now_s=103.0) is None


def test_faces_go_from_a_picture_that_stands_still() -> None:
    pairing = Pairing()
    told = frame(5, 100.0), frame(5, 100.0), faces(5, 100.0)
    drawn(pairing, *told, now_s=100.1)
    assert drawn(pairing, *told, now_s=100.2 + PATIENCE_S) == (None, False)
    assert drawn(pairing, *told, now_s=100.3 + PATIENCE_S) is None


def test_faces_go_at_once_when_nobody_looks_any_more() -> None:
    pairing = Pairing()
    newest, seen = frame(5, 100.0), faces(5, 100.0)
    drawn(pairing, newest, newest, seen, now_s=100.1)
    assert drawn(pairing, newest, None, seen, now_s=100.15) == (None, False)


def test_a_label_stands_above_its_face_and_below_where_there_is_no_room() -> None:
    low, high = Area(100, 100, 50, 60), Area(300, 10, 50, 60)
    above, below = place_labels([low, high], [(80, 20), (80, 20)], 500, 400)
    assert above == Area(100, 100 - GAP - 20, 80, 20)
    assert below == Area(300, 10 + 60 + GAP, 80, 20)


def test_a_label_without_room_is_left_out_rather_than_laid_over_a_face() -> None:
    assert place_labels([Area(0, 0, 100, 100)], [(80, 20)], 100, 100) == [None]


def test_rows_that_stay_are_told_as_changed_and_the_others_come_and_go() -> None:
    model = RowListModel(("id", "text"))
    heard: list[str] = []
    model.dataChanged.connect(lambda first, _last: heard.append(f"changed {first.row()}"))
    model.rowsInserted.connect(lambda _parent, first, _last: heard.append(f"in {first}"))
    model.rowsRemoved.connect(lambda _parent, first, _last: heard.append(f"out {first}"))
    model.show([{"id": number, "text": "a"} for number in (1, 2, 3)])
    heard.clear()
    model.show([{"id": 1, "text": "a"}, {"id": 3, "text": "b"}, {"id": 4, "text": "a"}])
    assert heard == ["out 1", "changed 1", "in 2"]
    model.show([{"id": 4, "text": "a"}, {"id": 1, "text": "a"}])
    assert [row["id"] for row in model.rows] == [4, 1]
