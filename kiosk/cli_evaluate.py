"""`kiosk evaluate`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from kiosk.benchmarks.recognition import Comparison, Peer, compare
from kiosk.cli import JsonOption, app, known_errors, out, print_json, progress_bar
from kiosk.commands import evaluate_folder
from kiosk.evaluate import OperatingPoint
from kiosk.paths import home_folder
from kiosk.settings import load_settings


@app.command()
def evaluate(
    folder: Annotated[Path, typer.Argument(help="gallery/, probes/ and their CSV files.")],
    scores: Annotated[Path | None, typer.Option(help="Write all similarities to this .npz file.")] = None,
    peers: Annotated[
        list[Peer] | None,
        typer.Option("--with", help="Score other software on the same pictures too, where it is installed."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Measure recognition on a labelled folder, through the same code that the kiosk uses."""
    with known_errors(as_json), progress_bar("Evaluating") as bar:
        settings = load_settings(home_folder())
        result = evaluate_folder(settings, folder, scores, bar)
        beside = compare(folder, settings.vision, peers, bar) if peers else None
    if as_json:
        print_json(result.as_dict() | ({"beside": beside.as_dict()} if beside else {}))
        return
    _print_points(result.rank_1, result.points)
    if beside is not None:
        _print_peers(beside)


def _print_peers(beside: Comparison) -> None:
    for peer in beside.peers:
        own, theirs, times = beside.kiosk_per_photo, peer.per_photo, beside.times_faster(peer)
        out.print(
            f"\n{peer.name}: {theirs.elapsed_ms:.1f} ms a photo, the kiosk on one thread "
            f"{own.elapsed_ms:.1f} ms, {times.elapsed_ms:.1f} x as fast; of the processor "
            f"{theirs.cpu_ms:.1f} ms, the kiosk {own.cpu_ms:.1f} ms, {times.cpu_ms:.1f} x less; as an import "
            f"works, two photos at a time, the kiosk takes {beside.kiosk_in_import.elapsed_ms:.1f} ms",
            highlight=False,
        )
        _print_points(peer.rank_1, peer.points)
    for missing in beside.missing:
        out.print(escape(f"{missing.name}: not measured: {missing.reason}"), highlight=False)


def _print_points(rank_1: float, points: Sequence[OperatingPoint]) -> None:
    out.print(f"rank-1 {rank_1:.4f}")
    table = Table("FPIR", "measured", "threshold", "photo recall", "people found", "wrong photos per search")
    for point in points:
        table.add_row(
            f"{point.fpir:.1%}",
            f"{point.measured_fpir:.1%}",
            f"{point.threshold:.3f}",
            f"{point.photo_recall:.3f}",
            f"{point.people_found:.3f}",
            f"{point.wrong_per_search:.4f}",
        )
    out.print(table)
