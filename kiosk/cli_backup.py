"""`kiosk backup` and `kiosk restore`: a kiosk in one sealed file, and back."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from kiosk.backup_commands import (
    LEAST_PASSPHRASE,
    Plan,
    Restored,
    make_backup,
    plan_backup,
    restore_backup,
)
from kiosk.cli import JsonOption, app, known_errors, out, print_json, progress_bar
from kiosk.paths import home_folder
from kiosk.secrets import CENTRAL_DEVICE_KEY, ENROL_AGAIN

_MB = 1e6


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="The file to write, or the folder.")],
    photos: Annotated[
        bool, typer.Option("--photos/--no-photos", help="With the events' photos, or without them.")
    ] = True,
    as_json: JsonOption = False,
) -> None:
    """Back this kiosk up into one file, sealed under a passphrase; also while it runs. The passphrase is
    asked for, or comes as a line on standard input. No secret is in it but that of the faces."""
    with known_errors(as_json):
        home, target = home_folder(), file / _name() if file.is_dir() else file
        plan = plan_backup(home, photos=photos)
        if not as_json:
            _say_plan(plan)
        passphrase = passphrase_typed(is_new=True)
        with bytes_bar("Backing up", plan.database_bytes + plan.photo_bytes + plan.other_bytes) as bar:
            manifest = make_backup(home, target, passphrase, photos=photos, progress=bar)
    is_whole = len(manifest.face_keys) == len(manifest.faces_under)
    if as_json:
        told = {"path": str(target), "made_at": manifest.made_at, "parts": len(manifest.parts)}
        print_json({**told, "has_face_keys": is_whole})
    else:
        _say(f"{target}: {len(manifest.parts):,} files, {target.stat().st_size / _MB:,.1f} MB.")
        _say("Keep the passphrase apart from it: nobody can open it without.")
        if not is_whole:
            _say("Faces can be read on this machine only: the secret that they lie under was not to be had.")
            _say("Make the backup again where the kiosk's keyring is open: in its own session.")


def _name() -> str:
    """In a folder of several machines' backups, and of older ones, none takes another's place."""
    return f"kiosk-{platform.node()}-{datetime.now():%Y%m%d-%H%M%S}.kiosk"


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A file that kiosk backup made.")],
    old_machine_is_gone: Annotated[
        bool,
        typer.Option("--old-machine-is-gone", help="The machine that it is of never sells again."),
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Also where a sound database with newer orders is here.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Put a backup back into this kiosk's folder, and say what is still to be done. The database that is
    there is kept beside it. The kiosk must not run."""
    with known_errors(as_json):
        size = file.stat().st_size if file.is_file() else 1
        passphrase = passphrase_typed(is_new=False)
        with bytes_bar("Restoring", size) as bar:
            restored = restore_backup(
                home_folder(),
                file,
                passphrase,
                old_machine_is_gone=old_machine_is_gone,
                replaces_newer=replace,
                progress=bar,
            )
    steps = tuple(_to_do(restored))
    if as_json:
        manifest = restored.manifest.model_dump(mode="json", exclude={"parts", "face_keys"})
        print_json({**asdict(restored), "manifest": manifest, "to_do": steps})
        return
    _say(f"Restored as of {restored.manifest.made_at:%Y-%m-%d %H:%M} UTC: {restored.orders:,} orders.")
    for number, step in enumerate(steps, 1):
        _say(f"{number}. {step}")


def _say_plan(plan: Plan) -> None:
    photos = f"{plan.photos:,} files of photos {plan.photo_bytes / _MB:,.1f} MB"
    _say(
        f"Database {plan.database_bytes / _MB:,.1f} MB, "
        f"{photos if plan.holds_photos else 'no photos'}, other {plan.other_bytes / _MB:,.1f} MB."
    )
    if plan.has_store_elsewhere:
        _say("The photos are on a server (photos.store) and not in the backup.")


def _to_do(restored: Restored) -> Iterator[str]:
    """What nobody but a person can do."""
    manifest = restored.manifest
    if restored.is_other_machine:
        yield f"Never start the old machine's kiosk again: both make order codes with {manifest.code_prefix}."
    for name in restored.missing_secrets:
        if name != CENTRAL_DEVICE_KEY:
            yield f"Set the secret again: kiosk secret {name}"
    for told in restored.missing_face_keys:
        yield (
            f"Faces lie under the secret {told}, which is neither in the backup nor on this machine: make "
            "the backup again where the old machine's keyring is open. Without it: kiosk templates recover "
            "(faces of photos are found anew, people are to be enrolled anew; all orders are here)."
        )
    if restored.is_enrolled and CENTRAL_DEVICE_KEY in restored.missing_secrets:
        yield f"{ENROL_AGAIN} (this kiosk keeps its prefix there, and the old machine is locked out)"
    if restored.is_enrolled:
        yield "Start the kiosk with a network: what was sold since the backup comes back from the centre."
    else:
        yield "What was sold since the backup is known to no centre: compare with the account's payments."
    if not restored.knows_forgotten:
        made = f"{manifest.made_at:%Y-%m-%d %H:%M} UTC"
        at_centre = " that the centre does not know" if restored.is_enrolled else ""
        yield f"Whatever was forgotten after {made}{at_centre} is to be forgotten again: kiosk forget"
    if not manifest.has_photos:
        yield "The backup holds no photos of events: import them again."
    if restored.held_prints:
        yield f"{restored.held_prints} prints may have come out already: see the page of printers."


def passphrase_typed(*, is_new: bool) -> str:
    """Typed unseen, or a line of standard input: never an argument, which others on the machine can see."""
    if sys.stdin.isatty():
        words = str(typer.prompt("passphrase", hide_input=True, confirmation_prompt=is_new, err=True))
    else:
        words = sys.stdin.readline().rstrip("\r\n")
    if is_new and len(words) < LEAST_PASSPHRASE:
        raise typer.BadParameter(f"the passphrase needs {LEAST_PASSPHRASE} characters at least")
    return words


@contextmanager
def bytes_bar(label: str, size: int) -> Iterator[Callable[[int], None]]:
    """Shows how many of so many bytes are done; what it yields is told of each part."""
    done = 0
    with progress_bar(label) as report:

        def add(count: int) -> None:
            nonlocal done
            done += count
            report(min(done, size) >> 20, max(size >> 20, 1))

        yield add


def _say(words: str) -> None:
    out.print(escape(words), highlight=False, soft_wrap=True)
