"""A visitor's face out of a still picture."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.vision.quality import STILL_RULES, QualityRules, assess, main_face
from kiosk.vision.types import Detection, Embedding, FaceEngine, Pixels, Quality, RejectionReason


@dataclass(frozen=True, slots=True, eq=False)
class ProbeOutcome:
    """What a picture gives for a search. A poor face is searched all the same, and `reasons` say what is
    poor about it; without any face the first three are None and the reason is NO_FACE."""

    embedding: Embedding | None
    detection: Detection | None
    quality: Quality | None
    reasons: tuple[RejectionReason, ...]


def probe_from_picture(engine: FaceEngine, pixels: Pixels, rules: QualityRules = STILL_RULES) -> ProbeOutcome:
    """The main face of a picture, assessed and embedded. Raises what the engine raises."""
    detections = engine.detect(pixels)
    place = main_face(detections, (pixels.shape[1], pixels.shape[0]))
    if place is None:
        return ProbeOutcome(None, None, None, (RejectionReason.NO_FACE,))
    detection = detections[place]
    others = [*detections[:place], *detections[place + 1 :]]
    quality = assess(pixels, detection, others, rules)
    return ProbeOutcome(engine.embed(pixels, [detection])[0], detection, quality, quality.reasons)
