"""`kiosk bench`: every figure beside its floor, each benchmark in a process of its own.

So none is warmed, slowed down or fattened by the one before, and one that breaks off takes no other with it.
"""

from __future__ import annotations

import json
import multiprocessing
import os
from collections.abc import Callable, Sequence
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory

from kiosk.benchmarks.figure import Figure, NotMeasured
from kiosk.errors import ErrorCode, KnownError
from kiosk.paths import program_root
from kiosk.runtime.logs import configure_logging

_LONGEST_S = 3600.0
_END_WITHIN_S = 5.0

Outcome = Figure | NotMeasured


def _search() -> list[Figure]:
    from kiosk.benchmarks.search import measure_search

    return measure_search()


def _index() -> list[Figure]:
    from kiosk.benchmarks.index import measure_index

    return measure_index()


def _import() -> list[Figure]:
    from kiosk.benchmarks.importing import measure_import

    return measure_import()


def _watch() -> list[Figure]:
    from kiosk.benchmarks.watch import measure_watch

    return measure_watch()


def _shutter_to_results() -> list[Figure]:
    from ui.bench_visits import measure_shutter_to_results

    return measure_shutter_to_results()


def _live_view() -> list[Figure]:
    from ui.bench_live_view import measure_live_view

    return measure_live_view()


def _ui_thread() -> list[Figure]:
    from ui.bench_ui_thread import measure_ui_thread

    return measure_ui_thread()


def _scroll() -> list[Figure]:
    from ui.bench_scroll import measure_scrolling

    return measure_scrolling()


def _blur() -> list[Figure]:
    from kiosk.benchmarks.blurring import measure_blurring

    return measure_blurring()


def _numbers() -> list[Figure]:
    from kiosk.benchmarks.numbers import measure_numbers

    return measure_numbers()


def _challenge() -> list[Figure]:
    from kiosk.benchmarks.challenge import measure_challenge

    return measure_challenge()


def _start_to_attract() -> list[Figure]:
    from ui.bench_start import measure_start

    return measure_start()


def _memory() -> list[Figure]:
    from ui.bench_visits import measure_memory

    return measure_memory()


def _recognition(faces: Path) -> list[Figure]:
    from kiosk.benchmarks.recognition import Peer, compare, recognition_figures
    from kiosk.commands import evaluate_folder
    from kiosk.settings import Settings

    settings = Settings()
    own = evaluate_folder(settings, faces, None, None)
    beside = compare(faces, settings.vision, tuple(Peer))
    return recognition_figures(own, beside)


BENCHMARKS: dict[str, Callable[[], list[Figure]]] = {
    "shutter_to_results": _shutter_to_results,
    "live_view": _live_view,
    "ui_thread": _ui_thread,
    "challenge": _challenge,
    "scroll": _scroll,
    "blur": _blur,
    "start_to_attract": _start_to_attract,
    "search": _search,
    "index": _index,
    "import": _import,
    "numbers": _numbers,
    "watch": _watch,
    "memory": _memory,
}
"""By name, in the order in which they run; the long one last."""

FACES_BENCHMARKS: dict[str, Callable[[Path], list[Figure]]] = {
    "recognition": _recognition,
}
"""Those that need a folder of real faces, labelled as for `kiosk evaluate`; they run after the others."""

FACES_BESIDE = program_root().parent / "shared" / "data" / "faces"
"""Where such a folder may lie beside the checkout."""


def run_benchmarks(only: str, say: Callable[[str], None], faces: Path = FACES_BESIDE) -> list[Outcome]:
    """The figures of all benchmarks whose name holds `only`; `say` is told each name before it runs. `faces`
    is for those of `FACES_BENCHMARKS`.

    A benchmark that cannot run here is in the list with its reason, and the rest goes on. Raises
    KnownError(BENCHMARK_UNKNOWN) where none has such a name.
    """
    names = (*BENCHMARKS, *FACES_BENCHMARKS)
    chosen = [name for name in names if only in name]
    if not chosen:
        raise KnownError(
            ErrorCode.BENCHMARK_UNKNOWN,
            f"No benchmark is called {only!r}.",
            f"There are {', '.join(names)}.",
        )
    outcomes: list[Outcome] = []
    for name in chosen:
        say(name)
        outcomes.extend(_in_own_process(name, faces))
    return outcomes


def write_report(folder: Path, outcomes: Sequence[Outcome]) -> None:
    """Writes `bench.json` and the chart `bench.svg`. Raises KnownError(FOLDER_NOT_WRITABLE)."""
    from kiosk.benchmarks.chart import write_chart

    text = json.dumps([outcome.as_dict() for outcome in outcomes], ensure_ascii=False, indent=1)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "bench.json").write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise KnownError(
            ErrorCode.FOLDER_NOT_WRITABLE,
            f"{folder} cannot be written: {error.strerror}.",
            "Name another folder.",
        ) from error
    write_chart(folder / "bench.svg", outcomes)


def measured(name: str, faces: Path = FACES_BESIDE) -> list[Outcome]:
    """Runs one benchmark in this process; what keeps it from running becomes its outcome."""
    try:
        return list(_benchmark(name, faces)())
    except KnownError as missing:
        return [NotMeasured(name, f"{missing.code} {missing.detail} {missing.next_step}")]
    except Exception as broken:  # noqa: BLE001 - whatever it is, the other benchmarks go on
        return [NotMeasured(name, f"{type(broken).__name__}: {broken}")]


def _benchmark(name: str, faces: Path) -> Callable[[], list[Figure]]:
    if name in FACES_BENCHMARKS:
        return partial(FACES_BENCHMARKS[name], faces)
    return BENCHMARKS[name]


def _in_own_process(name: str, faces: Path) -> list[Outcome]:
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_measure_into, args=(name, faces, sender), name=f"bench-{name}")
    process.start()
    sender.close()
    try:
        if receiver.poll(_LONGEST_S):
            outcomes: list[Outcome] = receiver.recv()
            return outcomes
        return [NotMeasured(name, f"it had not ended after {_LONGEST_S:.0f} s")]
    except EOFError:
        process.join(_END_WITHIN_S)
        return [NotMeasured(name, f"its process ended with status {process.exitcode}")]
    finally:
        process.join(_END_WITHIN_S)
        process.kill()
        process.join()


def _measure_into(name: str, faces: Path, sender: Connection) -> None:
    """The other process: no screen is needed, and its log goes nowhere near the figures."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with TemporaryDirectory(prefix="kiosk-bench-log-") as logs:
        configure_logging(Path(logs))
        sender.send(measured(name, faces))
        sender.close()
