"""`kiosk import`, `events` and `search`: photos into an event, and found in it."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from kiosk.cli import EventOption, JsonOption, app, err, known_errors, out, print_json, progress_bar
from kiosk.commands import (
    NO_MATCH,
    PictureSearch,
    archive_at,
    import_folder,
    list_events,
    search_picture,
    watch_folder,
)
from kiosk.paths import home_folder
from kiosk.photos.import_report import ImportReport
from kiosk.runtime.ending import ended_by_signals
from kiosk.vision.types import RejectionReason


@app.command("import")
def import_photos(
    folder: Annotated[Path, typer.Argument(help="A folder of pictures.")],
    event: EventOption,
    photographer: Annotated[str, typer.Option(help="Who took them.")] = "",
    public: Annotated[bool, typer.Option(help="May be shown on the attract page.")] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on with photos as they are written, until Ctrl-C.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Import a folder of photos into an event; the event is made if it does not exist."""
    if watch:
        _watch(folder, event, photographer, public, as_json)
        return
    with known_errors(as_json), archive_at(home_folder()) as archive, progress_bar("Importing") as bar:
        report = import_folder(
            archive, folder, event, lambda step: bar(step.done, step.total), photographer, public
        )
    if as_json:
        print_json(asdict(report))
    else:
        _print_report(report)


def _watch(folder: Path, event: str, photographer: str, public: bool, as_json: bool) -> None:
    """A line for every few photos; with `as_json` a JSON object a line."""

    def tell(report: ImportReport) -> None:
        if as_json:
            sys.stdout.write(json.dumps(asdict(report), ensure_ascii=False, default=str) + "\n")
            sys.stdout.flush()
        else:
            _print_report(report)

    with known_errors(as_json), archive_at(home_folder()) as archive, ended_by_signals() as stop:
        err.print(escape(f"Watching {folder}. Ctrl-C ends it."), highlight=False, soft_wrap=True)
        watch_folder(archive, folder, event, tell, stop.is_set, photographer, public)


def _print_report(report: ImportReport) -> None:
    out.print(f"{report.taken} photos taken in with {report.faces} faces, {report.duplicates} known already.")
    for refused in report.refused:
        line = escape(f"  not taken: {refused.file_name}: {refused.code} {refused.reason}")
        out.print(line, highlight=False, soft_wrap=True)


@app.command()
def events(as_json: JsonOption = False) -> None:
    """List the events of this kiosk."""
    with known_errors(as_json), archive_at(home_folder()) as archive:
        summaries = list_events(archive)
    if as_json:
        print_json(
            [
                {
                    "event_id": each.event.event_id,
                    "name": each.event.name,
                    "photos": each.photo_count,
                    "created_at": each.event.created_at,
                }
                for each in summaries
            ]
        )
        return
    table = Table("event", "photos", "made")
    for each in summaries:
        table.add_row(
            escape(each.event.name), str(each.photo_count), f"{each.event.created_at:%Y-%m-%d %H:%M}"
        )
    out.print(table)


@app.command()
def search(
    picture: Annotated[Path, typer.Argument(help="A picture of one person.")],
    event: EventOption,
    as_json: JsonOption = False,
) -> None:
    """Find the photos of the person in a picture."""
    with known_errors(as_json), archive_at(home_folder()) as archive:
        found = search_picture(archive, picture, event)
    rows = [
        {
            "photo_id": match.photo_id,
            "file_name": found.photos[match.photo_id].file_name,
            "number": found.photos[match.photo_id].number,
            "similarity": round(match.similarity, 4),
            "certainty": match.certainty,
            "boxes": [asdict(box) for box in match.boxes],
        }
        for match in found.matches
    ]
    if as_json:
        print_json({"matches": rows, "reasons": found.reasons})
        return
    for row in rows:
        out.print(
            f"{row['similarity']:.3f} {row['certainty']:5} {escape(str(row['file_name']))}", highlight=False
        )
    for line in _search_in_words(found):
        out.print(line, highlight=False)


def _search_in_words(found: PictureSearch) -> list[str]:
    """What a person is told beside the photos: which rules the picture broke, and that nothing was found."""
    broken = ", ".join(reason.replace("_", " ") for reason in found.reasons if reason != NO_MATCH)
    if RejectionReason.NO_FACE in found.reasons:
        return [f"Nothing was searched: {broken} in the picture."]
    lines = [f"A poor picture to search with, its face: {broken}."] if broken else []
    return lines if found.matches else [*lines, "No photo of this person."]
