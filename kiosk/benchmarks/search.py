"""Searching an event of 10,000 photos, beside the bare matrix product."""

from __future__ import annotations

from kiosk.archive import open_archive
from kiosk.benchmarks.bare import bare_product_ms, first_frame, median_ms
from kiosk.benchmarks.event import FACES, PHOTOS, benchmark_event
from kiosk.benchmarks.figure import Figure
from kiosk.gallery.expansion import least_similarity


def measure_search(photos: int = PHOTOS, faces: int = FACES) -> list[Figure]:
    """The index alone, then the whole search with the photos' rows. Raises what `benchmark_event` raises."""
    with benchmark_event(photos, faces) as event:
        archive = open_archive(event.home, event.settings)
        try:
            frame, engine = first_frame(event.standing), archive.engines.live
            probe = engine.embed(frame, engine.detect(frame)[:1])[0]
            least = least_similarity(archive.thresholds(event.event_id))
            index_ms = median_ms(lambda: archive.index.search(event.event_id, probe, min_similarity=least))
            find_ms = median_ms(lambda: archive.search.find(event.event_id, (probe,)))
        finally:
            archive.close()
    floor_ms, floor_is = bare_product_ms(faces), f"matrix product, {faces} x 512"
    return [
        Figure("search.index", index_ms, "ms", floor_ms, floor_is),
        Figure("search.photos", find_ms, "ms", floor_ms, floor_is),
    ]
