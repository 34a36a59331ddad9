"""What every page of the store's window shows: the shop, the time, the notice, the sites of the chain."""

from __future__ import annotations

from datetime import timedelta

from PySide6.QtCore import Property, QObject, QTimer, Signal, Slot

from kiosk.visits.told import StoreView
from ui import moment
from ui.store_facade import StoreFacade
from ui.translator import Translator, Venue, show_year

_MINUTE = timedelta(minutes=1)


class StoreViewModel(QObject):
    """Lives on the UI thread; QML: `Store`."""

    changed = Signal()
    sitesChanged = Signal()
    timeChanged = Signal()
    noticed = Signal()
    """There is something to say, also where it is what was said before."""

    def __init__(self, store: StoreFacade, translator: Translator, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._translator = translator
        self._view = store.view
        self._minute = QTimer(self)
        self._minute.setSingleShot(True)
        self._minute.timeout.connect(self._tick)
        self._tick()
        for signal in (self.changed, self.sitesChanged, self.timeChanged):
            translator.languageChanged.connect(signal)

    def show(self, view: StoreView) -> None:
        """Draws from `view` from now on."""
        before, self._view = self._view, view
        if view.sites != before.sites or view.site != before.site:
            self.sitesChanged.emit()
        if view != before:
            self.changed.emit()
        if view.notice is not None and view.notice is not before.notice:
            self.noticed.emit()

    def _tick(self) -> None:
        now = moment.now()
        begun = now.replace(second=0, microsecond=0)
        self._minute.start(round((begun + _MINUTE - now).total_seconds() * 1000) + 50)
        self.timeChanged.emit()

    def _time_line(self) -> str:
        """ "Friday 20 November 2026 · 14:32", in Thai with the Buddhist year."""
        local = moment.now().astimezone(Venue.zone)
        words = self._translator
        params = {
            "weekday": words.translate(f"store.weekday.{local.weekday()}.long", {}),
            "day": local.day,
            "month": words.translate(f"store.month.{local.month}", {}),
            "year": show_year(local.year, words.now_language),
            "time": local.strftime("%H:%M"),
        }
        return words.translate("store.moment", params)

    timeLine = Property(str, _time_line, notify=timeChanged)

    # the shop

    siteName = Property(str, lambda self: self._translator.breakable(self._view.site.name), notify=changed)
    siteId = Property(str, lambda self: self._view.site.site_id, notify=changed)
    siteIds = Property(list, lambda self: [site.site_id for site in self._view.sites], notify=sitesChanged)
    siteNames = Property(
        list,
        lambda self: [self._translator.breakable(site.name) for site in self._view.sites],
        notify=sitesChanged,
    )
    operatorName = Property(str, lambda self: self._view.operator or self._view.site.name, notify=changed)
    consentVersion = Property(str, lambda self: self._view.consent_version, notify=changed)
    knowsReturning = Property(bool, lambda self: self._view.knows_returning, notify=changed)
    keepsPictures = Property(bool, lambda self: self._view.keeps_pictures, notify=changed)
    stayMinutes = Property(int, lambda self: self._view.stay_minutes, notify=changed)
    returningDays = Property(int, lambda self: self._view.returning_days, notify=changed)

    @Slot(str)
    def addSite(self, name: str) -> None:
        """A further shop of the chain."""
        self._store.add_site(name)

    # the sentence of the moment

    def _notice_text(self) -> str:
        notice = self._view.notice
        return self._translator.translate(notice.key, dict(notice.params)) if notice else ""

    noticeText = Property(str, _notice_text, notify=changed)
    noticeCode = Property(
        str, lambda self: self._view.notice.code if self._view.notice else "", notify=changed
    )
    isNoticeGood = Property(
        bool, lambda self: bool(self._view.notice and self._view.notice.is_success), notify=changed
    )

    @Slot()
    def clearNotice(self) -> None:
        """It was read."""
        self._store.clear_notice()
