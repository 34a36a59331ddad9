"""What a package of the program is: its version, for which machine, and that it is the owner's.

A package is a file with a detached signature beside it in the format of minisign (its documentation,
"Signature format"): Ed25519 over BLAKE2b-512 of the file ("ED"), and a global signature over that and the
trusted comment. The comment says what the file is, in minisign's own style, tab between the pairs:
`product:photo-kiosk  version:0.2.0  architecture:amd64  file:photo-kiosk_0.2.0_amd64.deb`. Whoever cannot
sign can change neither, so what is said there is believed, and nothing that the file says of itself.
"""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from kiosk import __version__
from kiosk.errors import ErrorCode, KnownError

if TYPE_CHECKING:
    import minisign  # needed, and loaded, only where a package is looked at

PRODUCT = "photo-kiosk"
SIGNATURE_ENDING = ".minisig"
LARGEST_SIGNATURE = 4096
LARGEST_PACKAGE = 600_000_000
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+~_-]{0,120}")
_VERSION = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6}){1,3}")
_ARCHITECTURE = re.compile(r"[a-z0-9-]{1,20}")
_LONGEST_KEYS = 65536
_MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}


@dataclass(frozen=True, slots=True)
class Package:
    """A package as its signer says."""

    file_name: str
    version: str
    architecture: str
    product: str = PRODUCT

    @property
    def signature_name(self) -> str:
        return self.file_name + SIGNATURE_ENDING


@dataclass(frozen=True, slots=True)
class Installed:
    """What runs on this machine now."""

    version: str = __version__
    architecture: str = ""
    product: str = PRODUCT


def this_machine() -> Installed:
    """The program that runs, on this sort of machine."""
    machine = platform.machine().lower()
    name = _MACHINES.get(machine, machine)
    return Installed(architecture=name if sys.platform == "linux" else f"{sys.platform}-{name}")


def order_of(version: str) -> tuple[int, ...]:
    """To compare versions by. Raises KnownError(UPDATE_UNREADABLE) for what is no version such as 0.2.0."""
    if not _VERSION.fullmatch(version):
        raise unreadable(f"{version[:40]!r} is no version")
    numbers = tuple(int(part) for part in version.split("."))
    return numbers + (0,) * (4 - len(numbers))


def comment_of(package: Package) -> str:
    """The trusted comment to sign a package with."""
    pairs = {
        "product": package.product,
        "version": package.version,
        "architecture": package.architecture,
        "file": package.file_name,
    }
    return "\t".join(f"{name}:{value}" for name, value in pairs.items())


def named(file_name: str) -> Package:
    """What a file calls itself, such as photo-kiosk_0.2.0_amd64.deb; for whoever signs or shows it.

    Raises KnownError(UPDATE_UNREADABLE).
    """
    parts = file_name.rpartition(".")[0].split("_")
    if not _FILE_NAME.fullmatch(file_name) or len(parts) != 3:
        raise unreadable("its name is not like photo-kiosk_0.2.0_amd64.deb")
    return _checked(Package(file_name, parts[1], parts[2], parts[0]))


def keys_in(path: Path) -> tuple[minisign.PublicKey, ...]:
    """The keys of a file: each two lines as minisign writes them, several for a change of keys. Raises
    KnownError(UPDATE_NO_KEYS)."""
    import minisign

    try:
        with path.open("rb") as file:
            lines = [line for line in file.read(_LONGEST_KEYS).splitlines() if line.strip()]
        keys = tuple(
            minisign.PublicKey.from_bytes(b"\n".join(lines[at : at + 2])) for at in range(0, len(lines), 2)
        )
    except (OSError, minisign.Error) as missing:
        raise _no_keys() from missing
    if not keys:
        raise _no_keys()
    return keys


def verified(file: BinaryIO, signature: bytes, keys: Sequence[minisign.PublicKey]) -> Package:
    """What a file is, read to its end, if one of the keys has signed it.

    Raises KnownError: UPDATE_UNREADABLE (the signature is none), UPDATE_FORGED (of no trusted key, or for
    another file: exchanged, cut off, damaged).
    """
    import minisign

    try:
        read = minisign.Signature.from_bytes(signature)
    except minisign.Error as broken:
        raise unreadable("its signature is none") from broken
    if not read.is_prehashed():
        raise unreadable("its signature is of the old sort, over the file itself")
    for key in keys:
        file.seek(0)
        try:
            key.verify(file, read)
        except minisign.VerifyError:
            continue
        return _told(read.trusted_comment)
    raise KnownError(
        ErrorCode.UPDATE_FORGED,
        "The package is not the one that was signed, or its signer is not known here.",
        "Fetch it anew; if this stays, do not use it, and tell whoever makes the packages.",
    )


def claimed(signature: bytes) -> Package:
    """What a signature says of its file, unproven: for whoever only hands the two on. Raises
    KnownError(UPDATE_UNREADABLE)."""
    import minisign

    try:
        return _told(minisign.Signature.from_bytes(signature).trusted_comment)
    except minisign.Error as broken:
        raise unreadable("its signature is none") from broken


def check_wanted(package: Package, installed: Installed, failed_before: Sequence[str] = ()) -> None:
    """Lets a newer package for this machine pass, which has not failed here yet.

    Raises KnownError: UPDATE_ELSEWHERE, UPDATE_OLDER (also an old package that somebody plays anew),
    UPDATE_FAILED_BEFORE.
    """
    if (package.product, package.architecture) != (installed.product, installed.architecture):
        raise KnownError(
            ErrorCode.UPDATE_ELSEWHERE,
            f"This package is {package.product} for {package.architecture}; this machine runs "
            f"{installed.product} for {installed.architecture}.",
            "Take the package for this machine.",
        )
    if order_of(package.version) <= order_of(installed.version):
        raise KnownError(
            ErrorCode.UPDATE_OLDER,
            f"Version {package.version} is not newer than {installed.version}, which runs here.",
            "Take a newer one. To go back after an update: kiosk update undo",
        )
    if package.version in failed_before:
        raise KnownError(
            ErrorCode.UPDATE_FAILED_BEFORE,
            f"Version {package.version} was tried here and taken back.",
            "Wait for a newer version; the flight recorder and kiosk update status say why it failed.",
        )


def unreadable(why: str) -> KnownError:
    """UPDATE_UNREADABLE because of `why`."""
    return KnownError(
        ErrorCode.UPDATE_UNREADABLE,
        f"This is no package of the program: {why}.",
        "Take the package and the .minisig file beside it as they were made.",
    )


def _told(comment: str) -> Package:
    pairs = dict(pair.partition(":")[::2] for pair in comment.split("\t"))
    try:
        package = Package(pairs["file"], pairs["version"], pairs["architecture"], pairs["product"])
    except KeyError as missing:
        raise unreadable(f"its signer does not say its {missing.args[0]}") from missing
    return _checked(package)


def _checked(package: Package) -> Package:
    order_of(package.version)
    if not _FILE_NAME.fullmatch(package.file_name) or package.file_name.endswith(SIGNATURE_ENDING):
        raise unreadable("its file has a name that is not used here")
    if not _ARCHITECTURE.fullmatch(package.architecture):
        raise unreadable("it does not say for which machine it is")
    if package.file_name.rpartition(".")[0] != f"{package.product}_{package.version}_{package.architecture}":
        raise unreadable("its name says something else than its signer")
    return package


def _no_keys() -> KnownError:
    return KnownError(
        ErrorCode.UPDATE_NO_KEYS,
        "This program came without the keys that its updates are signed with.",
        "Install a package by hand that was built with them (update.pub).",
    )
