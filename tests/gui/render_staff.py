"""Draws every page of the staff's: `python -m tests.gui.render_staff OUT [name part]`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from kiosk.language import Language
from kiosk.staff.told import DayFigures, ImportCard, OutboxCard, PaperSaved, SlipLooked, StaffView
from tests.gui.fake_kiosk import FakeKiosk, a_view
from tests.gui.fake_staff import (
    LATE,
    MEMBERS,
    NOK,
    NOW,
    OVER,
    PLOY,
    SHORT,
    TOM,
    TWICE,
    UNKNOWN,
    WAITING,
    FakeStaff,
    a_staff_view,
    many_orders,
)
from tests.gui.render_pages import SIZES, serve


class Scene:
    """A window with the staff's pages over the visitor's."""

    def __init__(self, kiosk: FakeKiosk, window: Any) -> None:
        self.staff: FakeStaff = kiosk.staff
        self.window = window

    def named(self, name: str) -> Any:
        """A singleton of the QML module."""
        return self.window.engine.objects[name]

    def find(self, name: str) -> Any:
        """An item of the window by its objectName."""
        from PySide6.QtCore import QObject

        return self.window.window.findChild(QObject, name)


Step = Callable[[Scene], object]


@dataclass(frozen=True)
class Picture:
    """A page as it is drawn: whose desk, which place, and what is done there, step by step."""

    view: StaffView
    place: str = ""
    steps: tuple[Step, ...] = ()


def _sheet(name: str) -> Step:
    return lambda scene: scene.named("StaffNavigator").openSheet(f"staff/{name}")


def _set(item: str, name: str, value: object) -> Step:
    return lambda scene: scene.find(item).setProperty(name, value)


def _call(singleton: str, slot: str, *arguments: object) -> Step:
    return lambda scene: getattr(scene.named(singleton), slot)(*arguments)


def _looked(stage: str, **facts: Any) -> Step:
    return lambda scene: scene.staff.publish(SlipLooked(stage, "pay-1", **facts))


def _many(scene: Scene) -> None:
    scene.staff.orders = many_orders(500)
    scene.named("StaffOrders").search("")


_AS_NOK = _set("staff.signIn", "staffId", "nok")
NOBODY = a_staff_view(None)
MINE = a_staff_view(NOK)
ALL = a_staff_view(PLOY, decisions=(TWICE, LATE, SHORT, OVER, UNKNOWN, WAITING))
QUIET = a_staff_view(
    NOK,
    today=DayFigures(NOW.date()),
    decisions=(),
    latest=(),
    printers=(),
    supplies=(),
    held_prints=(),
    outbox=OutboxCard(),
    imports=ImportCard(),
)
PICTURES: dict[str, Picture] = {
    "sign-in": Picture(NOBODY),
    "sign-in-pin": Picture(
        NOBODY, "", (_set("staff.signIn", "staffId", "nok"), _set("staff.signIn", "pin", "471"))
    ),
    "sign-in-locked": Picture(
        replace(NOBODY, members=(replace(NOK, locked_until=NOW + timedelta(minutes=5)), *MEMBERS[1:])),
        "",
        (_AS_NOK,),
    ),
    "sign-in-wrong": Picture(NOBODY, "", (_AS_NOK, _call("Staff", "signIn", "nok", "0000"))),
    "today": Picture(MINE, "today"),
    "today-manager": Picture(ALL, "today"),
    "today-quiet": Picture(QUIET, "today"),
    "today-notice": Picture(
        MINE, "today", (lambda scene: scene.staff.tell("staff.decided.confirm", order="K7-3H8P"),)
    ),
    "today-crashed": Picture(
        a_staff_view(TOM), "today", (lambda scene: scene.staff.tell("staff.error.A-109", "A-109"),)
    ),
    "today-error": Picture(MINE, "today", (lambda scene: scene.staff.tell("staff.error.K-110", "K-110"),)),
    "money": Picture(ALL, "money"),
    "money-none": Picture(QUIET, "money"),
    "decide": Picture(
        ALL, "money", (_call("StaffMoney", "begin", "pay-3", "take_rest"), _sheet("StaffDecideSheet"))
    ),
    "decide-back": Picture(
        ALL, "money", (_call("StaffMoney", "begin", "pay-1", "give_back"), _sheet("StaffDecideSheet"))
    ),
    "decide-amount": Picture(
        ALL,
        "money",
        (
            _call("StaffMoney", "begin", "pay-6", "confirm"),
            _sheet("StaffDecideSheet"),
            _set("StaffDecideSheet", "asksAmount", True),
        ),
    ),
    "slip-looking": Picture(ALL, "money", (_call("StaffMoney", "scan", "pay-1"), _sheet("StaffSlipSheet"))),
    "slip-checked": Picture(
        ALL,
        "money",
        (
            _call("StaffMoney", "scan", "pay-1"),
            _sheet("StaffSlipSheet"),
            _looked("found", amount_satang=7946, receiver="นาย สมชาย ร***"),
        ),
    ),
    "slip-found": Picture(
        ALL, "money", (_call("StaffMoney", "scan", "pay-1"), _sheet("StaffSlipSheet"), _looked("found"))
    ),
    "slip-failed": Picture(
        ALL,
        "money",
        (_call("StaffMoney", "scan", "pay-1"), _sheet("StaffSlipSheet"), _looked("failed", code="Y-109")),
    ),
    "orders": Picture(MINE, "orders", (_many,)),
    "orders-filter": Picture(MINE, "orders", (_call("StaffOrders", "filterBy", 1),)),
    "orders-unknown": Picture(MINE, "orders", (_call("StaffOrders", "search", "K7-ZZZZ"),)),
    "orders-search": Picture(
        MINE,
        "orders",
        (_call("Typing", "ask", "orders", "", "K7-4Q", "text", True), _sheet("StaffCodeSheet")),
    ),
    "order": Picture(ALL, "order"),
    "refund": Picture(ALL, "order", (_sheet("StaffRefundSheet"), _set("StaffRefundSheet", "reason", 1))),
    "printers": Picture(ALL, "printers"),
    "printers-none": Picture(QUIET, "printers"),
    "count": Picture(
        ALL, "printers", (_call("StaffPrinters", "beginCount", "20x25/matte"), _sheet("StaffCountSheet"))
    ),
    "photos": Picture(ALL, "photos", (_call("StaffPhotos", "toggle", "photo-3"),)),
    "folders": Picture(ALL, "photos", (_call("StaffPhotos", "look", ""), _sheet("StaffFolderSheet"))),
    "vouchers": Picture(ALL, "vouchers"),
    "vouchers-made": Picture(ALL, "vouchers", (_call("StaffVouchers", "make", 2, 0, 12, 1, 7),)),
    "voucher-make": Picture(ALL, "vouchers", (_sheet("StaffVoucherSheet"),)),
    "outbox": Picture(ALL, "outbox"),
    "wishes": Picture(ALL, "wishes"),
    "day": Picture(
        ALL,
        "day",
        (lambda scene: scene.staff.publish(PaperSaved("day", "/srv/kiosk/reports/day-2026-11-20.pdf")),),
    ),
    "members": Picture(ALL, "members"),
    "member": Picture(ALL, "members", (_call("StaffMembers", "edit", "nok"), _sheet("StaffMemberSheet"))),
    "member-name": Picture(
        ALL,
        "members",
        (
            _call("StaffMembers", "edit", "nok"),
            _sheet("StaffMemberSheet"),
            _set("StaffMemberSheet", "isTyping", True),
        ),
    ),
    "pin": Picture(
        ALL,
        "members",
        (_call("StaffMembers", "edit", "nok"), _sheet("StaffPinSheet"), _set("StaffPinSheet", "pin", "47")),
    ),
    "log": Picture(ALL, "log"),
    "technician": Picture(a_staff_view(TOM), "members"),
}


def draw(name: str, picture: Picture, language: Language, size: tuple[int, int], out: Path) -> None:
    """Writes one picture."""
    from kiosk.session.states import Screen
    from ui.application import KioskWindow
    from ui.screenshots import grab

    kiosk = FakeKiosk(a_view(Screen.ATTRACT))
    kiosk.staff.view = replace(picture.view, language=language)
    window = KioskWindow(kiosk, size=size)
    window.engine.objects["Theme"].setProperty("lessMotion", True)
    scene = Scene(kiosk, window)
    serve(200)
    if picture.place == "order":
        scene.named("StaffOrder").open("order-4q9t")
    if picture.place:
        scene.named("StaffNavigator").go(picture.place)
        serve(200)
    for step in picture.steps:
        step(scene)
        serve(120)
    serve(300)
    grab(window.window, out / f"{name}-{language}-{'portrait' if size[0] < size[1] else 'wide'}.png")
    window.close()


def main() -> None:
    """Writes one PNG for each page, language and orientation."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import QCoreApplication

    from ui import moment
    from ui.application import application

    out, part = Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else ""
    moment.now = lambda: NOW
    application()
    for name, picture in PICTURES.items():
        if part not in name:
            continue
        for language in Language:
            for size in SIZES.values():
                draw(name, picture, language, size, out)
                QCoreApplication.processEvents()


if __name__ == "__main__":
    main()
