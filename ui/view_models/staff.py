"""What all of the staff's pages show: who is signed in, the way in, the rail, the sentence of the moment."""

from __future__ import annotations

from PySide6.QtCore import Property, QObject, Signal, Slot

from kiosk.errors import ErrorCode
from kiosk.language import Language
from kiosk.staff.told import StaffView
from kiosk.staff.types import MOST_TRIES, StaffMember
from ui import moment as clock
from ui.staff_facade import StaffCommands
from ui.staff_navigator import ICONS, StaffNavigator
from ui.translator import Translator
from ui.view_models.staff_words import Row, StaffPart, error_word, satang_of, time_word, typed_baht


class StaffViewModel(StaffPart):
    """Lives on the UI thread; QML: `Staff`."""

    changed = Signal()
    noticed = Signal()
    """There is something to say, also where it is what was said before."""
    railChanged = Signal()

    def __init__(
        self,
        staff: StaffCommands,
        words: Translator,
        navigator: StaffNavigator,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(staff, words, parent)
        self._navigator = navigator
        self.changed.connect(self.railChanged)
        navigator.pageChanged.connect(self.railChanged)

    def show(self, view: StaffView) -> None:
        before = self._view
        super().show(view)
        if _badges(view) != _badges(before):
            self.railChanged.emit()
        if view.notice is not None and view.notice is not before.notice:
            self.noticed.emit()

    def _drawn(self, view: StaffView) -> object:
        return (
            view.is_open,
            view.is_set_up,
            view.who,
            view.rights,
            view.members,
            view.paced_until,
            view.is_busy,
            view.notice,
            view.event_name,
            view.event_name_th,
            (view.outbox.has_centre, view.outbox.is_online, view.outbox.since),
        )

    # whether anybody is there

    isOpen = Property(bool, lambda self: self._view.is_open, notify=changed)
    isSetUp = Property(bool, lambda self: self._view.is_set_up, notify=changed)
    isSignedIn = Property(bool, lambda self: self._view.who is not None, notify=changed)
    isBusy = Property(bool, lambda self: self._view.is_busy, notify=changed)

    def _who_line(self) -> str:
        who = self._view.who
        if who is None:
            return ""
        return self._say("staff.who", role=self._say(f"staff.role.{who.role}"), name=who.name)

    def _event_name(self) -> str:
        view, words = self._view, self._words
        if words.now_language is Language.THAI:
            return words.breakable(view.event_name_th or view.event_name)
        return view.event_name

    whoLine = Property(str, _who_line, notify=changed)
    staffId = Property(str, lambda self: self._view.who.staff_id if self._view.who else "", notify=changed)
    eventName = Property(str, _event_name, notify=changed)

    def _members(self) -> list[Row]:
        return [
            {
                "staffId": member.staff_id,
                "name": member.name,
                "role": self._say(f"staff.role.{member.role}"),
            }
            for member in self._view.members
            if member.is_active
        ]

    members = Property(list, _members, notify=changed)

    @Slot(str, result=str)
    def lockedText(self, staff_id: str) -> str:
        """Until when nobody can sign in as this one; empty where they can."""
        member = self._member(staff_id)
        until = member.locked_until if member else None
        if until is None or until <= clock.now():
            return ""
        return self._say("staff.pin.locked", time=time_word(until, self._words))

    @Slot(str, result=str)
    def triesText(self, staff_id: str) -> str:
        """How often this one may still be wrong; empty where nobody was."""
        member = self._member(staff_id)
        left = MOST_TRIES - member.failed_tries if member else 0
        return self._words.counted("staff.pin.tries", left) if 0 < left < MOST_TRIES else ""

    def _member(self, staff_id: str) -> StaffMember | None:
        return next((each for each in self._view.members if each.staff_id == staff_id), None)

    # how it stands with the centre

    def _centre_text(self) -> str:
        outbox = self._view.outbox
        if not outbox.has_centre:
            return ""
        if outbox.is_online:
            return self._say("staff.centre.online")
        if outbox.since is None:
            return self._say("staff.centre.offline")
        return self._say("staff.centre.offline_since", time=time_word(outbox.since, self._words))

    centreText = Property(str, _centre_text, notify=changed)
    isOnline = Property(bool, lambda self: self._view.outbox.is_online, notify=changed)

    # the rail

    def _rail(self) -> list[Row]:
        badges = _badges(self._view)
        return [
            {
                "place": place,
                "icon": ICONS[place],
                "title": self._say(f"staff.place.{place}"),
                "badge": badges.get(place, 0),
            }
            for place in self._navigator.places()
        ]

    rail = Property(list, _rail, notify=railChanged)

    # the sentence of the moment

    def _notice_text(self) -> str:
        notice = self._view.notice
        if notice is None:
            return ""
        if notice.code == ErrorCode.PIN_LOCKED and self._view.paced_until is not None:
            return self._say("staff.pin.paced")
        if notice.code:
            return error_word(notice.code, self._words, dict(notice.params))
        return self._words.translate(notice.key, dict(notice.params))

    noticeText = Property(str, _notice_text, notify=changed)
    noticeCode = Property(
        str, lambda self: self._view.notice.code if self._view.notice else "", notify=changed
    )
    isNoticeGood = Property(
        bool,
        lambda self: bool(self._view.notice and self._view.notice.is_success),
        notify=changed,
    )

    @Slot()
    def clearNotice(self) -> None:
        """It was read."""
        self._staff.clear_notice()

    # coming and going

    @Slot()
    def open(self) -> None:
        """The hidden gesture was made."""
        self._staff.open()

    @Slot()
    def close(self) -> None:
        """Back to the visitor's page."""
        self._staff.close()

    @Slot(str, str)
    def signIn(self, staff_id: str, pin: str) -> None:
        """With what was typed."""
        self._staff.sign_in(staff_id, pin)

    # what is typed

    @Slot(str, result=int)
    def satangOf(self, text: str) -> int:
        """What was typed in baht, as satang; -1 where it is no sum."""
        satang = satang_of(text)
        return -1 if satang is None else satang

    @Slot(int, result=str)
    def typedBaht(self, satang: int) -> str:
        """A sum as somebody would type it."""
        return typed_baht(satang)


def _badges(view: StaffView) -> dict[str, int]:
    """What waits for somebody, by place."""
    needing = sum(1 for printer in view.printers if printer.state not in ("ready", "printing"))
    low = sum(1 for supply in view.supplies if supply.is_low)
    outbox = view.outbox
    return {
        "money": len(view.decisions),
        "printers": needing + low + len(view.held_prints),
        "photos": view.imports.to_approve,
        "outbox": outbox.parked + outbox.notices + outbox.messages_failed,
    }
