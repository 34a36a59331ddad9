"""What every object store promises: a folder, one that fetches from a centre, and a real S3 server."""

from __future__ import annotations

import io
import os
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from email.message import Message
from pathlib import Path
from urllib.parse import quote

import pytest

from kiosk.clock import SystemClock
from kiosk.errors import BugError, ErrorCode, KnownError
from kiosk.photos.folder_store import FolderObjectStore
from kiosk.photos.types import ObjectStore
from kiosk.sync.client import CentralClient
from kiosk.sync.fetched_folder import FetchedFolder
from kiosk.sync.fetched_store import FetchedObjectStore
from tests.file_centre import FileCentre
from tests.peers.s3 import S3Server


@pytest.fixture
def file_centre() -> Iterator[FileCentre]:
    with FileCentre() as running:
        yield running


@pytest.fixture(params=["folder", "fetched", pytest.param("minio", marks=pytest.mark.real_server)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    if request.param == "folder":
        return FolderObjectStore(tmp_path / "objects")
    if request.param == "fetched":
        centre: FileCentre = request.getfixturevalue("file_centre")
        return FetchedObjectStore(
            FolderObjectStore(tmp_path / "objects"),
            FetchedFolder(tmp_path / "fetched", 1_000_000, SystemClock()),
            CentralClient(centre.url, None),
        )
    from kiosk.photos.minio_store import MinioObjectStore

    server: S3Server = request.getfixturevalue("s3_server")
    bucket = f"test-{uuid.uuid4().hex}"
    return MinioObjectStore(
        server.endpoint,
        server.access_key,
        server.secret_key,
        bucket,
        is_secure=False,
        public_url=f"http://{server.endpoint}",
    )


def test_what_was_put_is_got_byte_for_byte(store: ObjectStore) -> None:
    for data in (b"", b"photo", os.urandom(3_000_000)):
        store.put("events/wedding/originals/a.jpg", data)
        assert store.get("events/wedding/originals/a.jpg") == data


def test_putting_again_replaces(store: ObjectStore) -> None:
    store.put("a/b.jpg", b"a long first content")
    store.put("a/b.jpg", b"second")

    assert store.get("a/b.jpg") == b"second"
    assert list(store.keys("")) == ["a/b.jpg"]


def test_has_tells_what_is_there(store: ObjectStore) -> None:
    store.put("a/b.jpg", b"x")

    assert store.has("a/b.jpg")
    assert not store.has("a/c.jpg")
    assert not store.has("a")


def test_a_missing_object_is_said_by_name(store: ObjectStore) -> None:
    with pytest.raises(KnownError) as refused:
        store.get("events/wedding/originals/a.jpg")

    assert refused.value.code is ErrorCode.OBJECT_MISSING
    assert "events/wedding/originals/a.jpg" in refused.value.detail


def test_deleting_is_final_and_harmless_when_repeated(store: ObjectStore) -> None:
    store.put("a/b.jpg", b"x")
    store.delete("a/b.jpg")
    store.delete("a/b.jpg")
    store.delete("never/was/there.jpg")

    assert not store.has("a/b.jpg")
    assert list(store.keys("")) == []


def test_keys_are_in_lexical_order_of_the_whole_key(store: ObjectStore) -> None:
    put = ["a/b.jpg", "a-b/c.jpg", "a.b/c.jpg", "a/b/c.jpg", "a0", "b", "ก/ข.jpg", "B"]
    for key in put:
        store.put(key, b"x")

    assert list(store.keys("")) == sorted(put)


def test_a_prefix_is_a_beginning_of_the_key_not_a_folder(store: ObjectStore) -> None:
    for key in ("events/wed/a", "events/wedding/a", "events/marathon/a", "evening"):
        store.put(key, b"x")

    assert list(store.keys("events/wed")) == ["events/wed/a", "events/wedding/a"]
    assert list(store.keys("events/wed/")) == ["events/wed/a"]
    assert list(store.keys("events/wed/a")) == ["events/wed/a"]
    assert list(store.keys("eve")) == ["evening", "events/marathon/a", "events/wed/a", "events/wedding/a"]
    assert list(store.keys("x")) == []


@pytest.mark.parametrize(
    "key",
    [
        "",
        "/etc/passwd",
        "../up",
        "a/../../b",
        "a//b",
        "a/",
        "a\\b",
        "C:/x",
        ".hidden",
        "a/.partial/b",
        "a\0b",
    ],
)
def test_a_key_that_leads_elsewhere_is_a_bug(store: ObjectStore, key: str) -> None:
    for use in (
        store.get,
        store.get_stream,
        store.has,
        store.delete,
        lambda key: store.put(key, b"x"),
        lambda key: store.presigned_get(key, 60),
    ):
        with pytest.raises(BugError):
            use(key)


def test_names_in_thai_and_with_spaces_are_kept(store: ObjectStore) -> None:
    store.put("events/งานวิ่ง 2026/รูป (1).jpg", b"x")

    assert store.get("events/งานวิ่ง 2026/รูป (1).jpg") == b"x"
    assert list(store.keys("events/งาน")) == ["events/งานวิ่ง 2026/รูป (1).jpg"]


def test_a_reader_never_sees_half_an_object(store: ObjectStore) -> None:
    contents = [bytes([letter]) * 400_000 for letter in b"abc"]
    store.put("a/b.jpg", contents[0])
    torn: list[int] = []
    is_done = threading.Event()

    def read() -> None:
        while not is_done.is_set():
            seen = store.get("a/b.jpg")
            if seen not in contents:
                torn.append(len(seen))

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for turn in range(40):
            store.put("a/b.jpg", contents[turn % 3])
    finally:
        is_done.set()
        reader.join(30)

    assert not torn


def test_several_writers_at_once_lose_nothing(store: ObjectStore) -> None:
    def write(writer: int) -> None:
        for number in range(15):
            store.put(f"w{writer}/{number:02d}", f"{writer}-{number}".encode())

    writers = [threading.Thread(target=write, args=(writer,)) for writer in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)

    keys = list(store.keys("w"))
    assert len(keys) == 60
    assert store.get("w3/14") == b"3-14"


def test_a_stream_tells_its_size_and_gives_the_object_part_by_part(store: ObjectStore) -> None:
    data = os.urandom(3_000_000)
    store.put("a/b.jpg", data)
    store.put("a/empty.jpg", b"")

    stream = store.get_stream("a/b.jpg")
    parts = list(stream)

    assert stream.size == len(data)
    assert b"".join(parts) == data
    assert max(len(part) for part in parts) <= 1_000_000
    assert b"".join(store.get_stream("a/empty.jpg")) == b""


def test_a_stream_begins_where_it_is_told_to(store: ObjectStore) -> None:
    data = os.urandom(700_000)
    store.put("a/b.jpg", data)

    stream = store.get_stream("a/b.jpg", 650_001)

    assert stream.size == len(data)
    assert b"".join(stream) == data[650_001:]


def test_a_stream_that_nobody_reads_to_its_end_is_closed_harmlessly(store: ObjectStore) -> None:
    store.put("a/b.jpg", os.urandom(3_000_000))
    for _ in range(20):
        stream = store.get_stream("a/b.jpg")
        next(iter(stream))
        stream.close()
        store.get_stream("a/b.jpg").close()

    assert len(store.get("a/b.jpg")) == 3_000_000


def test_streaming_a_missing_object_is_refused_before_the_first_byte(store: ObjectStore) -> None:
    with pytest.raises(KnownError) as refused:
        store.get_stream("events/wedding/originals/a.jpg")

    assert refused.value.code is ErrorCode.OBJECT_MISSING


@pytest.mark.parametrize("size", [0, 5, 9_000_000])
def test_a_file_is_put_part_by_part_from_where_it_stands(store: ObjectStore, size: int) -> None:
    data = os.urandom(size + 3)
    file = io.BytesIO(data)
    file.seek(3)
    store.put_stream("a/b.jpg", file, size)

    assert store.get("a/b.jpg") == data[3:]


def test_a_file_that_is_shorter_than_said_is_a_bug_and_leaves_nothing(store: ObjectStore) -> None:
    with pytest.raises(BugError):
        store.put_stream("a/b.jpg", io.BytesIO(b"short"), 100)

    assert not store.has("a/b.jpg")
    assert list(store.keys("")) == []


def fetched(url: str) -> tuple[bytes, Message]:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.read(), answer.headers


def test_an_address_gives_the_object_under_its_name_where_the_store_has_addresses(store: ObjectStore) -> None:
    store.put("events/run/originals/a.jpg", b"photo")

    url = store.presigned_get("events/run/originals/a.jpg", 60, 'วิ่ง "1".jpg')

    if url is None:
        assert isinstance(store, FolderObjectStore | FetchedObjectStore)
        return
    data, headers = fetched(url)
    assert data == b"photo"
    assert headers.get_content_disposition() == "attachment"
    assert headers["content-disposition"].endswith("; filename*=UTF-8''" + quote('วิ่ง "1".jpg'))
    assert fetched(store.presigned_get("events/run/originals/a.jpg", 60) or "")[0] == b"photo"


def test_an_address_opens_nothing_else_and_nothing_any_longer(store: ObjectStore) -> None:
    store.put("a/mine.jpg", b"mine")
    store.put("a/theirs.jpg", b"theirs")
    url = store.presigned_get("a/mine.jpg", 1)
    if url is None:
        return

    with pytest.raises(urllib.error.HTTPError) as refused:
        fetched(url.replace("mine", "theirs"))
    refused.value.close()
    time.sleep(2.1)
    with pytest.raises(urllib.error.HTTPError) as expired:
        fetched(url)
    expired.value.close()

    assert (refused.value.code, expired.value.code) == (403, 403)
