"""A kiosk in a process of its own, seen from outside: set up, started, served, killed."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from unittest.mock import patch

from sqlalchemy import delete

from kiosk.archive import DATABASE_FILE, open_archive
from kiosk.at_rest.own_keys import OwnKeys
from kiosk.at_rest.vault import Vault
from kiosk.commands import import_folder
from kiosk.database.engine import open_database
from kiosk.database.meta import SqlMeta
from kiosk.database.sync_state import SqlEnrolment
from kiosk.database.tables import MetaRow
from kiosk.payments.qr import qr_png
from kiosk.payments.simulator import PayNoiSimulator
from kiosk.payments.simulator.book import Transaction
from kiosk.payments.simulator.server import DEFAULT_API_KEY
from kiosk.secrets import device_key_name
from kiosk.settings import Settings
from tests.bad_pictures import write_mixed_folder
from tests.faults.stranger import Person, run_kiosk
from tests.file_keyring import FolderSecrets, keyring_in
from tests.peers.processes import free_ports
from ui.command_rooms import every_room

EVENT = "Storm"
START_WITHIN_S = 60.0
_PRELOADED = ["ui.command", *every_room(), "kiosk.archive", "kiosk.app", "tests.faults.stranger"]


class NotServedError(Exception):
    """The kiosk did not do within its time what was waited for; the text says what."""


@dataclass
class Shop:
    """A data folder with an event of drawn pictures, and how a kiosk on it is set up. `environ` are
    variables of its process; `tuning` as `run_kiosk` takes it."""

    home: Path
    values: dict[str, Any]
    environ: dict[str, str]
    tuning: dict[str, float] = field(default_factory=dict)
    preload: dict[str, str] = field(default_factory=dict)
    """Variables that the process must have from its very first moment on, such as LD_PRELOAD: it is then a
    fresh interpreter."""

    @property
    def kiosk_id(self) -> str:
        database = open_database(self.home / DATABASE_FILE)
        try:
            return SqlMeta(database).kiosk_id()
        finally:
            database.close()

    def enrol(self, url: str, tenant: str, prefix: str, key: str) -> None:
        """At the centre that knows it under this key."""
        database = open_database(self.home / DATABASE_FILE)
        try:
            SqlEnrolment(database).enrol(tenant, prefix, url)
        finally:
            database.close()
        self.keep_secret(device_key_name(self.kiosk_id), key)

    def keep_secret(self, name: str, value: str) -> None:
        (Path(self.environ["KEYRING_FOLDER"]) / f"photo-kiosk-{name}").write_text(value, encoding="utf-8")

    def crashes(self) -> list[str]:
        """What nobody caught in all its lives."""
        kept = sorted((self.home / "logs").glob("crash*"))
        return [path.read_text(encoding="utf-8") for path in kept if path.stat().st_size]


def scanned(bank: PayNoiSimulator, code: str | bytes) -> Transaction | None:
    """The unpaid transaction that a phone pays which scans this code: a text, or the bank's own picture,
    which is on the screen where the kiosk could not read it. The newest: an amount comes again once the one
    before is over."""

    def is_it(transaction: Transaction) -> bool:
        return code == (transaction.payload if isinstance(code, str) else qr_png(transaction.payload))

    newest_first = reversed(bank.transactions)
    return next((each for each in newest_first if not each.received_satang and is_it(each)), None)


def stocked_home(folder: Path) -> Path:
    """A data folder with an event of drawn pictures; to be copied, with its keyring beside it."""
    write_mixed_folder(folder / "card")
    home = folder / "home"
    vault = Vault(OwnKeys(home, FolderSecrets(keyring_of(home))))
    archive = open_archive(home, Settings.model_validate({}), vault=vault)
    try:
        import_folder(archive, folder / "card", EVENT)
    finally:
        archive.close()
    return home


def open_shop(stocked: Path, home: Path, bank_url: str, **sections: Any) -> Shop:
    """A kiosk of its own on a copy of a stocked folder, paid through a PayNoi gateway; `sections` of settings
    win."""
    shutil.copytree(stocked, home, dirs_exist_ok=True)
    shutil.copytree(keyring_of(stocked), keyring_of(home), dirs_exist_ok=True)
    database = open_database(home / DATABASE_FILE)
    try:
        with database.writing() as session:
            session.execute(delete(MetaRow).where(MetaRow.key == "kiosk_id"))
    finally:
        database.close()
    values: dict[str, Any] = {
        "camera": {"source": "no-camera.mp4"},
        "delivery": {"host": "127.0.0.1", "port": free_ports(1)[0]},
        "payment": {"gateway": "paynoi", "paynoi_url": bank_url, "paynoi_account": "0801234567"},
        **sections,
    }
    ours = {name: "" for name in os.environ if name.startswith("KIOSK_")}
    environ = {**ours, **keyring_in(keyring_of(home)), "OMP_NUM_THREADS": "1"}
    shop = Shop(home, values, environ)
    shop.keep_secret("paynoi_api_key", DEFAULT_API_KEY)
    return shop


def keyring_of(home: Path) -> Path:
    """The folder of its keyring."""
    return home.parent / f"{home.name}-keyring"


class KioskProcess:
    """One life of a kiosk. Forked from a process that has imported the program and done nothing else, which
    saves a second a start. What it tells comes to `hear`, in order, from `listen` alone."""

    def __init__(self, shop: Shop, hear: Callable[..., None]) -> None:
        self._hear = hear
        self._began_s = time.monotonic()
        self.up_s: float | None = None
        context = multiprocessing.get_context("spawn" if shop.preload else "forkserver")
        if not shop.preload:
            context.set_forkserver_preload(_PRELOADED)
        self._pipe: Connection
        self._pipe, far = context.Pipe()
        given = (shop.home, shop.values, shop.environ, far, shop.tuning)
        self._process = context.Process(target=run_kiosk, args=given)
        with patch.dict(os.environ, shop.preload):
            self._process.start()
        far.close()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    @property
    def is_over(self) -> bool:
        return self._process.exitcode is not None

    def send(self, person: Person | None) -> None:
        """Somebody steps up to it; None ends it in good order."""
        try:
            self._pipe.send(person)
        except OSError:
            return  # it is dead, and `listen` will see it

    def listen(self, until_s: float) -> bool:
        """Passes on what it tells until this moment (of the monotonic clock); False once it tells no more."""
        while (left_s := until_s - time.monotonic()) > 0:
            if self._pipe.poll(left_s) and not self._take():
                return False
        return True

    def wait(self, is_so: Callable[[], object], what: str, within_s: float = START_WITHIN_S) -> float:
        """Listens until `is_so`; the seconds it took. Raises NotServedError."""
        began_s = time.monotonic()
        while not is_so():
            if time.monotonic() - began_s > within_s:
                raise NotServedError(f"waited {within_s:.0f} s in vain for {what}")
            if not self.listen(time.monotonic() + 0.02):
                raise NotServedError(f"the kiosk ended while it was waited for {what}")
        return time.monotonic() - began_s

    def kill(self) -> None:
        """Dies at once (SIGKILL). What it told before is still heard."""
        self._process.kill()
        self._process.join()
        while self._pipe.poll(0) and self._take():
            pass
        self._pipe.close()

    def end(self, within_s: float = 30.0) -> bool:
        """Ends it in good order; whether it did."""
        self.send(None)
        self._process.join(within_s)
        is_good = self._process.exitcode == 0
        self.kill()
        return is_good

    def _take(self) -> bool:
        try:
            words = self._pipe.recv()
        except (EOFError, OSError):
            return False
        if words == ("up",):
            self.up_s = time.monotonic() - self._began_s
        self._hear(*words)
        return True
