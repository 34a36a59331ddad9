"""The staff's corner: how the kiosk stands with the centre, in a few quiet words on every page."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import Property, QObject, Signal

from kiosk.sync.status import SyncState, SyncStatus
from ui.facade import KioskFacade
from ui.translator import Translator


class Sign(StrEnum):
    """The shape beside the words: never the colour alone."""

    DOT = "dot"
    RING = "ring"
    DIAMOND = "diamond"


class SyncViewModel(QObject):
    """Lives on the UI thread; QML: `Sync`. Nothing is shown where there is no centre. What staff have to look
    at (trouble, notices) has the shape of its own; being off line mends itself and is none of that. Both tell
    the code of why it is so."""

    changed = Signal()

    def __init__(self, kiosk: KioskFacade, translator: Translator, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._translator = translator
        self._status = kiosk.sync_status
        translator.languageChanged.connect(self.changed)

    def show(self, status: SyncStatus) -> None:
        """Draws from `status` from now on."""
        before, self._status = self._status, status
        if before is None or _shown(before) != _shown(status):
            self.changed.emit()

    def _is_shown(self) -> bool:
        # A kiosk whose centre is set and does not know it yet says so, by its code.
        return self._status is not None and (
            self._status.state is not SyncState.OFF or self._status.code != ""
        )

    def _is_trouble(self) -> bool:
        return self._status is not None and self._status.state in (SyncState.TROUBLE, SyncState.OFF)

    def _sign(self) -> str:
        status = self._status
        if status is None or not self._is_shown():
            return ""
        if self._is_trouble() or status.notices:
            return Sign.DIAMOND
        return Sign.DOT if status.state is SyncState.ONLINE else Sign.RING

    def _text(self) -> str:
        status = self._status
        if status is None or not self._is_shown():
            return ""
        say = self._translator.translate
        if self._is_trouble():
            parts = [say("sync.trouble", {"code": status.code})]
        else:
            parts = [say("sync.online" if status.state is SyncState.ONLINE else "sync.offline", {})]
            if status.code:
                parts.append(status.code)
        if status.waiting:
            parts.append(say("sync.to_send", {"n": status.waiting}))
        if status.notices:
            parts.append(self._translator.counted("sync.notices", status.notices))
        return " · ".join(parts)

    def _label(self) -> str:
        text = self._text()
        return self._translator.translate("sync.label", {"state": text}) if text else ""

    isShown = Property(bool, _is_shown, notify=changed)
    sign = Property(str, _sign, notify=changed)
    text = Property(str, _text, notify=changed)
    label = Property(str, _label, notify=changed)


def _shown(status: SyncStatus) -> tuple[object, ...]:
    """What of it is on the screen: its times change with every call of the centre."""
    return (status.state, status.code, status.waiting, status.notices)
