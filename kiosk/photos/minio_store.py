"""Files in a bucket of MinIO or any other S3: the object store of a site with a server."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, BinaryIO
from urllib.parse import parse_qs, quote, urlsplit

import urllib3
from minio import Minio
from minio.error import MinioException, S3Error

from kiosk.errors import BugError, ErrorCode, KnownError
from kiosk.photos.object_keys import check_key
from kiosk.photos.object_parts import PART_BYTES

_CONNECT_TIMEOUT_S = 3.0
_READ_TIMEOUT_S = 30.0
_MISSING = frozenset({"NoSuchKey", "NoSuchObject", "NotFound"})
_LONGEST_ADDRESS = timedelta(days=7)
_FULL = frozenset({"XMinioStorageFull", "InsufficientStorage", "QuotaExceeded"})


class MinioObjectStore:
    """One bucket, made at the first start. S3 itself stores whole or not at all. Safe for several threads.

    Raises KnownError: OBJECT_MISSING, OBJECT_STORE_UNREACHABLE (also when the keys are refused), DISK_FULL.
    """

    def __init__(
        self,
        endpoint: str,
        access_key: str,
        secret_key: str,
        bucket: str,
        *,
        is_secure: bool = True,
        public_url: str = "",
    ) -> None:
        """`endpoint` is host and port. `public_url` is where browsers and kiosks find the same server, such
        as "https://files.example.com"; without one no addresses are given out."""
        self._bucket = bucket
        self._client = Minio(
            endpoint,
            access_key=access_key,
            secret_key=secret_key,
            secure=is_secure,
            http_client=urllib3.PoolManager(
                timeout=urllib3.Timeout(connect=_CONNECT_TIMEOUT_S, read=_READ_TIMEOUT_S),
                retries=urllib3.Retry(total=2, backoff_factor=0.2, status_forcelist=[502, 503, 504]),
                maxsize=8,
            ),
        )
        with _known(bucket):
            if not self._client.bucket_exists(bucket):
                self._client.make_bucket(bucket)
        self._signer = self._signer_at(public_url, access_key, secret_key) if public_url else None

    def put(self, object_key: str, data: bytes) -> None:
        check_key(object_key)
        with _known(object_key):
            self._client.put_object(self._bucket, object_key, io.BytesIO(data), len(data))

    def put_stream(self, object_key: str, file: BinaryIO, size: int) -> None:
        check_key(object_key)
        try:
            with _known(object_key):
                self._client.put_object(self._bucket, object_key, file, size)
        except KnownError as error:
            # The client tells a file that ends too early as it tells a server that does not answer.
            if "not enough data" in str(error.__cause__):
                raise BugError(f"a file of {size} bytes ends too early") from error
            raise

    def get(self, object_key: str) -> bytes:
        check_key(object_key)
        with _known(object_key):
            answer = self._client.get_object(self._bucket, object_key)
            try:
                return bytes(answer.read())
            finally:
                answer.close()
                answer.release_conn()

    def get_stream(self, object_key: str, start: int = 0) -> S3Stream:
        check_key(object_key)
        with _known(object_key):
            answer = self._client.get_object(self._bucket, object_key, offset=start)
        return S3Stream(answer, object_key, start)

    def presigned_get(self, object_key: str, seconds: float, file_name: str = "") -> str | None:
        check_key(object_key)
        if self._signer is None:
            return None
        headers = {"response-content-disposition": _attachment(file_name)} if file_name else None
        with _known(object_key):
            return str(
                self._signer.presigned_get_object(
                    self._bucket,
                    object_key,
                    expires=min(timedelta(seconds=max(1, round(seconds))), _LONGEST_ADDRESS),
                    response_headers=headers,
                )
            )

    def has(self, object_key: str) -> bool:
        check_key(object_key)
        try:
            with _known(object_key):
                self._client.stat_object(self._bucket, object_key)
        except KnownError as error:
            if error.code is ErrorCode.OBJECT_MISSING:
                return False
            raise
        return True

    def delete(self, object_key: str) -> None:
        check_key(object_key)
        with _known(object_key):
            self._client.remove_object(self._bucket, object_key)

    def keys(self, prefix: str) -> Iterator[str]:
        with _known(prefix):
            found = self._client.list_objects(self._bucket, prefix=prefix, recursive=True)
            # Sorted here: servers that keep folders (SeaweedFS) list folder by folder, another order.
            yield from sorted(str(one.object_name) for one in found)

    def _signer_at(self, public_url: str, access_key: str, secret_key: str) -> Minio:
        """Signs for the public address. Told the region, it asks nobody: the address may not be reachable
        from here."""
        with _known(self._bucket):
            own = parse_qs(urlsplit(self._client.presigned_get_object(self._bucket, "any")).query)
        region = own["X-Amz-Credential"][0].split("/")[2]
        public = urlsplit(public_url)
        return Minio(
            public.netloc,
            access_key=access_key,
            secret_key=secret_key,
            secure=public.scheme == "https",
            region=region,
        )


class S3Stream:
    """An answer of the server, read part by part (`kiosk.photos.types.ObjectStream`)."""

    def __init__(self, answer: Any, object_key: str, start: int = 0) -> None:
        self._answer = answer
        self._object_key = object_key
        self.size = start + int(answer.headers["content-length"])

    def __iter__(self) -> Iterator[bytes]:
        try:
            with _known(self._object_key):
                yield from self._answer.stream(PART_BYTES)
        finally:
            self.close()

    def close(self) -> None:
        self._answer.close()
        self._answer.release_conn()


def _attachment(file_name: str) -> str:
    """The header by which a browser saves what it gets under this name, of any letters (RFC 6266)."""
    plain = "".join(letter if letter.isascii() and letter.isprintable() else "_" for letter in file_name)
    plain = plain.replace("\\", "_").replace('"', "_")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(file_name, safe='')}"


@contextmanager
def _known(what: str) -> Iterator[None]:
    try:
        yield
    except S3Error as error:
        if error.code in _MISSING:
            raise KnownError(
                ErrorCode.OBJECT_MISSING, f"{what} is not in the store.", "Import the photo again."
            ) from error
        if error.code in _FULL:
            raise KnownError(ErrorCode.DISK_FULL, "The object store is full.", "Free some space.") from error
        raise KnownError(
            ErrorCode.OBJECT_STORE_UNREACHABLE,
            f"The object store refuses: {error.code}.",
            "Check its address, bucket and keys.",
        ) from error
    except (MinioException, urllib3.exceptions.HTTPError, OSError) as error:
        raise KnownError(
            ErrorCode.OBJECT_STORE_UNREACHABLE,
            f"The object store does not answer ({type(error).__name__}).",
            "Check the network and the server.",
        ) from error
