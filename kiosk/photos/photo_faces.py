"""The faces of a photo, found and embedded from as few of its pixels as serve."""

from __future__ import annotations

from kiosk.photos.decoding import Picture, load_upright
from kiosk.photos.types import Face
from kiosk.vision.looks import enlarged
from kiosk.vision.types import FaceEngine

ENOUGH_PX = 2400
"""A picture so long shows all that is looked for. Half of 24 megapixels gives as many of the faces that are
24 to 48 pixels wide in the whole as the whole itself."""
_SHARP_PX = 58
"""A face is embedded from half the pixels when its box is as large as a square of this side there, which is
about 103 pixels of width in the whole picture. On press portraits 110 pixels wide, half of them find as many
photos as all of them (0.943); of 90 pixels, 0.929 and 0.950."""


def faces_of(picture: Picture, data: bytes, engine: FaceEngine) -> tuple[Face, ...]:
    """All faces of a photo, the largest first, boxes in pixels of the whole upright picture.

    `data` is the file that `picture` was decoded from: where that was halved, and faces are too small in it
    to be told apart well, those are taken from the whole picture, which is decoded then. Raises what
    `load_upright` and the engine raise.
    """
    pixels = picture.pixels()
    seen = engine.detect(pixels)
    found = enlarged(seen, pixels.shape[:2], (picture.height, picture.width))
    sharp = sum(face.box.area >= _SHARP_PX**2 for face in seen) if picture.is_halved else len(seen)
    embeddings = engine.embed(pixels, seen[:sharp])
    if sharp < len(seen):
        embeddings += engine.embed(load_upright(data).pixels(), found[sharp:])
    return tuple(
        Face(ordinal, face.box, face.score, embedding)
        for ordinal, (face, embedding) in enumerate(zip(found, embeddings, strict=True))
    )
