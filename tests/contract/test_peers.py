"""That the servers of the tests are real ones: they keep, lose and refuse as those of a site do."""

from __future__ import annotations

import socket
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import psutil
import pytest
from sqlalchemy import create_engine, text

from kiosk.paths import program_root
from tests.conftest import entered_or_skipped
from tests.peers.milvus import MilvusServer
from tests.peers.network import NetworkNamespace
from tests.peers.postgres import PostgresServer
from tests.peers.redis import RedisServer
from tests.peers.s3 import S3Server

pytestmark = pytest.mark.real_server


@pytest.fixture
def network() -> Iterator[NetworkNamespace]:
    with ExitStack() as stack:
        yield entered_or_skipped(stack, NetworkNamespace())


def read(url: str, query: str) -> list[object]:
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            return list(connection.execute(text(query)).scalars())
    finally:
        engine.dispose()


def write(url: str, *statements: str) -> None:
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement))
    finally:
        engine.dispose()


@pytest.mark.slow
def test_a_committed_row_of_postgresql_outlives_a_kill(postgres_server: PostgresServer) -> None:
    url = postgres_server.new_database("survivors")
    write(url, "CREATE TABLE photo (name text)", "INSERT INTO photo VALUES ('งานวิ่ง.jpg')")
    postgres_server.kill()
    postgres_server.start()

    assert read(url, "SELECT name FROM photo") == ["งานวิ่ง.jpg"]
    assert read(url, "SHOW fsync") == ["off"]  # a kill leaves the system, and what it was given


def test_a_database_of_postgresql_is_made_anew_even_while_somebody_uses_the_old_one(
    postgres_server: PostgresServer,
) -> None:
    url = postgres_server.new_database("anew")
    write(url, "CREATE TABLE photo (name text)")
    engine = create_engine(url)
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
        assert postgres_server.new_database("anew") == url
        connection.invalidate()
    engine.dispose()

    assert read(url, "SELECT count(*) FROM pg_tables WHERE tablename = 'photo'") == [0]


def test_postgresql_behind_a_link_serves_who_comes_through_it(network: NetworkNamespace) -> None:
    with ExitStack() as stack:
        server = entered_or_skipped(stack, PostgresServer(fsync=False, network=network))
        assert server.host == network.host
        assert read(server.new_database("far"), "SHOW fsync") == ["off"]


def test_redis_answers_and_forgets_in_a_kill(redis_server: RedisServer) -> None:
    from redis import Redis

    with Redis.from_url(redis_server.url) as client:
        client.set("kiosk", "K1")
        assert client.get("kiosk") == b"K1"
    redis_server.kill()
    redis_server.start()

    with Redis.from_url(redis_server.url) as client:
        assert client.get("kiosk") is None


def test_a_persistent_redis_keeps_what_it_answered(tmp_path: Path, network: NetworkNamespace) -> None:
    from redis import Redis

    with ExitStack() as stack:
        server = entered_or_skipped(stack, RedisServer(tmp_path, persistent=True, network=network))
        with Redis.from_url(server.url) as client:
            client.set("kiosk", "K1")
        server.kill()
        server.start()
        with Redis.from_url(server.url) as client:
            assert client.get("kiosk") == b"K1"


def test_milvus_lists_what_it_holds(milvus_server: MilvusServer) -> None:
    from pymilvus import MilvusClient

    client = MilvusClient(uri=milvus_server.url)
    client.create_collection("faces", dimension=8)
    held = client.list_collections()
    milvus_server.drop_collections()
    left = client.list_collections()
    client.close()

    assert "faces" in held
    assert left == []


@pytest.mark.slow
def test_the_s3_server_keeps_its_objects_over_a_kill(s3_server: S3Server) -> None:
    from kiosk.photos.minio_store import MinioObjectStore

    def opened() -> MinioObjectStore:
        server = s3_server
        return MinioObjectStore(
            server.endpoint, server.access_key, server.secret_key, "peers", is_secure=False
        )

    opened().put("a.jpg", b"photo")
    s3_server.kill()
    s3_server.start()

    assert opened().get("a.jpg") == b"photo"


@pytest.mark.slow
def test_a_cut_link_makes_connections_time_out_and_mending_heals(
    network: NetworkNamespace, tmp_path: Path
) -> None:
    with ExitStack() as stack:
        server = entered_or_skipped(stack, RedisServer(tmp_path, network=network))
        place = (server.host, server.port)
        held = stack.enter_context(socket.create_connection(place, timeout=1))
        network.cut()
        with pytest.raises(TimeoutError):
            socket.create_connection(place, timeout=5)
        held.sendall(b"PING\r\n")
        with pytest.raises(TimeoutError):
            held.recv(16)
        network.mend()

        held.settimeout(20)
        assert held.recv(16) == b"+PONG\r\n"
        socket.create_connection(place, timeout=5).close()


def test_what_runs_inside_finds_nobody_outside_behind_a_cut_link(network: NetworkNamespace) -> None:
    listener = socket.create_server((network.gateway, 0))
    ask = f"import socket; socket.create_connection({listener.getsockname()!r}, timeout=2)"
    with listener:
        command = network.command([sys.executable, "-c", ask])
        assert subprocess.run(command, check=False).returncode == 0
        network.cut()
        assert subprocess.run(command, capture_output=True, check=False).returncode != 0


def test_a_namespace_and_what_runs_in_it_are_gone_after_it(network: NetworkNamespace) -> None:
    with NetworkNamespace() as other:
        assert other.host != network.host
        left = subprocess.Popen(other.command(["sleep", "100"]))
    assert left.wait(10) != 0
    listed = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, check=True).stdout
    assert other.name not in listed
    assert network.name in listed


LEAVER = """
    import os
    from subprocess import DEVNULL, Popen
    from tests.peers.network import NetworkNamespace

    left = NetworkNamespace().__enter__()
    running = Popen(left.command(["sleep", "100"]), stdout=DEVNULL, stderr=DEVNULL)
    print(left.name, running.pid, flush=True)
    os._exit(9)
"""


def test_what_a_killed_test_run_left_behind_is_removed(network: NetworkNamespace) -> None:
    command = [sys.executable, "-c", textwrap.dedent(LEAVER)]
    said = subprocess.run(command, cwd=program_root(), capture_output=True, text=True, check=False).stdout
    name, process = said.split()
    with NetworkNamespace():
        listed = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, check=True).stdout
        assert name not in listed
        assert network.name in listed
    with suppress(psutil.NoSuchProcess):
        psutil.Process(int(process)).wait(10)
