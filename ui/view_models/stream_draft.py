"""A camera as it is being written down: kind, address, line; pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from kiosk.errors import KnownError
from kiosk.visits.store_rules import LOGIN, LONG, MISSING, SCHEME, UNUSABLE, checked_draft, is_address
from kiosk.visits.types import Line, Stream, StreamDraft

WEBCAM, NETWORK, CLIP = "webcam", "network", "clip"
KINDS = (WEBCAM, NETWORK, CLIP)
_WEBCAM, _RTSP = "webcam:", "rtsp://"
_PROBLEMS = {
    ("name", MISSING): "store.stream.name_missing",
    ("name", LONG): "store.stream.refused.name_long",
    ("source", SCHEME): "store.stream.address_missing",
    ("source", UNUSABLE): "store.stream.address_missing",
    ("source", LOGIN): "store.stream.address_user",
    ("source", MISSING): "store.stream.path_missing",
}
_SOMETHING = "store.stream.refused.field"


@dataclass(frozen=True, slots=True)
class StreamEntry:
    """What stands in the fields. `password` None: as it was; it is never read back. `address` is that of a
    network camera, `path` that of a clip."""

    name: str = ""
    site_id: str = ""
    kind: str = WEBCAM
    number: int = 0
    address: str = field(default=_RTSP, repr=False)
    user: str = ""
    password: str | None = field(default=None, repr=False)
    path: str = ""
    line: Line | None = None

    @classmethod
    def of(cls, stream: Stream) -> StreamEntry:
        """As a camera stands."""
        entry = cls(name=stream.name, site_id=stream.site_id, user=stream.user, line=stream.line)
        source = stream.source
        if source.startswith(_WEBCAM):
            number = source.removeprefix(_WEBCAM)
            return replace(entry, kind=WEBCAM, number=int(number) if number.isdecimal() else 0)
        if is_address(source):
            return replace(entry, kind=NETWORK, address=source)
        return replace(entry, kind=CLIP, path=source)

    @property
    def source(self) -> str:
        """As the settings and the rows write it."""
        if self.kind == WEBCAM:
            return f"{_WEBCAM}{self.number}"
        return self.address.strip() if self.kind == NETWORK else self.path.strip()

    @property
    def problem_key(self) -> str:
        """The sentence that says what is still missing; empty when nothing is."""
        try:
            checked_draft(self.draft(), only_address=self.kind == NETWORK)
        except KnownError as error:
            return _PROBLEMS.get((error.params.get("field", ""), error.params.get("why", "")), _SOMETHING)
        return ""

    def draft(self) -> StreamDraft:
        """As the store takes it; only where there is no problem. Only a network camera has a user."""
        is_network = self.kind == NETWORK
        return StreamDraft(
            self.site_id,
            self.name.strip(),
            self.source,
            self.user.strip() if is_network else "",
            self.password if is_network else "",
            self.line,
        )


def draft_of(stream: Stream) -> StreamDraft:
    """What would have to be written down to get this camera; without its password."""
    return StreamDraft(
        stream.site_id, stream.name, stream.source, stream.user, password=None, line=stream.line
    )
