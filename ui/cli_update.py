"""`kiosk update selftest`, which opens a window; the rest of `kiosk update` is in `kiosk.cli_update`."""

from __future__ import annotations

from dataclasses import asdict

import typer
from rich.markup import escape

from kiosk.cli import JsonOption, out, print_json
from kiosk.cli_update import update_app
from kiosk.paths import home_folder


@update_app.command()
def selftest(as_json: JsonOption = False) -> None:
    """Test whether this version can serve: settings, database, weights, a search, the screen."""
    from ui.startup_test import startup_test_with_screen

    report = startup_test_with_screen(home_folder())
    if as_json:
        print_json(asdict(report))
    else:
        for step in report.steps:
            mark = "[green]ok[/green] " if step.is_ok else "[red]--[/red] "
            out.print(f"{mark} {step.name:9} {escape(step.detail)}", highlight=False, soft_wrap=True)
    raise typer.Exit(0 if report.is_ok else 1)
