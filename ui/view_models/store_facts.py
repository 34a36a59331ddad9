"""What somebody says of themselves, as it is being typed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from kiosk.visits.types import Gender, Person, PersonDraft, PersonKind
from ui import moment
from ui.translator import BUDDHIST_OFFSET, Venue

OLDEST_YEARS = 120
_FIRST_BUDDHIST = 2400


@dataclass(frozen=True, slots=True)
class Facts:
    """Texts as they were typed; only `name` must be there."""

    name: str = field(default="", repr=False)
    gender: Gender = Gender.UNKNOWN
    birth_year: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    email: str = field(default="", repr=False)

    @classmethod
    def of(cls, person: Person) -> Facts:
        """Those of a person."""
        year = "" if person.birth_year is None else str(person.birth_year)
        return cls(person.name, person.gender, year, person.phone, person.email)

    def with_field(self, field: str, value: str) -> Facts:
        """One of them as typed anew; anything else is left alone."""
        match field:
            case "name":
                return replace(self, name=value)
            case "gender":
                return replace(self, gender=Gender(value))
            case "birth_year":
                return replace(self, birth_year=value)
            case "phone":
                return replace(self, phone=value)
            case "email":
                return replace(self, email=value)
        return self

    @property
    def problem_key(self) -> str:
        """The sentence that says what is still missing or wrong; empty when nothing is."""
        if not self.name.strip():
            return "store.facts.name_missing"
        if self.birth_year and not self._is_year():
            return "store.facts.year_wrong"
        if self.email and not ("@" in self.email.strip("@") and " " not in self.email):
            return "store.facts.email_wrong"
        return ""

    def _is_year(self) -> bool:
        this_year = moment.now().astimezone(Venue.zone).year
        return self.birth_year.isdecimal() and this_year - OLDEST_YEARS <= self._year() <= this_year

    def _year(self) -> int:
        """Of either era: nobody was born so late that a Buddhist year would be meant otherwise."""
        year = int(self.birth_year)
        return year - BUDDHIST_OFFSET if year >= _FIRST_BUDDHIST else year

    def draft(self, kind: PersonKind) -> PersonDraft:
        """As the store takes it; only where there is no problem."""
        year = self._year() if self.birth_year else None
        return PersonDraft(kind, self.name.strip(), self.gender, year, self.phone.strip(), self.email.strip())

    def as_map(self) -> dict[str, Any]:
        """For QML, each by its name here."""
        return {
            "name": self.name,
            "gender": str(self.gender),
            "birth_year": self.birth_year,
            "phone": self.phone,
            "email": self.email,
        }
