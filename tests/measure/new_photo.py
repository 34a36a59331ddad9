"""A photo that is new at the centre is found at a kiosk: pushed as a hint, pulled, and in the index."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import keyring
import numpy as np
from keyring.backend import KeyringBackend

from kiosk.app import Outside, open_kiosk
from kiosk.archive import DATABASE_FILE
from kiosk.benchmarks.figure import Figure, Goal, percentile
from kiosk.central.feed import LOOK_EVERY_S
from kiosk.database.changes import note_change
from kiosk.database.engine import open_database
from kiosk.database.sync_state import SqlEnrolment
from kiosk.gallery.types import VectorIndex
from kiosk.payments.promptpay_staff import PromptPayGateway
from kiosk.secrets import device_key_name
from kiosk.settings import Settings
from kiosk.sync.records import Kind
from kiosk.vision.types import Embedding, FloatArray
from tests.measure.made_event import face_values, make_event, photo_values, unit_vectors, write_rows
from tests.measure.own_process import OwnProcess
from tests.peers.centre import CentreProcess

EVENT = "measured"
_TENANT = "measured"
_PREFIX = "K1"
_NEW_FROM = 1_000_000
_SURE = 0.99
_LOOKS_EVERY_S = 0.01
_PATIENCE_S = 60.0
_HALF_A_LOOK_S = LOOK_EVERY_S / 2


class MemoryKeyring(KeyringBackend):
    """In the process of a measured kiosk: begins with the key of its device."""

    priority = 1  # type: ignore[assignment]

    def __init__(self, name: str, key: str) -> None:
        super().__init__()
        self._keys = {name: key}

    def get_password(self, service: str, username: str) -> str | None:
        return self._keys.get(username)

    def set_password(self, service: str, username: str, password: str) -> None:
        self._keys[username] = password


def measure_new_photo(count: int = 24, photos: int = 4000, faces: int = 10_000) -> list[Figure]:
    """Of `count` photos, one after the other, in an event of so many."""
    with TemporaryDirectory(prefix="measure-new-") as name:
        folder = Path(name)
        kiosk_home = folder / "kiosk"
        database = open_database(kiosk_home / DATABASE_FILE)
        enrolment = SqlEnrolment(database)
        kiosk_id = enrolment.kiosk_id
        enrolment.enrol(_TENANT, _PREFIX)
        database.close()
        with CentreProcess(folder / "centre") as centre:
            tenant_id = centre.add_tenant(_TENANT)
            key = centre.enrol_devices(tenant_id, {kiosk_id: _PREFIX})[kiosk_id]
            contract = _contract()
            with centre.database() as at_centre:
                make_event(at_centre, tenant_id, EVENT, photos, faces, contract)
            found, name_of_key = folder / "found", device_key_name(kiosk_id)
            found.touch()
            kiosk = OwnProcess(run_kiosk, kiosk_home, centre.url, (name_of_key, key), found, faces, count)
            try:
                took = _add_one_by_one(centre, tenant_id, contract, found, count)
                kiosk.result()
            finally:
                kiosk.kill()
    of = f"half of the 0.3 s at which the centre looks for news; of {count} photos"
    return [
        Figure("new_photo.p50", percentile(took, 50), "s", _HALF_A_LOOK_S, of, Goal(at_most=3)),
        Figure("new_photo.p95", percentile(took, 95), "s", _HALF_A_LOOK_S, of, Goal(at_most=3)),
    ]


def _add_one_by_one(
    centre: CentreProcess, tenant_id: str, contract: str, found: Path, count: int
) -> list[float]:
    """Seconds from each commit to the hit."""
    chance = random.Random(5)
    _lines(found, 1)  # the kiosk has the event
    took: list[float] = []
    with centre.database() as database:
        for number in range(count):
            time.sleep(chance.uniform(0.2, 1.5))
            row = photo_values(EVENT, _NEW_FROM + number)
            face = list(face_values([row], [1], new_face(number), contract))
            with database.writing() as session:
                write_rows(session, [row], face)
                note_change(session, Kind.PHOTO, row["photo_id"], tenant_id)
            committed_s = time.monotonic()
            took.append(float(_lines(found, number + 2)[-1]) - committed_s)
    return took


def run_kiosk(home: Path, url: str, key: tuple[str, str], found: Path, faces: int, count: int) -> None:
    """In the kiosk's process: all its workers, no screen. Each line of `found` is when a photo was found; the
    first one says that the event is there."""
    keyring.set_keyring(MemoryKeyring(*key))
    settings = Settings.model_validate(
        {
            "central": {"url": url},
            "delivery": {"host": "127.0.0.1", "port": 0},
            "camera": {"source": str(home)},
        }
    )
    kiosk = open_kiosk(home, settings, Outside(gateway=PromptPayGateway("0801234567", "Shop")))
    kiosk.start()
    try:
        index = kiosk.archive.index
        _wait(lambda: index.count(EVENT) >= faces)
        with found.open("a", encoding="ascii") as lines:
            print(time.monotonic(), file=lines, flush=True)
            for number in range(count):
                probe = Embedding(new_face(number)[0], index.contract_id)
                _wait(lambda one=probe: _is_found(index, one))
                print(time.monotonic(), file=lines, flush=True)
    finally:
        kiosk.stop()


def new_face(number: int) -> FloatArray:
    """That of the photo that comes as so many, the same in both processes."""
    return unit_vectors(1, np.random.default_rng(_NEW_FROM + number))


def _is_found(index: VectorIndex, probe: Embedding) -> bool:
    return bool(index.search(EVENT, probe, min_similarity=_SURE, limit=1))


def _wait(is_so: Callable[[], bool]) -> None:
    until_s = time.monotonic() + _PATIENCE_S
    while not is_so():
        if time.monotonic() > until_s:
            raise RuntimeError("waited in vain")
        time.sleep(_LOOKS_EVERY_S)


def _lines(path: Path, count: int) -> list[str]:
    until_s = time.monotonic() + _PATIENCE_S
    while len(lines := path.read_text(encoding="ascii").splitlines()) < count:
        if time.monotonic() > until_s:
            raise RuntimeError("the kiosk does not find the photo")
        time.sleep(_LOOKS_EVERY_S)
    return lines


def _contract() -> str:
    """Of the kiosk's own engine."""
    from kiosk.adapters import choose_engines

    return choose_engines(Settings().vision).photos.contract_id
