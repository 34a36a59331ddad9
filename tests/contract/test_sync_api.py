"""Synchronising over HTTP with a real centre: pages, the stream of news, messages."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from queue import Empty, Queue

import pytest
import requests

from kiosk.central.feed import MOST_STREAMS
from kiosk.central.principal import Role
from kiosk.central.settings import AccessSection, CentralSettings
from kiosk.database.changes import note_change
from kiosk.database.feed import SqlFeed
from kiosk.database.photo_records import write_photos
from kiosk.database.records import write_event
from kiosk.errors import ErrorCode
from kiosk.sync.records import Kind
from kiosk.sync.wire import PAGE_TYPE, PROTOCOL, Answers, Messages, unpack_page
from tests.centre import CentreServer
from tests.sync_records import a_message, a_photo, an_event, an_order

Headers = dict[str, str]
NEWS_WITHIN_S = 5.0


@pytest.fixture
def server(tmp_path: Path) -> Iterator[CentreServer]:
    with CentreServer(tmp_path) as running:
        yield running


@pytest.fixture
def tenant_id(server: CentreServer) -> str:
    return server.add_tenant("Chain")


@pytest.fixture
def kiosk(server: CentreServer, tenant_id: str) -> Headers:
    return server.headers(tenant_id, Role.DEVICE)


def add_photos(server: CentreServer, tenant_id: str, event_id: str, count: int) -> None:
    with server.centre.database.writing() as session:
        write_event(session, an_event(event_id), tenant_id)
        note_change(session, Kind.EVENT, event_id, tenant_id)
        photos = [a_photo(event_id, number) for number in range(1, count + 1)]
        session.flush()
        write_photos(session, photos)
        for photo in photos:
            note_change(session, Kind.PHOTO, photo.photo_id, tenant_id)


class Listening:
    """A stream that somebody reads; what is heard comes into `heard`, None at its end."""

    def __init__(self, server: CentreServer, headers: Headers) -> None:
        self.heard: Queue[int | None] = Queue()
        self._connection = HTTPConnection(server.url.removeprefix("http://"), timeout=30)
        self._connection.request("GET", "/api/sync/stream", headers=headers)
        assert self._connection.sock is not None
        self._socket: socket.socket = self._connection.sock
        self._answer = self._connection.getresponse()
        assert self._answer.headers["content-type"].startswith("text/event-stream")
        self._thread = threading.Thread(target=self._read, daemon=True)

    def __enter__(self) -> Listening:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)
        self._connection.close()

    def next(self) -> int | None:
        """What is heard next, None where it has ended."""
        return self.heard.get(timeout=NEWS_WITHIN_S)

    def _read(self) -> None:
        with suppress(HTTPException, OSError):
            while line := self._answer.readline():
                if line.startswith(b"data: {"):
                    self.heard.put(json.loads(line[6:])["revision"])
        self.heard.put(None)


def test_a_kiosk_pulls_page_after_page_of_its_tenants_changes(
    server: CentreServer, tenant_id: str, kiosk: Headers
) -> None:
    add_photos(server, tenant_id, "run", 5)
    add_photos(server, server.add_tenant("Other"), "other", 2)
    cursor, keys, has_more = 0, [], True
    while has_more:
        answer = requests.get(
            f"{server.url}/api/sync/changes",
            params={"cursor": cursor, "limit": 4},
            headers=kiosk,
            timeout=5,
        )
        assert answer.status_code == 200
        assert answer.headers["content-type"] == PAGE_TYPE
        page = unpack_page(answer.content)
        keys += [change.key for change in page.changes]
        cursor, has_more = page.cursor, page.has_more
    assert keys == ["run", *(a_photo("run", number).photo_id for number in range(1, 6))]


@pytest.mark.parametrize(
    ("protocol", "code"), [(PROTOCOL - 1, ErrorCode.CENTRE_NEWER), (PROTOCOL + 1, ErrorCode.CENTRE_OLDER)]
)
def test_a_kiosk_of_another_protocol_is_told_which_side_is_older(
    server: CentreServer, kiosk: Headers, protocol: int, code: ErrorCode
) -> None:
    message = a_message("m", "order", {}).model_dump(mode="json")
    answers = [
        requests.get(f"{server.url}/api/sync/{path}", params={"protocol": protocol}, headers=kiosk, timeout=5)
        for path in ("changes", "stream")
    ]
    body = {"protocol": protocol, "messages": [message]}
    answers.append(requests.post(f"{server.url}/api/sync/messages", json=body, headers=kiosk, timeout=5))
    assert [(answer.status_code, answer.json()["error"]["code"]) for answer in answers] == [(409, code)] * 3


def test_only_kiosks_synchronise(server: CentreServer, tenant_id: str) -> None:
    for headers, status in (
        ({}, 401),
        (server.headers(tenant_id, Role.CUSTOMER), 403),
        (server.headers(tenant_id, Role.PHOTOGRAPHER), 403),
    ):
        for path in ("changes", "stream"):
            answer = requests.get(f"{server.url}/api/sync/{path}", headers=headers, timeout=5)
            assert answer.status_code == status
        body = Messages(protocol=PROTOCOL, messages=(a_message("m", "order", {}),)).model_dump(mode="json")
        answer = requests.post(f"{server.url}/api/sync/messages", json=body, headers=headers, timeout=5)
        assert answer.status_code == status


def test_a_kiosk_tells_what_happened_and_the_others_pull_it(
    server: CentreServer, tenant_id: str, kiosk: Headers
) -> None:
    add_photos(server, tenant_id, "run", 1)
    other = server.headers(tenant_id, Role.DEVICE)
    told = (
        a_message("m1", "order", an_order("order-1", "run", "somebody")),
        a_message("m2", "moon", {}),
    )
    body = Messages(protocol=PROTOCOL, messages=told).model_dump(mode="json")
    for _ in range(2):
        answer = requests.post(f"{server.url}/api/sync/messages", json=body, headers=kiosk, timeout=5)
        first, second = Answers.model_validate(answer.json()).answers
        assert (answer.status_code, first.is_taken, second.is_taken) == (200, True, False)
        assert second.code == ErrorCode.RECORD_INVALID
    pulled = requests.get(
        f"{server.url}/api/sync/changes", params={"cursor": 2}, headers=other, timeout=5
    ).content
    assert [(change.kind, change.key) for change in unpack_page(pulled).changes] == [("order", "order-1")]


def test_more_messages_than_a_call_may_bring_are_refused_as_a_whole(
    server: CentreServer, kiosk: Headers
) -> None:
    message = a_message("m", "order", {}).model_dump(mode="json")
    for messages in ([], [message] * 201):
        body = {"protocol": PROTOCOL, "messages": messages}
        answer = requests.post(f"{server.url}/api/sync/messages", json=body, headers=kiosk, timeout=5)
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, ErrorCode.REQUEST_INVALID)


def test_news_are_told_at_once_and_only_to_the_tenant_whose_they_are(
    server: CentreServer, tenant_id: str, kiosk: Headers
) -> None:
    stranger = server.headers(server.add_tenant("Other"), Role.DEVICE)
    with Listening(server, kiosk) as own, Listening(server, stranger) as others:
        assert own.next() == 0
        assert others.next() == 0
        began_s = time.monotonic()
        add_photos(server, tenant_id, "run", 1)
        assert own.next() == 2
        assert time.monotonic() - began_s < 2
        with Listening(server, kiosk) as late:
            assert late.next() == 2, "who comes later hears where things stand"
        with pytest.raises(Empty):
            others.heard.get(timeout=0.7)


def test_a_device_that_connects_again_and_again_keeps_its_newest_streams(
    server: CentreServer, tenant_id: str, kiosk: Headers
) -> None:
    with ExitStack() as stack:
        streams = [stack.enter_context(Listening(server, kiosk)) for _ in range(MOST_STREAMS)]
        assert [stream.next() for stream in streams] == [0] * MOST_STREAMS
        newest = stack.enter_context(Listening(server, kiosk))
        assert newest.next() == 0
        assert streams[0].next() is None
        add_photos(server, tenant_id, "run", 0)
        assert [stream.next() for stream in (*streams[1:], newest)] == [1] * MOST_STREAMS


def test_a_stream_lasts_no_longer_than_a_token(tmp_path: Path) -> None:
    settings = CentralSettings(access=AccessSection(access_s=2))
    with CentreServer(tmp_path, settings) as server:
        headers = server.headers(server.add_tenant("Chain"), Role.DEVICE)
        with Listening(server, headers) as stream:
            assert stream.next() == 0
            assert stream.next() is None


def test_a_server_with_open_streams_stops_within_seconds(server: CentreServer, kiosk: Headers) -> None:
    with Listening(server, kiosk) as first, Listening(server, kiosk) as second:
        assert first.next() == second.next() == 0
        began_s = time.monotonic()
        server.stop()
        assert time.monotonic() - began_s < 3
        assert first.next() is None
        assert second.next() is None


def test_nobody_asks_the_database_while_nobody_listens(
    server: CentreServer, kiosk: Headers, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[float] = []
    look = SqlFeed.last_revisions

    def counted(self: SqlFeed) -> dict[str, int]:
        looks.append(time.monotonic())
        return look(self)

    monkeypatch.setattr(SqlFeed, "last_revisions", counted)
    server.stop()
    server.start()
    with Listening(server, kiosk) as one, Listening(server, kiosk) as two:
        assert one.next() == two.next() == 0
        time.sleep(1)
        assert 2 <= len(looks) <= 6, "one look for all who listen"
    until = time.monotonic() + 10
    while looks and looks[-1] > time.monotonic() - 1:
        assert time.monotonic() < until, "the last listener has gone"
        time.sleep(0.1)
