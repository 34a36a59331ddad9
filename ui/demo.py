"""`kiosk demo`: a demo event with a demo camera and a simulated bank; everything else is the real thing."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from kiosk.app import Kiosk, Outside, open_kiosk
from kiosk.archive import Archive, open_archive
from kiosk.commands import import_folder
from kiosk.errors import ErrorCode, KnownError
from kiosk.language import Language
from kiosk.paths import program_root
from kiosk.payments.paynoi import AccountType, PayNoiGateway
from kiosk.payments.simulator import PayNoiSimulator
from kiosk.runtime.single_instance import SingleInstance
from kiosk.settings import Settings, load_settings
from kiosk.staff.pins import check_pin
from kiosk.staff.types import Role
from kiosk.staff_commands import add_staff, list_staff, set_pin
from ui.run import with_camera
from ui.window_size import LANDSCAPE, PORTRAIT, size_on_screen

_EVENT = "Riverside Run"
_STAFF = {"Ton": Role.TECHNICIAN, "Ploy": Role.MANAGER, "Nok": Role.STAFF}
_PAID_AFTER_S = 8.0
_PAID_AFTER_HEADLESS_S = 1.0
_say = Console(stderr=True)


def run_demo(
    home: Path,
    *,
    headless: bool,
    out: Path | None,
    photos: Path | None,
    landscape: bool,
    language: Language,
) -> int:
    """Makes the demo event and opens the kiosk on it, or sends a scripted visitor through it.

    `photos` makes the event of these pictures instead. `out` is where a headless run leaves its pictures and
    `journey.json` (a folder in `home` if None). Returns the exit status: 1 when the visitor got stuck.
    Raises KnownError FOLDER_MISSING, WEIGHTS_MISSING (the installer brings both) and what a kiosk raises.
    """
    with SingleInstance(home), _demo_kiosk(home, photos, headless) as kiosk:
        if not headless:
            from ui.application import application, run_window

            application()
            design = LANDSCAPE if landscape else None
            return run_window(kiosk, size=size_on_screen(is_fullscreen=False, design=design))
        from ui.scripted_visitor import walk

        return walk(kiosk, out or home / "journey", LANDSCAPE if landscape else PORTRAIT, language)


@contextmanager
def _demo_kiosk(home: Path, photos: Path | None, headless: bool) -> Iterator[Kiosk]:
    if headless:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    clip = demo_folder() / "visitor.mp4"
    if not clip.is_file():
        raise KnownError(
            ErrorCode.FOLDER_MISSING,
            f"The demo pictures in {clip.parent} are not there.",
            "Fetch them with: python3 -m installer setup",
        )
    settings = _demo_settings(home, photos, clip if headless else None)
    archive = open_archive(home, settings)
    try:
        if photos is None:
            _fill(archive, demo_folder() / "scenes", is_public=True)
        _fill(archive, photos or demo_folder() / "photos")
    finally:
        archive.close()
    _take_on_staff(home)
    paid_after_s = _PAID_AFTER_HEADLESS_S if headless else _PAID_AFTER_S
    with PayNoiSimulator(auto_pay_after_s=paid_after_s) as simulator:
        gateway = PayNoiGateway(
            simulator.base_url,
            simulator.api_key,
            key_id="demo",
            account="0000000000",
            account_type=AccountType.PHONE,
            receiver_name=_EVENT.upper(),
        )
        kiosk = open_kiosk(home, settings, Outside(gateway=gateway, fallback_clip=clip))
        kiosk.start()
        try:
            yield kiosk
        finally:
            kiosk.stop()


def _take_on_staff(home: Path) -> None:
    """Of each kind one, with a new PIN at each start, which only the terminal tells."""
    known = {member.name for member in list_staff(home)}
    pins = {}
    for name, role in _STAFF.items():
        pins[name] = pin = _drawn_pin()
        if name in known:
            set_pin(home, name, pin)
        else:
            add_staff(home, name, role, pin)
    if sys.stderr.isatty():
        who = ", ".join(f"{name} ({_STAFF[name].value}) {pin}" for name, pin in pins.items())
        _say.print(f"Staff: hold the top left corner for three seconds. {who}.", highlight=False)


def _drawn_pin() -> str:
    while True:
        pin = f"{secrets.randbelow(100_000):05d}"
        try:
            check_pin(pin)
        except KnownError:
            continue  # one of the few that are guessed first
        return pin


def demo_folder() -> Path:
    """Where the installer keeps the demo pictures and the visitor's clip."""
    return program_root() / ".cache" / "demo"


def _demo_settings(home: Path, photos: Path | None, clip: Path | None) -> Settings:
    settings = load_settings(home)
    settings = settings.model_copy(
        update={
            "event": settings.event.model_copy(update={"name": photos.name if photos else _EVENT}),
            "delivery": settings.delivery.model_copy(update={"port": 0}),
        }
    )
    return with_camera(settings, str(clip)) if clip else settings


def _fill(archive: Archive, folder: Path, is_public: bool = False) -> None:
    """Imports what is not there yet, saying how far it is."""
    report = import_folder(archive, folder, archive.settings.event.name, is_public=is_public)
    if report.taken and sys.stderr.isatty():
        _say.print(f"{report.taken} photos imported, {report.faces} faces.")
    for refused in report.refused:
        _say.print(f"not taken: {refused.file_name}: {refused.code} {refused.reason}", highlight=False)
