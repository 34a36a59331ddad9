"""`kiosk templates`: a fresh secret for what is kept of faces, and the way on without a lost one."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from kiosk.cli import JsonOption, app, known_errors, out, print_json
from kiosk.paths import home_folder

templates_app = typer.Typer(no_args_is_help=True, help="The secret under which faces are kept here.")
app.add_typer(templates_app, name="templates")


@templates_app.command()
def reissue(as_json: JsonOption = False) -> None:
    """Make a new secret and keep all faces under it, without new photos; what leaked before is worthless
    then. The kiosk has to be ended. One that was interrupted is gone on with."""
    from kiosk import templates_commands

    with known_errors(as_json):
        done = templates_commands.reissue(home_folder())
    if as_json:
        print_json(asdict(done))
    else:
        out.print(f"{done.faces} faces and {done.pictures} pictures are under a new secret.", highlight=False)


@templates_app.command()
def recover(as_json: JsonOption = False) -> None:
    """Go on where the secret is gone: the faces of photos are found anew; people are to be enrolled anew. The
    kiosk has to be ended."""
    from kiosk import templates_commands

    with known_errors(as_json):
        done = templates_commands.recover(home_folder())
    if as_json:
        print_json(asdict(done))
        return
    out.print(f"The faces of {done.photos} photos were found anew.", highlight=False)
    if done.without_faces:
        out.print(
            f"{done.without_faces} photos have none now: their originals are not here.", highlight=False
        )
    if done.people_faces:
        out.print(
            f"{done.people_faces} faces of people are gone: enrol them with new pictures.", highlight=False
        )


@templates_app.command(name="bring-back")
def bring_back(
    file: Annotated[Path, typer.Argument(help="A file that kiosk backup made.")], as_json: JsonOption = False
) -> None:
    """Take the secret, and nothing else, out of a backup where only it was lost; its passphrase is asked for,
    or comes as a line on standard input. The kiosk has to be ended."""
    from kiosk.backup_commands import bring_back_face_keys
    from kiosk.cli_backup import bytes_bar, passphrase_typed

    with known_errors(as_json):
        size = file.stat().st_size if file.is_file() else 1
        passphrase = passphrase_typed(is_new=False)
        with bytes_bar("Reading", size) as bar:
            brought = bring_back_face_keys(home_folder(), file, passphrase, bar)
    if as_json:
        print_json({"secrets": brought})
    else:
        told = "The secret is here again: faces can be read." if brought else "No secret is missing here."
        out.print(told, highlight=False)
