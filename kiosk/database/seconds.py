"""Moments as whole seconds, for queries that count by spans of time."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class Second(FunctionElement[int]):
    """The whole seconds from 1970 to a moment."""

    type = BigInteger()
    inherit_cache = True
    name = "second"


@compiles(Second, "sqlite")
def _second_sqlite(element: Second, compiler: SQLCompiler, **more: Any) -> str:
    """Without the fraction of the second: SQLite would round it up."""
    return f"CAST(strftime('%s', substr({compiler.process(element.clauses, **more)}, 1, 19)) AS INTEGER)"


@compiles(Second, "postgresql")
def _second_postgresql(element: Second, compiler: SQLCompiler, **more: Any) -> str:
    return f"CAST(floor(date_part('epoch', {compiler.process(element.clauses, **more)})) AS BIGINT)"
