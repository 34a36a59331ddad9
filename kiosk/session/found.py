"""What a search brought: photos, how sure each is, and their tiles, made once and not at every change."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from kiosk.gallery.types import Certainty, FaceKey, PhotoMatch
from kiosk.photos.types import Photo
from kiosk.session.view import PhotoTile


@dataclass(frozen=True, slots=True)
class Found:
    """Photos in time order by id, with unmarked tiles; `matches` is empty for a search without a face.

    `together` are the matches that show everyone of a group; empty for one person. `faces` are those of
    `matches`, photo by photo. `times` are the full hours (UTC), `places` and `photographers` the names to
    filter by.
    """

    photos: Mapping[str, Photo] = field(default_factory=dict)
    matches: Mapping[str, PhotoMatch] = field(default_factory=dict)
    together: Mapping[str, PhotoMatch] = field(default_factory=dict)
    faces: tuple[FaceKey, ...] = ()
    tiles: Mapping[str, PhotoTile] = field(default_factory=dict)
    times: tuple[datetime, ...] = ()
    places: tuple[str, ...] = ()
    photographers: tuple[str, ...] = ()


def found_of(
    photos: Iterable[Photo], matches: Sequence[PhotoMatch] = (), together: Sequence[PhotoMatch] = ()
) -> Found:
    """What was found: of `matches` and `together` those whose photo is there."""
    ordered = sorted(photos, key=lambda photo: (photo.taken_at, photo.number))
    by_id = {photo.photo_id: photo for photo in ordered}
    kept = {match.photo_id: match for match in matches if match.photo_id in by_id}
    return Found(
        photos=by_id,
        matches=kept,
        together={match.photo_id: match for match in together if match.photo_id in by_id},
        faces=tuple(face for match in kept.values() for face in match.faces),
        tiles={photo.photo_id: _tile(photo, kept.get(photo.photo_id)) for photo in ordered},
        times=hours_of(ordered),
        places=distinct(photo.place for photo in ordered),
        photographers=distinct(photo.photographer for photo in ordered),
    )


def found_by_number(photos: Iterable[Photo], maybe: Collection[str]) -> Found:
    """What the number on a shirt found: `maybe` are the photos with a digit wrong. There is no match in it,
    since no face was looked for."""
    found = found_of(photos)
    tiles = {
        photo_id: replace(tile, certainty=Certainty.MAYBE if photo_id in maybe else Certainty.MATCH)
        for photo_id, tile in found.tiles.items()
    }
    return replace(found, tiles=tiles)


def hours_of(photos: Iterable[Photo]) -> tuple[datetime, ...]:
    """The full hours (UTC) in which photos were taken, in order; those of unknown time count in none."""
    known = (photo.taken_at for photo in photos if photo.is_time_known)
    return tuple(sorted({at.replace(minute=0, second=0, microsecond=0) for at in known}))


def distinct(words: Iterable[str]) -> tuple[str, ...]:
    """Each word once, in order, without the empty one."""
    return tuple(sorted({word for word in words if word}))


def _tile(photo: Photo, match: PhotoMatch | None) -> PhotoTile:
    return PhotoTile(
        photo_id=photo.photo_id,
        number=photo.number,
        taken_at=photo.taken_at,
        place=photo.place,
        photographer=photo.photographer,
        width=photo.width,
        height=photo.height,
        certainty=match.certainty if match else None,
        is_time_known=photo.is_time_known,
    )
