"""Whoever is handed one tenant's database does not go round it to the whole one."""

from __future__ import annotations

import ast
from pathlib import Path

import kiosk.database

ROOM = Path(kiosk.database.__path__[0])
BINDS = "tenant.py"


def test_no_repository_of_a_tenant_opens_a_session_of_its_own() -> None:
    wrong = []
    for path in ROOM.glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if path.name != BINDS and _takes_a_tenant(tree):
            wrong += [f"{path.name}:{node.lineno}" for node in ast.walk(tree) if _goes_round(node)]
    assert not wrong


def _takes_a_tenant(tree: ast.AST) -> bool:
    return any(
        isinstance(node, ast.ImportFrom) and any(one.name == "TenantDatabase" for one in node.names)
        for node in ast.walk(tree)
    )


def _goes_round(node: ast.AST) -> bool:
    """`anything.database.reading()`, `.writing()`; a session or a driver's connection of its own."""
    if isinstance(node, ast.Attribute):
        of_whole = isinstance(node.value, ast.Attribute) and node.value.attr == "database"
        is_bare = node.attr in ("exec_driver_sql", "driver_connection", "get_bind")
        return is_bare or (of_whole and node.attr in ("reading", "writing"))
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Session"
