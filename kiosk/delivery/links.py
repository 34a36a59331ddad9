"""Links to an order's originals: unguessable tokens, and how often a link may be used.

A token is not drawn and forgotten but derived (HMAC-SHA256, RFC 2104) from a secret of this kiosk and the
link's random id. So the same QR can be shown again after a restart or by order code although only the token's
hash is stored, and whoever reads the database alone can open nothing. Should the secret be lost, links that
were handed out still open (their hashes are stored); a new one is made for showing.

Each link has two tokens, one derived from the other: the receipt token opens the privacy receipt and may
delete; the download token, made from it, opens photos only. Passing the photo link on to a friend therefore
never passes on the right to delete.
"""

from __future__ import annotations

import base64
import errno
import hashlib
import hmac
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import structlog

from kiosk.clock import Clock
from kiosk.delivery.types import DownloadLink
from kiosk.errors import ErrorCode, KnownError

_log = structlog.get_logger(__name__)

ZIP_OBJECT = "zip"
"""Object name under which downloads of the whole order as one ZIP are counted."""

SECRET_FILE = "link.secret"  # noqa: S105 - a file's name
_SECRET_BYTES = 32
_TOKEN_BYTES = 20  # 160 bits: beyond guessing, and 27 letters keep the QR coarse enough for old phones
_DOWNLOAD_PURPOSE = b"photo-kiosk download"
_RECEIPT_PURPOSE = b"photo-kiosk receipt "
_DELETION_PURPOSE = b"photo-kiosk deletion"


@dataclass(frozen=True, slots=True)
class LinkTokens:
    """What the two QR codes of a link carry; 27 URL-safe letters each. Never stored, never logged."""

    download: str
    receipt: str


class LinkMaker:
    """Makes links and derives their tokens again. Immutable; any thread.

    `validity` and `download_limit` are those of new links.
    """

    def __init__(
        self,
        secret: bytes,
        clock: Clock,
        validity: timedelta = timedelta(days=30),
        download_limit: int = 10,
    ) -> None:
        self._secret = secret
        self._clock = clock
        self._validity = validity
        self._download_limit = download_limit

    def use(self, validity: timedelta, download_limit: int) -> None:
        """New links are good for so long and so many downloads from now on."""
        self._validity, self._download_limit = validity, download_limit

    def new_link(self, order_id: str) -> DownloadLink:
        """A fresh link, to be stored by the caller; its tokens come from `tokens_of`."""
        link_id = secrets.token_hex(16)
        now = self._clock.now()
        return DownloadLink(
            link_id=link_id,
            order_id=order_id,
            token_hash=token_hash(self._derive(link_id).download),
            created_at=now,
            expires_at=now + self._validity,
            download_limit=self._download_limit,
        )

    def tokens_of(self, link: DownloadLink) -> LinkTokens | None:
        """The link's tokens, or None when it was made with another secret: store a `new_link` then."""
        tokens = self._derive(link.link_id)
        return tokens if hmac.compare_digest(token_hash(tokens.download), link.token_hash) else None

    def _derive(self, link_id: str) -> LinkTokens:
        receipt = _letters(
            hmac.digest(self._secret, _RECEIPT_PURPOSE + link_id.encode(), "sha256")[:_TOKEN_BYTES]
        )
        return LinkTokens(download=download_token(receipt), receipt=receipt)


def url_for(base_url: str, token: str) -> str:
    """Address of the photo page. `base_url` such as "http://192.168.1.20:8377", with or without end slash."""
    return f"{base_url.rstrip('/')}/d/{token}"


def receipt_url_for(base_url: str, receipt_token: str) -> str:
    """Address of the privacy receipt."""
    return f"{base_url.rstrip('/')}/r/{receipt_token}"


def download_token(receipt_token: str) -> str:
    """The download token that belongs to a receipt token; there is no way back."""
    return _letters(hmac.digest(receipt_token.encode(), _DOWNLOAD_PURPOSE, "sha256")[:_TOKEN_BYTES])


def deletion_token(receipt_token: str) -> str:
    """The token for the proof of what was deleted by a receipt; there is no way back. So the proof's address
    is shown whenever the receipt is, and the kiosk keeps nothing for it."""
    return _letters(hmac.digest(receipt_token.encode(), _DELETION_PURPOSE, "sha256")[:_TOKEN_BYTES])


def token_hash(token: str) -> str:
    """What is stored of a token: its sha256 in hex."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def downloads_used(counts: Mapping[str, int], object_name: str | None = None) -> int:
    """Wholes downloaded: the ZIP's count plus that of the photo downloaded most often.

    For one photo (`object_name` its id) the count of that photo stands for the latter, so that a photo saved
    ten times leaves the others free. `counts` as `LinkRepository.object_downloads` returns them.
    """
    if object_name is not None and object_name != ZIP_OBJECT:
        return counts.get(ZIP_OBJECT, 0) + counts.get(object_name, 0)
    photos = (count for name, count in counts.items() if name != ZIP_OBJECT)
    return counts.get(ZIP_OBJECT, 0) + max(photos, default=0)


def load_link_secret(home: Path) -> bytes:
    """The kiosk's link secret, 32 bytes in `home`/link.secret (mode 0600); made at the first call.

    A file of another length is damaged and replaced: links handed out before still open, by their hash.
    Raises KnownError FOLDER_NOT_WRITABLE, DISK_FULL.
    """
    path = home / SECRET_FILE
    try:
        found = path.read_bytes()
    except FileNotFoundError:
        found = b""
    except OSError as refused:
        raise _storage_error(home, refused) from refused
    if len(found) == _SECRET_BYTES:
        return found
    if found:
        _log.warning("link_secret_replaced", length=len(found))
    return _write_secret(home, path)


def _write_secret(home: Path, path: Path) -> bytes:
    """Whole or not at all: a power cut must not leave half a secret behind."""
    secret = secrets.token_bytes(_SECRET_BYTES)
    draft = path.with_suffix(".new")
    try:
        home.mkdir(parents=True, exist_ok=True)
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secret)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as refused:
        raise _storage_error(home, refused) from refused
    return secret


def _storage_error(home: Path, refused: OSError) -> KnownError:
    if refused.errno == errno.ENOSPC:
        return KnownError(
            ErrorCode.DISK_FULL, "The secret of download links cannot be stored.", "Free space."
        )
    return KnownError(
        ErrorCode.FOLDER_NOT_WRITABLE,
        f"The secret of download links in {home} cannot be read or written ({type(refused).__name__}).",
        "Give the kiosk's user the rights to its data folder.",
    )


def _letters(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")
