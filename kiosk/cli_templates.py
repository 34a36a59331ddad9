"""`kiosk templates`: a fresh secret for what is kept of faces, and the way on without a lost one."""

from __future__ import annotations

from dataclasses import asdict

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
