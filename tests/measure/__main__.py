"""`python -m tests.measure WHAT [--only NAME] [--json]`, WHAT one of central, store, printing, staff, session
and secrets; or `… flapping`.

Everything runs on this machine, as processes of its own; nothing needs a network beyond it.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Column, Table

from kiosk.benchmarks.figure import Figure, NotMeasured
from kiosk.errors import KnownError
from tests.measure.flapping import Run, run_flapping
from tests.measure.own_process import be_quiet
from tests.peers.processes import PeerMissingError

Outcome = Figure | NotMeasured


def _first_pull() -> list[Figure]:
    from tests.measure.first_pull import measure_first_pull

    return measure_first_pull()


def _embeddings() -> list[Figure]:
    from tests.measure.embeddings import measure_embeddings

    return measure_embeddings()


def _new_photo() -> list[Figure]:
    from tests.measure.new_photo import measure_new_photo

    return measure_new_photo()


def _selling() -> list[Figure]:
    from tests.measure.selling import measure_selling

    return measure_selling()


def _half_a_million() -> list[Figure]:
    from tests.measure.half_a_million import measure_half_a_million

    return measure_half_a_million()


def _import_workers() -> list[Figure]:
    from tests.measure.import_workers import measure_import_workers

    return measure_import_workers()


CENTRAL: dict[str, Callable[[], list[Figure]]] = {
    "new_photo": _new_photo,
    "selling": _selling,
    "embeddings": _embeddings,
    "import_workers": _import_workers,
    "first_pull": _first_pull,
    "half_a_million": _half_a_million,
}
"""By name, in the order in which they run; about ten minutes on two cores that nothing else uses."""


def _month() -> list[Figure]:
    from tests.measure.month import measure_month

    return measure_month()


def _chain_report() -> list[Figure]:
    from tests.measure.month import measure_chain_report

    return measure_chain_report()


def _year() -> list[Figure]:
    from tests.measure.month import measure_year

    return measure_year()


def _wall() -> list[Figure]:
    from tests.measure.wall import measure_wall

    return measure_wall()


def _doors() -> list[Figure]:
    from tests.measure.doors import measure_doors

    return measure_doors()


def _one_stream() -> list[Figure]:
    from tests.measure.streams import measure_one_stream

    return measure_one_stream()


def _four_streams() -> list[Figure]:
    from tests.measure.streams import measure_four_streams

    return measure_four_streams()


def _door_to_name() -> list[Figure]:
    from tests.measure.streams import measure_door_to_name

    return measure_door_to_name()


STORE: dict[str, Callable[[], list[Figure]]] = {
    "doors": _doors,
    "one_stream": _one_stream,
    "four_streams": _four_streams,
    "door_to_name": _door_to_name,
    "month": _month,
    "chain_report": _chain_report,
    "year": _year,
    "wall": _wall,
}
"""Of store mode; likewise."""


def _print_page() -> list[Figure]:
    from tests.measure.print_page import measure_print_page

    return measure_print_page()


def _console() -> list[Figure]:
    from tests.measure.console import measure_console

    return measure_console()


def _console_ui() -> list[Figure]:
    from tests.measure.console_ui import measure_console_ui

    return measure_console_ui()


STAFF: dict[str, Callable[[], list[Figure]]] = {"console": _console, "console_ui": _console_ui}
"""Of the staff's pages; about two minutes."""


def _at_rest() -> list[Figure]:
    from tests.measure.at_rest import measure_at_rest

    return measure_at_rest()


SECRETS: dict[str, Callable[[], list[Figure]]] = {"at_rest": _at_rest}
"""Of what lies on the disk; about two minutes."""


def _print_jobs() -> list[Figure]:
    from tests.measure.print_jobs import measure_print_jobs

    return measure_print_jobs()


PRINTING: dict[str, Callable[[], list[Figure]]] = {"print_page": _print_page, "print_jobs": _print_jobs}
"""Of prints; about a quarter of an hour."""


def _session_start() -> list[Figure]:
    from tests.measure.session_start import measure_session_start

    return measure_session_start()


SESSION: dict[str, Callable[[], list[Figure]]] = {"session_start": _session_start}
"""Of `kiosk session`; about two minutes."""
MEASURES = {
    "central": CENTRAL,
    "store": STORE,
    "printing": PRINTING,
    "staff": STAFF,
    "session": SESSION,
    "secrets": SECRETS,
}
_NAMES = {
    "central": "the central service",
    "store": "store mode",
    "printing": "prints",
    "staff": "the staff's pages",
    "session": "the session",
    "secrets": "what lies on the disk",
}


def measure_all(
    measures: Mapping[str, Callable[[], list[Figure]]], only: str, say: Callable[[str], None]
) -> list[Outcome]:
    """The figures of all whose name holds `only`; one that cannot run here says why, and the rest goes on."""
    outcomes: list[Outcome] = []
    for name, measure in measures.items():
        if only not in name:
            continue
        began_s = time.monotonic()
        try:
            outcomes.extend(measure())
        except (KnownError, PeerMissingError) as missing:
            outcomes.append(NotMeasured(name, str(missing)))
        except Exception as broken:  # noqa: BLE001 - whatever it is, the others go on
            outcomes.append(NotMeasured(name, f"{type(broken).__name__}: {broken}"))
        say(f"{name}: {time.monotonic() - began_s:.0f} s")
    return outcomes


def main(words: list[str]) -> int:
    """0 if everything could be measured, or every run ended well."""
    arguments = _read(words)
    err = Console(stderr=True)
    if arguments.what == "flapping":
        return _flap(arguments.runs, arguments.orders, as_json=arguments.json)
    chosen = MEASURES[arguments.what]
    outcomes = measure_all(chosen, arguments.only, lambda line: err.print(line, highlight=False))
    if arguments.json:
        print(json.dumps([outcome.as_dict() for outcome in outcomes], ensure_ascii=False, indent=1))
    else:
        table = Table(Column("figure", overflow="fold"), "measured", "floor", "ratio", "goal", "peers")
        for outcome in outcomes:
            table.add_row(*outcome.as_row())
        Console().print(table)
    return int(any(isinstance(outcome, NotMeasured) for outcome in outcomes))


def _flap(runs: int, orders: int, *, as_json: bool) -> int:
    err = Console(stderr=True)

    def say(number: int, run: Run) -> None:
        err.print(f"run {number}: {'good' if run.is_good else '; '.join(run.wrong)}", highlight=False)

    with TemporaryDirectory(prefix="measure-flapping-") as folder:
        done = run_flapping(Path(folder), runs, orders, say)
    if as_json:
        print(json.dumps([run.as_dict() for run in done], indent=1))
    else:
        table = Table(
            "run", "database", "orders once", "messages", "kills", "cuts", "answers lost", "seconds", "result"
        )
        for number, run in enumerate(done, start=1):
            table.add_row(*map(str, (number, *run.as_row())))
        Console().print(table)
    return int(not all(run.is_good for run in done))


def _read(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.measure", description=__doc__)
    parser.add_argument("--json", action="store_true")
    kinds = parser.add_subparsers(dest="what", required=True)
    for what, measures in MEASURES.items():
        figures = kinds.add_parser(what, help=f"the figures of {_NAMES[what]}")
        figures.add_argument("--only", default="", help=f"those whose name holds this: {', '.join(measures)}")
        figures.add_argument("--json", action="store_true", default=argparse.SUPPRESS)
    flapping = kinds.add_parser("flapping", help="orders go up while the network flaps")
    flapping.add_argument("--runs", type=int, default=10)
    flapping.add_argument("--orders", type=int, default=500)
    flapping.add_argument("--json", action="store_true", default=argparse.SUPPRESS)
    return parser.parse_args(words)


if __name__ == "__main__":
    be_quiet()
    sys.exit(main(sys.argv[1:]))
