"""Sites and cameras of a chain, over the interface of a centre."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from kiosk.central.inbox import Inbox
from kiosk.central.principal import Principal, Role
from kiosk.central.taking import handlers
from kiosk.clock import ManualClock
from kiosk.database.leases import SqlLeases
from kiosk.database.people_tables import StreamRow
from kiosk.database.server_time import database_now
from kiosk.errors import ErrorCode
from kiosk.sync.records import HealthRecord, Kind
from kiosk.sync.wire import Message
from kiosk.visits.stream_facts import stream_facts
from kiosk.visits.types import StreamDraft, StreamState, StreamStatus
from tests.central_site import NOON, Site, code_of, site_at
from tests.centre import CentreServer
from tests.fake_streams import FakeStreams

DOOR = {"name": "Door", "source": "rtsp://192.0.2.7:554/door", "user": "view"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CentreServer]:
    with CentreServer(tmp_path_factory.mktemp("centre")) as server:
        yield server


@pytest.fixture
def chain(server: CentreServer) -> Site:
    return site_at(server)


def made(chain: Site, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = chain.call("POST", path, Role.ADMIN, json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def a_stream(chain: Site, **changes: Any) -> dict[str, Any]:
    site_id = made(chain, "/api/sites", {"name": uuid4().hex[:8]})["site_id"]
    return made(chain, "/api/streams", {**DOOR, "site_id": site_id, **changes})


def streams(chain: Site, role: Role = Role.ADMIN) -> list[dict[str, Any]]:
    return list(chain.call("GET", "/api/streams", role).json()["streams"])


def test_an_admin_makes_renames_and_removes_a_site(chain: Site) -> None:
    site = made(chain, "/api/sites", {"name": " Siam "})
    path = f"/api/sites/{site['site_id']}"
    renamed = chain.call("PATCH", path, Role.ADMIN, json={"name": "Siam Square"}).json()
    assert renamed == {**site, "name": "Siam Square"}
    assert chain.call("GET", "/api/sites", Role.DEVICE).json() == {"sites": [renamed]}
    assert chain.call("DELETE", path, Role.ADMIN).status_code == 204
    assert chain.call("GET", "/api/sites", Role.DEVICE).json() == {"sites": []}
    assert code_of(chain.call("DELETE", path, Role.ADMIN)) == (404, ErrorCode.SITE_UNKNOWN)


def test_a_site_of_the_same_name_and_one_in_use_are_conflicts(chain: Site) -> None:
    stream = a_stream(chain)
    (site,) = chain.call("GET", "/api/sites", Role.ADMIN).json()["sites"]
    again = chain.call("POST", "/api/sites", Role.ADMIN, json={"name": site["name"].upper()})
    assert code_of(again) == (409, ErrorCode.SITE_TAKEN)
    removed = chain.call("DELETE", f"/api/sites/{stream['site_id']}", Role.ADMIN)
    assert code_of(removed) == (409, ErrorCode.SITE_IN_USE)


@pytest.mark.parametrize("role", [Role.PHOTOGRAPHER, Role.CUSTOMER])
@pytest.mark.parametrize("path", ["/api/sites", "/api/streams"])
def test_nobody_else_reads_them(chain: Site, path: str, role: Role) -> None:
    assert code_of(chain.call("GET", path, role)) == (403, ErrorCode.RIGHTS_MISSING)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/sites"),
        ("PATCH", "/api/sites/{site_id}"),
        ("DELETE", "/api/sites/{site_id}"),
        ("POST", "/api/streams"),
        ("PATCH", "/api/streams/{stream_id}"),
        ("DELETE", "/api/streams/{stream_id}"),
    ],
)
def test_a_kiosk_reads_and_does_not_write(chain: Site, method: str, path: str) -> None:
    stream = a_stream(chain)
    body = {"name": "Mine", "source": DOOR["source"], "site_id": stream["site_id"]}
    if method == "DELETE":
        body = {}
    elif "sites" in path:
        body = {"name": "Mine"}
    answer = chain.call(method, path.format(**stream), Role.DEVICE, json=body)
    assert code_of(answer) == (403, ErrorCode.RIGHTS_MISSING)
    assert streams(chain) == [stream]


def test_an_admin_makes_changes_switches_and_removes_a_camera(chain: Site) -> None:
    line = {"x1": 0.1, "y1": 0.5, "x2": 0.9, "y2": 0.5}
    stream = a_stream(chain, line=line)
    assert (stream["is_on"], stream["recognises"], stream["run_by"]) == (True, True, None)
    assert stream["password_name"] == f"stream.{stream['stream_id']}"
    path = f"/api/streams/{stream['stream_id']}"
    off = chain.call("PATCH", path, Role.ADMIN, json={"is_on": False}).json()
    assert off == {**stream, "is_on": False}
    changed = chain.call("PATCH", path, Role.ADMIN, json={"name": "Back", "line": None, "user": ""}).json()
    assert changed == {**off, "name": "Back", "line": None, "user": ""}
    assert chain.call("GET", path, Role.ADMIN).json() == changed
    assert chain.call("DELETE", path, Role.ADMIN).status_code == 204
    assert code_of(chain.call("GET", path, Role.ADMIN)) == (404, ErrorCode.STREAM_UNKNOWN)


def test_an_address_is_told_to_admins_alone(chain: Site) -> None:
    stream = a_stream(chain)
    assert streams(chain) == [stream]
    assert (stream["source"], stream["user"]) == (DOOR["source"], DOOR["user"])
    assert streams(chain, Role.DEVICE) == [{**stream, "source": "", "user": ""}]


def test_a_password_is_refused_with_where_to_put_it_and_never_repeated(chain: Site) -> None:
    stream = a_stream(chain)
    path = f"/api/streams/{stream['stream_id']}"
    new = {**DOOR, "name": "Lift", "site_id": stream["site_id"], "password": "hidden-word"}
    for answer in (
        chain.call("POST", "/api/streams", Role.ADMIN, json=new),
        chain.call("PATCH", path, Role.ADMIN, json={"password": "hidden-word"}),
        chain.call("PATCH", path, Role.ADMIN, json={"source": "rtsp://view:hidden-word@192.0.2.7/"}),
    ):
        assert code_of(answer) == (422, ErrorCode.STORE_FIELD_INVALID)
        assert "hidden-word" not in answer.text
    refused = chain.call("POST", "/api/streams", Role.ADMIN, json=new).json()["error"]
    assert "CENTRAL_SECRETS" in refused["next_step"]
    assert "kiosk secret stream." in refused["next_step"]
    assert streams(chain) == [stream]


def test_the_list_tells_which_worker_runs_a_camera_and_since_when(chain: Site) -> None:
    stream = a_stream(chain)
    leases = SqlLeases(chain.server.centre.database)
    leases.take("machine-1", 64, 600)
    (run,) = streams(chain)
    assert run["run_by"]["worker_id"] == "machine-1"
    assert run["run_by"]["since"] is not None
    with chain.server.centre.database.writing() as session:
        row = session.scalars(select(StreamRow).where(StreamRow.stream_id == stream["stream_id"])).one()
        row.lease_until = database_now(session) - timedelta(seconds=1)
    assert streams(chain) == [stream]
    leases.leave("machine-1")


def test_a_kiosk_tells_its_site_and_its_cameras(chain: Site) -> None:
    site_id = made(chain, "/api/sites", {"name": "Siam"})["site_id"]
    device_id, _ = chain.server.enrol_device(chain.tenant_id)
    cameras = FakeStreams("kiosk", ManualClock(NOON))
    camera = cameras.add(StreamDraft(site_id, "Door by the stairs", "webcam:0"))
    facts = stream_facts(cameras.streams(), [StreamStatus(camera.stream_id, StreamState.LIVE)])
    told = {"site": "Siam", "site_id": site_id, **facts, "stream.broken": "as another version tells it"}
    health = HealthRecord(at=NOON, version="0.1.0", facts=told)
    centre = chain.server.centre
    inbox = Inbox(centre, handlers(lambda session, order, at: None))
    message = Message(message_id="m1", kind=Kind.HEALTH, made_at=NOON, record=health.model_dump(mode="json"))
    (taken,) = inbox.take(Principal(device_id, chain.tenant_id, Role.DEVICE), [message])
    assert taken.is_taken
    (site,) = chain.call("GET", "/api/sites", Role.ADMIN).json()["sites"]
    assert site["device_ids"] == [device_id]
    (device,) = chain.call("GET", "/api/devices", Role.ADMIN).json()["devices"]
    assert (device["site"], device["site_id"]) == ("Siam", site_id)
    (listed,) = chain.call("GET", "/api/streams", Role.ADMIN).json()["of_kiosks"]
    assert listed == {
        "stream_id": camera.stream_id,
        "device_id": device_id,
        "site_id": site_id,
        "name": "Door by the stairs",
        "state": "live",
        "since": NOON.isoformat().replace("+00:00", "Z"),
    }
