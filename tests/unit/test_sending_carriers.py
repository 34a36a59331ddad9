"""Which ways of sending a kiosk has: those whose settings and secrets are there."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kiosk.errors import ErrorCode, KnownError
from kiosk.sending.carriers import carriers_of
from kiosk.sending.types import Way
from kiosk.settings import LineSection, MailSection

MAIL = MailSection(server="mail.example.org", user="kiosk", sender="photos@example.org")
LINE = LineSection(account="@photos")
SECRETS = {"mail_password": "open sesame", "line_token": "token"}


def reads(*missing: str) -> Callable[[str], str]:
    """A keyring without these secrets."""

    def read(name: str) -> str:
        if name in missing:
            raise KnownError(ErrorCode.SECRET_MISSING, f"The secret {name} is not set.")
        return SECRETS[name]

    return read


def test_nothing_is_set_up_by_itself() -> None:
    assert carriers_of(MailSection(), LineSection(), reads(*SECRETS)) == {}


def test_what_is_set_up_is_there() -> None:
    assert set(carriers_of(MAIL, LINE, reads())) == {Way.MAIL, Way.LINE}


def test_a_server_without_a_login_needs_no_password() -> None:
    mail = MailSection(server="localhost", security="none", sender="photos@example.org")
    assert set(carriers_of(mail, LineSection(), reads("mail_password"))) == {Way.MAIL}


@pytest.mark.parametrize(("secret", "left"), [("mail_password", Way.LINE), ("line_token", Way.MAIL)])
def test_a_missing_secret_costs_its_own_way_only(secret: str, left: Way) -> None:
    assert set(carriers_of(MAIL, LINE, reads(secret))) == {left}


def test_settings_that_cannot_work_are_refused() -> None:
    with pytest.raises(KnownError) as error:
        carriers_of(MailSection(server="mail.example.org", sender="nobody"), LINE, reads())
    assert error.value.code is ErrorCode.SETTING_INVALID
