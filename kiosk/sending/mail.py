"""E-mail by SMTP (RFC 5321), encrypted."""

from __future__ import annotations

import smtplib
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, parseaddr
from pathlib import Path

from kiosk.errors import ErrorCode, KnownError
from kiosk.hosts import is_loopback
from kiosk.sending.addresses import checked_address
from kiosk.sending.types import Message, Way
from kiosk.settings import MailSection

_TIMEOUT_S = 5.0  # of the connection and of each answer: a dialogue has few of them
_LONGEST_S = 20.0
_NO_SUCH_MAILBOX = frozenset({550, 551, 553})  # RFC 5321 section 4.2.3
_LOGIN_CODES = frozenset({530, 534, 535, 538})  # RFC 4954 section 6


class SmtpCarrier:
    """Hands messages to one mail server, a connection for each; any thread.

    The server's certificate is checked against those of the system, or against `ca_file`. What it answers
    decides: 4xx is MAIL_LATER, 5xx MAIL_REFUSED, 550, 551 and 553 to the receiver MAIL_ADDRESS_INVALID, of a
    login MAIL_LOGIN_REFUSED; no answer, or none that is encrypted, MAIL_UNREACHABLE. The Message-ID comes of
    the message's own id, so that a mailbox can tell that one came twice.
    """

    def __init__(self, settings: MailSection, password: str, ca_file: Path | None = None) -> None:
        """Raises KnownError(SETTING_INVALID) for settings that cannot work or would send in the clear."""
        if settings.security == "none" and not is_loopback(settings.server):
            raise KnownError(
                ErrorCode.SETTING_INVALID,
                'mail.security = "none" is for a server on this machine only.',
                'Set mail.security to "starttls" or "tls".',
            )
        self._settings = settings
        self._password = password
        self._sender = _sender(settings)
        self._tls = ssl.create_default_context(cafile=str(ca_file) if ca_file else None)

    def send(self, message: Message) -> None:
        """As `kiosk.sending.types.Carrier`. Nothing that the server says is repeated: it may hold the
        address."""
        mail = self._mail(message)
        with _known_errors(), self._connected() as server:
            self._log_in(server)
            # The envelope's sender gets the notices of mail that comes back.
            _answered(*server.mail(self._sender.addr_spec))
            _answered(*server.rcpt(message.to), of_receiver=True)
            _answered(*_said_to_data(server, mail.as_bytes(policy=SMTP)))

    def check(self) -> None:
        """Whether the server is there and lets us in; sends nothing. Raises KnownError MAIL_*."""
        with _known_errors(), self._connected() as server:
            self._log_in(server)

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        settings = self._settings
        deadline_s = time.monotonic() + _LONGEST_S
        if settings.security == "tls":
            server: smtplib.SMTP = _BoundedTls(deadline_s, settings.server, settings.port, self._tls)
        else:
            server = _Bounded(deadline_s, settings.server, settings.port)
        try:
            if settings.security == "starttls":
                server.starttls(context=self._tls)
            yield server
        finally:
            _leave(server)

    def _log_in(self, server: smtplib.SMTP) -> None:
        server.ehlo_or_helo_if_needed()
        if self._settings.user:
            try:
                server.login(self._settings.user, self._password)
            except smtplib.SMTPAuthenticationError as refused:
                if 400 <= refused.smtp_code < 500:
                    raise
                raise _login_refused(refused.smtp_code) from None
            except smtplib.SMTPNotSupportedError:
                raise _login_refused(0) from None

    def _mail(self, message: Message) -> EmailMessage:
        mail = EmailMessage()
        mail["From"] = self._sender
        mail["To"] = Address(addr_spec=message.to)
        mail["Reply-To"] = self._sender
        mail["Subject"] = " ".join(message.subject.split())
        mail["Message-ID"] = f"<{message.message_id}@{self._sender.domain}>"
        mail["Date"] = formatdate()
        mail["Content-Language"] = message.language.value
        mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday notices back
        mail.set_content(message.text)
        if message.html:
            mail.add_alternative(message.html, subtype="html")
        return mail


class _Bounded(smtplib.SMTP):
    """A dialogue with an end: however slowly answers come, it is over at the deadline."""

    def __init__(self, deadline_s: float, host: str, port: int) -> None:
        self._deadline_s = deadline_s
        super().__init__(host, port, timeout=_TIMEOUT_S)

    def getreply(self) -> tuple[int, bytes]:
        _check_time(self._deadline_s)
        return super().getreply()


class _BoundedTls(smtplib.SMTP_SSL):
    """As `_Bounded`, encrypted from the first byte."""

    def __init__(self, deadline_s: float, host: str, port: int, context: ssl.SSLContext) -> None:
        self._deadline_s = deadline_s
        super().__init__(host, port, timeout=_TIMEOUT_S, context=context)

    def getreply(self) -> tuple[int, bytes]:
        _check_time(self._deadline_s)
        return super().getreply()


def _said_to_data(server: smtplib.SMTP, mail: bytes) -> tuple[int, bytes]:
    """Of the message, also where it is not even wanted to hear it."""
    try:
        return server.data(mail)
    except smtplib.SMTPDataError as refused:
        return refused.smtp_code, b""


def _check_time(deadline_s: float) -> None:
    if time.monotonic() > deadline_s:
        raise TimeoutError


def _sender(settings: MailSection) -> Address:
    """Raises KnownError(SETTING_INVALID)."""
    name, address = parseaddr(settings.sender or settings.user)
    try:
        return Address(display_name=name, addr_spec=checked_address(Way.MAIL, address))
    except KnownError as invalid:
        raise KnownError(
            ErrorCode.SETTING_INVALID,
            "mail.sender is no e-mail address.",
            'Write it such as "Riverside Run <photos@example.org>".',
        ) from invalid


def _answered(code: int, _said: bytes, *, of_receiver: bool = False) -> None:
    """Raises KnownError for anything but yes."""
    if 200 <= code < 300:
        return
    if 400 <= code < 500:
        raise _later(code)
    if code in _LOGIN_CODES:
        raise _login_refused(code)
    if of_receiver and code in _NO_SUCH_MAILBOX:
        raise KnownError(
            ErrorCode.MAIL_ADDRESS_INVALID,
            f"There is no such mailbox ({code}).",
            "Ask the buyer for the address and send it anew.",
        )
    raise KnownError(
        ErrorCode.MAIL_REFUSED,
        f"The mail server does not take the message ({code}).",
        "Look at the mail server's account and at mail.sender; then try again.",
    )


@contextmanager
def _known_errors() -> Iterator[None]:
    """Texts of these exceptions are left out, and so are they: a server repeats addresses in them."""
    try:
        yield
    except smtplib.SMTPResponseException as said:
        # Of the greeting, the login or the way to encryption: no message is to blame.
        code = said.smtp_code
        if 400 <= code < 500:
            raise _later(code) from None
        raise _unreachable(f"it answers {code}") from None
    except ssl.SSLError:
        raise _unreachable("its certificate cannot be trusted, or it does not speak TLS") from None
    except smtplib.SMTPNotSupportedError:
        raise _unreachable("it does not offer encryption") from None
    except (smtplib.SMTPException, OSError, ValueError, UnicodeError) as failed:
        raise _unreachable(type(failed).__name__) from None


def _leave(server: smtplib.SMTP) -> None:
    """Politely where the server still answers: what it has taken it has taken."""
    try:
        server.quit()
    except (smtplib.SMTPException, OSError, ValueError):
        server.close()


def _later(code: int) -> KnownError:
    return KnownError(
        ErrorCode.MAIL_LATER, f"The mail server says: not now ({code}).", "It is tried again for two days."
    )


def _login_refused(code: int) -> KnownError:
    why = f" ({code})" if code else ""
    return KnownError(
        ErrorCode.MAIL_LOGIN_REFUSED,
        f"The mail server does not let us in{why}.",
        "Look at mail.user, and set the password with: kiosk secret mail_password",
    )


def _unreachable(why: str) -> KnownError:
    return KnownError(
        ErrorCode.MAIL_UNREACHABLE,
        f"The mail server cannot be reached: {why}.",
        "It is tried again by itself. Look at the network, mail.server and mail.port.",
    )
