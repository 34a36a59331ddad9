"""What an update does to the machine: the session, the program's self-test, the data."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog

from kiosk.errors import ErrorCode, KnownError
from kiosk.runtime.heartbeat import SERVES
from kiosk.runtime.single_instance import SingleInstance
from kiosk.updates.data_copy import copy_data, forget_data, restore_data, revision_of
from kiosk.updates.dpkg import Dpkg
from kiosk.updates.outside import User
from kiosk.updates.places import StagingPlaces

_log = structlog.get_logger(__name__)
SESSION_UNIT = "photo-kiosk.service"
_STOP_WITHIN_S = 90.0
_LOOK_EVERY_S = 1.0
_SERVING = {"ActiveState=active", f"StatusText={SERVES}"}
_LONGEST_TOLD = 300


@dataclass(frozen=True, slots=True)
class Machine:
    """A Linux with systemd and dpkg. `program` is the installed kiosk. The session beats where its unit is of
    the type "notify" and its start returns, which systemd waits for, and its supervisor tells of a screen
    that serves at each of `settled_looks`: neither of one that starts again, nor of one that calls staff."""

    dpkg: Dpkg
    user: User
    places: StagingPlaces
    program: Path
    systemctl: Sequence[str] = ("systemctl",)
    test_within_s: float = 600.0
    beats_within_s: float = 330.0
    """A start that makes indexes anew may take five minutes (`kiosk.supervisor.rules.Limits`)."""
    settled_looks: int = 20
    starts_session: bool = True
    """False while the machine comes up: systemd starts the session by itself afterwards."""
    sleep: Callable[[float], None] = field(default=time.sleep)

    def stop_session(self) -> None:
        """The data is at rest when this returns. Raises KnownError(UPDATE_INTERRUPTED), also where a kiosk
        runs that somebody started without the session."""
        if not self.starts_session:
            return
        if self._systemctl("stop", within_s=_STOP_WITHIN_S) != 0:
            raise KnownError(
                ErrorCode.UPDATE_INTERRUPTED,
                "The session could not be ended for the update.",
                "It is tried again; else end it by hand: systemctl stop photo-kiosk",
            )
        if not self.user.do(self._look_whether_alone):
            raise KnownError(
                ErrorCode.UPDATE_INTERRUPTED,
                "A kiosk runs that is not of the session.",
                "Close it; the update is tried again.",
            )

    def _look_whether_alone(self) -> None:
        with SingleInstance(self.places.home):
            pass

    def start_session(self) -> bool:
        """Whether it came up and beats; a machine on which it is not enabled, a desktop, is left without."""
        if self._systemctl("is-enabled", within_s=_STOP_WITHIN_S) != 0:
            return True
        if self._systemctl("reset-failed", within_s=_STOP_WITHIN_S) != 0:
            _log.warning("session_not_reset")
        if self._systemctl("start", within_s=self.beats_within_s) != 0:
            return False
        for _ in range(self.settled_looks):
            self.sleep(_LOOK_EVERY_S)
            if not self._serves():
                return False
        return True

    def self_test(self) -> None:
        """Runs `kiosk update selftest --json` of what is installed now, as the kiosk's user.

        Raises KnownError(UPDATE_SELF_TEST).
        """
        command = [str(self.program), "update", "selftest", "--json"]
        try:
            done = subprocess.run(
                command,
                env={
                    **os.environ,
                    "KIOSK_HOME": str(self.places.home),
                    "HOME": str(self.places.home),
                    "QT_QPA_PLATFORM": "offscreen",
                },
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=self.test_within_s,
                check=False,
                **self._as_user(),
            )
        except (OSError, subprocess.SubprocessError) as failed:
            raise _not_passed(f"it could not be run ({type(failed).__name__})") from failed
        if done.returncode != 0:
            raise _not_passed(_told(done.stdout) or f"it ended with {done.returncode}")

    def revision(self) -> str:
        """Of the database now; "?" where it cannot be read."""
        answer = self.user.answer(lambda: revision_of(self.places.database))
        return "?" if answer is None else answer

    def copy_data(self) -> None:
        """Raises KnownError(UPDATE_INTERRUPTED)."""
        if not self.user.do(lambda: copy_data(self.places.database, self.places.data_copy)):
            raise KnownError(
                ErrorCode.UPDATE_INTERRUPTED,
                "The data could not be copied before the update.",
                "Look at the room on the disk; the update is tried again.",
            )

    def restore_data(self, newer_version: str) -> None:
        """Raises KnownError(UPDATE_INTERRUPTED)."""
        aside = self.places.folder / f"data-of-{newer_version}"
        if not self.user.do(lambda: restore_data(self.places.database, self.places.data_copy, aside)):
            raise KnownError(
                ErrorCode.UPDATE_INTERRUPTED,
                "The data from before the update could not be put back.",
                f"Look at the disk; the copy is {self.places.data_copy}.",
            )

    def forget_copy(self) -> None:
        """The copy is not needed any more."""
        self.user.do(lambda: forget_data(self.places.data_copy))

    def _serves(self) -> bool:
        asked = self._run("show", _STOP_WITHIN_S, "--property=ActiveState,StatusText")
        if asked is None:
            return False
        return _SERVING.issubset(asked.stdout.decode(errors="replace").splitlines())

    def _systemctl(self, verb: str, within_s: float) -> int:
        done = self._run(verb, within_s)
        return -1 if done is None else done.returncode

    def _run(self, verb: str, within_s: float, *more: str) -> subprocess.CompletedProcess[bytes] | None:
        try:
            return subprocess.run(
                [*self.systemctl, verb, *more, SESSION_UNIT],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                timeout=within_s,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as failed:
            _log.warning("session_not_reached", verb=verb, error=type(failed).__name__)
            return None

    def _as_user(self) -> dict[str, Any]:
        user = self.user
        if user.is_this_process:
            return {}
        return {"user": user.user_id, "group": user.group_id, "extra_groups": []}


def _told(output: bytes) -> str:
    """What the self-test says of the steps that failed."""
    try:
        steps = json.loads(output)["steps"]
        wrong = [f"{step['name']}: {step['detail'].rstrip('.')}" for step in steps if not step["is_ok"]]
    except (ValueError, KeyError, TypeError, AttributeError):
        return ""
    return "; ".join(wrong)[:_LONGEST_TOLD]


def _not_passed(why: str) -> KnownError:
    return KnownError(
        ErrorCode.UPDATE_SELF_TEST,
        f"The new version did not pass its self-test: {why.rstrip('.')}.",
        "The version before runs on; tell whoever makes the packages.",
    )
