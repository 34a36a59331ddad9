"""Staff by script: look at the wall until somebody is recognised, then through every page of the shop."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import structlog
from PySide6.QtCore import QObject
from rich.console import Console

from kiosk.store import Store
from kiosk.visits.told import StreamFaces
from kiosk.visits.types import FaceKind, StreamState
from ui.screenshots import grab
from ui.store_navigator import PAGES
from ui.store_window import StoreWindow, run_store_window
from ui.window_script import Step, StuckError, WindowScene, play
from ui.window_size import Size

_LOOK_EVERY_MS = 20
_SETTLE_S = 0.8
_out = Console()
_log = structlog.get_logger(__name__)


def tour(store: Store, out: Path, size: Size) -> int:
    """Writes `tour.json` and a PNG per page into `out`; 1 where the staff got stuck."""
    out.mkdir(parents=True, exist_ok=True)
    staff = ScriptedStaff(store, out)
    run_store_window(store, size=size, when_shown=staff.arrive)
    staff.write_report()
    said = f"The staff got stuck: {staff.stuck}" if staff.stuck else staff.summary()
    _out.print(said, highlight=False)
    _out.print(f"Pictures and tour.json are in {out}", highlight=False)
    return 1 if staff.stuck else 0


class ScriptedStaff(QObject):
    """Walks on the UI thread. What the cameras say is noted from their own threads."""

    def __init__(self, store: Store, out: Path) -> None:
        super().__init__()
        self._store = store
        self._out = out
        self._named: dict[str, str] = {}
        self._kinds: set[FaceKind] = set()
        self._pictures: list[str] = []
        self.stuck = ""
        store.bus.subscribe(StreamFaces, self._note)

    def arrive(self, window: StoreWindow) -> None:
        """Begins to walk in the window."""
        self._window = window
        self._scene = WindowScene(window)
        play(self._tour(), window, _LOOK_EVERY_MS, self._leave)

    def write_report(self) -> None:
        """Writes `tour.json`."""
        view = self._store.view
        report: dict[str, Any] = {
            "named": self._named,
            "visitors": view.today.visitors,
            "staff_present": view.today.staff_present,
            "streams": {card.stream.name: card.status.state for card in view.streams},
            "pictures": self._pictures,
            "stuck": self.stuck,
        }
        path = self._out / "tour.json"
        path.write_text(json.dumps(report, ensure_ascii=False, indent=1, default=str), encoding="utf-8")

    def summary(self) -> str:
        """What was seen, in a line."""
        view = self._store.view
        names = ", ".join(f"{name} ({kind})" for name, kind in sorted(self._named.items()))
        return f"Recognised: {names}; {view.today.visitors} visitors today, staff not counted"

    def _tour(self) -> Step:
        wanted = {person.value for person in (FaceKind.STAFF, FaceKind.KNOWN)}
        yield from self._scene.until(self._is_all_live, "every camera")
        yield from self._scene.until(lambda: wanted <= set(self._named.values()), "staff and a customer")
        yield from self._scene.until(lambda: FaceKind.VISITOR in self._kinds, "a visitor without a name")
        yield from self._picture("wall")
        for place in ("reports", "visits", "people", "held"):
            yield from self._look_at(place)

    def _look_at(self, place: str) -> Step:
        self._window.engine.navigator.go(place)
        yield from self._scene.until(lambda: self._is_shown(place), f"the page {place}")
        yield from self._picture(place)

    def _is_all_live(self) -> bool:
        cards = self._store.view.streams
        return bool(cards) and all(card.status.state is StreamState.LIVE for card in cards)

    def _is_shown(self, place: str) -> bool:
        return self._scene.page == PAGES[place]

    def _picture(self, name: str) -> Step:
        yield from self._scene.pause(_SETTLE_S)
        file = f"{len(self._pictures) + 1:02}-{name}-{self._store.view.language}.png"
        grab(self._scene.window, self._out / file)
        self._pictures.append(file)

    def _note(self, seen: StreamFaces) -> None:
        for face in seen.faces:
            self._kinds.add(face.kind)
            if face.name:
                self._named[face.name] = face.kind.value

    def _leave(self, failure: Exception | None) -> None:
        if isinstance(failure, StuckError):
            self.stuck = str(failure)
        elif failure is not None:
            raise failure
