"""A window that is closed leaves nothing behind: neither what it showed nor whose it was."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable

import psutil
import pytest
from pytestqt.qtbot import QtBot

from tests.gui.conftest import PORTRAIT, WIDE
from tests.gui.fake_kiosk import FakeKiosk
from tests.gui.fake_store import FakeStore
from tests.gui.render_pages import PICTURES
from ui.application import KioskWindow
from ui.store_window import StoreWindow
from ui.theme import load_fonts

_WINDOWS = 12
_MOST_BYTES = 2_000_000
"""For each window. One that kept its photos cost 6 MB; a closed one costs less than 0.1."""


def _resident() -> int:
    gc.collect()
    return int(psutil.Process().memory_info().rss)


def _kiosk_shown(bot: QtBot, page: str) -> Callable[[], object]:
    """Opens a window on a page, waits for its photos, closes it."""
    kiosk = FakeKiosk(PICTURES[page][0])
    window = KioskWindow(kiosk, size=PORTRAIT)
    window.engine.theme.setProperty("lessMotion", True)
    bot.wait(80)
    window.close()
    return weakref.ref(kiosk)


def _store_shown(bot: QtBot) -> Callable[[], object]:
    store = FakeStore()
    window = StoreWindow(store, size=WIDE)
    bot.wait(80)
    window.close()
    return weakref.ref(store)


def _wait_for_the_end(bot: QtBot, of: Callable[[], object]) -> None:
    """Threads that make pictures hold it until they have seen that the window is closed."""

    def is_gone() -> bool:
        gc.collect()
        return of() is None

    bot.waitUntil(is_gone, timeout=5000)


@pytest.mark.slow
@pytest.mark.parametrize("page", ["attract", "capture", "results"])
def test_a_closed_window_lets_go_of_its_kiosk(qtbot: QtBot, page: str) -> None:
    load_fonts()
    _wait_for_the_end(qtbot, _kiosk_shown(qtbot, page))


@pytest.mark.slow
def test_a_closed_window_lets_go_of_its_store(qtbot: QtBot) -> None:
    load_fonts()
    _wait_for_the_end(qtbot, _store_shown(qtbot))


@pytest.mark.slow
def test_windows_opened_and_closed_do_not_grow_the_process(qtbot: QtBot) -> None:
    load_fonts()
    for _ in range(3):
        _kiosk_shown(qtbot, "attract")
    before = _resident()
    for _ in range(_WINDOWS):
        _kiosk_shown(qtbot, "attract")
    assert _resident() - before < _WINDOWS * _MOST_BYTES
