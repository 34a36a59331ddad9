"""A calibrated curve keeps the promise that is made to visitors, at any size of event."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.errors import ErrorCode, KnownError
from kiosk.gallery.calibration import (
    SMALLEST_EVENT,
    Calibration,
    Curve,
    Targets,
    Wishes,
    certainty_of,
    measure_curve,
    one_in,
    stranger_share,
    threshold_for,
)
from kiosk.gallery.calibration_file import shipped_calibration, write_calibration
from kiosk.paths import models_folder
from kiosk.vision.open_engine import OpenFaceEngine
from kiosk.vision.types import FloatArray

WHEN = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
RNG = np.random.default_rng(7)


def normal(count: int, spread: float = 0.07) -> FloatArray:
    return np.clip(RNG.standard_normal(count) * spread, -1, 1).astype(np.float32)


def rate_of_normal(similarity: float, spread: float = 0.07) -> float:
    return 0.5 * math.erfc(similarity / spread / math.sqrt(2))


def calibration(curve: Curve, contract_id: str = "one") -> Calibration:
    return Calibration(contract_id=contract_id, measured_at=WHEN, source="drawn", curve=curve)


@pytest.fixture(scope="module")
def curve() -> Curve:
    return measure_curve(normal(2_000_000))


@pytest.mark.parametrize("similarity", [0.05, 0.1, 0.15, 0.2, 0.23])
def test_rates_within_the_data_are_those_of_the_distribution(curve: Curve, similarity: float) -> None:
    assert curve.rate_at(similarity) == pytest.approx(rate_of_normal(similarity), rel=0.05)


@pytest.mark.parametrize("similarity", [0.28, 0.32, 0.36])
def test_beyond_the_data_rates_are_never_promised_too_low_and_not_absurdly_high(
    curve: Curve, similarity: float
) -> None:
    """A normal tail falls faster than any that is fitted on the safe side; four decades out 60 times."""
    true = rate_of_normal(similarity)
    assert 0.8 * true < curve.rate_at(similarity) < 100 * true


def test_an_exponential_tail_is_followed_five_decades_beyond_the_data() -> None:
    drawn = measure_curve((RNG.exponential(0.03, 400_000) - 0.1).astype(np.float32))
    for rate in (1e-5, 1e-7, 1e-9):
        assert drawn.similarity_at(rate) == pytest.approx(-0.1 - 0.03 * math.log(rate), rel=0.06)


@settings(max_examples=100, deadline=None)
@given(st.floats(1e-12, 0.49))
def test_rate_and_similarity_are_each_others_way_back(rate: float) -> None:
    for shape in (0.0, -0.2):
        made = Curve(
            similarities=(0.0, 0.2, 0.3), rates=(0.5, 1e-2, 1e-4), scale=0.03, shape=shape, comparisons=1
        )
        assert made.rate_at(made.similarity_at(rate)) == pytest.approx(rate, rel=1e-6)


def test_lookalikes_among_the_strangers_raise_the_thresholds(curve: Curve) -> None:
    with_relatives = np.r_[normal(2_000_000), RNG.uniform(0.3, 0.5, 300)].astype(np.float32)
    assert threshold_for(measure_curve(with_relatives), 0.002, 3000) > threshold_for(curve, 0.002, 3000)


def test_a_larger_event_needs_more_similarity_and_a_small_one_as_much_as_a_thousand_faces(
    curve: Curve,
) -> None:
    sizes = (1_000, 3_000, 10_000, 100_000, 1_000_000)
    sure = [threshold_for(curve, 0.002, faces) for faces in sizes]
    assert sure == sorted(set(sure))
    assert threshold_for(curve, 0.002, 0) == threshold_for(curve, 0.002, SMALLEST_EVENT) == sure[0]


@pytest.mark.parametrize("faces", [1_000, 5_000])
@pytest.mark.parametrize("share", [0.05, 0.01])
def test_strangers_meet_a_photo_as_often_as_was_wished(curve: Curve, faces: int, share: float) -> None:
    threshold = threshold_for(curve, share, faces)
    met = np.mean([normal(faces).max() >= threshold for _ in range(1500)])
    spread = math.sqrt(share * (1 - share) / 1500)
    assert share / 3 - 3 * spread <= met <= share + 3 * spread


@pytest.mark.parametrize("photos_each", [1, 10])
def test_photos_of_the_same_people_make_strangers_meet_fewer_not_more(curve: Curve, photos_each: int) -> None:
    """The promise is an upper bound where hits come together."""
    threshold = threshold_for(curve, 0.05, 2000)
    met = 0
    for _ in range(1000):
        people = normal(2000 // photos_each, 0.07 * math.sqrt(0.8))
        photos = np.repeat(people, photos_each) + normal(2000, 0.07 * math.sqrt(0.2))
        met += bool(photos.max() >= threshold)
    assert met <= 0.05 * 1000 + 3 * math.sqrt(0.05 * 0.95 * 1000)


def test_too_few_comparisons_are_refused() -> None:
    with pytest.raises(KnownError) as caught:
        measure_curve(normal(19_999))
    assert caught.value.code is ErrorCode.CALIBRATION_TOO_SMALL


def test_similarities_that_are_all_alike_break_nothing() -> None:
    drawn = np.repeat(np.float32([0.0, 0.1, 0.2]), [50_000, 9_000, 1_000])
    drawn[-10:] = [0.2 + 0.01 * step for step in range(10)]
    made = measure_curve(drawn)
    assert -1 < made.similarity_at(0.4) < made.similarity_at(1e-6) <= 1


def test_fixed_thresholds_win_over_shares_and_shares_over_what_was_calibrated(curve: Curve) -> None:
    made = calibration(curve)
    as_calibrated = certainty_of(made, Wishes(), 3000)
    assert as_calibrated.thresholds.match == pytest.approx(threshold_for(curve, 0.002, 3000))
    assert (one_in(as_calibrated.sure_share), one_in(as_calibrated.maybe_share)) == (500, 20)
    stricter = certainty_of(made, Wishes(sure_share=0.0005), 3000)
    assert stricter.thresholds.match > as_calibrated.thresholds.match
    fixed = certainty_of(made, Wishes(match=0.3, sure_share=0.0005), 3000)
    assert fixed.thresholds.match == 0.3
    assert fixed.sure_share == pytest.approx(stranger_share(curve, 0.3, 3000))


def test_whom_two_faces_of_an_event_show_follows_the_weights_and_neither_its_size_nor_a_sites_wishes(
    curve: Curve,
) -> None:
    made = calibration(curve)
    kin = {
        certainty_of(made, wishes, faces).thresholds.kin
        for wishes in (Wishes(), Wishes(match=0.3, maybe=0.2), Wishes(sure_share=0.0005))
        for faces in (1_000, 100_000)
    }
    assert kin == {curve.similarity_at(1e-6)}


def test_maybe_is_never_above_sure(curve: Curve) -> None:
    odd = calibration(curve).model_copy(update={"targets": Targets(sure=0.2, maybe=0.01)})
    thresholds = certainty_of(odd, Wishes(), 1000).thresholds
    assert thresholds.maybe == thresholds.match


@pytest.mark.parametrize(
    ("share", "said"),
    [(0.002, 500), (0.05, 20), (0.0137, 73), (1.0, 1), (0.0, 1_000_000_000), (7e-5, 14_000)],
)
def test_shares_are_said_as_one_in_a_round_number(share: float, said: int) -> None:
    assert one_in(share) == said


def test_what_ships_is_of_the_weights_that_ship(weights: Path) -> None:
    """Weights of another contract need a calibration of their own: kiosk calibrate FOLDER --to FILE."""
    contract_id = OpenFaceEngine(weights).contract_id
    assert shipped_calibration(models_folder(), contract_id).contract_id == contract_id


def test_a_shipped_file_is_read_as_it_was_written_and_another_contract_is_stood_in_for(
    tmp_path: Path, curve: Curve
) -> None:
    write_calibration(tmp_path / "calibration.json", calibration(curve))
    assert shipped_calibration(tmp_path, "one") == calibration(curve)
    assert shipped_calibration(tmp_path, "two").contract_id == "one"


@pytest.mark.parametrize("text", [None, "", "{}", '{"format": 1, "calibrations": []}', "\xff"])
def test_a_damaged_shipped_file_is_named(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "calibration.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(KnownError) as caught:
        shipped_calibration(tmp_path, "one")
    assert caught.value.code is ErrorCode.CALIBRATION_INVALID
