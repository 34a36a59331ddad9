"""The index that a kiosk opens, of every kind: what lies in it is turned under the kiosk's secret of now, and
of no use to who lacks it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from kiosk.adapters import choose_index
from kiosk.at_rest.vault import GivenKeys, Vault
from kiosk.gallery.exact_index import ExactIndex
from kiosk.gallery.milvus_index import MilvusIndex
from kiosk.gallery.rotated_index import turned_contract
from kiosk.gallery.types import FaceKey, VectorIndex
from kiosk.settings import GallerySection
from kiosk.vision.types import Embedding, FloatArray
from tests.peers.milvus import MilvusServer

EVENT, COUNT = "run", 300
FACES = [FaceKey(f"{number:032x}", 0) for number in range(COUNT)]
STRANGER = 0.3
"""Far below what is taken for a maybe."""


@dataclass
class Place:
    """A data folder, and the contract of its recogniser: nobody else's, for a server is shared."""

    home: Path
    gallery: GallerySection
    contract_id: str

    def opened(self, vault: Vault) -> VectorIndex:
        return choose_index(self.home, self.gallery, self.contract_id, vault, vault.rotation)

    def behind(self, contract_id: str) -> VectorIndex:
        """As a thief opens it, or a program of before."""
        if self.gallery.index == "exact":
            return ExactIndex(self.home / "index", contract_id)
        return MilvusIndex(self.gallery.milvus_uri or str(self.home / "milvus.db"), contract_id)


def _exact(_: pytest.FixtureRequest) -> GallerySection:
    return GallerySection(index="exact")


def _milvus(_: pytest.FixtureRequest) -> GallerySection:
    return GallerySection(index="milvus")


def _milvus_server(request: pytest.FixtureRequest) -> GallerySection:
    server: MilvusServer = request.getfixturevalue("milvus_server")
    return GallerySection(index="milvus", milvus_uri=server.url)


@pytest.fixture(
    params=[
        pytest.param(_exact, id="exact"),
        pytest.param(_milvus, id="milvus"),
        pytest.param(_milvus_server, id="milvus-server", marks=pytest.mark.real_server),
    ]
)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    choose: Callable[[pytest.FixtureRequest], GallerySection] = request.param
    return Place(tmp_path, choose(request), f"recogniser-{uuid.uuid4().hex}")


def a_vault(key: str, before: str = "") -> Vault:
    given = {"at_rest_key": key, **({"at_rest_key_before": before} if before else {})}
    return Vault(GivenKeys(given.__getitem__, given.get))


def _units(seed: int) -> FloatArray:
    rows = np.random.default_rng(seed).standard_normal((COUNT, 512)).astype(np.float32)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def _fill(index: VectorIndex, contract_id: str, rows: FloatArray) -> None:
    index.add(EVENT, FACES, [Embedding(row, contract_id) for row in rows])


def test_it_finds_with_exact_cosines_what_nobody_else_can_read(place: Place) -> None:
    rows, vault = _units(1), a_vault("11" * 32)
    probes = 0.8 * rows + 0.6 * _units(2)
    probes /= np.linalg.norm(probes, axis=1, keepdims=True)
    index = place.opened(vault)
    _fill(index, place.contract_id, rows)
    for number in range(0, COUNT, 30):
        found = index.search(EVENT, Embedding(probes[number], place.contract_id), min_similarity=STRANGER)
        cosines = rows @ probes[number]
        assert found[0].face == FACES[number]
        assert {one.face for one in found} == {FACES[at] for at in np.flatnonzero(cosines > STRANGER)}
        assert found[0].similarity == pytest.approx(cosines[number], abs=2e-6)
    index.close()
    stolen = place.behind(turned_contract(place.contract_id, vault.key_id()))
    assert stolen.count(EVENT) == COUNT
    held = np.stack([one.vector for one in stolen.embeddings(EVENT, FACES).values()])
    stolen.close()
    assert (probes @ held.T).max() < STRANGER


def test_what_lay_there_in_clear_or_under_an_older_secret_is_thrown_away(
    place: Place,
) -> None:
    rows, old, new = _units(1), a_vault("11" * 32), a_vault("22" * 32, before="11" * 32)
    of_before = place.behind(place.contract_id)
    _fill(of_before, place.contract_id, rows)
    of_before.close()
    for vault, gone in ((old, place.contract_id), (new, turned_contract(place.contract_id, old.key_id()))):
        index = place.opened(vault)
        assert index.count(EVENT) == 0
        _fill(index, place.contract_id, rows)
        index.close()
        again = place.opened(vault)
        assert again.count(EVENT) == COUNT, "and then it stays"
        again.close()
        if place.gallery.index == "milvus":
            thief = place.behind(gone)
            assert thief.count(EVENT) == 0
            thief.close()
        left = b"".join(path.read_bytes() for path in place.home.rglob("*") if path.is_file())
        assert not any(row.tobytes()[:64] in left for row in rows)
