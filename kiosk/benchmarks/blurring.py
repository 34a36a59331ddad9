"""What blurring bystanders costs when a preview of a crowd is drawn, beside one without any blur."""

from __future__ import annotations

import time
from collections.abc import Sequence
from statistics import median

from kiosk.archive import open_archive
from kiosk.benchmarks.event import benchmark_event
from kiosk.benchmarks.figure import Figure, Goal
from kiosk.photos.shown_previews import Previews
from kiosk.photos.types import PreviewSize

CROWD = 20
_PHOTOS = 60
_VISITOR = frozenset({0})
_ROUNDS = 5
_SCREENFUL = 12
"""Photos of a results page that are new after a flick."""
_SOON_MS = 150.0


def measure_blurring(photos: int = _PHOTOS, crowd: int = CROWD) -> list[Figure]:
    """Processor milliseconds for drawing one preview as the results page shows it, all faces but one of a
    crowd blurred; and for a screenful. Raises what `benchmark_event` raises."""
    with benchmark_event(photos, photos * crowd, of_the_visitor=photos) as event:
        archive = open_archive(event.home, event.settings)
        try:
            shown = [photo.photo_id for photo in archive.photos.photos(event.event_id)]
            plain_ms, blurred_ms = _in_turns(archive.previews, shown)
        finally:
            archive.close()
    floor_is = "the same previews, nobody blurred"
    return [
        Figure("blur.preview", blurred_ms, "cpu ms", plain_ms, floor_is),
        Figure(
            "blur.screenful",
            blurred_ms * _SCREENFUL,
            "cpu ms",
            plain_ms * _SCREENFUL,
            floor_is,
            Goal(at_most=_SOON_MS),
        ),
    ]


def _in_turns(previews: Previews, photo_ids: Sequence[str]) -> tuple[float, float]:
    for photo_id in photo_ids:
        previews.preview(photo_id, PreviewSize.LARGE)  # the file is in memory from here on
    plain: list[float] = []
    blurred: list[float] = []
    for _ in range(_ROUNDS):
        for photo_id in photo_ids:
            plain.append(_drawn_ms(previews, photo_id, None))
            blurred.append(_drawn_ms(previews, photo_id, _VISITOR))
    return median(plain), median(blurred)


def _drawn_ms(previews: Previews, photo_id: str, keep: frozenset[int] | None) -> float:
    began_s = time.process_time()
    previews.preview(photo_id, PreviewSize.LARGE, keep)
    return (time.process_time() - began_s) * 1000
