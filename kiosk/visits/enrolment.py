"""Faces that somebody is enrolled with, out of pictures: which are good enough, and whether they are of one
person."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from kiosk.errors import ErrorCode, KnownError
from kiosk.gallery.types import Thresholds
from kiosk.vision.quality import QualityRules, assess, main_face
from kiosk.vision.types import Embedding, FaceEngine, Pixels, RejectionReason
from kiosk.visits.pictures import cut_out
from kiosk.visits.ports import KnownFaces
from kiosk.visits.types import NewFace

ENROLMENT_RULES = QualityRules(
    min_score=0.75,
    min_width_px=60.0,
    max_overhang=0.05,
    max_yaw=0.35,
    max_roll_degrees=25.0,
    min_pitch=0.42,
    max_pitch=0.70,
    min_light=45.0,
    max_light=215.0,
    max_clipped=0.15,
    min_sharpness=0.02,
    rival_area=0.5,
)
"""As before a kiosk's own camera (`kiosk.vision.quality.LIVE_RULES`), but wherever somebody stands: a shop's
camera shows the shop. Of the press portraits of 300 people one in eight is refused, nine of ten since they
show several people."""

Limits = Callable[[int], Thresholds]
"""From which similarity on two faces are one person's, where one is compared with so many."""
_A_PAIR = 1

OTHER_PERSON = "other_person"
"""Why a picture is refused that shows somebody else than those before it."""
SAME_PICTURE = "same_picture"
"""Why a picture is refused that is one of those before it."""
_ONE_PICTURE = 0.9999
"""From this similarity on two faces came of one picture: a camera never sees one twice so much alike."""

_SENTENCES = {
    RejectionReason.NO_FACE: "There is no face in the picture.",
    RejectionReason.SEVERAL_FACES: "There are several faces in the picture.",
    RejectionReason.TOO_SMALL: "The face is too small.",
    RejectionReason.CUT_OFF: "The face is cut off by the border of the picture.",
    RejectionReason.TURNED: "The face is turned away.",
    RejectionReason.LOOKING_DOWN: "The face looks down.",
    RejectionReason.LOOKING_UP: "The face looks up.",
    RejectionReason.TOO_DARK: "The face is too dark.",
    RejectionReason.TOO_BRIGHT: "The face is too bright.",
    RejectionReason.BLURRED: "The face is blurred.",
}


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What a picture gives: a face, or why there is none to be enrolled with. `score` ranks good ones."""

    face: NewFace | None
    reason: RejectionReason | None
    score: float = 0.0


def read_face(engine: FaceEngine, pixels: Pixels, rules: QualityRules = ENROLMENT_RULES) -> Reading:
    """The one face of a picture. Raises what the engine raises."""
    detections = engine.detect(pixels)
    place = main_face(detections, (pixels.shape[1], pixels.shape[0]))
    if place is None:
        return Reading(None, RejectionReason.NO_FACE)
    detection = detections[place]
    others = [*detections[:place], *detections[place + 1 :]]
    quality = assess(pixels, detection, others, rules)
    if not quality.is_good:
        return Reading(None, quality.reasons[0], quality.score)
    embedding = engine.embed(pixels, [detection])[0]
    return Reading(NewFace(cut_out(pixels, detection.box), embedding), None, quality.score)


def is_one_person(face: Embedding, others: Iterable[Embedding], alike: float) -> bool:
    """Whether a further picture shows whom those before it show: it resembles one of them at least by
    `alike`. Faces of another contract say nothing of that.

    At the similarity of a maybe, as calibrated (0.35), one pair in 30 of press portraits of one person, taken
    years apart, is refused, and one pair in 20,000 of strangers is not.
    """
    comparable = [other for other in others if other.contract_id == face.contract_id]
    return not comparable or any(face.similarity(other) >= alike for other in comparable)


def objection(
    face: NewFace, known: KnownFaces, person_id: str, before: Iterable[NewFace], thresholds: Limits
) -> str:
    """Why a face may not be added to those of somebody: the ones that they are known by (`person_id` empty:
    somebody new) and the ones taken `before` it. OTHER_PERSON, SAME_PICTURE, or empty where it may. How many
    others are known has no part in that."""
    theirs = [*faces_of(known, person_id), *(other.embedding for other in before)]
    if not is_one_person(face.embedding, theirs, thresholds(_A_PAIR).maybe):
        return OTHER_PERSON
    return SAME_PICTURE if is_among(face.embedding, theirs) else ""


def is_among(face: Embedding, others: Iterable[Embedding]) -> bool:
    """Whether one of the others came of the same picture."""
    comparable = [other for other in others if other.contract_id == face.contract_id]
    return any(face.similarity(other) > _ONE_PICTURE for other in comparable)


def check_addable(faces: Sequence[NewFace], known: KnownFaces, person_id: str, thresholds: Limits) -> None:
    """Raises KnownError(FACE_UNUSABLE) unless each may be added to somebody's, one after the other."""
    for place, face in enumerate(faces):
        if reason := objection(face, known, person_id, faces[:place], thresholds):
            raise unusable(reason)


def known_already(
    faces: Iterable[NewFace], known: KnownFaces, person_id: str, thresholds: Limits
) -> str | None:
    """The id of another one whom these faces of `person_id` (empty: of somebody new) show, it seems."""
    return whose(known, faces, thresholds(len(known.person_ids)).match, besides=person_id)


def faces_of(known: KnownFaces, person_id: str) -> list[Embedding]:
    """The faces that somebody is known by."""
    return [
        Embedding(vector, known.contract_id)
        for vector, owner in zip(known.vectors, known.person_ids, strict=True)
        if owner == person_id
    ]


def whose(known: KnownFaces, faces: Iterable[NewFace], match: float, besides: str = "") -> str | None:
    """The id of whoever is known by a face that one of these resembles by `match`, the most similar one of
    them; not `besides`."""
    best: tuple[float, str] | None = None
    for face in faces:
        if face.embedding.contract_id != known.contract_id or not len(known.vectors):
            continue
        similarities = known.vectors @ face.embedding.vector
        for place in np.flatnonzero(similarities >= match).tolist():
            found = (float(similarities[place]), known.person_ids[place])
            if found[1] != besides and (best is None or found > best):
                best = found
    return best[1] if best else None


def unusable(reason: str) -> KnownError:
    """That nobody can be enrolled with a picture; `params["reason"]` is a RejectionReason's word,
    OTHER_PERSON or SAME_PICTURE."""
    if reason == OTHER_PERSON:
        detail = "The picture shows somebody else than the ones before it."
        step = "Take every picture of the same person; enrol the other one apart."
    elif reason == SAME_PICTURE:
        detail = "The picture is one that is there already."
        step = "Take another one: a second picture tells more only where the face is seen a little otherwise."
    else:
        detail = _SENTENCES.get(RejectionReason(reason), "The face cannot be seen well enough.")
        step = "Take another picture: one person, facing the camera, in even light."
    return KnownError(ErrorCode.FACE_UNUSABLE, detail, step, {"reason": str(reason)})
