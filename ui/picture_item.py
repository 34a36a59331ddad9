"""What the mirror and the photos have in common: an item that draws one picture which Python hands it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QImage
from PySide6.QtQml import qmlEngine
from PySide6.QtQuick import QQuickItem, QQuickWindow, QSGImageNode, QSGNode

from ui.pyside_faults import empty_at_its_end


class PictureItem(QQuickItem):
    """Lives on the UI thread. Draws the picture last given to `draw`, over the whole item."""

    def __init__(self, parent: QQuickItem | None = None) -> None:
        super().__init__(parent)
        self.setFlag(QQuickItem.Flag.ItemHasContents, True)
        empty_at_its_end(self)
        self._image: QImage | None = None
        self._is_new = False
        self._scene: QQuickWindow | None = None

    @property
    def has_image(self) -> bool:
        """Whether there is something to draw."""
        return self._image is not None

    def draw(self, image: QImage | None) -> None:
        """From the next frame on; None draws nothing."""
        if self._scene is None:
            # Not self.window(): what PySide hands out there dies for all of Python together with this item.
            # Not earlier: the first page is made before the engine knows its window.
            engine: Any = qmlEngine(self)
            if engine is None:  # the page is going, and this picture came a moment too late
                return
            self._scene = engine.scene_window()
        self._image, self._is_new = image, True
        self.update()

    def geometryChange(self, new: QRectF | QRect, old: QRectF | QRect) -> None:
        super().geometryChange(new, old)
        self.update()

    # None means that there is nothing to draw; the stub does not know it.
    def updatePaintNode(self, old: QSGNode | None, _data: object) -> QSGNode | None:  # type: ignore[override]
        node = old if isinstance(old, QSGImageNode) else None
        if self._scene is None or (node is None and self._image is None):
            return None
        if node is None:
            node = self._scene.createImageNode()
            node.setOwnsTexture(True)
            self._is_new = True
        if self._is_new:
            # Never None in place of a node that is there: Qt would go on drawing what it holds.
            node.setTexture(self._scene.createTextureFromImage(self._image or _nothing()))
            self._is_new = False
        node.setRect(self.boundingRect())
        return node


def _nothing() -> QImage:
    image = QImage(1, 1, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    return image
