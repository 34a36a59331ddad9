"""Pictures of faces in the store of files: cut out, small, under keys of their own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kiosk.at_rest.vault import GivenKeys, PassingKeys, Vault
from kiosk.errors import ErrorCode, KnownError
from kiosk.photos.folder_store import FolderObjectStore
from kiosk.vision.types import Box, Pixels
from kiosk.visits.pictures import FacePictures, cut_out


@pytest.fixture
def store(tmp_path: Path) -> FolderObjectStore:
    return FolderObjectStore(tmp_path)


def graded(width: int, height: int) -> Pixels:
    """Each pixel's blue says where it is from left to right, in percent of the width, green from top down."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[..., 0] = np.linspace(0, 100, width)[None, :]
    pixels[..., 1] = np.linspace(0, 100, height)[:, None]
    return pixels


def test_a_picture_comes_back_as_it_was_put_and_no_larger_than_it_has_to_be(store: FolderObjectStore) -> None:
    pictures = FacePictures(store)
    key = pictures.put_visit("v1", graded(1200, 900))
    assert key == "visits/v1.jpg"
    assert store.get(key)[:3] == b"\xff\xd8\xff"
    back = pictures.get(key)
    assert back.shape == (240, 320, 3)
    assert np.abs(back[120, 160].astype(int) - (50, 50, 0)).max() <= 2
    pictures.put_visit("v1", np.full((50, 60, 3), 200, np.uint8))
    assert pictures.get(key).shape == (50, 60, 3), "in its place, and never larger than it was"


def test_each_picture_of_a_person_has_a_key_of_its_own(store: FolderObjectStore) -> None:
    pictures = FacePictures(store)
    keys = {pictures.put_person("nok", graded(100, 100)) for _ in range(2)}
    assert len(keys) == 2
    assert all(key.startswith("people/nok/") and key.endswith(".jpg") for key in keys)
    for key in keys:
        pictures.delete(key)
        pictures.delete(key)
        with pytest.raises(KnownError) as gone:
            pictures.get(key)
        assert gone.value.code is ErrorCode.OBJECT_MISSING


def test_no_two_tenants_of_a_centre_have_keys_in_common(store: FolderObjectStore) -> None:
    keys = {FacePictures(store, tenant_id).put_visit("v1", graded(9, 9)) for tenant_id in ("", "a", "b")}
    assert len(keys) == 3
    for tenant_id in ("", "a", "b"):
        own = FacePictures(store, tenant_id).folders
        assert sum(key.startswith(own) for key in keys) == 1


def test_a_file_that_is_no_picture_is_a_missing_picture(store: FolderObjectStore) -> None:
    store.put("visits/v1.jpg", b"no picture")
    with pytest.raises(KnownError) as broken:
        FacePictures(store).get("visits/v1.jpg")
    assert broken.value.code is ErrorCode.OBJECT_MISSING


def test_pictures_lie_encrypted_each_for_its_own_key(store: FolderObjectStore) -> None:
    vault = Vault(PassingKeys())
    pictures = FacePictures(store, "", vault)
    first, second = pictures.put_visit("v1", graded(90, 90)), pictures.put_person("nok", graded(80, 80))
    assert pictures.get(first).shape == (90, 90, 3)
    assert all(store.get(key).startswith(vault.header()) for key in (first, second))
    assert not any(b"\xff\xd8\xff" in store.get(key) for key in (first, second))
    with pytest.raises(KnownError) as stolen:
        FacePictures(store, "", Vault(PassingKeys())).get(first)
    assert stolen.value.code is ErrorCode.OBJECT_MISSING
    store.put(first, store.get(second))
    with pytest.raises(KnownError) as exchanged:
        pictures.get(first)
    assert exchanged.value.code is ErrorCode.OBJECT_MISSING


def test_pictures_of_before_are_sealed_and_those_of_another_key_sealed_anew(store: FolderObjectStore) -> None:
    old, new = "11" * 32, "22" * 32
    plain = FacePictures(store)
    keys = [plain.put_visit("v1", graded(40, 40)), plain.put_person("nok", graded(40, 40))]
    for secrets in ({"at_rest_key": old}, {"at_rest_key": new, "at_rest_key_before": old}):
        vault = Vault(GivenKeys(secrets.__getitem__, secrets.get))
        sealed = FacePictures(store, "", vault)
        assert sealed.get(keys[0]).shape == (40, 40, 3), "before it is sealed, too"
        assert sealed.seal_all() == 2
        assert sealed.seal_all() == 0
        assert all(store.get(key).startswith(vault.header()) for key in keys)
        assert sealed.get(keys[1]).shape == (40, 40, 3)


class Forgetting(FolderObjectStore):
    """Somebody is forgotten while pictures are sealed: before one is read, or after."""

    def __init__(self, root: Path, *, after: bool) -> None:
        super().__init__(root)
        self._after = after

    def get(self, object_key: str) -> bytes:
        if not self._after:
            self.delete(object_key)
        data = super().get(object_key)
        self.delete(object_key)
        return data


@pytest.mark.parametrize("after", [False, True])
def test_a_picture_that_is_deleted_meanwhile_does_not_come_back(tmp_path: Path, *, after: bool) -> None:
    store = Forgetting(tmp_path, after=after)
    key = FacePictures(store).put_person("nok", graded(40, 40))
    vault = Vault(GivenKeys({"at_rest_key": "11" * 32}.__getitem__, {}.get))
    assert FacePictures(store, "", vault).seal_all() == 0
    assert not store.has(key)


def test_a_face_is_cut_out_with_some_of_its_surroundings() -> None:
    picture = graded(1000, 500)
    face = cut_out(picture, Box(480, 225, 520, 275))
    assert face.shape == (80, 80, 3)
    assert abs(int(face[40, 40, 0]) - 50) <= 1
    assert abs(int(face[40, 40, 1]) - 50) <= 1
    face[:] = 0
    assert picture[250, 500, 0] != 0, "it is a copy"


@pytest.mark.parametrize(
    "box",
    [Box(-30, -30, 20, 20), Box(980, 480, 1050, 560), Box(0, 0, 1000, 500), Box(-900, -900, -800, -800)],
)
def test_a_face_at_the_border_or_beyond_gives_a_picture_all_the_same(box: Box) -> None:
    face = cut_out(graded(1000, 500), box)
    assert min(face.shape[:2]) > 0
    assert max(face.shape[:2]) <= 320
