"""Who takes the visitor's picture: at the right moment by itself, or when asked."""

from __future__ import annotations

import threading
from dataclasses import replace

from kiosk.camera.types import Frame
from kiosk.capture.challenger import Challenger
from kiosk.capture.guidance import Guidance, Stillness
from kiosk.capture.ring import PROBE_FACES, SPAN_S, FaceRing, LiveFace, probe
from kiosk.capture.types import FacesSeen, LivenessSeen, Shot, ShotRefused, ShotTaken
from kiosk.events import EventBus
from kiosk.vision.quality import LIVE_RULES, STILL_RULES, QualityRules, assess
from kiosk.vision.types import Detection, FaceEngine, RejectionReason

_TOUCH_RULES = replace(STILL_RULES, rival_area=LIVE_RULES.rival_area)
"""A touch asks for a picture now: what a still may be is enough, but one person it must be."""


class Photographer:
    """Looks at live frames, tells what is seen, guides, and takes the picture.

    With a challenger there is no picture, automatic or touched, before the visitor has done what it asks for.

    Lives on the face worker; other threads only set `is_begun` (the automatic shot is wanted) and
    `is_touched` (a picture is wanted now), and call `forget` while the worker rests.
    """

    def __init__(
        self,
        engine: FaceEngine,
        bus: EventBus,
        rules: QualityRules,
        challenger: Challenger | None = None,
    ) -> None:
        self._engine = engine
        self._challenger = challenger
        self._bus = bus
        self._rules = rules
        self._ring = FaceRing()
        self._guidance = Guidance()
        self._stillness = Stillness()
        self._is_armed = False
        self.is_begun = threading.Event()
        self.is_touched = threading.Event()

    def look(self, frame: Frame, stop: threading.Event) -> None:
        """Finds the faces of a frame, tells them, and takes the picture if its moment has come."""
        if self.is_begun.is_set():
            self.is_begun.clear()
            self._is_armed = True
            self._stillness.reset()
            self._forget_challenge()
        detections = self._engine.detect(frame.pixels)
        face = LiveFace.among(frame, detections, self._rules)
        is_good = face is not None and face.quality.is_good
        self._ring.forget_before(frame.captured_at_s - SPAN_S)
        if face is not None:
            self._ring.add(face)
        liveness = self._challenger.look(face) if self._challenger and self._is_armed else None
        is_wanted = self._is_armed and (liveness is None or liveness.is_passed)
        box = face.detection.box if face is not None and is_good else None
        stillness = self._stillness.update(box if is_wanted else None, frame.captured_at_s)
        if stop.is_set():
            return
        self._tell(frame, detections, face, stillness if is_wanted else 0.0, liveness)
        if is_wanted and is_good:
            if stillness >= 1.0:
                self._shoot([face for face in self._ring.best() if face.quality.is_good])
            else:
                self._ring.embed_ahead(self._engine)

    def answer_touch(self) -> None:
        """Takes the picture that was asked for, or tells why not."""
        if not self.is_touched.is_set():
            return
        self.is_touched.clear()
        if self._challenger is not None and not self._challenger.is_passed():
            self._bus.publish(ShotRefused(RejectionReason.NOT_LIVE))
            return
        refused: tuple[RejectionReason, ...] = ()
        usable = []
        for face in self._ring.best():
            reasons = assess(face.frame.pixels, face.detection, face.others, _TOUCH_RULES).reasons
            refused = refused or reasons
            if not reasons:
                usable.append(face)
        if not usable:
            self._bus.publish(ShotRefused(refused[0] if refused else RejectionReason.NO_FACE))
        elif not self._shoot(usable):
            self._bus.publish(ShotRefused(RejectionReason.NOT_LIVE))

    def forget_faces(self) -> None:
        """Drops every face, that of the challenge and its answer too, and begins the stillness anew."""
        self._ring.clear()
        self._stillness.reset()
        if self._challenger is not None:
            self._challenger.begin_again()

    def forget(self) -> None:
        """Drops every face and every wish: the next visitor begins afresh."""
        self.forget_faces()
        self._forget_challenge()
        self._guidance = Guidance()
        self._is_armed = False
        self.is_begun.clear()
        self.is_touched.clear()

    def _forget_challenge(self) -> None:
        if self._challenger is not None:
            self._challenger.forget()

    def _tell(
        self,
        frame: Frame,
        detections: list[Detection],
        face: LiveFace | None,
        stillness: float,
        liveness: LivenessSeen | None,
    ) -> None:
        reasons = (RejectionReason.NO_FACE,) if face is None else face.quality.reasons
        checks, reason = self._guidance.update(reasons, stillness, frame.captured_at_s)
        self._bus.publish(
            FacesSeen(
                sequence=frame.sequence,
                captured_at_s=frame.captured_at_s,
                frame_width=frame.pixels.shape[1],
                frame_height=frame.pixels.shape[0],
                boxes=tuple(detection.box for detection in detections),
                main=None if face is None else detections.index(face.detection),
                checks=checks,
                reason=reason,
                liveness=liveness,
            )
        )

    def _shoot(self, faces: list[LiveFace]) -> bool:
        """Takes the picture of the first of these faces; not if the challenge does not vouch for it."""
        best, embedding = faces[0], probe(self._engine, faces[:PROBE_FACES])
        if self._challenger is not None and not self._challenger.vouches_for(best, embedding):
            self.forget_faces()
            return False
        shot = Shot(
            still=best.frame.pixels,
            box=best.detection.box,
            probe=embedding,
            quality_score=best.quality.score,
            captured_at_s=best.frame.captured_at_s,
        )
        self._is_armed = False
        self.is_touched.clear()
        self.forget_faces()
        self._forget_challenge()
        self._bus.publish(ShotTaken(shot))
        return True
