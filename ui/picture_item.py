"""What the mirror and the photos have in common: an item that draws one picture which Python hands it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, QRect, QRectF, Qt
from PySide6.QtGui import QImage
from PySide6.QtQml import qmlEngine
from PySide6.QtQuick import QQuickItem, QQuickWindow, QSGImageNode, QSGNode


class HeldImage:
    """Goes with the Qt item: PySide 6.12.0 never lets go of the Python half of an item that QML made, and a
    visitor's pictures must not stay in memory with it. Lives on the UI thread."""

    def __init__(self, item: QObject) -> None:
        self.image: QImage | None = None
        item.destroyed.connect(self._drop)

    def _drop(self) -> None:
        self.image = None


class PictureItem(QQuickItem):
    """Lives on the UI thread. Draws the picture last given to `draw`, over the whole item."""

    def __init__(self, parent: QQuickItem | None = None) -> None:
        super().__init__(parent)
        self.setFlag(QQuickItem.Flag.ItemHasContents, True)
        self._held = HeldImage(self)
        self._is_new = False
        self._scene: QQuickWindow | None = None

    @property
    def has_image(self) -> bool:
        """Whether there is something to draw."""
        return self._held.image is not None

    def draw(self, image: QImage | None) -> None:
        """From the next frame on; None draws nothing."""
        if self._scene is None:
            # Not self.window(): what PySide hands out there dies for all of Python together with this item.
            # Not earlier: the first page is made before the engine knows its window.
            engine: Any = qmlEngine(self)
            self._scene = engine.scene_window()
        self._held.image, self._is_new = image, True
        self.update()

    def geometryChange(self, new: QRectF | QRect, old: QRectF | QRect) -> None:
        super().geometryChange(new, old)
        self.update()

    # None means that there is nothing to draw; the stub does not know it.
    def updatePaintNode(self, old: QSGNode | None, _data: object) -> QSGNode | None:  # type: ignore[override]
        node = old if isinstance(old, QSGImageNode) else None
        if self._scene is None or (node is None and self._held.image is None):
            return None
        if node is None:
            node = self._scene.createImageNode()
            node.setOwnsTexture(True)
            self._is_new = True
        if self._is_new:
            # Never None in place of a node that is there: Qt would go on drawing what it holds.
            node.setTexture(self._scene.createTextureFromImage(self._held.image or _nothing()))
            self._is_new = False
        node.setRect(self.boundingRect())
        return node


def _nothing() -> QImage:
    image = QImage(1, 1, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    return image
