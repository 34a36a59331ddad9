"""The previews that screens show: from the store, with everyone else's face blurred as they are drawn."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np

from kiosk.errors import ErrorCode, KnownError
from kiosk.photos.blur import blur_faces
from kiosk.photos.types import ObjectStore, PhotoRepository, PreviewSize, preview_key
from kiosk.vision.types import Box, Pixels

_CACHE_BYTES = 48 * 1024 * 1024
_Key = tuple[str, PreviewSize]


@dataclass(frozen=True, slots=True)
class _Stored:
    """A preview as it lies in the store; the boxes of its faces by ordinal, in fractions of its sides."""

    jpeg: bytes
    faces: Mapping[int, Box]


class Previews:
    """Serves previews by photo and size, decoded once for each time that they are drawn. Safe to call from
    several threads.

    In memory are files, the newest ones, as nobody's: a face is blurred in what is drawn. What a visitor has
    looked at is part of a visit all the same: `forget` empties the memory at its end.
    """

    def __init__(
        self, store: ObjectStore, photos: PhotoRepository, max_cache_bytes: int = _CACHE_BYTES
    ) -> None:
        self._store = store
        self._photos = photos
        self._max_cache_bytes = max_cache_bytes
        self._cache: OrderedDict[_Key, _Stored] = OrderedDict()
        self._cached_bytes = 0
        self._visit = 0
        self._lock = threading.Lock()

    def preview(self, photo_id: str, size: PreviewSize, keep_faces: frozenset[int] | None = None) -> Pixels:
        """The photo, height x width x 3, BGR. With `keep_faces`, every face of another ordinal is blurred;
        None blurs none.

        Raises KnownError: PHOTO_UNKNOWN, OBJECT_MISSING, OBJECT_STORE_UNREACHABLE, PHOTO_UNREADABLE.
        """
        stored = self._stored((photo_id, size))
        decoded = cv2.imdecode(np.frombuffer(stored.jpeg, np.uint8), cv2.IMREAD_COLOR)
        if decoded is None:
            raise KnownError(
                ErrorCode.PHOTO_UNREADABLE, f"A preview of photo {photo_id} is damaged.", "Import it again."
            )
        pixels = np.asarray(decoded, np.uint8)
        if keep_faces is None or keep_faces >= stored.faces.keys():
            return pixels
        height, width = pixels.shape[:2]
        others: list[Box] = []
        kept: list[Box] = []
        for ordinal, box in stored.faces.items():
            scaled = Box(box.x1 * width, box.y1 * height, box.x2 * width, box.y2 * height)
            (kept if ordinal in keep_faces else others).append(scaled)
        return blur_faces(pixels, others, kept)

    def forget(self) -> None:
        """Drops every preview from memory, and those that are being read right now."""
        with self._lock:
            self._cache.clear()
            self._cached_bytes = 0
            self._visit += 1

    def _stored(self, key: _Key) -> _Stored:
        with self._lock:
            visit = self._visit
            if key in self._cache:
                self._cache.move_to_end(key)
                return self._cache[key]
        photo_id, size = key
        photo = self._photos.photo(photo_id)
        jpeg = self._store.get(preview_key(photo.event_id, photo_id, size))
        faces = {
            ordinal: Box(
                box.x1 / photo.width, box.y1 / photo.height, box.x2 / photo.width, box.y2 / photo.height
            )
            for (_, ordinal), box in self._photos.face_boxes([photo_id]).items()
        }
        stored = _Stored(jpeg, faces)
        self._remember(key, stored, visit)
        return stored

    def _remember(self, key: _Key, stored: _Stored, visit: int) -> None:
        with self._lock:
            if visit != self._visit or len(stored.jpeg) > self._max_cache_bytes:
                return
            before = self._cache.pop(key, None)
            self._cached_bytes += len(stored.jpeg) - (len(before.jpeg) if before else 0)
            self._cache[key] = stored
            while self._cached_bytes > self._max_cache_bytes:
                _, oldest = self._cache.popitem(last=False)
                self._cached_bytes -= len(oldest.jpeg)
