"""The previews that screens show: from the store, with everyone else's face blurred."""

from __future__ import annotations

import threading
from collections import OrderedDict

import cv2
import numpy as np

from kiosk.errors import ErrorCode, KnownError
from kiosk.photos.blur import blur_faces
from kiosk.photos.types import ObjectStore, Photo, PhotoRepository, PreviewSize, preview_key
from kiosk.vision.types import Box

_CACHE_BYTES = 48 * 1024 * 1024
_QUALITY = 85
_Key = tuple[str, PreviewSize, frozenset[int] | None]


class Previews:
    """Serves JPEGs by photo and size, the newest ones from memory. Safe to call from several threads.

    Which faces a visitor may see is part of a visit: `forget` empties the memory at its end.
    """

    def __init__(
        self, store: ObjectStore, photos: PhotoRepository, max_cache_bytes: int = _CACHE_BYTES
    ) -> None:
        self._store = store
        self._photos = photos
        self._max_cache_bytes = max_cache_bytes
        self._cache: OrderedDict[_Key, bytes] = OrderedDict()
        self._cached_bytes = 0
        self._visit = 0
        self._lock = threading.Lock()

    def preview(self, photo_id: str, size: PreviewSize, keep_faces: frozenset[int] | None = None) -> bytes:
        """The JPEG of a photo. With `keep_faces`, every face of another ordinal is blurred; None blurs none.

        Raises KnownError: PHOTO_UNKNOWN, OBJECT_MISSING, OBJECT_STORE_UNREACHABLE, PHOTO_UNREADABLE.
        """
        key = (photo_id, size, keep_faces)
        with self._lock:
            visit = self._visit
            if key in self._cache:
                self._cache.move_to_end(key)
                return self._cache[key]
        photo = self._photos.photo(photo_id)
        jpeg = self._store.get(preview_key(photo.event_id, photo_id, size))
        if keep_faces is not None:
            jpeg = self._blurred(photo, jpeg, keep_faces)
        self._remember(key, jpeg, visit)
        return jpeg

    def forget(self) -> None:
        """Drops every preview from memory, and those that are being made right now."""
        with self._lock:
            self._cache.clear()
            self._cached_bytes = 0
            self._visit += 1

    def _blurred(self, photo: Photo, jpeg: bytes, keep_faces: frozenset[int]) -> bytes:
        faces = self._photos.photo_faces(photo.photo_id)
        if all(face.ordinal in keep_faces for face in faces):
            return jpeg
        decoded = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
        if decoded is None:
            raise KnownError(
                ErrorCode.PHOTO_UNREADABLE,
                f"A preview of photo {photo.photo_id} is damaged.",
                "Import it again.",
            )
        pixels = np.asarray(decoded, np.uint8)
        scale = pixels.shape[1] / photo.width, pixels.shape[0] / photo.height
        others = [_scaled(face.box, scale) for face in faces if face.ordinal not in keep_faces]
        kept = [_scaled(face.box, scale) for face in faces if face.ordinal in keep_faces]
        quality = [cv2.IMWRITE_JPEG_QUALITY, _QUALITY]
        _, encoded = cv2.imencode(".jpg", blur_faces(pixels, others, kept), quality)
        return encoded.tobytes()

    def _remember(self, key: _Key, jpeg: bytes, visit: int) -> None:
        with self._lock:
            if visit != self._visit or len(jpeg) > self._max_cache_bytes:
                return
            self._cached_bytes += len(jpeg) - len(self._cache.pop(key, b""))
            self._cache[key] = jpeg
            while self._cached_bytes > self._max_cache_bytes:
                _, oldest = self._cache.popitem(last=False)
                self._cached_bytes -= len(oldest)


def _scaled(box: Box, scale: tuple[float, float]) -> Box:
    return Box(box.x1 * scale[0], box.y1 * scale[1], box.x2 * scale[0], box.y2 * scale[1])
