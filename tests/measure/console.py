"""The staff's pages with 100,000 orders behind them: what each list takes, beside a bare look at the rows."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import numpy as np

from kiosk.benchmarks.figure import Figure, Goal
from kiosk.database.engine import open_database
from kiosk.database.meta import SqlMeta
from kiosk.database.staff_lists import SqlSalesLists
from tests.measure.made_orders import fill_orders, voucher_code

ORDERS = 100_000
_ON_LAST_DAY = 0.05
_RUNS = 15
_GOAL = Goal(at_most=200)
_NOON = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)  # five in the afternoon at the venue
_BARE = "SELECT * FROM orders ORDER BY created_at DESC LIMIT 51"
_STATES = (
    "awaiting",
    "to_decide",
    "sending",
    "printing",
    "handed_out",
    "print_held",
    "cancelled",
    "refunded",
)


def measure_console(orders: int = ORDERS) -> list[Figure]:
    """p50 and p95 of every list, in milliseconds."""
    with TemporaryDirectory(prefix="measure-console-") as folder:
        path = Path(folder) / "kiosk.db"
        database = open_database(path)
        try:
            fill_orders(database, orders, _NOON, _ON_LAST_DAY, SqlMeta(database).kiosk_id())
            lists = SqlSalesLists(database, ZoneInfo("Asia/Bangkok"), lambda: ["paynoi"])
            with closing(sqlite3.connect(path)) as connection:
                floor_ms = np.median(_times_ms(lambda: connection.execute(_BARE).fetchall()))
            figures: list[Figure] = []
            for name, look in _looks(lists, orders).items():
                figures += _figures(name, _times_ms(look), float(floor_ms), orders)
            return figures
        finally:
            database.close()


def _looks(lists: SqlSalesLists, orders: int) -> dict[str, Callable[[], object]]:
    codes = [voucher_code(number) for number in range(300)]
    looks: dict[str, Callable[[], object]] = {
        "the day": lambda: lists.day(_NOON.date()),
        "latest orders": lambda: lists.find(most=12),
        "all orders, first page": lambda: lists.find(),
        "all orders, last page": lambda: lists.find(offset=orders - 50),
        "a code": lambda: lists.find("K1-04Q2"),
        "a part of a code": lambda: lists.find("4q"),
        "a code that is not there": lambda: lists.find("XYXYX"),
        "payments to decide": lists.undecided,
        "vouchers": lists.vouchers,
        "what vouchers took off": lambda: lists.discounts(codes),
    }
    for state in _STATES:
        looks[f"orders {state}"] = lambda state=state: lists.find(state=state)  # type: ignore[misc]
        looks[f"orders {state}, far down"] = lambda state=state: lists.find(  # type: ignore[misc]
            state=state, offset=orders * 3 // 4
        )
    return looks


def _times_ms(look: Callable[[], object]) -> list[float]:
    look()
    taken = []
    for _ in range(_RUNS):
        began_s = time.perf_counter()
        look()
        taken.append((time.perf_counter() - began_s) * 1000)
    return taken


def _figures(name: str, times_ms: list[float], floor_ms: float, orders: int) -> list[Figure]:
    floor_is = "the newest 51 rows of orders, by SQL alone"
    return [
        Figure(
            f"console with {orders:,} orders, {name}, p{share}",
            float(np.percentile(times_ms, share)),
            "ms",
            floor_ms,
            floor_is,
            _GOAL,
        )
        for share in (50, 95)
    ]
