"""The signed proof that everything was forgotten: a JWS with Ed25519, which anybody checks with the centre's
public key. It names no face, photo or person: the deletion's id, holders, times and counts."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from kiosk.central.secrets import CentralSecrets, keep_key
from kiosk.database.deletions import DeletionState, Holder
from kiosk.errors import ErrorCode, KnownError

PROOF_KEY = "proof_key"
KEY_FILE = "proof-key.pem"
_ALGORITHM = "EdDSA"
_TYPE = "deletion-proof+jwt"


@dataclass(frozen=True, slots=True)
class ProofKey:
    """The key that signs proofs. `key_id` tells it from others: the start of its public half's sha256."""

    private: Ed25519PrivateKey

    @property
    def public_pem(self) -> str:
        """The half that everybody may have."""
        return (
            self.private.public_key()
            .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
            .decode("ascii")
        )

    @property
    def key_id(self) -> str:
        return key_id_of(self.private.public_key())

    def sign(self, state: DeletionState) -> str:
        """The proof of a deletion that nobody is waited for any more; the same each time it is asked for."""
        headers = {"kid": self.key_id, "typ": _TYPE}
        return jwt.encode(_claims(state), self.private, _ALGORITHM, headers)


def load_proof_key(home: Path, secrets_of_centre: CentralSecrets, *, is_embedded: bool) -> ProofKey:
    """The secret `proof_key` (PKCS #8 in PEM). A centre on embedded stores that was given none makes one in
    its home folder, readable by its user alone; several processes on servers must share one.

    Raises KnownError: SECRET_MISSING, SETTING_INVALID, FOLDER_NOT_WRITABLE.
    """
    given = secrets_of_centre.find(PROOF_KEY)
    if given is not None:
        return _read_key(given)
    path = home / KEY_FILE
    if not is_embedded and not path.exists():
        secrets_of_centre.read(PROOF_KEY)  # says what is missing
    try:
        return _read_key(path.read_text("ascii") if path.exists() else keep_key(path, _fresh_key()))
    except OSError as refused:
        raise KnownError(
            ErrorCode.FOLDER_NOT_WRITABLE,
            f"The key of proofs in {home} cannot be read or written ({type(refused).__name__}).",
            "Give the centre's user the rights to its home folder.",
        ) from refused


def own_public_key(home: Path) -> str:
    """The public half of the key in a centre's home folder. Raises KnownError(SECRET_MISSING)."""
    path = home / KEY_FILE
    try:
        return _read_key(path.read_text("ascii")).public_pem
    except OSError as missing:
        raise KnownError(
            ErrorCode.SECRET_MISSING,
            f"There is no key of proofs in {home}.",
            "Name the file of the public key with --key.",
        ) from missing


def key_id_of(public: Ed25519PublicKey) -> str:
    """The id under which a proof names the key that signed it."""
    raw = public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return hashlib.sha256(raw).hexdigest()[:16]


def verify_proof(proof: str, public_pem: str) -> dict[str, Any]:
    """What a proof says, once its signature is found to be the key's.

    Raises KnownError: SETTING_INVALID (no public key), RECORD_INVALID (changed, or signed by another key).
    """
    try:
        public = serialization.load_pem_public_key(public_pem.encode())
    except ValueError as broken:
        raise KnownError(
            ErrorCode.SETTING_INVALID,
            "This is no public key in PEM.",
            "Take it from /api/deletions/key of the centre.",
        ) from broken
    if not isinstance(public, Ed25519PublicKey):
        raise KnownError(ErrorCode.SETTING_INVALID, "The public key is not one of Ed25519.")
    try:
        # A proof is as good in ten years: none of its times is compared with now.
        claims = jwt.decode(
            proof.strip(), public, [_ALGORITHM], options={"verify_iat": False, "require": ["sub", "holders"]}
        )
        if jwt.get_unverified_header(proof.strip()).get("typ") != _TYPE:
            raise jwt.InvalidTokenError("of another type")
    except (jwt.PyJWTError, UnicodeError) as invalid:
        raise KnownError(
            ErrorCode.RECORD_INVALID,
            f"The proof is not genuine: it was changed, or another key signed it ({type(invalid).__name__}).",
            "Ask the centre for it anew, and compare the id of the key.",
        ) from invalid
    return dict(claims)


def completed_at(state: DeletionState) -> datetime | None:
    """When the last holder that was waited for confirmed; None while one is waited for."""
    if state.waiting:
        return None
    times = [holder.confirmed_at or holder.revoked_at for holder in state.holders]
    return max((at for at in times if at is not None), default=state.done_at)


def state_of(holder: Holder) -> str:
    """confirmed, waiting, or revoked: a kiosk that was shut out before it confirmed."""
    if holder.confirmed_at is not None:
        return "confirmed"
    return "waiting" if holder.is_waiting else "revoked"


def _claims(state: DeletionState) -> dict[str, Any]:
    return {
        "iss": "photo-kiosk-centre",
        "sub": state.deletion.deletion_id,
        "requested_at": _moment(state.deletion.requested_at),
        "completed_at": _moment(completed_at(state)),
        "is_complete": all(holder.confirmed_at is not None for holder in state.holders),
        "holders": [
            {
                "holder": holder.name,
                "state": state_of(holder),
                "confirmed_at": _moment(holder.confirmed_at),
                "revoked_at": _moment(holder.revoked_at),
                "removed": dict(sorted(holder.removed.items())),
            }
            for holder in state.holders
        ],
    }


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="seconds")


def _read_key(pem: str) -> ProofKey:
    try:
        key = serialization.load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError) as broken:
        raise KnownError(
            ErrorCode.SETTING_INVALID,
            "The key of proofs is no private key in PEM.",
            "Make one with: openssl genpkey -algorithm ed25519",
        ) from broken
    if not isinstance(key, Ed25519PrivateKey):
        raise KnownError(
            ErrorCode.SETTING_INVALID,
            "The key of proofs is not one of Ed25519.",
            "Make one with: openssl genpkey -algorithm ed25519",
        )
    return ProofKey(key)


def _fresh_key() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
