"""`kiosk update apply` on an `UpdateSite`, killed at the moment that UPDATE_KILL_AT counts to or names:
python -m tests.update_driver FOLDER [--recover] [--say]"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from kiosk.errors import KnownError
from kiosk.updates.dpkg import Dpkg
from kiosk.updates.journal import Journal, Result, write_journal
from tests.updates import UpdateSite

_NAMES = (
    "stop_session",
    "start_session",
    "self_test",
    "revision",
    "copy_data",
    "restore_data",
    "forget_copy",
)


class Power:
    """Goes at one of its moments, which it counts."""

    def __init__(self, kill_at: str) -> None:
        self._kill_at = kill_at
        self.moments = 0

    def moment(self, act: str = "") -> None:
        self.moments += 1
        if self._kill_at in (str(self.moments), act or "-"):
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, act: str, job: Callable[..., Any]) -> Callable[..., Any]:
        def done(*given: Any) -> Any:
            self.moment(act)
            result = job(*given)
            self.moment(act)
            return result

        return done


class CutDpkg(Dpkg):
    """Besides before and after, the power goes while files are unpacked and nothing is configured yet."""

    power: Power
    loaded: frozenset[str] | None = None
    """What was loaded before the first file was replaced."""

    def install(self, file: Path) -> None:
        type(self).loaded = type(self).loaded or frozenset(sys.modules)
        type(self).power.moment()
        subprocess.run(
            ["dpkg", f"--root={self.root}", "--unpack", str(file)], check=False, capture_output=True
        )
        type(self).power.moment()
        super().install(file)
        type(self).power.moment()


class CutMachine:
    """A machine, each of whose acts is two moments."""

    def __init__(self, site: UpdateSite, power: Power, *, starts_session: bool) -> None:
        CutDpkg.power = power
        machine = site.machine(starts_session=starts_session)
        machine = replace(machine, dpkg=CutDpkg(machine.dpkg.package, machine.dpkg.root))
        self.dpkg, self.starts_session = machine.dpkg, starts_session
        for name in _NAMES:
            setattr(self, name, power.around(name, getattr(machine, name)))


def _sayer() -> Callable[[Result | None, bool], None]:
    from kiosk.cli_update import say_result

    return say_result


def main() -> int:
    site, power = UpdateSite(Path(sys.argv[1])), Power(os.environ.get("UPDATE_KILL_AT", ""))
    is_recovery = "--recover" in sys.argv
    machine = CutMachine(site, power, starts_session=not is_recovery)

    def note(path: Path, journal: Journal) -> None:
        power.moment()
        write_journal(path, journal)
        power.moment()

    applier = site.applier(machine, note=note)  # type: ignore[arg-type]
    try:
        say = _sayer() if "--say" in sys.argv else None
        result = applier.recover() if is_recovery else applier.apply()
        if say is not None:
            say(result, False)
    except KnownError as known:
        print(known, file=sys.stderr)
        return 2
    finally:
        print(f"loaded late: {' '.join(sorted(set(sys.modules) - (CutDpkg.loaded or set(sys.modules))))}")
        print(f"moments {power.moments}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
