"""A copy takes the place of a damaged or lost database: what was deleted since does not come back."""

from __future__ import annotations

import shutil
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, insert

from kiosk.adapters import open_vault
from kiosk.backup_commands import make_backup, restore_backup
from kiosk.clock import ManualClock
from kiosk.database import files
from kiosk.database.deletions import OWN_HOLDERS, DeletionState, SqlDeletions, ask_centre_to_forget
from kiosk.database.engine import Database, open_database
from kiosk.database.photos import SqlPhotoRepository
from kiosk.database.repair import Way
from kiosk.database.tables import MetaRow, VoucherRow
from kiosk.database.vouchers import SqlVoucherRepository
from kiosk.photos.types import Photo
from kiosk.sales.types import Voucher, VoucherKind
from tests.centre import CentreServer
from tests.forgetting_machine import EVENT, Machine, closed, fill, needles_of, opened, record_of, traces
from tests.sync_kiosk import SyncKiosk, add_photos_at_once, enrolled_kiosk, make_event
from tests.watching import wait_until

PASSPHRASE = "a long passphrase"
_WORD = b"written after the copy"


def write_much(database: Database) -> None:
    """Pages that no copy has."""
    rows = [{"key": f"key {number}", "value": f"{_WORD.decode()} {'x' * 200}"} for number in range(200)]
    with database.writing() as session:
        session.execute(insert(MetaRow), rows)


def damage_what_no_copy_has(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[data.rindex(_WORD)] ^= 1
    path.write_bytes(data)


def is_done_by(holders: tuple[str, ...], state: DeletionState) -> bool:
    done = {holder.name for holder in state.holders if holder.confirmed_at is not None}
    return done >= set(holders)


def reopened_after_damage(home: Path, clock: ManualClock) -> Machine:
    damage_what_no_copy_has(home / "kiosk.db")
    machine = opened(home, clock)
    assert machine.database.repaired is not None
    assert machine.database.repaired.way is Way.BACKUP
    return machine


def filled(tmp_path: Path) -> tuple[Machine, Photo, list[bytes]]:
    """A kiosk with a copy of its database; one of its photos, and what would give it away."""
    (tmp_path / "home").mkdir()
    machine = opened(tmp_path / "home", ManualClock())
    fill(machine, tmp_path / "card")
    photo = machine.photos.photos(EVENT)[0]
    return machine, photo, needles_of(machine, photo)


def test_who_was_forgotten_is_in_no_copy_that_could_take_the_files_place(tmp_path: Path) -> None:
    machine, photo, needles = filled(tmp_path)
    assert traces(machine.home / "backups", *needles)
    machine.ask(photo_ids=(photo.photo_id,), event_id=EVENT)
    assert machine.forgetting.once() == 1
    write_much(machine.database)
    closed(machine)
    again = reopened_after_damage(machine.home, machine.clock)
    assert photo.photo_id not in {each.photo_id for each in again.photos.photos(EVENT)}
    assert traces(machine.home, *needles) == [], "nor in the damaged file that was set aside"
    closed(again)


def test_what_was_asked_for_and_not_done_yet_is_done_after_it(tmp_path: Path) -> None:
    machine, photo, needles = filled(tmp_path)
    deletion = machine.ask(photo_ids=(photo.photo_id,), event_id=EVENT)
    write_much(machine.database)
    closed(machine)
    again = reopened_after_damage(machine.home, machine.clock)
    assert again.state(deletion).done_at is None
    assert again.forgetting.once() == 1
    assert photo.photo_id not in {each.photo_id for each in again.photos.photos(EVENT)}
    assert traces(machine.home, *needles) == [], "nor in the damaged file that was set aside"
    closed(again)


def test_whatever_else_was_deleted_since_the_copy_stays_so(tmp_path: Path) -> None:
    path, clock = tmp_path / "kiosk.db", ManualClock()
    database = open_database(path, clock)
    vouchers = SqlVoucherRepository(database)
    for code in ("GONE", "KEPT"):
        vouchers.add_voucher(Voucher(code, VoucherKind.FREE, 0))
    database.back_up()
    with database.writing() as session:
        session.execute(delete(VoucherRow).where(VoucherRow.code == "GONE"))
    vouchers.add_voucher(Voucher("LATER", VoucherKind.FREE, 0))
    write_much(database)
    database.close()
    damage_what_no_copy_has(path)
    database = open_database(path, clock)
    assert database.repaired is not None
    assert database.repaired.way is Way.BACKUP
    vouchers = SqlVoucherRepository(database)
    there = {code for code in ("GONE", "KEPT", "LATER") if vouchers.voucher(code) is not None}
    assert there == {"KEPT", "LATER"}
    database.close()


def test_where_the_journal_is_damaged_nothing_counts_as_deleted(tmp_path: Path) -> None:
    """What stands in its sound parts is not one state: rows may be missing that nobody deleted."""
    path, clock = tmp_path / "kiosk.db", ManualClock()
    database = open_database(path, clock)
    SqlVoucherRepository(database).add_voucher(Voucher("KEPT", VoucherKind.FREE, 0))
    database.back_up()
    for number in range(30):
        SqlVoucherRepository(database).add_voucher(Voucher(f"V{number}", VoucherKind.FREE, 0))
    crashed = tmp_path / "crashed"
    crashed.mkdir()
    for found in (path, path.with_name("kiosk.db-wal"), path.with_name("kiosk.db.sums")):
        shutil.copy(found, crashed)
    shutil.copytree(tmp_path / "backups", crashed / "backups")
    database.close()
    wal = crashed / "kiosk.db-wal"
    data = bytearray(wal.read_bytes())
    data[len(data) // 2] ^= 1
    wal.write_bytes(data)
    database = open_database(crashed / "kiosk.db", clock)
    assert database.repaired is not None
    assert SqlVoucherRepository(database).voucher("KEPT") is not None
    database.close()


def test_a_damaged_file_that_was_set_aside_goes_after_a_week(tmp_path: Path) -> None:
    path, clock = tmp_path / "kiosk.db", ManualClock()
    database = open_database(path, clock)
    database.back_up()
    write_much(database)
    database.close()
    damage_what_no_copy_has(path)
    clock.advance(3600)
    database = open_database(path, clock)
    aside = list(tmp_path.glob("kiosk.damaged-*"))
    assert aside
    for days in (6, 2):
        clock.advance(timedelta(days=days).total_seconds())
        assert list(tmp_path.glob("kiosk.damaged-*")) == aside
        database.back_up_if_due()
    assert list(tmp_path.glob("kiosk.damaged-*")) == []
    database.close()


def test_copies_are_three_and_a_day_apart(tmp_path: Path) -> None:
    clock = ManualClock()
    database = open_database(tmp_path / "kiosk.db", clock)
    for _ in range(20):
        clock.advance(6 * 3600)
        database.back_up_if_due()
    copies = [files.newest_backup_at(tmp_path / "kiosk.db"), *files.backups(tmp_path / "kiosk.db")]
    assert len(copies) == 1 + files.BACKUPS_KEPT
    names = sorted(path.name for path in (tmp_path / "backups").iterdir())
    assert len(names) == 2 * files.BACKUPS_KEPT, "each with its sums, and nothing else"
    database.close()


def test_a_kiosk_that_was_lost_hears_from_the_centre_who_was_forgotten_since(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.backup.sealed_stream.SealingWriter.__init__.__defaults__", (4,))
    home, file = tmp_path / "kiosk", tmp_path / "one.kiosk"
    with CentreServer(tmp_path / "centre") as centre:
        tenant = centre.add_tenant("Run")
        SqlPhotoRepository(centre.centre.database).add_event(make_event("run", tenant))
        add_photos_at_once(centre.centre.database, tenant, "run", range(1, 4))
        with enrolled_kiosk(centre, home, tenant, "K1", vault=open_vault(home)) as kiosk:
            assert kiosk.sync.once() is None
            gone, *kept = sorted(photo.photo_id for photo in kiosk.photos.photos("run"))
            make_backup(home, file, PASSPHRASE, photos=True)
            record = record_of(ManualClock(), photo_ids=(gone,), event_id="run")
            with kiosk.database.writing() as session:
                ask_centre_to_forget(session, record, kiosk.kiosk_id, kiosk.clock.now())
            assert kiosk.sync.once() is None
            secrets = dict(kiosk.secrets)
        at_centre = SqlDeletions(centre.centre.database)
        wait_until(lambda: is_done_by(OWN_HOLDERS, at_centre.state(record.deletion_id, tenant)), 30)
        shutil.rmtree(home)
        assert not restore_backup(home, file, PASSPHRASE).knows_forgotten
        again = SyncKiosk(home, centre.url, vault=open_vault(home))
        with closing(again):
            assert gone in {photo.photo_id for photo in again.photos.photos("run")}, "of the backup"
            again.secrets.update(secrets)
            assert again.sync.once() is None
            pending = SqlDeletions(again.database).pending()
            assert [deletion.photo_ids for deletion in pending] == [(gone,)]
    machine = opened(home, ManualClock(), vault=open_vault(home))
    assert machine.forgetting.once() == 1
    assert sorted(photo.photo_id for photo in machine.photos.photos("run")) == kept
    closed(machine)
