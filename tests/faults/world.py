"""The world's faults at a kiosk that sells: each comes, goes, and comes again; how soon it sells afterwards.

The kiosk is a process of its own with a stranger before it who goes on pressing what can be pressed. It sells
again when a code to pay is on its screen that was not there before, or photos are handed over.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kiosk.benchmarks.figure import percentile
from kiosk.payments.simulator import PayNoiSimulator
from tests.faults.kiosk_process import KioskProcess, NotServedError, Shop, open_shop, scanned, stocked_home
from tests.faults.stranger import Person
from tests.peers.centre import CentreProcess
from tests.peers.forwarder import Forwarder
from tests.peers.network import NetworkNamespace
from tests.peers.processes import PeerMissingError

GOAL_S = 5.0
_WITHIN_S = 60.0
_POLL_S = 3.0
"""As the product has it."""
_DISK_MB = 1500
_FAKETIME = "libfaketime.so.1"
_DAY_S = 86_400


@dataclass
class Trouble:
    """What came of a fault: after each time the seconds until it sold again; what was wrong, in words."""

    name: str
    back_s: list[float] = field(default_factory=list)
    paid: int = 0
    delivered: int = 0
    wrong: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        took = self.back_s or [0.0]
        return {
            "fault": self.name,
            "times": len(self.back_s),
            "back p50 s": round(percentile(took, 50), 2),
            "back p95 s": round(percentile(took, 95), 2),
            "back worst s": round(max(took), 2),
            "paid": self.paid,
            "delivered": self.delivered,
            "wrong": self.wrong,
        }


class Seller:
    """A kiosk that sells to one stranger after the other, and the bank that they pay at."""

    def __init__(self, shop: Shop, bank: PayNoiSimulator, trouble: Trouble) -> None:
        shop.tuning["poll_s"] = _POLL_S
        self._shop = shop
        self._bank = bank
        self.trouble = trouble
        self._paid: set[str] = set()
        self._links: set[str] = set()
        self._people = 0
        self.page = ""
        self.is_paying = True
        self._sold_s = 0.0
        self._unpaid: list[str | bytes] = []
        self.start()

    def start(self) -> None:
        """Also again after `kill`; whoever stood there still does."""
        self._process = KioskProcess(self._shop, self._hear)
        self._process.wait(lambda: self._process.up_s is not None, "the start")

    def kill(self) -> None:
        self._process.kill()

    def sell_for(self, seconds: float) -> None:
        """Lets it sell, whatever comes."""
        if not self._process.listen(time.monotonic() + seconds):
            self.trouble.wrong.append("the kiosk ended by itself")

    def sells_again(self) -> None:
        """The cause is gone as of now: notes how long it takes until it sells."""
        gone_s, self._sold_s = time.monotonic(), 0.0
        try:
            self._process.wait(lambda: self._sold_s > 0, "it to sell again", _WITHIN_S)
            self.trouble.back_s.append(self._sold_s - gone_s)
        except NotServedError as failed:
            self.trouble.back_s.append(_WITHIN_S)
            self.trouble.wrong.append(f"{failed}, on page {self.page}")

    def starts_and_sells(self) -> None:
        """Notes how long it takes from its start until it sells."""
        began_s, self._sold_s = time.monotonic(), 0.0
        self.start()
        try:
            self._process.wait(lambda: self._sold_s > 0, "it to sell again", _WITHIN_S)
        except NotServedError as failed:
            self.trouble.wrong.append(f"{failed}, on page {self.page}")
        self.trouble.back_s.append(time.monotonic() - began_s)

    def pay_what_waits(self) -> None:
        """Whoever stands before a code pays it now."""
        for code in list(self._unpaid):
            self._pay(code)

    def end(self) -> None:
        """Serves whoever stands there to the end; everybody who paid must have got their photos."""
        self.is_paying = True
        self.pay_what_waits()
        try:
            self._process.wait(lambda: len(self._links) >= len(self._paid), "the last photos", _WITHIN_S)
        except NotServedError as failed:
            self.trouble.wrong.append(f"{failed}: {len(self._paid)} paid, {len(self._links)} got theirs")
        self.trouble.paid, self.trouble.delivered = len(self._paid), len(self._links)
        self._process.kill()
        self.trouble.wrong += [f"crash: {crash[-500:]}" for crash in self._shop.crashes()]

    def _hear(self, what: str, *told: Any) -> None:
        if what == "up":
            self._process.send(self._person())
        elif what == "page":
            self.page = told[0]
        elif what == "code":
            self._sold_s = self._sold_s or time.monotonic()
            self._now.order_code = told[0]
            self._unpaid.append(told[1])
            if self.is_paying:
                self._pay(told[1])
        elif what == "link":
            self._sold_s = self._sold_s or time.monotonic()
            self._links.add(told[0])
            self._now.order_code, self._now.url = told[:2]
        elif what == "over":
            self._now_over()
        elif what == "problem":
            self.trouble.wrong.append(f"a problem page: {told[0]}")

    def _now_over(self) -> None:
        self._people += 1
        self._now = Person(self._people)
        self._process.send(self._now)

    def _person(self) -> Person:
        """Who stands there; after a start the same as before it."""
        if not self._people:
            self._people, self._now = 1, Person(1)
        return self._now

    def _pay(self, code: str | bytes) -> None:
        if transaction := scanned(self._bank, code):
            self._bank.pay(transaction.trans_id)
            self._paid.add(transaction.trans_id)
        self._unpaid = [each for each in self._unpaid if each != code]


@contextmanager
def _selling(name: str, folder: Path, bank: PayNoiSimulator, shop: Shop) -> Iterator[Seller]:
    seller = Seller(shop, bank, Trouble(name))
    try:
        seller.sell_for(2.0)
        yield seller
    finally:
        seller.end()


# -- the gateway, the centre, the network -----------------------------------------------------------


def gateway_killed(folder: Path, times: int) -> Trouble:
    """What stands before the bank dies, and comes back."""
    with PayNoiSimulator() as bank, Forwarder(int(bank.base_url.rpartition(":")[2])) as door:
        shop = open_shop(stocked_home(folder / "stocked"), folder / "home", door.url)
        chance = random.Random(1)
        with _selling("gateway killed", folder, bank, shop) as seller:
            for _ in range(times):
                door.kill()
                seller.sell_for(chance.uniform(0.5, 3.0))
                door.start()
                seller.sells_again()
                seller.sell_for(chance.uniform(0.1, 1.0))
        return seller.trouble


def centre_killed(folder: Path, times: int) -> Trouble:
    """The centre, through which everything is paid, dies, and comes back."""

    def cut(centre: CentreProcess, seller: Seller, chance: random.Random) -> None:
        centre.kill()
        seller.sell_for(chance.uniform(0.5, 2.0))
        centre.start()

    return _behind_centre("centre killed", folder, times, None, cut)


def network_cut(folder: Path, times: int) -> Trouble:
    """The cable to the centre is pulled: packets are lost without a word."""
    with NetworkNamespace() as network:

        def cut(_: CentreProcess, seller: Seller, chance: random.Random) -> None:
            network.cut()
            seller.sell_for(chance.uniform(0.3, 3.0))
            network.mend()

        return _behind_centre("network cut", folder, times, network, cut)


def _behind_centre(
    name: str,
    folder: Path,
    times: int,
    network: NetworkNamespace | None,
    cut: Callable[[CentreProcess, Seller, random.Random], None],
) -> Trouble:
    with ExitStack() as stack:
        centre = CentreProcess(folder / "centre", network=network)
        webhook = f"{centre.url}/api/payment/webhook"
        here = network.gateway if network else "127.0.0.1"
        bank = stack.enter_context(PayNoiSimulator(host=here, webhook_url=webhook))
        # A bank without TLS is asked at a loopback address only.
        door = stack.enter_context(Forwarder(int(bank.base_url.rpartition(":")[2]), network))
        centre.set(payment__gateway="paynoi", payment__paynoi_url=door.url)
        centre.set(payment__paynoi_account="0801234567", payment__receiver_name="Shop")
        stack.enter_context(centre)
        shop = open_shop(
            stocked_home(folder / "stocked"),
            folder / "home",
            bank.base_url,
            central={"url": centre.url},
            payment={"gateway": "central"},
        )
        kiosk_id = shop.kiosk_id
        key = centre.enrol_devices(centre.add_tenant("world"), {kiosk_id: "W1"})[kiosk_id]
        shop.enrol(centre.url, "world", "W1", key)
        chance = random.Random(2)
        with _selling(name, folder, bank, shop) as seller:
            for _ in range(times):
                cut(centre, seller, chance)
                seller.sells_again()
                seller.sell_for(chance.uniform(0.1, 1.0))
        return seller.trouble


# -- the disk ---------------------------------------------------------------------------------------


class Disk:
    """A small disk (ext4 in a file) mounted at `place`; only root can have one."""

    def __init__(self, folder: Path) -> None:
        if os.name != "posix" or os.geteuid() != 0 or shutil.which("mkfs.ext4") is None:
            raise PeerMissingError("no disk of its own here: only root may mount one, with e2fsprogs")
        self._image = folder / "disk.img"
        self.place = folder / "disk"
        self.place.mkdir()
        with self._image.open("wb") as image:
            image.truncate(_DISK_MB * 1_000_000)
        _run("mkfs.ext4", "-q", "-m", "0", "-O", "^has_journal", self._image)

    def __enter__(self) -> Disk:
        self.mount()
        return self

    def __exit__(self, *_: object) -> None:
        self.unmount()

    def mount(self, options: str = "loop,errors=remount-ro") -> None:
        try:
            _run("mount", "-o", options, self._image, self.place)
        except RuntimeError as failed:
            raise PeerMissingError(f"no disk of its own here: {failed}") from failed

    def remount(self, options: str) -> None:
        _run("mount", "-o", f"remount,{options}", self.place)

    def unmount(self) -> None:
        _run("umount", self.place)

    def fill(self) -> None:
        """To the last byte."""
        free = shutil.disk_usage(self.place).free
        with (self.place / "filler").open("wb") as filler:
            os.posix_fallocate(filler.fileno(), 0, max(1, free - 8192))
        with (self.place / "rest").open("wb", buffering=0) as rest:
            try:
                while True:
                    rest.write(b"\0" * 4096)
            except OSError:
                return

    def free(self) -> None:
        for name in ("filler", "rest"):
            (self.place / name).unlink(missing_ok=True)

    def turn_read_only(self) -> None:
        """As the kernel does when it finds the file system damaged; good again only when mounted anew."""
        device = _run("findmnt", "-n", "-o", "SOURCE", self.place).strip().rpartition("/")[2]
        Path("/sys/fs/ext4", device, "trigger_fs_error").write_text("test", encoding="ascii")


def disk_full(folder: Path, times: int) -> Trouble:
    """Not a byte is left; then there is room again."""
    with PayNoiSimulator() as bank, Disk(folder) as disk:
        shop = open_shop(stocked_home(folder / "stocked"), disk.place / "home", bank.base_url)
        chance = random.Random(3)
        with _selling("disk full", folder, bank, shop) as seller:
            for _ in range(times):
                disk.fill()
                seller.sell_for(chance.uniform(2.0, 4.0))
                disk.free()
                seller.sells_again()
                seller.sell_for(chance.uniform(0.5, 1.5))
        return seller.trouble


def disk_read_only(folder: Path, times: int) -> Trouble:
    """The disk turns read-only under a code that is paid then; it is mounted anew, and the kiosk starts. Back
    is counted from that start on."""
    with PayNoiSimulator() as bank, Disk(folder) as disk:
        shop = open_shop(stocked_home(folder / "stocked"), disk.place / "home", bank.base_url)
        os.sync()  # what was set up long ago is on the disk
        with _selling("disk read-only", folder, bank, shop) as seller:
            for _ in range(times):
                seller.is_paying = False
                seller.sell_for(3.0)
                disk.turn_read_only()
                seller.is_paying = True
                seller.pay_what_waits()
                seller.sell_for(4.0)
                seller.kill()
                disk.unmount()
                disk.mount()
                seller.starts_and_sells()
        return seller.trouble


# -- the clock --------------------------------------------------------------------------------------


def clock_jumps(folder: Path, times: int) -> Trouble:
    """A day forward, a day back, while somebody stands before a code and pays it then."""
    library = next(Path("/usr/lib").glob(f"*/faketime/{_FAKETIME}"), None)
    if library is None:
        raise PeerMissingError("no clock of its own here: faketime is not installed")
    offset = folder / "offset"
    offset.write_text("+0", encoding="ascii")
    with PayNoiSimulator() as bank:
        shop = open_shop(stocked_home(folder / "stocked"), folder / "home", bank.base_url)
        shop.preload = {
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(offset),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
        with _selling("clock jumps of a day", folder, bank, shop) as seller:
            for number in range(times):
                seller.is_paying = False
                seller.sell_for(2.0)
                days = (1, 0, -1, 0)[number % 4]
                _write(offset, f"{days * _DAY_S:+d}")
                seller.is_paying = True
                seller.pay_what_waits()
                seller.sells_again()
                seller.sell_for(3.5)
            _write(offset, "+0")
        return seller.trouble


def _write(path: Path, text: str) -> None:
    """Whole: it is read at any moment."""
    new = path.with_suffix(".new")
    new.write_text(text, encoding="ascii")
    new.replace(path)


def _run(*words: str | Path) -> str:
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{words[0]}: {done.stderr.strip()}")
    return done.stdout


FAULTS: dict[str, tuple[Callable[[Path, int], Trouble], int]] = {
    "gateway killed": (gateway_killed, 30),
    "centre killed": (centre_killed, 30),
    "network cut": (network_cut, 100),
    "disk full": (disk_full, 20),
    "disk read-only": (disk_read_only, 5),
    "clock jumps": (clock_jumps, 12),
}
"""By name, and how often each comes in the long form."""
