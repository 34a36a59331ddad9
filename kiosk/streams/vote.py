"""Who a track is, by vote of its views: a pure decision.

A view is one good look at the face. Their mean, weighted by quality, is the probe that is compared with those
who are known; single views must agree with it. So a name stands when it is there, and a poor view cannot give
a wrong one.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from kiosk.gallery.types import Thresholds
from kiosk.streams.known_people import KnownPerson, Likeness, Ranking
from kiosk.vision.types import Embedding

MOST_VIEWS = 12
_NEWEST_KEPT = 3
_FEWEST_FOR_NAME = 3
_AGREEING = 2 / 3
_FEWEST_WHEN_SURE = 2
_VERY_SURE = 0.1
"""So much above the threshold two views that agree are enough."""
_AS_GOOD = 0.05
"""Somebody who was enrolled twice, or has a twin, may be first in one view and second in the next."""
_FEWEST_NAMELESS = 4
_FEWEST_OF_GONE = 3
_STRANGER_AFTER_S = 1.0
"""Nobody known resembles it so far; it may only be turned away, and a name that is found later comes late."""
_PATIENCE_S = 3.0
_APART = 0.25
"""Below this a view is somebody else's than the track's. Faces of one person, 40 pixels wide and in noise,
reach 0.43 at the least; of different people one in 700 reaches 0.25."""
_TOGETHER = 0.4


class Verdict(StrEnum):
    """What the views have come to. NAMELESS: nobody who is known."""

    UNDECIDED = "undecided"
    NAMED = "named"
    NAMELESS = "nameless"


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the views say now; `best` is whom the face resembles most, whatever the verdict."""

    verdict: Verdict
    best: Likeness | None = None

    @property
    def person(self) -> KnownPerson | None:
        """Who it is, when named."""
        return self.best.person if self.best is not None and self.verdict is Verdict.NAMED else None


@dataclass(slots=True, eq=False)
class View:
    """One look at a face. `weight` is its quality, `ranking` whom it resembles by itself, once asked."""

    embedding: Embedding
    weight: float
    at_s: float
    ranking: Ranking | None = None

    def supports(self, person_id: str) -> bool:
        """Whether this view alone would say the same."""
        if self.ranking is None or self.ranking.best is None:
            return False
        best, second = self.ranking.best, self.ranking.second
        if best.person.person_id == person_id:
            return True
        return (
            second is not None
            and second.person.person_id == person_id
            and best.similarity - second.similarity <= _AS_GOOD
        )


@dataclass(slots=True, eq=False)
class Vote:
    """The views of one track: the best ones and the newest. Used from one thread."""

    views: list[View] = field(default_factory=list)
    ranking: Ranking | None = None
    """Whom the probe resembles; None while that has to be asked."""
    began_s: float | None = None
    _doubts: list[View] = field(default_factory=list)
    _probe: Embedding | None = None

    @property
    def probe(self) -> Embedding | None:
        """The views together; None without any."""
        if self._probe is None and self.views:
            self._probe = mean_of(self.views)
        return self._probe

    @property
    def doubted_from_s(self) -> float | None:
        """Since when views look like somebody else's; None when the newest does not."""
        return self._doubts[0].at_s if self._doubts else None

    def is_contradicted_by(self, view: View) -> bool:
        """Whether a view looks like somebody else's."""
        probe = self.probe
        return probe is not None and probe.similarity(view.embedding) < _APART

    def add(self, view: View) -> bool:
        """One more view. True: it shows that the track has slipped to somebody else; this vote is to be
        thrown away, and `anew` gives theirs."""
        if self.is_contradicted_by(view):
            self._doubts.append(view)
            return _are_one(self._doubts[-2:])
        self._doubts.clear()
        self.views.append(view)
        self.began_s = view.at_s if self.began_s is None else self.began_s
        if len(self.views) > MOST_VIEWS:
            self.views.remove(min(self.views[:-_NEWEST_KEPT], key=lambda one: one.weight))
        self.ranking = self._probe = None
        return False

    def anew(self) -> Vote:
        """A vote of the views that contradict this one."""
        fresh = Vote()
        for view in self._doubts[-2:]:
            fresh.add(view)
        return fresh

    def to_rank(self) -> list[Embedding]:
        """What has to be compared with those who are known: the probe first; nothing when all of it is."""
        probe = self.probe
        if self.ranking is not None or probe is None:
            return []
        return [probe, *(one.embedding for one in self.views if one.ranking is None)]

    def ranked(self, rankings: Sequence[Ranking]) -> None:
        """The answers to `to_rank`, in its order."""
        probe, *rest = rankings
        for view, ranking in zip([one for one in self.views if one.ranking is None], rest, strict=True):
            view.ranking = ranking
        self.ranking = probe

    def unrank(self) -> None:
        """Those who are known have changed."""
        self.ranking = None
        for view in self.views:
            view.ranking = None

    def decide(
        self, thresholds: Thresholds, *, taken: Collection[str] = (), is_gone: bool = False
    ) -> Opinion:
        """What the views say. It is none of those who are `taken` (person ids): they are elsewhere in the
        picture. `is_gone`: no further view will come."""
        if self.ranking is None:
            return Opinion(Verdict.UNDECIDED)
        best = self.ranking.best
        is_free = best is not None and best.person.person_id not in taken
        if best is not None and is_free and self._agree(best, thresholds, is_gone):
            return Opinion(Verdict.NAMED, best)
        is_stranger = best is None or best.similarity < thresholds.maybe
        if self._is_nameless(is_stranger, is_gone):
            return Opinion(Verdict.NAMELESS, best)
        return Opinion(Verdict.UNDECIDED, best)

    def _agree(self, best: Likeness, thresholds: Thresholds, is_gone: bool) -> bool:
        if best.similarity < thresholds.match:
            return False
        count = len(self.views)
        agreeing = sum(one.supports(best.person.person_id) for one in self.views)
        if count >= _FEWEST_FOR_NAME:
            return agreeing >= _AGREEING * count
        is_enough = is_gone or best.similarity >= thresholds.match + _VERY_SURE
        return is_enough and _FEWEST_WHEN_SURE <= count == agreeing

    def _is_nameless(self, is_stranger: bool, is_gone: bool) -> bool:
        if len(self.views) < (_FEWEST_OF_GONE if is_gone else _FEWEST_NAMELESS) or self.began_s is None:
            return False
        waited_s = self.views[-1].at_s - self.began_s
        return is_gone or waited_s >= (_STRANGER_AFTER_S if is_stranger else _PATIENCE_S)


def mean_of(views: Sequence[View]) -> Embedding:
    """The mean of views, weighted by quality, of length 1."""
    total = np.sum([np.float32(max(one.weight, 1e-3)) * one.embedding.vector for one in views], axis=0)
    return Embedding((total / np.linalg.norm(total)).astype(np.float32), views[0].embedding.contract_id)


def _are_one(views: Sequence[View]) -> bool:
    """Whether two views show the same face."""
    return len(views) >= 2 and views[0].embedding.similarity(views[1].embedding) >= _TOGETHER
