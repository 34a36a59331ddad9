"""`kiosk central` as real processes on one data folder."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from sqlalchemy import select

from kiosk.central.desk import desk_at
from kiosk.database.bulk import table_of
from kiosk.database.sync_tables import ChangeRow
from kiosk.errors import ErrorCode
from kiosk.paths import program_root
from tests.command_line import answer, command, environment, fresh_kiosk, kiosk, refusal

PASSWORD = "correct horse battery"
_ENDS_WITHIN_S = 15.0


@contextmanager
def serving(
    home: Path, *more: str, **variables: str
) -> Iterator[tuple[subprocess.Popen[str], dict[str, object]]]:
    """A centre on a free port, and what it said once it was ready."""
    with (home / "said.log").open("w+", encoding="utf-8") as said:
        process = subprocess.Popen(
            command("central", "serve", "--port", "0", "--json", *more),
            cwd=program_root(),
            env=environment(home, **variables),
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
        )
        try:
            yield process, _ready(process)
        finally:
            process.kill()
            process.communicate()


def _ready(process: subprocess.Popen[str]) -> dict[str, object]:
    assert process.stdout is not None
    lines = iter(process.stdout.readline, "")
    said = ""
    for line in lines:
        said += line
        if line.startswith("}"):
            break
    ready: dict[str, object] = json.loads(said)
    return ready


def add_account(home: Path, login: str, password: str, **variables: str) -> subprocess.CompletedProcess[str]:
    words = ("central", "account", "add", login, "--tenant", "River", "--role", "admin", "--json")
    return with_password(home, words, password, **variables)


def with_password(
    home: Path, words: tuple[str, ...], password: str, **variables: str
) -> subprocess.CompletedProcess[str]:
    """A command that reads a password from standard input."""
    return subprocess.run(
        command(*words),
        cwd=program_root(),
        env=environment(home, **variables),
        input=f"{password}\n",
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def end(process: subprocess.Popen[str], by: signal.Signals) -> float:
    """Seconds until it ended by itself."""
    began = time.monotonic()
    process.send_signal(by)
    assert process.wait(_ENDS_WITHIN_S) == 0
    return time.monotonic() - began


def test_a_fresh_centre_is_served_administered_and_ended(tmp_path: Path) -> None:
    with serving(tmp_path) as (process, ready):
        assert ready["needs_admin"] is True
        url = str(ready["url"])
        assert requests.get(f"{url}/readyz", timeout=10).json()["is_ready"] is True
        assert json.loads(add_account(tmp_path, "ploy", PASSWORD).stdout)["login"] == "ploy"
        login = {"login": "ploy", "password": PASSWORD}
        tokens = requests.post(f"{url}/api/auth/login", json=login, timeout=10).json()
        changed = ("central", "account", "password", "ploy", "--json")
        assert answer(with_password(tmp_path, changed, "another long password"))["login"] == "ploy"
        renewed = {"refresh_token": tokens["refresh_token"]}
        assert requests.post(f"{url}/api/auth/refresh", json=renewed, timeout=10).status_code == 401
        assert requests.post(f"{url}/api/auth/login", json=login, timeout=10).status_code == 401
        code = answer(kiosk(tmp_path, "central", "enrol", "--tenant", "River", "--name", "Gate", "--json"))
        assert code["code_prefix"] == "K1"
        body = {"code": code["code"], "kiosk_id": "abc", "name": "n", "version": "1"}
        assert requests.post(f"{url}/api/devices/enrol", json=body, timeout=10).status_code == 201
        (device,) = answer(kiosk(tmp_path, "central", "devices", "--json"))
        assert (device["name"], device["tenant"], device["revoked_at"]) == ("Gate", "River", None)
        assert device["version"] == "1"
        shown = kiosk(tmp_path, "central", "devices", COLUMNS="20").stdout.splitlines()
        assert shown[0] == "abc"
        assert shown[1] == "  River: Gate, K1, enrolled"
        assert shown[2].endswith(", version 1")
        assert shown[2].startswith("  last seen ")
        assert answer(kiosk(tmp_path, "central", "revoke", "abc", "--json"))["revoked_at"]
        headers = {"Authorization": f"Bearer {tokens['access_token']}"}
        listed = requests.get(f"{url}/api/devices", headers=headers, timeout=10).json()["devices"]
        assert listed[0]["revoked_at"]
        assert end(process, signal.SIGTERM) < 8
    key = tmp_path / "central" / "signing.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    with serving(tmp_path) as (process, ready):
        assert ready["needs_admin"] is False
        again = requests.get(f"{ready['url']}/api/devices", headers=headers, timeout=10)
        assert again.status_code == 200  # the key is the same, so the token is still good
        assert end(process, signal.SIGINT) < 8


@pytest.mark.slow
def test_a_second_centre_on_one_folder_and_a_taken_port_are_told(tmp_path: Path) -> None:
    with serving(tmp_path) as (process, ready):
        second = fresh_kiosk(tmp_path, "central", "serve", "--port", "0", "--json")
        assert refusal(second) == ErrorCode.ALREADY_RUNNING
        port = str(urlsplit(str(ready["url"])).port)
        other = str(tmp_path / "other")
        taken = fresh_kiosk(tmp_path, "central", "serve", "--port", port, "--json", CENTRAL_HOME=other)
        assert refusal(taken) == ErrorCode.PORT_TAKEN
        end(process, signal.SIGTERM)


@pytest.mark.slow
def test_callers_who_hang_do_not_keep_a_centre_from_ending(tmp_path: Path) -> None:
    with serving(tmp_path) as (process, ready):
        address = urlsplit(str(ready["url"]))
        assert address.port is not None
        with socket.create_connection(("127.0.0.1", address.port)) as hanging:
            hanging.sendall(b"POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
            time.sleep(0.5)
            assert end(process, signal.SIGTERM) < 12


@pytest.mark.slow
def test_what_cannot_be_done_is_told_by_its_code(tmp_path: Path) -> None:
    assert refusal(add_account(tmp_path, "ploy", "short")) == ErrorCode.REQUEST_INVALID
    assert add_account(tmp_path, "ploy", PASSWORD).returncode == 0
    assert refusal(add_account(tmp_path, "PLOY", PASSWORD)) == ErrorCode.ACCOUNT_TAKEN
    unknown = kiosk(tmp_path, "central", "enrol", "--tenant", "Hill", "--name", "Gate", "--json")
    assert refusal(unknown) == ErrorCode.TENANT_UNKNOWN
    prefix = ("--prefix", "K€")
    wrong = kiosk(tmp_path, "central", "enrol", "--tenant", "River", "--name", "Gate", *prefix, "--json")
    assert refusal(wrong) == ErrorCode.ENROLMENT_INVALID
    assert refusal(kiosk(tmp_path, "central", "revoke", "nobody", "--json")) == ErrorCode.DEVICE_UNKNOWN
    assert answer(kiosk(tmp_path, "central", "tenant", "add", "Hill", "--json"))["name"] == "Hill"
    names = [each["name"] for each in answer(kiosk(tmp_path, "central", "tenant", "list", "--json"))]
    assert names == ["Hill", "River"]


@pytest.mark.slow
def test_events_and_vouchers_are_made_at_the_centre_and_kiosks_hear_of_them(tmp_path: Path) -> None:
    assert add_account(tmp_path, "ploy", PASSWORD).returncode == 0
    at_river = ("--tenant", "River", "--json")
    names = ("--name-th", "วิ่ง", "--place", "Bank")
    made = answer(kiosk(tmp_path, "central", "event", "River Run", *names, *at_river))
    assert (made["name"], made["name_th"], made["place"]) == ("River Run", "วิ่ง", "Bank")
    assert answer(kiosk(tmp_path, "central", "event", "River Run", *at_river)) == made
    nobody = kiosk(tmp_path, "central", "event", "Run", "--tenant", "Hill", "--json")
    assert refusal(nobody) == ErrorCode.TENANT_UNKNOWN
    issue = ("central", "voucher", "river10", "--percent", "10", "--event", "River Run", "--uses", "3")
    issued = answer(kiosk(tmp_path, *issue, *at_river))
    assert (issued["code"], issued["use_limit"]) == ("RIVER10", 3)
    assert refusal(kiosk(tmp_path, *issue, *at_river)) == ErrorCode.VOUCHER_TAKEN
    none = kiosk(tmp_path, "central", "voucher", "X1", "--free", "--event", "Hill Run", *at_river)
    assert refusal(none) == ErrorCode.EVENT_UNKNOWN
    two = kiosk(tmp_path, "central", "voucher", "X1", "--free", "--baht", "5", *at_river)
    assert refusal(two) == ErrorCode.SETTING_INVALID
    with desk_at(tmp_path / "central") as desk, desk._database.reading() as session:
        changed = list(session.execute(select(table_of(ChangeRow))).mappings())
    assert {(each["kind"], each["key"]) for each in changed} >= {
        ("event", made["event_id"]),
        ("voucher", "RIVER10"),
    }


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_a_centre_on_servers_needs_a_signing_key_and_takes_it_from_a_folder(
    tmp_path: Path, postgres_server: object
) -> None:
    url = postgres_server.new_database("serve")  # type: ignore[attr-defined]
    variables = {"CENTRAL_DATABASE__URL": url}
    without = fresh_kiosk(tmp_path, "central", "serve", "--port", "0", "--json", **variables)
    assert refusal(without) == ErrorCode.SECRET_MISSING
    folder = tmp_path / "secrets"
    folder.mkdir()
    (folder / "signing_key").write_text("k" * 40 + "\n")
    (folder / "at_rest_key").write_text("5e" * 32 + "\n")
    variables["CENTRAL_SECRETS"] = str(folder)
    with serving(tmp_path, **variables) as (process, ready):
        assert requests.get(f"{ready['url']}/readyz", timeout=10).json()["is_ready"] is True
        end(process, signal.SIGTERM)
    assert not (tmp_path / "central" / "signing.key").exists()
