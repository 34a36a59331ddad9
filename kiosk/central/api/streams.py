"""The cameras of a chain: those that the centre's camera workers run, written by its admins, and beside them
those that kiosks tell of."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response
from pydantic import BaseModel, Field

from kiosk.central.api.fields import Body, DeviceId, Word, Words
from kiosk.central.api.guard import Guard
from kiosk.central.centre import Centre
from kiosk.central.principal import Principal, Role
from kiosk.central.secrets import password_refused
from kiosk.central.stream_news import KioskStream, kiosk_streams
from kiosk.database.streams import RunBy, SqlStreams
from kiosk.database.tenant import TenantDatabase
from kiosk.visits.types import Line, Stream, StreamDraft

StreamId = Annotated[str, Path(pattern=r"^[0-9A-Za-z_-]{1,64}$")]
Place = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class LineBody(Body):
    """A line across the picture, in shares of its width and height. Whoever crosses it from the left of the
    way from 1 to 2 to its right goes in."""

    x1: Place
    y1: Place
    x2: Place
    y2: Place


class NewStream(Body):
    """A camera. `source` is its address, without user and password. A `password` is refused: the answer says
    where it is put."""

    site_id: DeviceId
    name: Word
    source: Annotated[Words, Field(repr=False)]
    user: Words = ""
    password: Annotated[Words | None, Field(repr=False)] = None
    line: LineBody | None = None


class StreamChanges(Body):
    """What is to change of a camera; what is left out stays. `line` null takes the line away."""

    site_id: DeviceId | None = None
    name: Word | None = None
    source: Annotated[Words | None, Field(repr=False)] = None
    user: Words | None = None
    password: Annotated[Words | None, Field(repr=False)] = None
    line: LineBody | None = None
    is_on: bool | None = None
    recognises: bool | None = None


class RunByBody(BaseModel):
    """The camera worker that runs a stream, and since when."""

    worker_id: str
    since: datetime


class StreamBody(BaseModel):
    """A camera of the centre's camera workers. `source` and `user` are told to admins alone; `password_name`
    is what its secret is called. `run_by` null: nobody runs it now."""

    stream_id: str
    site_id: str
    name: str
    source: str
    user: str
    password_name: str
    is_on: bool
    recognises: bool
    line: LineBody | None
    created_at: datetime
    run_by: RunByBody | None


class KioskStreamBody(BaseModel):
    """A camera that a kiosk runs, as it told last."""

    stream_id: str
    device_id: str
    site_id: str
    name: str
    state: str
    since: datetime | None


class StreamList(BaseModel):
    """The cameras of a chain, by name."""

    streams: list[StreamBody]
    of_kiosks: list[KioskStreamBody]


def router(centre: Centre, guard: Guard) -> APIRouter:
    """The paths of this part."""
    routes = APIRouter(prefix="/api/streams", tags=["streams"])
    admin, device = guard.allow(Role.ADMIN), guard.allow(Role.DEVICE)

    def streams_of(who: Principal) -> SqlStreams:
        return SqlStreams(TenantDatabase(centre.database, who.tenant_id, centre.clock), "")

    def told(who: Principal, stream: Stream) -> StreamBody:
        return _body(stream, streams_of(who).run_by(), knows_address=who.role is Role.ADMIN)

    @routes.get("")
    def list_streams(who: Principal = Depends(device)) -> StreamList:
        """The cameras of the caller's chain, and who runs each."""
        streams = streams_of(who)
        run_by, is_admin = streams.run_by(), who.role is Role.ADMIN
        return StreamList(
            streams=[_body(one, run_by, knows_address=is_admin) for one in streams.streams()],
            of_kiosks=[_kiosk_body(one) for one in kiosk_streams(centre.database, who.tenant_id)],
        )

    @routes.get("/{stream_id}")
    def show(stream_id: StreamId, who: Principal = Depends(device)) -> StreamBody:
        """A camera of the centre's camera workers."""
        return told(who, streams_of(who).stream(stream_id))

    @routes.post("", status_code=201)
    def add(body: NewStream, who: Principal = Depends(admin)) -> StreamBody:
        """Adds a camera; a worker that has room takes it within seconds."""
        if body.password is not None:
            raise password_refused()
        draft = StreamDraft(body.site_id, body.name, body.source, body.user, line=_line(body.line))
        return told(who, streams_of(who).add(draft))

    @routes.patch("/{stream_id}")
    def change(stream_id: StreamId, body: StreamChanges, who: Principal = Depends(admin)) -> StreamBody:
        """Changes a camera, or switches it or its recognition on and off."""
        if body.password is not None:
            raise password_refused()
        streams = streams_of(who)
        before = streams.stream(stream_id)
        draft = _changed(before, body)
        if draft != _draft(before):
            streams.change(stream_id, draft)
        return told(who, streams.switch(stream_id, is_on=body.is_on, recognises=body.recognises))

    @routes.delete("/{stream_id}", status_code=204)
    def remove(stream_id: StreamId, who: Principal = Depends(admin)) -> Response:
        """Removes a camera; what it counted stays."""
        streams_of(who).remove(stream_id)
        return Response(status_code=204)

    return routes


def _draft(stream: Stream) -> StreamDraft:
    return StreamDraft(stream.site_id, stream.name, stream.source, stream.user, line=stream.line)


def _changed(stream: Stream, changes: StreamChanges) -> StreamDraft:
    def new(given: str | None, before: str) -> str:
        return before if given is None else given

    return StreamDraft(
        site_id=new(changes.site_id, stream.site_id),
        name=new(changes.name, stream.name),
        source=new(changes.source, stream.source),
        user=new(changes.user, stream.user),
        line=_line(changes.line) if "line" in changes.model_fields_set else stream.line,
    )


def _line(body: LineBody | None) -> Line | None:
    return None if body is None else Line(body.x1, body.y1, body.x2, body.y2)


def _body(stream: Stream, run_by: dict[str, RunBy], *, knows_address: bool) -> StreamBody:
    worker, line = run_by.get(stream.stream_id), stream.line
    return StreamBody(
        stream_id=stream.stream_id,
        site_id=stream.site_id,
        name=stream.name,
        source=stream.source if knows_address else "",
        user=stream.user if knows_address else "",
        password_name=stream.password_name,
        is_on=stream.is_on,
        recognises=stream.recognises,
        line=None if line is None else LineBody(x1=line.x1, y1=line.y1, x2=line.x2, y2=line.y2),
        created_at=stream.created_at,
        run_by=None if worker is None else RunByBody(worker_id=worker.worker_id, since=worker.since),
    )


def _kiosk_body(stream: KioskStream) -> KioskStreamBody:
    return KioskStreamBody(
        stream_id=stream.stream_id,
        device_id=stream.device_id,
        site_id=stream.site_id,
        name=stream.name,
        state=stream.state,
        since=stream.since,
    )
