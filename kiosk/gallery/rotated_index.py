"""An index that holds embeddings turned by a secret; whoever asks it sees plain ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from kiosk.at_rest.rotation import Rotation
from kiosk.gallery.checks import check_contract
from kiosk.gallery.types import Candidate, FaceKey, LeavesTraces, VectorIndex
from kiosk.vision.types import Embedding


class RotatedIndex:
    """Fills the port `VectorIndex` over an index whose contract names the secret as well (`turned_contract`):
    so nothing turned otherwise is ever met. Cosines differ from those of plain embeddings by 1e-6 at most.
    Any thread; raises what the index raises."""

    def __init__(self, turned: VectorIndex, contract_id: str, rotation_of: Callable[[str], Rotation]) -> None:
        """`contract_id` is that of plain embeddings; `rotation_of` gives how an event's are turned."""
        self._turned = turned
        self._contract_id = contract_id
        self._rotation_of = rotation_of

    @property
    def contract_id(self) -> str:
        return self._contract_id

    def add(self, event_id: str, faces: Sequence[FaceKey], embeddings: Sequence[Embedding]) -> None:
        for embedding in embeddings:
            check_contract(self._contract_id, embedding)
        if not embeddings:
            return
        rows = self._rotation_of(event_id).turn(np.stack([one.vector for one in embeddings]))
        self._turned.add(event_id, faces, [Embedding(row, self._turned.contract_id) for row in rows])

    def remove_photos(self, event_id: str, photo_ids: Sequence[str]) -> None:
        self._turned.remove_photos(event_id, photo_ids)

    def search(
        self, event_id: str, probe: Embedding, *, min_similarity: float = -1.0, limit: int | None = None
    ) -> list[Candidate]:
        check_contract(self._contract_id, probe)
        turned = Embedding(self._rotation_of(event_id).turn(probe.vector), self._turned.contract_id)
        return self._turned.search(event_id, turned, min_similarity=min_similarity, limit=limit)

    def faces(self, event_id: str) -> set[FaceKey]:
        return self._turned.faces(event_id)

    def count(self, event_id: str) -> int:
        return self._turned.count(event_id)

    def embeddings(self, event_id: str, faces: Sequence[FaceKey]) -> dict[FaceKey, Embedding]:
        held = self._turned.embeddings(event_id, faces)
        if not held:
            return {}
        rows = self._rotation_of(event_id).turn_back(np.stack([one.vector for one in held.values()]))
        return {face: Embedding(row, self._contract_id) for face, row in zip(held, rows, strict=True)}

    def drop(self, event_id: str) -> None:
        self._turned.drop(event_id)

    def empty_for_good(self) -> bool:
        """As `LeavesTraces` says, of the index behind it."""
        return isinstance(self._turned, LeavesTraces) and self._turned.empty_for_good()

    def close(self) -> None:
        self._turned.close()


def turned_contract(contract_id: str, key_id: bytes) -> str:
    """What embeddings of a contract are called once they are turned under a secret."""
    return f"{contract_id}+{key_id.hex()}"
