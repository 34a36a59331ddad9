"""What to tell the visitor in front of the camera, and how long they have kept still. Pure rules."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence

from kiosk.capture.types import CaptureChecks
from kiosk.vision.types import Box, RejectionReason

_R = RejectionReason

HOLD_S = 0.7
_WINDOW_S = 0.4
_COMES_FROM = 0.6
_STAYS_FROM = 0.3
_NOT_NEAR = frozenset({_R.NO_FACE, _R.TOO_SMALL, _R.TOO_LARGE})
_NOT_LIT = frozenset({_R.NO_FACE, _R.TOO_DARK, _R.TOO_BRIGHT})
_NOT_FACING = frozenset(
    {
        _R.NO_FACE,
        _R.SEVERAL_FACES,
        _R.OFF_CENTER,
        _R.CUT_OFF,
        _R.TURNED,
        _R.LOOKING_DOWN,
        _R.LOOKING_UP,
        _R.UNCERTAIN,
    }
)
_IMPORTANCE = {reason: place for place, reason in enumerate(RejectionReason)}


class Guidance:
    """Turns what is wrong in each frame into calm advice.

    A reason comes when it is in at least 60 % of the frames of the last 0.4 s and stays while it is in 30 %,
    and what is said changes at most every 0.7 s: a face at a limit makes nothing flicker. Checks and reason
    always agree.
    Used from one thread.
    """

    def __init__(self) -> None:
        self._recent: deque[tuple[float, frozenset[RejectionReason]]] = deque()
        self._said: tuple[RejectionReason, ...] | None = None
        self._said_at_s = 0.0

    def update(
        self, reasons: Sequence[RejectionReason], stillness: float, now_s: float
    ) -> tuple[CaptureChecks, RejectionReason | None]:
        """The checks to show and the one thing to mend first, if any, after a frame with `reasons`."""
        self._recent.append((now_s, frozenset(reasons)))
        while self._recent[0][0] < now_s - _WINDOW_S:
            self._recent.popleft()
        if self._said is None or now_s - self._said_at_s >= HOLD_S:
            lasting = self._lasting()
            if lasting != self._said:
                self._said, self._said_at_s = lasting, now_s
        said = self._said or ()
        return _checks(said, stillness), said[0] if said else None

    def _lasting(self) -> tuple[RejectionReason, ...]:
        counts = Counter(reason for _, reasons in self._recent for reason in reasons)
        said = self._said or ()
        lasting = (
            reason
            for reason, count in counts.items()
            if count / len(self._recent) >= (_STAYS_FROM if reason in said else _COMES_FROM)
        )
        return tuple(sorted(lasting, key=_IMPORTANCE.__getitem__))


class Stillness:
    """How long the visitor's good face has stayed where it is. Used from one thread.

    Still is a face whose centre stays within 20 % of its width and whose width stays within 20 % of what
    they were when the second began; bad frames for up to 0.3 s are forgiven, for a detector blinks.
    """

    NEEDED_S = 1.0
    _FORGIVEN_S = 0.3
    _PLAY = 0.2

    def __init__(self) -> None:
        self._anchor: Box | None = None
        self._since_s = 0.0
        self._good_at_s = 0.0

    def update(self, box: Box | None, now_s: float) -> float:
        """How much of the needed time is over, 0..1, after a frame with a good face at `box`, or none."""
        if box is None:
            if now_s - self._good_at_s > self._FORGIVEN_S:
                self._anchor = None
        else:
            self._good_at_s = now_s
            if self._anchor is None or self._has_moved(self._anchor, box):
                self._anchor, self._since_s = box, now_s
        if self._anchor is None:
            return 0.0
        return min(1.0, (now_s - self._since_s) / self.NEEDED_S)

    def reset(self) -> None:
        """The second begins anew."""
        self._anchor = None

    def _has_moved(self, anchor: Box, box: Box) -> bool:
        play = self._PLAY * anchor.width
        (x, y), (anchor_x, anchor_y) = box.center, anchor.center
        return abs(x - anchor_x) > play or abs(y - anchor_y) > play or abs(box.width - anchor.width) > play


def _checks(reasons: Sequence[RejectionReason], stillness: float) -> CaptureChecks:
    wrong = frozenset(reasons)
    return CaptureChecks(
        is_near=not wrong & _NOT_NEAR,
        is_lit=not wrong & _NOT_LIT,
        is_facing=not wrong & _NOT_FACING,
        stillness=stillness,
    )
