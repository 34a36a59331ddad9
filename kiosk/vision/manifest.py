"""The weights as `models/manifest.json` describes them: read, verified by sha256, named by a contract id."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError, model_validator

from kiosk.errors import BugError, ErrorCode, KnownError

MANIFEST_NAME = "manifest.json"
_FETCH_AGAIN = "Fetch the weights again: python3 -m installer run"

Slot = Literal["detector", "recogniser", "landmarks", "text_finder", "text_reader"]
_NEEDED: tuple[Slot, ...] = ("detector", "recogniser")
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
PlainFileName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]*$")]


class _Described(BaseModel):
    """Read-only. What only the installer needs (source, licence) is passed over here."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Preprocessing(_Described):
    """What a network expects: (pixel - mean) * scale, in this order of channels."""

    input_width: int | None = None
    input_height: int | None = None
    colour_order: Literal["BGR", "RGB"]
    mean: float
    scale: float


class EmbeddingContract(_Described):
    """The words that an embedding's contract id is made of."""

    model: str
    version: str
    preprocessing: str


class HashedFile(_Described):
    """A file that lies beside its description, and its hash."""

    file: PlainFileName
    sha256: Sha256


class WeightFile(HashedFile):
    """One file of weights; `file` lies beside the manifest."""

    slot: Slot
    name: str
    preprocessing: Preprocessing
    contract: EmbeddingContract | None = None

    @model_validator(mode="after")
    def _recogniser_is_whole(self) -> WeightFile:
        if self.slot == "recogniser" and self.contract is None:
            raise ValueError("a recogniser needs its contract")
        return self


class Manifest(_Described):
    """All weights of the kiosk, at most one for each slot; without landmarks there is no liveness check."""

    format: Literal[1]
    weights: tuple[WeightFile, ...]

    @model_validator(mode="after")
    def _one_per_slot(self) -> Manifest:
        slots = [entry.slot for entry in self.weights]
        if len(set(slots)) < len(slots) or not {*_NEEDED} <= {*slots}:
            raise ValueError(f"needs one detector and one recogniser, and no slot twice, has {slots}")
        return self

    def entry(self, slot: Slot) -> WeightFile:
        """The weights in a slot. Raises KnownError(WEIGHTS_MISSING) where the manifest has none for it."""
        for entry in self.weights:
            if entry.slot == slot:
                return entry
        raise KnownError(
            ErrorCode.WEIGHTS_MISSING,
            f"The manifest of the weights has no {slot}.",
            "Restore it from the release.",
        )


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a folder of weights.

    Raises KnownError: WEIGHTS_MISSING (there is none), MANIFEST_INVALID (unreadable, or a field is wrong).
    """
    path = folder / MANIFEST_NAME
    try:
        return Manifest.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise KnownError(
            ErrorCode.WEIGHTS_MISSING, f"{path} is not there.", "Restore it from the release."
        ) from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the whole"
        raise KnownError(
            ErrorCode.MANIFEST_INVALID,
            f"{path}: {where}: {first['msg']}.",
            "Restore the manifest from the release.",
        ) from error
    except (OSError, ValueError) as error:
        raise KnownError(
            ErrorCode.MANIFEST_INVALID,
            f"{path} cannot be read: {error}.",
            "Restore the manifest from the release.",
        ) from error


def read_weights(folder: Path, entry: HashedFile) -> bytes:
    """The bytes of a file of weights, which are those that the manifest names: what is hashed is what is
    used, so a file that changes between check and use does no harm.

    Raises KnownError: WEIGHTS_MISSING, WEIGHTS_HASH, WEIGHTS_UNUSABLE (there but not readable).
    """
    path = folder / entry.file
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise KnownError(ErrorCode.WEIGHTS_MISSING, f"{path} is not there.", _FETCH_AGAIN) from error
    except OSError as error:
        raise KnownError(
            ErrorCode.WEIGHTS_UNUSABLE, f"{path} cannot be read: {error.strerror}.", _FETCH_AGAIN
        ) from error
    found = hashlib.sha256(data).hexdigest()
    if found != entry.sha256:
        raise KnownError(
            ErrorCode.WEIGHTS_HASH,
            f"{path} has sha256 {found[:16]}…, the manifest says {entry.sha256[:16]}….",
            _FETCH_AGAIN,
        )
    return data


def contract_hash(*parts: object) -> str:
    """A short name for everything that makes embeddings comparable: 16 hex digits of a sha256."""
    text = json.dumps([str(part) for part in parts], separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def embedding_contract_id(entry: WeightFile, *method: str) -> str:
    """Names model, version, preprocessing and the file itself; `method` is what the engine does besides."""
    if entry.contract is None:
        raise BugError(f"{entry.name} makes no embeddings")
    contract, image = entry.contract, entry.preprocessing
    return contract_hash(
        contract.model,
        contract.version,
        contract.preprocessing,
        image.input_width,
        image.input_height,
        image.colour_order,
        image.mean,
        image.scale,
        *method,
        entry.sha256,
    )
