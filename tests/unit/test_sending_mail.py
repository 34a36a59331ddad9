"""E-mail goes out encrypted, to a server that is who it says; what that answers has a name."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP

from kiosk.errors import ErrorCode, KnownError
from kiosk.language import Language
from kiosk.sending import mail as mail_module
from kiosk.sending.addresses import checked_address, masked
from kiosk.sending.mail import SmtpCarrier
from kiosk.sending.types import Message, Way
from kiosk.settings import MailSection
from tests.peers.mail import PASSWORD, Certificates, MailDay, MailPeer, make_certificates

TO = "somchai@example.com"
MESSAGE = Message(
    message_id="0123456789abcdef" * 2,
    to=TO,
    language=Language.THAI,
    subject="รูปของคุณ: งานวิ่งริมน้ำ",
    text="รูปพร้อมแล้ว\n\nhttps://photos.example/d/token",
    html="<p>รูปพร้อมแล้ว</p>",
)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(params=["starttls", "tls", "none"])
def peer(request: pytest.FixtureRequest, certificates: Certificates) -> Iterator[MailPeer]:
    with MailPeer(certificates, security=request.param) as running:
        yield running


@pytest.fixture
def encrypted(certificates: Certificates) -> Iterator[MailPeer]:
    with MailPeer(certificates) as running:
        yield running


def carrier_to(peer: MailPeer, password: str = PASSWORD) -> SmtpCarrier:
    return SmtpCarrier(peer.settings(), password, peer.certificates.authority)


def refused(carrier: SmtpCarrier) -> KnownError:
    with pytest.raises(KnownError) as error:
        carrier.send(MESSAGE)
    said = f"{error.value} {error.value.detail} {error.value.next_step}"
    assert TO not in said
    assert PASSWORD not in said
    assert error.value.next_step
    assert error.value.__cause__ is None
    return error.value


def test_a_message_arrives_whole_in_both_forms_with_an_id_that_stays(peer: MailPeer) -> None:
    for _ in range(2):
        carrier_to(peer).send(MESSAGE)
    one, two = peer.taken
    assert one.to == [TO]
    assert one.sender == "photos@example.org"
    assert one.is_encrypted is (peer.security != "none")
    assert one.user == (None if peer.security == "none" else "kiosk")
    mail = one.mail
    assert mail["Message-ID"] == two.mail["Message-ID"] == f"<{MESSAGE.message_id}@example.org>"
    assert mail["Subject"] == MESSAGE.subject
    assert mail["To"] == TO
    assert mail["From"] == mail["Reply-To"] == "Riverside Run <photos@example.org>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"]
    plain, page = mail.iter_parts()
    assert plain.get_content().replace("\r\n", "\n").strip() == MESSAGE.text
    assert page.get_content().strip() == MESSAGE.html
    assert list(mail.iter_attachments()) == []


@pytest.mark.parametrize(
    ("day", "code"),
    [
        (MailDay.FULL, ErrorCode.MAIL_LATER),
        (MailDay.BUSY, ErrorCode.MAIL_LATER),
        (MailDay.GREYLISTS, ErrorCode.MAIL_LATER),
        (MailDay.WANTS_LOGIN, ErrorCode.MAIL_LOGIN_REFUSED),
        (MailDay.UNKNOWN, ErrorCode.MAIL_ADDRESS_INVALID),
        (MailDay.REFUSES, ErrorCode.MAIL_REFUSED),
        (MailDay.DROPS, ErrorCode.MAIL_UNREACHABLE),
    ],
)
def test_what_the_server_answers_has_a_name(encrypted: MailPeer, day: MailDay, code: ErrorCode) -> None:
    encrypted.day = day
    assert refused(carrier_to(encrypted)).code is code
    encrypted.day = MailDay.GOOD if day is not MailDay.GREYLISTS else day
    carrier_to(encrypted).send(MESSAGE)


@pytest.mark.parametrize(
    ("answer", "code"),
    [("554 5.6.0 no", ErrorCode.MAIL_REFUSED), ("451 later", ErrorCode.MAIL_LATER)],
)
def test_a_message_that_is_refused_before_its_text_keeps_no_other_waiting(
    encrypted: MailPeer, monkeypatch: pytest.MonkeyPatch, answer: str, code: ErrorCode
) -> None:
    async def smtp_data(session: SMTP, arg: str) -> None:
        await session.push(answer)

    with monkeypatch.context() as day:
        day.setattr(SMTP, "smtp_DATA", smtp_data)
        assert refused(carrier_to(encrypted)).code is code
    carrier_to(encrypted).send(MESSAGE)


def test_a_wrong_password_is_told_apart_and_nothing_is_sent(encrypted: MailPeer) -> None:
    assert refused(carrier_to(encrypted, "wrong")).code is ErrorCode.MAIL_LOGIN_REFUSED
    assert encrypted.taken == []
    with pytest.raises(KnownError):
        carrier_to(encrypted, "wrong").check()
    carrier_to(encrypted).check()


def test_nobody_there_is_unreachable(certificates: Certificates) -> None:
    with MailPeer(certificates) as peer:
        carrier = carrier_to(peer)
        peer.close()
        assert refused(carrier).code is ErrorCode.MAIL_UNREACHABLE
        peer.open()
        carrier.send(MESSAGE)


def test_a_server_whose_certificate_nobody_vouches_for_gets_neither_password_nor_mail(
    encrypted: MailPeer, tmp_path: Path
) -> None:
    for stranger in (None, make_certificates(tmp_path).authority):
        carrier = SmtpCarrier(encrypted.settings(), PASSWORD, stranger)
        assert refused(carrier).code is ErrorCode.MAIL_UNREACHABLE
    assert encrypted.taken == []


def test_a_certificate_for_another_host_is_not_trusted(tmp_path: Path) -> None:
    with MailPeer(make_certificates(tmp_path, host="mail.elsewhere.test"), security="tls") as peer:
        assert refused(carrier_to(peer)).code is ErrorCode.MAIL_UNREACHABLE


def test_a_server_that_offers_no_encryption_gets_nothing(certificates: Certificates) -> None:
    with MailPeer(certificates, security="none") as peer:
        settings = peer.settings(security="starttls", user="kiosk")
        carrier = SmtpCarrier(settings, PASSWORD, certificates.authority)
        assert refused(carrier).code is ErrorCode.MAIL_UNREACHABLE
        assert peer.taken == []


def test_a_server_that_takes_its_time_is_given_up(
    encrypted: MailPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail_module, "_TIMEOUT_S", 0.3)
    encrypted.day = MailDay.SLOW
    began_s = time.monotonic()
    assert refused(carrier_to(encrypted)).code is ErrorCode.MAIL_UNREACHABLE
    assert time.monotonic() - began_s < 5


def test_sending_in_the_clear_to_another_machine_cannot_be_set() -> None:
    settings = MailSection(server="mail.example.org", security="none", sender="a@example.org")
    with pytest.raises(KnownError) as error:
        SmtpCarrier(settings, "")
    assert error.value.code is ErrorCode.SETTING_INVALID
    for host in ("localhost", "127.0.0.1", "::1"):
        SmtpCarrier(settings.model_copy(update={"server": host}), "")


@pytest.mark.parametrize("sender", ["", "nobody", "a@", "@b", "Name <>"])
def test_a_sender_that_is_none_cannot_be_set(sender: str) -> None:
    with pytest.raises(KnownError) as error:
        SmtpCarrier(MailSection(server="mail.example.org", sender=sender), "")
    assert error.value.code is ErrorCode.SETTING_INVALID


def test_a_subject_cannot_bring_headers_of_its_own(encrypted: MailPeer) -> None:
    evil = Message(
        "f" * 32, TO, Language.ENGLISH, subject="Photos\r\nBcc: other@example.com", text="t", html=""
    )
    carrier_to(encrypted).send(evil)
    (taken,) = encrypted.taken
    assert taken.mail["Bcc"] is None
    assert taken.to == [TO]


@pytest.mark.parametrize(
    ("typed", "used"),
    [
        (" Somchai@Example.COM ", "Somchai@example.com"),
        ("a.b+c@x-y.co.th", "a.b+c@x-y.co.th"),
        ("a@ตัวอย่าง.ไทย", "a@xn--72c1a1bt4awk9o.xn--o3cw4h"),
    ],
)
def test_what_is_an_address(typed: str, used: str) -> None:
    assert checked_address(Way.MAIL, typed) == used


@pytest.mark.parametrize(
    "address",
    [
        "",
        "somchai",
        "somchai@",
        "@example.org",
        "a@b",
        "a b@example.com",
        "a@exa mple.com",
        "a@example.com, b@c.de",
        "a@example.com\nBcc: b@c.de",
        "a@@example.com",
        "สมชาย@example.com",
        "x" * 300 + "@example.org",
    ],
)
def test_what_is_none_is_said_without_repeating_it(address: str) -> None:
    with pytest.raises(KnownError) as error:
        checked_address(Way.MAIL, address)
    assert error.value.code is ErrorCode.MAIL_ADDRESS_INVALID
    assert not address or address not in f"{error.value.detail} {error.value.next_step}"


def test_staff_read_so_much_of_an_address() -> None:
    assert masked(Way.MAIL, TO) == "s…@example.com"
    assert masked(Way.LINE, "U" + "0" * 32) == "LINE"
