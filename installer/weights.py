"""The weights that `models/manifest.json` describes: fetched, converted where needed, checked.

As a module of the environment's Python it makes the missing files; before that, `are_ready` tells in
milliseconds whether there is anything to do.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from installer.downloads import (
    Archive,
    check,
    fail_in_one_line,
    fetch,
    member,
    run_in_venv,
    sha256_of,
    write_whole,
)
from installer.steps import ROOT, StepFailedError, announce

MODELS = ROOT / "models"


@dataclass(frozen=True)
class Weight:
    """One file of weights: as it is used (`file`, `sha256`), and where it comes from."""

    file: str
    sha256: str
    conversion: str
    archive: Archive
    member: str
    member_sha256: str


def read_manifest(folder: Path = MODELS) -> list[Weight]:
    """What the manifest lists. Raises StepFailedError where it cannot be read."""
    try:
        entries = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["weights"]
        return [_weight(entry) for entry in entries]
    except (OSError, ValueError, KeyError, TypeError) as error:
        why = f"models/manifest.json cannot be read ({error})"
        raise StepFailedError.because("Weights", why, "Restore the file from the repository.") from error


def _weight(entry: dict[str, object]) -> Weight:
    source = entry["source"]
    if not isinstance(source, dict):
        raise TypeError("a weight without a source")
    archive = Archive(source["distribution"], source["version"], source["file"], source["sha256"])
    return Weight(
        str(entry["file"]),
        str(entry["sha256"]),
        str(entry["conversion"]),
        archive,
        source["member"],
        source["member_sha256"],
    )


def are_ready(folder: Path = MODELS) -> bool:
    """Whether every file is there with the right hash."""
    return all(sha256_of(folder / weight.file) == weight.sha256 for weight in read_manifest(folder))


def install_weights() -> str:
    """Makes what is missing. Returns the step's outcome in words."""
    if are_ready():
        return "there"
    announce("fetching and converting")
    run_in_venv("installer.weights", "Weights")
    return "checked"


def _to_mobilefacenet(content: bytes) -> bytes:
    from installer.mobilefacenet import build_mobilefacenet
    from installer.state_dict import read_state_dict

    return build_mobilefacenet(read_state_dict(content))


def _to_pfld(content: bytes) -> bytes:
    from installer.pfld import build_pfld
    from installer.state_dict import read_state_dict

    return build_pfld(read_state_dict(content))


_CONVERSIONS: dict[str, Callable[[bytes], bytes]] = {
    "none": bytes,
    "mobilefacenet": _to_mobilefacenet,
    "pfld": _to_pfld,
}


def make_weights(folder: Path = MODELS) -> None:
    """Fetches, converts and writes each file that is not there as described. Raises StepFailedError."""
    for weight in read_manifest(folder):
        if sha256_of(folder / weight.file) == weight.sha256:
            continue
        content = member(fetch(weight.archive), weight.member, weight.member_sha256)
        converted = _CONVERSIONS[weight.conversion](content)
        write_whole(folder / weight.file, check(weight.file, converted, weight.sha256))


if __name__ == "__main__":
    try:
        make_weights()
    except StepFailedError as stopped:
        fail_in_one_line(stopped)
