"""What store mode tells the screens: events with immutable snapshots."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from kiosk.errors import KnownError
from kiosk.events import Event
from kiosk.language import Language
from kiosk.visits.ports import Today
from kiosk.visits.reports import Report
from kiosk.visits.types import Held, Person, SeenFace, Site, Stream, StreamStatus, Visit


@dataclass(frozen=True, slots=True)
class StreamFaces(Event):
    """The faces of one live picture, in pixels of that picture."""

    stream_id: str
    sequence: int
    captured_at_s: float
    frame_width: int
    frame_height: int
    faces: tuple[SeenFace, ...]


@dataclass(frozen=True, slots=True)
class StreamStatusChanged(Event):
    """A stream stands otherwise, or its figures are new (about once a second)."""

    status: StreamStatus


@dataclass(frozen=True, slots=True)
class StreamCard:
    """A stream with how it stands."""

    stream: Stream
    status: StreamStatus


@dataclass(frozen=True, slots=True)
class StoreNotice:
    """A sentence for staff; `code` is a known error's, empty when something is done."""

    key: str
    code: str = ""
    params: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_success(self) -> bool:
        """Whether it tells of something done."""
        return not self.code


def notice_of(error: KnownError) -> StoreNotice:
    """What staff read of something that went wrong and has no sentence of its own."""
    return StoreNotice("store.notice.failed", error.code.value, {"code": error.code.value})


@dataclass(frozen=True, slots=True)
class StoreView:
    """What the screens of store mode draw from. `site` is the shop that this machine stands in; `sites` are
    all of the chain that it knows. `knows_returning`: the long-term way is on."""

    language: Language
    timezone: str
    site: Site
    sites: tuple[Site, ...]
    streams: tuple[StreamCard, ...]
    today: Today
    held: Held
    knows_returning: bool
    keeps_pictures: bool
    stay_minutes: int
    returning_days: int
    consent_version: str
    operator: str
    notice: StoreNotice | None = None


@dataclass(frozen=True, slots=True)
class StoreChanged(Event):
    """There is a new view."""

    view: StoreView


@dataclass(frozen=True, slots=True)
class PeopleListed(Event):
    """The people asked for last, at most `kiosk.visits.person_rules.MOST_LISTED` of them: whoever is missing
    is found by a text."""

    people: tuple[Person, ...]
    text: str = ""


@dataclass(frozen=True, slots=True)
class PersonShown(Event):
    """One person with their visits."""

    person: Person
    visits: tuple[Visit, ...]


@dataclass(frozen=True, slots=True)
class EnrolmentChanged(Event):
    """Somebody is being enrolled, or gets another picture: how many pictures are taken, how many are needed.
    `reason` is why the last one was refused (a RejectionReason's word, "other_person": it shows somebody
    else than the ones before, or "same_picture": it is one of them); `shots` are keys for
    `StorePictures.shot`. `known` is somebody whom the pictures show, it seems, and who is known already."""

    shots: tuple[str, ...]
    needed: int
    reason: str = ""
    known: Person | None = None


@dataclass(frozen=True, slots=True)
class PersonSaved(Event):
    """Written down; `what` is enrolled, changed, merged, split or forgotten."""

    person_id: str
    what: str


@dataclass(frozen=True, slots=True)
class ReportReady(Event):
    """The report asked for last."""

    report: Report


@dataclass(frozen=True, slots=True)
class ReportSaved(Event):
    """A file of the report is written."""

    path: Path


@dataclass(frozen=True, slots=True)
class VisitsListed(Event):
    """The visits asked for last; `has_more` behind them. `covers_chain` is False where only this machine's
    are among them, since the centre could not be asked."""

    visits: tuple[Visit, ...]
    offset: int
    has_more: bool
    covers_chain: bool = True


@dataclass(frozen=True, slots=True)
class Purged(Event):
    """What was too old is deleted; `removed` counts by kind."""

    at: datetime
    removed: Mapping[str, int]
