"""Which of the staff's pages is shown, which sheet lies over it, and the way back."""

from __future__ import annotations

from PySide6.QtCore import Property, QObject, Signal, Slot

from kiosk.staff.types import Right

PAGES: dict[str, str] = {
    "today": "staff/StaffTodayPage",
    "money": "staff/StaffMoneyPage",
    "orders": "staff/StaffOrdersPage",
    "order": "staff/StaffOrderPage",
    "printers": "staff/StaffPrintersPage",
    "photos": "staff/StaffPhotosPage",
    "vouchers": "staff/StaffVouchersPage",
    "outbox": "staff/StaffOutboxPage",
    "wishes": "staff/StaffWishesPage",
    "day": "staff/StaffDayPage",
    "members": "staff/StaffMembersPage",
    "log": "staff/StaffLogPage",
    "settings": "technician/SettingsPage",
    "selftest": "technician/SelfTestPage",
    "recorder": "technician/RecorderPage",
    "certainty": "technician/CertaintyPage",
    "updates": "technician/UpdatesPage",
    "wizard": "technician/WizardPage",
}
"""Place and its file relative to ui/qml, without its ending."""

RIGHT_OF: dict[str, Right] = {
    "today": Right.SEE_SALES,
    "money": Right.DECIDE_PAYMENTS,
    "orders": Right.SEE_SALES,
    "order": Right.SEE_SALES,
    "printers": Right.PRINT,
    "photos": Right.PHOTOS,
    "vouchers": Right.VOUCHERS,
    "outbox": Right.OUTBOX,
    "wishes": Right.SEND,
    "day": Right.CLOSE_DAY,
    "members": Right.STAFF,
    "log": Right.AUDIT,
    "settings": Right.SETTINGS,
    "certainty": Right.SETTINGS,
    "updates": Right.SETTINGS,
    "selftest": Right.SELF_TEST,
    "recorder": Right.SUPPORT,
}
"""What somebody must be allowed to do to be shown a place; the wizard is shown while nobody works here."""

ICONS: dict[str, str] = {
    "today": "house",
    "money": "credit-card",
    "orders": "list",
    "printers": "printer",
    "photos": "upload",
    "vouchers": "tag",
    "outbox": "refresh-cw",
    "wishes": "bell",
    "day": "calendar-check",
    "members": "users",
    "log": "scroll-text",
    "selftest": "activity",
    "recorder": "history",
    "settings": "settings",
    "certainty": "sliders-horizontal",
    "updates": "arrow-down-to-line",
}
"""The places of the rail, in its order, and the icon of each."""


class StaffNavigator(QObject):
    """Lives on the UI thread; QML: `StaffNavigator`. `place` is one of `PAGES`, `page` its file; `sheet` is a
    file of qml without its ending, empty when there is none. A new page closes the sheet. Only places that
    `allow` named are gone to."""

    placeChanged = Signal(str)
    """Before `pageChanged`, so that what the page draws from is there."""
    pageChanged = Signal()
    sheetChanged = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._way: list[str] = []
        self._sheet = ""
        self._rights: frozenset[Right] = frozenset()

    def allow(self, rights: frozenset[Right]) -> None:
        """What whoever is signed in may do. A page that they may not see is left."""
        if rights != self._rights:
            self._rights = rights
            self.pageChanged.emit()
        if self._way and self._way[-1] not in RIGHT_OF:
            return
        if not self._way or not self._may_see(self._way[-1]):
            self._turn_to(self.places()[:1])

    def begin(self, place: str) -> None:
        """To a place without any way back, whoever is there: the wizard."""
        self._turn_to([place])

    def leave(self) -> None:
        """Nobody is there any more: no page, no sheet."""
        self._rights = frozenset()
        self._turn_to([])

    def places(self) -> list[str]:
        """The places of the rail that may be gone to."""
        return [place for place in ICONS if self._may_see(place)]

    def _may_see(self, place: str) -> bool:
        return place in RIGHT_OF and RIGHT_OF[place] in self._rights

    @Slot(str)
    def go(self, place: str) -> None:
        """To one of `PAGES`; nowhere without the right. A place of the rail has no way back."""
        if not self._may_see(place) or (self._way and place == self._way[-1]):
            return
        self._turn_to([place] if place in ICONS else [*self._way, place])

    @Slot()
    def back(self) -> None:
        """To the page before; from the first one nowhere."""
        if len(self._way) > 1:
            self._turn_to(self._way[:-1])

    def _turn_to(self, way: list[str]) -> None:
        if way == self._way:
            return
        self._way = way
        self.closeSheet()
        self.placeChanged.emit(self._place())
        self.pageChanged.emit()

    def _place(self) -> str:
        return self._way[-1] if self._way else ""

    @Slot(str)
    def openSheet(self, name: str) -> None:
        """A file of ui/qml without its ending."""
        if name != self._sheet:
            self._sheet = name
            self.sheetChanged.emit()

    @Slot()
    def closeSheet(self) -> None:
        """Puts the open sheet away; harmless without one."""
        self.openSheet("")

    place = Property(str, _place, notify=pageChanged)
    page = Property(str, lambda self: PAGES[self._way[-1]] if self._way else "", notify=pageChanged)
    railPlace = Property(str, lambda self: self._way[0] if self._way else "", notify=pageChanged)
    canGoBack = Property(bool, lambda self: len(self._way) > 1, notify=pageChanged)
    sheet = Property(str, lambda self: self._sheet, notify=sheetChanged)
