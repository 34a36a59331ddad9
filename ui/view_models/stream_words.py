"""What is said of a camera: how it stands, when it tries again, why it is not live."""

from __future__ import annotations

from datetime import datetime, timedelta

from kiosk.errors import ErrorCode
from kiosk.streams.watch import RARELY
from kiosk.visits.types import StreamState, StreamStatus
from ui.translator import Translator, Venue

_ORDINALS = 5
"""So many tries have a word of their own: "third try"."""
_REASONS = {
    ErrorCode.CAMERA_NOT_FOUND: "store.code.not_found",
    ErrorCode.CAMERA_LOST: "store.code.lost",
    ErrorCode.CAMERA_FROZEN: "store.code.frozen",
    ErrorCode.CAMERA_REFUSED: "store.code.refused",
    ErrorCode.CLIP_UNREADABLE: "store.code.clip",
    ErrorCode.SECRET_MISSING: "store.code.secret",
}


def status_text(status: StreamStatus, now: datetime, words: Translator) -> str:
    """Beside the camera's name: "live, 0.2 s behind", "no picture for 9 s"."""
    say = words.translate
    if status.state is StreamState.LIVE:
        if status.behind_s is None:
            return say("store.wall.live", {})
        return say("store.wall.live_behind", {"s": f"{max(0.0, status.behind_s):.1f}"})
    if status.state is StreamState.OFF:
        return say("store.wall.off", {})
    if status.state is StreamState.RECONNECTING and status.last_picture_at is not None:
        return say("store.wall.silent", {"span": span_text(now - status.last_picture_at, words)})
    return say("store.wall.connecting", {})


def lost_text(status: StreamStatus, now: datetime, words: Translator) -> str:
    """Over the last picture of a camera that is lost: "Last picture 14:31:52 · third try in 4 s"; of one that
    somebody has to mend why it is not live, with the code."""
    if is_refused(status):
        return f"{reason_text(status.code, words)} ({status.code})"
    say, last = words.translate, status.last_picture_at
    parts = [
        say("store.wall.last", {"time": last.astimezone(Venue.zone).strftime("%H:%M:%S")})
        if last is not None
        else say("store.wall.no_picture", {}),
        try_text(status, now, words),
    ]
    return " · ".join(part for part in parts if part)


def is_refused(status: StreamStatus) -> bool:
    """Whether a camera does not come back by itself: somebody has to mend what is wrong."""
    return status.state is StreamState.RECONNECTING and status.code in RARELY


def try_text(status: StreamStatus, now: datetime, words: Translator) -> str:
    """ "third try in 4 s"; nothing where none is told of."""
    number = status.attempt
    if number < 1:
        return ""
    attempt = words.translate(f"store.try.{number if number <= _ORDINALS else 'n'}", {"n": number})
    left_s = 0.0 if status.next_try_at is None else (status.next_try_at - now).total_seconds()
    if left_s <= 0:
        return words.translate("store.try.now", {"try": attempt})
    # A second that has begun counts: never "in 0 s".
    span = span_text(timedelta(seconds=int(left_s + 0.999)), words)
    return words.translate("store.try.in", {"try": attempt, "span": span})


def span_text(span: timedelta, words: Translator) -> str:
    """A span as its largest whole unit: "9 s", "4 min", "2 h", "3 d"."""
    seconds = max(0, int(span.total_seconds()))
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= length:
            return words.translate(f"store.span.{unit}", {"n": seconds // length})
    return words.translate("store.span.s", {"n": seconds})


def reason_text(code: str, words: Translator) -> str:
    """Why a camera is not live, in words; nothing without a code."""
    if not code:
        return ""
    known = next((key for reason, key in _REASONS.items() if reason == code), "store.code.other")
    return words.translate(known, {})
