"""`kiosk people`: whoever is known to a shop, without a screen. Lists say who is there, and no more."""

from __future__ import annotations

import sys
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from kiosk.cli import JsonOption, app, err, known_errors, out, print_entry, print_json
from kiosk.cli_forget import tell_forgotten
from kiosk.forget_commands import Wish
from kiosk.paths import home_folder
from kiosk.people_commands import (
    Enrolled,
    add_photos,
    agreed_version,
    check_pictures,
    enrol_from_files,
    person_named,
)
from kiosk.store_commands import Shop, shop_at
from kiosk.visits.person_rules import consent_missing
from kiosk.visits.types import Agreement, Gender, Person, PersonDraft, PersonKind

people_app = typer.Typer(
    no_args_is_help=True, help="Staff and customers who agreed to be recognised; a running shop follows."
)
app.add_typer(people_app, name="people")

PersonArgument = Annotated[str, typer.Argument(help="Id of the person, or a name that only one has.")]
PhotosArgument = Annotated[list[Path], typer.Argument(help="Pictures, each of this one person.")]
GenderOption = Annotated[Gender | None, typer.Option(help="As they said.")]
YearOption = Annotated[int | None, typer.Option("--birth-year", help="In the common era.")]
PhoneOption = Annotated[str | None, typer.Option(help="Phone number.")]
EmailOption = Annotated[str | None, typer.Option(help="E-mail address.")]
AgreedOption = Annotated[
    str,
    typer.Option(
        "--agreed",
        metavar="VERSION",
        help="They read the consent text of this version and agreed. Without it a terminal is asked.",
    ),
]


@people_app.command("list")
def list_people(
    text: Annotated[str, typer.Argument(help="In a name, a phone number or an e-mail address.")] = "",
    kind: Annotated[PersonKind | None, typer.Option(help="Only these; guests are listed only so.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 1000,
    as_json: JsonOption = False,
) -> None:
    """List people by name: id, name, kind, how many pictures and visits."""
    with known_errors(as_json), shop_at(home_folder()) as shop:
        people = shop.people.find(text, kind, limit)
    if as_json:
        print_json([_brief(person) for person in people])
        return
    for person in people:
        print_entry(person.person_id, _line(person))


@people_app.command()
def show(person: PersonArgument, as_json: JsonOption = False) -> None:
    """Show all that is known of somebody, with the numbers of their pictures; never the faces."""
    with known_errors(as_json), shop_at(home_folder()) as shop:
        known = person_named(shop, person)
    if as_json:
        print_json(asdict(known))
        return
    print_entry(
        known.person_id,
        _line(known),
        _joined(gender=known.gender, born=known.birth_year, phone=known.phone, email=known.email),
        f"agreed to text {known.consent_version} on {_day(known.consented_at)}" * bool(known.consent_version),
        *(f"picture {face.ordinal} of {_day(face.added_at)}" for face in known.faces),
    )


@people_app.command()
def enrol(
    name: Annotated[str, typer.Argument(help="What they are called.")],
    photos: PhotosArgument,
    kind: Annotated[PersonKind, typer.Option(help="Staff need two pictures.")] = PersonKind.CUSTOMER,
    gender: GenderOption = None,
    birth_year: YearOption = None,
    phone: PhoneOption = None,
    email: EmailOption = None,
    agreed: AgreedOption = "",
    as_json: JsonOption = False,
) -> None:
    """Enrol staff or a customer who agreed to be recognised."""
    draft = PersonDraft(kind, name, gender or Gender.UNKNOWN, birth_year, phone or "", email or "")
    with known_errors(as_json), shop_at(home_folder()) as shop:
        version = _agreed(shop, agreed)
        enrolled = enrol_from_files(shop, draft, version, photos)
    _tell_enrolled(enrolled, as_json)


@people_app.command("add-photo")
def add_photo(person: PersonArgument, photos: PhotosArgument, as_json: JsonOption = False) -> None:
    """Add pictures of somebody who is known."""
    with known_errors(as_json), shop_at(home_folder()) as shop:
        added = add_photos(shop, person_named(shop, person), photos)
    _tell_enrolled(added, as_json)


@people_app.command("remove-photo")
def remove_photo(
    person: PersonArgument,
    number: Annotated[int, typer.Argument(min=0, help="Of the picture, as `kiosk people show` has it.")],
    as_json: JsonOption = False,
) -> None:
    """Remove a picture, and the face that came of it."""
    with known_errors(as_json), shop_at(home_folder()) as shop:
        left = shop.people.remove_face(person_named(shop, person).person_id, number)
    _tell(left, as_json)


@people_app.command()
def change(
    person: PersonArgument,
    name: Annotated[str | None, typer.Option(help="Another name.")] = None,
    kind: Annotated[
        PersonKind | None, typer.Option(help="Whoever becomes staff is taken out of the counts.")
    ] = None,
    gender: GenderOption = None,
    birth_year: YearOption = None,
    phone: PhoneOption = None,
    email: EmailOption = None,
    as_json: JsonOption = False,
) -> None:
    """Change what somebody said of themselves; what is not named stays."""
    told = {"name": name, "kind": kind, "gender": gender, "phone": phone, "email": email}
    new: dict[str, Any] = {field: value for field, value in told.items() if value is not None}
    if birth_year is not None:
        new["birth_year"] = birth_year or None  # 0 takes it away
    with known_errors(as_json), shop_at(home_folder()) as shop:
        known = person_named(shop, person)
        changed = shop.people.change(known.person_id, replace(_draft(known), **new))
    _tell(changed, as_json)


@people_app.command()
def merge(
    kept: Annotated[str, typer.Argument(help="Whose name and id stay; an id, or a name that only one has.")],
    gone: Annotated[str, typer.Argument(help="Who turned out to be the same.")],
    as_json: JsonOption = False,
) -> None:
    """Make two one: pictures and visits go to the first. With staff they are staff."""
    with known_errors(as_json), shop_at(home_folder()) as shop:
        first, second = person_named(shop, kept), person_named(shop, gone)
        merged = shop.people.merge(first.person_id, second.person_id)
    _tell(merged, as_json)
    if not as_json:
        stays, goes = (second, first) if _is_named_by(second, first) else (first, second)
        hint = f"What {_called(stays)} said of themselves stays; what {_called(goes)} said is gone."
        err.print(hint, highlight=False, soft_wrap=True, markup=False)


@people_app.command()
def split(
    person: PersonArgument,
    name: Annotated[str, typer.Argument(help="What the other one is called.")],
    photo: Annotated[
        list[int], typer.Option(min=0, help="Number of a picture of the other one; may be repeated.")
    ],
    visit: Annotated[
        list[str] | None, typer.Option(help="Id of a visit of the other one; may be repeated.")
    ] = None,
    kind: Annotated[PersonKind, typer.Option(help="What the other one is.")] = PersonKind.CUSTOMER,
    agreed: AgreedOption = "",
    as_json: JsonOption = False,
) -> None:
    """Make one two: these pictures and visits become another person's, who agreed to it."""
    with known_errors(as_json), shop_at(home_folder()) as shop:
        known = person_named(shop, person)
        check_pictures(known, photo)
        agreement = Agreement(_agreed(shop, agreed), shop.tenant.clock.now())
        draft = PersonDraft(kind, name)
        other = shop.people.split(known.person_id, photo, visit or [], draft, agreement)
    _tell(other, as_json)


@people_app.command()
def forget(person: PersonArgument, as_json: JsonOption = False) -> None:
    """Forget somebody for good, here and, where there is a centre, everywhere; their visits stay counted."""
    with known_errors(as_json), shop_at(home_folder()) as shop:
        person_id = person_named(shop, person).person_id
    tell_forgotten(Wish(person_id=person_id), as_json)


def _agreed(shop: Shop, version: str) -> str:
    """Nobody is enrolled by a script that does not say so."""
    if version.strip():
        return agreed_version(shop, version)
    current = shop.settings.store.consent_version
    if sys.stdin.isatty() and typer.confirm(f"Have they read consent text {current} and agreed?", err=True):
        return current
    raise consent_missing("Have them read the text; then say so with --agreed VERSION.")


def _is_named_by(gone: Person, kept: Person) -> bool:
    """Whether somebody who is kept was a guest, and is called as whoever was merged into them."""
    return kept.kind is PersonKind.GUEST and gone.kind is not PersonKind.GUEST


def _called(person: Person) -> str:
    return f"{person.name or 'a guest'} ({person.person_id})"


def _draft(person: Person) -> PersonDraft:
    return PersonDraft(person.kind, person.name, person.gender, person.birth_year, person.phone, person.email)


def _tell_enrolled(enrolled: Enrolled, as_json: bool) -> None:
    alike = enrolled.alike
    if as_json:
        print_json({**_brief(enrolled.person), "looks_like": alike.person_id if alike else None})
        return
    out.print(enrolled.person.person_id, highlight=False)
    if alike is not None:
        hint = f"They look like {alike.person_id}, who is known already. If so: kiosk people merge"
        err.print(hint, highlight=False, soft_wrap=True, markup=False)


def _tell(person: Person, as_json: bool) -> None:
    if as_json:
        print_json(_brief(person))
    else:
        out.print(person.person_id, highlight=False)


def _brief(person: Person) -> dict[str, Any]:
    return {
        "person_id": person.person_id,
        "name": person.name,
        "kind": person.kind,
        "pictures": len(person.faces),
        "visits": person.visits,
        "last_visit_at": person.last_visit_at,
    }


def _line(person: Person) -> str:
    name = person.name or "a guest"
    return f"{name}, {person.kind}, {_count(len(person.faces), 'picture')}, {_count(person.visits, 'visit')}"


def _count(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _joined(**facts: object) -> str:
    return ", ".join(f"{name} {value}" for name, value in facts.items() if value)


def _day(at: datetime) -> str:
    return f"{at:%Y-%m-%d}"
