"""All streams of a machine, each watched by itself."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

import cv2

from kiosk.camera.types import Camera, Frame
from kiosk.clock import Clock
from kiosk.events import EventBus
from kiosk.runtime.worker import STOP_TIMEOUT_S
from kiosk.streams.looking import LineCount, MakeLooker
from kiosk.streams.types import Looker
from kiosk.streams.watch import Watch
from kiosk.visits.told import StreamStatusChanged
from kiosk.visits.types import Stream, StreamState, StreamStatus


class StreamRows(Protocol):
    """Says which streams there are."""

    def streams(self) -> list[Stream]:
        """In the order of the wall."""
        ...


@dataclass(frozen=True, slots=True)
class _Place:
    """A stream on the wall; one that is switched off has no watch."""

    stream: Stream
    watch: Watch | None

    @property
    def status(self) -> StreamStatus:
        return self.watch.status if self.watch else StreamStatus(self.stream.stream_id, StreamState.OFF)


class Wall:
    """Watches every stream that is switched on; what happens to one touches no other.

    Rows say what is to be watched. Commands may come from any thread, and none from a handler of this wall's
    own events; those that read rows or end a watch may take a moment.
    """

    def __init__(
        self,
        streams: StreamRows,
        make_looker: Callable[[Stream], Looker],
        open_camera: Callable[[Stream], Camera],
        bus: EventBus,
        clock: Clock,
        count_line: LineCount | None = None,
    ) -> None:
        """`make_looker` and `open_camera` run on the workers of the stream; what they raise is that stream's
        fault alone."""
        self._streams = streams
        self._make_looker = make_looker
        self._open_camera = open_camera
        self._bus = bus
        self._clock = clock
        self._count_line = count_line
        self._lock = threading.Lock()
        self._is_running = False
        self._places: Mapping[str, _Place] = MappingProxyType({})

    def start(self) -> None:
        """Watches from now on what is switched on. Raises what reading the rows raises, and watches nothing
        then until the next `refresh`."""
        with self._lock:
            # More threads gain nothing at this size of picture, and the cores belong to the screen.
            cv2.setNumThreads(1)
            self._is_running = True
        self.refresh()

    def stop(self, timeout_s: float = STOP_TIMEOUT_S) -> bool:
        """Ends all watching; whether all ended within `timeout_s` together."""
        with self._lock:
            self._is_running = False
            places = list(self._places.values())
            self._places = MappingProxyType({})
            return _ended((place.watch for place in places if place.watch), timeout_s)

    def refresh(self) -> None:
        """Reads the rows again: starts, stops and opens anew only what changed. Raises what reading the rows
        raises."""
        with self._lock:
            if not self._is_running:
                return
            before = self._places
            after = {
                stream.stream_id: _Place(stream, self._kept(before.get(stream.stream_id), stream))
                for stream in self._streams.streams()
            }
            gone = [
                place.watch
                for stream_id, place in before.items()
                if place.watch and (stream_id not in after or after[stream_id].watch is not place.watch)
            ]
            _ended(gone, STOP_TIMEOUT_S)
            for stream_id, place in after.items():
                if place.watch is None and place.stream.is_on:
                    after[stream_id] = _Place(place.stream, self._new_watch(place.stream))
            self._places = MappingProxyType(after)
            self._tell_changes(before, after)

    def statuses(self) -> tuple[StreamStatus, ...]:
        """How every stream stands, also those switched off; in the order of the rows."""
        return tuple(place.status for place in self._places.values())

    def newest_frame(self, stream_id: str) -> Frame | None:
        """The newest picture of a stream; of one that is lost its last; None of one that is off. Cheap."""
        place = self._places.get(stream_id)
        return place.watch.newest_frame() if place and place.watch else None

    def looked_frame(self, stream_id: str) -> Frame | None:
        """The picture of a stream that was looked at last, set before its StreamFaces is published: the
        screens draw both together. None where nobody looks. Cheap."""
        place = self._places.get(stream_id)
        return place.watch.looked_frame() if place and place.watch else None

    def _kept(self, place: _Place | None, stream: Stream) -> Watch | None:
        """The watch that goes on, with another looker where what it looks for has changed."""
        if place is None or place.watch is None or not stream.is_on:
            return None
        if _opened_with(place.stream) != _opened_with(stream):
            return None
        if _looked_for(place.stream) != _looked_for(stream):
            place.watch.look_with(self._looker(stream))
        return place.watch

    def _new_watch(self, stream: Stream) -> Watch:
        return Watch(
            stream.stream_id,
            lambda: self._open_camera(stream),
            self._looker(stream),
            self._bus,
            self._clock,
            self._count_line,
        )

    def _looker(self, stream: Stream) -> MakeLooker | None:
        return (lambda: self._make_looker(stream)) if stream.recognises else None

    def _tell_changes(self, before: Mapping[str, _Place], after: Mapping[str, _Place]) -> None:
        """Starts what is new, and tells what is off."""
        for stream_id, place in after.items():
            old = before.get(stream_id)
            if place.watch is not None and (old is None or old.watch is not place.watch):
                place.watch.start()
            elif place.watch is None and (old is None or old.watch is not None):
                self._bus.publish(StreamStatusChanged(place.status))


def _opened_with(stream: Stream) -> tuple[object, ...]:
    """What a camera is opened with; of its password only that it is another."""
    return stream.source, stream.user, stream.access_revision


def _looked_for(stream: Stream) -> tuple[object, ...]:
    """What a looker has of its stream; a name is no part of it."""
    return stream.recognises, stream.site_id, stream.line


def _ended(watches: Iterable[Watch], timeout_s: float) -> bool:
    """Whether all ended within the time together."""
    ending, deadline_s = list(watches), time.monotonic() + timeout_s
    for watch in ending:
        watch.request_stop()
    stopped = [watch.stop(max(0.0, deadline_s - time.monotonic())) for watch in ending]
    return all(stopped)
