"""What keeps an update from being staged or applied, in words."""

from __future__ import annotations

import errno

from kiosk.errors import ErrorCode, KnownError


def nothing_staged() -> KnownError:
    """That there is no package to apply."""
    return KnownError(
        ErrorCode.UPDATE_NONE,
        "No update is ready.",
        "Fetch one from the centre (kiosk update check), or from a stick: kiosk update stage FILE",
    )


def too_large(limit: int) -> KnownError:
    """That a package is larger than any may be, or than the disk has room for."""
    return KnownError(
        ErrorCode.UPDATE_TOO_LARGE,
        f"The package is larger than {limit // 1_000_000} MB, or there is no room for it.",
        "Free some space, or take the package as it was made.",
    )


def interrupted(why: str) -> KnownError:
    """That an update ended before anything was changed, or could not go on."""
    return KnownError(
        ErrorCode.UPDATE_INTERRUPTED, f"The update was broken off: {why}.", "It is tried again by itself."
    )


def being_staged() -> KnownError:
    """That another process brings a package here at the moment."""
    return KnownError(
        ErrorCode.UPDATE_UNDER_WAY,
        "Another program brings an update here right now.",
        "Try again in a minute.",
    )


def no_start() -> KnownError:
    """That the session does not come up."""
    return KnownError(
        ErrorCode.UPDATE_NO_START,
        "The session did not come up with the new version.",
        "The version before runs on; tell whoever makes the packages.",
    )


def folder_unusable(failed: OSError) -> KnownError:
    """DISK_FULL, or FOLDER_NOT_WRITABLE of the folder of updates."""
    if failed.errno in (errno.ENOSPC, errno.EDQUOT):
        return KnownError(ErrorCode.DISK_FULL, "No room for the update.", "Free some space.")
    return KnownError(
        ErrorCode.FOLDER_NOT_WRITABLE,
        f"The folder of updates cannot be used: {failed.strerror}.",
        "Check the rights on the data folder.",
    )
