"""A shop in a process of its own, whole but for the screens, that writes down what its cameras come to."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import cv2

from kiosk.adapters import Engines
from kiosk.archive import Archive, open_archive
from kiosk.clock import SystemClock
from kiosk.database.people import SqlPeople
from kiosk.database.tenant import TenantDatabase
from kiosk.settings import Settings
from kiosk.store import Store
from kiosk.vision.types import Detection, Embedding, FaceEngine, Pixels
from kiosk.visits.pictures import FacePictures, cut_out
from kiosk.visits.told import StreamFaces, StreamStatusChanged
from kiosk.visits.types import Agreement, NewFace, PersonDraft, PersonKind, StreamDraft, StreamState
from tests.film import FilmClock
from tests.measure.door_films import Enrolled

_SAMPLE_EVERY_S = 0.047
_WARM_S = 4.0
_PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True)
class Camera:
    """What is watched: its name, address, and when its pictures go out."""

    name: str
    address: str
    clock: FilmClock


@dataclass(slots=True)
class Record:
    """What was seen, all times monotonic. `faces`: when told, which camera, age of the picture, and of each
    face the middle and the name. `ages`: when, which camera, how old its newest picture was and the one that
    was looked at. `states`: when, which camera, state, behind, looks a second. `embedded`: when, the middles.
    Cores are those of the process within the span."""

    began_s: float = 0.0
    ended_s: float = 0.0
    cpu_s: float = 0.0
    faces: list[tuple[float, str, float | None, tuple[tuple[float, str], ...]]] = field(default_factory=list)
    ages: list[tuple[float, str, float | None, float | None]] = field(default_factory=list)
    states: list[tuple[float, str, str, float | None, float]] = field(default_factory=list)
    embedded: list[tuple[float, tuple[float, ...]]] = field(default_factory=list)

    @property
    def cores(self) -> float:
        return self.cpu_s / (self.ended_s - self.began_s)


class CountedEngine:
    """A face engine that writes down whom it was asked for."""

    def __init__(self, engine: FaceEngine, record: Record) -> None:
        self._engine = engine
        self._record = record
        self.contract_id = engine.contract_id

    def warm_up(self) -> None:
        self._engine.warm_up()

    def detect(self, pixels: Pixels) -> list[Detection]:
        return self._engine.detect(pixels)

    def embed(self, pixels: Pixels, detections: Sequence[Detection]) -> list[Embedding]:
        middles = tuple(one.box.center[0] for one in detections)
        self._record.embedded.append((time.monotonic(), middles))
        return self._engine.embed(pixels, detections)


def watch_shop(
    home: Path, cameras: Sequence[Camera], people: Sequence[Enrolled], seconds: float, waits_for_live: bool
) -> Record:
    """In the shop's process. With `waits_for_live` the span begins when all are and the first looks are over,
    else at once. A file `live` in `home` says when it begins."""
    cv2.setNumThreads(1)
    record = Record()
    archive = open_archive(home, Settings(), SystemClock())
    archive.engines.live.warm_up()
    _enrol(archive, people)
    engine = CountedEngine(archive.engines.live, record)
    shop = Store(replace(archive, engines=Engines(live=engine, photos=archive.engines.photos)))
    clocks: dict[str, FilmClock] = {}
    names: dict[str, str] = {}

    def note_faces(told: StreamFaces) -> None:
        now_s = time.monotonic()
        frame = shop.pictures.looked_frame(told.stream_id)
        clock = clocks.get(told.stream_id)
        age_s = clock.age_s(frame.pixels, now_s) if clock and frame else None
        faces = tuple((face.box.center[0], face.name) for face in told.faces)
        record.faces.append((now_s, names.get(told.stream_id, ""), age_s, faces))

    def note_state(told: StreamStatusChanged) -> None:
        status = told.status
        name = names.get(status.stream_id, "")
        record.states.append(
            (time.monotonic(), name, status.state.value, status.behind_s, status.looks_per_s)
        )

    shop.bus.subscribe(StreamFaces, note_faces)
    shop.bus.subscribe(StreamStatusChanged, note_state)
    shop.start()
    try:
        for camera in cameras:
            shop.streams.add(StreamDraft(shop.view.site.site_id, camera.name, camera.address))
        _wait(lambda: len(shop.view.streams) == len(cameras))
        by_name = {camera.name: camera.clock for camera in cameras}
        for card in shop.view.streams:
            names[card.stream.stream_id] = card.stream.name
            clocks[card.stream.stream_id] = by_name[card.stream.name]
        if waits_for_live:
            _wait(lambda: all(one.status.state is StreamState.LIVE for one in shop.view.streams))
            time.sleep(_WARM_S)
        (home / "live").touch()
        record.began_s, cpu_s = time.monotonic(), time.process_time()
        _sample(shop, names, clocks, record, seconds)
        record.ended_s, record.cpu_s = time.monotonic(), time.process_time() - cpu_s
    finally:
        shop.stop()
    return record


def _sample(
    shop: Store, names: dict[str, str], clocks: dict[str, FilmClock], record: Record, seconds: float
) -> None:
    """What a screen would show, at moments that have nothing to do with the camera's pace."""
    until_s = time.monotonic() + seconds
    while (now_s := time.monotonic()) < until_s:
        for stream_id, name in names.items():
            newest, looked = shop.pictures.newest_frame(stream_id), shop.pictures.looked_frame(stream_id)
            clock = clocks[stream_id]
            record.ages.append(
                (
                    now_s,
                    name,
                    clock.age_s(newest.pixels, now_s) if newest else None,
                    clock.age_s(looked.pixels, now_s) if looked else None,
                )
            )
        time.sleep(_SAMPLE_EVERY_S)


def _enrol(archive: Archive, people: Sequence[Enrolled]) -> None:
    """As customers, by the engine that looks at photos."""
    tenant = TenantDatabase(archive.database, "", archive.clock)
    book = SqlPeople(tenant, "measured", FacePictures(archive.store))
    for one in people:
        faces = []
        for pixels in one.pictures:
            found = archive.engines.photos.detect(pixels)[:1]
            for embedding in archive.engines.photos.embed(pixels, found):
                faces.append(NewFace(cut_out(pixels, found[0].box), embedding))
        draft = PersonDraft(PersonKind.CUSTOMER, one.name)
        book.enrol(draft, Agreement("1", archive.clock.now()), faces)


def _wait(is_so: object) -> None:
    assert callable(is_so)
    until_s = time.monotonic() + _PATIENCE_S
    while not is_so():
        if time.monotonic() > until_s:
            raise RuntimeError("the cameras did not come up")
        time.sleep(0.05)
