"""Trials by the thousand in a process of its own, which may crash or hang: that is what is looked for."""

from __future__ import annotations

import math
import multiprocessing
import os
import random
import time
import traceback
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import keyring

from tests.file_keyring import FileKeyring, keyring_in

Trial = Callable[[random.Random], str]
"""One mutated thing, by this chance; what came of it in a word. Raises whatever must not be."""
Target = Callable[[ExitStack, Path], Trial]
"""Opens what is attacked, for as long as the stack is open."""

SLOW_S = 2.0
"""What a person or a program may be kept waiting by a bad input."""
_HANGS_S = 30.0
_OPENS_WITHIN_S = 90.0


@dataclass
class Outcome:
    """What came of so many trials; `wrong` tells each crash, hang and uncaught error with its number."""

    target: str
    trials: int = 0
    took_s: float = 0.0
    slowest_s: float = 0.0
    came: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        return {
            "target": self.target,
            "trials": self.trials,
            "seconds": round(self.took_s),
            "slowest s": round(self.slowest_s, 2),
            "came of it": dict(self.came.most_common(12)),
            "wrong": self.wrong,
        }


def run_trials(
    name: str, target: Target, count: int, seed: int, folder: Path, ends_after_s: float = math.inf
) -> Outcome:
    """So many trials of a target, from this seed, and none after so long; after a crash or a hang it goes on
    behind it."""
    outcome = Outcome(name)
    began_s = time.monotonic()
    until_s = began_s + ends_after_s
    number = 0
    context = multiprocessing.get_context("forkserver")
    while number < count:
        pipe, far = context.Pipe()
        place = folder / f"{name}-{number}"
        place.mkdir(parents=True)
        child = context.Process(target=_work, args=(target, place, far, range(number, count), seed, until_s))
        child.start()
        far.close()
        number = _watch(pipe, outcome, number, count)
        child.kill()
        child.join()
        pipe.close()
    outcome.took_s = time.monotonic() - began_s
    return outcome


def _watch(pipe: Connection, outcome: Outcome, number: int, count: int) -> int:
    """Until the child is done or lost; the number to go on with."""
    within_s = _OPENS_WITHIN_S
    while True:
        if not pipe.poll(within_s):
            outcome.wrong.append(f"trial {number} hangs")
            return number + 1
        try:
            what, *told = pipe.recv()
        except (EOFError, OSError):
            outcome.wrong.append(f"trial {number}: the process died")
            return number + 1
        within_s = _HANGS_S
        if what == "over":
            outcome.wrong += told[0]
            return count
        if what == "trial":
            came, took_s, wrong = told
            number += 1
            outcome.trials += 1
            outcome.came[came] += 1
            outcome.slowest_s = max(outcome.slowest_s, took_s)
            outcome.wrong += [f"trial {number - 1}: {wrong}"] if wrong else []


def _work(target: Target, folder: Path, pipe: Connection, numbers: range, seed: int, until_s: float) -> None:
    """In the process: opens the target and tries it. What is slow is tried again, for the machine may have
    had something else to do."""
    out = os.open(folder / "out", os.O_WRONLY | os.O_CREAT)
    for stream in (1, 2):
        os.dup2(out, stream)
    os.environ.update(keyring_in(folder / "keyring"))
    keyring.set_keyring(FileKeyring())
    after: list[str] = []
    with ExitStack() as stack:
        trial = target(stack, folder)
        stack.callback(lambda: after.extend(getattr(trial, "uncaught", list)()))
        pipe.send(("ready",))
        for each in numbers:
            if time.monotonic() > until_s:
                break
            came, took_s, wrong = _timed(trial, seed, each)
            if took_s > SLOW_S and not wrong:
                came, again_s, wrong = _timed(trial, seed, each)
                took_s = min(took_s, again_s)
            if took_s > SLOW_S:
                wrong = wrong or f"took {took_s:.1f} s, twice"
            pipe.send(("trial", came, took_s, wrong))
    pipe.send(("over", after))


def _timed(trial: Trial, seed: int, number: int) -> tuple[str, float, str]:
    began_s = time.monotonic()
    wrong = ""
    try:
        came = trial(random.Random(f"{seed}/{number}"))
    except Exception as error:  # noqa: BLE001 - whatever is not caught is what is looked for
        places = [f"{frame.name}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
        came = type(error).__name__
        wrong = f"{came}: {error!s:.300} at {' > '.join(places[-5:])}"
    return came, time.monotonic() - began_s, wrong
