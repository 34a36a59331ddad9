"""Pictures for the screens, bystanders' faces blurred. Called from image workers, never the UI thread."""

from __future__ import annotations

from collections.abc import Callable

from kiosk.camera.types import Frame
from kiosk.photos.types import PreviewSize
from kiosk.session.session import Session
from kiosk.session.states import Screen
from kiosk.vision.types import Pixels

_LARGEST_FACE = frozenset({0})

PreviewSource = Callable[[str, PreviewSize, frozenset[int] | None], bytes]
"""(photo_id, size, faces to leave sharp; None leaves all) -> JPEG."""


class Pictures:
    """What may be seen of a photo depends on who looks: the faces of the visitor and of who searched with
    them stay sharp, all others are blurred; on the attract page only the main face stays; without a face
    search nothing is blurred, since people have to recognise themselves, and what is bought is seen as it
    is."""

    def __init__(
        self, session: Session, preview: PreviewSource, newest_frame: Callable[[], Frame | None]
    ) -> None:
        self._session = session
        self._preview = preview
        self._newest_frame = newest_frame

    def photo_bytes(self, photo_id: str, size: PreviewSize) -> bytes:
        """A JPEG of the photo. Raises KnownError PHOTO_UNKNOWN, OBJECT_MISSING, OBJECT_STORE_UNREACHABLE."""
        with self._session.lock:
            visitor = self._session.visitor
            match = visitor.found.matches.get(photo_id)
            is_browsing = photo_id in visitor.found.photos or photo_id in visitor.basket.digital
            order = visitor.order
            bought = order.digital_photo_ids if order is not None and order.paid_at is not None else ()
        if photo_id in bought:
            return self._preview(photo_id, size, None)
        if match is not None:
            return self._preview(photo_id, size, frozenset(face.ordinal for face in match.faces))
        return self._preview(photo_id, size, None if is_browsing else _LARGEST_FACE)

    def newest_frame(self) -> Frame | None:
        """The newest live frame while the capture page is open; else None."""
        return self._newest_frame() if self._session.is_on(Screen.CAPTURE) else None

    def shot_still(self) -> Pixels | None:
        """The visitor's own picture, as long as it exists."""
        with self._session.lock:
            shot = self._session.visitor.shot
        return shot.still if shot else None
