"""The faces of one stream: followed, recognised, told to the book of visits."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from kiosk.camera.types import Frame
from kiosk.clock import Clock
from kiosk.errors import KnownError
from kiosk.streams.counting import Counting
from kiosk.streams.followed import FollowedFace
from kiosk.streams.known_people import KnownPeople
from kiosk.streams.line import Crossing, LineGate
from kiosk.streams.tracking import FaceTracker, Tracked
from kiosk.streams.types import Look
from kiosk.streams.views import MOST_A_LOOK, due, glance
from kiosk.streams.vote import Opinion, Verdict, View
from kiosk.vision.gender import GenderReader
from kiosk.vision.quality import DOOR_RULES, assess
from kiosk.vision.types import Detection, FaceEngine, Pixels, Quality
from kiosk.visits.pictures import cut_out
from kiosk.visits.types import PersonKind, Sighting, Stream

_log = structlog.get_logger(__name__)

_SURER = 0.05


class Recogniser:
    """The `Looker` of a stream: lives on its look thread.

    The detector looks at each picture, a tracker follows the faces, and each track's best views are embedded:
    every look while nobody is decided on, one a second afterwards. Who it is, is told to the visit book by
    `counting`, which answers later. Nobody is in a picture twice: the surer face keeps the name.
    """

    def __init__(
        self,
        stream: Stream,
        engine: FaceEngine,
        known: KnownPeople,
        counting: Counting,
        clock: Clock,
        gender: GenderReader | None = None,
    ) -> None:
        self._stream = stream
        self._engine = engine
        self._known = known
        self._counting = counting
        self._clock = clock
        self._gender = gender
        self._tracker = FaceTracker()
        self._gate = LineGate(stream.line) if stream.line is not None else None
        self._faces: dict[int, FollowedFace] = {}
        self._revision = known.revision
        self._crossed: list[Crossing] = []

    def look(self, frame: Frame) -> Look:
        """Raises what the face engine raises."""
        detections = self._engine.detect(frame.pixels)
        tracks = self._tracker.update(detections, frame.captured_at_s)
        self._follow(tracks, frame)
        shown = {one.track_id: one.detection for one in tracks if one.detection is not None}
        self._view(frame, shown)
        seen = [self._faces[track_id] for track_id in shown]
        self._rank()
        self._settle(seen)
        self._cross(seen, (frame.pixels.shape[1], frame.pixels.shape[0]))
        now = self._clock.now()
        for face in seen:
            if face.is_present:
                self._counting.still_there(face.presence, now)
        return self._told()

    def forget(self) -> Look:
        """The stream was lost or stops: nothing of a face stays here. Whoever was in view has gone."""
        for track_id in list(self._faces):
            self._end(track_id)
        self._tracker = FaceTracker()
        return self._told()

    def _follow(self, tracks: Sequence[Tracked], frame: Frame) -> None:
        """Brings the faces up to date; those whose track has ended are decided on for good."""
        for track in tracks:
            face = self._faces.get(track.track_id)
            if face is None:
                face = self._faces[track.track_id] = FollowedFace(track.track_id, track.box)
            look = glance(frame.pixels, track.box)
            if track.detection is not None:
                face.see(track.box, look, frame.captured_at_s)
            else:
                face.miss(track.box, look, track.unseen_s)
        for gone in self._faces.keys() - {one.track_id for one in tracks}:
            self._end(gone)

    def _end(self, track_id: int) -> None:
        """A track has ended: its face is decided on by what there is."""
        face = self._faces.pop(track_id)
        if face.verdict is Verdict.UNDECIDED and not face.is_double:
            others = [other for other in self._faces.values() if other.unseen_s == 0 and other.is_present]
            taken = {other.person.person_id for other in others if other.person is not None}
            self._take_over(face, face.vote.decide(self._known.thresholds, taken=taken, is_gone=True))
        self._release(face)
        if self._gate is not None:
            self._gate.forget(track_id)

    def _view(self, frame: Frame, shown: dict[int, Detection]) -> None:
        """Embeds the faces of the picture that a view is due of, as far as they are good enough; poor ones
        only where it has to be seen whether a face is still the same."""
        chosen: list[tuple[FollowedFace, Detection, Quality]] = []
        for track_id in due([self._faces[one].attention for one in shown], frame.captured_at_s):
            face, detection = self._faces[track_id], shown[track_id]
            quality = assess(frame.pixels, detection, (), DOOR_RULES)
            if quality.is_good or not face.is_proven:
                chosen.append((face, detection, quality))
            if len(chosen) == MOST_A_LOOK:
                break
        if not chosen:
            return
        embeddings = self._engine.embed(frame.pixels, [detection for _, detection, _ in chosen])
        for (face, detection, quality), embedding in zip(chosen, embeddings, strict=True):
            view = View(embedding, quality.score, frame.captured_at_s)
            if not quality.is_good:
                face.prove(view)
                continue
            face.take(view, cut_out(frame.pixels, detection.box))
            self._read_gender(face, frame.pixels, detection)

    def _read_gender(self, face: FollowedFace, pixels: Pixels, detection: Detection) -> None:
        if self._gender is None or not face.wants_gender:
            return
        try:
            face.read_gender(self._gender.female_share(pixels, detection))
        except KnownError as failed:
            _log.warning("gender_is_unknown_from_now_on", code=failed.code, detail=failed.detail)
            self._gender = None

    def _rank(self) -> None:
        """Compares all new probes and views with those who are known, in one go."""
        has_changed = self._known.revision != self._revision
        if has_changed:
            self._revision = self._known.revision
            for face in self._faces.values():
                face.vote.unrank()
        asked = [(face, face.vote.to_rank()) for face in self._faces.values()]
        answers = iter(self._known.rank([one for _, probes in asked for one in probes]))
        for face, probes in asked:
            if probes:
                face.vote.ranked([next(answers) for _ in probes])
        if has_changed:
            for face in self._faces.values():
                before = self._known.person(face.person.person_id) if face.person is not None else None
                if face.reconsider(face.vote.decide(self._known.thresholds), before):
                    self._tell(face)

    def _settle(self, seen: Sequence[FollowedFace]) -> None:
        """Decides on the faces of the picture, the surest first; of two that are one person the surer is."""
        holders: dict[str, FollowedFace] = {}
        for face in sorted(seen, key=lambda one: one.similarity, reverse=True):
            # One that may be somebody else by now does not keep a name from whose it is.
            if face.person is None or not face.is_present:
                continue
            if holders.setdefault(face.person.person_id, face) is not face:
                face.lose_name()
        for face in sorted(seen, key=lambda one: one.similarity, reverse=True):
            opinion = self._opinion(face, holders)
            if self._take_over(face, opinion) and opinion.person is not None:
                loser = holders.get(opinion.person.person_id)
                holders[opinion.person.person_id] = face
                if loser is not None and loser is not face:
                    loser.lose_name()

    def _opinion(self, face: FollowedFace, holders: dict[str, FollowedFace]) -> Opinion:
        """What the face's views say, those being taken who are elsewhere in the picture, and surer."""
        surer = {
            person_id: holder
            for person_id, holder in holders.items()
            if holder is not face and holder.similarity > face.similarity - _SURER
        }
        opinion = face.vote.decide(self._known.thresholds, taken=surer)
        holder = surer.get(opinion.best.person.person_id) if opinion.best is not None else None
        if holder is None or face.probe is None or holder.probe is None:
            return opinion
        face.is_double = face.probe.similarity(holder.probe) >= self._known.thresholds.kin
        return Opinion(Verdict.UNDECIDED, opinion.best) if face.is_double else opinion

    def _take_over(self, face: FollowedFace, opinion: Opinion) -> bool:
        is_news = face.settle(opinion)
        if is_news:
            self._tell(face)
        return is_news

    def _tell(self, face: FollowedFace) -> None:
        """Tells the book who it is."""
        if face.probe is None:
            return
        self._counting.saw(
            face.presence,
            Sighting(
                site_id=self._stream.site_id,
                stream_id=self._stream.stream_id,
                at=self._clock.now(),
                person_id=face.person.person_id if face.person is not None else None,
                embedding=face.probe,
                gender=face.gender,
                picture=face.picture,
            ),
        )

    def _cross(self, seen: Sequence[FollowedFace], frame_size: tuple[int, int]) -> None:
        """Who has crossed the line counts once it is known that they are no staff."""
        if self._gate is None:
            return
        for face in seen:
            crossing = self._gate.step(face.track_id, face.box, frame_size)
            if crossing is not None:
                face.crossings.append(crossing)
            if face.verdict is not Verdict.UNDECIDED:
                self._release(face)

    def _release(self, face: FollowedFace) -> None:
        if face.person is None or face.person.kind is not PersonKind.STAFF:
            self._crossed.extend(face.crossings)
        face.crossings = []

    def _told(self) -> Look:
        crossed, self._crossed = self._crossed, []
        shown = tuple(face.shown() for face in self._faces.values() if face.is_drawn)
        return Look(shown, crossed.count(Crossing.IN), crossed.count(Crossing.OUT))
