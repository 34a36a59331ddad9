"""The part of a store that the screens talk to. `kiosk.store.Store` has it; tests bring their own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from kiosk.camera.types import Frame, Pixels
from kiosk.events import EventBus
from kiosk.language import Language
from kiosk.visits.reports import ReportQuery
from kiosk.visits.told import StoreView
from kiosk.visits.types import PersonDraft, PersonKind, StreamDraft


class StreamCommands(Protocol):
    """Commands on cameras; the outcome is in the next view, what went wrong in its notice."""

    def add(self, draft: StreamDraft) -> None: ...

    def change(self, stream_id: str, draft: StreamDraft) -> None: ...

    def switch(
        self, stream_id: str, *, is_on: bool | None = None, recognises: bool | None = None
    ) -> None: ...

    def remove(self, stream_id: str) -> None: ...


class PeopleCommands(Protocol):
    """Commands on people. PeopleListed, PersonShown, EnrolmentChanged and PersonSaved follow."""

    def find(self, text: str = "", kind: PersonKind | None = None) -> None: ...

    def show(self, person_id: str) -> None: ...

    def begin(self, kind: PersonKind, person_id: str = "") -> None:
        """Begins an enrolment, or with `person_id` more pictures of somebody; drops what was begun before."""
        ...

    def capture(self, stream_id: str) -> None:
        """Takes the best face that the stream shows within a moment."""
        ...

    def drop_shot(self, shot: str) -> None: ...

    def cancel(self) -> None:
        """Forgets the pictures taken so far."""
        ...

    def save(self, draft: PersonDraft, *, has_agreed: bool) -> None:
        """Enrols whoever was begun; refused without agreement."""
        ...

    def save_faces(self) -> None:
        """Adds the pictures taken to the person they were begun for."""
        ...

    def change(self, person_id: str, draft: PersonDraft) -> None: ...

    def remove_face(self, person_id: str, ordinal: int) -> None: ...

    def merge(self, kept_id: str, gone_id: str) -> None: ...

    def split(
        self,
        person_id: str,
        ordinals: Sequence[int],
        visit_ids: Sequence[str],
        draft: PersonDraft,
        *,
        has_agreed: bool,
    ) -> None: ...

    def forget(self, person_id: str) -> None: ...


class ReportCommands(Protocol):
    """ReportReady, ReportSaved and VisitsListed follow."""

    def ask(self, query: ReportQuery) -> None: ...

    def save(self, ending: str) -> None:
        """The report asked for last, as a file: "csv" or "pdf"."""
        ...

    def list_visits(self, since: datetime, until: datetime, site_id: str = "", offset: int = 0) -> None: ...


class StorePictures(Protocol):
    """Pictures, for worker threads."""

    def newest_frame(self, stream_id: str) -> Frame | None:
        """The newest picture of a stream; of one that is lost its last. Cheap."""
        ...

    def looked_frame(self, stream_id: str) -> Frame | None:
        """The picture that was looked at last, whose faces the newest StreamFaces tells: both are drawn
        together. None where nobody looks. Cheap."""
        ...

    def face(self, picture_key: str) -> Pixels:
        """A kept picture of a person or a visit. Raises KnownError OBJECT_MISSING."""
        ...

    def shot(self, shot: str) -> Pixels | None:
        """A picture of the enrolment that is going on."""
        ...


class StoreFacade(Protocol):
    """Commands in groups: each returns at once and is safe from any thread; the outcome arrives on `bus`."""

    @property
    def bus(self) -> EventBus: ...

    @property
    def view(self) -> StoreView: ...

    @property
    def streams(self) -> StreamCommands: ...

    @property
    def people(self) -> PeopleCommands: ...

    @property
    def reports(self) -> ReportCommands: ...

    @property
    def pictures(self) -> StorePictures: ...

    def show_language(self, language: Language) -> None:
        """From now on."""
        ...

    def add_site(self, name: str) -> None:
        """A further shop of the chain; it is in the next view."""
        ...

    def purge(self) -> None:
        """Deletes now what is too old; Purged follows."""
        ...

    def clear_notice(self) -> None: ...
