"""How similar strangers get, and from which similarity on a hit may be called sure: a pure computation.

A curve gives the false-match rate (FMR) of one comparison, a stranger's probe against one face, for each
similarity. In an event of n faces a stranger then meets any of them with probability

    P = 1 - (1 - FMR)^n,

which is an upper bound for real events: photos of one person resemble a stranger all at once or not at all,
and a probe that resembles many takes the hits that others do not have; both make hits come together, so that
fewer visitors have any. Relatives are no strangers, and are not in these figures.

Where the data end, the tail is a generalised Pareto distribution over a high threshold (Pickands 1975;
Balkema and de Haan 1974), as ISO/IEC TS 5152 estimates small false-match rates. Its shape is fitted by
probability-weighted moments (Hosking and Wallis 1987) and taken two standard errors towards the heavy side,
but never above 0: a cosine has an upper end.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

from kiosk.errors import ErrorCode, KnownError
from kiosk.gallery.types import Thresholds
from kiosk.vision.types import FloatArray

SMALLEST_EVENT = 1000
"""Events of fewer faces are treated as this large: among few people, relatives are more likely than strangers
to be taken for one another, and of relatives a curve says nothing."""
FEWEST_COMPARISONS = 20_000
KIN_RATE = 1e-6
"""The false-match rate from which two faces of an event are taken for one person's. They are compared only
where both resemble a visitor, some hundred pairs at a time, so it needs not follow the size of the event."""
_TAIL_RATE = 3e-4
_FEWEST_IN_TAIL = 200
_LARGEST_RATE = 0.5
_POINTS_A_DECADE = 8
_STANDARD_ERRORS = 2.0
_LIGHTEST = -0.5

Share = Annotated[float, Field(gt=0, le=0.5)]


class _Stored(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Curve(_Stored):
    """The false-match rate of one comparison by cosine similarity.

    `similarities` rise and `rates` fall; between two of them the logarithm of the rate is a straight line.
    Beyond the last one the tail begins, with `scale` (a similarity) and `shape` (<= 0).
    """

    similarities: tuple[float, ...]
    rates: tuple[float, ...]
    scale: Annotated[float, Field(gt=0)]
    shape: Annotated[float, Field(ge=-1, le=0)]
    comparisons: int

    @model_validator(mode="after")
    def _falls(self) -> Curve:
        if len(self.similarities) != len(self.rates) or len(self.rates) < 2:
            raise ValueError("a curve needs as many similarities as rates, two at least")
        if not (np.diff(self.similarities) > 0).all() or not (np.diff(self.rates) < 0).all():
            raise ValueError("similarities must rise and rates fall")
        if not 0 < self.rates[-1] < self.rates[0] <= 1:
            raise ValueError("rates must be between 0 and 1")
        return self

    def similarity_at(self, rate: float) -> float:
        """The similarity that a stranger's comparison reaches at this rate (0 < rate < 1)."""
        start, at_start = self.similarities[-1], self.rates[-1]
        if rate >= at_start:
            logs = np.log(self.rates[::-1])
            return float(np.interp(math.log(rate), logs, self.similarities[::-1]))
        rarer = math.log(at_start / rate)
        beyond = rarer if self.shape == 0 else math.expm1(self.shape * rarer) / self.shape
        return min(1.0, start + self.scale * beyond)

    def rate_at(self, similarity: float) -> float:
        """The rate at which a stranger's comparison reaches this similarity."""
        start = self.similarities[-1]
        if similarity <= start:
            return float(np.exp(np.interp(similarity, self.similarities, np.log(self.rates))))
        beyond = (similarity - start) / self.scale
        if self.shape == 0:
            return self.rates[-1] * math.exp(-beyond)
        return self.rates[-1] * math.pow(max(0.0, 1.0 + self.shape * beyond), -1.0 / self.shape)


class Targets(_Stored):
    """Shares of the visitors who may meet a photo of a stranger: among the sure ones, and behind "maybe"."""

    sure: Share = 0.002
    maybe: Share = 0.05


class Calibration(_Stored):
    """What was measured under one embedding contract, when (UTC), on what, and what is wanted of it."""

    contract_id: str
    measured_at: datetime
    source: str
    curve: Curve
    targets: Targets = Targets()


def measure_curve(similarities: FloatArray) -> Curve:
    """The curve of similarities (float32, any shape) between probes and faces of other people.

    Raises KnownError(CALIBRATION_TOO_SMALL) for fewer than 20,000 of them.
    """
    falling = np.sort(np.asarray(similarities, np.float64).ravel())[::-1]
    count = len(falling)
    if count < FEWEST_COMPARISONS:
        raise KnownError(
            ErrorCode.CALIBRATION_TOO_SMALL,
            f"{count} comparisons of different people are too few; {FEWEST_COMPARISONS} are needed.",
            "Take a folder with more people.",
        )
    in_tail = max(_FEWEST_IN_TAIL, int(_TAIL_RATE * count))
    scale, shape = _tail(falling[:in_tail] - falling[in_tail])
    decades = math.log10(_LARGEST_RATE * count / in_tail)
    ranks = np.geomspace(_LARGEST_RATE * count, in_tail, max(2, round(decades * _POINTS_A_DECADE)))
    places = np.unique(np.round(ranks).astype(np.int64))[::-1]
    values = np.round(falling[places], 6)
    is_new = np.r_[True, np.diff(values) > 0]  # equal similarities are one point
    return Curve(
        similarities=tuple(values[is_new].tolist()),
        rates=tuple((places[is_new] / count).tolist()),
        scale=scale,
        shape=shape,
        comparisons=count,
    )


def _tail(beyond: NDArray[np.float64]) -> tuple[float, float]:
    """Scale and shape of excesses over a threshold, falling, the shape on the safe side."""
    count = len(beyond)
    mean = float(beyond.mean())
    # Hosking and Wallis: a0 = E[X], a1 = E[X (1 - F(X))], shape = 2 - a0 / (a0 - 2 a1).
    weighted = float((np.arange(count) / (count - 1) * beyond).mean())
    fitted = 2.0 - mean / (mean - 2.0 * weighted) if mean > 2.0 * weighted else 0.0
    shape = min(0.0, max(_LIGHTEST, fitted) + _STANDARD_ERRORS / math.sqrt(count))
    return mean * (1.0 - shape), shape  # the mean of a generalised Pareto is scale / (1 - shape)


def stranger_share(curve: Curve, threshold: float, faces: int) -> float:
    """The share of strangers who reach `threshold` with any of so many faces."""
    rate = min(curve.rate_at(threshold), 1.0 - 1e-12)
    return -math.expm1(max(faces, SMALLEST_EVENT) * math.log1p(-rate))


def threshold_for(curve: Curve, share: float, faces: int) -> float:
    """The similarity that no more than this share of strangers reaches with any of so many faces."""
    return curve.similarity_at(-math.expm1(math.log1p(-share) / max(faces, SMALLEST_EVENT)))


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a site settles for itself: thresholds as they are, or shares of visitors. None: as calibrated."""

    match: float | None = None
    maybe: float | None = None
    sure_share: float | None = None
    maybe_share: float | None = None


@dataclass(frozen=True, slots=True)
class EventCertainty:
    """The thresholds of an event of `faces`, and the shares of its visitors who then meet a stranger's photo:
    `sure_share` among the sure ones, `maybe_share` among these or behind "maybe"."""

    faces: int
    thresholds: Thresholds
    sure_share: float
    maybe_share: float


def certainty_of(calibration: Calibration, wishes: Wishes, faces: int) -> EventCertainty:
    """What a calibration means for an event of so many faces; fixed thresholds win over shares."""
    curve, targets = calibration.curve, calibration.targets
    match = wishes.match or threshold_for(curve, wishes.sure_share or targets.sure, faces)
    maybe = wishes.maybe or threshold_for(curve, wishes.maybe_share or targets.maybe, faces)
    maybe = min(match, maybe)
    return EventCertainty(
        faces,
        Thresholds(match=match, maybe=maybe, kin=curve.similarity_at(KIN_RATE)),
        stranger_share(curve, match, faces),
        stranger_share(curve, maybe, faces),
    )


def one_in(share: float) -> int:
    """N of "about 1 in N visitors", with two digits that count: 0.002 is 500, 0.0137 is 73."""
    whole = 1.0 / min(1.0, max(share, 1e-9))
    step = math.pow(10, max(0, math.floor(math.log10(whole)) - 1))
    return int(round(whole / step) * step)
