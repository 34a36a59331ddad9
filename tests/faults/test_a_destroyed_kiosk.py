"""A kiosk's folder destroyed in every way, and put back from a backup: nothing that was sold is lost or done
twice."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import func, select

from kiosk import backup_commands
from kiosk.adapters import open_vault
from kiosk.archive import DATABASE_FILE
from kiosk.backup import placing
from kiosk.backup_commands import make_backup, restore_backup
from kiosk.checkout.rules import deliveries_of
from kiosk.clock import ManualClock, SystemClock
from kiosk.database.audit import SqlAuditLog
from kiosk.database.engine import Database, open_database
from kiosk.database.notices import SqlNotices
from kiosk.database.orders import SqlCheckoutStore
from kiosk.database.photos import SqlPhotoRepository
from kiosk.database.staff import SqlStaffRepository
from kiosk.database.tables import DeliveryRow, OrderRow, PaymentRow
from kiosk.database.vouchers import SqlVoucherRepository
from kiosk.delivery.types import DeliveryState
from kiosk.errors import ErrorCode, KnownError
from kiosk.payments.types import PaymentState
from kiosk.printing.types import PrintState
from kiosk.runtime.single_instance import SingleInstance
from kiosk.sales.types import Voucher, VoucherKind
from kiosk.staff.pins import PinHashes
from kiosk.staff.types import AuditAction, Role, StaffMember
from tests.centre import CentreServer
from tests.command_line import command, environment
from tests.file_keyring import keyring_in
from tests.forgetting_machine import EVENT, fill, opened
from tests.printing_shop import SMALL, PrintingShop
from tests.sync_kiosk import SyncKiosk, enrolled_kiosk, make_event, make_order, make_payment

PASSPHRASE = "a long passphrase"
PIN = "274918"


@pytest.fixture(autouse=True)
def quick_seal_and_an_empty_keyring(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("kiosk.backup.sealed_stream.SealingWriter.__init__.__defaults__", (4,))
    another_machine(monkeypatch, tmp_path / "keys")


def another_machine(monkeypatch: pytest.MonkeyPatch, keys: Path) -> None:
    """With a keyring of its own."""
    for name, value in keyring_in(keys).items():
        monkeypatch.setenv(name, value)


def sell(database: Database, kiosk_id: str, numbers: range) -> None:
    orders = SqlCheckoutStore(database)
    for number in numbers:
        order = make_order(kiosk_id, number)
        payment = make_payment(order)
        orders.open_order(order, payment)
        paid = replace(payment, state=PaymentState.PAID, received_satang=payment.amount_satang)
        orders.settle(paid, PaymentState.CREATED, (), order.created_at)


def stock(home: Path, orders: range) -> None:
    """A kiosk with sales, photos, a person's picture, staff, a voucher, a log and settings."""
    machine = opened(home, ManualClock(), vault=open_vault(home))
    fill(machine, home.with_name("card"))
    sell(machine.database, machine.kiosk_id, orders)
    hashes = PinHashes(1, 8)
    at = machine.clock.now()
    SqlStaffRepository(machine.database).add(StaffMember("s1", "Nok", Role.TECHNICIAN, at), hashes.hash(PIN))
    SqlVoucherRepository(machine.database).add_voucher(Voucher("WELCOME", VoucherKind.FREE, 0))
    for _ in range(5):
        SqlAuditLog(machine.database).add(at, None, AuditAction.SIGNED_OUT)
    machine.store.put("people/p1/face.jpg", b"a face")
    machine.store.put("visits/v1.jpg", b"kept for a while only")
    (home / "frame of us.png").write_bytes(b"frame")
    (home / "kiosk.toml").write_text(f'[printing]\nframe = "{home}/frame of us.png"\n', encoding="utf-8")
    machine.index.close()
    machine.database.close()


def facts(home: Path) -> dict[str, object]:
    database = open_database(home / "kiosk.db", ManualClock())
    try:
        with database.reading() as session:
            sums = session.execute(
                select(func.count(OrderRow.order_id.distinct()), func.sum(PaymentRow.received_satang))
                .join(PaymentRow)
                .where(OrderRow.state == "paid")
            ).one()
        staff = SqlStaffRepository(database)
        return {
            "sums": tuple(sums),
            "pin": PinHashes(1, 8).is_pin(PIN, staff.pin_hash("s1")),
            "voucher": SqlVoucherRepository(database).voucher("WELCOME"),
            "audit": SqlAuditLog(database).verify(),
            "files": {
                path.relative_to(home / "objects").as_posix(): path.read_bytes()
                for path in sorted((home / "objects").rglob("*"))
                if path.is_file() and path.parts[-2] != "visits"
            },
        }
    finally:
        database.close()


def _gone(home: Path) -> None:
    shutil.rmtree(home)


def _truncated(home: Path) -> None:
    path = home / "kiosk.db"
    path.write_bytes(path.read_bytes()[:20_000])


def _zeros(home: Path) -> None:
    path = home / "kiosk.db"
    path.write_bytes(bytes(path.stat().st_size))


def _half_copied(home: Path) -> None:
    """As by somebody who copied a folder and pulled the stick."""
    found = sorted(path for path in home.rglob("*") if path.is_file())
    for path in found[::2]:
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.parametrize(
    "destroy",
    [
        _gone,
        _half_copied,
        pytest.param(_truncated, marks=pytest.mark.slow),
        pytest.param(_zeros, marks=pytest.mark.slow),
    ],
)
def test_a_destroyed_kiosk_comes_back_and_sells_on(tmp_path: Path, destroy: Callable[[Path], None]) -> None:
    home, file = tmp_path / "home", tmp_path / "one.kiosk"
    stock(home, range(20))
    before = facts(home)
    made = make_backup(home, file, PASSPHRASE, photos=True)
    assert {part.name for part in made.parts} >= {"kiosk.db", "kiosk.toml", "files/frame.png"}
    assert b"a face" not in file.read_bytes()
    destroy(home)
    restored = restore_backup(home, file, PASSPHRASE)
    assert restored.orders == 20
    assert facts(home) == before
    assert not (home / "objects" / "visits").exists() or destroy is not _gone
    assert str(home / "files" / "frame.png") in (home / "kiosk.toml").read_text(encoding="utf-8")
    assert (home / "files" / "frame.png").read_bytes() == b"frame"
    database = open_database(home / "kiosk.db")
    assert [notice.code for notice in SqlNotices(database).open_notices()] == [ErrorCode.DATABASE_RESTORED]
    sell(database, restored.manifest.kiosk_id, range(20, 25))
    database.close()
    assert facts(home)["sums"] == (25, 25 * 7900)
    leftovers = {path.name for path in home.iterdir()}
    assert not {name for name in leftovers if name.startswith(("restore", "backup-")) or "unfinished" in name}


class PowerCut(BaseException):
    pass


@pytest.mark.parametrize("every", [7, pytest.param(1, marks=pytest.mark.slow)])
def test_a_restore_that_a_power_cut_ends_anywhere_is_finished_by_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, every: int
) -> None:
    home, file = tmp_path / "home", tmp_path / "one.kiosk"
    stock(home, range(5))
    before = facts(home)
    make_backup(home, file, PASSPHRASE, photos=True)
    _zeros(home)
    broken, steps = Path(shutil.copytree(home, tmp_path / "broken")), 0
    cut_at, real = [0], (Path.replace, Path.rename, Path.unlink)

    def step() -> None:
        nonlocal steps
        steps += 1
        if steps == cut_at[0]:
            raise PowerCut

    def cutting(method: Callable[..., object]) -> Callable[..., object]:
        def cut(self: Path, *arguments: object, **named: object) -> object:
            if home in self.parents:
                step()
            return method(self, *arguments, **named)

        return cut

    was_cut = True
    while was_cut:
        cut_at[0], steps, was_cut = cut_at[0] + every, 0, False
        shutil.rmtree(home)
        shutil.copytree(broken, home)
        with monkeypatch.context() as patched:
            for name, method in zip(("replace", "rename", "unlink"), real, strict=True):
                patched.setattr(Path, name, cutting(method))
            try:
                restore_backup(home, file, PASSPHRASE)
            except PowerCut:
                was_cut = True
        placing.finish(home)  # as `open_archive` does
        if not (home / "kiosk.toml").exists() or facts_or_none(home) != before:
            restore_backup(home, file, PASSPHRASE)  # it had not begun to change anything: once more
        assert facts(home) == before, cut_at
    assert cut_at[0] > 15


def facts_or_none(home: Path) -> dict[str, object] | None:
    try:
        return facts(home)
    except KnownError:
        return None


def test_nothing_is_touched_by_a_backup_that_is_no_good(tmp_path: Path) -> None:
    home, file = tmp_path / "home #1", tmp_path / "one.kiosk"
    stock(home, range(3))
    make_backup(home, file, PASSPHRASE, photos=False)
    before = facts(home)
    whole = file.read_bytes()

    def refused(passphrase: str = PASSPHRASE, **named: bool) -> ErrorCode:
        with pytest.raises(KnownError) as failed:
            restore_backup(home, file, passphrase, **named)
        assert facts(home) == before
        assert not (home / "restore.unfinished").exists()
        return failed.value.code

    assert refused("another one") is ErrorCode.BACKUP_PASSPHRASE
    file.write_bytes(whole[:-50])
    assert refused() is ErrorCode.BACKUP_INVALID or len(whole) < 2_000_000
    file.write_bytes(b"no backup")
    assert refused() is ErrorCode.BACKUP_INVALID
    file.write_bytes(whole)
    with SingleInstance(home):
        assert refused() is ErrorCode.ALREADY_RUNNING
    database = open_database(home / "kiosk.db")
    sell(database, "another", range(3, 4))
    database.close()
    before = facts(home)
    assert refused() is ErrorCode.BACKUP_OTHER_MACHINE, "newer orders are here"
    assert restore_backup(home, file, PASSPHRASE, replaces_newer=True).orders == 3
    assert list(home.glob("kiosk.damaged-*.db")), "what was there is kept"


def test_a_backup_of_another_machine_needs_the_word_that_it_sells_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, other, file = tmp_path / "home", tmp_path / "other", tmp_path / "one.kiosk"
    stock(home, range(3))
    make_backup(home, file, PASSPHRASE, photos=True)
    faces = faces_at(home)
    monkeypatch.setattr(backup_commands, "machine_mark", lambda _: "another machine")
    another_machine(monkeypatch, tmp_path / "other keys")
    with pytest.raises(KnownError) as failed:
        restore_backup(other, file, PASSPHRASE)
    assert failed.value.code is ErrorCode.BACKUP_OTHER_MACHINE
    assert not (other / "kiosk.db").exists()
    restored = restore_backup(other, file, PASSPHRASE, old_machine_is_gone=True)
    assert (restored.is_other_machine, restored.orders, restored.knows_forgotten) == (True, 3, False)
    assert len(faces) == 6
    assert np.array_equal(faces_at(other), faces), "whoever was known is known there, too"
    assert not any(path.read_bytes().count(row.tobytes()) for path in _files(other) for row in faces)


def faces_at(home: Path) -> np.ndarray:
    database = open_database(home / "kiosk.db", vault=open_vault(home))
    try:
        photos = SqlPhotoRepository(database)
        return np.stack(
            [
                face.embedding.vector
                for photo in photos.photos(EVENT)
                for face in photos.photo_faces(photo.photo_id)
            ]
        )
    finally:
        database.close()


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_backup_shows_no_secret_and_no_face_to_who_lacks_the_passphrase(tmp_path: Path) -> None:
    home, file = tmp_path / "home", tmp_path / "one.kiosk"
    stock(home, range(2))
    manifest = make_backup(home, file, PASSPHRASE, photos=True)
    (key,) = manifest.face_keys
    held = file.read_bytes()
    found = [row.tobytes() for row in faces_at(home)] + [bytes.fromhex(key), key.encode()]
    assert not any(needle in held for needle in found)
    assert key not in repr(manifest)
    copies = [path.read_bytes() for path in _files(home)]
    assert not any(needle in data for data in copies for needle in found)


def test_who_was_forgotten_since_the_backup_stays_forgotten(tmp_path: Path) -> None:
    home, file = tmp_path / "home", tmp_path / "one.kiosk"
    stock(home, range(3))
    make_backup(home, file, PASSPHRASE, photos=True)
    machine = opened(home, ManualClock(), vault=open_vault(home))
    gone = machine.photos.photos(EVENT)[0]
    machine.ask(photo_ids=(gone.photo_id,), event_id=EVENT)
    assert machine.forgetting.once() == 1
    machine.index.close()
    machine.database.close()
    restored = restore_backup(home, file, PASSPHRASE)
    assert restored.knows_forgotten
    machine = opened(home, ManualClock(), vault=open_vault(home))
    assert machine.forgetting.once() == 1, "it is forgotten again"
    assert gone.photo_id not in {photo.photo_id for photo in machine.photos.photos(EVENT)}
    assert not [path for path in (home / "objects").rglob(f"*{gone.photo_id}*") if path.is_file()]
    machine.index.close()
    machine.database.close()


def test_a_database_that_cannot_be_read_is_no_obstacle_and_its_copy_tells_who_was_forgotten(
    tmp_path: Path,
) -> None:
    home, file = tmp_path / "home", tmp_path / "one.kiosk"
    stock(home, range(3))
    make_backup(home, file, PASSPHRASE, photos=True)
    machine = opened(home, ManualClock(), vault=open_vault(home))
    gone = machine.photos.photos(EVENT)[0]
    machine.ask(photo_ids=(gone.photo_id,), event_id=EVENT)
    assert machine.forgetting.once() == 1  # which leaves one copy, of the state after it
    machine.index.close()
    machine.database.close()
    with closing(sqlite3.connect(home / DATABASE_FILE)) as present:
        present.execute("DROP TABLE forgotten_pictures")
        present.commit()
    assert restore_backup(home, file, PASSPHRASE).knows_forgotten
    machine = opened(home, ManualClock(), vault=open_vault(home))
    assert machine.forgetting.once() == 1, "it is forgotten again"
    machine.index.close()
    machine.database.close()


def test_a_backup_into_a_folder_that_is_not_there_says_so(tmp_path: Path) -> None:
    home = tmp_path / "home"
    stock(home, range(1))
    with pytest.raises(KnownError) as refused:
        make_backup(home, tmp_path / "no stick" / "one.kiosk", PASSPHRASE, photos=True)
    assert refused.value.code is ErrorCode.FOLDER_NOT_WRITABLE


# -- with a centre --------------------------------------------------------------------------------


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[CentreServer]:
    with CentreServer(tmp_path / "centre") as one:
        yield one


@pytest.mark.slow
def test_what_the_centre_heard_after_the_backup_is_there_again_and_nothing_twice(
    centre: CentreServer, tmp_path: Path
) -> None:
    tenant, home, file = centre.add_tenant("Run"), tmp_path / "kiosk", tmp_path / "one.kiosk"
    SqlPhotoRepository(centre.centre.database).add_event(make_event("run", tenant))
    with enrolled_kiosk(centre, home, tenant, "K1") as kiosk:
        sell(kiosk.database, kiosk.kiosk_id, range(10))
        assert kiosk.sync.once() is None
        make_backup(home, file, PASSPHRASE, photos=True)
        sell(kiosk.database, kiosk.kiosk_id, range(10, 25))
        assert kiosk.sync.once() is None
        secrets = dict(kiosk.secrets)
    told = money_at(centre.centre.database)
    assert told[:2] == (25, 25 * 7900)
    _gone(home)
    restored = restore_backup(home, file, PASSPHRASE)
    assert restored.orders == 10
    again = SyncKiosk(home, centre.url)
    with closing(again):
        assert again.kiosk_id == restored.manifest.kiosk_id
        again.secrets.update(secrets)
        assert again.sync.once() is None
        assert money_at(again.database) == told, "what was sold since came back"
        sell(again.database, again.kiosk_id, range(25, 30))
        assert again.sync.once() is None
        assert money_at(again.database)[:2] == money_at(centre.centre.database)[:2] == (30, 30 * 7900)
        assert again.sync.once() is None
        assert again.codes() == [ErrorCode.DATABASE_RESTORED]
        assert again.outbox.counts() == (0, 0)


def test_nothing_that_may_have_been_printed_is_printed_again_by_itself(tmp_path: Path) -> None:
    home, file = tmp_path / "home", tmp_path / "one.kiosk"
    home.mkdir()
    shop = PrintingShop(home / "kiosk.db", ManualClock())
    spooled, unpaid = shop.buy((SMALL, 1)), shop.buy((SMALL, 1), is_paid=False)
    assert shop.store.take_owed(shop.clock.now()) == 1
    shop.close()
    make_backup(home, file, PASSPHRASE, photos=True)
    _gone(home)  # after both were paid and printed
    restore_backup(home, file, PASSPHRASE)
    shop = PrintingShop(home / "kiosk.db", ManualClock(SystemClock().now() + timedelta(hours=1)))
    assert [job.state for job in shop.store.jobs_of(spooled)] == [PrintState.HELD]
    order, (payment,) = shop.orders.order(unpaid), shop.orders.payments(unpaid)
    paid = replace(payment, state=PaymentState.PAID, received_satang=payment.amount_satang)
    owed = deliveries_of(order, shop.clock.now())
    shop.orders.settle(paid, payment.state, owed, shop.clock.now())  # as the gateway says now
    assert shop.store.take_owed(shop.clock.now()) == 0
    assert shop.store.jobs_of(unpaid) == []
    waiting = shop.orders.deliveries_in({DeliveryState.WAITING_FOR_STAFF})
    assert {each.order_id for each in waiting} == {spooled, unpaid}
    shop._made = 2  # order codes go on
    fresh = shop.buy((SMALL, 1))
    assert shop.store.take_owed(shop.clock.now()) == 1, "what is sold from now on is printed"
    assert [job.state for job in shop.store.jobs_of(fresh)] == [PrintState.WAITING]
    shop.close()


def money_at(database: Database) -> tuple[int, int, int]:
    """Paid orders, money received, deliveries."""
    with database.reading() as session:
        orders = session.scalar(select(func.count()).select_from(OrderRow).where(OrderRow.state == "paid"))
        money = session.scalar(select(func.sum(PaymentRow.received_satang)))
        deliveries = session.scalar(select(func.count()).select_from(DeliveryRow))
    return int(orders or 0), int(money or 0), int(deliveries or 0)


# -- as it is typed -------------------------------------------------------------------------------


@pytest.mark.slow
def test_as_a_technician_types_it_while_the_kiosk_is_open(tmp_path: Path) -> None:
    home, file = tmp_path / "home", tmp_path / "stick"
    file.mkdir()
    stock(home, range(4))
    running = open_database(home / "kiosk.db")
    sell(running, "kiosk", range(4, 6))  # stands in the journal only

    def typed(*words: str | Path, line: str = PASSPHRASE) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command(*words),
            env=environment(home),
            input=line + "\n",
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )

    made = typed("backup", file)
    assert made.returncode == 0, made.stderr
    assert "files of photos" in made.stdout
    running.close()
    before = facts(home)
    _gone(home)
    (written,) = file.iterdir()
    back = typed("restore", written, "--json")
    assert back.returncode == 0, back.stderr
    assert json.loads(back.stdout)["orders"] == 6
    assert any("forget" in step for step in json.loads(back.stdout)["to_do"])
    assert facts(home) == before
