"""PINs: which are good, how they are stored, and how guessing is kept slow."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property

import argon2

from kiosk.errors import ErrorCode, KnownError
from kiosk.staff.types import MOST_TRIES, StaffMember, StaffRepository

_SHORTEST, _LONGEST = 4, 8
_RUNS = "01234567890", "09876543210"
_YEARS = ((1900, 2099), (2443, 2642))
"""In which people are born, by the two calendars in use here."""
_KEYPAD = frozenset({"2580", "0852", "1470", "0741", "1397", "1379", "7913", "147258", "258369", "147258369"})
_PACE_WINDOW = timedelta(minutes=10)
_FREE_FAILURES = 10
_LONGEST_PAUSE_S = 60.0


def check_pin(pin: str) -> None:
    """Raises KnownError(PIN_WEAK) for a PIN that is not 4 to 8 digits, or that is guessed first: all alike,
    a run, a pair again and again, a line of the keypad, a year or a day of birth. The PIN is in no message.
    """
    if re.fullmatch(rf"[0-9]{{{_SHORTEST},{_LONGEST}}}", pin) is None:
        raise _weak(f"A PIN has {_SHORTEST} to {_LONGEST} digits.")
    if _is_pattern(pin) or _is_year(pin) or _is_day(pin):
        raise _weak("This PIN is among those that are guessed first.")


def _is_pattern(pin: str) -> bool:
    repeats = any(pin == pin[:size] * (len(pin) // size) for size in (1, 2))
    return repeats or any(pin in run for run in _RUNS) or pin in _KEYPAD


def _is_year(pin: str) -> bool:
    return len(pin) == 4 and any(first <= int(pin) <= last for first, last in _YEARS)


def _is_day(pin: str) -> bool:
    """A day in any usual order, with a year of two or four digits."""
    if len(pin) not in (6, 8):
        return False
    digits = len(pin) - 4
    orders = (
        (pin[:2], pin[2:4], pin[4:]),
        (pin[2:4], pin[:2], pin[4:]),
        (pin[-2:], pin[-4:-2], pin[:digits]),
    )
    return any(_exists(day, month, year) for day, month, year in orders)


def _exists(day: str, month: str, year: str) -> bool:
    number = int(year) if len(year) == 4 else 2000 + int(year)
    if not any(first <= number <= last for first, last in _YEARS):
        return False
    try:
        date(number, int(month), int(day))
    except ValueError:
        return False
    return True


def _weak(why: str) -> KnownError:
    return KnownError(ErrorCode.PIN_WEAK, why, "Choose digits that nobody thinks of first.")


class PinHashes:
    """argon2id hashes of PINs. A PIN has few digits, so what keeps it is the lock-out; what a guess costs is
    for the case that somebody takes the file away. Immutable; any thread."""

    def __init__(self, time_cost: int = 3, memory_kib: int = 64 * 1024) -> None:
        """The standard takes a tenth of a second and 64 MB for a moment, on the kiosk's own machine."""
        self._hasher = argon2.PasswordHasher(time_cost=time_cost, memory_cost=memory_kib, parallelism=1)

    def hash(self, pin: str) -> str:
        """What is stored of a PIN. Raises KnownError(PIN_WEAK)."""
        check_pin(pin)
        return self._hasher.hash(pin)

    def is_pin(self, pin: str, pin_hash: str | None) -> bool:
        """Whether it is the one that was hashed; for no hash false, after the same work."""
        try:
            self._hasher.verify(pin_hash or self._nobodys, pin)
        except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
            return False
        return pin_hash is not None

    def renewed(self, pin: str, pin_hash: str) -> str | None:
        """A hash as they are made now, of a PIN whose hash was made otherwise; None where it need not be."""
        return self._hasher.hash(pin) if self._hasher.check_needs_rehash(pin_hash) else None

    @cached_property
    def _nobodys(self) -> str:
        return self._hasher.hash("nobody's")


@dataclass(frozen=True, slots=True)
class Refused:
    """Why somebody did not come in. `member` is None for a name that is not known here."""

    member: StaffMember | None
    error: KnownError
    locked_until: datetime | None = None
    is_lock_new: bool = False


class Keys:
    """Lets staff in by their PINs. Lives on one thread.

    Five wrong tries lock a person out for a while, which is stored before the answer and so outlasts a
    restart. Ten wrong tries within ten minutes, whoever they were for, and everybody waits before the next,
    longer each time up to a minute: names cannot be guessed through in turn.
    """

    def __init__(self, staff: StaffRepository, hashes: PinHashes | None = None) -> None:
        self._staff = staff
        self._hashes = hashes or PinHashes()
        self._failures: deque[datetime] = deque()

    def hash(self, pin: str) -> str:
        """Raises KnownError(PIN_WEAK)."""
        return self._hashes.hash(pin)

    def open(self, staff_id: str, pin: str, now: datetime, lock_for: timedelta) -> StaffMember | Refused:
        """Who it is, their failed tries forgotten; or why not: PIN_WRONG (param `n`: tries left), PIN_LOCKED
        (param `until`, ISO in UTC). A locked one is refused with the right PIN as well. Raises KnownError
        DATABASE_*."""
        paced_until = self._paced_until(now)
        if paced_until is not None:
            return Refused(None, _locked(paced_until), paced_until)
        member = self._member(staff_id)
        stored = self._staff.pin_hash(staff_id) if member is not None and member.is_active else None
        is_right = self._hashes.is_pin(pin, stored)
        if member is None or stored is None:
            return self._unknown(now)
        if member.locked_until is not None and now < member.locked_until:
            return Refused(member, _locked(member.locked_until), member.locked_until)
        if not is_right:
            return self._wrong(member, now, lock_for)
        if member.failed_tries or member.locked_until is not None:
            self._staff.note_tries(staff_id, 0, None)
        renewed = self._hashes.renewed(pin, stored)
        if renewed is not None:
            self._staff.set_pin_hash(staff_id, renewed)
        return replace(member, failed_tries=0, locked_until=None)

    def _member(self, staff_id: str) -> StaffMember | None:
        try:
            return self._staff.member(staff_id)
        except KnownError as error:
            if error.code is not ErrorCode.STAFF_UNKNOWN:
                raise
            return None

    def _unknown(self, now: datetime) -> Refused:
        self._failures.append(now)
        return Refused(None, KnownError(ErrorCode.PIN_WRONG, "The PIN is wrong.", params={"n": "0"}))

    def _wrong(self, member: StaffMember, now: datetime, lock_for: timedelta) -> Refused:
        self._failures.append(now)
        tries = 1 if member.locked_until is not None else member.failed_tries + 1
        if tries >= MOST_TRIES:
            until = now + lock_for
            self._staff.note_tries(member.staff_id, tries, until)
            locked = replace(member, failed_tries=tries, locked_until=until)
            return Refused(locked, _locked(until), until, is_lock_new=True)
        self._staff.note_tries(member.staff_id, tries, None)
        left = str(MOST_TRIES - tries)
        error = KnownError(ErrorCode.PIN_WRONG, "The PIN is wrong.", params={"n": left})
        return Refused(replace(member, failed_tries=tries, locked_until=None), error)

    def _paced_until(self, now: datetime) -> datetime | None:
        while self._failures and now - self._failures[0] > _PACE_WINDOW:
            self._failures.popleft()
        beyond = len(self._failures) - _FREE_FAILURES
        if beyond < 0:
            return None
        until = self._failures[-1] + timedelta(seconds=min(_LONGEST_PAUSE_S, 2.0 ** (beyond + 1)))
        return until if now < until else None


def _locked(until: datetime) -> KnownError:
    return KnownError(
        ErrorCode.PIN_LOCKED,
        "There were too many wrong PINs.",
        "Wait until the time that is said.",
        {"until": until.isoformat(timespec="seconds")},
    )
