"""Secrets: in the machine's keyring, or a clear word that they are not."""

from __future__ import annotations

from collections.abc import Iterator

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring

from kiosk.errors import ErrorCode, KnownError
from kiosk.secrets import read_secret, write_secret


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


def test_a_machine_without_a_keyring_says_so_without_the_secret() -> None:
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
