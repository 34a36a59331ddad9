"""`kiosk central visits`: what a chain counted, at the machine of its centre."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import typer

from kiosk.central.home import central_home
from kiosk.cli import JsonOption, known_errors
from kiosk.cli_central import TenantOption, central_app
from kiosk.cli_visits import (
    ByOption,
    CsvOption,
    LanguageOption,
    PdfOption,
    SinceOption,
    SitesOption,
    UntilOption,
    one_form,
    show_report,
)
from kiosk.language import Language
from kiosk.visit_commands import Days, report_of
from kiosk.visits.reports import Span

visits_app = typer.Typer(no_args_is_help=True, help="Who came to the shops of a chain.")
central_app.add_typer(visits_app, name="visits")


@visits_app.command("report")
def report(
    tenant: TenantOption,
    by: ByOption = Span.DAY,
    since: SinceOption = None,
    until: UntilOption = None,
    sites: SitesOption = None,
    as_json: JsonOption = False,
    as_csv: CsvOption = False,
    pdf: PdfOption = None,
    language: LanguageOption = None,
) -> None:
    """Count visits by hour, day, weekday, week or month, by the calendar of the centre's time zone."""
    from kiosk.central.desk import desk_at
    from kiosk.central.settings import load_central_settings

    one_form(as_json, as_csv, pdf)
    home = central_home()
    with known_errors(as_json), desk_at(home) as desk:
        zone = ZoneInfo(load_central_settings(home).server.timezone)
        counted = report_of(desk.rows_of(tenant), zone, by, Days(since, until), sites or [])
        show_report(counted, as_json, as_csv, pdf, language or Language.THAI)
