"""The sync side of a kiosk for tests: a real database in a folder, and a real client for a real centre."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from kiosk.at_rest.vault import Vault
from kiosk.clock import Clock, SystemClock
from kiosk.database.changes import note_change
from kiosk.database.engine import Database, open_database
from kiosk.database.meta import SqlMeta
from kiosk.database.notices import SqlNotices
from kiosk.database.orders import SqlCheckoutStore
from kiosk.database.photo_records import write_photos
from kiosk.database.photos import SqlPhotoRepository
from kiosk.database.pulled import SqlPulled
from kiosk.database.sync_state import SqlEnrolment, SqlOutbox, SqlStoredStatus
from kiosk.errors import ErrorCode, KnownError
from kiosk.events import EventBus
from kiosk.payments.types import Payment, PaymentState
from kiosk.photos.types import Face, Photo, PhotoEvent
from kiosk.sales.types import LineKind, Order, OrderLine, OrderState
from kiosk.secrets import device_key_name
from kiosk.sync.door import CentreDoor
from kiosk.sync.pull import Pulled
from kiosk.sync.records import Kind, PhotoRecord
from kiosk.sync.status import StatusBoard
from kiosk.sync.worker import Sync, SyncWorker
from kiosk.vision.types import Box, Embedding, ShirtNumber
from tests.centre import CentreServer

CONTRACT = "tests-contract"
MADE_AT = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


class SyncKiosk:
    """A kiosk as far as it synchronises, enrolled at a centre under a key of the test's."""

    def __init__(
        self,
        folder: Path,
        url: str,
        key: str | None = None,
        clock: Clock | None = None,
        vault: Vault | None = None,
    ) -> None:
        self.clock = clock or SystemClock()
        folder.mkdir(parents=True, exist_ok=True)
        self.database = open_database(folder / "kiosk.db", self.clock, vault=vault)
        self.kiosk_id = SqlMeta(self.database).kiosk_id()
        self.bus = EventBus()
        self.enrolment = SqlEnrolment(self.database, self.clock)
        self.key_name = device_key_name(self.kiosk_id)
        self.secrets = {self.key_name: key} if key else {}
        self.door = CentreDoor(url, self.enrolment, self.clock, self.read_secret)
        self.outbox = SqlOutbox(self.database, self.clock)
        self.pulled_store = SqlPulled(self.database, CONTRACT, self.clock)
        self.notices = SqlNotices(self.database, self.clock)
        self.stored = SqlStoredStatus(self.database)
        self.board = StatusBoard(self.stored, self.clock, self.bus)
        self.news: list[Pulled] = []
        self.sync = Sync(
            self.door,
            self.outbox,
            self.pulled_store,
            self.board,
            self.clock,
            self.news.append,
            self.notices.open_count,
        )
        self.photos = SqlPhotoRepository(self.database)
        self.orders = SqlCheckoutStore(self.database, self.clock)

    def worker(self, poll_s: float = 0.2) -> SyncWorker:
        """Both directions by themselves."""
        return SyncWorker(self.door, self.sync, self.outbox, self.enrolment.prune, poll_s, self.bus)

    def read_secret(self, name: str) -> str:
        if name not in self.secrets:
            raise KnownError(ErrorCode.SECRET_MISSING, f"The secret {name} is not set.")
        return self.secrets[name]

    def keep_secret(self, name: str, value: str) -> None:
        self.secrets[name] = value

    def codes(self) -> list[str]:
        """Of the open notices."""
        return [notice.code for notice in self.notices.open_notices()]

    def close(self) -> None:
        self.door.close()
        self.database.close()


@contextmanager
def enrolled_kiosk(
    centre: CentreServer,
    folder: Path,
    tenant_id: str,
    prefix: str = "",
    clock: Clock | None = None,
    vault: Vault | None = None,
) -> Iterator[SyncKiosk]:
    """A kiosk that the centre knows."""
    kiosk = SyncKiosk(folder, centre.url, clock=clock, vault=vault)
    try:
        _, kiosk.secrets[kiosk.key_name] = centre.enrol_device(
            tenant_id, prefix=prefix, device_id=kiosk.kiosk_id
        )
        kiosk.enrolment.enrol("the tenant", prefix or "K1")
        yield kiosk
    finally:
        kiosk.close()


def make_event(event_id: str, tenant_id: str = "", name: str = "Run") -> PhotoEvent:
    return PhotoEvent(event_id, name, name, MADE_AT, tenant_id=tenant_id)


def make_photo(event_id: str, number: int, content: str = "") -> Photo:
    """The same number gives the same photo."""
    content_hash = hashlib.sha256(f"{content}{number}".encode()).hexdigest()
    return Photo(
        photo_id=uuid.uuid5(uuid.NAMESPACE_OID, f"{event_id}/{content_hash}").hex,
        event_id=event_id,
        number=number,
        file_name=f"IMG_{number:05}.jpg",
        content_hash=content_hash,
        width=6000,
        height=4000,
        taken_at=MADE_AT + timedelta(seconds=number),
        imported_at=MADE_AT,
        place="Gate 1",
        latitude=13.75,
    )


def make_faces(number: int, count: int = 1, contract_id: str = CONTRACT) -> list[Face]:
    """Of length 1, as an engine gives them."""
    vectors = np.random.default_rng(number).standard_normal((count, 512)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return [
        Face(place, Box(1.5, 2, 3, 4.25), 0.875, Embedding(vector, contract_id))
        for place, vector in enumerate(vectors)
    ]


def add_photos(
    photos: SqlPhotoRepository, event_id: str, numbers: range, faces: int = 1, contract_id: str = CONTRACT
) -> list[Photo]:
    """Photos with faces, and a number on a shirt in every second."""
    made = [make_photo(event_id, number) for number in numbers]
    for photo in made:
        shirt = [ShirtNumber("42", 0.9, Box(1, 2, 3, 4))] if photo.number % 2 else None
        photos.add_photo(photo, make_faces(photo.number, faces, contract_id), shirt)
    return made


def add_photos_at_once(
    database: Database, tenant_id: str, event_id: str, numbers: range, faces: int = 1
) -> None:
    """At a centre: the same photos, in one transaction."""
    records = [photo_record(make_photo(event_id, number), make_faces(number, faces)) for number in numbers]
    with database.writing() as session:
        write_photos(session, records)
        for record in records:
            note_change(session, Kind.PHOTO, record.photo_id, tenant_id)


def photo_record(photo: Photo, faces: list[Face]) -> PhotoRecord:
    """A photo as it goes over the wire, with a number on a shirt in every second."""
    told: dict[str, object] = {
        name: getattr(photo, name) for name in PhotoRecord.model_fields if hasattr(photo, name)
    }
    told["faces"] = [
        {
            "ordinal": face.ordinal,
            "box": (face.box.x1, face.box.y1, face.box.x2, face.box.y2),
            "score": face.score,
            "contract_id": face.embedding.contract_id,
            "embedding": face.embedding.vector.tobytes(),
        }
        for face in faces
    ]
    told["numbers"] = [{"digits": "42", "score": 0.5, "box": (1, 2, 3, 4)}] if photo.number % 2 else None
    return PhotoRecord.model_validate(told)


def make_order(kiosk_id: str, number: int, event_id: str = "run", photo_id: str = "p1") -> Order:
    return Order(
        order_id=uuid.uuid5(uuid.NAMESPACE_OID, f"{kiosk_id}/{number}").hex,
        code=f"K1-{number:04}",
        event_id=event_id,
        language="th",
        state=OrderState.AWAITING_PAYMENT,
        lines=(OrderLine(uuid.uuid4().hex, LineKind.DIGITAL, photo_id, 7900),),
        total_satang=7900,
        discount_satang=0,
        created_at=MADE_AT,
        kiosk_id=kiosk_id,
    )


def make_payment(order: Order, state: PaymentState = PaymentState.CREATED) -> Payment:
    return Payment(
        payment_id=uuid.uuid4().hex,
        order_id=order.order_id,
        idempotency_key=uuid.uuid4().hex[:20],
        gateway="tests",
        state=state,
        amount_satang=order.total_satang,
        due_satang=order.total_satang,
        received_satang=0,
        created_at=MADE_AT,
    )


def everything_of(database: Database, event_id: str) -> dict[str, object]:
    """What two machines must agree on: photos with their faces and numbers, to the bit."""
    photos = SqlPhotoRepository(database)
    return {
        photo.photo_id: (
            photo,
            [
                (
                    face.ordinal,
                    face.box,
                    face.score,
                    face.embedding.contract_id,
                    face.embedding.vector.tobytes(),
                )
                for face in photos.photo_faces(photo.photo_id)
            ],
        )
        for photo in photos.photos(event_id)
    }


def _told(face: Face) -> tuple[object, ...]:
    embedding = face.embedding
    return face.ordinal, face.box, face.score, embedding.contract_id, embedding.vector.tobytes()
