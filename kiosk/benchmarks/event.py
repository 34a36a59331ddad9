"""A throw-away kiosk with an event of thousands of photos, in which the demo's visitor has their own."""

from __future__ import annotations

import multiprocessing
import os
import uuid
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np
from sqlalchemy import insert

from kiosk.archive import Archive, open_archive
from kiosk.database.tables import FaceRow, PhotoRow
from kiosk.errors import ErrorCode, KnownError
from kiosk.paths import program_root
from kiosk.photos.index_sync import verify_and_rebuild
from kiosk.photos.types import Face, Photo, PhotoEvent, PreviewSize, key_of_original, preview_key
from kiosk.settings import CameraSection, DeliverySection, EventSection, PaymentSection, Settings
from kiosk.vision.probe import probe_from_picture
from kiosk.vision.quality import LIVE_RULES
from kiosk.vision.types import Box, Embedding, FaceEngine, FloatArray, Pixels

EVENT_NAME = "Benchmark"
PHOTOS = 10_000
FACES = 25_000
OF_THE_VISITOR = 24
_PUBLIC = 60
_START = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
_SIMILARITY = 0.7
_FRAMES, _FPS = 120, 30
_SIZE = (1280, 720)
_BESIDE = 4
_PACE = 160
_SEED = 11


@dataclass(frozen=True, slots=True)
class BenchmarkEvent:
    """A data folder that a kiosk can be opened on, and two clips of 1280x720 at 30 frames a second: in
    `standing` the visitor is there at once and stands still; in `pacing` they never do, so that no picture
    is taken of them."""

    home: Path
    settings: Settings
    event_id: str
    standing: Path
    pacing: Path


@contextmanager
def benchmark_event(
    photos: int = PHOTOS, faces: int = FACES, of_the_visitor: int = OF_THE_VISITOR
) -> Iterator[BenchmarkEvent]:
    """Makes the event and takes it away again: rows and embeddings of random unit vectors, and
    `of_the_visitor` photos with previews that the visitor of the demo clip is found on.

    Raises KnownError CAMERA_NOT_FOUND (the demo clip is not there: the installer brings it), WEIGHTS_*.
    """
    walking = program_root() / ".cache" / "demo" / "visitor.mp4"
    if not walking.is_file():
        raise KnownError(
            ErrorCode.CAMERA_NOT_FOUND,
            "The demo clip is not there.",
            "Fetch it with: python3 -m installer run",
        )
    with TemporaryDirectory(prefix="kiosk-bench-") as folder, _as_home(Path(folder)) as home:
        standing, pacing = home / "standing.mp4", home / "pacing.mp4"
        settings = Settings(
            event=EventSection(name=EVENT_NAME),
            camera=CameraSection(source=str(standing)),
            payment=PaymentSection(promptpay_id="0000000000"),
            delivery=DeliverySection(port=0),
        )
        # In a process of its own: what making it takes is not the kiosk's.
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
            made = process.submit(_make, home, settings, walking, pacing, (photos, faces, of_the_visitor))
            event_id = made.result()
        yield BenchmarkEvent(home, settings, event_id, standing, pacing)


@contextmanager
def _as_home(home: Path) -> Iterator[Path]:
    """Where there is no keyring, secrets lie in the kiosk's folder: every process that opens this one is to
    find those of its faces there."""
    before = os.environ.get("KIOSK_HOME")
    os.environ["KIOSK_HOME"] = str(home)
    try:
        yield home
    finally:
        if before is None:
            del os.environ["KIOSK_HOME"]
        else:
            os.environ["KIOSK_HOME"] = before


def _make(home: Path, settings: Settings, clip: Path, pacing: Path, counts: tuple[int, int, int]) -> str:
    """Films the two clips and fills the archive; returns the event's id."""
    archive = open_archive(home, settings)
    try:
        frames, visitor = _look_for_visitor(clip, archive.engines.live)
        _film(Path(settings.camera.source), frames, pace=0)
        _film(pacing, frames, pace=_PACE)
        return _fill(archive, frames[0], visitor, *counts)
    finally:
        archive.close()


def random_units(count: int, rng: np.random.Generator) -> FloatArray:
    """count x 512 float32 rows of length 1: people that nobody resembles."""
    vectors = rng.standard_normal((count, 512), dtype=np.float32)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def _look_for_visitor(clip: Path, engine: FaceEngine) -> tuple[list[Pixels], Embedding]:
    """The frames of the clip from the first one with a good face, and that face."""
    capture = cv2.VideoCapture(str(clip), cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 1])
    frames: list[Pixels] = []
    visitor: Embedding | None = None
    try:
        while len(frames) < _FRAMES:
            is_whole, pixels = capture.read()
            if not is_whole:
                break
            visitor = visitor or _good_face(pixels, engine)
            if visitor is not None:
                frames.append(pixels)
    finally:
        capture.release()
    if visitor is None:
        raise KnownError(ErrorCode.CLIP_UNREADABLE, f"{clip.name} shows no face.", "Fetch it again.")
    return frames, visitor


def _film(path: Path, frames: list[Pixels], pace: int) -> None:
    """Writes the frames as a clip, shifted to and fro by `pace` pixels in two seconds."""
    height, width = frames[0].shape[:2]
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), _FPS, (width, height))
    try:
        for place, pixels in enumerate(frames):
            shift = round(pace * np.sin(np.pi * place / _FPS))
            writer.write(np.roll(pixels, shift, axis=1))
    finally:
        writer.release()


def _good_face(pixels: Pixels, engine: FaceEngine) -> Embedding | None:
    outcome = probe_from_picture(engine, pixels, LIVE_RULES)
    return None if outcome.reasons else outcome.embedding


def _fill(
    archive: Archive, still: Pixels, visitor: Embedding, photos: int, faces: int, of_the_visitor: int
) -> str:
    event = PhotoEvent(uuid.uuid4().hex, EVENT_NAME, EVENT_NAME, archive.clock.now())
    archive.photos.add_event(event)
    rng = np.random.default_rng(_SEED)
    rows = [_photo(event.event_id, number) for number in range(1, photos + 1)]
    theirs = {int(place) for place in rng.choice(photos, min(of_the_visitor, photos), replace=False)}
    vectors = random_units(faces, rng)
    held: list[tuple[str, Face]] = []
    for place, vector in enumerate(vectors):
        photo = rows[place % photos]
        is_visitor = place < photos and place in theirs
        chosen = _like(visitor.vector, vector) if is_visitor else vector
        held.append(
            (photo.photo_id, _face(place // photos, -(-faces // photos), chosen, visitor.contract_id))
        )
    public = set(range(0, photos, max(1, photos // _PUBLIC)))
    rows = [replace(photo, is_public=place in public) for place, photo in enumerate(rows)]
    with archive.database.writing() as session:
        session.execute(insert(PhotoRow), [asdict(photo) for photo in rows])
        session.execute(insert(FaceRow), [_face_row(photo_id, face) for photo_id, face in held])
    for place in sorted(theirs | public):
        _store_files(archive, still, rows[place])
    verify_and_rebuild(archive.index, archive.photos, event.event_id)
    return event.event_id


def _like(vector: FloatArray, noise: FloatArray) -> FloatArray:
    """A unit vector whose cosine with `vector` is 0.7, as another good photo of the same person has."""
    aside = noise - (noise @ vector) * vector
    aside /= np.linalg.norm(aside)
    return np.asarray(_SIMILARITY * vector + np.sqrt(1 - _SIMILARITY**2) * aside, np.float32)


def _photo(event_id: str, number: int) -> Photo:
    return Photo(
        photo_id=uuid.UUID(int=number).hex,
        event_id=event_id,
        number=number,
        file_name=f"IMG_{number:05}.jpg",
        content_hash=f"{number:064x}",
        width=_SIZE[0],
        height=_SIZE[1],
        taken_at=_START + timedelta(seconds=3 * number),
        imported_at=_START + timedelta(hours=10),
        photographer=f"Photographer {number % 4 + 1}",
        place=f"Place {number % 6 + 1}",
    )


def _face(ordinal: int, of: int, vector: FloatArray, contract_id: str) -> Face:
    """One of a photo's faces; they stand side by side, and in a crowd in rows."""
    columns = max(_BESIDE, round((2 * of) ** 0.5))
    rows = -(-of // columns)
    wide, high = _SIZE[0] / columns, _SIZE[1] / rows
    left, top = wide * (ordinal % columns + 0.2), high * (ordinal // columns + 0.25)
    box = Box(left, top, left + 0.6 * wide, top + min(0.6 * high, 0.85 * wide))
    return Face(ordinal, box, 0.9, Embedding(vector, contract_id))


def _face_row(photo_id: str, face: Face) -> dict[str, object]:
    return {
        "photo_id": photo_id,
        "ordinal": face.ordinal,
        **asdict(face.box),
        "score": face.score,
        "contract_id": face.embedding.contract_id,
        "embedding": face.embedding.vector,
    }


def _store_files(archive: Archive, still: Pixels, photo: Photo) -> None:
    """Original and previews: the still, the previews marked with the photo's number."""
    for size, width in ((PreviewSize.SMALL, 150), (PreviewSize.MEDIUM, 300), (PreviewSize.LARGE, 800)):
        _store(archive, still, photo, size, width)
    _store(archive, still, photo, PreviewSize.WATERMARKED, still.shape[1])
    _, original = cv2.imencode(".jpg", still)
    archive.store.put(key_of_original(photo), original.tobytes())


def _store(archive: Archive, still: Pixels, photo: Photo, size: PreviewSize, width: int) -> None:
    height = round(width * still.shape[0] / still.shape[1])
    small = cv2.resize(still, (width, height), interpolation=cv2.INTER_AREA)
    cv2.putText(small, str(photo.number), (4, height - 4), cv2.FONT_HERSHEY_PLAIN, 1, (255, 255, 255))
    _, encoded = cv2.imencode(".jpg", small)
    archive.store.put(preview_key(photo.event_id, photo.photo_id, size), encoded.tobytes())
