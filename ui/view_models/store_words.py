"""What the pages about people and visits share: what they say of people and times."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from kiosk.visits.told import StoreView
from kiosk.visits.types import Gender, Person, PersonKind
from ui import moment as clock
from ui.translator import Translator, Venue, show_date, show_time

GENDERS = (Gender.FEMALE, Gender.MALE, Gender.UNKNOWN)
AROUND_PEOPLE = frozenset({"people", "person", "edit", "merge", "split", "enrol"})
"""Pages between which somebody goes to and fro."""


def has_failed(before: StoreView, view: StoreView) -> bool:
    """Whether the view tells, for the first time, of something that did not work."""
    notice = view.notice
    return notice is not None and notice is not before.notice and not notice.is_success


def day_word(moment: datetime, words: Translator) -> str:
    """ "today", "yesterday", else the date."""
    day = moment.astimezone(Venue.zone).date()
    today = clock.now().astimezone(Venue.zone).date()
    if day == today:
        return words.translate("store.when.today", {})
    if day == today - timedelta(days=1):
        return words.translate("store.when.yesterday", {})
    return show_date(moment, words.now_language)


def when_word(moment: datetime | None, words: Translator) -> str:
    """Day and time: "today, 14:31"; nothing for None."""
    if moment is None:
        return ""
    return words.translate("store.when.at", {"day": day_word(moment, words), "time": show_time(moment)})


def name_of(person: Person, words: Translator) -> str:
    """What a person is called on the screen; a guest has no name."""
    return person.name or words.translate("store.people.nameless", {})


def card_of(person: Person, words: Translator) -> dict[str, Any]:
    """A person as a row of a list draws them."""
    kept = [face.picture_key for face in person.faces if face.picture_key]
    return {
        "personId": person.person_id,
        "name": words.breakable(name_of(person, words)),
        "kind": str(person.kind),
        "kindText": words.translate(f"store.people.kind.{person.kind}", {}),
        "pictureKey": kept[0] if kept else "",
        "faces": len(person.faces),
        "facesText": words.counted("store.person.faces_n", len(person.faces)),
        "visits": person.visits,
        "visitsText": visits_word(person, words),
        "lastText": when_word(person.last_visit_at, words),
        "sinceText": words.translate(
            "store.person.since", {"date": show_date(person.created_at, words.now_language)}
        ),
    }


def visits_word(person: Person, words: Translator) -> str:
    """How often somebody was here; of staff that they are not counted."""
    if person.kind is PersonKind.STAFF:
        return words.translate("store.people.not_counted", {})
    return words.counted("store.people.visits", person.visits)
