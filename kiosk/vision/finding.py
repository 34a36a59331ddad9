"""All faces of a picture, from those that fill it to those of 24 pixels in a camera's 24 megapixels."""

from __future__ import annotations

from collections.abc import Sequence

from kiosk.vision.looks import (
    Look,
    checked_pixels,
    look_at_size,
    one_per_face,
    overlap,
    seen_again,
)
from kiosk.vision.types import Box, Detection, Pixels

_WORTH_ENLARGING = 1.5
"""A picture so many times as large as it was searched may hold faces that were too small to be seen."""
_SMALL_PX = 20.0
"""A face below this, in the picture that was searched, is believed only when it is seen again, enlarged."""
_HINT_SCORE = 0.1
_SECOND_LOOK_PX = 160
_SECOND_LOOK_MARGIN = 3.0
_SAME_PLACE_OVERLAP = 0.3
_MISSES_IN_A_ROW = 32
"""So many hints, the surest first, may come to nothing before the rest is taken for foliage and gravel."""


def find_faces(pixels: Pixels, long_sides: Sequence[int], look: Look, sure_score: float) -> list[Detection]:
    """Faces that `look` finds in a picture, in pixels of the picture itself, the largest first.

    A size that would show nothing new (the picture is no larger than the one before) is left out. The last of
    several sizes is for small faces, too, where the picture is larger still: whatever looks there a little
    like a face is looked at again, enlarged. In 24 megapixels that finds as many faces of 24 pixels as a
    search of all its pixels, in a tenth of the time. Raises BugError for what is no picture.
    """
    pixels = checked_pixels(pixels)
    longest = max(pixels.shape[:2])
    found: list[Detection] = []
    seen = 0
    for long_side in long_sides:
        if min(long_side, longest) <= seen:
            continue
        is_finest_of_several = seen > 0 and long_side == max(long_sides)
        seen = min(long_side, longest)
        if is_finest_of_several and longest >= _WORTH_ENLARGING * long_side:
            hints = look_at_size(pixels, long_side, look, _HINT_SCORE)
            small_px = _SMALL_PX * longest / long_side
            found.extend(one for one in hints if one.score >= sure_score and not _is_small(one, small_px))
            found = one_per_face(found)
            found.extend(_confirmed(pixels, hints, found, small_px, look, sure_score))
        else:
            found.extend(look_at_size(pixels, long_side, look, sure_score))
    return sorted(one_per_face(found), key=lambda face: face.box.area, reverse=True)


def _confirmed(
    pixels: Pixels,
    hints: Sequence[Detection],
    known: Sequence[Detection],
    small_px: float,
    look: Look,
    sure_score: float,
) -> list[Detection]:
    """The small faces among the hints, as they are seen enlarged."""
    found: list[Detection] = []
    misses = 0
    for hint in sorted(hints, key=lambda one: one.score, reverse=True):
        if not _is_small(hint, small_px) or any(_holds(face.box, hint.box) for face in (*known, *found)):
            continue
        again = seen_again(pixels, hint.box, _SECOND_LOOK_MARGIN, _SECOND_LOOK_PX, look, sure_score)
        if again is not None and overlap(again.box, hint.box) >= _SAME_PLACE_OVERLAP:
            found.append(again)
            misses = 0
        else:
            misses += 1
            if misses == _MISSES_IN_A_ROW:
                break
    return found


def _is_small(face: Detection, limit_px: float) -> bool:
    return max(face.box.width, face.box.height) < limit_px


def _holds(box: Box, other: Box) -> bool:
    """Whether the middle of `other` lies in `box`: a nose is not another face."""
    x, y = other.center
    return box.x1 <= x <= box.x2 and box.y1 <= y <= box.y2
