"""Draws every page of the store's window: `python -m tests.gui.render_store OUT [name part]`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from kiosk.language import Language
from kiosk.visits.ports import Today
from kiosk.visits.told import Purged, StoreView, StreamCard
from kiosk.visits.types import StreamStatus
from tests.gui.drawn_shop import PLACES
from tests.gui.fake_store import (
    CARDS,
    CONNECTING,
    HELD,
    NOW,
    OFF,
    TODAY,
    FakeStore,
    a_store_view,
    a_stream,
    live,
)
from tests.gui.render_pages import SIZES, serve


class Scene:
    """A window on a fake store, as a step of a picture may want to change it."""

    def __init__(self, store: FakeStore, window: Any) -> None:
        self.store = store
        self.window = window

    def named(self, name: str) -> Any:
        """A singleton of the QML module."""
        return self.window.engine.objects[name]

    def go(self, place: str) -> None:
        """To a page."""
        self.named("StoreNavigator").go(place)

    def sheet(self, name: str) -> None:
        """Opens a sheet."""
        self.named("StoreNavigator").openSheet(name)

    def find(self, name: str) -> Any:
        """An item of the window by its objectName."""
        from PySide6.QtCore import QObject

        return self.window.window.findChild(QObject, name)

    def serve(self, milliseconds: int) -> None:
        """Lets the window live so long."""
        serve(milliseconds)


@dataclass(frozen=True)
class Picture:
    """A page as it is drawn: the view, and what is done before."""

    view: StoreView
    step: Callable[[Scene], object] | None = None


def _faces(scene: Scene) -> None:
    for card in scene.store.view.streams:
        if card.status.state == "live" and card.stream.stream_id in PLACES:
            scene.store.see(card.stream.stream_id)


def _stream(stream_id: str) -> Callable[[Scene], None]:
    def opened(scene: Scene) -> None:
        scene.named("Streams").open(stream_id) if stream_id else scene.named("Streams").openNew()
        scene.sheet("StreamSheet")

    return opened


def _typing(field: str) -> Callable[[Scene], None]:
    def typed(scene: Scene) -> None:
        _stream("aisle")(scene)
        scene.serve(200)
        scene.find("StreamSheet").setProperty("typed", field)

    return typed


def _then(first: Callable[[Scene], object], *calls: Callable[[Scene], object]) -> Callable[[Scene], None]:
    def both(scene: Scene) -> None:
        first(scene)
        scene.serve(200)
        for call in calls:
            call(scene)

    return both


def _cards(*names: str, **statuses: StreamStatus) -> tuple[StreamCard, ...]:
    cards = {card.stream.stream_id: card for card in CARDS}
    return tuple(replace(cards[name], status=statuses.get(name, cards[name].status)) for name in names)


PICTURES: dict[str, Picture] = {
    "wall-one": Picture(a_store_view(streams=_cards("door")), _faces),
    "wall-two": Picture(a_store_view(streams=_cards("door", "aisle")), _faces),
    "wall-none": Picture(a_store_view(streams=(), today=Today(since=TODAY.since))),
    "wall-off": Picture(
        a_store_view(streams=_cards("door", "back", "counter", back=OFF, counter=CONNECTING)), _faces
    ),
    "wall-many": Picture(
        a_store_view(
            streams=tuple(
                replace(card, stream=replace(card.stream, stream_id=f"{card.stream.stream_id}"))
                for card in (
                    *CARDS,
                    StreamCard(a_stream("yard", "Yard", "webcam:2", site_id="site-2"), live("yard")),
                )
            ),
            knows_returning=True,
        ),
        _faces,
    ),
    "wall-full-day": Picture(
        a_store_view(
            today=replace(
                TODAY,
                visitors=1284,
                returning=301,
                hours=tuple(
                    (
                        TODAY.since - timedelta(hours=3) + timedelta(hours=number),
                        20 + number * 7 % 60,
                        number * 5 % 17,
                    )
                    for number in range(15)
                ),
            )
        ),
        _faces,
    ),
    "wall-close": Picture(a_store_view(), lambda scene: scene.sheet("CloseSheet")),
    "wall-notice": Picture(a_store_view(), lambda scene: scene.store.tell("store.code.not_found", "V-105")),
    "stream-new": Picture(a_store_view(), _stream("")),
    "stream-door": Picture(a_store_view(), _stream("door")),
    "stream-network": Picture(a_store_view(), _stream("aisle")),
    "stream-lost": Picture(a_store_view(), _stream("back")),
    "stream-off": Picture(a_store_view(streams=_cards("back", back=OFF)), _stream("back")),
    "stream-line": Picture(
        a_store_view(),
        _then(
            _stream("door"),
            lambda scene: scene.named("StreamLine").draw(),
            lambda scene: scene.named("StreamLine").touch(0.3, 0.4),
        ),
    ),
    "stream-typing-name": Picture(a_store_view(), _typing("name")),
    "stream-typing-address": Picture(a_store_view(), _typing("address")),
    "stream-delete": Picture(
        a_store_view(),
        _then(_stream("door"), lambda scene: scene.find("StreamSheet").setProperty("asksToDelete", True)),
    ),
    "wall": Picture(a_store_view(), _faces),
    "held": Picture(a_store_view(), lambda scene: scene.go("held")),
    "held-guests": Picture(
        a_store_view(
            knows_returning=True, held=replace(HELD, guests=871, pictures=0, oldest_picture_at=None)
        ),
        lambda scene: scene.go("held"),
    ),
    "held-purged": Picture(
        a_store_view(),
        _then(
            lambda scene: scene.go("held"),
            lambda scene: scene.named("Held").purge(),
            lambda scene: scene.store.publish(
                Purged(NOW, {"files": 14, "visit_faces": 9, "guest_faces": 2, "guests": 1, "copies": 3})
            ),
        ),
    ),
}


def main() -> None:
    """Writes one PNG for each page, language and orientation."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import QCoreApplication

    from tests.gui.people_pictures import PICTURES as OF_PEOPLE
    from ui import moment
    from ui.application import application
    from ui.screenshots import grab
    from ui.store_window import StoreWindow

    out, part = Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else ""
    moment.now = lambda: NOW
    application()
    for name, picture in {**PICTURES, **OF_PEOPLE}.items():
        if part not in name:
            continue
        for language in Language:
            for shape, size in SIZES.items():
                store = FakeStore(replace(picture.view, language=language))
                window = StoreWindow(store, size=size)
                window.engine.objects["Theme"].setProperty("lessMotion", True)
                serve(250)
                scene = Scene(store, window)
                if picture.step is not None:
                    picture.step(scene)
                serve(400)
                # What was seen is drawn for a moment only.
                _faces(scene)
                serve(80)
                grab(window.window, out / f"{name}-{language}-{shape}.png")
                window.close()
                QCoreApplication.processEvents()


if __name__ == "__main__":
    main()
