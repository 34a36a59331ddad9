"""A day's work at speed: visitors by the thousand at one kiosk, and what they leave behind in its process."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from kiosk.payments.simulator import PayNoiSimulator
from tests.faults.kiosk_process import KioskProcess, open_shop, scanned, stocked_home
from tests.faults.stranger import Person
from tests.peers.mail import MailPeer, make_certificates

_MB = 1_000_000
_VISIT_WITHIN_S = 60.0
_SETTLES_S = 3.0
_BY_FACE_EVERY = 10
_MAIL_EVERY = 10


@dataclass(frozen=True)
class Held:
    """What the process held after so many visitors, with nobody before it."""

    visitors: int
    memory_mb: float
    files: int
    threads: int


@dataclass
class Day:
    """Samples after every so many visitors; the first ones are the warm-up."""

    samples: list[Held] = field(default_factory=list)
    sold: int = 0
    took_s: float = 0.0
    wrong: list[str] = field(default_factory=list)

    def growth(self, warm_after: int) -> float:
        """The share by which memory grew from the first sample after so many visitors to the last one."""
        warm = next(each for each in self.samples if each.visitors >= warm_after)
        return self.samples[-1].memory_mb / warm.memory_mb - 1

    def leaked(self, warm_after: int) -> tuple[int, int]:
        """Files and threads more than then."""
        warm = next(each for each in self.samples if each.visitors >= warm_after)
        last = self.samples[-1]
        return last.files - warm.files, last.threads - warm.threads

    def as_dict(self) -> dict[str, Any]:
        return {
            "sold": self.sold,
            "seconds": round(self.took_s),
            "after": {
                each.visitors: f"{each.memory_mb:.1f} MB, {each.files} files, {each.threads} threads"
                for each in self.samples
            },
            "wrong": self.wrong,
        }


def work(
    folder: Path,
    visitors: int,
    every: int,
    clip: Path | None,
    say: Callable[[str], None] = lambda line: None,
    ends_after_s: float = math.inf,
) -> Day:
    """Each buys and is served; one in ten asks for an e-mail, and, where there is a `clip` to look into the
    camera, one in ten is found by their face. Whatever their number, nobody comes after `ends_after_s`."""
    day = Day()
    with (
        PayNoiSimulator() as bank,
        MailPeer(make_certificates(folder / "certificates"), security="none") as mail,
    ):
        more = {"camera": {"source": str(clip)}} if clip else {}
        written = mail.settings(user="").model_dump()
        stocked = stocked_home(folder / "stocked")
        shop = open_shop(stocked, folder / "home", bank.base_url, mail=written, **more)
        shop.tuning |= {"poll_s": 0.05, "slowest_s": 0.01}
        seen: dict[str, int] = {"over": 0}

        def hear(what: str, *told: Any) -> None:
            if what == "code":
                if waiting := scanned(bank, told[1]):
                    bank.pay(waiting.trans_id)
            elif what == "link":
                day.sold += 1
            elif what == "over":
                seen["over"] += 1
            elif what in ("problem", "typed"):
                day.wrong.append(f"{what} {told}")

        process = KioskProcess(shop, hear)
        process.wait(lambda: process.up_s is not None, "the start")
        began_s = time.monotonic()
        for number in range(1, visitors + 1):
            by_face = clip is not None and number % _BY_FACE_EVERY == 0
            address = f"visitor{number}@example.org" if number % _MAIL_EVERY == 5 else ""
            process.send(Person(number, photos=1 + number % 3, mail=address, by_face=by_face))
            process.wait(lambda number=number: seen["over"] == number, "a visit", _VISIT_WITHIN_S)
            is_last = time.monotonic() - began_s > ends_after_s
            if number % every == 0 or is_last:
                process.listen(time.monotonic() + _SETTLES_S)
                day.samples.append(_held(process.pid, number))
                say(f"{day.samples[-1]}")
            if is_last:
                break
        day.took_s = time.monotonic() - began_s
        if not process.end():
            day.wrong.append("the kiosk did not end in good order")
        day.wrong += shop.crashes()
    return day


def _held(pid: int, visitors: int) -> Held:
    process = psutil.Process(pid)
    memory = process.memory_full_info().uss / _MB
    return Held(visitors, memory, process.num_fds(), process.num_threads())
