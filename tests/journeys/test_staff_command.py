"""`kiosk staff` and `kiosk audit` as whoever has the machine types them."""

from __future__ import annotations

import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from kiosk.archive import DATABASE_FILE
from kiosk.errors import ErrorCode
from kiosk.paths import program_root
from tests.command_line import PATIENCE_S, answer, command, environment, kiosk, refusal


def with_pin(home: Path, pin: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The PIN comes on standard input: it is in no list of processes."""
    return subprocess.run(
        command(*arguments, "--json"),
        cwd=program_root(),
        env=environment(home),
        input=f"{pin}\n",
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=PATIENCE_S,
        check=False,
    )


@pytest.mark.slow
def test_a_pin_that_was_piped_in_twice_is_the_same_twice(tmp_path: Path) -> None:
    nothing = kiosk(tmp_path, "audit")
    assert (nothing.returncode, nothing.stdout, nothing.stderr) == (0, "", "Nothing yet.\n")
    add = ("staff", "add", "Somchai", "--role", "technician")
    refused = with_pin(tmp_path, "4821\n4822", *add)
    assert refused.returncode == 2
    assert "not the same" in refused.stderr
    assert "482" not in refused.stderr
    assert with_pin(tmp_path, "", *add).returncode == 2
    assert answer(with_pin(tmp_path, "4821\n4821", *add))["name"] == "Somchai"


def test_staff_are_added_and_changed_and_the_log_tells_of_it(tmp_path: Path) -> None:
    added = answer(with_pin(tmp_path, "4821", "staff", "add", "Somchai", "--role", "technician"))
    assert (added["name"], added["role"], added["is_active"]) == ("Somchai", "technician", True)
    assert refusal(kiosk(tmp_path, "staff", "change", "Somchai", "--gone", "--json")) == (
        ErrorCode.LAST_TECHNICIAN
    )
    assert refusal(kiosk(tmp_path, "staff", "change", "Nobody", "--gone", "--json")) == (
        ErrorCode.STAFF_UNKNOWN
    )
    answer(kiosk(tmp_path, "staff", "change", "somchai", "--name", "Somchai K.", "--json"))
    (member,) = answer(kiosk(tmp_path, "staff", "list", "--json"))
    assert member["name"] == "Somchai K."
    assert not [key for key in member if "pin" in key or "hash" in key]
    lines = answer(kiosk(tmp_path, "audit", "--json"))
    assert [line["action"] for line in lines] == ["staff_changed", "staff_added"]
    assert "4821" not in str(lines)
    assert answer(kiosk(tmp_path, "audit", "--verify", "--json")) == {"lines": 2, "is_whole": True}
    with closing(sqlite3.connect(tmp_path / DATABASE_FILE)) as file, file:
        file.execute("DROP TRIGGER audit_log_no_update")
        file.execute("UPDATE audit_log SET subject = 'Eve'")
    assert refusal(kiosk(tmp_path, "audit", "--verify", "--json")) == ErrorCode.AUDIT_BROKEN
