"""What is believed of a package: signatures of the real minisign, and everything that is not quite one."""

from __future__ import annotations

import base64
import binascii
import io
import os
import shutil
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk.errors import ErrorCode, KnownError
from kiosk.runtime.file_lock import FileLock
from kiosk.updates.package import (
    SIGNATURE_ENDING,
    Installed,
    Package,
    check_wanted,
    comment_of,
    keys_in,
    named,
    order_of,
    verified,
)
from kiosk.updates.places import StagingPlaces
from kiosk.updates.request import read_request
from kiosk.updates.staging import Staging
from kiosk.updates.sticks import packages_on_sticks
from tests.updates import ARCHITECTURE, Signer, minisign

NAME = "photo-kiosk_0.2.0_amd64.deb"
PACKAGE = Package(NAME, "0.2.0", "amd64")
HERE = Installed("0.1.0", ARCHITECTURE)


def refused(code: ErrorCode, act: Callable[[], object]) -> KnownError:
    with pytest.raises(KnownError) as told:
        act()
    assert told.value.code is code
    assert told.value.next_step
    return told.value


@pytest.fixture
def signer() -> Signer:
    return Signer.new()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "stick" / NAME
    file.parent.mkdir()
    file.write_bytes(os.urandom(100_000))
    return file


@pytest.fixture
def staging(tmp_path: Path, signer: Signer) -> Staging:
    return Staging(StagingPlaces(tmp_path / "home"), signer.publish(tmp_path / "update.pub"), HERE)


@pytest.mark.skipif(shutil.which("minisign") is None, reason="the program minisign is not here")
def test_what_the_real_minisign_signs_is_verified(tmp_path: Path, file: Path) -> None:
    keys, secret = tmp_path / "update.pub", tmp_path / "secret.key"
    made = ["minisign", "-G", "-W", "-p", str(keys), "-s", str(secret)]
    subprocess.run(made, check=True, capture_output=True)
    comment = comment_of(PACKAGE)
    sign = ["minisign", "-S", "-s", str(secret), "-m", str(file), "-t", comment]
    subprocess.run(sign, check=True, capture_output=True)

    staging = Staging(StagingPlaces(tmp_path / "home"), keys, HERE)

    assert staging.take(file) == PACKAGE


@pytest.mark.skipif(shutil.which("minisign") is None, reason="the program minisign is not here")
def test_the_real_minisign_verifies_what_tests_sign(tmp_path: Path, file: Path, signer: Signer) -> None:
    signer.sign(file)
    keys = signer.publish(tmp_path / "update.pub")
    done = subprocess.run(
        ["minisign", "-V", "-p", str(keys), "-m", str(file)], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "version:0.2.0" in done.stdout


def test_any_of_several_keys_will_do(tmp_path: Path, file: Path) -> None:
    old, new = Signer.new(), Signer.new()
    keys = tmp_path / "update.pub"
    keys.write_bytes(b"\n".join(bytes(one.keys.public_key) for one in (old, new)) + b"\n\n")
    signature = new.sign(file)
    with file.open("rb") as opened:
        assert verified(opened, signature, keys_in(keys)) == PACKAGE


@pytest.mark.parametrize("written", [None, b"", b"one line", b"untrusted comment: x\nnonsense\n"])
def test_without_keys_nothing_is_taken(tmp_path: Path, written: bytes | None) -> None:
    keys = tmp_path / "update.pub"
    if written is not None:
        keys.write_bytes(written)
    refused(ErrorCode.UPDATE_NO_KEYS, lambda: keys_in(keys))


def check(signer: Signer, data: bytes, signature: bytes) -> Package:
    return verified(io.BytesIO(data), signature, (signer.keys.public_key,))


def decoded(signature: bytes) -> list[bytes]:
    """What the lines mean; those that are not base64 as they are."""
    meant = []
    for line in signature.split(b"\n"):
        try:
            meant.append(base64.b64decode(line, validate=True))
        except binascii.Error:
            meant.append(line)
    return meant


def test_no_changed_byte_of_file_or_signature_passes(signer: Signer, file: Path) -> None:
    data, signature = file.read_bytes(), signer.sign(file)
    check(signer, data, signature)
    for changed in (data[:-1], data + b"\0", bytes([data[0] ^ 1]) + data[1:], b""):
        refused(ErrorCode.UPDATE_FORGED, lambda changed=changed: check(signer, changed, signature))
    first = signature.index(b"\n") + 1  # the untrusted comment is not signed, and not read
    for at in range(first, len(signature)):
        spoilt = signature[:at] + bytes([signature[at] ^ 1]) + signature[at + 1 :]
        if decoded(spoilt) == decoded(signature):
            continue  # the last digit of base64 has bits that mean nothing
        with pytest.raises(KnownError) as told:
            check(signer, data, spoilt)
        assert told.value.code in (ErrorCode.UPDATE_FORGED, ErrorCode.UPDATE_UNREADABLE)


def test_a_signature_over_the_file_itself_is_of_the_old_sort(signer: Signer, file: Path) -> None:
    old = signer.keys.secret_key.sign(file.read_bytes(), prehash=False, trusted_comment=comment_of(PACKAGE))
    refused(ErrorCode.UPDATE_UNREADABLE, lambda: check(signer, file.read_bytes(), bytes(old)))


@pytest.mark.parametrize(
    "comment",
    [
        "timestamp:1\tfile:a\thashed",
        "product:photo-kiosk\tversion:new\tarchitecture:amd64\tfile:photo-kiosk_new_amd64.deb",
        "product:photo-kiosk\tversion:0.2.0\tarchitecture:amd64\tfile:../../etc/passwd",
        "product:photo-kiosk\tversion:0.2.0\tarchitecture:amd64\tfile:photo-kiosk_0.3.0_amd64.deb",
        "",
    ],
)
def test_a_comment_that_does_not_say_all_is_none(signer: Signer, file: Path, comment: str) -> None:
    signed = bytes(signer.keys.secret_key.sign(file.read_bytes(), trusted_comment=comment))
    refused(ErrorCode.UPDATE_UNREADABLE, lambda: check(signer, file.read_bytes(), signed))


@pytest.mark.parametrize(
    ("package", "code"),
    [
        (Package("", "0.1.0", "amd64"), ErrorCode.UPDATE_OLDER),
        (Package("", "0.0.99", "amd64"), ErrorCode.UPDATE_OLDER),
        (Package("", "0.2.0", "arm64"), ErrorCode.UPDATE_ELSEWHERE),
        (Package("", "0.2.0", "amd64", "another"), ErrorCode.UPDATE_ELSEWHERE),
        (Package("", "0.3.0", "amd64"), ErrorCode.UPDATE_FAILED_BEFORE),
    ],
)
def test_what_is_older_elsewhere_or_failed_before_is_not_wanted(package: Package, code: ErrorCode) -> None:
    refused(code, lambda: check_wanted(package, HERE, ("0.3.0",)))


def test_versions_stand_by_number_and_not_by_letter() -> None:
    assert order_of("0.10.0") > order_of("0.9.9")
    assert order_of("1.0") == order_of("1.0.0")
    for nonsense in ("", "1", "1.0-rc1", "1.0.0.0.0", "٣.٤", "9999999.0"):
        refused(ErrorCode.UPDATE_UNREADABLE, lambda nonsense=nonsense: order_of(nonsense))


@pytest.mark.parametrize("name", ["kiosk.deb", "../photo-kiosk_0.2.0_amd64.deb", "a_b_c_d.deb", ""])
def test_a_file_of_another_name_is_none(name: str) -> None:
    refused(ErrorCode.UPDATE_UNREADABLE, lambda: named(name))


def test_a_stick_s_package_is_copied_and_ready_without_the_stick(
    staging: Staging, signer: Signer, file: Path
) -> None:
    signer.sign(file)
    assert packages_on_sticks((file.parent.parent,)) == [file]
    assert staging.take(file) == PACKAGE
    shutil.rmtree(file.parent)
    assert staging.check_ready() == PACKAGE


def test_a_bad_package_leaves_the_good_one_ready(staging: Staging, signer: Signer, file: Path) -> None:
    signer.sign(file)
    staging.take(file)
    file.write_bytes(b"other")
    refused(ErrorCode.UPDATE_FORGED, lambda: staging.take(file))
    file.with_name(file.name + SIGNATURE_ENDING).unlink()
    refused(ErrorCode.UPDATE_UNREADABLE, lambda: staging.take(file))
    assert staging.check_ready() == PACKAGE


def test_two_programs_do_not_bring_updates_here_at_once(
    staging: Staging, signer: Signer, file: Path, tmp_path: Path
) -> None:
    signer.sign(file)
    lock = FileLock.take(StagingPlaces(tmp_path / "home").staging_lock)
    assert lock is not None
    refused(ErrorCode.UPDATE_UNDER_WAY, lambda: staging.take(file))
    lock.release()
    assert staging.take(file) == PACKAGE


def test_a_request_without_a_time_zone_is_none(tmp_path: Path) -> None:
    path = tmp_path / "request.json"
    path.write_text('{"request_id": "a", "wanted": "apply", "at": "2026-11-20T03:00:00"}', encoding="utf-8")
    assert read_request(path) is None


def test_what_is_installed_already_is_thrown_away(
    staging: Staging, signer: Signer, file: Path, tmp_path: Path
) -> None:
    signer.sign(file)
    staging.take(file)
    after = Staging(StagingPlaces(tmp_path / "home"), tmp_path / "update.pub", Installed("0.2.0", "amd64"))
    assert after.ready() is None
    assert staging.ready() is None
    refused(ErrorCode.UPDATE_NONE, staging.check_ready)


def test_one_that_is_too_large_is_refused_before_a_byte_is_fetched(staging: Staging) -> None:
    from kiosk.updates.staging import Offer

    class Large:
        def offer(self, installed: Installed) -> Offer | None:
            return Offer(NAME, 10**12, b"")

        def part(self, offer: Offer, start: int, size: int) -> bytes:
            raise AssertionError("nothing of it is fetched")

    refused(ErrorCode.UPDATE_TOO_LARGE, lambda: staging.fetch(Large(), threading.Event()))


def test_the_library_is_the_one_that_knows_the_format() -> None:
    """RW…: a key of minisign's own documentation is read as it is written."""
    text = b"untrusted comment: minisign public key\nRWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3"
    assert minisign.PublicKey.from_bytes(text)
