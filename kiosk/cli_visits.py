"""`kiosk visits`: reports and lists of visits for scripts, and for a shop without a screen."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Column, Table

from kiosk.cli import JsonOption, app, err, known_errors, out, print_json
from kiosk.errors import ErrorCode, KnownError
from kiosk.language import Language
from kiosk.paths import home_folder
from kiosk.settings import load_settings
from kiosk.sync.report_answer import answer_of, visit_answer
from kiosk.visit_commands import Days, ListedVisits, report_here, report_of_chain, visits_here
from kiosk.visits.report_csv import report_csv, visits_csv
from kiosk.visits.report_files import write_file
from kiosk.visits.report_folding import ALL_SITES
from kiosk.visits.report_words import labels_in, period_in
from kiosk.visits.reports import Figures, Report, Span
from kiosk.visits.types import Visit

visits_app = typer.Typer(no_args_is_help=True, help="Who came, counted and listed; staff never are.")
app.add_typer(visits_app, name="visits")

_SHOWN = 50


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as broken:
        raise typer.BadParameter("write a day like 2026-11-30") from broken


ByOption = Annotated[Span, typer.Option("--by", help="What a row is.")]
SinceOption = Annotated[
    date | None, typer.Option(parser=_day, metavar="DATE", help="The first day; unset: of this month.")
]
UntilOption = Annotated[
    date | None, typer.Option(parser=_day, metavar="DATE", help="The last day; unset: today.")
]
SitesOption = Annotated[
    list[str] | None, typer.Option("--site", help="Name of a site, several times for several; unset: all.")
]
CsvOption = Annotated[bool, typer.Option("--csv", help="Write CSV to standard output.")]
LanguageOption = Annotated[
    Language | None, typer.Option(help="Of the PDF; unset: as the settings say, at a centre Thai.")
]
PdfOption = Annotated[Path | None, typer.Option("--pdf", dir_okay=False, help="Write a PDF to this file.")]


@visits_app.command("report")
def report(
    by: ByOption = Span.DAY,
    since: SinceOption = None,
    until: UntilOption = None,
    sites: SitesOption = None,
    chain: Annotated[bool, typer.Option("--chain", help="Of the whole chain, as its centre says.")] = False,
    as_json: JsonOption = False,
    as_csv: CsvOption = False,
    pdf: PdfOption = None,
    language: LanguageOption = None,
) -> None:
    """Count visits by hour, day, weekday, week or month, by the calendar of the shop."""
    one_form(as_json, as_csv, pdf)
    home = home_folder()
    with known_errors(as_json):
        count = report_of_chain if chain else report_here
        counted = count(home, by, Days(since, until), sites or [])
        if chain and not counted.covers_chain:
            err.print("The centre could not be asked: only what this machine knows.", highlight=False)
        show_report(counted, as_json, as_csv, pdf, language or load_settings(home).kiosk.language)


def one_form(as_json: bool, as_csv: bool, pdf: Path | None = None) -> None:
    """Refuses several forms at once. Raises typer.BadParameter."""
    if as_json + as_csv + (pdf is not None) > 1:
        raise typer.BadParameter("one form at a time: --json, --csv or --pdf")


def show_report(counted: Report, as_json: bool, as_csv: bool, pdf: Path | None, language: Language) -> None:
    """As a program or somebody reads it, in one form (`one_form`). Raises KnownError DISK_FULL,
    FOLDER_MISSING, FOLDER_NOT_WRITABLE."""
    if pdf is not None:
        from kiosk.visits.report_pdf import report_pdf

        path = write_file(_present(pdf.absolute().parent), pdf.name, report_pdf(counted, language))
        out.print(f"Written to {escape(str(path))}", highlight=False, soft_wrap=True)
    elif as_json:
        answer = answer_of(counted).model_dump(mode="json")
        print_json({**answer, "covers_chain": counted.covers_chain})
    elif as_csv:
        sys.stdout.buffer.write(report_csv(counted))
    else:
        _print_report(counted)


def _present(folder: Path) -> Path:
    """Of a mistyped path nothing is made. Raises KnownError(FOLDER_MISSING)."""
    if not folder.is_dir():
        raise KnownError(
            ErrorCode.FOLDER_MISSING, f"There is no folder {folder}.", "Make it first, or name another one."
        )
    return folder


def _print_report(counted: Report) -> None:
    columns = ("visitors", "new", "returning", "female", "male", "unknown", "in", "out")
    query = counted.query
    rows = [row for row in counted.rows if row.site_id == ALL_SITES]
    labels = labels_in(Language.ENGLISH, query, [row.begins for row in rows])
    figures = [Column(name, justify="right", min_width=len(name)) for name in columns]
    table = Table(query.by.value, *figures, box=None, padding=(0, 1, 0, 0))
    table.title = period_in(Language.ENGLISH, query.since, query.until)
    for label, row in zip(labels, rows, strict=True):
        table.add_row(escape(label), *_cells(row.figures))
    table.add_row()
    for row in counted.total:
        name = counted.site_names.get(row.site_id, "total")
        table.add_row(escape(name), *_cells(row.figures))
    out.print(table)


def _cells(figures: Figures) -> list[str]:
    numbers = (
        figures.visitors,
        figures.new,
        figures.returning,
        figures.female,
        figures.male,
        figures.unknown,
        figures.came_in,
        figures.went_out,
    )
    return [f"{number:,}" for number in numbers]


@visits_app.command("list")
def list_visits(
    since: SinceOption = None,
    until: UntilOption = None,
    sites: SitesOption = None,
    names: Annotated[bool, typer.Option("--names", help="With the names of those who agreed.")] = False,
    as_json: JsonOption = False,
    as_csv: CsvOption = False,
) -> None:
    """List the visits that this machine knows of, the newest first; who it was only with --names."""
    one_form(as_json, as_csv)
    with known_errors(as_json):
        most = None if as_json or as_csv else _SHOWN + 1
        listed = visits_here(home_folder(), Days(since, until), sites or [], most)
    if as_json:
        print_json([_told(visit, listed.site_names, names) for visit in listed.visits])
    elif as_csv:
        sys.stdout.buffer.write(visits_csv(listed.visits, listed.site_names, listed.zone, with_names=names))
    else:
        _print_visits(listed, names)


def _told(visit: Visit, site_names: Mapping[str, str], with_names: bool) -> dict[str, Any]:
    told = visit_answer(visit).model_dump(mode="json", exclude=None if with_names else {"name", "person_id"})
    return {**told, "site": site_names.get(visit.site_id, "")}


def _print_visits(listed: ListedVisits, with_names: bool) -> None:
    table = Table("came", "site", "gender", "returning", *(["name"] if with_names else []))
    for visit in listed.visits[:_SHOWN]:
        number = f" ({visit.number})" if visit.number is not None else ""
        table.add_row(
            f"{visit.began_at.astimezone(listed.zone):%Y-%m-%d %H:%M}",
            escape(listed.site_names.get(visit.site_id, visit.site_id)),
            visit.gender.value,
            f"{'yes' if visit.is_returning else 'no'}{number}",
            *([escape(visit.name)] if with_names else []),
        )
    out.print(table)
    if len(listed.visits) > _SHOWN:
        out.print(f"The newest {_SHOWN}; --csv and --json write all of them.", highlight=False)
