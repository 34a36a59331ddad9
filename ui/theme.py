"""Design tokens of `resources/theme.json`, and how this visitor wants them (larger, calmer, lower,
clearer).

In QML: `import Kiosk`, then `Theme.gold`, `Theme.textSize("h1", Theme.isThai, Theme.textScale)` (the
component `Words` does that), `Theme.isPortrait`, `Theme.pageMs`. Everything that can
change has a notify signal.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from PySide6.QtCore import Property, QObject, Signal, Slot
from PySide6.QtGui import QColor, QFontDatabase

from kiosk.language import Language
from kiosk.paths import resources_folder

FONT_FAMILY = "IBM Plex Sans Thai"
READING_FAMILY = "IBM Plex Sans Thai Looped"


@cache
def tokens() -> dict[str, Any]:
    """The design tokens as they stand in the file."""
    loaded: dict[str, Any] = json.loads((resources_folder() / "theme.json").read_text(encoding="utf-8"))
    return loaded


@cache
def load_fonts() -> None:
    """Makes the shipped typefaces known to Qt, once; there has to be an application."""
    for path in sorted((resources_folder() / "fonts").glob("*.ttf")):
        QFontDatabase.addApplicationFont(str(path))


def _length(group: str, name: str) -> Property:
    value = int(tokens()[group][name])
    return Property(int, lambda _self: value, constant=True)


def _colour(name: str, changed: Signal) -> Property:
    usual, strong = (QColor(tokens()[group][name]) for group in ("colours", "high_contrast"))
    return Property(QColor, lambda theme: strong if theme.has_high_contrast else usual, notify=changed)


class Theme(QObject):
    """Lives on the UI thread; one for each window. Lengths are in pixels of the design grid, which the window
    scales as a whole."""

    languageChanged = Signal()
    shapeChanged = Signal()
    aidsChanged = Signal()
    contrastChanged = Signal()
    """Of its own: everything that is drawn hangs on it."""

    bg = _colour("bg", contrastChanged)
    s1 = _colour("s1", contrastChanged)
    s2 = _colour("s2", contrastChanged)
    text = _colour("text", contrastChanged)
    text2 = _colour("text2", contrastChanged)
    gold = _colour("gold", contrastChanged)
    goldPressed = _colour("goldPressed", contrastChanged)
    onGold = _colour("onGold", contrastChanged)
    edge = _colour("edge", contrastChanged)
    line = _colour("line", contrastChanged)
    ok = _colour("ok", contrastChanged)
    bad = _colour("bad", contrastChanged)
    paper = _colour("paper", contrastChanged)
    onPaper = _colour("onPaper", contrastChanged)
    paperText2 = _colour("paperText2", contrastChanged)
    radiusTile = _length("radius", "tile")
    radiusControl = _length("radius", "control")
    radiusCard = _length("radius", "card")
    footTarget = _length("touch", "foot")

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._language = Language.THAI
        self._is_portrait = True
        self._has_larger_text = False
        self._has_less_motion = False
        self._is_low = False
        self._has_high_contrast = False
        self._is_plain = False

    # what the visitor chose

    def set_plain(self, is_plain: bool) -> None:
        """While staff are at the screen, whose pages are laid out for them, the visitor's aids rest."""
        if is_plain is not self._is_plain:
            self._is_plain = is_plain
            self.aidsChanged.emit()
            if self._has_high_contrast:
                self.contrastChanged.emit()

    @property
    def has_high_contrast(self) -> bool:
        return self._has_high_contrast and not self._is_plain

    def show_language(self, language: Language) -> None:
        """Sizes and line heights follow the language."""
        if language is not self._language:
            self._language = language
            self.languageChanged.emit()

    def reset_aids(self) -> None:
        """The next visitor starts with none of the aids of the one before."""
        self._has_larger_text = self._has_less_motion = self._is_low = False
        self.aidsChanged.emit()
        self._set_high_contrast(False)

    @Slot(float, float)
    def setWindowSize(self, width: float, height: float) -> None:
        """Takes the grid (portrait or landscape) that suits a window of this size."""
        is_portrait = height >= width
        if is_portrait is not self._is_portrait:
            self._is_portrait = is_portrait
            self.shapeChanged.emit()

    def _set_larger_text(self, value: bool) -> None:
        self._has_larger_text = value
        self.aidsChanged.emit()

    def _set_less_motion(self, value: bool) -> None:
        self._has_less_motion = value
        self.aidsChanged.emit()

    def _set_low(self, value: bool) -> None:
        self._is_low = value
        self.aidsChanged.emit()

    def _set_high_contrast(self, value: bool) -> None:
        if value is not self._has_high_contrast:
            self._has_high_contrast = value
            self.contrastChanged.emit()

    def _holds(self, aid: bool) -> bool:
        return aid and not self._is_plain

    largerText = Property(
        bool, lambda self: self._holds(self._has_larger_text), _set_larger_text, notify=aidsChanged
    )
    lessMotion = Property(
        bool, lambda self: self._holds(self._has_less_motion), _set_less_motion, notify=aidsChanged
    )
    lower = Property(bool, lambda self: self._holds(self._is_low), _set_low, notify=aidsChanged)
    highContrast = Property(
        bool, lambda self: self.has_high_contrast, _set_high_contrast, notify=contrastChanged
    )
    isThai = Property(bool, lambda self: self._language is Language.THAI, notify=languageChanged)
    isPortrait = Property(bool, lambda self: self._is_portrait, notify=shapeChanged)

    def _grid(self, name: str) -> int:
        return int(tokens()["portrait" if self._is_portrait else "landscape"][name])

    gridWidth = Property(int, lambda self: self._grid("width"), notify=shapeChanged)
    gridHeight = Property(int, lambda self: self._grid("height"), notify=shapeChanged)
    reachTop = Property(int, lambda self: self._grid("reach_top"), notify=shapeChanged)
    """With "Bring everything lower" nothing that can be touched stands higher."""

    # type

    textScale = Property(
        float,
        lambda self: float(tokens()["larger_text"]) if self._holds(self._has_larger_text) else 1.0,
        notify=aidsChanged,
    )
    family = Property(str, lambda _self: FONT_FAMILY, constant=True)
    readingFamily = Property(str, lambda _self: READING_FAMILY, constant=True)

    @Slot(str, bool, float, result=int)
    def textSize(self, role: str, is_thai: bool, scale: float) -> int:
        """Pixels of a role of the type scale (`display amount h1 h2 button title body small staff`)."""
        size, _ = tokens()["type"][role]["thai" if is_thai else "latin"]
        return int(size * scale + 0.5)

    @Slot(str, bool, float, result=int)
    def lineHeight(self, role: str, is_thai: bool, scale: float) -> int:
        """Pixels from line to line."""
        size, factor = tokens()["type"][role]["thai" if is_thai else "latin"]
        return int(size * scale * factor + 0.5)

    # motion: 0 where the visitor wants less movement

    def _duration(self, name: str) -> int:
        return 0 if self._holds(self._has_less_motion) else int(tokens()["motion_ms"][name])

    pressMs = Property(int, lambda self: self._duration("press"), notify=aidsChanged)
    stateMs = Property(int, lambda self: self._duration("state"), notify=aidsChanged)
    pageMs = Property(int, lambda self: self._duration("page"), notify=aidsChanged)
    sheetMs = Property(int, lambda self: self._duration("sheet"), notify=aidsChanged)
