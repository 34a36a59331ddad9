"""A process that imports what is uploaded, over the same stores as the centre, beside others of its kind."""

from __future__ import annotations

from pathlib import Path

from kiosk.central.centre import open_centre, redis_address
from kiosk.central.importing import FileImport
from kiosk.central.settings import CentralSettings
from kiosk.errors import ErrorCode, KnownError


def work(home: Path, settings: CentralSettings, threads: int) -> int:
    """Works until it is told to end (SIGTERM); returns the exit status. `threads` photos are at work at once.

    Raises KnownError: SETTING_INVALID without a queue or with stores of one process, and what `open_centre`
    raises.
    """
    _check(settings)
    from kiosk.central.celery_app import run_worker

    single = settings.model_copy(update={"vision": settings.vision.model_copy(update={"threads": 1})})
    centre = open_centre(home, single)
    try:
        centre.imports.start()  # sweeps: also while no other process of the centre runs
        importing = FileImport(centre.archive, centre.uploads)
        return run_worker(redis_address(settings, centre.secrets), importing, threads)
    finally:
        centre.close()


def _check(settings: CentralSettings) -> None:
    """A worker shares every store with the centre."""
    if not settings.queue.redis_url:
        raise KnownError(
            ErrorCode.SETTING_INVALID,
            "queue.redis_url is not set: without a queue the centre imports by itself.",
            "Set it to a Redis server's address, such as redis://127.0.0.1:6379/0",
        )
    if settings.gallery.index != "milvus" or "://" not in settings.gallery.milvus_uri:
        raise KnownError(
            ErrorCode.SETTING_INVALID,
            "The index of faces is a file, which one process has for itself.",
            'Set gallery.index to "milvus" and gallery.milvus_uri to a server\'s address.',
        )
