"""One record for each kind of thing that goes between a kiosk and the centre, both ways.

A record is validated where it is used, so that one that is broken does not keep the rest of a page from being
taken.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from kiosk.errors import ErrorCode, KnownError
from kiosk.sync.record_parts import (
    NO_NUL,
    Bytes,
    Count,
    Id,
    Moment,
    Number,
    Record,
    Satang,
    Several,
    Text,
)
from kiosk.sync.store_records import LineCountRecord, PersonRecord, SiteRecord, VisitRecord

_MOST_PARTS = 20_000
_LONGEST_PLACE = 100
_Whole = Annotated[int, Field(ge=-(2**53), le=2**53)]
_Key = Annotated[str, Field(pattern=r"^[0-9A-Za-z_. -]{1,64}$")]


class Kind(StrEnum):
    """What a record is of."""

    EVENT = "event"
    PHOTO = "photo"
    VOUCHER = "voucher"
    PERSON = "person"
    SITE = "site"
    ORDER = "order"
    CONSENT = "consent"
    FEEDBACK = "feedback"
    VISIT = "visit"
    LINE_COUNT = "line_count"
    CHARGE = "charge"
    NOTICE = "notice"
    HEALTH = "health"
    DELETION = "deletion"
    FORGOTTEN = "forgotten"


class PackageRecord(Record):
    """A package of a price list; without `photo_count` every photo of the visitor."""

    package_id: Text
    name_key: Text
    photo_count: Several | None
    price_satang: Satang


class EventRecord(Record):
    """An event with its price list; an empty one means that of the kiosk's settings."""

    event_id: Id
    name: Text
    name_th: Text
    created_at: Moment
    place: Text = ""
    reads_numbers: bool = False
    blurs_bystanders: bool = True
    packages: Annotated[tuple[PackageRecord, ...], Field(max_length=50)] = ()


class FaceRecord(Record):
    """A face in a photo: its place in it, its box in pixels of the upright original, its embedding as little
    endian float32."""

    ordinal: Annotated[int, Field(ge=0, le=65535)]
    box: tuple[Number, Number, Number, Number]
    score: Number
    contract_id: Text
    embedding: Bytes


class NumberRecord(Record):
    """A number read on a shirt."""

    digits: Annotated[str, Field(pattern=r"^[0-9]{1,12}$")]
    score: Number
    box: tuple[Number, Number, Number, Number]


class PhotoRecord(Record):
    """A photo of an event with its faces; `numbers` is None where they were not read."""

    photo_id: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    event_id: Id
    number: Several
    file_name: Text
    content_hash: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    width: Several
    height: Several
    taken_at: Moment
    imported_at: Moment
    state: Literal["on_sale", "withdrawn"]
    photographer: Text
    camera: Text
    place: Text
    latitude: Number | None
    longitude: Number | None
    is_public: bool
    is_time_known: bool
    faces: tuple[FaceRecord, ...]
    numbers: tuple[NumberRecord, ...] | None


class VoucherRecord(Record):
    """A voucher; `used` counts all kiosks as far as the sender knows. One with a `home_kiosk_id` is used
    there without asking the centre, and nowhere else."""

    code: Annotated[str, Field(min_length=1, max_length=40, pattern=NO_NUL)]
    kind: Literal["percent", "amount", "free"]
    value: Count
    event_id: Id | None
    valid_from: Moment | None
    valid_until: Moment | None
    use_limit: Several | None
    used: Count
    minimum_satang: Satang
    home_kiosk_id: Id | None


class LineRecord(Record):
    """A photo of an order."""

    line_id: Id
    kind: Literal["digital", "print"]
    photo_id: Id
    amount_satang: Satang
    print_size: Literal["10x15", "13x18", "20x25"] | None
    finish: Literal["glossy", "matte"] | None
    copies: Several


class PackageUseRecord(PackageRecord):
    """A package that an order's price was made of."""

    times: Several


class PaymentRecord(Record):
    """A payment of an order (`kiosk.payments.types.Payment`)."""

    payment_id: Id
    ordinal: Count
    idempotency_key: Id
    gateway: Text
    state: Literal[
        "created",
        "pending",
        "unknown",
        "paid",
        "short",
        "over",
        "late",
        "duplicate",
        "expired",
        "cancelled",
        "refused",
    ]
    amount_satang: Satang
    due_satang: Satang
    received_satang: Satang
    created_at: Moment
    requested_at: Moment | None
    expires_at: Moment | None
    provider_reference: Text | None
    qr_payload: Annotated[str, Field(max_length=1000, pattern=NO_NUL)] | None = Field(repr=False)
    qr_png: Bytes | None = Field(repr=False)
    receiver_name: Text
    settled_at: Moment | None
    confirmed_by: Text | None


class DeliveryRecord(Record):
    """What is owed for an order."""

    delivery_id: Id
    kind: Literal["phone_link", "print"]
    state: Literal["pending", "ready", "done", "waiting_for_staff"]
    created_at: Moment
    line_id: Id | None
    detail: Text


class OrderRecord(Record):
    """An order with all that hangs on it."""

    order_id: Id
    kiosk_id: Annotated[str, Field(pattern=r"^[0-9A-Za-z_-]{0,64}$")]
    code: Annotated[str, Field(pattern=r"^[0-9A-Z]{1,4}-[0-9A-Z]{4}$")]
    event_id: Id
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]
    state: Literal["awaiting_payment", "paid", "cancelled", "refunded"]
    total_satang: Satang
    discount_satang: Satang
    created_at: Moment
    paid_at: Moment | None
    voucher_code: Text | None
    lines: Annotated[tuple[LineRecord, ...], Field(max_length=_MOST_PARTS)]
    packages: Annotated[tuple[PackageUseRecord, ...], Field(max_length=_MOST_PARTS)]
    payments: Annotated[tuple[PaymentRecord, ...], Field(max_length=_MOST_PARTS)]
    deliveries: Annotated[tuple[DeliveryRecord, ...], Field(max_length=_MOST_PARTS)]


class ConsentWireRecord(Record):
    """That somebody agreed, or took it back."""

    consent_id: Id
    event_id: Id
    text_version: Text
    language: Text
    agreed_at: Moment
    withdrawn_at: Moment | None
    face_deleted_at: Moment | None


class FeedbackRecord(Record):
    """A "not me", or that one was taken back."""

    event_id: Id
    photo_id: Id
    ordinal: Count | None
    said_at: Moment
    is_taken_back: bool = False


class ChargeRecord(Record):
    """How a payment stands that the centre asked the gateway for."""

    charge_id: Id
    kiosk_id: Id
    idempotency_key: Id
    status: Literal["pending", "completed", "failed", "expired", "unknown", "refused", "created"]
    received_satang: Satang


class NoticeRecord(Record):
    """Something that staff of every kiosk of the tenant must hear of."""

    notice_id: Id
    at: Moment
    code: Text
    subject: Text
    detail: Text
    next_step: Text


class HealthRecord(Record):
    """How a kiosk is; words and numbers only."""

    at: Moment
    version: Text
    facts: Annotated[dict[_Key, Text | _Whole | Number | bool | None], Field(max_length=200)]


PhotoId = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
MOST_TO_FORGET = 1000
"""Photos or faces in one deletion."""


class DeletionRecord(Record):
    """What somebody asked to be forgotten everywhere. `token_hash` is the sha256 of what they were given to
    ask for the proof with."""

    deletion_id: Id
    requested_at: Moment
    requested_by: Text
    event_id: Id | None
    photo_ids: Annotated[tuple[PhotoId, ...], Field(max_length=MOST_TO_FORGET)]
    faces: Annotated[
        tuple[tuple[PhotoId, Annotated[int, Field(ge=0, le=65535)]], ...], Field(max_length=MOST_TO_FORGET)
    ]
    order_id: Id | None
    consent_id: Id | None
    person_id: Id | None
    token_hash: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None


class ForgottenRecord(Record):
    """That a holder has forgotten what a deletion names; `removed` counts, it names nothing."""

    deletion_id: Id
    holder: Text
    confirmed_at: Moment
    removed: Annotated[
        dict[Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")], Annotated[int, Field(ge=0, le=10**9)]],
        Field(max_length=40),
    ]


RECORDS: dict[Kind, type[Record]] = {
    Kind.EVENT: EventRecord,
    Kind.PHOTO: PhotoRecord,
    Kind.VOUCHER: VoucherRecord,
    Kind.PERSON: PersonRecord,
    Kind.SITE: SiteRecord,
    Kind.ORDER: OrderRecord,
    Kind.CONSENT: ConsentWireRecord,
    Kind.FEEDBACK: FeedbackRecord,
    Kind.VISIT: VisitRecord,
    Kind.LINE_COUNT: LineCountRecord,
    Kind.CHARGE: ChargeRecord,
    Kind.NOTICE: NoticeRecord,
    Kind.HEALTH: HealthRecord,
    Kind.DELETION: DeletionRecord,
    Kind.FORGOTTEN: ForgottenRecord,
}


def read_record(kind: str, record: object) -> Record:
    """The record of a kind, validated. Raises KnownError(RECORD_INVALID), which names the field, never its
    value."""
    try:
        return RECORDS[Kind(kind)].model_validate(record)
    except ValidationError as invalid:
        loc = invalid.errors(include_input=False, include_url=False)[0]["loc"]
        where = ascii(".".join(map(str, loc)))[1:-1][:_LONGEST_PLACE]
        raise _invalid(f"A record of kind {kind} is not as it should be at {where or 'its top'}.") from None
    except ValueError:
        raise _invalid(f"There is no kind {kind[:40]!a} of records.") from None


def _invalid(detail: str) -> KnownError:
    return KnownError(
        ErrorCode.RECORD_INVALID, detail, "Compare the versions of kiosk and centre; the rest goes on."
    )
