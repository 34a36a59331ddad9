"""The whole `kiosk` command: what needs no screen from `kiosk.cli` and its rooms, and what opens one."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Column, Table

from kiosk.cli import JsonOption, app, err, known_errors, out, print_json
from kiosk.language import Language
from kiosk.paths import home_folder
from ui.command_rooms import ROOMS, every_room


def main() -> None:
    """All commands (`ui.entry` is the entry point). Only what the first word needs is loaded: the libraries
    of all take seconds, which `kiosk run` would spend before its window."""
    load_commands(sys.argv[1] if len(sys.argv) > 1 else "")
    app()


def load_commands(word: str = "") -> None:
    """Adds the commands behind a first word to `app`; of a word that is none, all there are."""
    for module in ROOMS[word] if word in ROOMS else every_room():
        import_module(module)


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
def session() -> None:
    """Keep the kiosk running: start it, start it again when it dies or freezes, call staff when that does not
    help. Ends when a technician ends the kiosk, or by a signal."""
    from kiosk.supervisor.command import run_session

    raise typer.Exit(run_session(home_folder()))


@app.command("call-staff")
def call_staff_screen(
    code: Annotated[str, typer.Argument(help="The code of what went wrong.")] = "A-108",
    again_s: Annotated[float, typer.Argument(help="Seconds until the kiosk is tried again.")] = 300.0,
    windowed: Annotated[bool, typer.Option(help="A window instead of the whole screen.")] = False,
) -> None:
    """Show the screen that asks visitors to call staff; `kiosk session` does so when nothing else helps."""
    from ui.call_staff import call_staff

    raise typer.Exit(call_staff(code, again_s, windowed=windowed))


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
    store: Annotated[
        bool, typer.Option("--store", help="A shop instead of an event: three cameras, people, reports.")
    ] = False,
    portrait: Annotated[bool, typer.Option(help="The shop's window as 1080x1920.")] = False,
) -> None:
    """Run the demo event: the whole journey with a demo camera, a simulated bank and real everything else; or
    the demo's shop."""
    from ui.demo import run_demo

    if store:
        from ui.demo_store import run_demo_store

        with known_errors():
            status = run_demo_store(
                home_folder() / "demo-store",
                headless=headless,
                out=out_folder,
                portrait=portrait,
                language=language,
            )
        raise typer.Exit(status)
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
