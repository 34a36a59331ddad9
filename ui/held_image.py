"""The picture of an item that QML makes, kept apart from the item."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QImage


class HeldImage:
    """Goes with the Qt item: PySide 6.12.0 never lets go of the Python half of an item that QML made, and a
    visitor's pictures must not stay in memory with it. Lives on the UI thread."""

    def __init__(self, item: QObject) -> None:
        self.image: QImage | None = None
        item.destroyed.connect(self._drop)

    def _drop(self) -> None:
        self.image = None
