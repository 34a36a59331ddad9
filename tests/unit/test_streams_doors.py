"""Real faces at doors: each is named once and rightly, strangers stay without a name, counts are exact."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from kiosk.camera.types import Pixels
from kiosk.vision.open_engine import OpenFaceEngine
from kiosk.visits.types import FaceKind
from tests.door_pictures import HEADS, SHOW, beside, coming, crossing, face_width, far, passing, pictures_of
from tests.doors import Door, Enrolled, best_faces

pytestmark = pytest.mark.real_faces
EMPTY = np.zeros((720, 1280, 3), np.uint8)


@cache
def clip(folder: Path, name: str) -> list[Pixels]:
    return pictures_of(folder / "extras" / HEADS[name])


def parts(folder: Path, name: str) -> tuple[list[Pixels], list[Pixels]]:
    """The first third of a clip, to be enrolled, and the rest."""
    pictures = clip(folder, name)
    return pictures[: len(pictures) // 3], pictures[len(pictures) // 3 :]


def known_people(engine: OpenFaceEngine, folder: Path, names: Sequence[str]) -> Enrolled:
    known = Enrolled(engine.contract_id)
    for name in names:
        known.add(name, best_faces(engine, parts(folder, name)[0]))
    return known


def visitors(door: Door) -> list[str]:
    return sorted(visit.person_id or "" for visit in door.empty(EMPTY).visits())


@pytest.mark.slow
def test_each_is_named_once_and_a_stranger_is_not(face_engine: OpenFaceEngine, real_faces: Path) -> None:
    known = known_people(face_engine, real_faces, ["d0", "d12", "s18"])
    for name in ("d12", "s18"):
        door = Door(face_engine, known).play(parts(real_faces, name)[1][:25])
        assert door.names() == {name}
        assert door.is_named_once()
        assert (door.looks_until_named() or 99) <= 5
        assert visitors(door) == [name]

    stranger = Door(face_engine, known).play(clip(real_faces, "d18")[:30])
    assert stranger.names() == set()
    assert visitors(stranger) == [""]


@pytest.mark.slow
def test_three_at_once_are_told_apart(face_engine: OpenFaceEngine, real_faces: Path) -> None:
    names = ["d3", "d9", "d10"]
    shown = [parts(real_faces, name)[1][:20] for name in names]
    scales = [70 / face_width(face_engine, one) for one in shown]
    door = Door(face_engine, known_people(face_engine, real_faces, names[:2])).play(beside(shown, scales))

    from_left = [face.name for face in sorted(door.looks[-1].faces, key=lambda one: one.box.x1)]
    assert from_left == ["d3", "d9", ""]
    assert visitors(door) == ["", "d3", "d9"]


@pytest.mark.slow
def test_who_takes_the_place_of_another_does_not_take_the_name(
    face_engine: OpenFaceEngine, real_faces: Path
) -> None:
    first, then = (parts(real_faces, name)[1][:15] for name in ("d9", "d10"))
    door = Door(face_engine, known_people(face_engine, real_faces, ["d9", "d10"])).play([*first, *then])

    names = [look.faces[0].name if look.faces else "" for look in door.looks]
    assert set(names[2:15]) == {"d9"}
    assert "d9" not in names[18:]
    assert names[-1] == "d10"
    assert visitors(door) == ["d10", "d9"]


def test_a_poster_is_not_counted_and_whoever_walks_past_it_is(
    face_engine: OpenFaceEngine, real_faces: Path
) -> None:
    poster = far(clip(real_faces, "d3")[:1] * 25, 60 / 280, noise=5.0)
    hanging = Door(face_engine, Enrolled(face_engine.contract_id)).play(poster)
    assert {face.kind for look in hanging.looks for face in look.faces} == {FaceKind.LOOKING}
    assert visitors(hanging) == []

    walker = passing(clip(real_faces, "d9"), face_width(face_engine, clip(real_faces, "d9")), 80)
    assert visitors(Door(face_engine, Enrolled(face_engine.contract_id)).play(walker)) == [""]


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(HEADS))
@pytest.mark.timeout(600)
def test_everybody_is_named_however_they_come_and_nobody_else_is(
    face_engine: OpenFaceEngine, real_faces: Path, name: str
) -> None:
    known = known_people(face_engine, real_faces, sorted(HEADS))
    others = known_people(face_engine, real_faces, sorted({*HEADS} - {name}))
    nobody = Enrolled(face_engine.contract_id)
    rest = parts(real_faces, name)[1]
    width = face_width(face_engine, rest)
    for shown in (
        rest,
        far(rest, 40 / width, noise=5.0),
        coming(rest, width),
        passing(rest, width, 50),
        passing(rest, width, 90),
    ):
        door = Door(face_engine, known).play(shown)
        assert door.names() == {name}
        assert door.is_named_once()
        assert (door.looks_until_named() or 99) <= 10
        assert visitors(door) == [name]
        for strangers in (others, nobody):
            door = Door(face_engine, strangers).play(shown)
            assert door.names() == set()
            assert visitors(door) == [""]


@pytest.mark.slow
@pytest.mark.parametrize("names", [("d9", "d10"), ("d3", "d18"), ("d12", "d0")])
def test_two_who_walk_past_each_other_keep_their_names(
    face_engine: OpenFaceEngine, real_faces: Path, names: tuple[str, str]
) -> None:
    clips = [parts(real_faces, name)[1] for name in names]
    shown = crossing(clips, [face_width(face_engine, one) for one in clips], 70)
    door = Door(face_engine, known_people(face_engine, real_faces, sorted(HEADS))).play(shown)

    for place, look in enumerate(door.looks):
        x = place / len(shown) * EMPTY.shape[1]
        for face in look.faces:
            is_first = abs(face.box.center[0] - x) < abs(face.box.center[0] - (EMPTY.shape[1] - x))
            if abs(2 * x - EMPTY.shape[1]) > 140:
                assert face.name in ("", names[0] if is_first else names[1])
    assert door.names() == {*names}
    assert visitors(door) == sorted(names)
    assert visitors(Door(face_engine, Enrolled(face_engine.contract_id)).play(shown)) == ["", ""]


@pytest.mark.slow
def test_the_singer_of_a_show_is_named_and_the_audience_is_not(
    face_engine: OpenFaceEngine, real_faces: Path
) -> None:
    show = pictures_of(real_faces / "extras" / SHOW)
    known = known_people(face_engine, real_faces, sorted(HEADS))
    known.add("singer", best_faces(face_engine, show[28:45]))
    door = Door(face_engine, known).play(show)

    for place, look in enumerate(door.looks):
        for face in look.faces:
            is_singer = (place <= 7 and face.box.x1 > 400) or 28 <= place <= 70
            assert face.name == "" or (face.name == "singer" and is_singer)
    assert {face.name for look in door.looks[35:71] for face in look.faces} == {"singer"}
    assert visitors(door) == ["", "singer"]


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_poster_that_hangs_there_for_a_minute_is_not_counted(
    face_engine: OpenFaceEngine, real_faces: Path
) -> None:
    picture = clip(real_faces, "d12")[0]
    width = face_width(face_engine, [picture])
    for face_px in (45, 120):
        poster = far([picture] * 600, face_px / width, noise=6.0)
        light = 1 + 0.06 * np.sin(np.arange(600) / 40)
        shown = (
            np.clip(one * factor, 0, 255).astype(np.uint8) for one, factor in zip(poster, light, strict=True)
        )
        assert visitors(Door(face_engine, Enrolled(face_engine.contract_id)).play(shown)) == []
