"""`kiosk update`: what is ready, where it comes from, when it is applied, and the way back."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from kiosk.cli import JsonOption, app, known_errors, log_into, out, print_json, refuse_root
from kiosk.paths import home_folder
from kiosk.update_commands import (
    apply_as_root,
    check,
    choose,
    is_root,
    stage,
    status,
    undo_as_root,
)
from kiosk.updates.journal import Outcome, Result
from kiosk.updates.package import Package, comment_of, named
from kiosk.updates.places import PACKAGES_FOLDER
from kiosk.updates.wish import When

update_app = typer.Typer(no_args_is_help=True, help="Updates of this kiosk: signed, tested, taken back.")
app.add_typer(update_app, name="update")


@update_app.callback()
def _prepare(context: typer.Context) -> None:
    """Root writes no log among the kiosk's own files."""
    with known_errors():
        is_roots = is_root() and context.invoked_subcommand in ("apply", "undo")
        if not is_roots:
            refuse_root(home_folder())
        log_into((PACKAGES_FOLDER if is_roots else home_folder()) / "logs", console=is_roots)


@update_app.command("status")
def show_status(as_json: JsonOption = False) -> None:
    """Show the version, what is ready, and how the last update went."""
    with known_errors(as_json):
        told = status(home_folder())
    if as_json:
        print_json(told)
        return
    for line in _in_words(told):
        out.print(escape(line), highlight=False, soft_wrap=True)


@update_app.command("check")
def check_centre(as_json: JsonOption = False) -> None:
    """Ask the centre, and fetch what it has for this kiosk; what came before is not fetched again."""
    with known_errors(as_json):
        package = check(home_folder())
    _say_ready(package, as_json)


@update_app.command("stage")
def stage_file(
    file: Annotated[Path, typer.Argument(help="The package; its .minisig file lies beside it.")],
    as_json: JsonOption = False,
) -> None:
    """Take a package from a USB stick; it is copied and verified."""
    with known_errors(as_json):
        package = stage(home_folder(), file)
    _say_ready(package, as_json)


@update_app.command()
def apply(
    now: Annotated[
        bool, typer.Option("--now", help="As soon as nobody is at the kiosk; as root: at once.")
    ] = False,
    tonight: Annotated[bool, typer.Option("--tonight", help="In the hours of [updates].")] = False,
    never: Annotated[bool, typer.Option("--never", help="Take the choice back.")] = False,
    recover: Annotated[
        bool, typer.Option("--recover", help="As root: only bring what was broken off to its end.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Apply what is ready. Beside a running kiosk this says when; as root it is done, as the kiosk asked."""
    with known_errors(as_json):
        if is_root() and not (tonight or never):
            say_result(apply_as_root(now=now, recover=recover), as_json)
            return
        refuse_root(home_folder())
        if now + tonight + never != 1:
            raise typer.BadParameter("Say when: --now, --tonight or --never.")
        choose(home_folder(), None if never else When.NOW if now else When.TONIGHT)
    print_json({"done": True}) if as_json else out.print("The kiosk knows.", highlight=False)


@update_app.command()
def undo(as_json: JsonOption = False) -> None:
    """Go back to the version before, while it can read what was sold since."""
    with known_errors(as_json):
        if is_root():
            say_result(undo_as_root(), as_json)
            return
        choose(home_folder(), When.UNDO)
    print_json({"done": True}) if as_json else out.print("The kiosk knows.", highlight=False)


@update_app.command()
def comment(
    file: Annotated[Path, typer.Argument(help="Such as photo-kiosk_0.2.0_amd64.deb; it need not be there.")],
) -> None:
    """Print the comment to sign a package with: minisign -S -m FILE -t "$(kiosk update comment FILE)"."""
    with known_errors():
        print(comment_of(named(file.name)))  # noqa: T201 - as it is, tabs and all


def _say_ready(package: Package | None, as_json: bool) -> None:
    if as_json:
        print_json({"ready": asdict(package) if package else None})
    elif package is None:
        out.print("Nothing new.", highlight=False)
    else:
        out.print(f"Version {package.version} is verified and ready.", highlight=False)


def say_result(result: Result | None, as_json: bool) -> None:
    if as_json:
        print_json({"result": asdict(result) if result else None})
    elif result is None:
        out.print("Nothing to do.", highlight=False)
    else:
        # Emojis would be loaded only now, from a program that is another one by this time.
        out.print(escape(_result_in_words(result)), highlight=False, soft_wrap=True, emoji=False)


def _in_words(told: dict[str, Any]) -> list[str]:
    ready, wish, last = told["ready"], told["wish"], told["last"]
    lines = [f"Version {told['version']} for {told['architecture']}."]
    if not told["has_keys"]:
        lines.append("This program came without keys (update.pub): it takes no updates.")
    lines.append(f"Version {ready['version']} is ready." if ready else "No update is ready.")
    if wish:
        lines.append(f"To be applied: {wish['when']}, said by {wish['by']}.")
    if last:
        lines.append(f"Last: {_result_in_words(Result(**last))}")
    if told["before"]:
        lines.append(f"Version {told['before']} can be gone back to: kiosk update undo")
    return lines


def _result_in_words(result: Result) -> str:
    words = {
        Outcome.DONE: "{version} was installed",
        Outcome.ROLLED_BACK: "{version} was taken back, {from_version} runs",
        Outcome.REFUSED: "{version} was not begun",
        Outcome.UNDONE: "{version} was left for {from_version}",
        Outcome.STUCK: "{version} could neither be installed nor taken back",
    }
    line = words[result.outcome].format(version=result.version or "it", from_version=result.from_version)
    why = f": {result.code} {result.detail}" if result.code else "."
    return f"{line}, {result.at:%Y-%m-%d %H:%M} UTC{why}"
