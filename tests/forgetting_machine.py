"""A kiosk's stores with photos in them, for tests of forgetting; a test may break in before each step."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sqlalchemy import LargeBinary, select, type_coerce

from kiosk.at_rest.vault import GivenKeys, Vault
from kiosk.clock import ManualClock
from kiosk.database.deletions import (
    DeletionState,
    SqlDeletions,
    ask_centre_to_forget,
    holder_of_kiosk,
)
from kiosk.database.engine import Database, open_database
from kiosk.database.forgetting import SqlForgetting
from kiosk.database.meta import SqlMeta
from kiosk.database.photos import SqlPhotoRepository
from kiosk.database.sync_tables import OutboxRow
from kiosk.database.tables import FaceRow
from kiosk.gallery.exact_index import ExactIndex
from kiosk.gallery.rotated_index import RotatedIndex, turned_contract
from kiosk.gallery.types import VectorIndex
from kiosk.photos.erasure import Deletion, Erasure
from kiosk.photos.folder_store import FolderObjectStore
from kiosk.photos.importer import PhotoImporter
from kiosk.photos.shown_previews import Previews
from kiosk.photos.types import Photo, PhotoEvent, PreviewSize, key_of_original, preview_key
from kiosk.sync.forgetting import Forgetting
from kiosk.sync.records import DeletionRecord, Kind
from tests.photo_fakes import FAKE_CONTRACT, SquareFaceEngine, write_photos

EVENT = "f" * 32


@dataclass
class Machine:
    """A kiosk's stores with an event of three photos of two faces each."""

    home: Path
    clock: ManualClock
    database: Database
    photos: SqlPhotoRepository
    index: VectorIndex
    store: FolderObjectStore
    previews: Previews
    forgetting: Forgetting
    kiosk_id: str

    @property
    def holder(self) -> str:
        return holder_of_kiosk(self.kiosk_id)

    def importer(self, event: PhotoEvent | None = None) -> PhotoImporter:
        event = event or self.photos.event(EVENT)
        return PhotoImporter(event, self.photos, self.store, SquareFaceEngine(), self.index, self.clock)

    def ask(self, **named: object) -> str:
        """Somebody at this kiosk asks for it."""
        record = record_of(self.clock, **named)
        with self.database.writing() as session:
            ask_centre_to_forget(session, record, self.kiosk_id, self.clock.now())
        return record.deletion_id

    def state(self, deletion_id: str) -> DeletionState:
        return SqlDeletions(self.database).state(deletion_id)

    def removed(self, deletion_id: str) -> dict[str, int]:
        (holder,) = self.state(deletion_id).holders
        return dict(holder.removed)

    def told(self, kind: Kind) -> list[dict[str, object]]:
        with self.database.reading() as session:
            rows = session.scalars(select(OutboxRow).where(OutboxRow.kind == kind.value))
            return [json.loads(row.payload) for row in rows]


def record_of(clock: ManualClock, **named: object) -> DeletionRecord:
    asked: dict[str, object] = {
        "deletion_id": "d1",
        "requested_at": clock.now(),
        "requested_by": "staff",
        "event_id": None,
        "photo_ids": (),
        "faces": (),
        "order_id": None,
        "consent_id": None,
        "person_id": None,
    }
    return DeletionRecord.model_validate(asked | named)


def opened(
    home: Path,
    clock: ManualClock,
    hinder: Callable[[str], None] = lambda step: None,
    index: VectorIndex | None = None,
    vault: Vault | None = None,
) -> Machine:
    """The stores in a folder, with the exact index unless another is given; with a `vault` they hold faces as
    a kiosk does, sealed and turned. `hinder` is called before each step of forgetting, by its name."""
    database = open_database(home / "kiosk.db", clock, vault=vault)
    photos = SqlPhotoRepository(database)
    index = index or _index(home, vault)
    store = FolderObjectStore(home / "objects")
    previews = Previews(store, photos)
    rows = SqlForgetting(database, clock)
    kiosk_id = SqlMeta(database).kiosk_id()
    forgetting = Forgetting(
        HinderedDeletions(database, hinder),
        HinderedErasure(hinder, rows, photos, index, store, lambda _: previews.forget()),
        rows,
        lambda: (hinder("traces"), database.keep_no_traces())[1],
        clock,
        holder_of_kiosk(kiosk_id),
    )
    return Machine(home, clock, database, photos, index, store, previews, forgetting, kiosk_id)


def a_vault() -> Vault:
    """The same in every process."""
    secrets = {"at_rest_key": "5e" * 32}
    return Vault(GivenKeys(secrets.__getitem__, secrets.get))


def _index(home: Path, vault: Vault | None) -> VectorIndex:
    if vault is None:
        return ExactIndex(home / "index", FAKE_CONTRACT)
    turned = ExactIndex(home / "index", turned_contract(FAKE_CONTRACT, vault.key_id()))
    return RotatedIndex(turned, FAKE_CONTRACT, lambda _: vault.rotation(""))


class HinderedErasure(Erasure):
    """The real one, after a word to the test before each step."""

    def __init__(self, hinder: Callable[[str], None], *stores: object) -> None:
        super().__init__(*stores)  # type: ignore[arg-type]
        self._hinder = hinder

    def from_rows(self, deletion: Deletion, holder: str) -> None:
        self._hinder("rows")
        super().from_rows(deletion, holder)

    def from_index(self, deletion: Deletion, holder: str) -> None:
        self._hinder("index")
        super().from_index(deletion, holder)

    def from_files(self, deletion: Deletion, holder: str) -> None:
        self._hinder("files")
        super().from_files(deletion, holder)


class HinderedDeletions(SqlDeletions):
    """The real ones, after a word to the test before the confirmation."""

    def __init__(self, database: Database, hinder: Callable[[str], None]) -> None:
        super().__init__(database)
        self._hinder = hinder

    def confirm_to_centre(self, deletion_id: str, holder: str, at: object) -> None:
        self._hinder("confirm")
        super().confirm_to_centre(deletion_id, holder, at)  # type: ignore[arg-type]


def closed(machine: Machine) -> None:
    machine.index.close()
    machine.database.close()


def fill(machine: Machine, card: Path) -> None:
    """Three photos on sale; the database has been backed up with them."""
    write_photos(card, 3, people=2)
    machine.photos.add_event(PhotoEvent(EVENT, "Run", "", machine.clock.now()))
    report = machine.importer().import_folder(card)
    assert (report.taken, report.faces) == (3, 6)
    machine.database.back_up()
    machine.clock.advance(3600)


def traces(home: Path, *needles: bytes) -> list[str]:
    """The files under a folder that hold one of these."""
    return [
        str(path.relative_to(home))
        for path in sorted(home.rglob("*"))
        if path.is_file() and any(needle in path.read_bytes() for needle in needles)
    ]


def needles_of(machine: Machine, photo: Photo) -> list[bytes]:
    """The bytes of the photo's embeddings, in clear and as they lie there, of its files' insides, and its
    name."""
    plain = [face.embedding.vector for face in machine.photos.photo_faces(photo.photo_id)]
    vectors = [vector.astype("<f4").tobytes() for vector in plain]
    if machine.database.vault is not None:
        rotation = machine.database.vault.rotation("")
        vectors += [row.astype("<f4").tobytes()[:256] for row in rotation.turn(np.stack(plain))]
        stored = type_coerce(FaceRow.embedding, LargeBinary)
        with machine.database.reading() as session:
            sealed = session.scalars(select(stored).where(FaceRow.photo_id == photo.photo_id)).all()
        vectors += [bytes(one)[:1024] for one in sealed]
    files = [key_of_original(photo), *(preview_key(EVENT, photo.photo_id, size) for size in PreviewSize)]
    return vectors + [machine.store.get(key)[-200:] for key in files] + [photo.file_name.encode()]
