"""What a tenant's admins write down over HTTP: events, price lists, vouchers, people; and who reads it."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from kiosk.central.principal import Role
from kiosk.database.feed import SqlFeed
from kiosk.errors import ErrorCode
from kiosk.sync.records import read_record
from kiosk.sync.store_records import PersonRecord
from kiosk.sync.wire import Change, unpack_page
from tests.centre import CentreServer
from tests.sync_records import CONTRACT, NOW, an_embedding

PACKAGES = [
    {"package_id": "one", "name_key": "One", "photo_count": 1, "price_satang": 5000},
    {"package_id": "all", "name_key": "package.all", "photo_count": None, "price_satang": 99_900},
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CentreServer]:
    with CentreServer(tmp_path_factory.mktemp("centre")) as running:
        yield running


class Caller:
    """Somebody of a tenant in a role."""

    def __init__(self, server: CentreServer, tenant: str, role: Role) -> None:
        self.tenant_id = server.add_tenant(tenant)
        self._url = server.url
        self._headers = server.headers(self.tenant_id, role)

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """The status, and the answer or its error code."""
        answer = requests.request(
            method, f"{self._url}/api{path}", json=body, headers=self._headers, timeout=5
        )
        told = answer.json()
        return answer.status_code, told["error"]["code"] if "error" in told else told


@pytest.fixture
def admin(server: CentreServer, request: pytest.FixtureRequest) -> Caller:
    return Caller(server, f"tenant of {request.node.name}", Role.ADMIN)


@pytest.fixture
def stranger(server: CentreServer) -> Caller:
    return Caller(server, "another tenant", Role.ADMIN)


def same_tenant(server: CentreServer, request: pytest.FixtureRequest, role: Role) -> Caller:
    return Caller(server, f"tenant of {request.node.name}", role)


def told(server: CentreServer, who: Caller) -> list[Change]:
    return list(unpack_page(SqlFeed(server.centre.database).page(who.tenant_id, 0).data).changes)


def test_an_event_is_made_changed_and_told_to_the_kiosks(server: CentreServer, admin: Caller) -> None:
    status, made = admin.ask("POST", "/events", {"name": "Night Run", "packages": PACKAGES})
    assert (status, made["name_th"], made["packages"]) == (201, "Night Run", PACKAGES)
    event_id = made["event_id"]
    status, changed = admin.ask("PATCH", f"/events/{event_id}", {"place": "Lumphini", "reads_numbers": True})
    assert (status, changed) == (200, {**made, "place": "Lumphini", "reads_numbers": True})
    assert admin.ask("GET", f"/events/{event_id}") == (200, changed)
    assert admin.ask("GET", "/events") == (200, {"events": [changed]})
    (change,) = told(server, admin)
    assert read_record(change.kind, change.record).model_dump(mode="json") == changed


def test_a_price_list_is_set_whole_and_can_be_taken_away(server: CentreServer, admin: Caller) -> None:
    event_id = admin.ask("POST", "/events", {"name": "Run"})[1]["event_id"]
    path = f"/events/{event_id}/packages"
    assert admin.ask("GET", path) == (200, {"packages": []})
    assert admin.ask("PUT", path, {"packages": PACKAGES}) == (200, {"packages": PACKAGES})
    assert admin.ask("GET", path) == (200, {"packages": PACKAGES})
    twice = [PACKAGES[0], {**PACKAGES[0], "package_id": "two"}]
    for unusable in (twice, [{**PACKAGES[0], "price_satang": 0}], [{**PACKAGES[0], "name_key": "a\x00"}]):
        assert admin.ask("PUT", path, {"packages": unusable}) == (422, ErrorCode.REQUEST_INVALID)
    assert admin.ask("GET", path) == (200, {"packages": PACKAGES})
    assert admin.ask("PUT", path, {"packages": []}) == (200, {"packages": []})
    assert [change.kind for change in told(server, admin)] == ["event"]


@pytest.mark.parametrize("role", [Role.PHOTOGRAPHER, Role.DEVICE, Role.CUSTOMER])
def test_all_of_a_tenant_read_its_events_and_only_admins_write(
    server: CentreServer, admin: Caller, request: pytest.FixtureRequest, role: Role
) -> None:
    event_id = admin.ask("POST", "/events", {"name": "Run"})[1]["event_id"]
    who = same_tenant(server, request, role)
    assert who.ask("GET", "/events")[1]["events"][0]["event_id"] == event_id
    assert who.ask("GET", f"/events/{event_id}")[0] == 200
    assert who.ask("GET", f"/events/{event_id}/packages")[0] == 200
    for method, path, body in (
        ("POST", "/events", {"name": "Run"}),
        ("PATCH", f"/events/{event_id}", {"name": "Mine"}),
        ("PUT", f"/events/{event_id}/packages", {"packages": []}),
        ("GET", "/vouchers", None),
        ("POST", "/vouchers", {"kind": "free"}),
        ("GET", "/people", None),
    ):
        assert who.ask(method, path, body) == (403, ErrorCode.RIGHTS_MISSING)


def test_an_event_of_another_tenant_is_answered_like_none(
    server: CentreServer, admin: Caller, stranger: Caller
) -> None:
    event_id = admin.ask("POST", "/events", {"name": "Run"})[1]["event_id"]
    before = told(server, admin)
    for method, path, body in (
        ("GET", "", None),
        ("GET", "/packages", None),
        ("PATCH", "", {"name": "Mine"}),
        ("PUT", "/packages", {"packages": PACKAGES}),
    ):
        theirs = stranger.ask(method, f"/events/{event_id}{path}", body)
        none = stranger.ask(method, f"/events/nowhere{path}", body)
        assert theirs == none == (404, ErrorCode.EVENT_UNKNOWN)
    assert event_id not in str(stranger.ask("GET", "/events"))
    voucher = {"kind": "free", "event_id": event_id}
    assert stranger.ask("POST", "/vouchers", voucher) == (404, ErrorCode.EVENT_UNKNOWN)
    assert told(server, admin) == before


def test_a_voucher_is_issued_once_and_told_to_the_kiosks(
    server: CentreServer, admin: Caller, stranger: Caller
) -> None:
    status, made = admin.ask("POST", "/vouchers", {"code": "welcome-10", "kind": "percent", "value": 10})
    assert (status, made["code"], made["use_limit"], made["used"]) == (201, "WELCOME10", 1, 0)
    again = admin.ask("POST", "/vouchers", {"code": "WELCOME 10", "kind": "free"})
    assert again == (422, ErrorCode.VOUCHER_TAKEN)
    status, free = admin.ask("POST", "/vouchers", {"kind": "free", "use_limit": None})
    assert (status, len(free["code"])) == (201, 10)
    assert [one["code"] for one in admin.ask("GET", "/vouchers")[1]["vouchers"]] == sorted(
        ["WELCOME10", free["code"]]
    )
    assert "WELCOME10" not in str(stranger.ask("GET", "/vouchers"))
    assert stranger.ask("POST", "/vouchers", {"code": "WELCOME10", "kind": "free"})[0] in (201, 422)
    assert {change.key for change in told(server, admin)} == {"WELCOME10", free["code"]}


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({"kind": "percent", "value": 101}, ErrorCode.REQUEST_INVALID),
        ({"kind": "amount"}, ErrorCode.REQUEST_INVALID),
        ({"kind": "free", "code": "ฟรี"}, ErrorCode.VOUCHER_CODE_INVALID),
        ({"kind": "free", "home_kiosk_id": "nobody"}, ErrorCode.DEVICE_UNKNOWN),
        ({"kind": "free", "event_id": "nowhere"}, ErrorCode.EVENT_UNKNOWN),
        ({"kind": "free", "valid_until": "0001-01-01T00:00:00+14:00"}, ErrorCode.REQUEST_INVALID),
        (
            {
                "kind": "free",
                "valid_from": "2026-12-02T00:00:00Z",
                "valid_until": "2026-12-01T00:00:00Z",
            },
            ErrorCode.REQUEST_INVALID,
        ),
    ],
)
def test_a_voucher_that_could_not_be_used_is_not_issued(
    admin: Caller, wish: dict[str, Any], code: ErrorCode
) -> None:
    status, answer = admin.ask("POST", "/vouchers", wish)
    assert (400 <= status < 500, answer) == (True, code)
    assert admin.ask("GET", "/vouchers") == (200, {"vouchers": []})


def test_a_persons_faces_go_up_and_to_the_kiosks_and_are_never_listed(
    server: CentreServer, admin: Caller, stranger: Caller
) -> None:
    face = base64.b64encode(an_embedding(1)).decode()
    body = {
        "kind": "staff",
        "name": "Nok",
        "consent_version": "4",
        "consented_at": NOW.isoformat(),
        "faces": [{"ordinal": 0, "contract_id": CONTRACT, "embedding": face}],
    }
    status, made = admin.ask("PUT", "/people/person-1", body)
    assert (status, made["face_count"]) == (200, 1)
    status, again = admin.ask("PUT", "/people/person-1", {**body, "name": "Nok S."})
    listed = admin.ask("GET", "/people")
    assert listed == (200, {"people": [again]})
    assert face not in str(listed)
    (change,) = told(server, admin)
    person = read_record(change.kind, change.record)
    assert isinstance(person, PersonRecord)
    assert (person.name, person.faces[0].embedding) == ("Nok S.", an_embedding(1))
    assert stranger.ask("GET", "/people") == (200, {"people": []})
    assert stranger.ask("PUT", "/people/person-1", body) == (422, ErrorCode.RECORD_INVALID)
    broken = {**body, "faces": [{"ordinal": 0, "contract_id": CONTRACT, "embedding": "AAA="}]}
    assert admin.ask("PUT", "/people/person-2", broken) == (422, ErrorCode.RECORD_INVALID)
    assert admin.ask("GET", "/people") == listed
