"""What waits to go out or was refused, and buyers who hear of new photos of them."""

from __future__ import annotations

from PySide6.QtCore import Property, QObject, Signal, Slot

from kiosk.language import sentences
from kiosk.sending.types import NewPhotosWish
from kiosk.staff.told import OutboxEntry, OutboxListed, StaffView, WishesListed
from ui.staff_facade import StaffCommands
from ui.translator import Translator, Venue, show_day
from ui.view_models.staff_words import Row, StaffPart, error_word, when_word

_SIGNS = {"parked": "diamond", "notice": "diamond"}


class StaffOutboxViewModel(StaffPart):
    """Lives on the UI thread; QML: `StaffOutbox`."""

    changed = Signal()

    def __init__(self, staff: StaffCommands, words: Translator, parent: QObject | None = None) -> None:
        super().__init__(staff, words, parent)
        self._entries: tuple[OutboxEntry, ...] | None = None

    def show(self, view: StaffView) -> None:
        before = self._view
        super().show(view)
        if self._place == "outbox" and view.outbox != before.outbox:
            self._staff.list_outbox()

    def turn(self, place: str) -> None:
        super().turn(place)
        if place == "outbox":
            self._staff.list_outbox()
        elif self._entries is not None:
            self._entries = None
            self.changed.emit()

    def take(self, event: OutboxListed) -> None:
        """All that waits now."""
        if self._place == "outbox" and event.entries != self._entries:
            self._entries = event.entries
            self.changed.emit()

    isWaiting = Property(bool, lambda self: self._entries is None, notify=changed)
    rows = Property(list, lambda self: [self._row(entry) for entry in self._entries or ()], notify=changed)

    def _row(self, entry: OutboxEntry) -> Row:
        what = f"staff.outbox.what.{entry.what}"
        title = self._say(what) if self._knows(what) else entry.what
        if entry.kind != "sending":
            title = f"{self._say(f'staff.outbox.kind.{entry.kind}')} · {title}"
        elif entry.detail:
            title = f"{title} · {entry.detail}"
        tries = self._words.counted("staff.outbox.tries", entry.attempts) if entry.attempts else ""
        reason = error_word(entry.code, self._words)
        return {
            "kind": entry.kind,
            "entryId": entry.entry_id,
            "title": title,
            "note": " · ".join(part for part in (when_word(entry.at, self._words), tries) if part),
            "reason": reason or entry.next_step,
            "sign": _SIGNS.get(entry.kind, "diamond" if entry.code else "ring"),
            "canRetry": entry.kind != "waiting",
            "action": self._say("staff.outbox.settle" if entry.kind == "notice" else "staff.outbox.retry"),
        }

    def _knows(self, key: str) -> bool:
        return key in sentences(self._words.now_language)

    @Slot(str, str)
    def retry(self, kind: str, entry_id: str) -> None:
        """It is tried again; a notice is settled."""
        self._staff.retry(kind, entry_id)


class StaffWishesViewModel(StaffPart):
    """Lives on the UI thread; QML: `StaffWishes`. Shows no address and no face, for it has none."""

    changed = Signal()

    def __init__(self, staff: StaffCommands, words: Translator, parent: QObject | None = None) -> None:
        super().__init__(staff, words, parent)
        self._wishes: tuple[NewPhotosWish, ...] = ()

    def turn(self, place: str) -> None:
        super().turn(place)
        if place == "wishes":
            self._staff.list_wishes()
        elif self._wishes:
            self._wishes = ()
            self.changed.emit()

    def take(self, event: WishesListed) -> None:
        """All there are."""
        if self._place == "wishes":
            self._wishes = event.wishes
            self.changed.emit()

    rows = Property(list, lambda self: [self._row(wish) for wish in self._wishes], notify=changed)

    def _row(self, wish: NewPhotosWish) -> Row:
        until = show_day(wish.until.astimezone(Venue.zone).date(), self._words.now_language)
        return {
            "orderId": wish.order_id,
            "code": wish.order_code,
            "way": self._say(f"staff.way.{wish.way}") + (f" {wish.shown_to}" if wish.shown_to else ""),
            "since": when_word(wish.agreed_at, self._words),
            "until": self._say("staff.wish.until", day=until),
            "added": self._words.counted("staff.wish.added", wish.photos_added)
            if wish.photos_added
            else self._say("staff.wish.none_yet"),
        }
