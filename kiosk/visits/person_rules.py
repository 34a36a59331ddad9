"""What may be written of a person, and how many pictures somebody needs: rules without a database."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from kiosk.errors import ErrorCode, KnownError
from kiosk.visits.store_rules import checked_name, invalid_field
from kiosk.visits.types import Agreement, NewFace, PersonDraft, PersonKind

MOST_FACES = 20
"""Faces that are taken of one person."""
MOST_MERGED_FACES = 200
"""Faces of one person with those of all who were merged into them."""
MOST_LISTED = 200
"""People in a list on the screen: whoever is not among them is found by a text."""
_OLDEST = 120
_AROUND_DIGITS = re.compile(r"[\s().\-‐-―]")
_PHONE = re.compile(r"\+?[0-9]{6,15}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]{2,}")
_LONGEST_EMAIL = 254
_LONGEST_VERSION = 40


def needed_faces(kind: PersonKind) -> int:
    """How many pictures somebody of this kind is enrolled with."""
    return 2 if kind is PersonKind.STAFF else 1


def checked_person(draft: PersonDraft, now: datetime) -> PersonDraft:
    """A draft as it is kept: without blanks around, a phone number as its digits.

    Raises KnownError(STORE_FIELD_INVALID), which names the field (`params["field"]`) and never repeats what
    was written in it.
    """
    if draft.kind is PersonKind.GUEST:
        raise invalid_field("kind", "A guest is nobody who is enrolled.", "Enrol staff or a customer.")
    try:
        name = checked_name(draft.name)
    except KnownError as invalid:
        raise invalid_field("name", invalid.detail, invalid.next_step) from None
    if draft.birth_year is not None and not now.year - _OLDEST <= draft.birth_year <= now.year:
        raise invalid_field(
            "birth_year",
            "The year of birth cannot be.",
            "Write it in the common era: 2533 of the Thai calendar is 1990.",
        )
    email = draft.email.strip()
    if email and not (len(email) <= _LONGEST_EMAIL and email.isprintable() and _EMAIL.fullmatch(email)):
        raise invalid_field(
            "email", "The e-mail address is not of the form name@example.com.", "Correct it, or leave it out."
        )
    return replace(draft, name=name, phone=_checked_phone(draft.phone), email=email)


def digits_of(text: str) -> str:
    """A phone number as it is kept, of what somebody wrote or looks for; Thai digits are digits."""
    bare = _AROUND_DIGITS.sub("", text)
    return "".join(str(unicodedata.decimal(sign, sign)) for sign in bare)


def check_agreement(agreement: Agreement) -> None:
    """Raises KnownError(CONSENT_MISSING) where nobody can tell what was agreed to."""
    if not agreement.version.strip() or len(agreement.version) > _LONGEST_VERSION:
        raise consent_missing()


def check_faces(kind: PersonKind, faces: Sequence[NewFace]) -> None:
    """Raises KnownError PERSON_PHOTOS, CONTRACT_MISMATCH (faces of several engines)."""
    check_count(kind, len(faces))
    if len({face.embedding.contract_id for face in faces}) > 1:
        raise KnownError(
            ErrorCode.CONTRACT_MISMATCH,
            "The pictures of one person were read by several face engines.",
            "Take them anew.",
        )


def check_count(kind: PersonKind, count: int, most: int = MOST_FACES) -> None:
    """Raises KnownError(PERSON_PHOTOS) for too few or too many faces of somebody."""
    needed = needed_faces(kind)
    if count < needed:
        raise KnownError(
            ErrorCode.PERSON_PHOTOS,
            f"There are too few pictures: {'staff need' if needed > 1 else 'everybody needs'} {needed}.",
            "Take another one.",
            {"needed": str(needed)},
        )
    if count > most:
        raise KnownError(
            ErrorCode.PERSON_PHOTOS,
            f"There are too many pictures: at most {most} are kept of somebody.",
            "Remove an old one first.",
            {"most": str(most)},
        )


def person_unknown() -> KnownError:
    """That there is no such person, or that they are not theirs."""
    return KnownError(ErrorCode.PERSON_UNKNOWN, "There is no such person.", "Choose one who is listed.")


def merge_with_itself() -> KnownError:
    """That two who were to be made one are the same already."""
    return KnownError(
        ErrorCode.MERGE_WITH_ITSELF, "A person cannot be merged with themselves.", "Choose two people."
    )


def consent_missing(next_step: str = "Have them read the text, and tick that they agree.") -> KnownError:
    """That somebody has not agreed."""
    return KnownError(ErrorCode.CONSENT_MISSING, "Nobody is enrolled without having agreed.", next_step)


def _checked_phone(phone: str) -> str:
    digits = digits_of(phone)
    if digits and not _PHONE.fullmatch(digits):
        raise invalid_field(
            "phone",
            "The phone number has letters, or too few or too many digits.",
            "Correct it, or leave it out.",
        )
    return digits
