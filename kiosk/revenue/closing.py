"""The books of a day as they are kept: JSON that an older or newer version of the program reads as well."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date, datetime

from kiosk.revenue.types import DayReport, Kind, Payout

_LEFT_OUT = frozenset({"closed_at", "closed_by"})


def report_json(report: DayReport) -> str:
    """Without when and by whom it was closed, which stand beside it."""
    told = {name: value for name, value in asdict(report).items() if name not in _LEFT_OUT}
    return json.dumps({**told, "day": report.day.isoformat()}, ensure_ascii=False)


def report_from_json(text: str, closed_at: datetime, closed_by: str) -> DayReport:
    """The report as it was when the day was closed."""
    told = json.loads(text)
    payouts = tuple(Payout(**{**each, "kind": Kind(each["kind"])}) for each in told["payouts"])
    day = date.fromisoformat(told["day"])
    return DayReport(**{**told, "day": day, "payouts": payouts}, closed_at=closed_at, closed_by=closed_by)
