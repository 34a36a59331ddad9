"""`python -m tests.faults [storm|world|mutations|day] [--part NAME] [--kills N] [--times N] [--trials N]
[--visitors N]`: the long forms of the fault suite with their figures; without a word all of them.

Everything runs on this machine, as processes of its own; nothing needs a network beyond it. The exit status
is 1 where anything was wrong.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from kiosk.paths import program_root
from tests.faults.cameras import camera_lost
from tests.faults.day import work
from tests.faults.mutation_run import run_trials
from tests.faults.mutation_targets import TARGETS
from tests.faults.storm import Storm
from tests.faults.world import FAULTS, GOAL_S
from tests.measure.own_process import be_quiet
from tests.peers.processes import PeerMissingError

_WARM_AFTER = 400


def _say(line: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} load {os.getloadavg()[0]:.1f}: {line}", file=sys.stderr, flush=True)


def _ends_s(words: argparse.Namespace) -> float:
    return words.minutes * 60 if words.minutes else math.inf


def _storm(folder: Path, words: argparse.Namespace) -> Iterator[dict[str, Any]]:
    storm = Storm(folder, words.kills, words.kiosks, words.seed, ends_after_s=_ends_s(words), say=_say)
    yield storm.run().as_dict()


def _world(folder: Path, words: argparse.Namespace) -> Iterator[dict[str, Any]]:
    faults = {**FAULTS, "camera lost": (camera_lost, 100)}
    for name, (fault, times) in faults.items():
        if words.part not in name:
            continue
        place = folder / name.replace(" ", "-")
        place.mkdir()
        try:
            told = fault(place, words.times or times).as_dict()
        except PeerMissingError as missing:
            told = {"fault": name, "not run": str(missing), "wrong": []}
        yield {**told, "goal s": GOAL_S}


def _mutations(folder: Path, words: argparse.Namespace) -> Iterator[dict[str, Any]]:
    for name, (target, count) in TARGETS.items():
        if words.part in name:
            trials = words.trials or count
            yield run_trials(name, target, trials, words.seed, folder, _ends_s(words)).as_dict()


def _day(folder: Path, words: argparse.Namespace) -> Iterator[dict[str, Any]]:
    clip = program_root() / ".cache" / "demo" / "visitor.mp4"
    done = work(folder, words.visitors, 100, clip if clip.is_file() else None, _say, _ends_s(words))
    warm = min(_WARM_AFTER, done.samples[0].visitors if words.visitors <= _WARM_AFTER else _WARM_AFTER)
    told = done.as_dict()
    yield {**told, "growth": round(done.growth(warm), 4), "files and threads more": done.leaked(warm)}


_PARTS: dict[str, Callable[[Path, argparse.Namespace], Iterator[dict[str, Any]]]] = {
    "storm": _storm,
    "world": _world,
    "mutations": _mutations,
    "day": _day,
}


def main(words: list[str]) -> int:
    """0 where nothing was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("what", nargs="?", choices=list(_PARTS))
    parser.add_argument("--part", default="", help="of world and mutations: those whose name holds this")
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--minutes", type=float, default=0, help="storm, mutations, day: ends after so many")
    parser.add_argument("--kiosks", type=int, default=4)
    parser.add_argument("--times", type=int, default=0, help="how often each fault comes")
    parser.add_argument("--trials", type=int, default=0, help="how many mutations of each kind")
    parser.add_argument("--visitors", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args(words)
    is_good = True
    for name in [arguments.what] if arguments.what else _PARTS:
        with TemporaryDirectory(prefix=f"faults-{name}-") as folder:
            for told in _PARTS[name](Path(folder), arguments):
                print(json.dumps(told, ensure_ascii=False), flush=True)
                is_good = is_good and not told["wrong"]
    return 0 if is_good else 1


if __name__ == "__main__":
    be_quiet()
    sys.exit(main(sys.argv[1:]))
