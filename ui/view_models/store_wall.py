"""The wall: which cameras are shown, how each stands, and today's figures beside them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from PySide6.QtCore import Property, QObject, QTimer, Signal, Slot

from kiosk.visits.told import StoreView, StreamCard, StreamStatusChanged
from kiosk.visits.types import StreamState, StreamStatus, Visit
from ui import moment
from ui.store_facade import StoreFacade
from ui.translator import Translator, Venue, show_time
from ui.view_models.row_list import Row, RowListModel
from ui.view_models.store_words import has_failed
from ui.view_models.stream_words import is_refused, lost_text, status_text

MOST_SHOWN = 4
_HOUR = timedelta(hours=1)
_TICK_MS = 1000
TILE_ROLES = (
    "streamId",
    "name",
    "standing",
    "behind",
    "statusText",
    "lostText",
    "isRefused",
    "recognises",
    "isOn",
    "siteName",
)


class WallViewModel(QObject):
    """Lives on the UI thread; QML: `Wall`. Shows four cameras at a time."""

    pageChanged = Signal()
    todayChanged = Signal()
    linesChanged = Signal()

    def __init__(self, store: StoreFacade, translator: Translator, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._translator = translator
        self._view = store.view
        self._statuses: dict[str, StreamStatus] = {}
        self._wished: dict[str, bool] = {}
        self._page = 0
        self._tiles = RowListModel(TILE_ROLES, self)
        self._clock = QTimer(self)
        self._clock.setInterval(_TICK_MS)
        self._clock.timeout.connect(self._show_tiles)
        translator.languageChanged.connect(self._show_tiles)
        for signal in (self.pageChanged, self.todayChanged, self.linesChanged):
            translator.languageChanged.connect(signal)

    def show(self, view: StoreView) -> None:
        """Draws from `view` from now on."""
        before, self._view = self._view, view
        self._statuses = {card.stream.stream_id: card.status for card in view.streams}
        if has_failed(before, view):
            self._wished.clear()
        for card in view.streams:
            if self._wished.get(card.stream.stream_id) is card.stream.recognises:
                del self._wished[card.stream.stream_id]
        if len(view.streams) != len(before.streams):
            self._page = min(self._page, self._page_count() - 1)
            self.pageChanged.emit()
        if view.today != before.today:
            self.todayChanged.emit()
        if _has_lines(view) != _has_lines(before):
            self.linesChanged.emit()
        self._show_tiles()

    def stand(self, event: StreamStatusChanged) -> None:
        """One camera stands otherwise."""
        if event.status.stream_id in self._statuses:
            self._statuses[event.status.stream_id] = event.status
            self._show_tiles()

    # the cameras

    def _shown(self) -> tuple[StreamCard, ...]:
        return self._view.streams[self._page * MOST_SHOWN : (self._page + 1) * MOST_SHOWN]

    def _page_count(self) -> int:
        return max(1, -(-len(self._view.streams) // MOST_SHOWN))

    def _show_tiles(self) -> None:
        now = moment.now()
        rows = [self._tile(card, now) for card in self._shown()]
        self._tiles.show(rows)
        # Only where something counts on by itself.
        if any(row["standing"] == StreamState.RECONNECTING for row in rows):
            self._clock.start()
        else:
            self._clock.stop()

    def _tile(self, card: StreamCard, now: datetime) -> Row:
        stream, words = card.stream, self._translator
        status = self._statuses.get(stream.stream_id, card.status)
        sites = {site.site_id: site.name for site in self._view.sites}
        is_here = stream.site_id == self._view.site.site_id
        return {
            "streamId": stream.stream_id,
            "name": words.breakable(stream.name),
            "standing": str(status.state),
            "behind": -1.0 if status.behind_s is None else status.behind_s,
            "statusText": status_text(status, now, words),
            "lostText": lost_text(status, now, words),
            "isRefused": is_refused(status),
            "recognises": self._wished.get(stream.stream_id, stream.recognises),
            "isOn": stream.is_on,
            "siteName": "" if is_here else words.breakable(sites.get(stream.site_id, "")),
        }

    tiles = Property(QObject, lambda self: self._tiles, constant=True)
    page = Property(int, lambda self: self._page, notify=pageChanged)
    tileCount = Property(int, lambda self: len(self._shown()), notify=pageChanged)
    pageCount = Property(int, lambda self: self._page_count(), notify=pageChanged)
    streamCount = Property(int, lambda self: len(self._view.streams), notify=pageChanged)
    hasLines = Property(bool, lambda self: _has_lines(self._view), notify=linesChanged)

    @Slot()
    def turnPage(self) -> None:
        """To the next four cameras; after the last ones to the first."""
        self._page = (self._page + 1) % self._page_count()
        self.pageChanged.emit()
        self._show_tiles()

    @Slot(str, bool)
    def setRecognition(self, stream_id: str, is_wanted: bool) -> None:
        """The switch turns at once; what became of it is in the next view."""
        self._wished[stream_id] = is_wanted
        self._store.streams.switch(stream_id, recognises=is_wanted)
        self._show_tiles()

    @Slot(str)
    def startStream(self, stream_id: str) -> None:
        """A camera that is off is watched again."""
        self._store.streams.switch(stream_id, is_on=True)

    # today

    def _since_text(self) -> str:
        """ "Today, since 10:00": when the first visitor came, or the day was counted from."""
        today = self._view.today
        begun = next((hour for hour, new, back in today.hours if new + back > 0), None)
        if begun is None:
            return self._translator.translate("store.today", {})
        return self._translator.translate("store.today.since", {"time": show_time(max(begun, today.since))})

    def _hours(self) -> list[dict[str, Any]]:
        """The hours from the first with visitors to the running one, those without any among them."""
        counts = {hour: (new, back) for hour, new, back in self._view.today.hours}
        busy = [hour for hour, (new, back) in counts.items() if new + back > 0]
        if not busy:
            return []
        running = max(counts)
        now = moment.now()
        hours, hour = [], min(busy)
        while hour <= running:
            new, back = counts.get(hour, (0, 0))
            is_running = hour == running and hour <= now < hour + _HOUR
            local = hour.astimezone(Venue.zone)
            hours.append(
                {
                    "time": show_time(hour),
                    "hour": local.strftime("%H"),
                    "new": new,
                    "returning": back,
                    "isRunning": is_running,
                }
            )
            hour += _HOUR
        return hours

    def _back_again(self) -> list[dict[str, Any]]:
        return [self._visit(visit) for visit in self._view.today.back]

    def _visit(self, visit: Visit) -> dict[str, Any]:
        say = self._translator.translate
        return {
            "name": self._translator.breakable(visit.name) or say("store.today.guest", {}),
            "visit": "" if visit.number is None else say("store.today.visit", {"n": visit.number}),
            "time": show_time(visit.began_at),
        }

    visitors = Property(int, lambda self: self._view.today.visitors, notify=todayChanged)
    returning = Property(int, lambda self: self._view.today.returning, notify=todayChanged)
    staffPresent = Property(int, lambda self: self._view.today.staff_present, notify=todayChanged)
    cameIn = Property(int, lambda self: self._view.today.came_in, notify=todayChanged)
    wentOut = Property(int, lambda self: self._view.today.went_out, notify=todayChanged)
    sinceText = Property(str, _since_text, notify=todayChanged)
    hours = Property(list, _hours, notify=todayChanged)
    backAgain = Property(list, _back_again, notify=todayChanged)


def _has_lines(view: StoreView) -> bool:
    return any(card.stream.line is not None for card in view.streams)
