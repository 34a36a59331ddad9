"""Secrets in a sealed file: only of this user and this machine, and whole whenever the writer is killed."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import keyring.errors
import pytest

from kiosk.at_rest import machine
from kiosk.at_rest.secret_file import KEY_FILE, SEALED_FILE, SecretFileKeyring
from kiosk.errors import ErrorCode, KnownError
from kiosk.paths import program_root

HERE, THERE = "0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210"
SERVICE = "photo-kiosk"
SECRET = "a-bank-key-that-nobody-may-read"
on_posix = pytest.mark.skipif(os.name != "posix", reason="Windows has rights of another kind")


def ring(folder: Path, this_machine: str = HERE) -> SecretFileKeyring:
    return SecretFileKeyring(folder / "secrets", lambda: this_machine)


def test_what_is_kept_comes_back_and_lies_nowhere_in_clear(tmp_path: Path) -> None:
    ring(tmp_path).set_password(SERVICE, "paynoi_api_key", SECRET)
    ring(tmp_path).set_password(SERVICE, "other", "x")
    ring(tmp_path).delete_password(SERVICE, "other")
    assert ring(tmp_path).get_password(SERVICE, "paynoi_api_key") == SECRET
    assert ring(tmp_path).get_password(SERVICE, "other") is None
    with pytest.raises(keyring.errors.PasswordDeleteError):
        ring(tmp_path).delete_password(SERVICE, "other")
    files = [file.read_bytes() for file in (tmp_path / "secrets").iterdir()]
    assert len(files) == 3
    assert not any(word in data for data in files for word in (SECRET.encode(), b"paynoi", HERE.encode()))


@on_posix
def test_the_files_are_their_owners_alone(tmp_path: Path) -> None:
    ring(tmp_path).set_password(SERVICE, "name", SECRET)
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700
    for name in (SEALED_FILE, KEY_FILE):
        assert stat.S_IMODE((tmp_path / "secrets" / name).stat().st_mode) == 0o600


@on_posix
@pytest.mark.parametrize("name", [".", SEALED_FILE, KEY_FILE])
def test_files_that_others_can_read_are_refused(tmp_path: Path, name: str) -> None:
    ring(tmp_path).set_password(SERVICE, "name", SECRET)
    path = tmp_path / "secrets" / name
    path.chmod(path.stat().st_mode | stat.S_IRGRP)
    for use in (lambda: ring(tmp_path).get_password(SERVICE, "name"), lambda: keep(tmp_path)):
        with pytest.raises(KnownError) as refused:
            use()
        assert refused.value.code is ErrorCode.SECRETS_EXPOSED
        assert "chmod" in refused.value.next_step
    path.chmod(path.stat().st_mode & ~stat.S_IRGRP)
    assert ring(tmp_path).get_password(SERVICE, "name") == SECRET


@on_posix
def test_files_of_another_user_are_refused_and_no_right_is_to_blame(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring(tmp_path).set_password(SERVICE, "name", SECRET)
    if os.getuid() == 0:  # what root owns anybody may use who can
        os.chown(tmp_path / "secrets", 12345, -1)
    else:
        monkeypatch.setattr("os.getuid", lambda: 12345)
    with pytest.raises(KnownError) as refused:
        ring(tmp_path).get_password(SERVICE, "name")
    assert refused.value.code is ErrorCode.SECRETS_EXPOSED
    assert "another user" in refused.value.detail
    assert "chmod" not in refused.value.next_step


def keep(folder: Path) -> None:
    ring(folder).set_password(SERVICE, "name", SECRET)


def test_a_copy_on_another_machine_is_unreadable_and_says_why(tmp_path: Path) -> None:
    ring(tmp_path).set_password(SERVICE, "name", SECRET)
    for use in (lambda: ring(tmp_path, THERE).get_password(SERVICE, "name"),):
        with pytest.raises(KnownError) as refused:
            use()
        assert refused.value.code is ErrorCode.SECRETS_UNREADABLE
        assert "another machine" in refused.value.detail
        assert "kiosk sync enrol CODE" in refused.value.next_step
    assert ring(tmp_path).get_password(SERVICE, "name") == SECRET, "and nothing was broken by the try"


@pytest.mark.parametrize("name", [SEALED_FILE, KEY_FILE])
def test_a_damaged_file_is_never_taken_for_a_good_one(tmp_path: Path, name: str) -> None:
    ring(tmp_path).set_password(SERVICE, "name", SECRET)
    path = tmp_path / "secrets" / name
    whole = path.read_bytes()
    for place in range(0, len(whole), 7):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(KnownError) as refused:
            ring(tmp_path).get_password(SERVICE, "name")
        assert refused.value.code is ErrorCode.SECRETS_UNREADABLE
    path.write_bytes(whole[:20])
    with pytest.raises(KnownError):
        ring(tmp_path).get_password(SERVICE, "name")


def test_what_was_kept_before_the_machine_had_an_id_stays_and_is_bound_with_the_next_write(
    tmp_path: Path,
) -> None:
    ring(tmp_path, "").set_password(SERVICE, "name", SECRET)
    assert not ring(tmp_path, "").is_bound
    assert ring(tmp_path).get_password(SERVICE, "name") == SECRET
    ring(tmp_path).set_password(SERVICE, "other", "x")
    with pytest.raises(KnownError):
        ring(tmp_path, THERE).get_password(SERVICE, "name")


def test_threads_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    def write(number: int) -> None:
        ring(tmp_path).set_password(SERVICE, f"stream.{number}", str(number))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [ring(tmp_path).get_password(SERVICE, f"stream.{n}") for n in range(8)] == [*map(str, range(8))]


_WRITER = """
import sys
from pathlib import Path
from kiosk.at_rest.secret_file import SecretFileKeyring
ring = SecretFileKeyring(Path(sys.argv[1]) / "secrets", lambda: sys.argv[2])
number = 0
while True:
    number += 1
    ring.set_password("photo-kiosk", "counter", f"{number:06}")
    print(number, flush=True)
"""


def test_a_writer_that_is_killed_leaves_the_old_or_the_new_never_a_broken_file(tmp_path: Path) -> None:
    ring(tmp_path).set_password(SERVICE, "name", SECRET)
    for moment in range(6):
        writer = subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(tmp_path), HERE],
            stdout=subprocess.PIPE,
            cwd=program_root(),
            text=True,
        )
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(0.0037 * moment)
        writer.kill()
        told = [int(line) for line in writer.stdout.read().split()]
        writer.wait()
        writer.stdout.close()
        kept = int(ring(tmp_path).get_password(SERVICE, "counter") or 0)
        assert kept in ((told[-1] if told else 1), (told[-1] if told else 1) + 1)
        assert ring(tmp_path).get_password(SERVICE, "name") == SECRET
    ring(tmp_path).set_password(SERVICE, "name", SECRET)
    assert not list((tmp_path / "secrets").glob(f".{SEALED_FILE}*")), "what a killed writer left is swept"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads Linux' file")
def test_the_id_of_this_machine_is_the_one_that_the_system_tells(tmp_path: Path) -> None:
    file = Path("/etc/machine-id")
    if not file.exists() or len(file.read_text().strip()) != 32:
        pytest.skip("this machine has no id")
    assert machine.machine_id() == file.read_text().strip()


def test_a_mac_tells_its_id_among_other_words() -> None:
    told = '    {\n      "IOPlatformUUID" = "0B5B1A0E-1111-2222-3333-444444444444"\n      "model" = <"Mac">\n'
    assert machine.uuid_of(told) == "0B5B1A0E-1111-2222-3333-444444444444"
    assert machine.uuid_of("nothing of that kind") == ""
