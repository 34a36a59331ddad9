"""The whole `kiosk` command: what needs no screen from `kiosk.cli`, and what opens one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Column, Table

import kiosk.cli_calibrate
import kiosk.cli_central
import kiosk.cli_central_proof
import kiosk.cli_central_worker
import kiosk.cli_evaluate
import kiosk.cli_event
import kiosk.cli_forget
import kiosk.cli_liveness
import kiosk.cli_shop
import kiosk.cli_sync  # noqa: F401 - each adds its commands
from kiosk.cli import JsonOption, app, err, known_errors, out, print_json
from kiosk.language import Language
from kiosk.paths import home_folder


def main() -> None:
    """Entry point of the `kiosk` command."""
    app()


@app.command()
def run(
    windowed: Annotated[bool, typer.Option(help="A window instead of the whole screen.")] = False,
    camera: Annotated[str | None, typer.Option(help="A camera source other than the setting's.")] = None,
) -> None:
    """Start the kiosk."""
    from ui.run import run_kiosk

    with known_errors():
        raise typer.Exit(run_kiosk(home_folder(), windowed=windowed, camera_source=camera))


@app.command()
def demo(
    headless: Annotated[bool, typer.Option(help="A scripted visitor in a virtual display.")] = False,
    out_folder: Annotated[
        Path | None, typer.Option("--out", help="Where pictures and journey.json go.")
    ] = None,
    photos: Annotated[
        Path | None,
        typer.Option(
            help="A folder of your own pictures for the event. The demo camera's visitor is in them only if "
            "they are: else the scripted visitor browses."
        ),
    ] = None,
    landscape: Annotated[bool, typer.Option(help="1920x1080 instead of 1080x1920.")] = False,
    language: Annotated[Language, typer.Option(help="Language of the scripted visitor.")] = Language.ENGLISH,
) -> None:
    """Run the demo event: the whole journey with a demo camera, a simulated bank and real everything else."""
    from ui.demo import run_demo

    with known_errors():
        raise typer.Exit(
            run_demo(
                home_folder() / "demo",
                headless=headless,
                out=out_folder,
                photos=photos,
                landscape=landscape,
                language=language,
            )
        )


@app.command()
def bench(
    as_json: JsonOption = False,
    only: Annotated[str, typer.Option(help="Only the benchmarks whose name holds this.")] = "",
    faces: Annotated[
        Path | None,
        typer.Option(
            help="A folder of faces as for `kiosk evaluate`, for the benchmarks that need one; "
            "unset: shared/data/faces beside the checkout, where there is one."
        ),
    ] = None,
    out_folder: Annotated[
        Path | None, typer.Option("--out", help="Where bench.json and the chart bench.svg go.")
    ] = None,
) -> None:
    """Measure recognition, speed and memory beside their floors and other software, as ratios in one run."""
    from ui.bench import FACES_BESIDE, run_benchmarks, write_report

    with known_errors(as_json):
        figures = run_benchmarks(
            only, lambda name: err.print(f"measuring {name} …", highlight=False), faces or FACES_BESIDE
        )
        if out_folder is not None:
            write_report(out_folder, figures)
    if as_json:
        print_json([figure.as_dict() for figure in figures])
        return
    table = Table(Column("figure", overflow="fold"), "measured", "floor", "ratio", "goal", "peers")
    for figure in figures:
        table.add_row(*figure.as_row())
    out.print(table)
