"""A database file damaged at random: found each time, never a wrong value; what was sound is there again."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import insert

from kiosk.clock import ManualClock
from kiosk.database import files
from kiosk.database.audit import SqlAuditLog
from kiosk.database.engine import Database, open_database
from kiosk.database.repair import Way
from kiosk.database.sync_tables import OutboxRow
from kiosk.database.tables import (
    EventRow,
    FaceRow,
    OrderLineRow,
    OrderRow,
    PaymentRow,
    PhotoRow,
    VoucherRow,
)
from kiosk.staff.types import AuditAction

SHORT, LONG = 12, 200
_PAGE = 8192
_PHOTOS, _ORDERS = 150, 120
_PARENTS = {"order_lines": (1, "orders"), "payments": (1, "orders"), "faces": (0, "photos")}
_HARMLESS = "harmless"
_UNDONE = "undone"
"""The last transaction of the journal is gone as a whole, as after a power cut before it was on disk."""
_Rows = dict[str, set[tuple[object, ...]]]


@dataclass(frozen=True)
class World:
    """Two states of one kiosk's folder: closed, and as a crash left it, with much in the journal. `true` is
    what was stored, `backed_up` what its backup holds."""

    closed: Path
    crashed: Path
    true: _Rows
    backed_up: _Rows


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    home = tmp_path_factory.mktemp("sold")
    path, clock = home / "kiosk.db", ManualClock()
    database = open_database(path, clock)
    _sell(database, clock, range(_ORDERS))
    database.back_up()
    backed_up = _rows(files.backups(path)[0])
    clock.advance(3600)
    _sell(database, clock, range(_ORDERS, 2 * _ORDERS))
    with database.writing() as session:
        for row in session.query(OrderRow).filter(OrderRow.code.endswith("7")):
            row.state = "cancelled"
    database.close()
    closed = home.with_name("closed")
    shutil.copytree(home, closed)
    database = open_database(path, clock)
    _sell(database, clock, range(2 * _ORDERS, 3 * _ORDERS))
    crashed = home.with_name("crashed")
    shutil.copytree(home, crashed)
    (crashed / "kiosk.db-shm").unlink()  # memory that programs share: a power cut leaves none
    true = _rows(crashed / "kiosk.db")
    shutil.rmtree(crashed)
    shutil.copytree(home, crashed)
    (crashed / "kiosk.db-shm").unlink()
    database.close()
    return World(closed, crashed, true, backed_up)


@pytest.mark.parametrize("seed", range(SHORT))
def test_damage_at_random_is_found_and_put_right(world: World, tmp_path: Path, seed: int) -> None:
    _damaged_and_opened(world, tmp_path, seed)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_damage_at_random_two_hundred_times(world: World, tmp_path: Path) -> None:
    ways = [_damaged_and_opened(world, tmp_path / str(seed), seed) for seed in range(1000, 1000 + LONG)]
    print({way: ways.count(way) for way in set(ways)})


def _damaged_and_opened(world: World, folder: Path, seed: int) -> str:
    chance = random.Random(seed)
    is_crashed = seed % 2 == 1
    home = folder / "home"
    shutil.copytree(world.crashed if is_crashed else world.closed, home)
    path = home / "kiosk.db"
    true = world.true if is_crashed else _rows_of_copy(world.closed / "kiosk.db", folder)
    hit = path.with_name("kiosk.db-wal") if seed % 4 == 3 else path
    before = hit.read_bytes()
    damages = [each for each in _DAMAGES if hit == path or each is not _cut]  # a journal that ends, ends
    damages[seed // 2 % len(damages)](hit, chance)
    after = hit.read_bytes()
    assert before != after
    database = open_database(path, ManualClock())
    found = database.repaired
    if found is None or found.way is Way.HEALED:
        SqlAuditLog(database).verify()
    database.close()
    now = _rows(path)
    told = found.way.value if found else _HARMLESS
    if found is None:  # the journal has the newest state of all that was damaged
        assert is_crashed, f"damage {seed} was not found"
        if hit != path and _is_at_the_end(before, after) and _told(now) != _told(true):
            told = _UNDONE
    if told in (*Way, _HARMLESS):
        _check(world, true, now, _hurt(before, after, hit), found.way if found else Way.HEALED)
    else:
        assert all(rows <= true[table] for table, rows in _told(now).items())
    again = open_database(path, ManualClock())
    assert again.repaired is None
    again.close()
    shutil.rmtree(home)
    return told


def _is_at_the_end(before: bytes, after: bytes) -> bool:
    """Of the journal's last transaction nobody can say whether it was damaged or never written whole. Frames
    of an earlier run, with another salt, stand behind it."""
    step = _PAGE + 24
    run = sum(before[at + 8 : at + 16] == before[16:24] for at in range(32, len(before), step))
    first = next((at for at in range(len(before)) if before[at : at + 1] != after[at : at + 1]), 0)
    return (run - 30) * step < first < 32 + run * step


def _check(world: World, true: _Rows, now: _Rows, hurt: list[bytes] | None, way: Way) -> None:
    if way is Way.HEALED:
        assert _told(now) == _told(true)
        return
    for table in ("orders", "order_lines", "payments", "vouchers", "photos", "faces", "audit_log"):
        invented = now[table] - true[table] - world.backed_up[table]
        assert not invented, (table, len(invented))
        if hurt is None:
            continue
        sound = {row for row in true[table] if not any(_is_on(row, page) for page in hurt)}
        if table in _PARENTS:  # what hung on a lost row is not kept without it
            place, parents = _PARENTS[table]
            there = {row[0] for row in now[parents]}
            sound = {row for row in sound if row[place] in there}
        assert sound <= now[table], (table, len(sound - now[table]))


def _hurt(before: bytes, after: bytes, hit: Path) -> list[bytes] | None:
    """What the damaged pages held; None where one of them led to others."""
    if hit.name.endswith("-wal"):
        before, after = ((data[32:]) for data in (before, after))
        step = _PAGE + 24
        frames = [at for at in range(0, len(before), step) if before[at : at + step] != after[at : at + step]]
        # the checksum of a damaged frame tells whether the next one is sound
        return [before[at + 24 : at + 2 * step] for at in frames] or [before]
    size = max(len(before), len(after))
    changed = [at for at in range(0, size, _PAGE) if before[at : at + _PAGE] != after[at : at + _PAGE]]
    pages = [before[at : at + _PAGE] for at in changed]
    return None if any(page[:1] == b"\x05" for page in pages) else pages


def _is_on(row: tuple[object, ...], page: bytes) -> bool:
    ids = (part.encode() for part in row if isinstance(part, str) and len(part) > 8)
    large = (part for part in row if isinstance(part, bytes) and len(part) > _PAGE // 2)
    return any(word in page for word in ids) or any(page[4:36] in part for part in large)


def _told(rows: _Rows) -> _Rows:
    """Without what opening and repairing write down themselves."""
    return {table: held for table, held in rows.items() if table != "meta"}


# -- damages --------------------------------------------------------------------------------------


def _flip(path: Path, chance: random.Random) -> None:
    data = bytearray(path.read_bytes())
    for _ in range(chance.choice([1, 1, 1, 2, 8])):
        data[chance.randrange(len(data))] ^= chance.randrange(1, 256)
    path.write_bytes(data)


def _flip_a_word(path: Path, chance: random.Random) -> None:
    """Inside a row, where SQLite itself sees nothing."""
    data = bytearray(path.read_bytes())
    places = [at for at in range(len(data) - 8) if data[at : at + 5] == b"order"]
    data[chance.choice(places)] ^= 1
    path.write_bytes(data)


def _zero(path: Path, chance: random.Random) -> None:
    data = bytearray(path.read_bytes())
    length = chance.choice([16, 512, 4096, 3 * _PAGE])
    at = chance.randrange(len(data) - length)
    while not any(data[at : at + length]):
        at = chance.randrange(len(data) - length)
    data[at : at + length] = bytes(length)
    path.write_bytes(data)


def _noise(path: Path, chance: random.Random) -> None:
    data = bytearray(path.read_bytes())
    length = chance.choice([16, 512, _PAGE])
    at = chance.randrange(len(data) - length)
    data[at : at + length] = chance.randbytes(length)
    path.write_bytes(data)


def _cut(path: Path, chance: random.Random) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: chance.randrange(len(data))])


def _swap(path: Path, chance: random.Random) -> None:
    data = bytearray(path.read_bytes())
    one, other = chance.sample(range(1, len(data) // _PAGE), 2)
    while data[one * _PAGE :][:_PAGE] == data[other * _PAGE :][:_PAGE]:
        one, other = chance.sample(range(1, len(data) // _PAGE), 2)
    page = data[one * _PAGE : (one + 1) * _PAGE]
    data[one * _PAGE : (one + 1) * _PAGE] = data[other * _PAGE : (other + 1) * _PAGE]
    data[other * _PAGE : (other + 1) * _PAGE] = page
    path.write_bytes(data)


_DAMAGES: list[Callable[[Path, random.Random], None]] = [_flip, _flip_a_word, _zero, _noise, _cut, _swap]


# -- the world ------------------------------------------------------------------------------------


def _sell(database: Database, clock: ManualClock, numbers: range) -> None:
    event = {"event_id": "event0001", "name": "Run", "name_th": "Run", "created_at": clock.now(), "place": ""}
    chance = np.random.default_rng(numbers.start)
    if numbers.start == 0:
        with database.writing() as session:
            session.execute(insert(EventRow), [event])
    for number in numbers:
        _sell_one(database, clock, number, chance)


def _sell_one(database: Database, clock: ManualClock, number: int, chance: np.random.Generator) -> None:
    at, order_id, photo_id = clock.now() + timedelta(seconds=number), f"order{number:08}", f"photo{number:08}"
    photo = {
        "photo_id": photo_id,
        "event_id": "event0001",
        "number": number,
        "file_name": f"{number}.jpg",
        "content_hash": f"hash{number:060}",
        "width": 100,
        "height": 100,
        "taken_at": at,
        "imported_at": at,
        "state": "on_sale",
        "photographer": "",
        "camera": "",
        "place": "",
        "is_public": False,
    }
    face = {"photo_id": photo_id, "ordinal": 0, "x1": 0.0, "y1": 0.0, "x2": 9.0, "y2": 9.0, "score": 0.9}
    face |= {"contract_id": "contract", "embedding": chance.standard_normal(512).astype(np.float32)}
    order = {
        "order_id": order_id,
        "kiosk_id": "kiosk",
        "code": f"K1-{number}",
        "event_id": "event0001",
        "language": "th",
        "state": "paid",
        "total_satang": 7900 + number,
        "discount_satang": 0,
        "created_at": at,
        "paid_at": at,
    }
    line = {"line_id": f"line{number:08}", "order_id": order_id, "position": 0, "kind": "digital"}
    line |= {"photo_id": photo_id, "amount_satang": 7900 + number, "copies": 1}
    payment = {
        "payment_id": f"payment{number:08}",
        "order_id": order_id,
        "ordinal": 0,
        "idempotency_key": f"key{number:08}",
        "gateway": "promptpay",
        "state": "paid",
        "amount_satang": 7900 + number,
        "due_satang": 7900 + number,
        "received_satang": 7900 + number,
        "created_at": at,
        "receiver_name": "",
        "qr_png": b"\x89PNG" + chance.bytes(300 + 12_000 * (number % 10 == 0)),  # some over several pages
    }
    voucher = {"code": f"VOUCHER{number:05}", "kind": "free", "value": 0, "used": 0, "minimum_satang": 0}
    message = {
        "message_id": f"message{number:08}",
        "kind": "order",
        "payload": "{}",
        "created_at": at,
        "attempts": 0,
        "state": "waiting",
    }
    with database.writing() as session:
        for row, values in (
            (PhotoRow, photo),
            (FaceRow, face),
            (OrderRow, order),
            (OrderLineRow, line),
            (PaymentRow, payment),
            (VoucherRow, voucher),
            (OutboxRow, message),
        ):
            session.execute(insert(row), [values])
    if number % 10 == 0:
        SqlAuditLog(database).add(at, None, AuditAction.SETTINGS_CHANGED, f"subject{number:06}")


def _rows_of_copy(path: Path, folder: Path) -> _Rows:
    copy = folder / "copy.db"
    shutil.copyfile(path, copy)
    return _rows(copy)


def _rows(path: Path) -> _Rows:
    with closing(sqlite3.connect(path)) as connection:
        names = [
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        return {name: set(connection.execute(f'SELECT * FROM "{name}"').fetchall()) for name in names}
