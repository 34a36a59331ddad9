"""Draws every page of the technician's: `python -m tests.gui.render_technician OUT [name part]`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from kiosk.language import Language
from kiosk.payments.promptpay import transfer_payload
from kiosk.settings import Settings
from kiosk.technician.forms import fields_of
from kiosk.technician.told import TestState
from kiosk.updates.care import UpdatesShown
from kiosk.updates.journal import Outcome, Result
from kiosk.updates.wish import When, Wish
from tests.gui.fake_kiosk import FakeKiosk
from tests.gui.fake_staff import TOM, a_staff_view
from tests.gui.fake_technician import (
    AN_UPDATE,
    AWAY,
    NOW,
    ROWS,
    FakeTechnician,
    a_machine_under_test,
    a_settings_view,
    a_tested_machine,
    a_wizard,
)
from tests.gui.render_pages import SIZES, serve


class Scene:
    """A window on a fake desk, as a step of a picture may want to change it."""

    def __init__(self, kiosk: FakeKiosk, window: Any) -> None:
        self.desk = kiosk.technician
        self.staff = kiosk.staff
        self.window = window

    def named(self, name: str) -> Any:
        """A singleton of the QML module."""
        return self.window.engine.objects[name]

    def sheet(self) -> None:
        """Opens the sheet of what was asked for."""
        self.named("StaffNavigator").openSheet(self.named("TechnicianEntry").property("sheet"))


@dataclass(frozen=True)
class Picture:
    """A page as it is drawn: what the desk tells, and what is done before."""

    place: str
    prepare: Callable[[FakeTechnician], object] | None = None
    step: Callable[[Scene], object] | None = None


def _tests(event: Any) -> Callable[[FakeTechnician], None]:
    def prepared(desk: FakeTechnician) -> None:
        desk.tests = event

    return prepared


def _row(name: str) -> Callable[[Scene], None]:
    return lambda scene: scene.named("TechnicianTests").select(name)


def _paying(scene: Scene) -> None:
    _row("payment")(scene)
    qr = transfer_payload("0812345678", 100)
    scene.desk.publish(replace(scene.desk.tests, qr_payload=qr, qr_due_satang=100, needs_person=True))


def _section(name: str) -> Callable[[Scene], None]:
    return lambda scene: scene.named("TechnicianSettings").show(name)


def _editing(section: str, name: str) -> Callable[[Scene], None]:
    def edited(scene: Scene) -> None:
        scene.named("TechnicianSettings").show(section)
        scene.named("TechnicianSettings").edit(name)
        scene.sheet()

    return edited


def _broken(desk: FakeTechnician) -> None:
    desk.settings = a_settings_view(problem="Line 12: Expected '=' after a key.")


def _of_a_new_kiosk(desk: FakeTechnician) -> None:
    desk.settings = a_settings_view(fields=fields_of(Settings(), {}), versions=(), pending=())


def _refused(scene: Scene) -> None:
    """A prefix that codes cannot begin with."""
    scene.named("TechnicianSettings").takeStandard("kiosk.code_prefix")
    scene.staff.tell("staff.error.A-102", "A-102", setting="kiosk.code_prefix")


def _wizard(step: str, **changes: Any) -> Picture:
    def prepared(desk: FakeTechnician) -> None:
        desk.wizard = a_wizard(step, **changes)

    return Picture("wizard", prepared)


def _by_address(scene: Scene) -> None:
    scene.named("TechnicianWizard").choose(2)


def _asking_for_pin(scene: Scene) -> None:
    scene.named("TechnicianWizard").edit("pin")
    scene.sheet()


def _no_update(technician: FakeTechnician) -> None:
    technician.updates = UpdatesShown(version="0.1.0", has_keys=False, hours=("02:00", "05:00"))


def _taken_back(technician: FakeTechnician) -> None:
    """It failed its self-test; a technician chose tonight for what came instead."""
    technician.updates = replace(
        AN_UPDATE,
        ready="0.3.0",
        wish=Wish(When.TONIGHT, TOM.name, NOW),
        last=Result(Outcome.ROLLED_BACK, "0.2.0", "0.1.0", NOW, "U-110", "weights: F-102", 41.0),
        code="U-102",
    )


PICTURES: dict[str, Picture] = {
    "selftest": Picture("selftest"),
    "selftest-running": Picture("selftest", _tests(a_machine_under_test())),
    "selftest-passed": Picture(
        "selftest", _tests(a_tested_machine(*(replace(row, state=TestState.PASSED) for row in ROWS)))
    ),
    "selftest-failed": Picture("selftest", _tests(a_tested_machine(*ROWS[:-3], AWAY))),
    "selftest-shot": Picture("selftest", None, _row("shot")),
    "selftest-pay": Picture("selftest", None, _paying),
    "selftest-touch-row": Picture("selftest", None, _row("touch")),
    "selftest-bundle": Picture("selftest", None, lambda scene: scene.named("TechnicianSupport").make()),
    "ending": Picture(
        "selftest", None, lambda scene: scene.named("StaffNavigator").openSheet("technician/EndSheet")
    ),
    "touch": Picture(
        "selftest", None, lambda scene: scene.named("StaffNavigator").openSheet("technician/TouchSheet")
    ),
    "settings": Picture("settings"),
    "settings-sales": Picture("settings", None, _section("sales")),
    "settings-printing": Picture("settings", None, _section("printing")),
    "settings-payment": Picture("settings", None, _section("payment")),
    "settings-refused": Picture("settings", None, _refused),
    "settings-camera": Picture("settings", None, _section("camera")),
    "settings-broken": Picture("settings", _broken),
    "settings-number": Picture("settings", None, _editing("camera", "camera.fps")),
    "settings-text": Picture("settings", None, _editing("kiosk", "kiosk.contact")),
    "settings-path": Picture("settings", None, _editing("printing", "printing.frame")),
    "settings-versions": Picture(
        "settings", None, lambda scene: scene.named("StaffNavigator").openSheet("technician/VersionsSheet")
    ),
    **{
        f"settings-of-{section}": Picture("settings", _of_a_new_kiosk, _section(section))
        for section in Settings.model_fields
    },
    "recorder": Picture("recorder"),
    "recorder-bundle": Picture("recorder", None, lambda scene: scene.named("TechnicianSupport").make()),
    "certainty": Picture("certainty"),
    "certainty-changed": Picture(
        "certainty", None, lambda scene: scene.named("TechnicianCertainty").setSure(3)
    ),
    "updates": Picture("updates"),
    "updates-none": Picture("updates", _no_update),
    "updates-back": Picture("updates", _taken_back, lambda scene: scene.named("TechnicianUpdates").undo()),
    **{f"wizard-{step}": _wizard(step) for step in a_wizard("language").steps},
    "wizard-camera-other": Picture("wizard", _wizard("camera").prepare, _by_address),
    "wizard-pin": Picture("wizard", _wizard("staff").prepare, _asking_for_pin),
    "wizard-problem": _wizard("centre", code="N-101"),
    "wizard-done": _wizard("test", is_done=True),
}


def main() -> None:
    """Writes one PNG for each page, language and orientation."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import QCoreApplication

    from ui import moment
    from ui.application import KioskWindow, application
    from ui.screenshots import grab

    out, part = Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else ""
    moment.now = lambda: NOW
    application()
    for name, picture in PICTURES.items():
        if part not in name:
            continue
        for language in Language:
            for shape, size in SIZES.items():
                kiosk = FakeKiosk()
                if picture.prepare is not None:
                    picture.prepare(kiosk.technician)
                is_wizard = picture.place == "wizard"
                kiosk.staff.view = a_staff_view(TOM, language=language, is_set_up=not is_wizard)
                window = KioskWindow(kiosk, size=size)
                window.engine.objects["Theme"].setProperty("lessMotion", True)
                serve(150)
                window.engine.objects["StaffNavigator"].go(picture.place)
                serve(250)
                if picture.step is not None:
                    picture.step(Scene(kiosk, window))
                serve(350)
                grab(window.window, out / f"{name}-{language}-{shape}.png")
                window.close()
                QCoreApplication.processEvents()


if __name__ == "__main__":
    main()
