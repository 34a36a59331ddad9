"""`kiosk settings`, `selftest`, `recorder` and `bundle`: what technicians do without a screen."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from kiosk.cli import JsonOption, app, err, known_errors, out, print_json
from kiosk.clock import SystemClock
from kiosk.language import Language, sentence, sentences
from kiosk.paths import home_folder
from kiosk.technician.told import FieldKind, Recorded, SelfTestChanged, SettingField, TestRow, TestState
from kiosk.technician_commands import (
    make_bundle,
    recorded,
    self_test,
    set_setting,
    settings_now,
    settings_versions,
    undo_settings,
)

settings_app = typer.Typer(no_args_is_help=True, help="The settings of this kiosk; versions are kept.")
app.add_typer(settings_app, name="settings")

_MARKS = {
    TestState.PASSED: "[green]ok[/green] ",
    TestState.LOOK: "[yellow]!![/yellow] ",
    TestState.FAILED: "[red]--[/red] ",
    TestState.SKIPPED: "   ",
}


@settings_app.command()
def show(
    section: Annotated[str, typer.Argument(help="Only this section, such as camera.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Show all settings with their values, secrets and account numbers under blots."""
    with known_errors(as_json):
        now = settings_now(home_folder())
    fields = [field for field in now.fields if section in ("", field.section)]
    if not fields:
        raise typer.BadParameter(f"There is no section {section!r}.")
    if as_json:
        print_json({"settings": [asdict(field) for field in fields], "problem": now.problem})
        return
    if now.problem:
        err.print(escape(f"The last good file is used: {now.problem}"), highlight=False, soft_wrap=True)
    for field in fields:
        out.print(escape(_in_a_line(field)), highlight=False, soft_wrap=True)


@settings_app.command("set")
def set_(
    name: Annotated[str, typer.Argument(help="Such as camera.fps.")],
    value: Annotated[str, typer.Argument(help='A table as JSON: \'{"10x15": "dnp"}\'.')] = "",
    standard: Annotated[bool, typer.Option("--standard", help="Back to what it is by itself.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Change one setting; what does not fit changes nothing."""
    section, dot, key = name.partition(".")
    if not dot:
        raise typer.BadParameter("Write it as SECTION.KEY, such as camera.fps.")
    with known_errors(as_json):
        home = home_folder()
        kind = next(
            (one.kind for one in settings_now(home).fields if (one.section, one.key) == (section, key)), None
        )
        set_setting(home, section, key, None if standard else _typed(value, kind))
    _done(as_json, "Changed. A kiosk that runs works with it from its next start on.")


@settings_app.command()
def undo(as_json: JsonOption = False) -> None:
    """Take the last change back; again, and the one before."""
    with known_errors(as_json):
        undo_settings(home_folder())
    _done(as_json, "Taken back. A kiosk that runs works with it from its next start on.")


@settings_app.command()
def versions(as_json: JsonOption = False) -> None:
    """List the changes that can be taken back, the newest first."""
    with known_errors(as_json):
        kept = settings_versions(home_folder())
    if as_json:
        print_json([asdict(one) for one in kept])
        return
    for one in kept:
        line = f"{one.at:%Y-%m-%d %H:%M} UTC  {one.by}  {', '.join(one.changed)}"
        out.print(escape(line), highlight=False, soft_wrap=True)


@app.command()
def selftest(
    only: Annotated[str, typer.Option(help="One test, such as camera or printer.QUEUE.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Test every part, each with what was measured. Nothing is printed, charged or sent."""
    told: set[str] = set()

    def hear(event: SelfTestChanged) -> None:
        if as_json:
            return
        for row in event.rows:
            if row.state in _MARKS and row.took_s is not None and row.name not in told:
                told.add(row.name)
                _print_row(row)

    with known_errors(as_json):
        rows = self_test(home_folder(), only, hear)
    if as_json:
        print_json([asdict(row) for row in rows])
    raise typer.Exit(1 if any(row.state is TestState.FAILED for row in rows) else 0)


@app.command()
def recorder(
    lane: Annotated[
        str, typer.Option(help="camera, printer, network, payment, error, staff or system.")
    ] = "",
    hours: Annotated[float | None, typer.Option(min=0, help="Only of the last hours.")] = None,
    most: Annotated[int, typer.Option(min=1, help="At most so many.")] = 200,
    as_json: JsonOption = False,
) -> None:
    """Show the flight recorder's moments, the newest first (UTC)."""
    since = SystemClock().now() - timedelta(hours=hours) if hours is not None else None
    with known_errors(as_json):
        moments, has_more = recorded(home_folder(), lane, since, most)
    if as_json:
        print_json({"moments": [asdict(one) for one in moments], "has_more": has_more})
        return
    if not moments:
        err.print("Nothing yet.", highlight=False)
    for one in moments:
        out.print(escape(_moment_in_a_line(one)), highlight=False, soft_wrap=True)


@app.command()
def bundle(
    folder: Annotated[
        Path | None, typer.Option("--out", help="A folder, such as a USB stick's; else in the data folder.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Make one file with what helps to see why; no face, number of a person or secret is in it."""
    with known_errors(as_json):
        path = make_bundle(home_folder(), folder)
    if as_json:
        print_json({"path": str(path)})
    else:
        out.print(escape(str(path)), highlight=False, soft_wrap=True)


def _typed(value: str, kind: FieldKind | None) -> str | bool | Mapping[str, Any]:
    if kind is FieldKind.SWITCH and value.lower() in ("true", "false", "on", "off", "yes", "no"):
        return value.lower() in ("true", "on", "yes")
    if kind is FieldKind.TABLE:
        try:
            table = json.loads(value)
        except ValueError as broken:
            raise typer.BadParameter(f"This is no JSON: {broken}.") from broken
        return table if isinstance(table, dict) else value
    return value


def _in_a_line(field: SettingField) -> str:
    value = field.value
    shown = json.dumps(value, ensure_ascii=False) if isinstance(value, Mapping) else str(value)
    if value is None:
        shown = "unset"
    marks = [
        "" if field.value == field.standard else "changed",
        "" if field.is_live else "from the next start on",
        "by a variable" if field.by_environment else "",
    ]
    told = ", ".join(mark for mark in marks if mark)
    unit = f" {field.unit}" if field.unit and value is not None else ""
    return f"{field.section}.{field.key} = {shown}{unit}" + (f"  ({told})" if told else "")


def _print_row(row: TestRow) -> None:
    english = sentences(Language.ENGLISH)
    title = sentence(Language.ENGLISH, row.title_key, **row.params)
    words = sentence(Language.ENGLISH, row.words_key, **row.params) if row.words_key in english else ""
    out.print(f"{_MARKS[row.state]} {escape(f'{title}: {words}')}", highlight=False, soft_wrap=True)
    if row.advice_key in english:
        advice = sentence(Language.ENGLISH, row.advice_key, **row.params)
        out.print(f"     {escape(advice)}", highlight=False, soft_wrap=True)


def _moment_in_a_line(moment: Recorded) -> str:
    what = sentences(Language.ENGLISH).get(f"recorder.what.{moment.what}", moment.what.replace("_", " "))
    facts = ", ".join(f"{name} {value}" for name, value in moment.facts.items())
    parts = [f"{moment.at:%Y-%m-%d %H:%M:%S}  {moment.lane:8} {what}", moment.code, facts]
    return "  ".join(part for part in parts if part)


def _done(as_json: bool, words: str) -> None:
    if as_json:
        print_json({"done": True})
    else:
        out.print(words, highlight=False)
