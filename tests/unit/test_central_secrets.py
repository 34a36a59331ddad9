"""Where a centre's secrets come from."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from kiosk.central.secrets import CentralSecrets, open_secrets
from kiosk.errors import ErrorCode, KnownError


@pytest.fixture(autouse=True)
def stored(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What the keyring holds."""
    passwords: dict[str, str] = {}
    monkeypatch.setattr("kiosk.secrets.find_secret", passwords.get)
    return passwords


def test_a_file_of_the_folder_wins_over_the_keyring(tmp_path: Path, stored: dict[str, str]) -> None:
    stored.update(paynoi_api_key="of the keyring", redis_password="kept")
    (tmp_path / "paynoi_api_key").write_text("of the folder\n")
    (tmp_path / "redis_password").write_text("\n")  # empty: as if it were not there
    secrets = open_secrets(tmp_path, is_embedded=True, environment={"CENTRAL_SECRETS": str(tmp_path)})
    assert secrets.read("paynoi_api_key") == "of the folder"
    assert secrets.read("redis_password") == "kept"
    assert secrets.find("minio_access_key") is None
    with pytest.raises(KnownError, match="minio_access_key") as missing:
        secrets.read("minio_access_key")
    assert missing.value.code is ErrorCode.SECRET_MISSING


def test_without_a_keyring_an_embedded_centre_makes_its_key_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_keyring(_name: str) -> None:
        raise KnownError(ErrorCode.SECRET_MISSING, "There is no keyring.")

    monkeypatch.setattr("kiosk.secrets.find_secret", no_keyring)
    keys: set[bytes] = set()
    secrets = CentralSecrets(tmp_path / "home", None, makes_key=True)
    threads = [threading.Thread(target=lambda: keys.add(secrets.signing_key())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 1
    (file,) = (tmp_path / "home").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600 or os.name == "nt"


def test_a_centre_on_servers_makes_no_key_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(KnownError) as missing:
        CentralSecrets(tmp_path, None, makes_key=False).signing_key()
    assert missing.value.code is ErrorCode.SECRET_MISSING
    assert list(tmp_path.iterdir()) == []


def test_a_short_signing_key_is_refused_without_showing_it(tmp_path: Path, stored: dict[str, str]) -> None:
    stored["signing_key"] = "too short"
    with pytest.raises(KnownError) as short:
        CentralSecrets(tmp_path, None, makes_key=True).signing_key()
    assert short.value.code is ErrorCode.SETTING_INVALID
    assert "too short" not in str(short.value)
