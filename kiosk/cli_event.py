"""`kiosk event`: what the organiser of an event chose."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Annotated

import typer
from rich.markup import escape

from kiosk.archive import Archive, event_named
from kiosk.cli import JsonOption, app, known_errors, out, print_json, progress_bar
from kiosk.commands import archive_at
from kiosk.paths import home_folder
from kiosk.photos.number_reading import NumberReading, read_numbers_later
from kiosk.photos.types import PhotoEvent


@dataclass(frozen=True, slots=True)
class _Chosen:
    """An event as it is now; `reading` is what was read just now, `unread` the photos still to be read."""

    event: PhotoEvent
    photos: int
    unread: int
    reading: NumberReading | None


@app.command()
def event(
    name: Annotated[str, typer.Argument(help="Name of the event.")],
    read_numbers: Annotated[
        bool | None,
        typer.Option(
            "--read-numbers/--no-read-numbers",
            help="Read the numbers on shirts on import, and now in the photos that are there.",
        ),
    ] = None,
    blur_bystanders: Annotated[
        bool | None,
        typer.Option(
            "--blur-bystanders/--keep-bystanders-clear",
            help="Blur the faces of others in what a visitor is shown.",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show or set what the organiser of an event chose; stopped halfway, --read-numbers goes on."""
    with known_errors(as_json), archive_at(home_folder()) as archive:
        chosen = _choose(archive, name, read_numbers, blur_bystanders)
    if as_json:
        print_json(
            {
                **asdict(chosen.event),
                "photos": chosen.photos,
                "photos_unread": chosen.unread,
                "reading": None if chosen.reading is None else asdict(chosen.reading),
            }
        )
        return
    out.print(f"{escape(chosen.event.name)}, {chosen.photos} photos", highlight=False)
    for line in _lines(chosen):
        out.print(f"  {line}", highlight=False, soft_wrap=True)


def _choose(archive: Archive, name: str, read_numbers: bool | None, blur_bystanders: bool | None) -> _Chosen:
    """The choices are written first: an import that begins meanwhile reads its photos itself."""
    before = event_named(archive.photos, name)
    chosen = replace(
        before,
        reads_numbers=before.reads_numbers if read_numbers is None else read_numbers,
        blurs_bystanders=before.blurs_bystanders if blur_bystanders is None else blur_bystanders,
    )
    if chosen != before:
        archive.photos.add_event(chosen)
    reading = None
    if read_numbers:
        with progress_bar("Reading numbers") as bar:
            reading = read_numbers_later(
                chosen.event_id,
                archive.photos,
                archive.shirt_numbers,
                archive.store,
                archive.number_reader,
                bar,
            )
    unread = len(archive.shirt_numbers.unread(chosen.event_id))
    return _Chosen(chosen, archive.photos.count(chosen.event_id), unread, reading)


def _lines(chosen: _Chosen) -> list[str]:
    event, reading = chosen.event, chosen.reading
    lines = [
        f"numbers on shirts: {'read on import' if event.reads_numbers else 'not read'}",
        f"faces of bystanders: {'blurred in previews' if event.blurs_bystanders else 'clear'}",
    ]
    if reading is not None:
        lines.append(f"{reading.photos} photos read now, with {reading.numbers} numbers")
    if event.reads_numbers and chosen.unread:
        lines.append(f"{chosen.unread} photos still unread; read them with --read-numbers")
    return lines
