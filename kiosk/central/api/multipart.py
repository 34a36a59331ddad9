"""Forms with files, read piece by piece: bounded in files and bytes, and only once the caller is let in."""

from __future__ import annotations

import errno
from collections.abc import AsyncGenerator

from fastapi import Request
from starlette.datastructures import FormData
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect

from kiosk.errors import ErrorCode, KnownError

_MOST_FIELDS = 20
_LARGEST_FIELD = 4096


class _InMemory(MultiPartParser):
    """Nothing of a form touches a disk."""

    spool_max_size = 2**62


async def read_form(
    request: Request, *, most_bytes: int, most_files: int, is_kept_off_disk: bool = False
) -> FormData:
    """The form; `close` it. A file of more than a megabyte waits in a temporary file, unless
    `is_kept_off_disk`.

    A handler with a form among its parameters would have it read before it is known who sends it.
    Raises KnownError: REQUEST_INVALID, DISK_FULL (of temporary files).
    """
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise invalid("The request is no form with files (multipart/form-data).")
    kind = _InMemory if is_kept_off_disk else MultiPartParser
    parser = kind(
        request.headers,
        _bounded(request.stream(), most_bytes),
        max_files=most_files,
        max_fields=_MOST_FIELDS,
        max_part_size=_LARGEST_FIELD,
    )
    try:
        return await parser.parse()
    except MultiPartException as broken:
        raise invalid(broken.message) from broken
    except UnicodeError as unreadable:  # in the charset that the request itself chose
        raise invalid("The form's fields are not in the charset that it names.") from unreadable
    except ClientDisconnect as gone:
        raise invalid("The request broke off.") from gone
    except OSError as full:
        if full.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise KnownError(
            ErrorCode.DISK_FULL,
            "There is no room for the files of this request.",
            "Free space; send it again.",
        ) from full


def invalid(detail: str) -> KnownError:
    """That a request is not as it should be."""
    return KnownError(ErrorCode.REQUEST_INVALID, detail, "Correct it.")


async def _bounded(stream: AsyncGenerator[bytes, None], most_bytes: int) -> AsyncGenerator[bytes, None]:
    left = most_bytes
    async for part in stream:
        left -= len(part)
        if left < 0:
            raise KnownError(
                ErrorCode.REQUEST_INVALID,
                f"The request is longer than {most_bytes} bytes.",
                "Send fewer or smaller files in one call.",
            )
        yield part
