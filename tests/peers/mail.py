"""A real mail server (aiosmtpd) on this machine, with TLS of a certificate authority of its own; it has bad
days on demand."""

from __future__ import annotations

import asyncio
import datetime
import ipaddress
import ssl
import threading
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Any, cast

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from kiosk.settings import MailSection

USER = "kiosk"
PASSWORD = "open sesame"
SENDER = "Riverside Run <photos@example.org>"


class MailDay(StrEnum):
    """What the server does with a message. DROPS: it takes it and is gone before it says so."""

    GOOD = "good"
    FULL = "full"
    UNKNOWN = "unknown"
    WANTS_LOGIN = "wants_login"
    REFUSES = "refuses"
    GREYLISTS = "greylists"
    BUSY = "busy"
    DROPS = "drops"
    SLOW = "slow"


@dataclass
class Certificates:
    """An authority, and a certificate for this machine that it signed; PEM files."""

    authority: Path
    server: Path
    key: Path


def make_certificates(folder: Path, host: str = "localhost") -> Certificates:
    """Good for a day."""
    folder.mkdir(parents=True, exist_ok=True)
    authority_key, server_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority = _certificate("Test authority", authority_key, authority_key, "Test authority", is_ca=True)
    server = _certificate(host, server_key, authority_key, "Test authority", host=host)
    made = Certificates(folder / "authority.pem", folder / "server.pem", folder / "key.pem")
    made.authority.write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    made.server.write_bytes(server.public_bytes(serialization.Encoding.PEM))
    made.key.write_bytes(
        server_key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return made


def _certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    signer: ec.EllipticCurvePrivateKey,
    issuer: str,
    *,
    host: str = "",
    is_ca: bool = False,
) -> x509.Certificate:
    now = datetime.datetime.now(datetime.UTC)
    names = (
        [x509.DNSName(host), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))] if host == "localhost" else []
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
    )
    if is_ca:
        usage = x509.KeyUsage(
            digital_signature=False,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=True,
            crl_sign=True,
            encipher_only=False,
            decipher_only=False,
        )
        builder = builder.add_extension(usage, critical=True)
    if names or host:
        alternative = names or [x509.DNSName(host)]
        builder = builder.add_extension(x509.SubjectAlternativeName(alternative), critical=False)
    return builder.sign(signer, hashes.SHA256())


@dataclass
class Taken:
    """A message that the server took."""

    sender: str
    to: list[str]
    user: str | None
    is_encrypted: bool
    mail: EmailMessage


@dataclass
class MailPeer:
    """Runs inside its `with` block. `security` as in the settings."""

    certificates: Certificates
    security: str = "starttls"
    day: MailDay = MailDay.GOOD
    password: str = PASSWORD
    taken: list[Taken] = field(default_factory=list)
    connections: int = 0
    port: int = 0

    def __post_init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._seen: set[str] = set()

    def __enter__(self) -> MailPeer:
        self._thread = threading.Thread(target=self._loop.run_forever, name="mail-peer", daemon=True)
        self._thread.start()
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def open(self) -> None:
        """Listens, at the same port as before."""
        self._server = self._do(self._listen())
        self.port = self._server.sockets[0].getsockname()[1]

    def close(self) -> None:
        """Nobody is there any more."""

        async def end() -> None:
            self._server.close()
            for task in asyncio.all_tasks() - {cast("asyncio.Task[Any]", asyncio.current_task())}:
                task.cancel()
            await asyncio.sleep(0.01)

        self._do(end())

    def settings(self, **other: Any) -> MailSection:
        """For a kiosk that sends by it."""
        values: dict[str, Any] = {
            "server": "localhost",
            "port": self.port,
            "security": self.security,
            "user": USER if self.security != "none" else "",
            "sender": SENDER,
        }
        return MailSection(**{**values, **other})

    @property
    def ids(self) -> list[str]:
        """The Message-IDs of what was taken."""
        return [str(each.mail["Message-ID"]) for each in self.taken]

    def _do(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _listen(self) -> Any:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(self.certificates.server, self.certificates.key)
        is_tls, is_starttls = self.security == "tls", self.security == "starttls"

        def protocol() -> SMTP:
            self.connections += 1
            return SMTP(
                self,
                hostname="mail.test",
                tls_context=tls if is_starttls else None,
                require_starttls=is_starttls,
                authenticator=self._let_in,
                auth_required=is_starttls,  # it warns where it does not see to TLS itself
                auth_require_tls=is_starttls,
                loop=self._loop,
            )

        return await self._loop.create_server(protocol, "127.0.0.1", self.port, ssl=tls if is_tls else None)

    def _let_in(
        self, server: SMTP, session: Any, envelope: Any, mechanism: str, login: LoginPassword
    ) -> AuthResult:
        is_right = login.login.decode() == USER and login.password.decode() == self.password
        who = login.login.decode() if is_right else None
        return AuthResult(success=is_right, handled=False, auth_data=who)

    # -- what aiosmtpd calls ------------------------------------------------------------------------

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if self.day is MailDay.FULL:
            return f"452 4.2.2 the mailbox of {address} is full"
        if self.day is MailDay.UNKNOWN:
            return f"550 5.1.1 {address}: no such user here"
        if self.day is MailDay.WANTS_LOGIN:
            return "530 5.7.0 authentication required"
        if self.day is MailDay.GREYLISTS and address not in self._seen:
            self._seen.add(address)
            return "451 4.7.1 greylisted, come again"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.day is MailDay.REFUSES:
            return "554 5.7.1 policy"
        if self.day is MailDay.BUSY:
            return "421 4.3.2 shutting down"
        if self.day is MailDay.SLOW:
            await asyncio.sleep(30)
        mail = cast(EmailMessage, message_from_bytes(envelope.content, policy=policy.default))
        is_encrypted = server.transport.get_extra_info("ssl_object") is not None
        user = session.auth_data if session.authenticated else None
        self.taken.append(Taken(envelope.mail_from, envelope.rcpt_tos, user, is_encrypted, mail))
        if self.day is MailDay.DROPS:
            server.transport.abort()
        return "250 OK"
