"""How sync stands: told on the bus when it changes, kept for other processes, and what each error means."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.clock import ManualClock
from kiosk.errors import ErrorCode, KnownError
from kiosk.sync.status import StatusBoard, SyncState, SyncStatusChanged, state_of
from kiosk.sync.worker import Backoff
from kiosk.sync_commands import sync_status
from tests.sync_kiosk import SyncKiosk
from tests.watching import heard


class Stored:
    """What was stored, in its order."""

    def __init__(self) -> None:
        self.told: list[dict[str, object]] = []

    def store(self, told: object) -> None:
        self.told.append(dict(told))  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("code", "state"),
    [
        (None, SyncState.ONLINE),
        (ErrorCode.NOT_ENROLLED, SyncState.OFF),
        (ErrorCode.CENTRE_UNREACHABLE, SyncState.OFFLINE),
        (ErrorCode.CENTRE_FAILED, SyncState.OFFLINE),
        (ErrorCode.CENTRE_BUSY, SyncState.OFFLINE),
        (ErrorCode.NETWORK_LOGIN_PAGE, SyncState.TROUBLE),
        (ErrorCode.CENTRE_LOGIN_REFUSED, SyncState.TROUBLE),
        (ErrorCode.DEVICE_REVOKED, SyncState.TROUBLE),
        (ErrorCode.CENTRE_NEWER, SyncState.TROUBLE),
        (ErrorCode.CENTRE_OLDER, SyncState.TROUBLE),
        (ErrorCode.CLOCK_OFF, SyncState.TROUBLE),
        (ErrorCode.DISK_FULL, SyncState.TROUBLE),
    ],
)
def test_what_mends_itself_is_offline_and_what_wants_staff_is_trouble(
    code: ErrorCode | None, state: SyncState
) -> None:
    assert state_of(KnownError(code, "why") if code else None) is state


def test_a_change_is_told_at_once_and_the_same_once(tmp_path: Path) -> None:
    clock, stored = ManualClock(), Stored()
    kiosk = SyncKiosk(tmp_path, "http://127.0.0.1:9", clock=clock)
    board = StatusBoard(stored, clock, kiosk.bus)
    told = heard(kiosk.bus, SyncStatusChanged)
    began = clock.now()
    board.show(None, waiting=1)
    clock.advance(5)
    board.show(None, waiting=1)
    assert len(told) == len(stored.told) == 1
    assert told[0].status.since == began
    board.note_push(clock.now())
    board.show(None, waiting=0)
    assert [event.status.waiting for event in told] == [1, 0]
    assert told[-1].status.since == began
    board.show(KnownError(ErrorCode.CENTRE_UNREACHABLE, "away"), waiting=0)
    assert told[-1].status.since == clock.now()
    assert len(stored.told) == 3
    clock.advance(20)
    board.show(KnownError(ErrorCode.CENTRE_UNREACHABLE, "away"), waiting=0)
    assert len(stored.told) == 4, "other processes are to see that somebody is at it"
    kiosk.close()


def test_a_status_that_nobody_renews_is_of_a_kiosk_that_does_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KIOSK_CENTRAL__URL", "http://127.0.0.1:9")
    kiosk = SyncKiosk(tmp_path, "http://127.0.0.1:9")
    kiosk.enrolment.enrol("Run of the year", "X7")
    kiosk.board.show(None)
    assert sync_status(tmp_path)["state"] == "online"
    kiosk.stored.store({**kiosk.stored.stored(), "as_of": "2026-01-01T00:00:00+00:00"})
    told = sync_status(tmp_path)
    assert (told["state"], told["code"], told["detail"]) == ("off", "", "No kiosk is running here.")
    kiosk.close()


def test_pauses_grow_to_a_quarter_of_a_minute_and_begin_anew_after_success() -> None:
    backoff = Backoff()
    pauses = [backoff.pause_s() for _ in range(12)]
    assert pauses[0] <= 2.0
    assert 8.0 < max(pauses) <= 15.0
    assert len(set(pauses[5:])) > 1, "at its longest it differs too"
    backoff.succeeded()
    assert backoff.pause_s() <= 2.0
