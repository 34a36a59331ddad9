"""Which ways of sending the settings name."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from kiosk.errors import ErrorCode, KnownError
from kiosk.sending.line import LineCarrier
from kiosk.sending.mail import SmtpCarrier
from kiosk.sending.types import Carrier, Way
from kiosk.settings import LineSection, MailSection

_log = structlog.get_logger(__name__)

MAIL_PASSWORD = "mail_password"  # noqa: S105 - its name in the keyring
LINE_TOKEN = "line_token"  # noqa: S105 - its name in the keyring
LINE_SECRET = "line_secret"  # noqa: S105 - its name in the keyring


def carriers_of(
    mail: MailSection, line: LineSection, read_secret: Callable[[str], str]
) -> dict[Way, Carrier]:
    """Those that are set up. One whose secret is missing is left out and logged: photos are sold without it.
    Raises KnownError(SETTING_INVALID)."""
    found: dict[Way, Carrier] = {}
    if mail.server:
        password = _secret(read_secret, MAIL_PASSWORD) if mail.user else ""
        if password is not None:
            found[Way.MAIL] = SmtpCarrier(mail, password)
    if line.account:
        token = _secret(read_secret, LINE_TOKEN)
        if token is not None:
            found[Way.LINE] = LineCarrier(line.api_url, token)
    return found


def _secret(read_secret: Callable[[str], str], name: str) -> str | None:
    try:
        return read_secret(name)
    except KnownError as missing:
        if missing.code is not ErrorCode.SECRET_MISSING:
            raise
        _log.warning("way_of_sending_left_out", code=missing.code, secret=name)
        return None
