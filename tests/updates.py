"""Packages for tests of updates: tiny ones that dpkg really installs, signed by keys that are made here."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from kiosk.clock import SystemClock
from kiosk.updates.applying import Applier
from kiosk.updates.dpkg import Dpkg
from kiosk.updates.journal import Journal, Result, read_journal
from kiosk.updates.machine import Machine
from kiosk.updates.outside import owner_of
from kiosk.updates.package import PRODUCT, SIGNATURE_ENDING, Installed, Package, comment_of
from kiosk.updates.places import RootPlaces, StagingPlaces
from kiosk.updates.request import Wanted, ask
from kiosk.updates.staging import Staging

minisign: Any = pytest.importorskip("minisign", reason="py-minisign is not installed")
ARCHITECTURE = "amd64"
NIGHT = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
"""Three in the morning in Bangkok."""

needs_dpkg = pytest.mark.skipif(
    shutil.which("dpkg-deb") is None or sys.platform == "win32" or os.geteuid() != 0,
    reason="dpkg installs into a tree of its own as root only",
)

_PROGRAM = """#!/bin/sh
# A stand-in for the kiosk that speaks what an update needs of it: version {version}.
here=$(dirname "$(readlink -f "$0")")
case "$*" in
"update selftest --json")
    [ "{tests}" = crash ] && kill -SEGV $$
    {python} "$here/migrate.py" "$KIOSK_HOME/kiosk.db" {revision} || exit 3
    if [ "{tests}" = good ]; then
        echo '{{"version": "{version}", "steps": [{{"name": "database", "is_ok": true, "detail": ""}}]}}'
        exit 0
    fi
    echo '{{"version": "{version}", "steps": [{{"name": "weights", "is_ok": false, "detail": "F-102"}}]}}'
    exit 1 ;;
"update apply"*)
    exec {driver} ;;
session)
    case "{session}" in beats) echo serves ;; calls) echo "calls staff: X-101" ;; *) exit 1 ;; esac ;;
esac
"""
_MIGRATE = """
import sqlite3, sys
path, revision = sys.argv[1:]
with sqlite3.connect(path) as connection:
    have = connection.execute("SELECT version_num FROM alembic_version").fetchone()[0]
    if have > revision:
        sys.exit(9)  # as a program does that meets tables which are newer than itself
    if have < revision:
        connection.execute("ALTER TABLE orders ADD COLUMN of_%s TEXT" % revision)
        connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))
"""
_SYSTEMCTL = """#!/bin/sh
# A stand-in for systemd: the session runs while the file is there, which holds what its supervisor says.
case "$1" in
stop) rm -f {state} ;;
start) said=$({program} session) && echo "$said" > {state} ;;
show) if test -f {state}; then echo ActiveState=active; echo "StatusText=$(cat {state})"; fi ;;
esac
"""


@dataclass(frozen=True, slots=True)
class Signer:
    """An owner with keys."""

    keys: Any

    @classmethod
    def new(cls) -> Signer:
        return cls(minisign.KeyPair.generate())

    def publish(self, path: Path) -> Path:
        path.write_bytes(bytes(self.keys.public_key) + b"\n")
        return path

    def sign(self, file: Path, package: Package | None = None) -> bytes:
        """Signs a file as what its name says, or as `package`; the signature lies beside it."""
        product, version, architecture = file.stem.rsplit("_", 2)
        package = package or Package(file.name, version, architecture, product)
        signature = self.keys.secret_key.sign(file.read_bytes(), trusted_comment=comment_of(package))
        file.with_name(file.name + SIGNATURE_ENDING).write_bytes(bytes(signature))
        return bytes(signature)


def build(
    folder: Path,
    version: str,
    *,
    tests: str = "good",
    session: str = "beats",
    revision: str = "0001",
    driver: str = "false",
    name: str = PRODUCT,
    architecture: str = ARCHITECTURE,
    depends: str = "",
) -> Path:
    """A .deb with a stand-in for the program: `tests` is "good", "bad" or "crash", `session` "beats",
    "calls" (for staff) or "dead", `revision` what its tables are at; `driver` is run by "update apply"."""
    tree = folder / f"tree-{version}"
    shutil.rmtree(tree, ignore_errors=True)
    program = tree / "opt/photo-kiosk/kiosk"
    program.parent.mkdir(parents=True)
    (tree / "DEBIAN").mkdir()
    (tree / "DEBIAN/control").write_text(
        f"Package: {name}\nVersion: {version}\nArchitecture: {architecture}\n"
        f"Maintainer: Tests <tests@example.com>\nDescription: a stand-in\n of two lines\n"
        + (f"Depends: {depends}\n" if depends else ""),
        encoding="utf-8",
    )
    words = {"version": version, "tests": tests, "session": session, "revision": revision, "driver": driver}
    program.write_text(_PROGRAM.format(**words, python=sys.executable), encoding="utf-8")
    program.chmod(0o755)
    program.with_name("migrate.py").write_text(_MIGRATE, encoding="utf-8")
    file = folder / f"{name}_{version}_{architecture}.deb"
    subprocess.run(
        ["dpkg-deb", "--root-owner-group", "-Znone", "--build", str(tree), str(file)],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return file


class UpdateSite:
    """A machine in a folder: a dpkg tree with version 0.1.0, a data folder with a database, a signer."""

    def __init__(self, folder: Path, signer: Signer | None = None) -> None:
        self.folder = folder
        self.root = folder / "root"
        self.home = folder / "home"
        self.packages = folder / "packages"
        self.made = folder / "made"
        self.state = folder / "session"
        self.signer = signer or Signer.new()
        self.keys = folder / "update.pub"
        self.places = RootPlaces(self.packages)
        self.staging = StagingPlaces(self.home)

    def set_up(self) -> None:
        for each in (self.home, self.packages, self.made, self.root / "var/lib/dpkg"):
            each.mkdir(parents=True)
        (self.root / "var/lib/dpkg/status").touch()
        self.signer.publish(self.keys)
        systemctl = self.folder / "systemctl"
        systemctl.write_text(_SYSTEMCTL.format(state=self.state, program=self.program), encoding="utf-8")
        systemctl.chmod(0o755)
        with closing(sqlite3.connect(self.staging.database)) as database:
            database.execute("PRAGMA journal_mode=WAL")
            database.execute("CREATE TABLE alembic_version (version_num TEXT)")
            database.execute("INSERT INTO alembic_version VALUES ('0001')")
            database.execute("CREATE TABLE orders (order_id TEXT)")
            database.execute("INSERT INTO orders VALUES ('sold-before')")
            database.commit()
        self.dpkg.install(build(self.made, "0.1.0", driver=self.driver))
        self.state.write_text("running", encoding="utf-8")

    @property
    def program(self) -> Path:
        return self.root / "opt/photo-kiosk/kiosk"

    @property
    def dpkg(self) -> Dpkg:
        return Dpkg(PRODUCT, self.root)

    @property
    def driver(self) -> str:
        """What the stand-in runs as "kiosk update apply": the real applying, on this folder."""
        return f'{sys.executable} -m tests.update_driver {self.folder} "$@"'

    def machine(self, *, starts_session: bool = True) -> Machine:
        return Machine(
            self.dpkg,
            owner_of(self.home),
            self.staging,
            self.program,
            (str(self.folder / "systemctl"),),
            settled_looks=1,
            starts_session=starts_session,
            sleep=lambda _: None,
        )

    def applier(self, machine: Machine | None = None, **more: object) -> Applier:
        return Applier(
            self.places,
            self.staging,
            self.keys,
            machine or self.machine(),
            ARCHITECTURE,
            SystemClock(),
            **more,  # type: ignore[arg-type]
        )

    def stage(self, version: str = "0.2.0", **how: str) -> Path:
        """Builds, signs and stages a version as the kiosk does, and asks root for it."""
        file = build(self.made, version, **({"driver": self.driver} | how))  # type: ignore[arg-type]
        self.signer.sign(file)
        Staging(self.staging, self.keys, Installed("0.1.0", ARCHITECTURE)).take(file)
        self.ask()
        return file

    def ask(self, wanted: Wanted = Wanted.APPLY) -> None:
        ask(self.staging.request, wanted, SystemClock().now())

    def apply(self) -> Result | None:
        return self.applier().apply()

    @property
    def journal(self) -> Journal:
        return read_journal(self.places.journal)

    @property
    def is_running(self) -> bool:
        return self.state.exists()

    def revision(self) -> str:
        with closing(sqlite3.connect(self.staging.database)) as database:
            return str(database.execute("SELECT version_num FROM alembic_version").fetchone()[0])

    def orders(self) -> list[str]:
        with closing(sqlite3.connect(self.staging.database)) as database:
            return [row[0] for row in database.execute("SELECT order_id FROM orders ORDER BY 1")]

    def sell(self, order_id: str) -> None:
        with closing(sqlite3.connect(self.staging.database)) as database:
            database.execute("INSERT INTO orders (order_id) VALUES (?)", (order_id,))
            database.commit()

    def check_whole(self, version: str, revision: str = "0001") -> None:
        """The machine is at this version, whole, and serves."""
        assert self.dpkg.version() == version
        assert json.dumps(version)[1:-1] in self.program.read_text(encoding="utf-8")
        assert self.revision() == revision
        assert self.is_running
        assert not self.staging.data_copy.exists()
        assert not self.places.way_back.exists()
        assert "sold-before" in self.orders()
