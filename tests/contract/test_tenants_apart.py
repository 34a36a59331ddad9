"""What is one tenant's is to another as if it were not there: every path of the interface, in every role."""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
import requests
from sqlalchemy import select

from kiosk.central.principal import Role
from kiosk.central.settings import CentralSettings
from kiosk.database.tables import Base
from kiosk.database.tenant import TenantDatabase
from kiosk.errors import ErrorCode
from kiosk.photos.types import Photo, PhotoEvent, PreviewSize, original_key, preview_key
from kiosk.settings import PaymentSection
from kiosk.sync.record_parts import Record
from kiosk.sync.records import DeletionRecord, FeedbackRecord, ForgottenRecord
from kiosk.sync.store_records import LineCountRecord, SiteRecord
from kiosk.sync.wire import PROTOCOL
from tests.centre import UNHURRIED, CentreServer
from tests.sync_records import NOW, a_consent, a_person, a_visit, a_voucher, an_event, an_order
from tests.visit_rows import add_sites

CUSTOMER = "nok"
PASSING = {"idempotency_key": "key-of-a-kiosk", "amount_satang": 7900, "order_code": "K1-4Q2M"}
PERSON = {"kind": "staff", "name": "X", "consent_version": "1", "consented_at": NOW.isoformat(), "faces": []}
CAMERA = {"name": "Door", "source": "rtsp://192.0.2.7/door"}
PICTURE = {"picture": ("me.jpg", b"no picture")}
PHOTOS = {"files": ("one.jpg", b"no picture")}


@dataclass
class Theirs:
    """A tenant with one of everything. `ids` are the names of its things."""

    tenant_id: str
    device_id: str
    ids: dict[str, str] = field(default_factory=dict)


Filled = dict[str, Any]
CASES: dict[str, list[Filled]] = {
    "GET /api/events/{event_id}": [{}],
    "PATCH /api/events/{event_id}": [{"json": {"name": "Mine now"}}],
    "GET /api/events/{event_id}/packages": [{}],
    "PUT /api/events/{event_id}/packages": [{"json": {"packages": []}}],
    "GET /api/photos/{photo_id}": [{}],
    "GET /api/photos/{photo_id}/metadata": [{}],
    "GET /api/photos/{photo_id}/original": [{}],
    "GET /api/photos/{photo_id}/preview/{size}": [{}],
    "POST /api/photos/{photo_id}/withdraw": [{}],
    "POST /api/photos/{photo_id}/approve": [{}],
    "POST /api/photos/batch-upload": [{"data": {"event_id": "{event_id}"}, "files": PHOTOS}],
    "GET /api/uploads/{upload_id}": [{}],
    "POST /api/face/search": [
        {"data": {"event_id": "{event_id}", "consent_id": "new", "consent_version": "1"}, "files": PICTURE}
    ],
    "POST /api/face/feedback": [
        {"json": {"event_id": "{event_id}", "photo_id": "{photo_id}", "ordinal": 0}},
        {"json": {"event_id": "{my_event_id}", "photo_id": "{photo_id}", "ordinal": 0}},
    ],
    "POST /api/orders": [
        {"json": {"event_id": "{event_id}", "photo_ids": ["{photo_id}"]}},
        {"json": {"event_id": "{my_event_id}", "photo_ids": ["{photo_id}"]}},
        {"json": {"event_id": "{my_event_id}", "photo_ids": ["{my_photo_id}"], "voucher": "{voucher}"}},
    ],
    "GET /api/orders/{order_id}": [{}],
    "GET /api/orders/{order_id}/download": [{}],
    "GET /api/orders/{order_id}/invoice": [{}],
    "POST /api/orders/{order_id}/redownload": [{}],
    "POST /api/payment/create": [{"json": {"order_id": "{order_id}"}}],
    "POST /api/payment/refund": [{"json": {"order_id": "{order_id}", "reason": "greed"}}],
    "GET /api/payment/{charge_id}/status": [{}],
    "POST /api/payment/{charge_id}/cancel": [{}],
    "POST /api/payment/{charge_id}/confirm": [{"json": {"received_satang": 7900}}],
    "POST /api/deletions": [
        {"json": {"photo_ids": ["{photo_id}"]}},
        {"json": {"photo_ids": ["{photo_id}"], "event_id": "{event_id}"}},
        {"json": {"faces": [{"photo_id": "{photo_id}", "ordinal": 0}]}},
        {"json": {"order_id": "{order_id}"}},
        {"json": {"consent_id": "{consent_id}"}},
        {"json": {"person_id": "{person_id}"}},
    ],
    "GET /api/deletions/{deletion_id}": [{}],
    "GET /api/deletions/{deletion_id}/proof": [{"params": {"token": "{my_token}"}}],
    "POST /api/devices/{device_id}/revoke": [{}],
    "POST /api/vouchers": [
        {"json": {"kind": "free", "event_id": "{event_id}"}},
        {"json": {"kind": "free", "home_kiosk_id": "{device_id}"}},
    ],
    "POST /api/vouchers/{code}/hold": [{"json": {"order_id": "some-order"}}],
    "PATCH /api/sites/{site_id}": [{"json": {"name": "Mine now"}}],
    "DELETE /api/sites/{site_id}": [{}],
    "POST /api/streams": [{"json": {**CAMERA, "site_id": "{site_id}"}}],
    "GET /api/streams/{stream_id}": [{}],
    "PATCH /api/streams/{stream_id}": [
        {"json": {"name": "Mine now"}},
        {"json": {"is_on": False, "recognises": False}},
        {"json": {"site_id": "{my_site_id}"}},
    ],
    "DELETE /api/streams/{stream_id}": [{}],
    "GET /api/visits/report": [
        {"params": {"by": "day", "since": "2026-11-01", "until": "2026-11-30", "site": "{site_id}"}}
    ],
    "GET /api/visits": [
        {"params": {"since": NOW.isoformat(), "until": "2027-01-01T00:00:00Z", "site": "{site_id}"}}
    ],
}
"""Each path, asked for things of the other tenant: it answers as if they were not there."""

TAKEN: dict[str, Filled] = {
    "PUT /api/people/{person_id}": {"json": PERSON},
    "POST /api/photos/batch-upload": {
        "data": {"event_id": "{my_event_id}", "upload_id": "{upload_id}"},
        "files": PHOTOS,
    },
    "POST /api/face/search": {
        "data": {"event_id": "{my_event_id}", "consent_id": "{consent_id}", "consent_version": "1"},
        "files": PICTURE,
    },
}
"""The caller chooses the name of a new thing here: one that is the other tenant's is refused."""

LISTS = (
    "GET /api/events",
    "GET /api/devices",
    "GET /api/people",
    "GET /api/sites",
    "GET /api/streams",
    "GET /api/vouchers",
    "GET /api/sync/changes",
)
"""Tell of the caller's tenant only."""

OPEN = {
    "POST /api/auth/login",
    "POST /api/auth/refresh",
    "POST /api/devices/enrol",  # by a code; a kiosk of another tenant: tests/contract/test_central_access.py
    "POST /api/payment/webhook",  # signed
    "GET /api/deletions/key",
    "GET /api/downloads/{token}",  # whoever has the link
    "GET /api/system/version",
    "GET /healthz",
    "GET /readyz",
}
ELSEWHERE = {
    "GET /api/sync/stream",  # tests/contract/test_sync_api.py
    "POST /api/sync/messages",  # below
    "POST /api/vouchers/{code}/release",  # below
    "POST /api/devices/codes",  # names nothing
    "POST /api/events",  # names nothing
    "POST /api/sites",  # names nothing
    # a tenant's own shelf, which is named by no id: tests/contract/test_updates_from_the_centre.py
    "GET /api/updates",
    "GET /api/updates/offer",
    "GET /api/updates/packages/{file_name}",
    "POST /api/updates/packages/{file_name}",
    "PATCH /api/updates/{file_name}",
    "DELETE /api/updates/{file_name}",
}


@dataclass
class World:
    """A centre with two tenants that have one of everything: `mine` asks, `theirs` is asked for."""

    server: CentreServer
    mine: Theirs
    theirs: Theirs

    def call(self, who: Theirs, role: Role, operation: str, ids: Mapping[str, str], more: Filled) -> Any:
        method, path = operation.split(" ")
        subject = {Role.DEVICE: who.device_id, Role.CUSTOMER: CUSTOMER}.get(role, f"{role}-of-it")
        named = {**ids, "size": PreviewSize.SMALL.value, "code": ids.get("voucher", "")}
        return requests.request(
            method,
            self.server.url + filled(path, named),
            headers=self.server.headers(who.tenant_id, role, subject),
            timeout=30,
            allow_redirects=False,
            **filled(more, named),
        )

    def asked_for(self, names: Mapping[str, str]) -> dict[str, str]:
        """Those names among the caller's own."""
        return {**names, **{f"my_{name}": value for name, value in self.mine.ids.items()}}

    def rows_of_theirs(self) -> set[str]:
        """Every row that names something of theirs."""
        with self.server.centre.database.reading() as session:
            rows = [
                f"{table.name} {tuple(row)}"
                for table in Base.metadata.sorted_tables
                for row in session.execute(select(table))
            ]
        names = [self.theirs.tenant_id, *self.theirs.ids.values()]
        return {row for row in rows if any(name in row for name in names)}

    def tell(self, who: Theirs, kind: str, record: Record) -> dict[str, Any]:
        """A message of a kiosk; what it is answered."""
        message = {
            "message_id": uuid4().hex,
            "kind": kind,
            "record": record.model_dump(mode="json"),
            "made_at": NOW.isoformat(),
        }
        told = {"json": {"protocol": PROTOCOL, "messages": [message]}}
        answer = self.call(who, Role.DEVICE, "POST /api/sync/messages", {}, told)
        assert answer.status_code == 200, answer.text
        (taken,) = answer.json()["answers"]
        return dict(taken)


def filled(value: Any, names: Mapping[str, str]) -> Any:
    """With names in their places."""
    if isinstance(value, str):
        for name, its in names.items():
            value = value.replace(f"{{{name}}}", its)
        return value
    if isinstance(value, dict):
        return {key: filled(each, names) for key, each in value.items()}
    return [filled(each, names) for each in value] if isinstance(value, list) else value


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    settings = CentralSettings(
        access=UNHURRIED, payment=PaymentSection(gateway="promptpay", promptpay_id="0801234567")
    )
    with CentreServer(tmp_path_factory.mktemp("centre"), settings) as server:
        made = World(server, *(Theirs(server.add_tenant(name), uuid4().hex) for name in ("Mine", "Theirs")))
        for who in (made.mine, made.theirs):
            furnish(made, who)
        yield made


def furnish(world: World, who: Theirs) -> None:
    """Gives a tenant one of everything."""
    server, ids = world.server, who.ids
    server.enrol_device(who.tenant_id, device_id=who.device_id)
    ids.update(
        device_id=who.device_id,
        event_id=uuid4().hex,
        photo_id=uuid4().hex,
        person_id=uuid4().hex,
        consent_id=uuid4().hex,
        visit_id=uuid4().hex,
        site_id=uuid4().hex,
        voucher=uuid4().hex[:10].upper(),
    )
    add_photo(server, who)
    add_sites(TenantDatabase(server.centre.database, who.tenant_id), {ids["site_id"]: "Shop"})

    def good(role: Role, operation: str, more: Filled) -> Any:
        answer = world.call(who, role, operation, ids, more)
        assert answer.ok, f"{operation}: {answer.text}"
        return answer.json()

    good(Role.ADMIN, "PUT /api/people/{person_id}", {"json": PERSON})
    camera = {"json": {**CAMERA, "site_id": ids["site_id"]}}
    ids["stream_id"] = good(Role.ADMIN, "POST /api/streams", camera)["stream_id"]
    good(
        Role.ADMIN,
        "POST /api/vouchers",
        {"json": {"kind": "percent", "value": 10, "code": ids.get("voucher", "")}},
    )
    for kind, record in (
        ("consent", a_consent(ids["consent_id"], ids["event_id"])),
        ("visit", a_visit(ids["visit_id"], who.device_id, site_id=ids["site_id"])),
        ("line_count", a_line_count(who, who.device_id)),
    ):
        assert world.tell(who, kind, record)["is_taken"]
    wish = {"event_id": ids["event_id"], "photo_ids": [ids["photo_id"]]}
    ids["order_id"] = good(Role.CUSTOMER, "POST /api/orders", {"json": wish})["order_id"]
    charge = good(Role.CUSTOMER, "POST /api/payment/create", {"json": {"order_id": ids["order_id"]}})
    ids["charge_id"] = charge["charge_id"]
    paid = {"json": {"received_satang": charge["due_satang"]}}
    good(Role.ADMIN, "POST /api/payment/{charge_id}/confirm", paid)
    sent = {"data": {"event_id": ids["event_id"]}, "files": PHOTOS}
    ids["upload_id"] = good(Role.PHOTOGRAPHER, "POST /api/photos/batch-upload", sent)["upload_id"]
    asked = good(Role.ADMIN, "POST /api/deletions", {"json": {"consent_id": ids["consent_id"]}})
    ids["deletion_id"], ids["token"] = asked["deletion_id"], asked["token"]
    until = time.monotonic() + 20
    while good(Role.ADMIN, "GET /api/deletions/{deletion_id}", {})["waiting"] > 1:  # for the kiosk
        assert time.monotonic() < until, "the centre does not forget"
        time.sleep(0.05)


def a_line_count(who: Theirs, kiosk_id: str) -> LineCountRecord:
    """What the line of a tenant's camera counted in an hour, as a kiosk tells it."""
    return LineCountRecord(
        kiosk_id=kiosk_id,
        site_id=who.ids["site_id"],
        stream_id=who.ids["stream_id"],
        hour=NOW,
        came_in=3,
        went_out=2,
    )


def add_photo(server: CentreServer, who: Theirs) -> None:
    archive, now = server.centre.archive, datetime.now(UTC)
    event_id, photo_id = who.ids["event_id"], who.ids["photo_id"]
    archive.photos.add_event(PhotoEvent(event_id, "Run", "วิ่ง", now, tenant_id=who.tenant_id))
    archive.photos.add_photo(Photo(photo_id, event_id, 1, "a.jpg", photo_id * 2, 80, 60, now, now), [])
    archive.store.put(original_key(event_id, photo_id), f"original of {who.tenant_id}".encode())
    for size in PreviewSize:
        archive.store.put(preview_key(event_id, photo_id, size), f"preview of {who.tenant_id}".encode())


def nobodys(ids: Mapping[str, str]) -> dict[str, str]:
    """Names of the same kind that nothing bears."""
    return {
        name: uuid4().hex[: len(value)].upper() if name == "voucher" else uuid4().hex
        for name, value in ids.items()
    }


def what_it_says(answer: requests.Response, names: Mapping[str, str]) -> tuple[int, str]:
    """Status and words, whatever was named."""
    words = answer.text
    for name, its in names.items():
        words = words.replace(its, name)
    return answer.status_code, words


def test_every_path_is_among_those_that_are_tried(world: World) -> None:
    paths = requests.get(f"{world.server.url}/openapi.json", timeout=30).json()["paths"]
    there = {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}
    assert there == {*CASES, *TAKEN, *LISTS, *OPEN, *ELSEWHERE}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("operation", CASES)
def test_what_is_another_tenants_is_as_unknown_as_what_is_not_there(
    world: World, operation: str, role: Role
) -> None:
    before = world.rows_of_theirs()
    for case in CASES[operation]:
        unknown = world.asked_for(nobodys(world.theirs.ids))
        known = world.asked_for(world.theirs.ids)
        nothing = world.call(world.mine, role, operation, unknown, case)
        theirs = world.call(world.mine, role, operation, known, case)
        assert 400 <= theirs.status_code < 500, theirs.text
        assert what_it_says(theirs, known) == what_it_says(nothing, unknown)
        assert world.theirs.tenant_id not in theirs.text
    assert world.rows_of_theirs() == before


@pytest.mark.parametrize("operation", [name for name in CASES if name.startswith("GET")])
def test_those_whose_it_is_are_let_in(world: World, operation: str) -> None:
    """So that the test above asks for what is there."""
    names = {**world.theirs.ids, "my_token": world.theirs.ids["token"]}
    for case in CASES[operation]:
        answer = world.call(world.theirs, Role.ADMIN, operation, names, case)
        assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("operation", TAKEN)
def test_a_name_that_is_another_tenants_is_refused(world: World, operation: str, role: Role) -> None:
    before = world.rows_of_theirs()
    names = world.asked_for(world.theirs.ids)
    answer = world.call(world.mine, role, operation, names, TAKEN[operation])
    assert answer.status_code in (403, 422), answer.text
    assert world.rows_of_theirs() == before


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("operation", LISTS)
def test_a_list_names_nothing_of_another_tenant(world: World, operation: str, role: Role) -> None:
    answer = world.call(world.mine, role, operation, world.mine.ids, {})
    assert answer.status_code in (200, 403)
    for name in (world.theirs.tenant_id, *world.theirs.ids.values()):
        assert name.encode() not in answer.content


def test_no_camera_of_mine_is_put_at_a_site_of_theirs(world: World) -> None:
    before, names = world.rows_of_theirs(), world.theirs.ids
    for site_id in (names["site_id"], "nobodys"):
        change = {"json": {"site_id": site_id}}
        answer = world.call(world.mine, Role.ADMIN, "PATCH /api/streams/{stream_id}", world.mine.ids, change)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, ErrorCode.SITE_UNKNOWN)
    assert world.rows_of_theirs() == before


def test_two_chains_may_call_their_sites_and_cameras_alike(world: World) -> None:
    for who in (world.mine, world.theirs):
        made = world.call(who, Role.ADMIN, "POST /api/sites", {}, {"json": {"name": "Siam"}})
        assert made.status_code == 201
        camera = {"json": {**CAMERA, "site_id": made.json()["site_id"]}}
        assert world.call(who, Role.ADMIN, "POST /api/streams", {}, camera).status_code == 201


def test_a_payments_key_and_a_vouchers_code_are_each_tenants_own(world: World) -> None:
    charges = [
        world.call(who, Role.DEVICE, "POST /api/payment/create", who.ids, {"json": PASSING}).json()
        for who in (world.theirs, world.mine)
    ]
    assert charges[0]["charge_id"] != charges[1]["charge_id"]
    before = world.rows_of_theirs()
    wish = {"json": {"order_id": world.theirs.ids["order_id"]}}
    given = world.call(world.mine, Role.DEVICE, "POST /api/vouchers/{code}/release", world.theirs.ids, wish)
    assert given.status_code == 200, "there is nothing to give back, which is harmless"
    assert world.rows_of_theirs() == before


def test_what_a_kiosk_tells_changes_nothing_of_another_tenant(world: World) -> None:
    ids, me = world.theirs.ids, world.mine.device_id
    my_event = world.mine.ids["event_id"]
    deletion = DeletionRecord(
        deletion_id=ids["deletion_id"],
        requested_at=NOW,
        requested_by="buyer",
        event_id=ids["event_id"],
        photo_ids=(ids["photo_id"],),
        faces=((ids["photo_id"], 0),),
        order_id=ids["order_id"],
        consent_id=ids["consent_id"],
        person_id=ids["person_id"],
    )
    said = FeedbackRecord(event_id=ids["event_id"], photo_id=ids["photo_id"], ordinal=0, said_at=NOW)
    gone = ForgottenRecord(deletion_id=ids["deletion_id"], holder="database", confirmed_at=NOW, removed={})
    voucher = a_voucher(ids["voucher"], me).model_copy(update={"event_id": ids["event_id"]})
    before = world.rows_of_theirs()
    for kind, record, code in (
        ("event", an_event(ids["event_id"]), ErrorCode.EVENT_UNKNOWN),
        ("order", an_order(ids["order_id"], my_event, me), ErrorCode.ORDER_UNKNOWN),
        ("order", an_order(uuid4().hex, ids["event_id"], me), ErrorCode.EVENT_UNKNOWN),
        ("consent", a_consent(ids["consent_id"], my_event), ErrorCode.RECORD_INVALID),
        ("visit", a_visit(ids["visit_id"], me), ErrorCode.RECORD_INVALID),
        ("person", a_person(ids["person_id"]), ErrorCode.RECORD_INVALID),
        ("visit", a_visit(uuid4().hex, me, site_id=ids["site_id"]), ErrorCode.RECORD_INVALID),
        ("visit", a_visit(ids["visit_id"], me, is_void=True), ErrorCode.RECORD_INVALID),
        ("line_count", a_line_count(world.theirs, me), ErrorCode.RECORD_INVALID),
        (
            "site",
            SiteRecord(site_id=ids["site_id"], name="Mine now", created_at=NOW),
            ErrorCode.RECORD_INVALID,
        ),
        ("voucher", voucher, ErrorCode.EVENT_UNKNOWN),
        ("deletion", deletion, ErrorCode.DELETION_UNKNOWN),
        ("forgotten", gone, ErrorCode.DELETION_UNKNOWN),
        ("feedback", said, None),
    ):
        answer = world.tell(world.mine, kind, record)
        assert answer["code"] == code, f"{kind}: {answer}"
    assert rows_but_the_inbox(world.rows_of_theirs()) == rows_but_the_inbox(before)


def rows_but_the_inbox(rows: set[str]) -> set[str]:
    """The inbox keeps the words of each refusal, which name what was asked for."""
    return {row for row in rows if not row.startswith("inbox ")}


def test_an_order_that_names_another_tenants_photo_brings_none_of_it(world: World) -> None:
    mine, photo_id = world.mine, world.theirs.ids["photo_id"]
    line = an_order("x", "x", "x").lines[0]
    lines = [
        line.model_copy(update={"line_id": uuid4().hex, "photo_id": each})
        for each in (photo_id, mine.ids["photo_id"])
    ]
    forged = an_order(uuid4().hex, mine.ids["event_id"], mine.device_id)
    forged = forged.model_copy(update={"state": "paid", "paid_at": NOW, "lines": tuple(lines)})
    assert world.tell(mine, "order", forged)["is_taken"], "its photos may be at the kiosk only"
    ids = {**mine.ids, "order_id": forged.order_id}
    link = world.call(mine, Role.DEVICE, "GET /api/orders/{order_id}/download", ids, {}).json()
    got = requests.get(link["url"], timeout=30)
    with zipfile.ZipFile(io.BytesIO(got.content)) as archive:
        originals = [archive.read(name) for name in archive.namelist() if name.endswith(".jpg")]
        (told,) = [json.loads(archive.read(name)) for name in archive.namelist() if name.endswith(".json")]
    assert originals == [f"original of {mine.tenant_id}".encode()]
    assert world.theirs.ids["event_id"] not in json.dumps(told)
