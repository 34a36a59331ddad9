"""When a stay is over, and who is the same within it: rules without a database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from kiosk.gallery.types import Thresholds
from kiosk.settings import StoreSection


@dataclass(frozen=True, slots=True)
class StayRules:
    """As the settings have it (`kiosk.settings.StoreSection`)."""

    stay_minutes: int = 30
    keeps_pictures: bool = True
    knows_returning: bool = False

    @classmethod
    def of(cls, store: StoreSection) -> StayRules:
        """As the settings say."""
        return cls(store.stay_minutes, store.keeps_pictures, store.knows_returning)

    @property
    def pause(self) -> timedelta:
        """Whoever was not seen for so long has gone."""
        return timedelta(minutes=self.stay_minutes)

    def is_over(self, last_seen_at: datetime, now: datetime) -> bool:
        """Whether somebody who was last seen then has gone. A time that is as far ahead is of a clock that
        was set back since: nobody is there who was last seen tomorrow."""
        return abs(now - last_seen_at) >= self.pause

    def same_from(self, thresholds: Thresholds) -> float:
        """From which similarity on a stranger is taken for one who is here, given the thresholds for as many
        faces as are here: that of a maybe.

        A stay is short and few are there, so that taking two for one is rare where it would not be among
        thousands. Measured with the open engine, whose maybe begins at 0.351 up to 1,000 faces: of 8.6
        million pairs of strangers in the calibration set 1 in 18,000 reaches it, with faces of 50 pixels
        alike; among 20 people who are here a newcomer is taken for one of them once in 900. One person is
        split in 3 % of the pairs of portraits from different days, and never on the talking-head clips, where
        tracks of a second were compared near and far (faces of 220 and of 40 pixels): the lowest similarity
        there is 0.42. The stricter `kin` (0.466) splits 11 % of the portraits, 18 % of small ones, and some
        of the far faces.
        """
        return thresholds.maybe
