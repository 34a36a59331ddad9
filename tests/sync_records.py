"""Records as kiosks and centre send them, for tests."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from kiosk.sync.record_parts import Record
from kiosk.sync.records import (
    ConsentWireRecord,
    EventRecord,
    FaceRecord,
    Kind,
    NumberRecord,
    OrderRecord,
    PhotoRecord,
    VoucherRecord,
)
from kiosk.sync.store_records import (
    LineCountRecord,
    PersonFaceRecord,
    PersonRecord,
    SiteRecord,
    VisitRecord,
)
from kiosk.sync.wire import Message

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
CONTRACT = "recogniser-1/aligned-112/0011aabb"


def an_embedding(seed: int) -> bytes:
    """Of length one, as it goes over the wire."""
    vector = np.random.default_rng(seed).standard_normal(512)
    return (vector / np.linalg.norm(vector)).astype("<f4").tobytes()


def an_event(event_id: str, **changes: Any) -> EventRecord:
    """An event with the settings' price list."""
    values = {"event_id": event_id, "name": f"Run {event_id}", "name_th": "งานวิ่ง", "created_at": NOW}
    return EventRecord.model_validate({**values, **changes})


def a_photo(event_id: str, number: int, faces: int = 2, **changes: Any) -> PhotoRecord:
    """A photo with so many faces and a number on a shirt."""
    photo_id = uuid.uuid5(uuid.NAMESPACE_OID, f"{event_id}/{number}").hex
    return PhotoRecord(
        photo_id=photo_id,
        event_id=event_id,
        number=number,
        file_name=f"IMG_{number}.jpg",
        content_hash=f"{photo_id}{photo_id}",
        width=6000,
        height=4000,
        taken_at=NOW + timedelta(seconds=number),
        imported_at=NOW,
        state="on_sale",
        photographer="Somchai",
        camera="Camera",
        place="finish",
        latitude=13.75,
        longitude=None,
        is_public=False,
        is_time_known=True,
        faces=tuple(
            FaceRecord(
                ordinal=ordinal,
                box=(1.5, 2.5, 100.0, 120.25),
                score=0.9,
                contract_id=CONTRACT,
                embedding=an_embedding(number * 100 + ordinal),
            )
            for ordinal in range(faces)
        ),
        numbers=(NumberRecord(digits="1234", score=0.8, box=(1.0, 2.0, 3.0, 4.0)),),
    ).model_copy(update=changes)


def an_order(order_id: str, event_id: str, kiosk_id: str, **changes: Any) -> OrderRecord:
    """An order of one photo that waits for its money."""
    return OrderRecord.model_validate(
        {
            "order_id": order_id,
            "kiosk_id": kiosk_id,
            "code": "K1-4Q2M",
            "event_id": event_id,
            "language": "th",
            "state": "awaiting_payment",
            "total_satang": 7900,
            "discount_satang": 0,
            "created_at": NOW,
            "paid_at": None,
            "voucher_code": None,
            "lines": (
                {
                    "line_id": f"{order_id}-line",
                    "kind": "digital",
                    "photo_id": "0" * 32,
                    "amount_satang": 0,
                    "print_size": None,
                    "finish": None,
                    "copies": 1,
                },
            ),
            "packages": (
                {
                    "package_id": "single",
                    "name_key": "package.single",
                    "photo_count": 1,
                    "price_satang": 7900,
                    "times": 1,
                },
            ),
            "payments": (a_payment(f"{order_id}-payment"),),
            "deliveries": (),
            **changes,
        }
    )


def a_payment(payment_id: str, **changes: Any) -> dict[str, Any]:
    """One that waits for its money."""
    return {
        "payment_id": payment_id,
        "ordinal": 0,
        "idempotency_key": f"{payment_id}-key",
        "gateway": "promptpay",
        "state": "pending",
        "amount_satang": 7900,
        "due_satang": 7900,
        "received_satang": 0,
        "created_at": NOW,
        "requested_at": NOW,
        "expires_at": None,
        "provider_reference": None,
        "qr_payload": "000201",
        "qr_png": None,
        "receiver_name": "",
        "settled_at": None,
        "confirmed_by": None,
        **changes,
    }


def paid(payment_id: str, **changes: Any) -> dict[str, Any]:
    """A payment whose whole sum came."""
    came = {"state": "paid", "received_satang": 7900, "settled_at": NOW, "confirmed_by": "Nok"}
    return a_payment(payment_id, **{**came, **changes})


def a_voucher(code: str, home_kiosk_id: str | None = None, **changes: Any) -> VoucherRecord:
    """Ten percent off, once."""
    values: dict[str, Any] = {
        "code": code,
        "kind": "percent",
        "value": 10,
        "event_id": None,
        "valid_from": None,
        "valid_until": None,
        "use_limit": 1,
        "used": 0,
        "minimum_satang": 0,
        "home_kiosk_id": home_kiosk_id,
    }
    return VoucherRecord.model_validate({**values, **changes})


def a_person_face(ordinal: int, seed: int) -> PersonFaceRecord:
    """One of somebody, under an id that follows from the seed."""
    return PersonFaceRecord(
        ordinal=ordinal, face_id=f"face-{seed}", contract_id=CONTRACT, embedding=an_embedding(seed)
    )


def a_person(person_id: str, **changes: Any) -> PersonRecord:
    """A customer with one face."""
    return PersonRecord(
        person_id=person_id,
        kind="customer",
        name="Malee",
        gender="",
        birth_year=None,
        phone="",
        email="",
        consent_version="4",
        consented_at=NOW,
        created_at=NOW,
        changed_at=NOW,
        kind_since=NOW,
        faces=(a_person_face(0, 7),),
    ).model_copy(update=changes)


def a_visit(visit_id: str, kiosk_id: str, **changes: Any) -> VisitRecord:
    """One that goes on."""
    return VisitRecord(
        visit_id=visit_id,
        kiosk_id=kiosk_id,
        site_id="shop",
        stream_id="door",
        person_id=None,
        gender="",
        is_returning=False,
        number=None,
        began_at=NOW,
        ended_at=None,
    ).model_copy(update=changes)


def a_site(site_id: str, **changes: Any) -> SiteRecord:
    """A shop."""
    return SiteRecord(site_id=site_id, name="Siam", created_at=NOW).model_copy(update=changes)


def a_line_count(stream_id: str, kiosk_id: str, **changes: Any) -> LineCountRecord:
    """An hour in which three came in and two went out."""
    return LineCountRecord(
        kiosk_id=kiosk_id, site_id="shop", stream_id=stream_id, hour=NOW, came_in=3, went_out=2
    ).model_copy(update=changes)


def a_consent(consent_id: str, event_id: str, **changes: Any) -> ConsentWireRecord:
    """One that stands."""
    return ConsentWireRecord(
        consent_id=consent_id,
        event_id=event_id,
        text_version="4",
        language="th",
        agreed_at=NOW,
        withdrawn_at=None,
        face_deleted_at=None,
    ).model_copy(update=changes)


def a_message(message_id: str, kind: Kind | str, record: Record | Mapping[str, Any]) -> Message:
    """As a kiosk's outbox holds it."""
    told = record.model_dump(mode="json") if isinstance(record, Record) else dict(record)
    return Message(message_id=message_id, kind=kind, made_at=NOW, record=told)
