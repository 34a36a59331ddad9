"""A network namespace joined to this machine by a virtual cable that a test can pull and plug in again."""

from __future__ import annotations

import ctypes
import itertools
import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType

import psutil

from tests.peers.processes import PeerMissingError

_NETS = 256
_NEW_NETWORK = 0x40000000  # CLONE_NEWNET
_OURS = re.compile(r"^kiosk-test-(\d+)-\d+", re.MULTILINE)
_numbers = itertools.count()


class NetworkNamespace:
    """A machine beside this one, as far as the network goes; only root can have one.

    `host` is its address, `gateway` ours as it sees us. Leaving ends what runs in it; entering also removes
    what a killed test run left behind.
    """

    def __init__(self) -> None:
        number = next(_numbers)
        self.name = f"kiosk-test-{os.getpid()}-{number}"
        self._cable = f"kt{os.getpid()}-{number}"  # the kernel takes 15 characters
        self._net = -1

    @property
    def host(self) -> str:
        return self._address(2)

    @property
    def gateway(self) -> str:
        return self._address(1)

    def command(self, words: Sequence[str | Path]) -> list[str]:
        """The command that runs another inside."""
        return ["ip", "netns", "exec", self.name, *(str(word) for word in words)]

    def cut(self) -> None:
        """From now on packets are lost without a word, both ways."""
        self._inside("link", "set", "eth0", "down")

    def mend(self) -> None:
        """Packets get through again."""
        self._inside("link", "set", "eth0", "up")

    def __enter__(self) -> NetworkNamespace:
        _refuse_where_impossible()
        with _one_at_a_time():
            _remove_the_dead()
            self._net = _free_net()
            try:
                self._make()
            except subprocess.CalledProcessError as error:
                _remove(self.name)
                raise PeerMissingError(f"no network namespace here: {error.stderr.strip()}") from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _remove(self.name)

    def _make(self) -> None:
        _ip("netns", "add", self.name)
        cable = ("link", "add", self._cable, "address", self._hardware_address(1), "type", "veth")
        _ip(*cable, "peer", "name", "eth0", "address", self._hardware_address(2), "netns", self.name)
        _ip("address", "add", f"{self.gateway}/30", "dev", self._cable)
        _ip("link", "set", self._cable, "up")
        self._inside("address", "add", f"{self.host}/30", "dev", "eth0")
        self._inside("link", "set", "lo", "up")
        self._inside("link", "set", "eth0", "up")
        # Known for good: else a cut is soon told as "no route to host", which a far link never does.
        known = ("neighbour", "replace", self.host, "lladdr", self._hardware_address(2))
        _ip(*known, "dev", self._cable, "nud", "permanent")

    def _inside(self, *words: str) -> None:
        _ip("-netns", self.name, *words)

    def _address(self, side: int) -> str:
        assert self._net >= 0, "only inside the context"
        return f"10.213.{self._net}.{side}"

    def _hardware_address(self, side: int) -> str:
        return f"02:00:0a:d5:{self._net:02x}:{side:02x}"


def enter(network: str) -> None:
    """This process is in the namespace from here on."""
    libc = ctypes.CDLL(None, use_errno=True)
    with Path("/run/netns", network).open() as space:
        if libc.setns(space.fileno(), _NEW_NETWORK):
            raise OSError(ctypes.get_errno(), f"cannot enter {network}")


def _refuse_where_impossible() -> None:
    if shutil.which("ip") is None:
        raise PeerMissingError("no network namespace here: `ip` (iproute2) is not on the path")
    if os.geteuid() != 0:
        raise PeerMissingError("no network namespace here: only root may make one")


def _ip(*words: str) -> str:
    return subprocess.run(["ip", *words], capture_output=True, text=True, check=True).stdout


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Test runs beside each other must not choose the same addresses."""
    import fcntl  # not everywhere, and this file is read everywhere

    with (Path(tempfile.gettempdir()) / "kiosk-test-network.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _free_net() -> int:
    taken = {int(net) for net in re.findall(r"\b10\.213\.(\d+)\.", _ip("-4", "route") + _ip("-4", "address"))}
    free = set(range(_NETS)) - taken
    if not free:
        raise PeerMissingError("no network namespace here: every 10.213.x.0/30 is taken")
    return min(free)


def _remove_the_dead() -> None:
    for found in list(_OURS.finditer(_ip("netns", "list"))):
        if not psutil.pid_exists(int(found.group(1))):
            _remove(found.group())


def _remove(name: str) -> None:
    """Ends what runs in a namespace and removes it; its end of the cable takes ours with it."""
    with suppress(subprocess.CalledProcessError):
        for number in _ip("netns", "pids", name).split():
            with suppress(ProcessLookupError):
                os.kill(int(number), signal.SIGKILL)
        _ip("-netns", name, "link", "delete", "eth0")
    with suppress(subprocess.CalledProcessError):
        _ip("netns", "delete", name)
