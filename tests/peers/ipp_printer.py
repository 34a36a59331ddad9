"""A real IPP printer, CUPS's ippeveprinter, whose paper is a file: each sheet that comes out is a line."""

from __future__ import annotations

import os
import shutil
import socket
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import psutil

from tests.peers.processes import LOOPBACK, PeerMissingError, ServerProcess, free_ports

_READY_TIMEOUT_S = 20
_BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>custom</type><listen>unix:path={socket}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/>
<allow user="*"/></policy></busconfig>
"""
# Messages on standard error are the protocol of ippeveprinter(1), "COMMAND OUTPUT".
_COMMAND = """#!/bin/sh
cd "{folder}"
cp "$1" "documents/$IPP_JOB_NAME"
for copy in $(seq "${{IPP_COPIES:-1}}"); do
    while [ -s reasons ] || [ -e silent ]; do
        now=$(cat reasons)
        if [ "$now" != "$said" ]; then
            if [ -n "$said" ]; then echo "STATE: -$said" >&2; fi
            if [ -n "$now" ]; then echo "STATE: +$now" >&2; fi
            said=$now
        fi
        sleep 0.05
    done
    if [ -n "$said" ]; then echo "STATE: -$said" >&2; said=; fi
    sleep "$(cat sheet_s)"
    echo "$IPP_JOB_NAME $IPP_MEDIA_COL $IPP_MEDIA" >> sheets
    echo "ATTR: job-impressions-completed=$copy" >&2
done
"""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What came out: of which job, and on which paper as the job asked for it."""

    job_name: str
    media: str


class IppPrinter:
    """Runs on loopback, always on the same port. Paper, jams and speed are changed while it prints.

    A job that was being printed goes on printing when only the printer's processor dies (`kill`): the sheets
    come out, and it remembers nothing of them. `switch_off` stops the paper too.
    """

    def __init__(self, folder: Path, sheet_s: float = 0.1) -> None:
        self._folder = folder
        self._bus = ServerProcess(folder / "bus.log")
        self._process = ServerProcess(folder / "printer.log")
        self.port = free_ports(1)[0]
        for name in ("documents", "spool", "keys"):
            (folder / name).mkdir()
        self._command = folder / "print"
        self._command.write_text(_COMMAND.format(folder=folder), encoding="utf-8")
        self._command.chmod(0o755)
        (folder / "sheets").touch()
        self.slow(sheet_s)
        self.mend()

    @property
    def uri(self) -> str:
        return f"ipp://{LOOPBACK}:{self.port}/ipp/print"

    def __enter__(self) -> IppPrinter:
        try:
            self._start_bus()
            self.start()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def start(self) -> None:
        """Switches it on, also after `kill` and `switch_off`; its memory of jobs is empty."""
        shutil.rmtree(self._folder / "spool")
        (self._folder / "spool").mkdir()
        formats = "application/pdf,image/jpeg,image/pwg-raster"
        where = ["-n", "localhost", "-p", str(self.port), "-r", "off"]
        folders: list[str | Path] = ["-d", self._folder / "spool", "-K", self._folder / "keys"]
        what: list[str | Path] = ["-f", formats, "-s", "30,30", "-c", self._command, "Test printer"]
        environment = {**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={self._bus_socket}"}
        program = program_path("ippeveprinter", "cups-ipp-utils")
        self._process.start([program, *where, *folders, *what], environment=environment)
        self._process.wait_until(self._is_ready, _READY_TIMEOUT_S)

    def kill(self) -> None:
        """Its processor dies; paper that is on its way comes out."""
        for each in self._processes():
            if each.name() == "ippeveprinter":
                each.kill()
                psutil.wait_procs([each], timeout=5)

    def switch_off(self) -> None:
        """Everything stops at once; a sheet that was being printed does not come out."""
        dying = self._processes()
        for each in dying:
            with suppress(psutil.NoSuchProcess):
                each.kill()
        self._process.kill()
        psutil.wait_procs(dying, timeout=5)

    def empty(self) -> None:
        """Out of paper; it says so as soon as it has something to print."""
        self.trouble("media-empty")

    def trouble(self, *reasons: str) -> None:
        """Stands still for these reasons (printer-state-reasons), and says so while it has a job."""
        self._write("reasons", ",".join(reasons))

    def silent(self) -> None:
        """Stands still without a word."""
        (self._folder / "silent").touch()

    def mend(self) -> None:
        """Paper is in it, nothing is jammed, and it goes on."""
        self._write("reasons", "")
        (self._folder / "silent").unlink(missing_ok=True)

    def slow(self, sheet_s: float) -> None:
        """From the next sheet on it takes so long for each."""
        self._write("sheet_s", f"{sheet_s:g}")

    def sheets(self) -> list[Sheet]:
        """Everything that came out, in order."""
        lines = (self._folder / "sheets").read_text(encoding="utf-8").splitlines()
        return [Sheet(name, media.strip()) for name, _, media in (line.partition(" ") for line in lines)]

    def put_out(self) -> Counter[str]:
        """Sheets by the name of their job."""
        return Counter(sheet.job_name for sheet in self.sheets())

    def document(self, job_name: str) -> Path:
        """What arrived for a job, as the print server sent it."""
        return self._folder / "documents" / job_name

    @property
    def _bus_socket(self) -> Path:
        return self._folder / "bus"

    def _start_bus(self) -> None:
        """A system bus of its own: the printer does not start without one, though it announces nothing."""
        settings = self._folder / "bus.conf"
        settings.write_text(_BUS.format(socket=self._bus_socket), encoding="utf-8")
        program = program_path("dbus-daemon", "dbus")
        self._bus.start([program, "--config-file", settings, "--nofork", "--nopidfile"])
        self._bus.wait_until(self._bus_socket.exists, _READY_TIMEOUT_S)

    def _processes(self) -> list[psutil.Process]:
        """The printer's and its print command's: also those whose parent has died, by their session."""
        session = self._process.number
        if session is None:
            return []
        found = []
        for each in psutil.process_iter():
            with suppress(ProcessLookupError, psutil.NoSuchProcess):
                if os.getsid(each.pid) == session:
                    found.append(each)
        return found

    def _write(self, name: str, text: str) -> None:
        """Whole or not at all, for the command reads it at any moment."""
        new = self._folder / f"{name}.new"
        new.write_text(text, encoding="utf-8")
        new.replace(self._folder / name)

    def _end(self) -> None:
        self.switch_off()
        self._bus.kill()

    def _is_ready(self) -> bool:
        try:
            with socket.create_connection((LOOPBACK, self.port), timeout=1):
                return True
        except OSError:
            return False


def program_path(name: str, package: str) -> str:
    """Where a program is, also outside of the path of ordinary users. Raises PeerMissingError."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if found is None:
        raise PeerMissingError(f"no printing here: {name} ({package}) is not installed")
    return found
