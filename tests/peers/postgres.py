"""A real PostgreSQL: a cluster of its own in a temporary folder, which goes with it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType

import psutil

from tests.peers.network import NetworkNamespace
from tests.peers.processes import LOOPBACK, PeerMissingError, free_ports

_INSTALLED = Path("/usr/lib/postgresql")
_SYSTEM_USER = "postgres"
_USER = "kiosk"
_READY_TIMEOUT_S = 60


class PostgresServer:
    """Runs on loopback, or in a network namespace whose link can be cut; always on the same port.

    Whoever reaches it may do anything. Committed rows outlive a `kill`; with `fsync` off it is quicker, and
    they need not outlive a loss of power of the whole machine.
    """

    def __init__(self, fsync: bool = True, network: NetworkNamespace | None = None) -> None:
        self._fsync = fsync
        self._network = network
        self._folder: Path | None = None
        self.host = network.host if network else LOOPBACK
        self.port = free_ports(1)[0]

    @property
    def url(self) -> str:
        """Of the database that is always there; tests make their own by `new_database`."""
        return self._url_of("postgres")

    def __enter__(self) -> PostgresServer:
        programs = _programs()
        # Not a folder of pytest's: those are closed to the other user that the server has to run as.
        self._folder = Path(tempfile.mkdtemp(prefix="kiosk-postgres-"))
        try:
            if _as_root():
                shutil.chown(self._folder, _SYSTEM_USER)
            self._make_cluster(programs)
            self.start()
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._remove()

    def start(self) -> None:
        """Starts it, or starts it again after `kill`, with every committed row."""
        log = self._data.parent / "postgres.log"
        start = [_programs() / "pg_ctl", "start", "--silent", "--wait", "--timeout", f"{_READY_TIMEOUT_S}"]
        self._run([*start, "--pgdata", self._data, "--log", log])

    def kill(self) -> None:
        """Every process of it dies at once, as with a power cut; harmless when it runs no more."""
        try:
            number = int((self._data / "postmaster.pid").read_text(encoding="utf-8").split()[0])
            first = psutil.Process(number)
            if first.exe() != str((_programs() / "postgres").resolve()):
                return
            # Its children keep process groups of their own, and a first process that lives starts new ones.
            first.suspend()
            dying = [first, *first.children(recursive=True)]
        except (OSError, psutil.NoSuchProcess):
            return
        for process in dying:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(dying, timeout=10)

    def new_database(self, name: str) -> str:
        """An empty database, also where one of that name was; returns its URL."""
        import psycopg
        from psycopg.sql import SQL, Identifier

        with psycopg.connect(self.url.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))
            connection.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
        return self._url_of(name)

    @property
    def _data(self) -> Path:
        assert self._folder is not None, "only inside the context"
        return self._folder / "data"

    def _url_of(self, database: str) -> str:
        plain = "" if self.host == LOOPBACK else "?sslmode=disable"  # a cable of the tests' own
        return f"postgresql+psycopg://{_USER}@{self.host}:{self.port}/{database}{plain}"

    def _make_cluster(self, programs: Path) -> None:
        options = ["--username", _USER, "--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8"]
        self._run([programs / "initdb", "--pgdata", self._data, *options, "--no-sync", "--no-instructions"])
        settings = {
            "listen_addresses": self.host,
            "port": self.port,
            "unix_socket_directories": "",
            "fsync": "on" if self._fsync else "off",
        }
        with (self._data / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in settings.items())
        if self._network is not None:
            with (self._data / "pg_hba.conf").open("a", encoding="utf-8") as file:
                for host in (self._network.gateway, self._network.host):
                    file.write(f"host all all {host}/32 trust\n")

    def _run(self, command: Sequence[str | Path]) -> None:
        words = [str(word) for word in command]
        if _as_root():  # the server refuses to run as root
            words = ["runuser", "-u", _SYSTEM_USER, "--", *words]
        if self._network is not None:
            words = self._network.command(words)
        # Into a file, not a pipe: the server keeps what it was started with.
        with (self._data.parent / "commands.log").open("a+", encoding="utf-8") as said:
            done = subprocess.run(
                words, cwd=self._folder, stdin=subprocess.DEVNULL, stdout=said, stderr=said, check=False
            )
            said.seek(0)
            if done.returncode:
                raise RuntimeError(f"{words} failed; it said: {said.read()}")

    def _remove(self) -> None:
        self.kill()
        if self._folder is not None:
            shutil.rmtree(self._folder)
            self._folder = None


def _as_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _programs() -> Path:
    """The folder of the newest PostgreSQL: Debian keeps its programs off the path."""
    versions = [folder for folder in _INSTALLED.glob("*/bin") if folder.parent.name.isdecimal()]
    if versions:
        return max(versions, key=lambda folder: int(folder.parent.name))
    on_path = shutil.which("pg_ctl")
    if on_path is None:
        raise PeerMissingError("no PostgreSQL here: it is neither in Debian's place nor on the path")
    return Path(on_path).resolve().parent
