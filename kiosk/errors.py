"""Known errors with stable codes, and bugs.

A `KnownError` is the world's fault (a camera unplugged, a disk full, a picture truncated). Which of the two
an exception is, is decided once: at the adapter that met it. Visitors see the sentence behind `message_key`;
staff and logs see `code`, `detail` and `next_step`.
"""

from __future__ import annotations

from enum import StrEnum


class ErrorCode(StrEnum):
    """Stable codes: never renumbered, never reused. The letter names the room."""

    # A: the application as a whole
    SETTING_UNKNOWN = "A-101"
    SETTING_INVALID = "A-102"
    ALREADY_RUNNING = "A-103"
    PORT_TAKEN = "A-104"
    WORKER_ENDED = "A-105"
    SECRET_MISSING = "A-106"  # noqa: S105 - a code
    BENCHMARK_UNKNOWN = "A-107"
    # C: camera
    CAMERA_NOT_FOUND = "C-101"
    CAMERA_LOST = "C-102"
    CAMERA_FROZEN = "C-103"
    CAMERA_REFUSED = "C-104"
    CLIP_UNREADABLE = "C-105"
    # F: faces and weights
    WEIGHTS_MISSING = "F-101"
    WEIGHTS_HASH = "F-102"
    WEIGHTS_UNUSABLE = "F-103"
    MANIFEST_INVALID = "F-104"
    CONTRACT_MISMATCH = "F-105"
    # P: photos and their files
    PHOTO_EMPTY = "P-101"
    PHOTO_UNREADABLE = "P-102"
    PHOTO_TRUNCATED = "P-103"
    PHOTO_TOO_LARGE = "P-104"
    PHOTO_NOT_A_PICTURE = "P-105"
    PHOTO_TOO_SMALL = "P-106"
    FOLDER_MISSING = "P-107"
    FOLDER_WITHOUT_PHOTOS = "P-108"
    OBJECT_MISSING = "P-109"
    OBJECT_STORE_UNREACHABLE = "P-110"
    PHOTO_UNKNOWN = "P-111"
    PHOTO_DUPLICATE = "P-112"
    PHOTO_NUMBER_TAKEN = "P-113"
    # G: gallery (the index of faces)
    INDEX_DAMAGED = "G-101"
    INDEX_UNREACHABLE = "G-102"
    INDEX_LOCKED = "G-103"
    CALIBRATION_TOO_SMALL = "G-104"
    CALIBRATION_MISSING = "G-105"
    CALIBRATION_INVALID = "G-106"
    # E: events
    EVENT_UNKNOWN = "E-101"
    EVENT_NONE = "E-102"
    EVALUATION_FOLDER_INVALID = "E-103"
    EVENT_WITHOUT_PHOTOS = "E-104"
    # S: sales
    VOUCHER_UNKNOWN = "S-101"
    VOUCHER_USED = "S-102"
    VOUCHER_EXPIRED = "S-103"
    VOUCHER_OTHER_EVENT = "S-104"
    VOUCHER_NOT_YET = "S-105"
    VOUCHER_MINIMUM = "S-106"
    BASKET_EMPTY = "S-107"
    ORDER_UNKNOWN = "S-108"
    PRICE_CHANGED = "S-109"
    PHOTO_WITHDRAWN = "S-110"
    PRINT_LIMIT = "S-111"
    TOO_MANY_CODES = "S-112"
    VOUCHER_TAKEN = "S-113"
    VOUCHER_CODE_INVALID = "S-114"
    ORDER_PAID_ALREADY = "S-115"
    VOUCHER_NEEDS_CENTRE = "S-116"
    VOUCHER_ELSEWHERE = "S-117"
    ORDER_CODE_TWICE = "S-118"
    VOUCHER_OVERUSED = "S-119"
    # Y: payments
    GATEWAY_UNREACHABLE = "Y-101"
    GATEWAY_TIMEOUT = "Y-102"
    GATEWAY_REFUSED = "Y-103"
    GATEWAY_NONSENSE = "Y-104"
    PROMPTPAY_ID_INVALID = "Y-105"
    AMOUNT_INVALID = "Y-106"
    QR_UNREADABLE = "Y-107"
    SLIP_UNREADABLE = "Y-108"
    SLIP_USED = "Y-109"
    GATEWAY_NOT_CONFIGURED = "Y-110"
    PAYMENT_TWICE = "Y-111"
    PAYMENT_CONFIRMED_TWICE = "Y-112"
    PAYMENT_NOT_AT_BANK = "Y-113"
    # L: delivery
    LINK_UNKNOWN = "L-101"
    LINK_EXPIRED = "L-102"
    LINK_EXHAUSTED = "L-103"
    PHOTOS_DELETED = "L-104"
    # D: database and disk
    DISK_FULL = "D-101"
    DATABASE_DAMAGED = "D-102"
    DATABASE_UNREACHABLE = "D-103"
    DATABASE_NEWER = "D-104"
    FOLDER_NOT_WRITABLE = "D-105"
    # N: the network and the central service
    CENTRE_UNREACHABLE = "N-101"
    CENTRE_LOGIN_REFUSED = "N-102"
    CENTRE_FAILED = "N-103"
    CENTRE_NONSENSE = "N-104"
    NETWORK_LOGIN_PAGE = "N-105"
    CENTRE_NEWER = "N-106"
    CENTRE_OLDER = "N-107"
    CLOCK_OFF = "N-108"
    MESSAGE_REFUSED = "N-109"
    RECORD_INVALID = "N-110"
    CENTRE_BUSY = "N-111"
    ENROLMENT_INVALID = "N-112"
    NOT_ENROLLED = "N-113"
    FILE_DAMAGED = "N-114"
    DEVICE_REVOKED = "N-115"
    LOGIN_LOCKED = "N-116"
    RIGHTS_MISSING = "N-117"
    UPLOAD_UNKNOWN = "N-118"
    UPLOAD_REFUSED = "N-119"
    DELETION_UNKNOWN = "N-120"
    ACCOUNT_TAKEN = "N-121"
    TENANT_UNKNOWN = "N-122"
    REQUEST_INVALID = "N-123"
    CHARGE_UNKNOWN = "N-124"
    WRONG_KEY_REUSE = "N-125"
    DEVICE_UNKNOWN = "N-126"
    ACCOUNT_UNKNOWN = "N-127"


_MESSAGE_KEYS: dict[ErrorCode, str] = {
    ErrorCode.CAMERA_NOT_FOUND: "error.camera_none",
    ErrorCode.CAMERA_LOST: "error.camera_lost",
    ErrorCode.CAMERA_FROZEN: "error.camera_lost",
    ErrorCode.CAMERA_REFUSED: "error.camera_none",
    ErrorCode.OBJECT_MISSING: "error.photo_missing",
    ErrorCode.PHOTO_UNKNOWN: "error.photo_missing",
    ErrorCode.INDEX_DAMAGED: "error.search_failed",
    ErrorCode.INDEX_UNREACHABLE: "error.search_failed",
    ErrorCode.EVENT_NONE: "error.event_none",
    ErrorCode.EVENT_UNKNOWN: "error.event_none",
    ErrorCode.VOUCHER_UNKNOWN: "error.voucher_unknown",
    ErrorCode.VOUCHER_USED: "error.voucher_used",
    ErrorCode.VOUCHER_EXPIRED: "error.voucher_expired",
    ErrorCode.VOUCHER_OTHER_EVENT: "error.voucher_not_here",
    ErrorCode.VOUCHER_NOT_YET: "error.voucher_not_yet",
    ErrorCode.VOUCHER_MINIMUM: "error.voucher_minimum",
    ErrorCode.VOUCHER_NEEDS_CENTRE: "error.voucher_needs_network",
    ErrorCode.VOUCHER_ELSEWHERE: "error.voucher_elsewhere",
    ErrorCode.ORDER_CODE_TWICE: "error.order_code_twice",
    ErrorCode.PRINT_LIMIT: "error.print_limit",
    ErrorCode.ORDER_UNKNOWN: "error.order_unknown",
    ErrorCode.TOO_MANY_CODES: "error.too_many_codes",
    ErrorCode.PRICE_CHANGED: "error.price_changed",
    ErrorCode.PHOTO_WITHDRAWN: "error.photo_withdrawn",
    ErrorCode.GATEWAY_UNREACHABLE: "error.pay_network",
    ErrorCode.GATEWAY_TIMEOUT: "error.pay_network",
    ErrorCode.GATEWAY_REFUSED: "error.qr_failed",
    ErrorCode.GATEWAY_NONSENSE: "error.qr_failed",
    ErrorCode.SLIP_UNREADABLE: "error.slip_unreadable",
    ErrorCode.SLIP_USED: "error.slip_used",
    ErrorCode.LINK_EXPIRED: "error.download_expired",
    ErrorCode.LINK_EXHAUSTED: "error.download_limit",
    ErrorCode.PHOTOS_DELETED: "error.photos_deleted",
    ErrorCode.DISK_FULL: "error.storage_full",
    ErrorCode.DATABASE_DAMAGED: "error.storage_full",
}


class KnownError(Exception):
    """Something in the world went wrong, and the program knows what.

    `code` is stable; `detail` says what happened and `next_step` what to do, both in English for staff and
    logs. Neither may hold a face, an embedding, a phone number, a secret or a PromptPay id. `params` fill
    the visitor's sentence.
    """

    def __init__(
        self, code: ErrorCode, detail: str, next_step: str = "", params: dict[str, str] | None = None
    ) -> None:
        super().__init__(f"{code}: {detail}" + (f" {next_step}" if next_step else ""))
        self.code = code
        self.detail = detail
        self.next_step = next_step
        self.params = dict(params or {})

    def __reduce__(self) -> tuple[type[KnownError], tuple[object, ...]]:
        """So that it comes whole out of another process."""
        return type(self), (self.code, self.detail, self.next_step, self.params)

    @property
    def message_key(self) -> str:
        """Key of the sentence that a visitor sees."""
        return _MESSAGE_KEYS.get(self.code, "error.general")


class BugError(Exception):
    """An assumption of our own code does not hold: never shown to a visitor as their mistake."""
