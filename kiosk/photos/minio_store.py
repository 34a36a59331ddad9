"""Files in a bucket of MinIO or any other S3: the object store of a site with a server."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager

import urllib3
from minio import Minio
from minio.error import MinioException, S3Error

from kiosk.errors import ErrorCode, KnownError
from kiosk.photos.object_keys import check_key

_CONNECT_TIMEOUT_S = 3.0
_READ_TIMEOUT_S = 30.0
_MISSING = frozenset({"NoSuchKey", "NoSuchObject", "NotFound"})
_FULL = frozenset({"XMinioStorageFull", "InsufficientStorage", "QuotaExceeded"})


class MinioObjectStore:
    """One bucket, made at the first start. S3 itself stores whole or not at all. Safe for several threads.

    Raises KnownError: OBJECT_MISSING, OBJECT_STORE_UNREACHABLE (also when the keys are refused), DISK_FULL.
    """

    def __init__(
        self, endpoint: str, access_key: str, secret_key: str, bucket: str, *, is_secure: bool = True
    ) -> None:
        """`endpoint` is host and port."""
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
        with self._known(bucket):
            if not self._client.bucket_exists(bucket):
                self._client.make_bucket(bucket)

    def put(self, object_key: str, data: bytes) -> None:
        check_key(object_key)
        with self._known(object_key):
            self._client.put_object(self._bucket, object_key, io.BytesIO(data), len(data))

    def get(self, object_key: str) -> bytes:
        check_key(object_key)
        with self._known(object_key):
            answer = self._client.get_object(self._bucket, object_key)
            try:
                return bytes(answer.read())
            finally:
                answer.close()
                answer.release_conn()

    def has(self, object_key: str) -> bool:
        check_key(object_key)
        try:
            with self._known(object_key):
                self._client.stat_object(self._bucket, object_key)
        except KnownError as error:
            if error.code is ErrorCode.OBJECT_MISSING:
                return False
            raise
        return True

    def delete(self, object_key: str) -> None:
        check_key(object_key)
        with self._known(object_key):
            self._client.remove_object(self._bucket, object_key)

    def keys(self, prefix: str) -> Iterator[str]:
        with self._known(prefix):
            found = self._client.list_objects(self._bucket, prefix=prefix, recursive=True)
            # Sorted here: servers that keep folders (SeaweedFS) list folder by folder, another order.
            yield from sorted(str(one.object_name) for one in found)

    @contextmanager
    def _known(self, what: str) -> Iterator[None]:
        try:
            yield
        except S3Error as error:
            if error.code in _MISSING:
                raise KnownError(
                    ErrorCode.OBJECT_MISSING, f"{what} is not in the store.", "Import the photo again."
                ) from error
            if error.code in _FULL:
                raise KnownError(
                    ErrorCode.DISK_FULL, "The object store is full.", "Free some space."
                ) from error
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
