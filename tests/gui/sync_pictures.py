"""The staff's corner in all its states, on the pages that have the least room for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from kiosk.session.states import Screen
from kiosk.session.view import SessionView
from kiosk.sync.status import SyncState, SyncStatus
from tests.gui.fake_kiosk import SYNCED, a_view

STATES: dict[str, SyncStatus] = {
    "online": SYNCED,
    "sending": replace(SYNCED, waiting=12),
    "offline": replace(SYNCED, state=SyncState.OFFLINE, code="N-101", waiting=1234),
    "login-page": replace(SYNCED, state=SyncState.TROUBLE, code="N-105", waiting=12),
    "trouble": replace(SYNCED, state=SyncState.TROUBLE, code="N-104"),
    "not-enrolled": replace(SYNCED, state=SyncState.OFF, code="N-113"),
    "notices": replace(SYNCED, notices=1),
    "everything": replace(SYNCED, state=SyncState.TROUBLE, code="N-104", waiting=1234, notices=23),
}
_PAGES = (Screen.CAPTURE, Screen.RESULTS, Screen.PAYMENT, Screen.DELIVERY)


def _away(scene: Any) -> None:
    """Some photos lie at a centre that cannot be reached."""
    scene.kiosk.away |= {f"photo-{number}" for number in range(4, 30)}
    scene.kiosk.sync(STATES["offline"])
    scene.window.engine.pictures.begin_look()


def _with(state: SyncStatus, aid: str = "", sheet: str = "") -> Callable[[Any], None]:
    def show(scene: Any) -> None:
        scene.kiosk.sync(state)
        if aid:
            scene.aid(aid)
        if sheet:
            scene.sheet(sheet)

    return show


PICTURES_OF_SYNC: dict[str, tuple[SessionView, Callable[[Any], None]]] = {
    **{f"sync-{name}": (a_view(Screen.ATTRACT), _with(state)) for name, state in STATES.items()},
    **{f"sync-on-{page}": (a_view(page), _with(STATES["offline"])) for page in _PAGES},
    "sync-away": (a_view(Screen.RESULTS), _away),
    "sync-larger": (a_view(Screen.RESULTS), _with(STATES["everything"], "largerText")),
    "sync-lower": (a_view(Screen.PAYMENT), _with(STATES["everything"], "lower")),
    "sync-sheet": (a_view(Screen.RESULTS), _with(STATES["everything"], sheet="MyDataSheet")),
}
