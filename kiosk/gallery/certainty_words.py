"""What a calibration means for visitors, in words for staff."""

from __future__ import annotations

from kiosk.gallery.calibration import Calibration, EventCertainty, one_in
from kiosk.language import Language, sentence


def in_words(certainty: EventCertainty, language: Language) -> str:
    """What visitors of an event meet."""
    sure = sentence(language, "certainty.sure", n=f"{one_in(certainty.sure_share):,}")
    maybe = sentence(language, "certainty.maybe", n=f"{one_in(certainty.maybe_share):,}")
    return f"{sure} {maybe}"


def origin_in_words(calibration: Calibration, contract_id: str, language: Language) -> str:
    """When and on what it was measured; or that it is of other weights than `contract_id` and stands in."""
    if calibration.contract_id != contract_id:
        return sentence(language, "certainty.stands_in")
    date = f"{calibration.measured_at:%Y-%m-%d}"
    return sentence(language, "certainty.measured", date=date, source=calibration.source)
