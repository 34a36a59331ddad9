"""Tests of the face models and of the search index."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path

from kiosk.archive import Archive
from kiosk.errors import ErrorCode
from kiosk.technician.looks import check_weights
from kiosk.technician.measuring import Measured
from kiosk.technician.told import TestState


class ModelsTest:
    """Whether every file of weights is the one that its manifest names."""

    name = room = "models"
    params: Mapping[str, str] = {}
    actions: tuple[str, ...] = ()

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def measure(self, stop: threading.Event) -> Measured:
        return Measured(params={"n": str(check_weights(self._folder))})


class IndexTest:
    """Whether the index holds the faces that the database has on sale, and no others."""

    name = room = "index"
    params: Mapping[str, str] = {}
    actions: tuple[str, ...] = ()

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def measure(self, stop: threading.Event) -> Measured:
        archive = self._archive
        event = archive.current_event()
        if event is None:
            return Measured(TestState.SKIPPED, "words.none")
        wanted = archive.photos.face_keys(event.event_id, archive.index.contract_id)
        held = archive.index.faces(event.event_id)
        params = {
            "photos": f"{archive.photos.count(event.event_id):,}",
            "faces": f"{len(wanted):,}",
            "missing": f"{len(wanted - held):,}",
            "surplus": f"{len(held - wanted):,}",
        }
        if wanted == held:
            return Measured(params=params)
        return Measured(TestState.FAILED, "words.differs", params, "advice.differs", ErrorCode.INDEX_DAMAGED)
