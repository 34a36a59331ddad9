"""What was found, as tiles for the screens: sure ones in time order, maybe ones by similarity. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from kiosk.gallery.types import Certainty
from kiosk.photos.types import Photo, PhotoFilter
from kiosk.session.view import PhotoTile, ResultsView
from kiosk.session.visitor import Visitor


def results_view(visitor: Visitor) -> ResultsView | None:
    """The results page; None when nothing was looked for yet."""
    if not visitor.photos:
        return None
    shown = [photo for photo in visitor.photos.values() if photo.photo_id not in visitor.hidden]
    sure = [photo for photo in shown if _certainty(visitor, photo) is not Certainty.MAYBE]
    maybe = [photo for photo in shown if _certainty(visitor, photo) is Certainty.MAYBE]
    chosen = frozenset(visitor.basket.digital)
    bought = frozenset(visitor.order.digital_photo_ids if visitor.order and visitor.order.paid_at else ())
    kept = [photo for photo in sure if _passes(visitor, photo)]
    kept.sort(key=lambda photo: (photo.taken_at, photo.number))
    maybe.sort(key=lambda photo: -visitor.matches[photo.photo_id].similarity)
    return ResultsView(
        sure=tuple(_tile(visitor, photo, chosen, bought) for photo in kept),
        maybe=tuple(_tile(visitor, photo, chosen, bought) for photo in maybe),
        total=len(sure),
        by_face=visitor.found_by_face,
        filter_since=visitor.photo_filter.since,
        filter_until=visitor.photo_filter.until,
        filter_place=visitor.photo_filter.place,
        filter_photographer=visitor.photo_filter.photographer,
        favourites_only=visitor.favourites_only,
        places=_distinct(photo.place for photo in sure),
        photographers=_distinct(photo.photographer for photo in sure),
        times=hours_of(sure),
    )


def hours_of(photos: Iterable[Photo]) -> tuple[datetime, ...]:
    """The full hours (UTC) in which photos were taken, in order."""
    return tuple(sorted({photo.taken_at.replace(minute=0, second=0, microsecond=0) for photo in photos}))


def passes_filter(photo: Photo, wanted: PhotoFilter) -> bool:
    """Whether a photo is within a filter."""
    return (
        (wanted.since is None or photo.taken_at >= wanted.since)
        and (wanted.until is None or photo.taken_at < wanted.until)
        and (wanted.place is None or photo.place == wanted.place)
        and (wanted.photographer is None or photo.photographer == wanted.photographer)
    )


def _passes(visitor: Visitor, photo: Photo) -> bool:
    if visitor.favourites_only and photo.photo_id not in visitor.favourites:
        return False
    return passes_filter(photo, visitor.photo_filter)


def _certainty(visitor: Visitor, photo: Photo) -> Certainty | None:
    match = visitor.matches.get(photo.photo_id)
    if match is None:
        return None
    return Certainty.MATCH if photo.photo_id in visitor.confirmed else match.certainty


def _tile(visitor: Visitor, photo: Photo, chosen: frozenset[str], bought: frozenset[str]) -> PhotoTile:
    return PhotoTile(
        photo_id=photo.photo_id,
        number=photo.number,
        taken_at=photo.taken_at,
        place=photo.place,
        photographer=photo.photographer,
        width=photo.width,
        height=photo.height,
        certainty=_certainty(visitor, photo),
        is_chosen=photo.photo_id in chosen,
        is_favourite=photo.photo_id in visitor.favourites,
        is_bought=photo.photo_id in bought,
    )


def _distinct(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({word for word in words if word}))
