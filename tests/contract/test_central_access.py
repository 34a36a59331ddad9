"""Who may ask the centre, over real HTTP, on SQLite and on PostgreSQL."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests
from sqlalchemy import select

from kiosk.central.accounts import add_account
from kiosk.central.principal import Principal, Role
from kiosk.central.settings import AccessSection, CentralSettings, DatabaseSection
from kiosk.central.tokens import AccessTokens
from kiosk.clock import ManualClock
from kiosk.database.central_tables import EnrolmentCodeRow, RefreshTokenRow
from kiosk.errors import ErrorCode
from kiosk.sync.wire import PROTOCOL
from tests.centre import SIGNING_KEY, UNHURRIED, CentreServer, on_postgres

PASSWORD = "correct horse battery"


@pytest.fixture(params=["sqlite", "postgres"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[CentreServer]:
    settings = CentralSettings(access=UNHURRIED)
    if request.param == "postgres":
        settings = on_postgres(request.getfixturevalue("postgres_server").new_database("access"))
    with CentreServer(tmp_path, settings, ManualClock()) as running:
        yield running


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[CentreServer]:
    with CentreServer(tmp_path, clock=ManualClock()) as running:
        yield running


@pytest.fixture
def tenant(server: CentreServer) -> str:
    return server.add_tenant("River")


def post(server: CentreServer, path: str, body: object, token: str | None = None) -> requests.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return requests.post(f"{server.url}{path}", json=body, headers=headers, timeout=30)


def get(server: CentreServer, path: str, token: str | None = None) -> requests.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return requests.get(f"{server.url}{path}", headers=headers, timeout=30)


def refusal(answer: requests.Response) -> tuple[int, str]:
    """Status and code; every refusal has the same shape."""
    error = answer.json()["error"]
    assert set(error) == {"code", "detail", "next_step"}
    return answer.status_code, error["code"]


def add_person(server: CentreServer, tenant: str, login: str, role: Role = Role.ADMIN) -> None:
    centre = server.centre
    add_account(centre.database, centre.clock, tenant, login, PASSWORD, role)


def log_in(server: CentreServer, login: str, password: str = PASSWORD) -> requests.Response:
    return post(server, "/api/auth/login", {"login": login, "password": password})


def good(answer: requests.Response) -> Any:
    assert answer.status_code in (200, 201), answer.text
    return answer.json()


def new_code(server: CentreServer, tenant: str, **wish: str) -> dict[str, str]:
    code: dict[str, str] = good(post(server, "/api/devices/codes", wish, server.token(tenant, Role.ADMIN)))
    return code


def enrol(server: CentreServer, code: str, kiosk_id: str = "", name: str = "Gate") -> requests.Response:
    body = {"code": code, "kiosk_id": kiosk_id or uuid4().hex, "name": name, "version": "1.0"}
    return post(server, "/api/devices/enrol", body)


LOCKED = (423, ErrorCode.LOGIN_LOCKED)
REFUSED = (401, ErrorCode.CENTRE_LOGIN_REFUSED)


def test_a_person_logs_in_and_is_who_they_are(server: CentreServer, tenant: str) -> None:
    add_person(server, tenant, "Ploy@River.example")
    tokens = good(log_in(server, " ploy@river.EXAMPLE "))
    assert (tokens["tenant_id"], tokens["role"], tokens["expires_in"]) == (tenant, "admin", 900)
    assert get(server, "/api/devices", tokens["access_token"]).status_code == 200


def test_without_a_token_or_with_a_forged_one_nobody_enters(server: CentreServer, tenant: str) -> None:
    principal = Principal("someone", tenant, Role.ADMIN)
    forged = AccessTokens(b"another key of more than 32 letters.", server.centre.clock, 900).issue(principal)
    unsigned = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0."
    for token in (None, forged, unsigned, "x", "x" * 9000):
        answer = get(server, "/api/devices", token)
        assert refusal(answer) == REFUSED
        assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_the_wrong_role_is_told_apart_from_no_login(server: CentreServer, tenant: str) -> None:
    for role in (Role.PHOTOGRAPHER, Role.CUSTOMER, Role.DEVICE):
        answer = get(server, "/api/devices", server.token(tenant, role))
        assert refusal(answer) == (403, ErrorCode.RIGHTS_MISSING)


def test_an_access_token_ends_after_a_quarter_of_an_hour(tmp_path: Path) -> None:
    clock = ManualClock()
    with CentreServer(tmp_path, clock=clock) as server:
        token = server.token(server.add_tenant("River"), Role.ADMIN)
        clock.advance(15 * 60)
        assert get(server, "/api/devices", token).status_code == 200  # clocks may differ by a minute
        clock.advance(61)
        assert refusal(get(server, "/api/devices", token)) == REFUSED


def test_a_token_of_the_future_names_the_clock(server: CentreServer, tenant: str) -> None:
    ahead = ManualClock(server.centre.clock.now() + timedelta(hours=3))
    token = AccessTokens(SIGNING_KEY.encode(), ahead, 900).issue(Principal("someone", tenant, Role.ADMIN))
    answer = get(server, "/api/devices", token)
    assert refusal(answer) == (401, ErrorCode.CLOCK_OFF)
    assert "not yet valid" in answer.json()["error"]["detail"]


def test_the_version_is_open_and_tells_the_time_of_the_centre(alone: CentreServer) -> None:
    told = good(get(alone, "/api/system/version"))
    assert told["protocol"] == PROTOCOL
    assert told["server_time"].startswith("2026-11-20T08:00:00")
    alone.stop()
    alone.start()
    assert good(get(alone, "/api/system/version")) == told


def test_five_wrong_passwords_in_parallel_lock(server: CentreServer, tenant: str) -> None:
    add_person(server, tenant, "ploy")
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda guess: log_in(server, "ploy", f"wrong guess {guess}"), range(12)))
    assert Counter(map(refusal, answers)) == {REFUSED: 5, LOCKED: 7}
    assert refusal(log_in(server, "ploy")) == LOCKED


def test_a_lock_ends_after_a_quarter_of_an_hour_and_counting_begins_anew(tmp_path: Path) -> None:
    clock = ManualClock()
    with CentreServer(tmp_path, clock=clock) as server:
        add_person(server, server.add_tenant("River"), "ploy")
        for _ in range(2):
            for _ in range(5):
                assert refusal(log_in(server, "ploy", "wrong")) == REFUSED
            clock.advance(14 * 60)
            assert refusal(log_in(server, "ploy")) == LOCKED
            clock.advance(61)
        good(log_in(server, "ploy"))
        for _ in range(4):
            log_in(server, "ploy", "wrong")
        good(log_in(server, "ploy"))
        assert refusal(log_in(server, "ploy", "wrong")) == REFUSED


def test_an_unknown_login_is_answered_and_locked_as_a_known_one(server: CentreServer, tenant: str) -> None:
    add_person(server, tenant, "ploy")
    known = [log_in(server, "ploy", "wrong") for _ in range(7)]
    unknown = [log_in(server, "nobody", "wrong") for _ in range(7)]
    assert [each.json() for each in unknown] == [each.json() for each in known]
    taken_s = [[each.elapsed.total_seconds() for each in answers[:5]] for answers in (known, unknown)]
    assert min(taken_s[1]) > min(taken_s[0]) / 2


def test_a_refresh_token_is_good_once_and_gives_another(server: CentreServer, tenant: str) -> None:
    add_person(server, tenant, "ploy")
    tokens = good(log_in(server, "ploy"))
    for _ in range(3):
        tokens = good(post(server, "/api/auth/refresh", {"refresh_token": tokens["refresh_token"]}))
        assert get(server, "/api/devices", tokens["access_token"]).status_code == 200


def test_a_stolen_refresh_token_ends_the_family_and_no_other(server: CentreServer, tenant: str) -> None:
    add_person(server, tenant, "ploy")
    stolen = good(log_in(server, "ploy"))["refresh_token"]
    other = good(log_in(server, "ploy"))["refresh_token"]
    of_thief = good(post(server, "/api/auth/refresh", {"refresh_token": stolen}))["refresh_token"]
    assert refusal(post(server, "/api/auth/refresh", {"refresh_token": stolen})) == REFUSED
    assert refusal(post(server, "/api/auth/refresh", {"refresh_token": of_thief})) == REFUSED
    good(post(server, "/api/auth/refresh", {"refresh_token": other}))


def test_of_many_who_refresh_at_once_with_one_token_none_keeps_a_good_one(
    server: CentreServer, tenant: str
) -> None:
    add_person(server, tenant, "ploy")
    token = good(log_in(server, "ploy"))["refresh_token"]
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(lambda _: post(server, "/api/auth/refresh", {"refresh_token": token}), range(8))
        )
    fresh = [each.json()["refresh_token"] for each in answers if each.status_code == 200]
    assert len(fresh) == 1
    assert refusal(post(server, "/api/auth/refresh", {"refresh_token": fresh[0]})) == REFUSED


def test_a_refresh_token_ends_after_seven_days(tmp_path: Path) -> None:
    clock = ManualClock()
    with CentreServer(tmp_path, clock=clock) as server:
        add_person(server, server.add_tenant("River"), "ploy")
        token = good(log_in(server, "ploy"))["refresh_token"]
        clock.advance(7 * 24 * 3600 + 1)
        assert refusal(post(server, "/api/auth/refresh", {"refresh_token": token})) == REFUSED


def test_tokens_and_codes_are_stored_as_hashes_only(server: CentreServer, tenant: str) -> None:
    add_person(server, tenant, "ploy")
    token = good(log_in(server, "ploy"))["refresh_token"]
    code = new_code(server, tenant)["code"]
    with server.centre.database.reading() as session:
        assert list(session.scalars(select(RefreshTokenRow.token_hash))) == [
            hashlib.sha256(token.encode()).hexdigest()
        ]
        assert list(session.scalars(select(EnrolmentCodeRow.code_hash))) == [
            hashlib.sha256(code.replace("-", "").encode()).hexdigest()
        ]


def test_a_code_enrols_one_kiosk_once(server: CentreServer, tenant: str) -> None:
    code = new_code(server, tenant, name="North gate")
    kiosk_id = uuid4().hex
    typed = code["code"].lower().replace("-", " ").replace("0", "o").replace("1", "l")
    enrolled = good(enrol(server, typed, kiosk_id))
    assert enrolled["device_id"] == kiosk_id
    assert (enrolled["tenant"], enrolled["code_prefix"]) == ("River", code["code_prefix"])
    assert refusal(enrol(server, code["code"])) == (422, ErrorCode.ENROLMENT_INVALID)
    login = {"device_id": kiosk_id, "device_key": enrolled["device_key"]}
    tokens = good(post(server, "/api/auth/login", login))
    assert (tokens["role"], tokens["tenant_id"]) == ("device", tenant)
    (device,) = good(get(server, "/api/devices", server.token(tenant, Role.ADMIN)))["devices"]
    assert (device["name"], device["version"], device["revoked_at"]) == ("North gate", "1.0", None)


def test_of_many_who_type_one_code_at_once_one_is_enrolled(server: CentreServer, tenant: str) -> None:
    code = new_code(server, tenant)["code"]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: enrol(server, code), range(8)))
    assert Counter(each.status_code for each in answers) == {201: 1, 422: 7}


def test_a_code_ends_after_a_day(tmp_path: Path) -> None:
    clock = ManualClock()
    with CentreServer(tmp_path, clock=clock) as server:
        code = new_code(server, server.add_tenant("River"))["code"]
        clock.advance(24 * 3600 + 1)
        assert refusal(enrol(server, code)) == (422, ErrorCode.ENROLMENT_INVALID)


def test_guessing_codes_has_to_wait(server: CentreServer, tenant: str) -> None:
    answers = [enrol(server, f"guess{number}") for number in range(10)]
    assert Counter(each.status_code for each in answers) == {422: 10}
    while answers[-1].status_code == 422 and len(answers) < 21:  # a new minute may have begun meanwhile
        answers.append(enrol(server, f"guess{len(answers)}"))
    assert int(answers[-1].headers["Retry-After"]) >= 1
    assert refusal(answers[-1]) == (429, ErrorCode.CENTRE_BUSY)


def test_no_two_kiosks_of_a_tenant_share_a_prefix(server: CentreServer, tenant: str) -> None:
    with ThreadPoolExecutor(6) as pool:
        codes = list(pool.map(lambda _: new_code(server, tenant), range(6)))
    assert {code["code_prefix"] for code in codes} == {"K1", "K2", "K3", "K4", "K5", "K6"}
    admin = server.token(tenant, Role.ADMIN)
    taken = post(server, "/api/devices/codes", {"code_prefix": "k2"}, admin)
    assert refusal(taken) == (422, ErrorCode.ENROLMENT_INVALID)
    assert new_code(server, server.add_tenant("Hill"), code_prefix="KO")["code_prefix"] == "K0"


def test_a_kiosk_enrolled_again_gets_a_new_key_and_keeps_its_prefix(
    server: CentreServer, tenant: str
) -> None:
    kiosk_id = uuid4().hex
    first = good(enrol(server, new_code(server, tenant)["code"], kiosk_id))
    old = {"device_id": kiosk_id, "device_key": first["device_key"]}
    stolen = good(post(server, "/api/auth/login", old))["refresh_token"]
    second = good(enrol(server, new_code(server, tenant)["code"], kiosk_id))
    assert second["code_prefix"] == first["code_prefix"]
    assert refusal(post(server, "/api/auth/login", old)) == REFUSED
    assert refusal(post(server, "/api/auth/refresh", {"refresh_token": stolen})) == REFUSED
    good(post(server, "/api/auth/login", {**old, "device_key": second["device_key"]}))


def test_a_kiosk_of_another_tenant_is_refused_and_the_code_stays_good(
    server: CentreServer, tenant: str
) -> None:
    kiosk_id = uuid4().hex
    first = good(enrol(server, new_code(server, tenant)["code"], kiosk_id))
    code = new_code(server, server.add_tenant("Hill"))["code"]
    assert refusal(enrol(server, code, kiosk_id)) == (422, ErrorCode.ENROLMENT_INVALID)
    good(post(server, "/api/auth/login", {"device_id": kiosk_id, "device_key": first["device_key"]}))
    good(enrol(server, code))


def test_a_device_with_wrong_keys_is_locked_too(server: CentreServer, tenant: str) -> None:
    device_id, key = server.enrol_device(tenant)
    for wrong in range(5):
        login = {"device_id": device_id, "device_key": f"wrong{wrong}"}
        assert refusal(post(server, "/api/auth/login", login)) == REFUSED
    assert refusal(post(server, "/api/auth/login", {"device_id": device_id, "device_key": key})) == LOCKED


def test_a_revoked_device_is_out(server: CentreServer, tenant: str) -> None:
    device_id, key = server.enrol_device(tenant)
    login = {"device_id": device_id, "device_key": key}
    tokens = good(post(server, "/api/auth/login", login))
    admin = server.token(tenant, Role.ADMIN)
    assert refusal(get(server, "/api/devices", tokens["access_token"])) == (403, ErrorCode.RIGHTS_MISSING)
    assert good(post(server, f"/api/devices/{device_id}/revoke", None, admin))["revoked_at"]
    revoked = (401, ErrorCode.DEVICE_REVOKED)
    assert refusal(get(server, "/api/devices", tokens["access_token"])) == revoked
    assert refusal(post(server, "/api/auth/login", login)) == revoked
    refresh = post(server, "/api/auth/refresh", {"refresh_token": tokens["refresh_token"]})
    assert refusal(refresh) == REFUSED
    again = good(enrol(server, new_code(server, tenant)["code"], device_id))
    good(post(server, "/api/auth/login", {"device_id": device_id, "device_key": again["device_key"]}))
    assert refusal(get(server, "/api/devices", tokens["access_token"])) == (403, ErrorCode.RIGHTS_MISSING)


def test_a_device_revoked_in_another_process_is_out_within_seconds(
    tmp_path: Path, postgres_server: Any
) -> None:
    settings = on_postgres(postgres_server.new_database("revoked"))
    clock = ManualClock()
    with (
        CentreServer(tmp_path / "a", settings, clock) as one,
        CentreServer(tmp_path / "b", settings, clock) as other,
    ):
        tenant = one.add_tenant("River")
        device_id, _ = one.enrol_device(tenant)
        token = one.token(tenant, Role.DEVICE, device_id)
        assert get(one, "/api/devices", token).status_code == 403
        good(post(other, f"/api/devices/{device_id}/revoke", None, other.token(tenant, Role.ADMIN)))
        clock.advance(3)
        assert refusal(get(one, "/api/devices", token)) == (401, ErrorCode.DEVICE_REVOKED)


def test_a_tenant_never_sees_the_devices_of_another(server: CentreServer, tenant: str) -> None:
    other = server.add_tenant("Hill")
    device_id, _ = server.enrol_device(other, "Theirs", "H1")
    mine, _ = server.enrol_device(tenant, "Mine", "H1")
    admin = server.token(tenant, Role.ADMIN)
    listed = good(get(server, "/api/devices", admin))["devices"]
    assert [device["device_id"] for device in listed] == [mine]
    theirs = post(server, f"/api/devices/{device_id}/revoke", None, admin)
    unknown = post(server, f"/api/devices/{uuid4().hex}/revoke", None, admin)
    assert refusal(theirs) == (404, ErrorCode.DEVICE_UNKNOWN)
    assert theirs.json() == unknown.json()
    assert (
        good(get(server, "/api/devices", server.token(other, Role.ADMIN)))["devices"][0]["revoked_at"] is None
    )


def test_a_device_is_noted_as_seen_at_most_once_a_minute(tmp_path: Path) -> None:
    clock = ManualClock()
    with CentreServer(tmp_path, clock=clock) as server:
        tenant = server.add_tenant("River")
        device_id, _ = server.enrol_device(tenant)
        seen = []
        for _ in range(3):
            get(server, "/api/devices", server.token(tenant, Role.DEVICE, device_id))
            (device,) = good(get(server, "/api/devices", server.token(tenant, Role.ADMIN)))["devices"]
            seen.append(device["last_seen_at"])
            clock.advance(40)
        assert seen == ["2026-11-20T08:00:00Z", "2026-11-20T08:00:00Z", "2026-11-20T08:01:20Z"]


def test_people_have_a_hundred_requests_a_minute_for_each_address(tmp_path: Path) -> None:
    settings = CentralSettings(access=AccessSection(device_requests_a_minute=150))
    with CentreServer(tmp_path, settings) as server:
        tenant = server.add_tenant("River")
        admin, device = server.token(tenant, Role.ADMIN), server.token(tenant, Role.DEVICE)
        answers = [get(server, "/api/devices", admin) for _ in range(110)]
        limited = [each for each in answers if each.status_code == 429]
        assert 5 <= len(limited) <= 10
        assert refusal(limited[0]) == (429, ErrorCode.CENTRE_BUSY)
        assert 1 <= int(limited[0].headers["Retry-After"]) <= 60
        assert refusal(get(server, "/nowhere"))[0] == 429
        assert {get(server, "/api/devices", device).status_code for _ in range(140)} == {403}
        assert get(server, "/healthz").status_code == 200
        assert good(get(server, "/readyz"))["is_ready"] is True


def test_files_that_a_kiosk_brings_take_no_place_of_a_sale(tmp_path: Path) -> None:
    settings = CentralSettings(access=AccessSection(device_requests_a_minute=10, device_files_a_minute=40))
    with CentreServer(tmp_path, settings) as server:
        device = server.token(server.add_tenant("River"), Role.DEVICE)
        files = [get(server, f"/api/photos/{'a' * 32}/preview/small", device).status_code for _ in range(50)]
        assert 5 <= files.count(429) <= 12
        assert [get(server, "/api/devices", device).status_code for _ in range(8)].count(429) == 0


def test_an_address_is_believed_from_a_proxy_only_where_there_is_one(tmp_path: Path) -> None:
    for trusts_proxy in (False, True):
        settings = CentralSettings.model_validate(
            {"server": {"trusts_proxy": trusts_proxy}, "access": {"requests_a_minute": 20}}
        )
        with CentreServer(tmp_path / str(trusts_proxy), settings) as server:
            answers = [
                requests.get(
                    f"{server.url}/api/system/version",
                    headers={"X-Forwarded-For": f"198.51.100.7, 203.0.113.{number}"},
                    timeout=5,
                )
                for number in range(30)
            ]
        statuses = Counter(each.status_code for each in answers)
        assert (statuses[429] == 0) is trusts_proxy


def test_rate_limits_hold_across_two_processes_on_one_redis(
    tmp_path: Path, postgres_server: Any, redis_server: Any
) -> None:
    settings = CentralSettings.model_validate(
        {
            "database": {"url": postgres_server.new_database("limits")},
            "queue": {"redis_url": redis_server.url},
            "access": {"requests_a_minute": 40},
        }
    )
    with CentreServer(tmp_path / "a", settings) as one, CentreServer(tmp_path / "b", settings) as other:
        answers = [get(each, "/api/system/version") for _ in range(30) for each in (one, other)]
    statuses = Counter(each.status_code for each in answers)
    assert 18 <= statuses[429] <= 20
    assert statuses[200] == 60 - statuses[429]


def test_a_redis_that_is_away_takes_nothing_down(tmp_path: Path) -> None:
    settings = CentralSettings.model_validate(
        {"queue": {"redis_url": "redis://127.0.0.1:1/0"}, "access": {"requests_a_minute": 20}}
    )
    with CentreServer(tmp_path, settings) as server:
        answers = [get(server, "/api/system/version") for _ in range(30)]
    statuses = Counter(each.status_code for each in answers)
    assert statuses[200] >= 20
    assert statuses[429] >= 9  # it counts alone


def test_a_database_that_is_away_is_told_and_comes_back(tmp_path: Path, postgres_server: Any) -> None:
    settings = CentralSettings(
        database=DatabaseSection(url=postgres_server.new_database("away")), access=UNHURRIED
    )
    with CentreServer(tmp_path, settings, clock := ManualClock()) as server:
        assert get(server, "/readyz").status_code == 200
        postgres_server.kill()
        try:
            clock.advance(5)
            answer = get(server, "/readyz")
            assert answer.status_code == 503
            parts = {part["part"]: part["detail"] for part in answer.json()["parts"]}
            assert ErrorCode.DATABASE_UNREACHABLE in parts["database"]
            assert parts["store"] == parts["index"] == ""
            assert get(server, "/healthz").status_code == 200
            assert refusal(log_in(server, "ploy")) == (503, ErrorCode.DATABASE_UNREACHABLE)
        finally:
            postgres_server.start()
        clock.advance(5)
        assert get(server, "/readyz").status_code == 200


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/auth/login", b"{"),
        ("/api/auth/login", b'{"login": "a\\u0000", "password": "b"}'),
        ("/api/auth/login", b'{"login": "\\ud800", "password": "b"}'),
        ("/api/auth/login", b'{"\\ud800": 1}'),
        ("/api/auth/login", b'{"login": "a", "password": "' + b"x" * 501 + b'"}'),
        ("/api/auth/refresh", b'{"refresh_token": 1e999}'),
        ("/api/devices/enrol", b'{"code": "x", "kiosk_id": "../..", "name": "", "version": ""}'),
        ("/api/devices/enrol", b"[" * 100_000),
        ("/api/devices/enrol", b"\xff\xfe"),
    ],
)
def test_nonsense_is_refused_by_name_and_says_nothing_of_what_was_sent(
    alone: CentreServer, path: str, body: bytes
) -> None:
    headers = {"Content-Type": "application/json"}
    answer = requests.post(f"{alone.url}{path}", data=body, headers=headers, timeout=10)
    status, code = refusal(answer)
    assert status in (400, 422)
    assert code == ErrorCode.REQUEST_INVALID


def test_a_body_that_is_too_long_is_refused_at_its_beginning(alone: CentreServer) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(20):
            yield b"x" * 1_000_000

    for body in (b"x" * 20_000_000, endless()):
        try:
            answer = requests.post(f"{alone.url}/api/auth/login", data=body, timeout=20)
        except requests.ConnectionError:  # it hangs up on who goes on sending
            continue
        assert answer.status_code in (400, 422)


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
def test_no_page_is_served_that_needs_the_internet(alone: CentreServer, path: str) -> None:
    assert get(alone, path).status_code == 404


def test_openapi_describes_every_answer(alone: CentreServer) -> None:
    described = good(get(alone, "/openapi.json"))
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            assert {"4XX", "5XX"} <= set(operation["responses"]), (path, method)
            good_ones = [status for status in operation["responses"] if status[0] in "23"]
            assert good_ones, (path, method)
            for status in good_ones:
                is_empty = status == "204" or status[0] == "3"
                assert is_empty or operation["responses"][status].get("content"), (path, method)
