"""How sure the kiosk is to be, in words: what visitors meet with the thresholds in use."""

from __future__ import annotations

from collections.abc import Callable

from kiosk.archive import Archive, choose_calibration, wishes_of
from kiosk.database.calibrations import SqlCalibrations
from kiosk.gallery.calibration import certainty_of
from kiosk.gallery.certainty_words import in_words, origin_in_words
from kiosk.language import Language
from kiosk.settings import Settings
from kiosk.technician.forms import fields_of
from kiosk.technician.live import LiveSettings
from kiosk.technician.told import CertaintyShown

_USUAL_FACES = 10_000
_KEYS = ("sure_false_hits", "maybe_false_hits")
_FIXED = ("match_threshold", "maybe_threshold")


class Certainty:
    """Of the event on the screen, or of one of 10,000 faces where there is none. Any thread. Raises
    KnownError DATABASE_*, CALIBRATION_INVALID."""

    def __init__(self, archive: Archive, live: LiveSettings, language: Callable[[], Language]) -> None:
        self._archive = archive
        self._live = live
        self._language = language

    def shown(self) -> CertaintyShown:
        """What is in use; it cannot be changed here where thresholds are fixed by the settings."""
        archive, language = self._archive, self._language()
        contract_id = archive.index.contract_id
        calibration = choose_calibration(SqlCalibrations(archive.database), contract_id)
        certainty = certainty_of(calibration, wishes_of(self._live.settings.vision), self._faces())
        return CertaintyShown(
            sure_share=certainty.sure_share,
            maybe_share=certainty.maybe_share,
            words=in_words(certainty, language),
            origin=origin_in_words(calibration, contract_id, language),
            can_change=self._can_change(),
        )

    def follow(self, before: Settings, after: Settings) -> None:
        """A listener of the settings: searches take the new thresholds at once."""
        if after.vision != before.vision:
            self._archive.thresholds.wish(wishes_of(after.vision))

    def _faces(self) -> int:
        event = self._archive.current_event()
        return self._archive.photos.face_count(event.event_id) if event else _USUAL_FACES

    def _can_change(self) -> bool:
        vision = self._live.settings.vision
        if any(getattr(vision, key) is not None for key in _FIXED):
            return False
        fields = fields_of(self._live.settings)
        return not any(one.by_environment for one in fields if one.section == "vision" and one.key in _KEYS)


def changes(sure_share: float, maybe_share: float) -> dict[tuple[str, str], float]:
    """The settings that say so."""
    return dict(zip((("vision", key) for key in _KEYS), (sure_share, maybe_share), strict=True))
