"""Which part of a photo goes onto a paper of another shape: around the faces rather than through them."""

from __future__ import annotations

from collections.abc import Sequence

from kiosk.vision.types import Box

# Shares of a face's box, which reaches from the brows to the chin and from cheek to cheek.
_HAIR, _CHIN, _SIDE = 0.5, 0.2, 0.25
_Span = tuple[float, float]


def crop_of(size: tuple[int, int], page: tuple[int, int], faces: Sequence[Box]) -> Box:
    """The largest part of a picture of `size` in the shape of `page`: the one nearest to the middle that cuts
    the least of the faces, and then the least of the hair and chins around them."""
    width, height = size
    scale = min(width / page[0], height / page[1])
    wide, high = page[0] * scale, page[1] * scale
    across = [((face.x1, face.x2), _with_hair_across(face)) for face in faces]
    down = [((face.y1, face.y2), _with_hair_down(face)) for face in faces]
    left, top = _best_start(width, wide, across), _best_start(height, high, down)
    return Box(left, top, min(left + wide, width), min(top + high, height))


def _best_start(length: float, window: float, spans: Sequence[tuple[_Span, _Span]]) -> float:
    """Where a window on a line begins: what it cuts changes evenly between those places where an edge of it
    meets an edge of a span, so that one of these is the best, or the middle."""
    last = max(0.0, length - window)
    middle = last / 2
    edges = [edge for pair in spans for span in pair for edge in (span[0], span[1] - window)]
    starts = [middle, *(min(max(0.0, edge), last) for edge in edges)]

    def worth(start: float) -> tuple[float, float, float]:
        bare = sum(_cut(start, window, face, length) for face, _ in spans)
        whole = sum(_cut(start, window, hair, length) for _, hair in spans)
        return round(bare, 6), round(whole, 6), abs(start - middle)

    return min(starts, key=worth)


def _cut(start: float, window: float, span: _Span, length: float) -> float:
    """The share of a span that a window leaves out, of what of it is in the picture."""
    first, last = max(0.0, span[0]), min(length, span[1])
    if last <= first:
        return 0.0
    kept = min(last, start + window) - max(first, start)
    return 1.0 - max(0.0, kept) / (last - first)


def _with_hair_across(face: Box) -> _Span:
    return face.x1 - _SIDE * face.width, face.x2 + _SIDE * face.width


def _with_hair_down(face: Box) -> _Span:
    return face.y1 - _HAIR * face.height, face.y2 + _CHIN * face.height
