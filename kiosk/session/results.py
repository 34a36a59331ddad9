"""The results page: sure photos in time order, maybe ones by similarity (by time, where a number was looked
for), marked and filtered. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from kiosk.gallery.types import Certainty, GroupRule
from kiosk.photos.types import Photo, PhotoFilter
from kiosk.session.view import PhotoTile, ResultsView
from kiosk.session.visitor import Visitor

_ANYTHING = PhotoFilter()


def results_view(visitor: Visitor, blurs_bystanders: bool = True) -> ResultsView | None:
    """The results page; None when nothing was looked for yet. Made at every change: cheap for thousands."""
    found = visitor.found
    if not found.photos:
        return None
    sure: list[PhotoTile] = []
    maybe: list[PhotoTile] = []
    for tile in _tiles(visitor):
        is_maybe = tile.certainty is Certainty.MAYBE and tile.photo_id not in visitor.confirmed
        (maybe if is_maybe else sure).append(tile)
    matches = visitor.matches
    if matches:  # what a number found stays in time order
        maybe.sort(key=lambda tile: -matches[tile.photo_id].similarity)
    marks = _Marks(visitor)
    return ResultsView(
        sure=tuple(marks.on(tile) for tile in sure if _passes(visitor, tile)),
        maybe=tuple(marks.on(tile) for tile in maybe),
        total=len(sure),
        by_face=bool(found.matches),
        people=tuple(person.person_id for person in visitor.people),
        faces=found.faces,
        rule=visitor.rule,
        is_blurred=blurs_bystanders and bool(found.matches),
        filter_since=visitor.photo_filter.since,
        filter_until=visitor.photo_filter.until,
        filter_place=visitor.photo_filter.place,
        filter_photographer=visitor.photo_filter.photographer,
        favourites_only=visitor.favourites_only,
        places=found.places,
        photographers=found.photographers,
        times=found.times,
    )


def _tiles(visitor: Visitor) -> Iterator[PhotoTile]:
    """In time order, without the hidden ones; for a group that wants all of them, only those."""
    hidden, together = visitor.hidden, visitor.found.together
    for photo_id, tile in visitor.found.tiles.items():
        if photo_id in hidden:
            continue
        if visitor.rule is GroupRule.ANY:
            yield tile
        elif photo_id in together:
            yield replace(tile, certainty=together[photo_id].certainty)


def passes_filter(photo: Photo | PhotoTile, wanted: PhotoFilter) -> bool:
    """Whether a photo is within a filter."""
    return (
        (wanted.since is None or (photo.is_time_known and photo.taken_at >= wanted.since))
        and (wanted.until is None or (photo.is_time_known and photo.taken_at < wanted.until))
        and (wanted.place is None or photo.place == wanted.place)
        and (wanted.photographer is None or photo.photographer == wanted.photographer)
    )


def _passes(visitor: Visitor, tile: PhotoTile) -> bool:
    if visitor.favourites_only and tile.photo_id not in visitor.favourites:
        return False
    return visitor.photo_filter is _ANYTHING or passes_filter(tile, visitor.photo_filter)


class _Marks:
    """What the visitor and the shop have put on photos; most bear nothing."""

    def __init__(self, visitor: Visitor) -> None:
        self._chosen = frozenset(visitor.basket.digital)
        order = visitor.order
        self._bought = frozenset(order.digital_photo_ids if order and order.paid_at else ())
        self._favourites = visitor.favourites
        self._confirmed = visitor.confirmed
        self._marked = self._chosen | self._bought | self._favourites | self._confirmed

    def on(self, tile: PhotoTile) -> PhotoTile:
        """The tile with its marks."""
        photo_id = tile.photo_id
        if photo_id not in self._marked:
            return tile
        return replace(
            tile,
            certainty=Certainty.MATCH if photo_id in self._confirmed else tile.certainty,
            is_chosen=photo_id in self._chosen,
            is_favourite=photo_id in self._favourites,
            is_bought=photo_id in self._bought,
        )
