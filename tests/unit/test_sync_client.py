"""The client of the centre: what each answer means, who gets credentials, and that nothing holds it."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from kiosk.clock import ManualClock
from kiosk.errors import ErrorCode, KnownError
from kiosk.sync.client import CentralClient
from kiosk.sync.connection import Timeouts
from kiosk.sync.login import Credentials
from kiosk.sync.server_events import read_events
from kiosk.sync.wire import PROTOCOL
from tests.peers.mail import make_certificates
from tests.scripted_peer import TOKENS, Asked, Say, ScriptedPeer, say_error, say_html, say_json
from tests.sync_kiosk import SyncKiosk
from tests.watching import wait_until

CREDENTIALS = Credentials("kiosk", "the key of the device")
QUICK = Timeouts(connect_s=1.0, read_s=0.3, whole_s=2.0)


@pytest.fixture
def peer() -> Iterator[ScriptedPeer]:
    with ScriptedPeer() as one:
        yield one


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def client(peer: ScriptedPeer, clock: ManualClock) -> Iterator[CentralClient]:
    one = CentralClient(peer.url, CREDENTIALS, clock, QUICK)
    yield one
    one.close()


def code_of(ask: object) -> ErrorCode:
    with pytest.raises(KnownError) as caught:
        ask()  # type: ignore[operator]
    return caught.value.code


def test_it_logs_in_once_and_shows_its_token_and_protocol(peer: ScriptedPeer, client: CentralClient) -> None:
    peer.script["/api/x"] = say_json({"a": 1})
    assert client.get_json("/api/x", {"n": 2}) == {"a": 1}
    assert client.get_json("/api/x") == {"a": 1}
    logins = peer.asked_of("/api/auth/login")
    assert [login.json for login in logins] == [{"device_id": "kiosk", "device_key": CREDENTIALS.key}]
    asked = peer.asked_of("/api/x")
    assert asked[0].path == "/api/x?n=2"
    assert {each.headers["Authorization"] for each in asked} == {"Bearer first"}
    assert {each.headers["X-Kiosk-Protocol"] for each in asked} == {str(PROTOCOL)}
    assert "Authorization" not in logins[0].headers


def test_a_token_is_renewed_by_its_age_whatever_the_wall_clock_says(
    peer: ScriptedPeer, client: CentralClient, clock: ManualClock
) -> None:
    peer.script["/api/x"] = say_json({})
    peer.script["/api/auth/refresh"] = say_json({**TOKENS, "access_token": "second"})
    client.get_json("/api/x")
    clock._now += timedelta(days=300)  # somebody put the clock right
    client.get_json("/api/x")
    assert len(peer.asked_of("/api/auth/")) == 1
    clock.advance(800)
    client.get_json("/api/x")
    assert [each.path for each in peer.asked_of("/api/auth/")] == ["/api/auth/login", "/api/auth/refresh"]
    assert peer.asked_of("/api/x")[-1].headers["Authorization"] == "Bearer second"


def test_a_refresh_token_that_is_used_up_is_replaced_by_a_login(
    peer: ScriptedPeer, client: CentralClient, clock: ManualClock
) -> None:
    peer.script["/api/x"] = say_json({})
    peer.script["/api/auth/refresh"] = say_error("N-102", 401)
    client.get_json("/api/x")
    clock.advance(880)
    client.get_json("/api/x")
    assert len(peer.asked_of("/api/auth/login")) == 2


def test_a_refused_token_is_replaced_once_and_the_question_asked_again(
    peer: ScriptedPeer, client: CentralClient
) -> None:
    peer.script["/api/x"] = [say_error("N-102", 401), say_json({"a": 1})]
    assert client.get_json("/api/x") == {"a": 1}
    peer.script["/api/y"] = say_error("N-102", 401)
    assert code_of(lambda: client.get_json("/api/y")) is ErrorCode.CENTRE_LOGIN_REFUSED
    assert len(peer.asked_of("/api/y")) == 2


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (say_html(), ErrorCode.NETWORK_LOGIN_PAGE),
        (say_html(403), ErrorCode.NETWORK_LOGIN_PAGE),
        (Say(302, b"", {"Location": "http://login.hotel.example/"}), ErrorCode.NETWORK_LOGIN_PAGE),
        (Say(511), ErrorCode.NETWORK_LOGIN_PAGE),
        (say_html(502), ErrorCode.CENTRE_FAILED),
        (Say(500), ErrorCode.CENTRE_FAILED),
        (say_error("D-103", 503), ErrorCode.CENTRE_FAILED),
        (say_error("Y-101", 503), ErrorCode.GATEWAY_UNREACHABLE),
        (say_error("N-115", 401), ErrorCode.DEVICE_REVOKED),
        (say_error("S-101", 404), ErrorCode.VOUCHER_UNKNOWN),
        (say_error("Z-999", 404), ErrorCode.CENTRE_NONSENSE),
        (Say(204), ErrorCode.CENTRE_NONSENSE),
        (Say(200, b"{", {"Content-Type": "application/json"}), ErrorCode.CENTRE_NONSENSE),
        (say_json([1]), ErrorCode.CENTRE_NONSENSE),
        (Say(200, b"x", {"Content-Type": "text/plain"}), ErrorCode.CENTRE_NONSENSE),
        (Say(hangs=True), ErrorCode.CENTRE_UNREACHABLE),
        (Say(200, b'{"a": 1}', {"Content-Type": "application/json"}, cut_at=4), ErrorCode.CENTRE_UNREACHABLE),
    ],
)
def test_each_bad_answer_is_named(
    peer: ScriptedPeer, client: CentralClient, said: Say, code: ErrorCode
) -> None:
    peer.script["/api/x"] = said
    assert code_of(lambda: client.get_json("/api/x")) is code


@pytest.mark.parametrize(
    "said", [Say(hangs=True), Say(200, b'{"a": 1}', {"Content-Type": "application/json"}, cut_at=4)]
)
def test_a_message_without_an_answer_may_have_been_taken(
    peer: ScriptedPeer, client: CentralClient, said: Say
) -> None:
    peer.script["/api/x"] = said
    assert code_of(lambda: client.post_json("/api/x", {})) is ErrorCode.CENTRE_FAILED


def test_a_centre_that_is_not_there_is_unreachable_for_messages_too(clock: ManualClock) -> None:
    client = CentralClient("http://127.0.0.1:9", CREDENTIALS, clock, QUICK)
    assert code_of(lambda: client.post_json("/api/x", {})) is ErrorCode.CENTRE_UNREACHABLE


def test_a_busy_centre_says_when_to_come_again(peer: ScriptedPeer, client: CentralClient) -> None:
    peer.script["/api/x"] = say_error("N-111", 429, **{"Retry-After": "7"})
    with pytest.raises(KnownError) as caught:
        client.get_json("/api/x")
    assert caught.value.code is ErrorCode.CENTRE_BUSY
    assert caught.value.params == {"retry_after_s": "7"}


def test_an_answer_beyond_the_limit_is_not_read(peer: ScriptedPeer, client: CentralClient) -> None:
    peer.script["/api/x"] = Say(200, b"x" * 1000, {"Content-Type": "image/jpeg"})
    assert code_of(lambda: client.get_bytes("/api/x", limit_bytes=999)) is ErrorCode.CENTRE_NONSENSE
    assert len(client.get_bytes("/api/x", limit_bytes=1000)) == 1000


def test_a_call_is_bounded_with_the_logins_that_it_needs_and_its_second_try(
    peer: ScriptedPeer, clock: ManualClock
) -> None:
    def slow(said: Say) -> Callable[[Asked], Say]:
        def answer(asked: Asked) -> Say:
            time.sleep(0.4)
            return said

        return answer

    client = CentralClient(peer.url, CREDENTIALS, clock, Timeouts(0.5, 0.6, 1.0))
    peer.script["/api/auth/login"] = slow(say_json(TOKENS))
    peer.script["/api/x"] = slow(say_error("N-102", 401))
    began_s = time.monotonic()
    assert code_of(lambda: client.post_json("/api/x", {})) is ErrorCode.CENTRE_FAILED
    assert time.monotonic() - began_s < 1.5
    assert len(peer.asked_of("/api/auth/login")) == 2
    client.close()


def test_an_answer_that_never_ends_is_cut_off_when_its_time_is_over(
    peer: ScriptedPeer, clock: ManualClock
) -> None:
    client = CentralClient(peer.url, None, clock, Timeouts(0.5, 5.0, 0.5))
    peer.script["/api/x"] = Say(200, b"{", {"Content-Type": "application/json", "Content-Length": "99"})
    began_s = time.monotonic()
    assert code_of(lambda: client.post_json("/api/x", {})) is ErrorCode.CENTRE_FAILED
    assert time.monotonic() - began_s < 1.5
    client.close()


def test_what_a_visitor_waits_for_ends_within_ten_seconds(peer: ScriptedPeer, tmp_path: Path) -> None:
    kiosk = SyncKiosk(tmp_path, peer.url, "the key of the device")
    kiosk.enrolment.enrol("tenant", "K1")
    peer.script["/api/vouchers"] = Say(hangs=True)
    prompt = kiosk.door.prompt_client()
    assert prompt is not kiosk.door.client()
    began_s = time.monotonic()
    code_of(lambda: prompt.post_json("/api/vouchers/ONCE/hold", {}))
    assert time.monotonic() - began_s < 8
    kiosk.close()
    assert prompt.is_closed


def test_a_presigned_address_is_followed_without_credentials(
    peer: ScriptedPeer, client: CentralClient
) -> None:
    with ScriptedPeer({"/bucket": Say(200, b"picture", {"Content-Type": "image/jpeg"})}) as store:
        peer.script["/api/photo"] = Say(307, b"", {"Location": f"{store.url}/bucket/a?signature=b"})
        assert client.get_bytes("/api/photo") == b"picture"
        headers = store.asked_of("/bucket")[0].headers
    assert "Authorization" not in headers
    assert "X-Kiosk-Protocol" not in headers


def test_a_centre_that_is_encrypted_leads_nobody_to_where_nothing_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make_certificates(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(made.authority))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(made.server, made.key)
    with ScriptedPeer(tls=tls) as peer, ScriptedPeer({"/": Say(200, b"picture")}) as store:
        client = CentralClient(peer.url, CREDENTIALS, None, QUICK)
        peer.script["/api/photo"] = Say(307, b"", {"Location": f"{store.url}/bucket/a?signature=b"})
        assert code_of(lambda: client.get_bytes("/api/photo")) is ErrorCode.CENTRE_NONSENSE
        assert store.asked == []
        peer.script["/api/photo"] = Say(200, b"picture", {"Content-Type": "image/jpeg"})
        assert client.get_bytes("/api/photo") == b"picture"
        client.close()


def test_a_login_page_is_no_photo(peer: ScriptedPeer, client: CentralClient) -> None:
    with ScriptedPeer({"/": say_html()}) as hotel:
        peer.script["/api/photo"] = Say(302, b"", {"Location": f"{hotel.url}/login"})
        assert code_of(lambda: client.get_bytes("/api/photo")) is ErrorCode.NETWORK_LOGIN_PAGE


def test_passwords_that_lie_on_the_machine_are_not_sent(
    peer: ScriptedPeer, clock: ManualClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login somebody password secret\n", encoding="ascii")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    peer.script["/api/x"] = say_json({})
    CentralClient(peer.url, CREDENTIALS, clock).get_json("/api/x")
    assert peer.asked_of("/api/x")[0].headers["Authorization"] == "Bearer first"
    assert "Authorization" not in peer.asked_of("/api/auth/login")[0].headers


def test_it_tells_how_far_the_clock_is_off(peer: ScriptedPeer, clock: ManualClock) -> None:
    peer.script["/api/x"] = say_json({}, Date=format_datetime(clock.now() - timedelta(hours=2), usegmt=True))
    client = CentralClient(peer.url, None, clock)
    client.get_json("/api/x")
    assert client.clock_off_s == 7200


def test_close_ends_a_call_that_hangs(peer: ScriptedPeer, clock: ManualClock) -> None:
    peer.script["/api/x"] = Say(hangs=True)
    client = CentralClient(peer.url, CREDENTIALS, clock, Timeouts(read_s=30.0))
    codes: list[ErrorCode] = []
    caller = threading.Thread(target=lambda: codes.append(code_of(lambda: client.get_json("/api/x"))))
    caller.start()
    while not peer.asked_of("/api/x"):
        time.sleep(0.01)
    began_s = time.monotonic()
    client.close()
    caller.join(10)
    assert time.monotonic() - began_s < 1.0
    assert codes == [ErrorCode.CENTRE_UNREACHABLE]
    assert code_of(lambda: client.get_json("/api/x")) is ErrorCode.CENTRE_UNREACHABLE


def test_a_stream_gives_events_until_it_is_closed_from_another_thread(
    peer: ScriptedPeer, client: CentralClient
) -> None:
    told = b': ping\r\n\r\nevent: revision\r\ndata: {"revision": 3}\r\n\r\n'
    peer.script["/api/stream"] = Say(200, told, {"Content-Type": "text/event-stream", "Content-Length": "99"})
    with client.events("/api/stream") as stream:
        events = iter(stream)
        assert next(events).data == '{"revision": 3}'
        threading.Timer(0.2, stream.close).start()
        assert list(events) == []


def test_a_heartbeat_is_heard_too(peer: ScriptedPeer, client: CentralClient) -> None:
    peer.script["/api/stream"] = Say(200, b": ping\n\n", {"Content-Type": "text/event-stream"})
    heard: list[str] = []
    with client.events("/api/stream") as stream, pytest.raises(KnownError):
        next(stream.listen(lambda: heard.append("something")))
    assert heard


def test_nobody_listens_where_enrolling_anew_has_closed_the_stream(
    peer: ScriptedPeer, tmp_path: Path
) -> None:
    kiosk = SyncKiosk(tmp_path, peer.url, "the key of the device")
    kiosk.enrolment.enrol("tenant", "K1")
    peer.script["/api/sync/stream"] = [
        Say(200, b": ping\n\n", {"Content-Type": "text/event-stream", "Content-Length": "99"}),
        Say(hangs=True),
    ]
    worker = kiosk.worker()
    worker.start()
    try:
        wait_until(lambda: worker.is_listening, 10)
        kiosk.enrolment.enrol("tenant", "K2")
        wait_until(lambda: len(peer.asked_of("/api/sync/stream")) == 2, 10)
        assert not worker.is_listening
    finally:
        worker.stop()
        kiosk.close()


def test_close_ends_a_stream_that_is_still_being_opened(peer: ScriptedPeer, clock: ManualClock) -> None:
    """A centre that takes the question and says nothing must not keep a kiosk from ending."""
    peer.script["/api/stream"] = Say(hangs=True)
    client = CentralClient(peer.url, None, clock)
    codes: list[ErrorCode] = []
    caller = threading.Thread(target=lambda: codes.append(code_of(lambda: client.events("/api/stream"))))
    caller.start()
    while not peer.asked_of("/api/stream"):
        time.sleep(0.01)
    began_s = time.monotonic()
    client.close()
    caller.join(10)
    assert time.monotonic() - began_s < 1.0
    assert codes == [ErrorCode.CENTRE_UNREACHABLE]


def test_a_stream_that_is_none_is_named(peer: ScriptedPeer, client: CentralClient) -> None:
    peer.script["/api/stream"] = say_html()
    assert code_of(lambda: client.events("/api/stream")) is ErrorCode.NETWORK_LOGIN_PAGE


@pytest.mark.parametrize("url", ["", "photos.example", "ftp://photos.example", "http://", "https://a/?b=c"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    assert code_of(lambda: CentralClient(url, None)) is ErrorCode.SETTING_INVALID


@pytest.mark.parametrize("url", ["http://photos.example", "http://8.8.8.8", "http://[2606:4700::1]/"])
def test_nothing_is_said_in_the_clear_over_a_public_network(url: str) -> None:
    assert code_of(lambda: CentralClient(url, None)) is ErrorCode.SETTING_INVALID
    CentralClient(url.replace("http:", "https:"), None).close()


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "[::1]", "10.1.2.3", "192.168.1.20", "[fd00::7]", "centre", "centre.local", "shop.lan"],
)
def test_a_centre_on_a_network_of_ones_own_may_go_without(host: str) -> None:
    CentralClient(f"http://{host}:8400", None).close()


def test_events_are_read_as_the_standard_says() -> None:
    lines = ["data: a", "data:b", "", ": comment", "", "event: revision", "id: 7", "data", "", "data: c"]
    assert [(event.name, event.data) for event in read_events(lines)] == [
        ("message", "a\nb"),
        ("revision", ""),
    ]
