"""A proof is genuine only as the centre signed it, and the key that signs is nobody else's to read."""

from __future__ import annotations

import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from kiosk.central.proofs import KEY_FILE, PROOF_KEY, ProofKey, load_proof_key, verify_proof
from kiosk.central.secrets import CentralSecrets
from kiosk.database.deletions import DeletionState, Holder
from kiosk.errors import ErrorCode, KnownError
from kiosk.gallery.types import FaceKey
from kiosk.photos.erasure import Deletion

AT = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
PHOTO = "0123456789abcdef" * 2


def state(*holders: Holder) -> DeletionState:
    deletion = Deletion(
        "d1",
        "tenant",
        AT,
        event_id="event-9",
        photo_ids=(PHOTO,),
        faces=(FaceKey("f" * 32, 3),),
        order_id="order-9",
        consent_id="consent-9",
        person_id="person-9",
    )
    return DeletionState(deletion, "admin:somebody", None, holders)


DONE = state(
    Holder("database", AT + timedelta(seconds=1), {"photos": 1}),
    Holder("kiosk:k1", AT + timedelta(seconds=9), {}),
)


def secrets_in(folder: Path) -> CentralSecrets:
    return CentralSecrets(folder, folder, makes_key=True)


def test_the_key_is_made_once_and_only_its_user_reads_it(tmp_path: Path) -> None:
    key = load_proof_key(tmp_path, secrets_in(tmp_path), is_embedded=True)
    again = load_proof_key(tmp_path, secrets_in(tmp_path), is_embedded=True)
    assert key.key_id == again.key_id
    if os.name == "posix":
        assert stat.S_IMODE((tmp_path / KEY_FILE).stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [KEY_FILE]


def test_a_centre_on_servers_is_given_its_key_or_says_that_it_is_missing(tmp_path: Path) -> None:
    with pytest.raises(KnownError) as missing:
        load_proof_key(tmp_path, secrets_in(tmp_path), is_embedded=False)
    assert missing.value.code is ErrorCode.SECRET_MISSING
    given = pem(Ed25519PrivateKey.generate())
    (tmp_path / PROOF_KEY).write_text(given)
    key = load_proof_key(tmp_path, secrets_in(tmp_path), is_embedded=False)
    assert not (tmp_path / KEY_FILE).exists()
    assert verify_proof(key.sign(DONE), key.public_pem)["sub"] == "d1"


def pem(key: object) -> str:
    assert hasattr(key, "private_bytes")
    return str(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()
    )


@pytest.mark.parametrize("broken", ["not a key", pem(generate_private_key(65537, 2048))])
def test_a_key_of_another_kind_is_refused_by_name(tmp_path: Path, broken: str) -> None:
    (tmp_path / PROOF_KEY).write_text(broken)
    with pytest.raises(KnownError) as invalid:
        load_proof_key(tmp_path, secrets_in(tmp_path), is_embedded=True)
    assert invalid.value.code is ErrorCode.SETTING_INVALID


def test_a_proof_tells_holders_times_and_counts_and_names_nothing_of_anybody() -> None:
    key = ProofKey(Ed25519PrivateKey.generate())
    proof = key.sign(DONE)
    assert key.sign(DONE) == proof
    claims = verify_proof(proof, key.public_pem)
    assert claims["completed_at"] == "2026-11-20T08:00:09+00:00"
    assert claims["is_complete"] is True
    assert [holder["removed"] for holder in claims["holders"]] == [{"photos": 1}, {}]
    for named in (PHOTO, "f" * 32, "event-9", "order-9", "consent-9", "person-9", "somebody"):
        assert named not in str(claims)


def test_a_proof_does_not_say_complete_where_a_kiosk_was_shut_out() -> None:
    key = ProofKey(Ed25519PrivateKey.generate())
    shut_out = state(DONE.holders[0], Holder("kiosk:k1", None, {}, revoked_at=AT + timedelta(days=1)))
    assert shut_out.waiting == 0
    claims = verify_proof(key.sign(shut_out), key.public_pem)
    assert claims["is_complete"] is False
    assert claims["holders"][1]["state"] == "revoked"


def test_a_proof_of_another_key_or_changed_by_one_letter_is_not_genuine() -> None:
    key, other = ProofKey(Ed25519PrivateKey.generate()), ProofKey(Ed25519PrivateKey.generate())
    proof = key.sign(DONE)
    head, payload, signature = proof.split(".")
    letter = "A" if payload[20] != "A" else "B"
    changed = f"{head}.{payload[:20]}{letter}{payload[21:]}.{signature}"
    for text, public in (
        (proof, other.public_pem),
        (changed, key.public_pem),
        ("", key.public_pem),
        ("ก.ข.ค", key.public_pem),
    ):
        with pytest.raises(KnownError) as refused:
            verify_proof(text, public)
        assert refused.value.code is ErrorCode.RECORD_INVALID
    with pytest.raises(KnownError) as no_key:
        verify_proof(proof, "nonsense")
    assert no_key.value.code is ErrorCode.SETTING_INVALID
