"""Somebody new is enrolled: a guest whom their faces show has agreed by that, and is them from now on."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from kiosk.errors import KnownError
from kiosk.visits.enrolment import Limits, known_already
from kiosk.visits.ports import KnownFaces, People
from kiosk.visits.types import Agreement, NewFace, Person, PersonDraft, PersonKind

_log = structlog.get_logger(__name__)


def enrol_somebody(
    people: People,
    draft: PersonDraft,
    agreement: Agreement,
    faces: Sequence[NewFace],
    contract_id: str,
    thresholds: Limits,
) -> Person:
    """Enrols them. The visits of the guest that they were so far are theirs, and their number goes on.
    Whoever else they look like stays apart, which staff decide. Raises what `People.enrol` raises."""
    guest = _guest(people.known_faces(contract_id), faces, thresholds)
    person = people.enrol(draft, agreement, faces)
    if guest is None:
        return person
    try:
        return people.merge(person.person_id, guest)
    except KnownError as failed:
        # They are enrolled, whatever became of the guest meanwhile.
        _log.warning("guest_not_joined", code=failed.code)
        return person


def _guest(known: KnownFaces, faces: Sequence[NewFace], thresholds: Limits) -> str | None:
    """The guest whom these faces show, unless they resemble somebody who has agreed more."""
    alike = known_already(faces, known, "", thresholds)
    if alike is None or known.kinds[known.person_ids.index(alike)] is not PersonKind.GUEST:
        return None
    return alike
