"""What store mode speaks of: sites, streams, people, visits. Plain values; times are UTC. No repr holds a
password, a face, a name of somebody or how to reach them: it may end up in a log."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from kiosk.vision.types import Box, Embedding, Pixels


class PersonKind(StrEnum):
    """STAFF and CUSTOMER agreed to be known by name. A GUEST is somebody who came back where the long-term
    way is on: without a name, known at this machine only."""

    STAFF = "staff"
    CUSTOMER = "customer"
    GUEST = "guest"


class Gender(StrEnum):
    """As somebody said it of themselves, or as the engine's weights know it; else UNKNOWN."""

    FEMALE = "female"
    MALE = "male"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Site:
    """A shop of the chain."""

    site_id: str
    name: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Line:
    """A line across the picture, as shares of its width and height (0..1). Whoever crosses it from the left
    of the way from (x1, y1) to (x2, y2) to its right goes in; back is out."""

    x1: float
    y1: float
    x2: float
    y2: float


@dataclass(frozen=True, slots=True)
class StreamDraft:
    """A stream as staff wrote it. `source` as in the settings: "webcam:0", "rtsp://address/path", a clip;
    user and password apart from it. `password` None: as it was."""

    site_id: str
    name: str
    source: str = field(repr=False)  # may hold a password until it is taken apart
    user: str = ""
    password: str | None = field(default=None, repr=False)
    line: Line | None = None


@dataclass(frozen=True, slots=True)
class Stream:
    """A camera of a site. `kiosk_id` is the machine that runs it; empty where a camera worker of the centre
    does. `source` and `user` never hold a password: that is a secret of its own (`password_name`).
    `access_revision` grows with each change of source, user or password: the camera is then opened anew."""

    stream_id: str
    site_id: str
    kiosk_id: str
    name: str
    source: str
    user: str
    is_on: bool
    recognises: bool
    line: Line | None
    created_at: datetime
    access_revision: int = 0

    @property
    def password_name(self) -> str:
        """The name of its password among the secrets."""
        return f"stream.{self.stream_id}"


class StreamState(StrEnum):
    """What a stream does: OFF (switched off), CONNECTING (for the first time), LIVE, RECONNECTING (by itself,
    again and again)."""

    OFF = "off"
    CONNECTING = "connecting"
    LIVE = "live"
    RECONNECTING = "reconnecting"


@dataclass(frozen=True, slots=True)
class StreamStatus:
    """How a stream stands. `behind_s` is how old the newest picture is, with what waited on its way here;
    `dropped` counts pictures that nobody looked at; `attempt` and `next_try_at` tell of reconnecting, `code`
    why it is not live."""

    stream_id: str
    state: StreamState
    code: str = ""
    last_picture_at: datetime | None = None
    attempt: int = 0
    next_try_at: datetime | None = None
    behind_s: float | None = None
    frames_per_s: float = 0.0
    looks_per_s: float = 0.0
    dropped: int = 0


class FaceKind(StrEnum):
    """Whose face it is: LOOKING (not decided yet), VISITOR (counted without a name), KNOWN (a customer, or a
    guest of the long-term way), STAFF."""

    LOOKING = "looking"
    VISITOR = "visitor"
    KNOWN = "known"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class SeenFace:
    """A face as it is drawn over the picture. `visit_number` 4: here for the 4th time; None where that is not
    known. `name` is empty for visitors and guests."""

    track_id: int
    box: Box
    kind: FaceKind
    name: str = field(default="", repr=False)
    visit_number: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Sighting:
    """Somebody before a camera, as decided over a track. `person_id` None: nobody who is known.
    `stay_id` is the stay that an earlier sighting of the same track belongs to, if any. `picture` is the face
    with some of its surroundings; it is kept only where that is allowed."""

    site_id: str
    stream_id: str
    at: datetime
    person_id: str | None
    embedding: Embedding = field(repr=False)
    gender: Gender = Gender.UNKNOWN
    picture: Pixels | None = field(default=None, repr=False)
    stay_id: str | None = None


@dataclass(frozen=True, slots=True)
class Stay:
    """What a sighting came to. `is_new` where somebody has just come. Staff have stays and no visits."""

    stay_id: str
    kind: FaceKind
    person_id: str | None
    name: str = field(repr=False)
    visit_number: int | None
    is_new: bool


@dataclass(frozen=True, slots=True)
class PersonDraft:
    """What somebody says of themselves; only `name` must be there."""

    kind: PersonKind
    name: str = field(repr=False)
    gender: Gender = Gender.UNKNOWN
    birth_year: int | None = field(default=None, repr=False)
    phone: str = field(default="", repr=False)
    email: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Agreement:
    """That somebody agreed to be recognised: which text, and when."""

    version: str
    at: datetime


@dataclass(frozen=True, slots=True, eq=False)
class NewFace:
    """A face for enrolment: a cut-out of the picture for people to look at, and the embedding."""

    picture: Pixels = field(repr=False)
    embedding: Embedding = field(repr=False)


@dataclass(frozen=True, slots=True)
class PersonFace:
    """A face of a person. `picture_key` None: its picture is gone, or is at another machine."""

    ordinal: int
    added_at: datetime
    picture_key: str | None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is known, without embeddings. `visits` and `last_visit_at` are of this machine."""

    person_id: str
    kind: PersonKind
    name: str = field(repr=False)
    gender: Gender
    birth_year: int | None = field(repr=False)
    phone: str = field(repr=False)
    email: str = field(repr=False)
    consent_version: str
    consented_at: datetime
    created_at: datetime
    faces: tuple[PersonFace, ...] = ()
    visits: int = 0
    last_visit_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """One stay of a visitor; never of staff. `person_id` None: counted without being known. `is_returning`
    and `number` (1 for the first) say what is known: of somebody counted without being known, nothing."""

    visit_id: str
    kiosk_id: str
    site_id: str
    stream_id: str
    person_id: str | None
    name: str = field(repr=False)
    gender: Gender
    is_returning: bool
    number: int | None
    began_at: datetime
    ended_at: datetime | None
    picture_key: str | None


@dataclass(frozen=True, slots=True)
class Held:
    """What is held of people right now. `throwaway_embeddings` are of visitors who are counted without being
    kept: gone when their stay is over."""

    staff: int
    customers: int
    guests: int
    embeddings: int
    throwaway_embeddings: int
    visits: int
    pictures: int
    oldest_picture_at: datetime | None
    picture_days: int
    last_purge_at: datetime | None
    next_purge_at: datetime | None
