"""The part of a kiosk that the technician's pages talk to; tests bring their own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from kiosk.events import EventBus
from kiosk.technician.told import Scalar


class TechnicianCommands(Protocol):
    """Each returns at once and is safe from any thread; the outcome comes in the event named beside it, or in
    the staff's notice. Without the right for it a command does nothing but say so."""

    @property
    def bus(self) -> EventBus: ...

    # -- settings
    def show_settings(self) -> None:
        """SettingsShown."""
        ...

    def change_setting(self, section: str, key: str, value: Scalar | Mapping[str, Scalar]) -> None:
        """Checked, saved and applied; SettingsShown. A value that does not fit changes nothing."""
        ...

    def undo_settings(self) -> None:
        """Back to the version before; SettingsShown."""
        ...

    def set_secret(self, name: str, value: str) -> None:
        """Into the keyring of the operating system; it is never shown again."""
        ...

    # -- self-test
    def run_tests(self, name: str = "") -> None:
        """All, or one again. SelfTestChanged."""
        ...

    def test_print(self, queue: str) -> None: ...

    def test_payment(self) -> None:
        """Asks for one baht and waits for it; it is noted as to be given back."""
        ...

    def note_touch(self, points: int, largest_error_mm: float) -> None: ...

    def stop_tests(self) -> None: ...

    def look(self, is_wanted: bool) -> None:
        """The kiosk's camera is on as long as a technician looks through it."""
        ...

    # -- certainty
    def show_certainty(self) -> None:
        """CertaintyShown."""
        ...

    def set_certainty(self, sure_share: float, maybe_share: float) -> None: ...

    # -- why
    def show_recorder(self, lane: str = "", most: int = 200) -> None:
        """RecorderShown."""
        ...

    def make_bundle(self, folder: Path | None = None) -> None:
        """PaperSaved."""
        ...

    # -- the program itself
    def end_kiosk(self, restart: bool) -> None:
        """The program ends, or starts anew: EndAsked."""
        ...

    # -- updates
    def show_updates(self) -> None:
        """UpdatesShown."""
        ...

    def choose_update(self, when: str) -> None:
        """ "now", "tonight", "undo", or "" to take it back: UpdatesShown."""
        ...

    def look_for_update(self) -> None:
        """On a USB stick: UpdatesShown, or the staff's notice."""
        ...

    def check_for_update(self) -> None:
        """At the centre, within seconds: UpdatesShown."""
        ...

    # -- first run
    def begin_wizard(self) -> None:
        """WizardShown."""
        ...

    def answer_wizard(self, step: str, values: Mapping[str, str]) -> None:
        """Checks and keeps an answer, and goes on: WizardShown."""
        ...

    def back_wizard(self) -> None: ...
