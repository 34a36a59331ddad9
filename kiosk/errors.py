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
    SCREEN_CRASHED = "A-108"
    SCREEN_FROZEN = "A-109"
    WORKER_FROZEN = "A-110"
    START_TOO_LONG = "A-111"
    SECRETS_EXPOSED = "A-112"
    SECRETS_UNREADABLE = "A-113"
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
    # R: printing
    PRINTER_UNREACHABLE = "R-101"
    PRINTER_UNKNOWN = "R-102"
    PRINT_REFUSED = "R-103"
    PAPER_EMPTY = "R-104"
    PRINTER_JAMMED = "R-105"
    INK_EMPTY = "R-106"
    PRINTER_PAUSED = "R-107"
    PRINTER_SILENT = "R-108"
    PRINT_SOURCE_MISSING = "R-109"
    PRINT_JOB_UNKNOWN = "R-110"
    PRINT_QUOTA = "R-111"
    PRINT_SIZE_NOT_OFFERED = "R-112"
    # M: messages, by e-mail and LINE
    MAIL_ADDRESS_INVALID = "M-101"
    MAIL_REFUSED = "M-102"
    MAIL_LATER = "M-103"
    MAIL_UNREACHABLE = "M-104"
    MAIL_LOGIN_REFUSED = "M-105"
    MAIL_NOT_CONFIGURED = "M-106"
    LINE_REFUSED = "M-107"
    LINE_BLOCKED = "M-108"
    LINE_UNREACHABLE = "M-109"
    LINE_TOKEN_REFUSED = "M-110"  # noqa: S105 - a code
    LINE_NOT_CONFIGURED = "M-111"
    WEBHOOK_FORGED = "M-112"
    SENDING_UNKNOWN = "M-113"
    # K: staff, their keys and what they decide
    PIN_WRONG = "K-101"
    PIN_LOCKED = "K-102"
    PIN_WEAK = "K-103"
    RIGHT_MISSING = "K-104"
    STAFF_UNKNOWN = "K-105"
    STAFF_TAKEN = "K-106"
    LAST_TECHNICIAN = "K-107"
    NOTHING_TO_DECIDE = "K-108"
    REFUND_TOO_MUCH = "K-109"
    SLIP_OVER_LIMIT = "K-110"
    SLIP_MISMATCH = "K-111"
    SLIP_CHECK_UNREACHABLE = "K-112"
    AUDIT_BROKEN = "K-113"
    # T: technicians
    SETTINGS_NOT_SAVED = "T-101"
    NOTHING_TO_UNDO = "T-102"
    TEST_UNKNOWN = "T-103"
    BUNDLE_UNSAFE = "T-104"
    TOUCH_OFF = "T-105"
    TEST_MONEY = "T-106"
    # Q: revenue
    SPLIT_INVALID = "Q-101"
    DAY_CLOSED = "Q-102"
    # D: database and disk
    DISK_FULL = "D-101"
    DATABASE_DAMAGED = "D-102"
    DATABASE_UNREACHABLE = "D-103"
    DATABASE_NEWER = "D-104"
    FOLDER_NOT_WRITABLE = "D-105"
    DATABASE_RESTORED = "D-106"
    BACKUP_INVALID = "D-107"
    BACKUP_PASSPHRASE = "D-108"  # noqa: S105 - a code
    BACKUP_OTHER_MACHINE = "D-109"
    KEY_LOST = "D-110"
    SEALED_DAMAGED = "D-111"
    TEXT_INVALID = "D-112"
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
    CENTRE_NOT_HERE = "N-128"
    # V: visits and people of store mode
    SITE_UNKNOWN = "V-101"
    SITE_TAKEN = "V-102"
    SITE_IN_USE = "V-103"
    STREAM_UNKNOWN = "V-104"
    STREAM_TAKEN = "V-105"
    STORE_FIELD_INVALID = "V-106"
    PERSON_UNKNOWN = "V-107"
    PERSON_PHOTOS = "V-108"
    FACE_UNUSABLE = "V-109"
    MERGE_WITH_ITSELF = "V-110"
    REPORT_SPAN = "V-111"
    CONSENT_MISSING = "V-112"
    PURGE_INCOMPLETE = "V-113"
    STREAM_LEASE_LOST = "V-114"
    # U: updates
    UPDATE_UNREADABLE = "U-101"
    UPDATE_FORGED = "U-102"
    UPDATE_ELSEWHERE = "U-103"
    UPDATE_OLDER = "U-104"
    UPDATE_NO_KEYS = "U-105"
    UPDATE_FAILED_BEFORE = "U-106"
    UPDATE_NONE = "U-107"
    UPDATE_TOO_LARGE = "U-108"
    UPDATE_NOT_INSTALLED = "U-109"
    UPDATE_SELF_TEST = "U-110"
    UPDATE_NO_START = "U-111"
    UPDATE_NO_WAY_BACK = "U-112"
    UPDATE_RIGHTS = "U-113"
    UPDATE_UNDER_WAY = "U-114"
    UPDATE_INTERRUPTED = "U-115"
    UPDATE_UNKNOWN = "U-116"


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
    ErrorCode.PRINTER_UNREACHABLE: "error.print_offline",
    ErrorCode.PAPER_EMPTY: "error.print_paper",
    ErrorCode.PRINTER_JAMMED: "error.print_jam",
    ErrorCode.PRINT_QUOTA: "error.print_limit",
    ErrorCode.PRINT_SIZE_NOT_OFFERED: "basket.prints.none",
    ErrorCode.MAIL_ADDRESS_INVALID: "error.email_form",
    ErrorCode.MAIL_REFUSED: "error.email_failed",
    ErrorCode.MAIL_LATER: "error.email_failed",
    ErrorCode.MAIL_UNREACHABLE: "error.email_failed",
    ErrorCode.LINE_REFUSED: "error.line_failed",
    ErrorCode.LINE_UNREACHABLE: "error.line_failed",
    ErrorCode.SLIP_MISMATCH: "error.slip_other",
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
