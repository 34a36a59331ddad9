"""Settings that wait for the next start: whether a kiosk would begin with them."""

from __future__ import annotations

from pathlib import Path

from kiosk.adapters import ReadSecret, choose_engines, choose_slip_checker, choose_store
from kiosk.settings import Settings


def check_next_start(home: Path, before: Settings, after: Settings, read_secret: ReadSecret) -> None:
    """What changed of the parts without which no kiosk begins: else nobody could take it back on the screen.
    A photo store is connected to. Raises what the parts raise at a start: KnownError SETTING_INVALID,
    SECRET_*, STORE_*."""
    if after.vision != before.vision:
        choose_engines(after.vision)
    if after.payment.slip_check_url != before.payment.slip_check_url:
        choose_slip_checker(after.payment, read_secret)
    if after.photos != before.photos:
        choose_store(home, after.photos, read_secret)
