"""What pages hold of photos that were forgotten while somebody is looking at them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from kiosk.sales.basket import without_photos
from kiosk.session.found import Found
from kiosk.session.session import Session
from kiosk.session.states import Action, Screen


def forget_photos(session: Session, photo_ids: Collection[str]) -> None:
    """Takes them out of what was found, and out of the basket as long as nothing was ordered; whoever looks
    at one is led back to the others. Any thread."""
    gone = frozenset(photo_ids)
    with session.lock:
        visitor = session.visitor
        held = {*visitor.found.photos, *visitor.basket.digital, *visitor.favourites}
        held.update(item.photo_id for item in visitor.basket.prints)
        if not gone & held:
            return
        with session.change():
            visitor.found = _without(visitor.found, gone)
            visitor.favourites -= gone
            visitor.confirmed -= gone
            if visitor.order is None:
                visitor.basket = without_photos(visitor.basket, gone)
            if visitor.lightbox_photo_id in gone:
                if session.is_on(Screen.LIGHTBOX):
                    session.go(Action.CLOSE_PHOTO)
                visitor.lightbox_photo_id = None
            if session.is_on(Screen.RESULTS) and not visitor.found.photos:
                session.go(Action.GO_MANUAL)


def _without(found: Found, gone: frozenset[str]) -> Found:
    return replace(
        found,
        photos={photo_id: photo for photo_id, photo in found.photos.items() if photo_id not in gone},
        matches={photo_id: match for photo_id, match in found.matches.items() if photo_id not in gone},
        together={photo_id: match for photo_id, match in found.together.items() if photo_id not in gone},
        faces=tuple(face for face in found.faces if face.photo_id not in gone),
        tiles={photo_id: tile for photo_id, tile in found.tiles.items() if photo_id not in gone},
    )
