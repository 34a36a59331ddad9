"""Calls to a print server in IPP (RFC 8010 and 8011) over HTTP or a socket of this machine.

Messages are encoded and read by pyipp; what its encoder lacks, collections and attributes of jobs that it
does not know, is here.
"""

from __future__ import annotations

import getpass
import http.client
import os
import socket
import struct
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from pyipp.enums import IppOperation, IppTag
from pyipp.exceptions import IPPParseError
from pyipp.parser import parse
from pyipp.serializer import construct_attribute, encode_dict

from kiosk.errors import ErrorCode, KnownError

CALL_LIMIT_S = 10.0
NOT_FOUND = 0x0406
NOT_POSSIBLE = 0x0404
NOT_ACCEPTING_JOBS = 0x0506
_VERSION = (2, 0)
_SERVER_ERRORS = 0x0500
_NOT_SUPPORTED = 0x0501
_CHUNK_BYTES = 64 * 1024
_NONSENSE = (IPPParseError, struct.error, LookupError, ValueError, OverflowError)

Attributes = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said to a request that it did not refuse outright. `status` is IPP's."""

    status: int
    message: str
    jobs: Sequence[Attributes] = field(default=())
    printers: Sequence[Attributes] = field(default=())

    @property
    def is_good(self) -> bool:
        return self.status < 0x0100


class RefusedError(Exception):
    """The server understood a request and does not do it; `status` is IPP's."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message or f"status {status:#06x}")
        self.status = status


class _Local(http.client.HTTPConnection):
    """HTTP over a socket of this machine."""

    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        if sys.platform == "win32":
            raise OSError("no such sockets in Windows")
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


class IppServer:
    """One print server, at an address such as `http://host:631` or the path of its socket. By the socket it
    knows without a password as whom the kiosk runs. Each call has a connection of its own; any thread may
    call.
    """

    def __init__(self, server: str, user: str) -> None:
        self._server = server
        self._user = user

    def call(
        self,
        operation: IppOperation,
        queue: str,
        attributes: Attributes,
        until_s: float,
        job_attributes: bytes = b"",
        document: bytes = b"",
    ) -> Answer:
        """Asks for an operation on a queue, and waits until the monotonic clock says `until_s`.

        Raises RefusedError, and KnownError: PRINTER_UNREACHABLE when nothing came back or nonsense did, so
        that it is not known whether it was done; PRINT_REFUSED when the server asks for a password.
        """
        operation_attributes = {
            "attributes-charset": "utf-8",
            "attributes-natural-language": "en",
            "printer-uri": f"ipp://localhost/printers/{queue}",
            "requesting-user-name": self._user,
            **attributes,
        }
        head = encode_dict(
            {"version": _VERSION, "operation": operation, "operation-attributes-tag": operation_attributes}
        )
        end = head[-1:]
        body = head[:-1] + job_attributes + end + document
        return _read(self._post(f"/printers/{queue}", body, until_s))

    def _post(self, path: str, body: bytes, until_s: float) -> bytes:
        connection = self._connection(until_s)
        headers = {"Content-Type": "application/ipp"}
        if isinstance(connection, _Local):
            headers["Authorization"] = f"PeerCred {self._user}"
        try:
            connection.request("POST", path, body, headers)
            with connection.getresponse() as response:
                _check_status(response.status)
                return _read_all(response, until_s)
        except (OSError, http.client.HTTPException) as error:
            raise _unreachable(f"{type(error).__name__}: {error}") from error
        finally:
            connection.close()

    def _connection(self, until_s: float) -> http.client.HTTPConnection:
        left_s = until_s - time.monotonic()
        if left_s <= 0:
            raise _unreachable("it took too long")
        if self._server.startswith("/"):
            return _Local(self._server, left_s)
        parts = urlsplit(self._server)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        return kind(parts.hostname or "localhost", parts.port or 631, timeout=left_s)


def this_user() -> str:
    """Who runs the kiosk, by the system and not by variables: a server that is reached by its socket checks
    it."""
    if sys.platform == "win32":
        return getpass.getuser()
    import pwd

    return pwd.getpwuid(os.geteuid()).pw_name


def job_group(attributes: Sequence[bytes]) -> bytes:
    """The attributes of a job, each as one of the functions below makes it."""
    return struct.pack(">b", IppTag.JOB) + b"".join(attributes)


def number(name: str, value: int) -> bytes:
    return construct_attribute(name, value, IppTag.INTEGER)


def keyword(name: str, value: str) -> bytes:
    return construct_attribute(name, value, IppTag.KEYWORD)


def media_col(width: int, height: int) -> bytes:
    """A paper by its size in hundredths of a millimetre, to be printed up to its edges (PWG 5100.7, and
    RFC 8010 § 3.1.6 for collections)."""
    size = _member("media-size") + _begin() + _sized("x-dimension", width) + _sized("y-dimension", height)
    edges = (f"media-{side}-margin" for side in ("top", "bottom", "left", "right"))
    margins = b"".join(_sized(edge, 0) for edge in edges)
    return _begin("media-col") + size + _end() + margins + _end()


def _begin(name: str = "") -> bytes:
    return construct_attribute(name, "", IppTag.BEGIN_COLLECTION)


def _end() -> bytes:
    return construct_attribute("", "", IppTag.END_COLLECTION)


def _member(name: str) -> bytes:
    return construct_attribute("", name, IppTag.MEMBER_NAME)


def _sized(name: str, value: int) -> bytes:
    return _member(name) + construct_attribute("", value, IppTag.INTEGER)


def _check_status(status: int) -> None:
    if status in (http.client.UNAUTHORIZED, http.client.FORBIDDEN):
        raise KnownError(
            ErrorCode.PRINT_REFUSED,
            "The print server does not let the kiosk's user do that.",
            "Add the user to the group lpadmin, and reach the server by its socket.",
        )
    if status == http.client.NOT_FOUND:
        raise RefusedError(NOT_FOUND, "not found")
    if status != http.client.OK:
        raise _unreachable(f"HTTP {status}")


def _read_all(response: http.client.HTTPResponse, until_s: float) -> bytes:
    chunks = []
    while chunk := response.read1(_CHUNK_BYTES):
        chunks.append(chunk)
        if time.monotonic() > until_s:
            raise TimeoutError("the answer has no end")
    return b"".join(chunks)


def _read(raw: bytes) -> Answer:
    try:
        said = parse(raw)
        status = int(said["status-code"])
        head = said["operation-attributes"] or {}
        message = str(head.get("status-message", ""))
        answer = Answer(status, message, said["jobs"], said["printers"])
    except _NONSENSE as error:
        raise _unreachable("it answered nonsense") from error
    if answer.is_good:
        return answer
    is_refused = status < _SERVER_ERRORS or status in (_NOT_SUPPORTED, NOT_ACCEPTING_JOBS)
    if is_refused:
        raise RefusedError(status, message)
    raise _unreachable(message or f"status {status:#06x}")


def _unreachable(why: str) -> KnownError:
    return KnownError(
        ErrorCode.PRINTER_UNREACHABLE,
        f"The print server does not answer: {why}.",
        "See that it runs, and that printing.server names it.",
    )
