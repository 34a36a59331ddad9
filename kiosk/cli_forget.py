"""`kiosk forget`: has something forgotten that somebody asked for, and says how it stands."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from kiosk.cli import JsonOption, app, known_errors, out, print_entry, print_json
from kiosk.database.deletions import DeletionState
from kiosk.forget_commands import Wish, deletions
from kiosk.forget_commands import forget as forget_wish
from kiosk.paths import home_folder


@app.command()
def forget(
    photo: Annotated[
        list[int] | None, typer.Option(min=1, help="Number of a photo; may be repeated.")
    ] = None,
    event: Annotated[str, typer.Option(help="Name of the photo's event.")] = "",
    order: Annotated[str, typer.Option(help="Code of an order: its files and links go, not its money.")] = "",
    consent: Annotated[str, typer.Option(help="Id of a consent: it is taken back.")] = "",
    person: Annotated[str, typer.Option(help="Id of somebody who is known to a shop.")] = "",
    lists: Annotated[bool, typer.Option("--list", help="What was forgotten, and how it stands.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Forget photos, an order, a consent or a person for good: here and, with a centre, everywhere."""
    if lists:
        _list(as_json)
        return
    named = (bool(photo), bool(order), bool(consent), bool(person))
    if sum(named) != 1 or bool(photo) != bool(event.strip()):
        raise typer.BadParameter("Name photos with their event, or an order, or a consent, or a person.")
    wish = Wish(tuple(photo or ()), event.strip(), order, consent, person)
    tell_forgotten(wish, as_json)


def tell_forgotten(wish: Wish, as_json: bool) -> None:
    """Has it forgotten, and says how that stands."""
    with known_errors(as_json):
        asked = forget_wish(home_folder(), wish)
    if as_json:
        print_json({**_facts(asked.state), "proof_url": asked.proof_url or None})
        return
    is_done = asked.state.done_at is not None
    done = "forgotten on this kiosk" if is_done else "written down; the kiosk goes on with it"
    out.print(f"{asked.state.deletion.deletion_id}: {done}", highlight=False)
    if asked.proof_url:
        out.print(f"For whoever asked: {asked.proof_url}", highlight=False, soft_wrap=True)


def _list(as_json: bool) -> None:
    with known_errors(as_json):
        states = deletions(home_folder())
    if as_json:
        print_json([_facts(state) for state in states])
        return
    for state in states:
        facts = _facts(state)
        removed = ", ".join(f"{count} {name}" for name, count in facts["removed"].items())
        done = f"done here {facts['done_at']}" if facts["done_at"] else "not done here yet"
        print_entry(
            facts["deletion_id"],
            f"{facts['what']}, asked {facts['requested_at']}, {done}",
            f"removed: {removed}" if removed else "",
            f"proof number {facts['proof_number']}" if facts["proof_number"] else "",
        )


def _facts(state: DeletionState) -> dict[str, Any]:
    """Ids, times and counts: nothing that tells of whom."""
    removed: dict[str, int] = {}
    for holder in state.holders:
        for name, count in holder.removed.items():
            removed[name] = removed.get(name, 0) + count
    return {
        "deletion_id": state.deletion.deletion_id,
        "requested_at": state.deletion.requested_at.isoformat(timespec="seconds"),
        "what": state.deletion.what,
        "done_at": state.done_at.isoformat(timespec="seconds") if state.done_at else None,
        "removed": removed,
        "proof_number": state.proof_number or None,
    }
