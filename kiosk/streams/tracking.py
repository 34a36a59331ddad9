"""Faces followed from picture to picture: ByteTrack (Zhang et al., 2022), as `cjm_byte_track` has it, made
fit for faces that are looked at ten times a second, and for months on end.

What differs from the library, and why:

- Faces are small and looks are rare: at 10 looks a second somebody who walks past moves by about the width of
  their face between two. Boxes are matched by overlap, so each is enlarged around its middle first (as in
  C-BIoU, Yang et al., 2023).
- The filter's figures are made for 30 pictures a second. It is told the time in such ticks, however many lie
  between two looks, so that uneven looks do not bend a path.
- A track begins with a wide guess of its speed, as in the paper; with the library's narrow one it would take
  seconds to learn that somebody walks.
- The library counts tracks in one class-wide number that every new tracker sets back to 0, so that two tracks
  of one stream could get the same; ids are counted here.
- It keeps every track that ever ended; they are dropped here.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from cjm_byte_track.basetrack import TrackState
from cjm_byte_track.core import BYTETracker, STrack
from cjm_byte_track.kalman_filter import KalmanFilter
from numpy.typing import NDArray

from kiosk.vision.types import Box, Detection

LOST_AFTER_S = 2.0
"""A face that was not seen for so long is no longer expected where it would be by now."""
_SURE_SCORE = 0.6
"""Above it a detection goes before the others; a track begins from 0.1 more on."""
_REACH = 3.0
_MOST_COST = 0.7
"""1 - overlap of enlarged boxes: a face may be 1.6 of its widths from where it was expected. More would make
fewer tracks break, and more of them slip to a neighbour; the book of visits mends a broken one."""
_TICKS_PER_S = 30
_POSITION_STD = 2 * 1 / 20
_SPEED_STD = 10 * 1 / 160

_ids = itertools.count(1)  # of all trackers; taking the next one is atomic


@dataclass(frozen=True, slots=True, eq=False)
class Tracked:
    """A face that is followed. `detection` None: it is not seen in this picture, `box` is where it should be,
    and it was last seen `unseen_s` ago."""

    track_id: int
    box: Box
    detection: Detection | None = None
    unseen_s: float = 0.0


class FaceTracker:
    """Follows the faces of one stream. Used from one thread; ids are never given twice in a process.

    A face is believed when it is seen a second time: most of what is no face is not.
    """

    def __init__(self) -> None:
        self._tracker = _Tracker()
        self._at_s: float | None = None

    def update(self, detections: Sequence[Detection], at_s: float) -> list[Tracked]:
        """All faces that are followed after a picture taken at `at_s` (monotonic): those seen in it and those
        that are missed."""
        if self._at_s is None or at_s - self._at_s > LOST_AFTER_S:
            self._tracker = _Tracker()
            ticks = 1
        else:
            ticks = max(1, round((at_s - self._at_s) * _TICKS_PER_S))
        self._at_s = at_s
        return self._tracker.follow(detections, ticks)


class _Track(STrack):  # type: ignore[misc]  # the library has no types
    """A track; or a detection that may become one."""

    def __init__(self, tlwh: NDArray[np.float64], detection: Detection) -> None:
        super().__init__(tlwh, detection.score)
        self.detection = detection

    @staticmethod
    def next_id() -> int:
        return next(_ids)

    def _update_track(self, new_track: _Track, frame_id: int, new_id: bool = False) -> None:
        super()._update_track(new_track, frame_id, new_id)
        self.detection = new_track.detection


class _Filter(KalmanFilter):  # type: ignore[misc]
    """With the beginning of the paper's own code."""

    def initiate(self, measurement: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        height = measurement[3]
        position, speed = _POSITION_STD * height, _SPEED_STD * height
        std = np.array([position, position, 1e-2, position, speed, speed, 1e-5, speed])
        return np.concatenate([measurement, np.zeros_like(measurement)]), np.diag(std**2)


class _Tracker(BYTETracker):  # type: ignore[misc]
    """The library's tracker, from detections to tracks."""

    def __init__(self) -> None:
        super().__init__(
            track_thresh=_SURE_SCORE,
            track_buffer=round(LOST_AFTER_S * _TICKS_PER_S),
            match_thresh=_MOST_COST,
            frame_rate=_TICKS_PER_S,
        )
        self.kalman_filter = _Filter()
        self.frame_id = 1  # else it would believe the faces of the first picture at once
        self.lost_stracks: list[_Track] = []
        self.removed_stracks: list[_Track] = []
        self._given: dict[tuple[float, ...], Detection] = {}

    def follow(self, detections: Sequence[Detection], ticks: int) -> list[Tracked]:
        rows = [[*_enlarged(one.box), one.score] for one in detections]
        self._given = {tuple(row[:4]): one for row, one in zip(rows, detections, strict=True)}
        self._tick(ticks - 1)
        self.update(np.array(rows, dtype=np.float64).reshape(-1, 5), (1, 1), (1, 1))
        # It takes ended tracks out of the lost ones a look later, by this list; so both are done here.
        self.lost_stracks = [one for one in self.lost_stracks if one.state == TrackState.Lost]
        self.removed_stracks = []
        self._given = {}
        seen = [one for one in self.tracked_stracks if one.is_activated]
        return [self._told(one, one.detection) for one in seen] + [
            self._told(one, None) for one in self.lost_stracks
        ]

    def _tick(self, ticks: int) -> None:
        """Time passes; one more tick is the update's own, which forgets those that are not yet believed."""
        self.frame_id += ticks
        unbelieved = [one for one in self.tracked_stracks if not one.is_activated]
        STrack.multi_predict(unbelieved)
        for _ in range(ticks):
            STrack.multi_predict(self.tracked_stracks + self.lost_stracks)

    def _told(self, track: _Track, detection: Detection | None) -> Tracked:
        if detection is not None:
            return Tracked(track.track_id, detection.box, detection)
        return Tracked(
            track.track_id, _reduced(track.tlbr), None, (self.frame_id - track.end_frame) / _TICKS_PER_S
        )

    def _get_detections(self, dets: NDArray[np.float64], scores_keep: NDArray[np.float64]) -> list[_Track]:
        """So that a track knows which detection it has come to."""
        return [_Track(STrack.tlbr_to_tlwh(row), self._given[tuple(row.tolist())]) for row in dets]


def _enlarged(box: Box) -> tuple[float, float, float, float]:
    (x, y), half = box.center, _REACH / 2
    return (
        x - half * box.width,
        y - half * box.height,
        x + half * box.width,
        y + half * box.height,
    )


def _reduced(tlbr: NDArray[np.float64]) -> Box:
    x1, y1, x2, y2 = (float(value) for value in tlbr)
    x, y, half_width, half_height = (
        (x1 + x2) / 2,
        (y1 + y2) / 2,
        (x2 - x1) / _REACH / 2,
        (y2 - y1) / _REACH / 2,
    )
    return Box(x - half_width, y - half_height, x + half_width, y + half_height)
