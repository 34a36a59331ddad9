"""Which page of the store's window is shown, which sheet lies over it, and the way back."""

from __future__ import annotations

from PySide6.QtCore import Property, QObject, Signal, Slot

PAGES: dict[str, str] = {
    "wall": "WallPage",
    "reports": "ReportsPage",
    "visits": "VisitsPage",
    "people": "PeoplePage",
    "person": "PersonPage",
    "edit": "PersonEditPage",
    "merge": "MergePage",
    "split": "SplitPage",
    "enrol": "EnrolPage",
    "held": "HeldPage",
}
FIRST = "wall"
OF_SOMEBODY = frozenset({"visits", "people", "person", "edit", "merge", "split", "enrol"})
"""Pages with names, telephone numbers or pictures: they don't stay when nobody is there."""


class StoreNavigator(QObject):
    """Lives on the UI thread; QML: `StoreNavigator`. `place` is one of `PAGES`, `page` its file in qml/store;
    `sheet` is the file of the open sheet, empty when there is none. A new page closes the sheet."""

    placeChanged = Signal(str)
    """Before `pageChanged`, so that what the page draws from is there."""
    pageChanged = Signal()
    sheetChanged = Signal()
    closeAsked = Signal()
    """Somebody wants the window to be closed."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._way = [FIRST]
        self._sheet = ""

    @Slot(str)
    def go(self, place: str) -> None:
        """To one of `PAGES`. Where it was already on the way here, the way back ends there."""
        if place == self._way[-1]:
            return
        if place in self._way:
            del self._way[self._way.index(place) + 1 :]
        else:
            self._way.append(place)
        self._turned()

    @Slot()
    def back(self) -> None:
        """To the page before; from the first one nowhere."""
        if len(self._way) > 1:
            self._way.pop()
            self._turned()

    @Slot(str)
    def replace(self, place: str) -> None:
        """To one of `PAGES`, from which the way back does not lead here again."""
        if place == self._way[-1]:
            return
        self._way.pop()
        if place in self._way:
            del self._way[self._way.index(place) + 1 :]
        else:
            self._way.append(place)
        self._turned()

    def rest(self) -> None:
        """Nobody has touched the screen for long: what is about somebody is put away."""
        if self._way[-1] in OF_SOMEBODY:
            self.go(FIRST)
        elif self._sheet:
            self.closeSheet()

    def _turned(self) -> None:
        self.closeSheet()
        self.placeChanged.emit(self._way[-1])
        self.pageChanged.emit()

    @Slot(str)
    def openSheet(self, name: str) -> None:
        """A file of qml/store without its ending."""
        if name != self._sheet:
            self._sheet = name
            self.sheetChanged.emit()

    @Slot()
    def closeSheet(self) -> None:
        """Puts the open sheet away; harmless without one."""
        self.openSheet("")

    @Slot()
    def close(self) -> None:
        """Ends the window."""
        self.closeAsked.emit()

    @Slot(result=list)
    def allPages(self) -> list[str]:
        """Every page, so that the window can compile them before they are needed."""
        return list(PAGES.values())

    place = Property(str, lambda self: self._way[-1], notify=pageChanged)
    page = Property(str, lambda self: PAGES[self._way[-1]], notify=pageChanged)
    canGoBack = Property(bool, lambda self: len(self._way) > 1, notify=pageChanged)
    sheet = Property(str, lambda self: self._sheet, notify=sheetChanged)
