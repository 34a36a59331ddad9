"""PINs: which are refused, and how slow guessing is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.clock import ManualClock
from kiosk.database.engine import Database, open_database
from kiosk.database.staff import SqlStaffRepository
from kiosk.errors import ErrorCode, KnownError
from kiosk.staff.pins import Keys, PinHashes, Refused, check_pin
from kiosk.staff.types import Role, StaffMember

QUICK = PinHashes(time_cost=1, memory_kib=1024)
LOCK = timedelta(minutes=15)


@pytest.mark.parametrize(
    "pin",
    [
        *("", "123", "123456789", "12a4", "๑๒๓๔", " 4821", "4821\n"),
        *("0000", "7777", "99999999", "1234", "4321", "0123", "7890", "3456789", "1212", "474747"),
        *("2580", "147258", "1984", "2001", "2527", "2544"),
        *("150384", "840315", "15031984", "19840315", "03151984", "15032527"),
    ],
)
def test_what_is_guessed_first_is_refused_and_never_repeated(pin: str) -> None:
    with pytest.raises(KnownError) as weak:
        check_pin(pin)
    assert weak.value.code is ErrorCode.PIN_WEAK
    assert not pin or pin.strip() not in str(weak.value)


@pytest.mark.parametrize("pin", ["4821", "9173", "3390", "738264", "99137", "48210395"])
def test_others_are_taken(pin: str) -> None:
    check_pin(pin)


@given(st.text(alphabet="0123456789", min_size=4, max_size=8))
def test_whatever_the_digits_a_pin_is_good_or_weak(pin: str) -> None:
    with suppress(KnownError):
        check_pin(pin)


def test_a_hash_opens_to_its_pin_only_and_is_made_anew_when_the_making_changes() -> None:
    stored = QUICK.hash("4821")
    assert stored.startswith("$argon2id$")
    assert QUICK.is_pin("4821", stored)
    assert not QUICK.is_pin("4822", stored)
    assert not QUICK.is_pin("4821", None)
    assert not QUICK.is_pin("4821", "no hash")
    assert QUICK.renewed("4821", stored) is None
    harder = PinHashes(time_cost=2, memory_kib=1024)
    renewed = harder.renewed("4821", stored)
    assert renewed is not None
    assert harder.is_pin("4821", renewed)


def test_the_standard_hash_takes_what_a_kiosk_can_spare() -> None:
    stored = PinHashes().hash("4821")
    assert "m=65536,t=3,p=1" in stored


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(tmp_path / "kiosk.db")
    yield opened
    opened.close()


@pytest.fixture
def staff(database: Database) -> SqlStaffRepository:
    repository = SqlStaffRepository(database)
    for number in range(6):
        member = StaffMember(f"s{number}", f"Name {number}", Role.STAFF, ManualClock().now())
        repository.add(member, QUICK.hash("4821"))
    return repository


def code_of(came: StaffMember | Refused) -> ErrorCode:
    assert isinstance(came, Refused)
    return came.error.code


def test_a_locked_person_is_refused_with_the_right_pin_until_the_time_is_over(
    staff: SqlStaffRepository,
) -> None:
    clock, keys = ManualClock(), Keys(staff, QUICK)
    codes = [code_of(keys.open("s0", "0000", clock.now(), LOCK)) for _ in range(5)]
    assert codes == [ErrorCode.PIN_WRONG] * 4 + [ErrorCode.PIN_LOCKED]
    again = Keys(staff, QUICK)  # after a restart
    assert code_of(again.open("s0", "4821", clock.now(), LOCK)) is ErrorCode.PIN_LOCKED
    clock.advance(LOCK.total_seconds())
    wrong = again.open("s0", "0000", clock.now(), LOCK)
    assert isinstance(wrong, Refused)
    assert wrong.error.params == {"n": "4"}
    assert isinstance(again.open("s0", "4821", clock.now(), LOCK), StaffMember)
    assert staff.member("s0").failed_tries == 0


def test_guessing_across_names_is_slowed_for_everybody(staff: SqlStaffRepository) -> None:
    clock, keys = ManualClock(), Keys(staff, QUICK)
    tried = 0
    for _ in range(3600):
        came = keys.open(f"s{tried % 6}", "0000", clock.now(), timedelta(seconds=1))
        tried += code_of(came) is ErrorCode.PIN_WRONG or came.is_lock_new  # type: ignore[union-attr]
        clock.advance(1)
    assert tried <= 120  # in an hour of a try each second
    assert code_of(keys.open("s1", "4821", clock.now(), LOCK)) is ErrorCode.PIN_LOCKED
    clock.advance(601)
    assert isinstance(keys.open("s1", "4821", clock.now(), LOCK), StaffMember)


def test_an_unknown_name_takes_the_same_work(staff: SqlStaffRepository) -> None:
    checked: list[str | None] = []

    class Watched(PinHashes):
        def is_pin(self, pin: str, pin_hash: str | None) -> bool:
            checked.append(pin_hash)
            return super().is_pin(pin, pin_hash)

    keys = Keys(staff, Watched(time_cost=1, memory_kib=1024))
    now = ManualClock().now()
    assert code_of(keys.open("nobody", "4821", now, LOCK)) is ErrorCode.PIN_WRONG
    assert code_of(keys.open("s0", "0000", now, LOCK)) is ErrorCode.PIN_WRONG
    assert [each is None for each in checked] == [True, False]


def test_a_hash_of_older_making_is_renewed_at_the_next_sign_in(staff: SqlStaffRepository) -> None:
    harder = PinHashes(time_cost=2, memory_kib=1024)
    before = staff.pin_hash("s0")
    assert isinstance(Keys(staff, harder).open("s0", "4821", ManualClock().now(), LOCK), StaffMember)
    assert staff.pin_hash("s0") != before
    assert harder.renewed("4821", staff.pin_hash("s0")) is None
