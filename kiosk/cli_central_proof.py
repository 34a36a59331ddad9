"""`kiosk central verify-proof`: is a proof of a deletion genuine, and what does it say?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from kiosk.central.home import central_home
from kiosk.cli import JsonOption, known_errors, out, print_json
from kiosk.cli_central import central_app


@central_app.command("verify-proof")
def verify_proof(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The proof, or its JSON.")],
    key: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="The centre's public key, as /api/deletions/key gave it; unset: this centre's own.",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Check a proof that something was deleted everywhere; nothing is asked of any server."""
    from kiosk.central import proofs

    with known_errors(as_json):
        public = _field(key, "public_key_pem") if key else proofs.own_public_key(central_home())
        claims = proofs.verify_proof(_field(file, "proof"), public)
    if as_json:
        print_json(claims)
        return
    out.print(f"Genuine. Deletion {claims['sub']}, asked for {claims['requested_at']}.", highlight=False)
    for holder in claims["holders"]:
        at = holder["confirmed_at"] or holder["revoked_at"] or ""
        out.print(f"  {holder['holder']}: {holder['state']} {at}", highlight=False, soft_wrap=True)


def _field(path: Path, name: str) -> str:
    """The text of a file; of a JSON object the field of this name."""
    text = path.read_text("utf-8", errors="replace").strip()
    try:
        found: Any = json.loads(text)
    except ValueError:
        return text
    return str(found.get(name) or "") if isinstance(found, dict) else text
