"""Secrets: in the machine's keyring, or a clear word that they are not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring
from typer.testing import CliRunner

from kiosk.archive import DATABASE_FILE
from kiosk.at_rest.secret_file import KEY_FILE, LOCK_FILE, SEALED_FILE
from kiosk.cli import app
from kiosk.database.engine import open_database
from kiosk.database.meta import SqlMeta
from kiosk.errors import ErrorCode, KnownError
from kiosk.secrets import (
    KeyringSecrets,
    delete_secret,
    device_key_name,
    find_secret,
    read_secret,
    where_kept,
    write_secret,
)


class MemoryKeyring(KeyringBackend):
    """A keyring of this test's own."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password


@pytest.fixture(autouse=True)
def own_keyring() -> Iterator[None]:
    before = keyring.get_keyring()
    keyring.set_keyring(MemoryKeyring())
    yield
    keyring.set_keyring(before)


def test_a_secret_is_read_as_it_was_stored() -> None:
    write_secret("minio_secret_key", "hidden")
    assert read_secret("minio_secret_key") == "hidden"


def test_a_secret_that_is_not_there_is_named_with_the_command_that_sets_it() -> None:
    with pytest.raises(KnownError) as refused:
        read_secret("minio_access_key")
    assert refused.value.code is ErrorCode.SECRET_MISSING
    assert refused.value.next_step == "Set it with: kiosk secret minio_access_key"


def test_a_machine_that_is_to_have_no_keyring_says_so_without_the_secret(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    keyring.set_keyring(NoKeyring())
    with pytest.raises(KnownError) as not_read:
        read_secret("paynoi_api_key")
    with pytest.raises(KnownError) as not_written:
        write_secret("paynoi_api_key", "hidden")
    for refused in (not_read.value, not_written.value):
        assert refused.code is ErrorCode.SECRET_MISSING
        assert "hidden" not in str(refused)
        assert "apt install gnome-keyring" in refused.next_step
        assert refused.next_step.endswith("kiosk secret paynoi_api_key")


def test_a_session_without_a_keyring_keeps_secrets_in_a_sealed_file_of_the_kiosk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KIOSK_HOME", str(tmp_path))
    monkeypatch.delenv("PYTHON_KEYRING_BACKEND", raising=False)
    assert "keyring of the system" in where_kept()
    keyring.set_keyring(NoKeyring())
    assert where_kept().startswith("in a file of this kiosk, encrypted")
    write_secret("paynoi_api_key", "hidden in a file")
    assert read_secret("paynoi_api_key") == "hidden in a file"
    delete_secret("paynoi_api_key")
    delete_secret("paynoi_api_key")
    assert find_secret("paynoi_api_key") is None
    assert {file.name for file in (tmp_path / "keyring").iterdir()} == {SEALED_FILE, KEY_FILE, LOCK_FILE}


def test_a_camera_whose_password_finds_no_keyring_is_to_be_added_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    keyring.set_keyring(NoKeyring())
    with pytest.raises(KnownError) as refused:
        KeyringSecrets().write("stream.7", "hidden")
    assert refused.value.code is ErrorCode.SECRET_MISSING
    assert refused.value.next_step.endswith("then add or change the camera again")
    assert "hidden" not in str(refused.value)


def test_a_key_of_several_lines_comes_whole_from_standard_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KIOSK_HOME", str(tmp_path))
    pem = "-----BEGIN PRIVATE KEY-----\nMC4CAQ\n-----END PRIVATE KEY-----"
    assert CliRunner().invoke(app, ["secret", "proof_key"], input=f"{pem}\n").exit_code == 0
    assert read_secret("proof_key") == pem
    assert CliRunner().invoke(app, ["secret", "proof_key"], input="\n").exit_code == 2
    assert CliRunner().invoke(app, ["secret", "unknown"], input="x").exit_code == 2


def test_a_device_key_is_of_one_kiosk_and_its_loss_ends_with_a_new_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KIOSK_HOME", str(tmp_path))
    assert CliRunner().invoke(app, ["secret", "central_device_key"], input="key").exit_code == 0
    database = open_database(tmp_path / DATABASE_FILE)
    assert read_secret(device_key_name(SqlMeta(database).kiosk_id())) == "key"
    database.close()
    with pytest.raises(KnownError) as refused:
        read_secret(device_key_name("another"))
    assert refused.value.next_step == "Ask an admin for a code and enrol again: kiosk sync enrol CODE"
