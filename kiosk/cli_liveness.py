"""`kiosk evaluate-liveness`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from kiosk.adapters import choose_engines
from kiosk.benchmarks.liveness import evaluate_liveness
from kiosk.cli import JsonOption, app, known_errors, out, print_json, progress_bar
from kiosk.paths import home_folder, models_folder
from kiosk.settings import load_settings
from kiosk.vision.landmarks import LandmarkFinder


@app.command("evaluate-liveness")
def evaluate_liveness_command(
    folder: Annotated[Path, typer.Argument(help="Films of people at a camera, and pictures of faces.")],
    rounds: Annotated[
        int, typer.Option(min=1, help="How often each picture is held up in each way, each time otherwise.")
    ] = 1,
    as_json: JsonOption = False,
) -> None:
    """Measure whether people pass the challenge before the picture, and pictures of them do not."""
    with known_errors(as_json), progress_bar("Evaluating") as bar:
        engine = choose_engines(load_settings(home_folder()).vision).live
        result = evaluate_liveness(folder, engine, LandmarkFinder(models_folder()), rounds, bar)
    if as_json:
        print_json(result.as_dict())
        return
    films = Table("film", "looks", "passed when asked first for")
    for film in result.films:
        films.add_row(film.file, str(film.looks), ", ".join(film.passed) or "nothing")
    ways = Table("picture held up", "asks", "passed")
    for way in result.held_up:
        ways.add_row(way.motion, str(way.asks), str(way.passed))
    out.print(films, ways)
    out.print(
        f"{result.films_passed} of {len(result.films)} films passed; "
        f"{result.false_acceptance:.2%} of what was asked of {result.pictures} pictures was passed."
    )
