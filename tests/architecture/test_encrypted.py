"""No client of the program turns the proof of who the peer is off, in whatever words; no database is opened
in which faces would lie in clear."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from kiosk.paths import program_root

_TURNED_OFF = re.compile(
    r"""verify\s*=\s*(False|0|None)\b
    |\bCERT_NONE\b|\bCERT_OPTIONAL\b
    |check_hostname\s*=\s*False
    |_create_unverified_context|_create_default_https_context
    |cert_check\s*=\s*False|assert_hostname\s*=\s*False|cert_reqs\s*=\s*["']?(none|CERT_NONE)
    |ssl_cert_reqs["']?\s*[=:]\s*["']?(none|None|optional)
    |disable_warnings|InsecureRequestWarning
    |sslmode["']?\s*[=:]\s*["']?(disable|allow|prefer|require)
    |StrictHostKeyChecking\s*=?\s*no|--insecure\b|\bcurl\s+-k\b""",
    re.VERBOSE | re.IGNORECASE,
)
_ALLOWED = {"installer/deploy/compose.yaml"}
"""PostgreSQL in a container beside, on a network that is these containers' own."""


def _files() -> list[Path]:
    root = program_root()
    kinds = ("*.py", "*.yaml", "*.yml", "*.sh", "*.service", "*.toml", "*.qml")
    return sorted(
        file
        for folder in ("kiosk", "ui", "installer", ".ci")
        for kind in kinds
        for file in (root / folder).rglob(kind)
        if "/build/" not in file.as_posix()
    )


def test_nothing_turns_the_proof_of_the_peer_off() -> None:
    root = program_root()
    found = [
        f"{file.relative_to(root)}: {match[0]}"
        for file in _files()
        if file.relative_to(root).as_posix() not in _ALLOWED
        for match in _TURNED_OFF.finditer(file.read_text(encoding="utf-8"))
    ]
    assert len(_files()) > 300
    assert found == []


@pytest.mark.parametrize(
    "line",
    [
        "requests.get(url, verify=False)",
        "context.verify_mode = ssl.CERT_NONE",
        "context.check_hostname = False",
        "ssl._create_unverified_context()",
        "Minio(endpoint, cert_check=False)",
        'url = "rediss://host?ssl_cert_reqs=none"',
        'url = "postgresql://host/db?sslmode=require"',
        "urllib3.disable_warnings()",
    ],
)
def test_each_way_of_turning_it_off_is_known(line: str) -> None:
    assert _TURNED_OFF.search(line)


def test_every_database_of_the_program_is_opened_with_a_vault() -> None:
    calls = {
        f"{file.relative_to(program_root())}:{node.lineno}": [word.arg for word in node.keywords]
        for folder in ("kiosk", "ui")
        for file in sorted((program_root() / folder).rglob("*.py"))
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "open_database"
    }
    assert len(calls) >= 10
    assert [place for place, words in calls.items() if "vault" not in words] == []
