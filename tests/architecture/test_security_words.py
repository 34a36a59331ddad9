"""SECURITY.md tells no tale: each line of its threat model names tests, and each of them exists."""

from __future__ import annotations

import ast
import re
from functools import cache

from kiosk.paths import program_root

_NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def _rows() -> list[str]:
    text = (program_root() / "SECURITY.md").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return lines[2:]


@cache
def _tests_of(file: str) -> set[str]:
    path = program_root() / file
    if not path.is_file():
        return set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_every_line_of_the_threat_model_names_a_test() -> None:
    assert len(_rows()) >= 10
    assert [row[:80] for row in _rows() if not _NAMED.search(row.split("|")[3])] == []


def test_every_test_that_it_names_exists() -> None:
    named = [(file, test) for row in _rows() for file, test in _NAMED.findall(row)]
    assert [f"{file}::{test}" for file, test in named if test not in _tests_of(file)] == []


def test_a_test_that_does_not_exist_would_be_missed() -> None:
    assert "test_that_was_never_written" not in _tests_of("tests/unit/test_rotation.py")
    assert _tests_of("tests/unit/no_such_file.py") == set()
