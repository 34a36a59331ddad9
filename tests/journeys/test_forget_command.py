"""`kiosk forget` and `kiosk central verify-proof` as real processes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk.app import open_kiosk
from kiosk.central.proofs import ProofKey
from kiosk.database.consents import SqlConsentRepository
from kiosk.database.deletions import DeletionState, Holder
from kiosk.database.engine import open_database
from kiosk.database.photos import SqlPhotoRepository
from kiosk.errors import ErrorCode
from kiosk.language import Language
from kiosk.photos.erasure import Deletion
from kiosk.photos.folder_store import FolderObjectStore
from kiosk.photos.types import PhotoEvent, key_of_original
from kiosk.session.types import ConsentRecord
from kiosk.settings import DeliverySection, PaymentSection, Settings
from tests.command_line import answer, kiosk, refusal
from tests.visit import EVENT_ID, START, photo
from tests.watching import wait_until


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A kiosk's data with two photos on sale, and a consent."""
    database = open_database(tmp_path / "kiosk.db")
    photos, store = SqlPhotoRepository(database), FolderObjectStore(tmp_path / "objects")
    photos.add_event(PhotoEvent(EVENT_ID, "Run", "", START))
    for number in (1, 2):
        photos.add_photo(photo(number), [])
        store.put(key_of_original(photo(number)), f"picture {number}".encode())
    consent = ConsentRecord("c1", EVENT_ID, "1", Language.THAI, START)
    SqlConsentRepository(database).add_consent(consent)
    database.close()
    return tmp_path


def on_sale(home: Path) -> list[int]:
    database = open_database(home / "kiosk.db")
    try:
        return [one.number for one in SqlPhotoRepository(database).photos(EVENT_ID)]
    finally:
        database.close()


def test_a_kiosk_alone_forgets_a_photo_and_lists_the_proof(home: Path) -> None:
    told = answer(kiosk(home, "forget", "--photo", "1", "--event", "Run", "--json"))
    assert told["what"] == "photos"
    assert told["done_at"] is not None
    assert told["proof_url"] is None
    assert told["removed"]["photos"] == 1
    assert told["removed"]["originals"] == 1
    assert on_sale(home) == [2]
    assert not FolderObjectStore(home / "objects").has(key_of_original(photo(1)))
    listed = answer(kiosk(home, "forget", "--list", "--json"))
    assert [each["deletion_id"] for each in listed] == [told["deletion_id"]]
    assert told["deletion_id"] in kiosk(home, "forget", "--list", COLUMNS="80").stdout.splitlines()


def test_a_consent_is_taken_back_once_and_unknown_things_are_named(home: Path) -> None:
    first = answer(kiosk(home, "forget", "--consent", "c1", "--json"))
    again = answer(kiosk(home, "forget", "--consent", "c1", "--json"))
    assert first["deletion_id"] == again["deletion_id"]
    assert first["removed"]["consents"] == 1
    for arguments, code in (
        (("--photo", "9", "--event", "Run"), ErrorCode.PHOTO_UNKNOWN),
        (("--photo", "1", "--event", "Nowhere"), ErrorCode.EVENT_UNKNOWN),
        (("--order", "A-7K3M"), ErrorCode.ORDER_UNKNOWN),
        (("--consent", "c9"), ErrorCode.DELETION_UNKNOWN),
    ):
        assert refusal(kiosk(home, "forget", *arguments, "--json")) == code
    assert kiosk(home, "forget", "--photo", "1").returncode == 2
    assert kiosk(home, "forget").returncode == 2


@pytest.mark.slow
def test_beside_a_running_kiosk_the_kiosk_does_it(home: Path) -> None:
    settings = Settings(
        payment=PaymentSection(promptpay_id="0800000000"),
        delivery=DeliverySection(host="127.0.0.1", port=0),
    )
    running = open_kiosk(home, settings)
    running.start()
    try:
        told = answer(kiosk(home, "forget", "--photo", "2", "--event", "Run", "--json"))
        wait_until(lambda: running.archive.photos.count(EVENT_ID) == 1)
        wait_until(
            lambda: answer(kiosk(home, "forget", "--list", "--json"))[0]["done_at"] is not None, timeout_s=30
        )
    finally:
        running.stop()
    assert told["what"] == "photos"
    assert on_sale(home) == [1]


def test_the_verifier_takes_a_genuine_proof_and_refuses_a_changed_one(tmp_path: Path) -> None:
    at = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
    key = ProofKey(Ed25519PrivateKey.generate())
    state = DeletionState(Deletion("d1", "t", at), "admin:x", at, (Holder("database", at, {}),))
    proof, public = tmp_path / "proof.json", tmp_path / "key.json"
    public.write_text(json.dumps({"key_id": key.key_id, "public_key_pem": key.public_pem}))
    proof.write_text(json.dumps({"proof": key.sign(state)}))
    told = answer(kiosk(tmp_path, "central", "verify-proof", proof, "--key", public, "--json"))
    assert told["sub"] == "d1"
    assert "Genuine" in kiosk(tmp_path, "central", "verify-proof", proof, "--key", public).stdout
    proof.write_text(key.sign(state)[:-8] + "AAAAAAAA")
    refused = refusal(kiosk(tmp_path, "central", "verify-proof", proof, "--key", public, "--json"))
    assert refused == ErrorCode.RECORD_INVALID
    without = refusal(kiosk(tmp_path, "central", "verify-proof", proof, "--json"))
    assert without == ErrorCode.SECRET_MISSING
