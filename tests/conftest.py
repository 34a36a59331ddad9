"""What several test files need: the calibration set, the fetched weights, an engine, real servers."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import TypeVar

import keyring
import pytest

from kiosk.at_rest.vault import GivenKeys
from kiosk.database import engine
from kiosk.paths import models_folder, program_root
from kiosk.printing import print_desk
from kiosk.secrets import write_secret
from kiosk.sending import courier, new_photos
from kiosk.vision.manifest import read_manifest
from kiosk.vision.open_engine import OpenFaceEngine
from tests.file_keyring import FileKeyring, keyring_in
from tests.migrated_once import upgrade_once
from tests.peers.cups import CupsServer
from tests.peers.milvus import MilvusServer
from tests.peers.network import NetworkNamespace
from tests.peers.postgres import PostgresServer
from tests.peers.processes import PeerMissingError
from tests.peers.redis import RedisServer
from tests.peers.s3 import S3Server

Peer = TypeVar("Peer")
_SERVERS = {"cups_server", "milvus_server", "postgres_server", "redis_server", "s3_server"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test that names a server's fixture is one with a real server, without saying so itself."""
    for item in items:
        if _SERVERS.intersection(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.real_server)


@pytest.fixture(scope="session", autouse=True)
def _fresh_databases_at_once() -> Iterator[None]:
    """Tests of migrations are not touched by it: what has tables already goes through Alembic."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "upgrade", upgrade_once)
        yield


@pytest.fixture(scope="session", autouse=True)
def _workers_end_at_once() -> Iterator[None]:
    """These look only once in so long whether they are to end, which each kiosk of a test waits for."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(courier, "_LOOK_EVERY_S", 0.2)
        patch.setattr(new_photos, "_STEP_S", 0.2)
        patch.setattr(print_desk, "_STOP_SEEN_WITHIN_S", 0.1)
        yield


@pytest.fixture(scope="session", autouse=True)
def _secrets_of_their_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test, and no process that it starts, reads or writes the keyring of whoever runs it, nor their
    kiosk's folder."""
    before = keyring.get_keyring()
    keyring.set_keyring(FileKeyring())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KIOSK_HOME", str(tmp_path_factory.mktemp("kiosk-home")))
        for name, value in keyring_in(tmp_path_factory.mktemp("keyring")).items():
            patch.setenv(name, value)
        write_secret(GivenKeys.CURRENT, secrets.token_hex(32))  # of centres on servers
        yield
    keyring.set_keyring(before)


@pytest.fixture(scope="session")
def real_faces() -> Path:
    """The labelled pictures that lie beside the repository."""
    folder = program_root().parent / "shared" / "data" / "faces"
    if not (folder / "gallery.csv").is_file():
        pytest.skip("the calibration set is not beside the repository")
    return folder


@pytest.fixture(scope="session")
def weights() -> Path:
    """The folder of the manifest and the weights that it names."""
    folder = models_folder()
    for entry in read_manifest(folder).weights:
        if not (folder / entry.file).is_file():
            pytest.skip(f"the weights are not fetched: {entry.file} is missing")
    return folder


@pytest.fixture(scope="session")
def face_engine(weights: Path) -> OpenFaceEngine:
    """The default engine, as it looks at live frames."""
    return OpenFaceEngine(weights)


def entered_or_skipped(stack: ExitStack, peer: AbstractContextManager[Peer]) -> Peer:
    """The running peer, until the stack closes; where it cannot be had, what needs it skips."""
    try:
        return stack.enter_context(peer)
    except PeerMissingError as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One PostgreSQL for all; each test makes a database of its own in it."""
    with ExitStack() as stack:
        yield entered_or_skipped(stack, PostgresServer(fsync=False))


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """One Redis for all, without a memory over its end."""
    with ExitStack() as stack:
        yield entered_or_skipped(stack, RedisServer(tmp_path_factory.mktemp("redis")))


@pytest.fixture(scope="module")
def milvus_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MilvusServer]:
    """One Milvus for a file's tests, behind a link of its own; a test leaves it empty and the link whole. It
    ends with them, for it takes a tenth of a core while nobody asks."""
    with ExitStack() as stack:
        network = entered_or_skipped(stack, NetworkNamespace())
        yield entered_or_skipped(stack, MilvusServer(tmp_path_factory.mktemp("milvus"), network))


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """One S3 server for all; each test makes a bucket of its own in it."""
    with ExitStack() as stack:
        yield entered_or_skipped(stack, S3Server(tmp_path_factory.mktemp("s3")))


@pytest.fixture
def cups_server() -> Iterator[CupsServer]:
    """A print server without a queue, for one test: it is up in a tenth of a second."""
    with ExitStack() as stack:
        yield entered_or_skipped(stack, CupsServer())
