"""A real CUPS with a configuration, a spool and a port of its own, which go with it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType

import psutil

from tests.peers.ipp_printer import IppPrinter, program_path
from tests.peers.processes import LOOPBACK, PeerMissingError, ServerProcess, free_ports

_READY_TIMEOUT_S = 20
_SETTLE_S = 0.2
_PDF_DRIVER = Path("/usr/share/ppd/cups-pdf/CUPS-PDF_noopt.ppd")
_PDF_SETTINGS = Path("/etc/cups/cups-pdf.conf")
# The policy is the one that CUPS comes with, as far as the kiosk meets it; and everything is on the disk
# before it is answered (DirtyCleanInterval), for these tests cut the power.
_SERVER = """LogLevel warn
MaxLogSize 0
PageLogFormat
ErrorPolicy {error_policy}
JobRetryInterval 1
DirtyCleanInterval 0
Listen {host}:{port}
Listen {socket}
Browsing No
WebInterface No
DefaultAuthType Basic
<Location />
  Order allow,deny
  Allow localhost
</Location>
<Policy default>
  JobPrivateAccess default
  JobPrivateValues default
  <Limit Create-Job Print-Job Print-URI Validate-Job>
    Order deny,allow
  </Limit>
  <Limit Send-Document Send-URI Hold-Job Release-Job Restart-Job Purge-Jobs Set-Job-Attributes Cancel-Job>
    Require user @OWNER @SYSTEM
    Order deny,allow
  </Limit>
  <Limit CUPS-Add-Modify-Printer CUPS-Delete-Printer Pause-Printer Resume-Printer>
    AuthType Default
    Require user @SYSTEM
    Order deny,allow
  </Limit>
  <Limit All>
    Order deny,allow
  </Limit>
</Policy>
"""
_FILES = """SystemGroup root lpadmin
AccessLog {folder}/log/access
ErrorLog {folder}/log/error
PageLog {folder}/log/page
ServerRoot {folder}/etc
RequestRoot {folder}/spool
TempDir {folder}/spool/tmp
CacheDir {folder}/cache
StateDir {folder}/state
"""
_PDF = "Out {folder}/printed\nAnonDirName {folder}/printed\nAnonUMask 0022\nUserUMask 0022\n"


class CupsServer:
    """Runs on loopback and on a socket, always on the same port; only root can have one.

    `error_policy` is what a queue does when its printer fails: "stop-printer" or "retry-job". What was
    answered outlives a `kill`. `made` are the printers behind the queues, by the queue's name.
    """

    def __init__(self, error_policy: str = "retry-job") -> None:
        self._error_policy = error_policy
        self._folder = Path()
        self._process: ServerProcess | None = None
        self.made: dict[str, IppPrinter] = {}
        self.port = free_ports(1)[0]

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def socket(self) -> str:
        """Who comes by it is known without a password."""
        return str(self._folder / "cups.sock")

    @property
    def log(self) -> str:
        return (self._folder / "log" / "error").read_text(encoding="utf-8", errors="replace")

    def __enter__(self) -> CupsServer:
        if os.name != "posix" or os.geteuid() != 0:
            raise PeerMissingError("no print server here: only root may run one beside the system's")
        program_path("cupsd", "cups")
        # Not a folder of pytest's: those are closed to the other user that filters run as.
        self._folder = Path(tempfile.mkdtemp(prefix="kiosk-cups-"))
        self._folder.chmod(0o755)
        try:
            self._configure()
            self.start()
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._remove()

    def start(self) -> None:
        """Starts it, or starts it again after `kill`, with its queues and jobs."""
        etc = self._folder / "etc"
        settings: list[str | Path] = ["-c", etc / "cupsd.conf", "-s", etc / "cups-files.conf"]
        run: list[str | Path] = [program_path("cupsd", "cups"), "-f", *settings]
        if _PDF_SETTINGS.exists():
            # cups-pdf reads its settings there and nowhere else: this server sees its own in that place.
            mount = 'mount --bind "$1" "$2" && shift 2 && exec "$@"'
            run = ["unshare", "-m", "sh", "-c", mount, "sh", etc / "cups-pdf.conf", _PDF_SETTINGS, *run]
        self._process = ServerProcess(self._folder / "cupsd.log")
        self._process.start(run)
        self._process.wait_until(self._is_ready, _READY_TIMEOUT_S)

    def kill(self) -> None:
        """Everything of it dies at once, as with a power cut; the printers do not."""
        if self._process is None or self._process.number is None:
            return
        with suppress(psutil.NoSuchProcess):
            first = psutil.Process(self._process.number)
            # Its children keep process groups of their own, and a first process that lives starts new ones.
            first.suspend()
            dying = first.children(recursive=True)
            for each in dying:
                with suppress(psutil.NoSuchProcess):
                    each.kill()
            self._process.kill()
            psutil.wait_procs(dying, timeout=10)
        Path(self.socket).unlink(missing_ok=True)

    def add_printer(self, queue: str, sheet_s: float = 0.1) -> IppPrinter:
        """A queue with a printer of its own, switched on."""
        folder = self._folder / queue
        folder.mkdir()
        printer = self.made[queue] = IppPrinter(folder, sheet_s)
        printer.__enter__()
        self._lpadmin("-p", queue, "-E", "-v", printer.uri, "-m", "everywhere")
        # CUPS asks the printer behind our back, and ends by setting the queue idle, whatever it was.
        _wait_for((self._folder / "etc" / "ppd" / f"{queue}.ppd").exists)
        time.sleep(_SETTLE_S)
        return printer

    def add_pdf(self, queue: str) -> None:
        """A queue whose sheets are PDF files, see `printed`."""
        if not _PDF_DRIVER.exists():
            raise PeerMissingError("no PDF queue here: printer-driver-cups-pdf is not installed")
        self._lpadmin("-p", queue, "-E", "-v", "cups-pdf:/", "-P", _PDF_DRIVER)

    def printed(self, timeout_s: float = 20) -> list[Path]:
        """What has come out of PDF queues; waits for the first."""
        _wait_for(lambda: any((self._folder / "printed").glob("*.pdf")), timeout_s)
        return sorted((self._folder / "printed").glob("*.pdf"))

    def set_device(self, queue: str, uri: str) -> None:
        """Where the queue sends what it prints."""
        self._lpadmin("-p", queue, "-v", uri)

    def pause(self, queue: str) -> None:
        """As someone does at the print server."""
        self._run("cupsdisable", queue)

    def resume(self, queue: str) -> None:
        self._run("cupsenable", queue)

    def _configure(self) -> None:
        for name in ("etc", "log", "spool/tmp", "cache", "state", "printed"):
            (self._folder / name).mkdir(parents=True)
        (self._folder / "printed").chmod(0o777)
        etc = self._folder / "etc"
        texts = {"cupsd.conf": _SERVER, "cups-files.conf": _FILES, "cups-pdf.conf": _PDF}
        places = {"folder": self._folder, "host": LOOPBACK, "port": self.port, "socket": self.socket}
        for name, text in texts.items():
            filled = text.format(error_policy=self._error_policy, **places)
            (etc / name).write_text(filled, encoding="utf-8")

    def _lpadmin(self, *words: str | Path) -> None:
        self._run("lpadmin", *words)

    def _run(self, program: str, *words: str | Path) -> None:
        command = [program_path(program, "cups-client"), "-h", self.socket, *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stderr.strip()}")

    def _is_ready(self) -> bool:
        command = [program_path("lpstat", "cups-client"), "-h", self.socket, "-r"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=10)
        return Path(self.socket).exists() and "is running" in done.stdout

    def _remove(self) -> None:
        for printer in self.made.values():
            printer.__exit__(None, None, None)
        self.made.clear()
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)


def _wait_for(is_so: Callable[[], bool], timeout_s: float = _READY_TIMEOUT_S) -> None:
    deadline = time.monotonic() + timeout_s
    while not is_so():
        if time.monotonic() > deadline:
            raise RuntimeError("the print server did not do what it was asked")
        time.sleep(0.02)
