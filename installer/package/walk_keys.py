"""Signs a package as its owner would, with keys that are made for the walk and thrown away with it:
python -m installer.package.walk_keys FILE UPDATE.PUB

Run by the project's environment, which has what reads and makes signatures.
"""

from __future__ import annotations

import sys
from pathlib import Path

import minisign

from kiosk.updates.package import SIGNATURE_ENDING, comment_of, named


def main() -> None:
    file, public = Path(sys.argv[1]), Path(sys.argv[2])
    keys = minisign.KeyPair.generate()
    signature = keys.secret_key.sign(file.read_bytes(), trusted_comment=comment_of(named(file.name)))
    file.with_name(file.name + SIGNATURE_ENDING).write_bytes(bytes(signature))
    public.write_bytes(bytes(keys.public_key) + b"\n")


if __name__ == "__main__":
    main()
