"""From a probe to photos, and the index made what SQL says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path

import numpy as np
import pytest

from kiosk.clock import ManualClock
from kiosk.database.engine import open_database
from kiosk.database.photos import SqlPhotoRepository
from kiosk.errors import BugError, ErrorCode, KnownError
from kiosk.gallery.exact_index import ExactIndex
from kiosk.gallery.types import Certainty, FaceKey, GroupRule, Thresholds
from kiosk.photos.face_search import FaceSearch
from kiosk.photos.index_sync import IndexRepair, IndexState, verify_and_rebuild
from kiosk.photos.types import Face, Photo, PhotoEvent, PhotoState
from kiosk.vision.types import Box, Embedding

NOON = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
CONTRACT = "recogniser-1"
_OTHER_AXES = cycle(range(20, 200))


def axis(number: int) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    vector = np.zeros(512, np.float32)
    vector[number] = 1
    return vector


def at(similarity: float, person: int = 0, aside: int | None = None) -> Embedding:
    """An embedding at this cosine from a person's probe; but for that, like no other one."""
    away = axis(next(_OTHER_AXES) if aside is None else aside)
    vector = similarity * axis(person) + np.sqrt(1 - similarity**2) * away
    return Embedding(vector.astype(np.float32), CONTRACT)


PROBE = Embedding(axis(0), CONTRACT)


@pytest.fixture
def photos(tmp_path: Path) -> Iterator[SqlPhotoRepository]:
    database = open_database(tmp_path / "kiosk.db", ManualClock(NOON))
    repository = SqlPhotoRepository(database)
    repository.add_event(PhotoEvent("run", "River Run", "วิ่งริมน้ำ", NOON))
    yield repository
    database.close()


@pytest.fixture
def index(tmp_path: Path) -> Iterator[ExactIndex]:
    opened = ExactIndex(tmp_path / "index", CONTRACT)
    yield opened
    opened.close()


def add(photos: SqlPhotoRepository, number: int, minutes: int, *embeddings: Embedding) -> str:
    photo_id = f"{number:032x}"
    taken = NOON + timedelta(minutes=minutes)
    photo = Photo(photo_id, "run", number, f"{number}.jpg", f"{number:064x}", 600, 400, taken, NOON)
    faces = [
        Face(ordinal, Box(10 * ordinal, 0, 10 * ordinal + 9, 9), 0.9, embedding)
        for ordinal, embedding in enumerate(embeddings)
    ]
    photos.add_photo(photo, faces)
    return photo_id


def search(index: ExactIndex, photos: SqlPhotoRepository) -> FaceSearch:
    verify_and_rebuild(index, photos, "run")
    return FaceSearch(index, photos, lambda _: Thresholds(match=0.42, maybe=0.3, kin=0.47))


def test_sure_photos_come_first_in_time_order_then_maybe_ones_best_first(
    index: ExactIndex, photos: SqlPhotoRepository
) -> None:
    late = add(photos, 1, 30, at(0.9))
    early = add(photos, 2, 10, at(0.5))
    unsure = add(photos, 3, 0, at(0.32))
    nearly = add(photos, 4, 5, at(0.41))
    add(photos, 5, 7, at(0.1))

    found = search(index, photos).find("run", (PROBE,))

    assert [(match.photo_id, match.certainty) for match in found] == [
        (early, Certainty.MATCH),
        (late, Certainty.MATCH),
        (nearly, Certainty.MAYBE),
        (unsure, Certainty.MAYBE),
    ]
    assert found[1].similarity == pytest.approx(0.9, abs=1e-4)


def test_a_photo_with_several_faces_is_found_once_with_the_box_of_the_visitor(
    index: ExactIndex, photos: SqlPhotoRepository
) -> None:
    photo_id = add(photos, 1, 0, at(0.05), at(0.8), at(0.35))

    [match] = search(index, photos).find("run", (PROBE,))

    assert match.faces == (FaceKey(photo_id, 1),)
    assert match.boxes == (Box(10, 0, 19, 9),)


def test_a_photo_that_was_withdrawn_meanwhile_is_not_found(
    index: ExactIndex, photos: SqlPhotoRepository
) -> None:
    photo_id = add(photos, 1, 0, at(0.8))
    finder = search(index, photos)
    photos.set_state(photo_id, PhotoState.WITHDRAWN)

    assert finder.find("run", (PROBE,)) == []


def test_nobody_near_and_an_unknown_event_give_no_photos(
    index: ExactIndex, photos: SqlPhotoRepository
) -> None:
    add(photos, 1, 0, at(0.29))
    finder = search(index, photos)

    assert finder.find("run", (PROBE,)) == []
    assert finder.find("nowhere", (PROBE,)) == []


def test_a_probe_of_other_weights_is_refused(index: ExactIndex, photos: SqlPhotoRepository) -> None:
    with pytest.raises(KnownError) as refused:
        search(index, photos).find("run", (Embedding(axis(0), "other"),))

    assert refused.value.code is ErrorCode.CONTRACT_MISMATCH


def test_an_intact_index_is_left_alone(index: ExactIndex, photos: SqlPhotoRepository) -> None:
    add(photos, 1, 0, at(0.8), at(0.1))
    verify_and_rebuild(index, photos, "run")

    assert verify_and_rebuild(index, photos, "run") == IndexRepair(IndexState.INTACT)


def test_missing_and_surplus_faces_are_repaired(index: ExactIndex, photos: SqlPhotoRepository) -> None:
    kept = add(photos, 1, 0, at(0.8), at(0.1))
    missing = add(photos, 2, 0, at(0.7))
    stranger = f"{9:032x}"
    index.add(
        "run",
        [FaceKey(kept, 0), FaceKey(kept, 1), FaceKey(kept, 7), FaceKey(stranger, 0)],
        [at(0.8), at(0.1), at(0.2), at(0.9)],
    )

    assert verify_and_rebuild(index, photos, "run") == IndexRepair(IndexState.INCOMPLETE, added=1, removed=2)
    assert index.faces("run") == {FaceKey(kept, 0), FaceKey(kept, 1), FaceKey(missing, 0)}
    assert verify_and_rebuild(index, photos, "run").state is IndexState.INTACT


def test_a_damaged_index_is_filled_anew_from_sql(
    index: ExactIndex, photos: SqlPhotoRepository, tmp_path: Path
) -> None:
    add(photos, 1, 0, at(0.8), at(0.1))
    verify_and_rebuild(index, photos, "run")
    index.close()
    (tmp_path / "index" / "run" / "faces.index").write_bytes(b"rubbish")
    reopened = ExactIndex(tmp_path / "index", CONTRACT)

    assert verify_and_rebuild(reopened, photos, "run") == IndexRepair(IndexState.UNUSABLE, added=2)
    assert len(reopened.search("run", PROBE, min_similarity=0.5)) == 1
    reopened.close()


def test_after_a_change_of_weights_only_faces_of_the_new_ones_are_indexed(
    index: ExactIndex, photos: SqlPhotoRepository, tmp_path: Path
) -> None:
    add(photos, 1, 0, at(0.8))
    new = add(photos, 2, 0, Embedding(axis(5), "recogniser-2"))
    verify_and_rebuild(index, photos, "run")
    index.close()
    changed = ExactIndex(tmp_path / "index", "recogniser-2")

    assert verify_and_rebuild(changed, photos, "run") == IndexRepair(IndexState.UNUSABLE, added=1)
    assert changed.faces("run") == {FaceKey(new, 0)}
    changed.close()


def test_more_faces_than_a_batch_are_all_indexed(index: ExactIndex, photos: SqlPhotoRepository) -> None:
    for number in range(1, 6):
        add(photos, number, 0, *[at(0.8, aside=300 + face) for face in range(210)])

    assert verify_and_rebuild(index, photos, "run").added == 1050
    assert len(index.faces("run")) == 1050


# --- the event's own photos help


def test_a_photo_that_the_probe_alone_would_miss_is_found_through_the_visitors_other_photos(
    index: ExactIndex, photos: SqlPhotoRepository
) -> None:
    easy = add(photos, 1, 1, at(0.7, aside=300))
    hard = add(photos, 2, 2, at(0.29, aside=300))
    nobody = add(photos, 3, 3, at(0.29))
    finder = search(index, photos)

    found = {match.photo_id: match.certainty for match in finder.find("run", (PROBE,))}

    assert found == {easy: Certainty.MATCH, hard: Certainty.MATCH}
    assert nobody not in found


def test_a_rejected_face_helps_to_find_nothing(index: ExactIndex, photos: SqlPhotoRepository) -> None:
    rejected = add(photos, 1, 1, at(0.7, aside=300))
    add(photos, 2, 2, at(0.29, aside=300))
    finder = search(index, photos)

    assert finder.find("run", (PROBE,), rejected=[{FaceKey(rejected, 0)}]) == []


# --- several people together


def test_a_group_finds_photos_of_any_or_of_all_with_the_boxes_of_its_members(
    index: ExactIndex, photos: SqlPhotoRepository
) -> None:
    both = add(photos, 1, 0, at(0.8, person=1), at(0.1), at(0.6))
    alone = add(photos, 2, 5, at(0.5))
    finder = search(index, photos)
    group = (PROBE, Embedding(axis(1), CONTRACT))

    [of_all] = finder.find("run", group, GroupRule.ALL)
    of_any = finder.find("run", group, GroupRule.ANY)

    assert of_all.photo_id == both
    assert of_all.faces == (FaceKey(both, 0), FaceKey(both, 2))
    assert of_all.boxes == (Box(0, 0, 9, 9), Box(20, 0, 29, 9))
    assert of_all.similarity == pytest.approx(0.6, abs=1e-4)
    assert [match.photo_id for match in of_any] == [both, alone]
    assert of_any[0].similarity == pytest.approx(0.8, abs=1e-4)


@pytest.mark.parametrize("people", [0, 9])
def test_a_group_of_nobody_or_of_more_than_eight_is_a_bug(
    index: ExactIndex, photos: SqlPhotoRepository, people: int
) -> None:
    with pytest.raises(BugError):
        search(index, photos).find("run", (PROBE,) * people)


def test_eight_people_can_search_together(index: ExactIndex, photos: SqlPhotoRepository) -> None:
    photo_id = add(photos, 1, 0, *[at(0.8, person=person) for person in range(8)])
    group = [Embedding(axis(person), CONTRACT) for person in range(8)]

    [match] = search(index, photos).find("run", group, GroupRule.ALL)

    assert match.photo_id == photo_id
    assert {face.ordinal for face in match.faces} == set(range(8))


# --- "not me" takes the kind of a photo out


def test_what_shows_the_rejected_person_is_of_their_kind_and_the_visitors_own_photos_are_not(
    index: ExactIndex, photos: SqlPhotoRepository
) -> None:
    mine = [add(photos, number, number, at(0.8, aside=300 + number)) for number in (1, 2)]
    wrong = [add(photos, number, number, at(0.45, aside=200)) for number in (3, 4)]
    unlike = add(photos, 5, 5, at(0.45, aside=201))
    finder = search(index, photos)
    found = finder.find("run", (PROBE,))
    assert {match.photo_id for match in found} == {*mine, *wrong, unlike}

    assert finder.kind_of("run", FaceKey(wrong[0], 0), found) == {wrong[1]}


def test_a_photo_rejected_by_mistake_takes_no_other_one_with_it(
    index: ExactIndex, photos: SqlPhotoRepository
) -> None:
    mine = [add(photos, number, number, at(0.8, aside=300 + number)) for number in range(1, 5)]
    finder = search(index, photos)

    assert finder.kind_of("run", FaceKey(mine[0], 0), finder.find("run", (PROBE,))) == frozenset()


def test_a_face_that_the_index_no_longer_holds_has_no_kind(
    index: ExactIndex, photos: SqlPhotoRepository
) -> None:
    add(photos, 1, 0, at(0.8))
    finder = search(index, photos)

    assert finder.kind_of("run", FaceKey(f"{9:032x}", 0), finder.find("run", (PROBE,))) == frozenset()


def test_a_face_that_one_person_rejected_is_still_found_for_another(
    index: ExactIndex, photos: SqlPhotoRepository
) -> None:
    sibling = add(photos, 1, 0, Embedding(axis(0) * 0.6 + axis(1) * 0.8, CONTRACT))
    own = add(photos, 2, 1, at(0.9))
    finder = search(index, photos)
    strangers = frozenset({FaceKey(sibling, 0)})
    friend = Embedding(axis(1), CONTRACT)

    assert [match.photo_id for match in finder.find("run", [PROBE])] == [sibling, own]
    assert [match.photo_id for match in finder.find("run", [PROBE], rejected=[strangers])] == [own]
    together = finder.find("run", [PROBE, friend], rejected=[strangers, frozenset()])
    assert [match.photo_id for match in together] == [sibling, own]


def test_two_probes_are_one_person_from_a_sure_match_on(
    index: ExactIndex, photos: SqlPhotoRepository
) -> None:
    finder = search(index, photos)
    assert finder.is_same_person("run", PROBE, at(0.5))
    assert not finder.is_same_person("run", PROBE, at(0.4))
