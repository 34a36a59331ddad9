"""`kiosk calibrate`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from kiosk.archive import Archive, choose_calibration, event_named, wishes_of
from kiosk.calibrate import SIZES, Measured
from kiosk.cli import JsonOption, app, known_errors, out, print_json, progress_bar
from kiosk.commands import archive_at, calibrate_folder, retarget
from kiosk.database.calibrations import SqlCalibrations
from kiosk.gallery.calibration import Calibration, EventCertainty, Targets, certainty_of, one_in
from kiosk.gallery.calibration_file import write_calibration
from kiosk.gallery.certainty_words import in_words, origin_in_words
from kiosk.language import Language, sentence
from kiosk.paths import home_folder


@dataclass(frozen=True, slots=True)
class _Outcome:
    """The calibration in use; `rows` are name of the event ("" for a size only) and its certainty."""

    calibration: Calibration
    contract_id: str
    language: Language
    rows: tuple[tuple[str, EventCertainty], ...]
    others: int
    measured: Measured | None


@app.command()
def calibrate(
    folder: Annotated[
        Path | None,
        typer.Argument(help="A labelled folder as for `kiosk evaluate`; without one, nothing is measured."),
    ] = None,
    event: Annotated[str, typer.Option(help="The event in the table; unset: the one on the screen.")] = "",
    sure: Annotated[
        float | None,
        typer.Option(min=1e-6, max=0.5, help="Share of visitors who may see a stranger's photo as sure."),
    ] = None,
    maybe: Annotated[
        float | None, typer.Option(min=1e-6, max=0.5, help='The same for photos behind "maybe".')
    ] = None,
    to: Annotated[Path | None, typer.Option(help="Write the calibration to this file, too.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Set what is sure and what is maybe, by how many visitors may see a stranger's photo."""
    with known_errors(as_json), archive_at(home_folder()) as archive:
        found = _calibrate(archive, folder, event, sure, maybe)
        if to is not None:
            write_calibration(to, found.calibration)
    if as_json:
        print_json(_as_dict(found))
    else:
        _print(found)


def _calibrate(
    archive: Archive, folder: Path | None, event: str, sure: float | None, maybe: float | None
) -> _Outcome:
    stored, contract_id = SqlCalibrations(archive.database), archive.index.contract_id
    shown = event_named(archive.photos, event) if event else archive.current_event()
    before = choose_calibration(stored, contract_id).targets
    targets = Targets(sure=sure or before.sure, maybe=maybe or before.maybe)
    if (sure or maybe) and targets.maybe < targets.sure:
        raise typer.BadParameter(
            f"The share behind maybe ({targets.maybe:g}) is less than among the sure ones ({targets.sure:g})."
        )
    measured = None
    if folder is not None:
        with progress_bar("Calibrating") as bar:
            measured = calibrate_folder(archive, folder, targets, bar)
    elif targets != before:
        retarget(archive, targets)
    calibration, wishes = choose_calibration(stored, contract_id), wishes_of(archive.settings.vision)
    sizes = [("", certainty_of(calibration, wishes, faces)) for faces in SIZES]
    if shown is not None:
        faces = archive.photos.face_count(shown.event_id)
        sizes.insert(0, (shown.name, certainty_of(calibration, wishes, faces)))
    return _Outcome(
        calibration,
        contract_id,
        archive.settings.kiosk.language,
        tuple(sizes),
        sum(one != contract_id for one in stored.contracts()),
        measured,
    )


def _print(found: _Outcome) -> None:
    table = Table("event", "faces", "sure from", "maybe from", "a stranger's photo is seen by")
    for name, one in found.rows:
        table.add_row(
            escape(name),
            f"{one.faces:,}",
            f"{one.thresholds.match:.3f}",
            f"{one.thresholds.maybe:.3f}",
            f"1 in {one_in(one.sure_share):,}, 1 in {one_in(one.maybe_share):,}",
        )
    out.print(table)
    for line in _sentences(found):
        out.print(line, highlight=False, markup=False, soft_wrap=True)


def _sentences(found: _Outcome) -> list[str]:
    language, measured = found.language, found.measured
    name, certainty = found.rows[0]
    words = in_words(certainty, language)
    lines = [
        f"{name}: {words}" if name else words,
        origin_in_words(found.calibration, found.contract_id, language),
    ]
    if measured is not None:
        lines.append(
            sentence(
                language,
                "certainty.checked",
                strangers=f"{measured.strangers:,}",
                faces=f"{measured.faces:,}",
                sure=measured.met_sure,
                maybe=measured.met_maybe,
            )
        )
    if found.others:
        lines.append(sentence(language, "certainty.others", n=found.others))
    return lines


def _as_dict(found: _Outcome) -> dict[str, Any]:
    calibration, measured = found.calibration, found.measured
    return {
        "contract_id": calibration.contract_id,
        "is_of_this_engine": calibration.contract_id == found.contract_id,
        "measured_at": calibration.measured_at,
        "source": calibration.source,
        "comparisons": calibration.curve.comparisons,
        "targets": calibration.targets.model_dump(),
        "rows": [
            {
                "event": name or None,
                "faces": one.faces,
                "sure_from": one.thresholds.match,
                "maybe_from": one.thresholds.maybe,
                "sure_one_in": one_in(one.sure_share),
                "maybe_one_in": one_in(one.maybe_share),
            }
            for name, one in found.rows
        ],
        "checked": None
        if measured is None
        else {
            "strangers": measured.strangers,
            "faces": measured.faces,
            "met_sure": measured.met_sure,
            "met_maybe": measured.met_maybe,
        },
        "in_words": _sentences(found),
        "calibrations_of_other_engines": found.others,
    }
