"""Pictures for the screens, bystanders' faces blurred. Called from image workers, never the UI thread."""

from __future__ import annotations

from collections.abc import Callable

from kiosk.camera.types import Frame
from kiosk.capture.types import Shot
from kiosk.photos.types import PreviewSize
from kiosk.session.session import Session
from kiosk.session.states import Screen
from kiosk.vision.types import Pixels

_LARGEST_FACE = frozenset({0})
_FACE_MARGIN = 1.7

PreviewSource = Callable[[str, PreviewSize, frozenset[int] | None], Pixels]
"""(photo_id, size, faces to leave sharp; None leaves all) -> picture."""


class Pictures:
    """What may be seen of a photo depends on who looks: the faces of the visitor and of who searched with
    them stay sharp, all others are blurred, unless the organiser does not want that; on the attract page only
    the main face stays, always; without a face search nothing is blurred, since people have to recognise
    themselves, and what is bought is seen as it is."""

    def __init__(
        self,
        session: Session,
        preview: PreviewSource,
        newest_frame: Callable[[], Frame | None],
        looked_at: Callable[[], Frame | None] = lambda: None,
    ) -> None:
        """`looked_at` gives what the camera sees while a slip is held before it, or staff look."""
        self._session = session
        self._looked_at = looked_at
        self._preview = preview
        self._newest_frame = newest_frame

    def photo_pixels(self, photo_id: str, size: PreviewSize) -> Pixels:
        """The photo, height x width x 3, BGR. Raises KnownError PHOTO_UNKNOWN, PHOTO_UNREADABLE,
        OBJECT_MISSING, OBJECT_STORE_UNREACHABLE."""
        with self._session.lock:
            visitor, event = self._session.visitor, self._session.event
            blurs = event is None or event.blurs_bystanders
            match = visitor.found.matches.get(photo_id) if blurs else None
            is_browsing = photo_id in visitor.found.photos or photo_id in visitor.basket.digital
            order = visitor.order
            bought = order.digital_photo_ids if order is not None and order.paid_at is not None else ()
        if photo_id in bought:
            return self._preview(photo_id, size, None)
        if match is not None:
            return self._preview(photo_id, size, frozenset(face.ordinal for face in match.faces))
        return self._preview(photo_id, size, None if is_browsing else _LARGEST_FACE)

    def newest_frame(self) -> Frame | None:
        """The newest live frame while the capture page is open, or somebody looks for another reason; else
        None."""
        return self._newest_frame() if self._session.is_on(Screen.CAPTURE) else self._looked_at()

    def shot_still(self) -> Pixels | None:
        """The newest picture of somebody who is searched for, as long as it exists."""
        with self._session.lock:
            shots = [person.shot for person in reversed(self._session.visitor.everyone)]
        return next((shot.still for shot in shots if shot is not None), None)

    def face_of(self, person_id: str) -> Pixels | None:
        """The face of one of the people, cut from their picture, as long as it exists."""
        with self._session.lock:
            people = self._session.visitor.people
            shot = next((one.shot for one in people if one.person_id == person_id), None)
        return _face(shot) if shot else None


def _face(shot: Shot) -> Pixels:
    """A square around the face, as far as the picture goes."""
    height, width = shot.still.shape[:2]
    side = min(height, width, round(_FACE_MARGIN * max(shot.box.width, shot.box.height)))
    center_x, center_y = shot.box.center
    left = min(max(0, round(center_x - side / 2)), width - side)
    top = min(max(0, round(center_y - side / 2)), height - side)
    return shot.still[top : top + side, left : left + side]
