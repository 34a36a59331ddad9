"""Pictures of faces: of visits and of people, in the store of files, each encrypted for its key alone."""

from __future__ import annotations

from uuid import uuid4

import cv2
import numpy as np

from kiosk.at_rest.vault import Vault, is_sealed
from kiosk.errors import ErrorCode, KnownError
from kiosk.photos.types import ObjectStore
from kiosk.vision.types import Box, Pixels

_SURROUNDINGS = 1.6
_LONGEST_SIDE = 320
_QUALITY = 85


class FacePictures:
    """JPEG files by key, sealed in a vault. A picture is written before the row that names it, so that one
    which no row names is nobody's. Any thread. Raises what `ObjectStore` and `Vault` raise."""

    def __init__(self, store: ObjectStore, tenant_id: str = "", vault: Vault | None = None) -> None:
        """`tenant_id`: at a centre, whose pictures they are; no tenant's keys begin like another's. Without a
        vault they lie there as they are: for pictures of nobody."""
        self.store = store
        self._vault = vault
        self._visits, self._people = f"{_owner(tenant_id)}visits/", f"{_owner(tenant_id)}people/"

    @property
    def folders(self) -> tuple[str, str]:
        """What the keys of all pictures begin with."""
        return self._visits, self._people

    def put_visit(self, visit_id: str, pixels: Pixels) -> str:
        """The picture of a visit, in place of an older one; its key."""
        return self._put(f"{self._visits}{visit_id}.jpg", pixels)

    def put_person(self, person_id: str, pixels: Pixels) -> str:
        """A further picture of a person; its key."""
        return self._put(f"{self._people}{person_id}/{uuid4().hex}.jpg", pixels)

    def get(self, key: str) -> Pixels:
        """Raises KnownError(OBJECT_MISSING), also for a file that is no picture any more."""
        decoded = cv2.imdecode(np.frombuffer(self._opened(key), np.uint8), cv2.IMREAD_COLOR)
        if decoded is None:
            raise KnownError(
                ErrorCode.OBJECT_MISSING, "A picture of a face cannot be read.", "Go on without it."
            )
        return np.asarray(decoded, np.uint8)

    def delete(self, key: str) -> None:
        """Harmless when it is not there."""
        self.store.delete(key)

    def seal_all(self) -> int:
        """Seals those that lie there in clear or under a key of before; returns how many. One that cannot be
        opened is left as it is. Whoever dies in between goes on at the next time."""
        if self._vault is None:
            return 0
        count = 0
        for folder in self.folders:
            for key in list(self.store.keys(folder)):
                sealed = self._sealed_anew(key, self._vault)
                if sealed is not None and self.store.has(key):  # or somebody was forgotten meanwhile
                    self.store.put(key, sealed)
                    count += 1
        return count

    def _sealed_anew(self, key: str, vault: Vault) -> bytes | None:
        try:
            data = self.store.get(key)
            if data.startswith(vault.header()):
                return None
            return vault.seal(vault.unseal(data, _purpose(key)) if is_sealed(data) else data, _purpose(key))
        except KnownError as gone:
            if gone.code not in (
                ErrorCode.KEY_LOST,
                ErrorCode.SEALED_DAMAGED,
                ErrorCode.OBJECT_MISSING,
            ):
                raise
            return None

    def _opened(self, key: str) -> bytes:
        data = self.store.get(key)
        if not is_sealed(data):  # of before pictures were sealed
            return data
        try:
            return self._vault.unseal(data, _purpose(key)) if self._vault else b""
        except KnownError as lost:
            if lost.code not in (ErrorCode.KEY_LOST, ErrorCode.SEALED_DAMAGED):
                raise
            raise KnownError(ErrorCode.OBJECT_MISSING, lost.detail, lost.next_step) from lost

    def _put(self, key: str, pixels: Pixels) -> str:
        _, encoded = cv2.imencode(".jpg", _no_larger(pixels), [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
        data = encoded.tobytes()
        self.store.put(key, self._vault.seal(data, _purpose(key)) if self._vault else data)
        return key


def _purpose(key: str) -> bytes:
    """So that no picture can be put in another's place."""
    return b"picture " + key.encode()


def person_folder(tenant_id: str, person_id: str) -> str:
    """What the keys of all pictures begin with that were taken of somebody."""
    return f"{_owner(tenant_id)}people/{person_id}/"


def _owner(tenant_id: str) -> str:
    return f"tenants/{tenant_id}/" if tenant_id else ""


def cut_out(pixels: Pixels, box: Box) -> Pixels:
    """A face with some of its surroundings, as it is kept: a copy, at most 320 pixels a side."""
    height, width = pixels.shape[:2]
    center_x, center_y = box.center
    half = max(box.width, box.height) * _SURROUNDINGS / 2
    left, right = max(0, round(center_x - half)), min(width, round(center_x + half))
    top, bottom = max(0, round(center_y - half)), min(height, round(center_y + half))
    if right <= left or bottom <= top:  # a box beside the picture
        left, top, right, bottom = 0, 0, width, height
    return _no_larger(pixels[top:bottom, left:right]).copy()


def _no_larger(pixels: Pixels) -> Pixels:
    height, width = pixels.shape[:2]
    share = _LONGEST_SIDE / max(height, width)
    if share >= 1:
        return pixels
    size = (max(1, round(width * share)), max(1, round(height * share)))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
