"""Prepares the pictures of all streams on the wall: one thread, each picture with the faces that are in it.

A face is drawn on the very picture that it was found in, so that no box lags behind whoever walks by. While a
stream is looked at, its pictures are therefore those that were looked at; else they are simply the newest.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

from PySide6.QtGui import QImage

from kiosk.camera.types import Frame
from kiosk.visits.told import StreamFaces
from ui.pictures import image_of, middle_cut
from ui.store_facade import StorePictures

FRAMES_PER_SECOND = 12
FRESH_S = 1.0
"""Faces that were found later than that are not drawn, nor their picture: it would be too far behind."""
PATIENCE_S = 1.0
"""So long a picture with its faces stands for want of the next (on a busy machine they come slowly); then the
newest picture comes without any."""
_BEAT_S = 1 / FRAMES_PER_SECOND


@dataclass(frozen=True, slots=True)
class Shown:
    """What is to be drawn: a frame, or None for the one before once more, and the faces in it, if any."""

    frame: Frame | None
    faces: StreamFaces | None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A picture as large as it is drawn, or None for the one before; the faces in it; the camera's own width
    over height (0 without a picture); and how long it waited for its faces, since it was taken."""

    image: QImage | None
    faces: StreamFaces | None
    ratio: float = 0.0
    waited_s: float = 0.0


class Pairing:
    """Decides what a stream shows next. Used from one thread; times are monotonic."""

    def __init__(self) -> None:
        self._shown_at_s = 0.0
        self._captured_at_s = 0.0
        self._faces: StreamFaces | None = None

    def next(
        self, newest: Frame | None, looked: Frame | None, seen: StreamFaces | None, now_s: float
    ) -> Shown | None:
        """None: what is shown stays as it is."""
        if looked is None and self._faces is not None:
            self._faces = None  # nobody looks any more, so nobody knows whose faces these are
            return Shown(None, None)
        if seen is not None and looked is not None and self._belongs(seen, looked, now_s):
            return self._show(looked, seen, now_s)
        if now_s - self._shown_at_s < (PATIENCE_S if self._faces is not None else _BEAT_S * 0.9):
            return None
        if newest is not None and newest.captured_at_s != self._captured_at_s:
            return self._show(newest, None, now_s)
        if self._faces is not None:
            self._faces = None
            return Shown(None, None)
        return None

    def _belongs(self, seen: StreamFaces, looked: Frame, now_s: float) -> bool:
        before = self._faces
        return (
            looked.sequence == seen.sequence
            and looked.captured_at_s == seen.captured_at_s
            and now_s - seen.captured_at_s <= FRESH_S
            and (before is None or seen.captured_at_s > before.captured_at_s)
        )

    def _show(self, frame: Frame, faces: StreamFaces | None, now_s: float) -> Shown:
        self._shown_at_s, self._captured_at_s, self._faces = now_s, frame.captured_at_s, faces
        return Shown(frame, faces)


class Tile:
    """A stream as it is drawn somewhere: which, how large in pixels of the screen, and who takes the pictures
    (called on the thread that prepares them)."""

    def __init__(
        self,
        stream_id: str,
        width: int,
        height: int,
        deliver: Callable[[Prepared], None],
    ) -> None:
        self.stream_id = stream_id
        self.size = width, height
        self.deliver = deliver
        self.pairing = Pairing()
        self.drawn: tuple[Shown, tuple[int, int]] | None = None


class StreamPictures(threading.Thread):
    """Serves all tiles until `stop`. `add`, `remove` and `see` are called on the UI thread."""

    def __init__(self, pictures: StorePictures) -> None:
        super().__init__(name="stream-pictures", daemon=True)
        self._pictures = pictures
        self._lock = threading.Lock()
        self._tiles: list[Tile] = []
        self._seen: dict[str, StreamFaces] = {}
        self._wake = threading.Event()
        self._is_over = False

    def add(self, tile: Tile) -> None:
        """Serves it from now on."""
        with self._lock:
            self._tiles.append(tile)
            is_first = not self.is_alive() and not self._is_over
        if is_first:
            self.start()
        self._wake.set()

    def remove(self, tile: Tile) -> None:
        """Serves it no longer; harmless when it was not served."""
        with self._lock:
            if tile in self._tiles:
                self._tiles.remove(tile)

    def see(self, seen: StreamFaces) -> None:
        """The faces of a picture."""
        with self._lock:
            self._seen[seen.stream_id] = seen
        self._wake.set()

    def stop(self) -> None:
        """Ends soon; does not wait."""
        self._is_over = True
        self._wake.set()

    def run(self) -> None:
        while not self._is_over:
            with self._lock:
                tiles, seen = list(self._tiles), dict(self._seen)
            for tile in tiles:
                self._serve(tile, seen.get(tile.stream_id))
            # Faces wake it; without a tile nothing does but the next one.
            self._wake.wait(_BEAT_S if tiles else None)
            self._wake.clear()

    def _serve(self, tile: Tile, seen: StreamFaces | None) -> None:
        pictures = self._pictures
        newest = pictures.newest_frame(tile.stream_id)
        looked = pictures.looked_frame(tile.stream_id) if seen is not None else None
        size = tile.size
        shown = tile.pairing.next(newest, looked, seen, monotonic())
        if shown is None and tile.drawn is not None and tile.drawn[1] != size:
            shown = tile.drawn[0]  # the same picture for a place that became larger or smaller
        if shown is None:
            return
        prepared = Prepared(None, shown.faces)
        if shown.frame is not None:
            pixels = shown.frame.pixels
            image = image_of(middle_cut(pixels, *size))
            waited_s = monotonic() - shown.frame.captured_at_s if shown.faces is not None else 0.0
            prepared = Prepared(image, shown.faces, pixels.shape[1] / pixels.shape[0], waited_s)
            tile.drawn = shown, size
        try:
            tile.deliver(prepared)
        except RuntimeError:  # the item went away between two pictures
            self.remove(tile)
