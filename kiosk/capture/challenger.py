"""Puts the challenge to the visitor at the camera, and holds them to it until the picture is taken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import structlog

from kiosk.capture.liveness import Challenge, LivenessCheck, Sign
from kiosk.capture.ring import LiveFace
from kiosk.capture.types import LivenessSeen
from kiosk.vision.face_patches import FacePatches, Likeness
from kiosk.vision.landmarks import FaceShape, face_shape
from kiosk.vision.looks import overlap
from kiosk.vision.types import Box, Embedding, FaceEngine, FloatArray, Pixels, RejectionReason

_log = structlog.get_logger(__name__)

_R = RejectionReason
_NO_ANSWER = frozenset({_R.NO_FACE, _R.SEVERAL_FACES, _R.TOO_SMALL, _R.CUT_OFF, _R.TOO_DARK})
"""With any of these a look says nothing; a face that is turned or moves may well be answering."""
_SAME_TRACK = 0.3
_LONGEST_GAP_S = 0.7
_SAME_AHEAD = 0.5
_SAME_TURNED = 0.3  # a face that turns is less like itself; strangers seldom reach so much


class Landmarks(Protocol):
    """Finds the 106 points of a face."""

    def find(self, pixels: Pixels, box: Box) -> FloatArray:
        """The points of the face in `box`, 106 x 2, in pixels of the picture."""
        ...


class PassiveLiveness(Protocol):
    """Tells a live face from a picture of one, by its looks alone."""

    def is_live(self, pixels: Pixels, box: Box) -> bool:
        """Whether the face in `box` looks live."""
        ...


@dataclass(slots=True)
class _Face:
    """The face in view, and what it has shown. `first` and `ahead` are of the look at which the ask began,
    `last` of the newest, `passed` of the look that answered."""

    box: Box
    seen_at_s: float
    first: FacePatches | None = None
    last: FacePatches | None = None
    ahead: Embedding | None = None
    passed: Embedding | None = None

    def is_same_track(self, face: LiveFace) -> bool:
        """Whether a look's face is this one, moved a little."""
        gap_s = face.frame.captured_at_s - self.seen_at_s
        return gap_s <= _LONGEST_GAP_S and overlap(self.box, face.detection.box) >= _SAME_TRACK


class Challenger:
    """Looks for the answer in live faces, and vouches that the face of the shot is the one that answered.

    The face must stay in view, each look overlapping the one before; it is embedded when something is asked
    and when it is answered, and the shot must be of that person: so nobody can answer and then hold up a
    picture. A face that leaves takes its answer with it. Where a site brought a passive model, the shot must
    look live to it, too.

    Lives on the face worker. Keeps the face's embeddings and a small picture of it as it was when the ask
    began and at the last look, until `begin_again` or `forget`.
    """

    def __init__(
        self,
        landmarks: Landmarks,
        engine: FaceEngine,
        make_check: Callable[[], LivenessCheck] = LivenessCheck,
        passive: PassiveLiveness | None = None,
    ) -> None:
        self._passive = passive
        self._landmarks = landmarks
        self._engine = engine
        self._make_check = make_check
        self._check = make_check()
        self._face: _Face | None = None

    def forget(self) -> None:
        """Drops the face and all that was asked: the next visitor begins afresh."""
        self._check = self._make_check()
        self._face = None

    def begin_again(self) -> None:
        """Drops the face and its answer and asks anew; how many asks went by stays."""
        self._check.begin()
        self._face = None

    def look(self, seen: LiveFace | None) -> LivenessSeen:
        """Takes a look at the visitor's face (None: nobody's) and tells how the challenge stands.

        Raises what the landmarks and the engine raise.
        """
        if seen is not None:
            self._follow(seen)
        return LivenessSeen(
            challenge=self._check.challenge,
            is_asking=self._face is not None and self._face.first is not None and not self.is_passed(),
            is_passed=self.is_passed(),
            offers_other_way=self._check.offers_other_way,
        )

    def is_passed(self) -> bool:
        """Whether a picture may be taken of the face that was seen last."""
        return self._face is not None and self._check.is_passed(self._face.seen_at_s)

    def vouches_for(self, shot: LiveFace, probe: Embedding) -> bool:
        """Whether the face of the shot, embedded as `probe`, is that of the answer, and looks live to the
        passive model, if there is one. If not, everything is asked anew."""
        face = self._face
        is_turn = self._check.challenge is not Challenge.BLINK
        if (
            face is not None
            and face.ahead is not None
            and face.passed is not None
            and face.ahead.similarity(probe) >= _SAME_AHEAD
            and face.passed.similarity(probe) >= (_SAME_TURNED if is_turn else _SAME_AHEAD)
            and (self._passive is None or self._passive.is_live(shot.frame.pixels, shot.detection.box))
        ):
            return True
        _log.warning("liveness_not_vouched_for")
        self.begin_again()
        return False

    def _follow(self, seen: LiveFace) -> None:
        at_s = seen.frame.captured_at_s
        face = self._face
        if face is not None and not (face.is_same_track(seen) and self._is_still_good(face, at_s)):
            self.begin_again()
            face = None
        if face is None:
            face = self._face = _Face(seen.detection.box, at_s)
        face.box, face.seen_at_s = seen.detection.box, at_s
        if face.passed is None and not _NO_ANSWER & {*seen.quality.reasons}:
            self._look_for_answer(face, seen)

    def _is_still_good(self, face: _Face, now_s: float) -> bool:
        return face.passed is None or self._check.is_passed(now_s)

    def _look_for_answer(self, face: _Face, seen: LiveFace) -> None:
        if face.first is None and not seen.quality.is_good:
            return
        pixels, at_s = seen.frame.pixels, seen.frame.captured_at_s
        points = self._landmarks.find(pixels, seen.detection.box)
        patches = FacePatches(pixels, points)
        if face.first is None:
            face.first, face.ahead = patches, self._embedded(seen)
        since = face.first.compare(pixels, points)
        last = (face.last or patches).compare(pixels, points)
        face.last = patches
        if self._check.update(sign_of(at_s, face_shape(points), since, last)):
            face.first = face.last = face.ahead = None
        elif self._check.is_passed(at_s):
            face.passed = self._embedded(seen)
            _log.info("liveness_passed", challenge=self._check.challenge)

    def _embedded(self, seen: LiveFace) -> Embedding:
        return self._engine.embed(seen.frame.pixels, [seen.detection])[0]


def sign_of(at_s: float, shape: FaceShape, since: Likeness, last: Likeness) -> Sign:
    """One look as the check takes it: `since` compares it with the ask's first look, `last` with the one
    before."""
    return Sign(
        at_s=at_s,
        openness=shape.openness,
        turn=shape.turn,
        relief=shape.relief,
        likeness=since.nose,
        brow_likeness=since.brows,
        steadiness=min(last.nose, last.rest),
    )
