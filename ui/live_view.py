"""The visitor's mirror: the camera's newest frame as a texture, at most 30 times a second.

A thread of its own takes the newest frame, mirrors, cuts and scales it to the pixels that it covers on the
screen; the UI thread only hands over the finished picture to the scene graph.
"""

from __future__ import annotations

import threading
from time import monotonic
from typing import Any

import cv2
import numpy as np
import structlog
from numpy.typing import NDArray
from PySide6.QtCore import Property, QRect, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QImage
from PySide6.QtQml import qmlEngine
from PySide6.QtQuick import QQuickItem

from ui.facade import KioskFacade
from ui.picture_item import PictureItem
from ui.pictures import middle_cut

_log = structlog.get_logger(__name__)
FRAMES_PER_SECOND = 30
_STOP_TIMEOUT_S = 2.0


def mirrored_cut(pixels: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """The middle of a frame (height x width x 3, BGR), filling `width` x `height`, mirrored, as BGRA."""
    scaled = middle_cut(pixels, width, height)
    return np.asarray(cv2.cvtColor(cv2.flip(scaled, 1), cv2.COLOR_BGR2BGRA), dtype=np.uint8)


class FrameThread(threading.Thread):
    """Prepares the newest frame for the size last asked for and calls `deliver` with it, on this thread."""

    def __init__(self, kiosk: KioskFacade, size: QSize, deliver: Signal) -> None:
        super().__init__(name="live-view", daemon=True)
        self._kiosk = kiosk
        self._size = size
        self._deliver = deliver
        self._end = threading.Event()

    def resize(self, size: QSize) -> None:
        """From the next frame on."""
        self._size = size

    def run(self) -> None:
        last_sequence = -1
        while not self._end.is_set():
            began_s = monotonic()
            frame = self._kiosk.pictures.newest_frame()
            if frame is not None and frame.sequence != last_sequence:
                last_sequence = frame.sequence
                self._show(frame.pixels)
            self._end.wait(max(0.001, 1 / FRAMES_PER_SECOND - (monotonic() - began_s)))

    def _show(self, pixels: NDArray[np.uint8]) -> None:
        width, height = max(1, self._size.width()), max(1, self._size.height())
        four = mirrored_cut(pixels, width, height)
        image = QImage(four.data, width, height, 4 * width, QImage.Format.Format_RGB32).copy()
        try:
            self._deliver.emit(image)  # type: ignore[attr-defined]
        except RuntimeError:  # the item went away between two frames
            self._end.set()

    def stop(self) -> None:
        """Ends soon; does not wait."""
        self._end.set()


class LiveView(PictureItem):
    """Lives on the UI thread. Shows frames while `active`; `hasPicture` turns true with the first one."""

    activeChanged = Signal()
    hasPictureChanged = Signal()
    _framePrepared = Signal(QImage)

    def __init__(self, parent: QQuickItem | None = None) -> None:
        super().__init__(parent)
        self._active = False
        self._thread: FrameThread | None = None
        self.shown_frames = 0
        self._framePrepared.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self.destroyed.connect(self._stop)

    def _get_active(self) -> bool:
        return self._active

    def _set_active(self, value: bool) -> None:
        if value == self._active:
            return
        self._active = value
        if value:
            self._start()
        else:
            self._stop()
        self.activeChanged.emit()

    def _start(self) -> None:
        engine: Any = qmlEngine(self)
        if self._thread is None:
            kiosk: KioskFacade = engine.kiosk
            self._thread = FrameThread(kiosk, self._pixel_size(), self._framePrepared)  # type: ignore[arg-type]
            engine.frame_threads.add(self._thread)
            self._thread.start()

    def _stop(self) -> None:
        if self._thread is not None:
            self._thread.stop()
            self._thread = None

    def _pixel_size(self) -> QSize:
        shown = self.mapRectToScene(self.boundingRect())
        return QSize(round(shown.width()), round(shown.height()))

    @Slot(QImage)
    def _take(self, image: QImage) -> None:
        if not self._active:
            return
        is_first = not self.has_image
        self.draw(image)
        self.shown_frames += 1
        if is_first:
            self.hasPictureChanged.emit()

    def componentComplete(self) -> None:
        super().componentComplete()
        if self._active:
            self._start()

    def geometryChange(self, new: QRectF | QRect, old: QRectF | QRect) -> None:
        super().geometryChange(new, old)
        if self._thread is not None:
            self._thread.resize(self._pixel_size())

    active = Property(bool, _get_active, _set_active, notify=activeChanged)
    hasPicture = Property(bool, lambda self: self.has_image, notify=hasPictureChanged)
