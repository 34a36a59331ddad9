"""Somebody in view of one stream: what is known of the face that a track follows."""

from __future__ import annotations

from dataclasses import dataclass, field

from kiosk.streams.known_people import KnownPerson
from kiosk.streams.life import Life
from kiosk.streams.line import Crossing
from kiosk.streams.views import Attention, is_change
from kiosk.streams.vote import Opinion, Verdict, View, Vote
from kiosk.streams.waiting import Presence
from kiosk.vision.types import Box, Embedding, FloatArray, Pixels
from kiosk.visits.types import FaceKind, Gender, PersonKind, SeenFace

GENDER_VIEWS = 5
_SURE_GENDER = 0.7
_BETTER = 0.05
_GAP_S = 0.3
_DRAWN_FOR_S = 0.25
_PROVEN = 0.28
"""So similar to the track's other views a face is taken for the same, however poor the view; of different
people one in 2,000 is."""
_KINDS = {PersonKind.STAFF: FaceKind.STAFF, PersonKind.CUSTOMER: FaceKind.KNOWN}


@dataclass(slots=True, eq=False)
class FollowedFace:
    """One track, from when it is believed until it ends. Lives on its stream's look thread.

    `presence` is the person's: when the track slips to somebody else, or the face turns out not to be whom it
    was taken for, it begins anew, and with it everything that is told of them. `is_double`: the same face was
    in the picture, named: this one is their mirror image, or a screen or a poster, and nobody who has come.
    """

    track_id: int
    box: Box
    unseen_s: float = 0.0
    presence: Presence = field(default_factory=Presence)
    vote: Vote = field(default_factory=Vote)
    life: Life = field(default_factory=Life)
    verdict: Verdict = Verdict.UNDECIDED
    person: KnownPerson | None = None
    picture: Pixels | None = None
    is_double: bool = False
    crossings: list[Crossing] = field(default_factory=list)
    last_view_s: float | None = None
    _picture_weight: float = 0.0
    _unproven_from_s: float | None = None
    _glance: FloatArray | None = None
    _is_missed_only: bool = False
    _female_shares: list[float] = field(default_factory=list)

    @property
    def similarity(self) -> float:
        """How similar the face is to whom it resembles most; -1 to nobody."""
        ranking = self.vote.ranking
        return ranking.best.similarity if ranking is not None and ranking.best is not None else -1.0

    @property
    def probe(self) -> Embedding | None:
        """The face as its views show it together."""
        return self.vote.probe

    @property
    def attention(self) -> Attention:
        """How badly another view is wanted."""
        return Attention(
            track_id=self.track_id,
            is_decided=self.verdict is not Verdict.UNDECIDED,
            first_view_s=self.vote.began_s,
            last_view_s=self.last_view_s,
            doubted_from_s=self.vote.doubted_from_s if self.is_proven else self._unproven_from_s,
        )

    @property
    def is_proven(self) -> bool:
        """Since the track broke off or the face changed last, it was seen to be the same."""
        return self._unproven_from_s is None

    @property
    def is_present(self) -> bool:
        """It is decided who it is, and it is them."""
        return self.verdict is not Verdict.UNDECIDED and self.is_proven

    @property
    def is_drawn(self) -> bool:
        """Whether there is a face where the box is: it is found, or the detector alone has missed it, as it
        does now and then."""
        return self.unseen_s == 0 or (self.unseen_s <= _DRAWN_FOR_S and self._is_missed_only)

    @property
    def gender(self) -> Gender:
        """As the weights see it in several views; unknown where they do not agree or nobody asked them."""
        if not self._female_shares:
            return Gender.UNKNOWN
        share = sum(self._female_shares) / len(self._female_shares)
        if max(share, 1 - share) < _SURE_GENDER:
            return Gender.UNKNOWN
        return Gender.FEMALE if share > 0.5 else Gender.MALE

    @property
    def wants_gender(self) -> bool:
        """Whether another reading would help."""
        return len(self._female_shares) < GENDER_VIEWS

    def read_gender(self, female_share: float) -> None:
        """One reading."""
        self._female_shares.append(female_share)

    def see(self, box: Box, glance: FloatArray, at_s: float) -> None:
        """It is in the picture. After a gap, or when it looks different all of a sudden, it may be somebody
        else who has taken its place."""
        has_changed = self._glance is not None and is_change(self._glance, glance)
        if (has_changed or self.unseen_s >= _GAP_S) and self.vote.views and self.is_proven:
            self._unproven_from_s = at_s
        self.box, self.unseen_s, self._glance = box, 0.0, glance
        self.life.see(box)

    def miss(self, box: Box, glance: FloatArray, unseen_s: float) -> None:
        """It is not found; `box` is where it should be, and `glance` what is there."""
        self.box, self.unseen_s = box, unseen_s
        self._is_missed_only = self._glance is not None and not is_change(self._glance, glance)

    def prove(self, view: View) -> None:
        """A view that may be a poor one shows whether it is still the same face."""
        self.last_view_s = view.at_s
        probe = self.probe
        if probe is not None and probe.similarity(view.embedding) >= _PROVEN:
            self._unproven_from_s = None

    def take(self, view: View, picture: Pixels) -> None:
        """One more good view, with its cut-out."""
        self.prove(view)
        if not self.is_proven and not self.vote.is_contradicted_by(view):
            return
        if self.vote.add(view):
            self._begin_anew(self.vote.anew())
        if self.vote.doubted_from_s is None:
            self.life.look(view.embedding)
        if self.picture is None or view.weight > self._picture_weight:
            self.picture, self._picture_weight = picture, view.weight

    def settle(self, opinion: Opinion) -> bool:
        """Takes over what the vote says; whether there is something new to tell. What stands is not given up
        for less than something surer: a name does not flicker."""
        if opinion.verdict is Verdict.UNDECIDED or not self._is_news(opinion):
            return False
        self.verdict, self.person = opinion.verdict, opinion.person
        return True

    def reconsider(self, opinion: Opinion, still_known: KnownPerson | None) -> bool:
        """Those who are known have changed; `still_known` is whom the face was taken for, as they are known
        now. Whether there is something new to tell."""
        if self.verdict is Verdict.UNDECIDED:
            return False
        before = self.person.person_id if self.person is not None else None
        self.person = opinion.person or still_known
        self.verdict = Verdict.NAMED if self.person is not None else Verdict.NAMELESS
        return before != (self.person.person_id if self.person is not None else None)

    def lose_name(self) -> None:
        """Somebody else in the picture is them, more surely."""
        self._begin_anew(self.vote)

    def shown(self) -> SeenFace:
        """As it is drawn. Of a name the face itself must be sure; who is a guest, and who comes for which
        time, the book knows. A guest is drawn as one from their second visit on: at the first they are a
        visitor like all others."""
        stay = self.presence.stay
        if not self.is_present:
            return SeenFace(self.track_id, self.box, FaceKind.LOOKING)
        if self.person is not None and self.person.kind is not PersonKind.GUEST:
            is_theirs = stay is not None and stay.person_id == self.person.person_id
            number = stay.visit_number if stay is not None and is_theirs else None
            return SeenFace(self.track_id, self.box, _KINDS[self.person.kind], self.person.name, number)
        is_guest = stay is not None and stay.kind is FaceKind.KNOWN and not stay.name
        number = stay.visit_number if stay is not None and is_guest else None
        if number is not None and number > 1:
            return SeenFace(self.track_id, self.box, FaceKind.KNOWN, "", number)
        return SeenFace(self.track_id, self.box, FaceKind.VISITOR)

    def _is_news(self, opinion: Opinion) -> bool:
        if opinion.verdict is Verdict.NAMELESS:
            return self.verdict is Verdict.UNDECIDED and self.life.is_seen
        if self.person is None or opinion.person is None or opinion.best is None:
            return True
        if self.person.person_id == opinion.person.person_id:
            self.person = opinion.person
            return False
        return opinion.best.similarity - self._similarity_to(self.person.person_id) >= _BETTER

    def _similarity_to(self, person_id: str) -> float:
        ranking = self.vote.ranking
        second = ranking.second if ranking is not None else None
        return second.similarity if second is not None and second.person.person_id == person_id else -1.0

    def _begin_anew(self, vote: Vote) -> None:
        self._unproven_from_s = None
        self.vote, self.presence = vote, Presence()
        self.verdict, self.person = Verdict.UNDECIDED, None
        self.picture, self._picture_weight = None, 0.0
        self._female_shares, self.is_double = [], False
