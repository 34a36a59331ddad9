"""A camera's row and its password, kept together: for the desk at the screen and for the command line."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from kiosk.errors import KnownError
from kiosk.streams.typed_source import host_of, taken_apart
from kiosk.visits.ports import Streams
from kiosk.visits.store_rules import (
    MISSING,
    NOT_HERE,
    checked_draft,
    invalid_field,
    is_address,
    is_webcam,
)
from kiosk.visits.types import Stream, StreamDraft


class StreamSecrets(Protocol):
    """Where passwords of streams are kept. Raises KnownError(SECRET_MISSING) where there is no keyring."""

    def read(self, name: str) -> str:
        """Raises KnownError(SECRET_MISSING) also where there is none."""
        ...

    def write(self, name: str, value: str) -> None: ...

    def delete(self, name: str) -> None:
        """Harmless where there is none."""
        ...


class StreamCare:
    """Adds, changes and removes cameras. A password goes to the secrets and nowhere else, also one that was
    typed into the address. What was cut off half way can be done again.

    Raises what `Streams` raises, SECRET_MISSING; STORE_FIELD_INVALID for what was typed.
    """

    def __init__(self, streams: Streams, secrets: StreamSecrets) -> None:
        self._streams = streams
        self._secrets = secrets

    def add(self, draft: StreamDraft) -> Stream:
        """The new camera, switched on."""
        draft = _usable(draft)
        if draft.user and not draft.password:
            raise _password_needed()
        stream = self._streams.add(draft)
        try:
            if draft.password:
                self._secrets.write(stream.password_name, draft.password)
        except KnownError:
            # Without its password it would only be refused again and again.
            with suppress(KnownError):
                self._streams.remove(stream.stream_id)
            raise
        return stream

    def change(self, stream_id: str, draft: StreamDraft) -> Stream:
        """The camera as it is now; its password stays where the draft has none, and where it is refused."""
        draft = _usable(draft)
        before = self._streams.stream(stream_id)
        if draft.user and not draft.password and not _keeps_password(before, draft):
            raise _password_needed()
        if draft.password:
            stream = self._change_with_password(before, draft, draft.password)
        else:
            stream = self._streams.change(stream_id, draft)
        if before.user and not stream.user:
            self._drop_password(before)
        return stream

    def remove(self, stream_id: str) -> Stream:
        """The camera that was; what it counted stays."""
        stream = self._streams.stream(stream_id)
        self._drop_password(stream)
        self._streams.remove(stream_id)
        return stream

    def _change_with_password(self, before: Stream, draft: StreamDraft, password: str) -> Stream:
        """The password comes first: as soon as the row has changed, the camera is opened with it."""
        old: str | None = None
        with suppress(KnownError):
            old = self._secrets.read(before.password_name)
        self._secrets.write(before.password_name, password)
        try:
            return self._streams.change(before.stream_id, draft)
        except BaseException:
            if old is None:
                self._drop_password(before)
            else:
                with suppress(KnownError):
                    self._secrets.write(before.password_name, old)
            raise

    def _drop_password(self, stream: Stream) -> None:
        """Where there is no keyring there is no password either."""
        with suppress(KnownError):
            self._secrets.delete(stream.password_name)


def _usable(draft: StreamDraft) -> StreamDraft:
    """A draft that can be taken, with what was typed into the address in its own fields. Raises
    KnownError(STORE_FIELD_INVALID)."""
    draft = checked_draft(taken_apart(draft))
    if not (is_address(draft.source) or is_webcam(draft.source) or draft.source == "auto"):
        _check_is_here(draft.source)
    return draft if draft.user else replace(draft, password=None)  # it would be asked for by nobody


def _check_is_here(source: str) -> None:
    if not Path(source).expanduser().exists():
        raise invalid_field(
            "source", "There is no such clip or folder on this machine.", "Correct the path.", NOT_HERE
        )


def _keeps_password(before: Stream, draft: StreamDraft) -> bool:
    """A password is good for the user and the machine that it was entered for. Else whoever may change a
    camera could have it sent to a machine of their own."""
    return before.user == draft.user and host_of(before.source) == host_of(draft.source)


def _password_needed() -> KnownError:
    return invalid_field(
        "password", "There is no password for this user at this address.", "Enter the password.", MISSING
    )
