"""Addresses of buyers: what is one, and what of it staff may read."""

from __future__ import annotations

import re

from email_validator import EmailNotValidError, validate_email

from kiosk.errors import ErrorCode, KnownError
from kiosk.sending.types import Way

_LINE_USER = re.compile(r"U[0-9a-f]{32}")


def checked_address(way: Way, address: str) -> str:
    """The address as it is used. Nobody is asked whether it exists.

    Raises KnownError MAIL_ADDRESS_INVALID, LINE_REFUSED (no id of a LINE user); neither repeats the address.
    """
    if way is Way.LINE:
        if _LINE_USER.fullmatch(address) is None:
            raise KnownError(
                ErrorCode.LINE_REFUSED, "That is no LINE user.", "Have the buyer write to the account."
            )
        return address
    try:
        # Hardly any server takes names of other letters (SMTPUTF8); domains of them have an ASCII form.
        valid = validate_email(address.strip(), check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        raise KnownError(
            ErrorCode.MAIL_ADDRESS_INVALID,
            "That is no e-mail address.",
            "It needs an @ and a dot, such as name@example.com.",
        ) from None
    return valid.ascii_email or valid.normalized


def masked(way: Way, address: str) -> str:
    """Enough for its owner to know it again: "s…@example.com"; of a LINE user nothing but the way."""
    if way is Way.LINE:
        return "LINE"
    name, _, domain = address.rpartition("@")
    return f"{name[:1]}…@{domain}"
