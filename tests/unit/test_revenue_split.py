"""The split of a sale: its parts add up, nobody's share drifts, and every rule of the plans holds."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.errors import ErrorCode, KnownError
from kiosk.revenue.split import PERCENT, VOLUME_PERCENT, percent_of, split, split_back
from kiosk.revenue.types import Carry, Kind, Plan, Sale

AT = datetime(2026, 11, 20, 1, tzinfo=UTC)
THRESHOLDS = (5_000_000, 20_000_000)
PLANS = [PERCENT[Plan.STANDARD], PERCENT[Plan.PREMIUM]] + [
    {Kind.PHOTOGRAPHER: part, Kind.PLATFORM: 100 - part} for part in VOLUME_PERCENT
]
amounts = st.integers(-10_000_000, 10_000_000)
crews = st.dictionaries(st.sampled_from(["", "Ploy", "Nok", "Chai", "Dao"]), st.integers(0, 40), max_size=5)


def sale(amount: int, weights: dict[str, int] | None = None) -> Sale:
    return Sale("order", AT, amount, weights if weights is not None else {"Ploy": 1})


@given(st.lists(st.tuples(amounts, crews, st.sampled_from(PLANS)), max_size=40))
def test_the_parts_of_each_sale_add_up_to_its_amount_also_when_the_plan_changes(sales) -> None:  # type: ignore[no-untyped-def]
    carry = Carry()
    for amount, weights, plan in sales:
        shares, carry = split(sale(amount, weights), plan, carry)
        assert sum(share.amount_satang for share in shares) == amount
        assert sum(carry.kinds.values()) == 0


@given(st.sampled_from(PLANS), st.lists(amounts, min_size=1, max_size=120))
def test_no_party_is_ever_a_satang_away_from_its_exact_share(plan, sales) -> None:  # type: ignore[no-untyped-def]
    carry, got = Carry(), Counter[Kind]()
    for done, amount in enumerate(sales, 1):
        shares, carry = split(sale(amount), plan, carry)
        for share in shares:
            got[share.kind] += share.amount_satang
        sold = sum(sales[:done])
        for kind, percent in plan.items():
            assert abs(got[kind] - Fraction(sold * percent, 100)) < 1


@given(st.lists(st.tuples(st.integers(1, 1_000_000), crews), min_size=1, max_size=60))
def test_no_photographer_is_a_satang_away_from_what_their_photos_earned(sales) -> None:  # type: ignore[no-untyped-def]
    carry, got, earned = Carry(), Counter[str](), Counter[str]()
    for amount, weights in sales:
        shares, carry = split(sale(amount, weights), PERCENT[Plan.STANDARD], carry)
        of_photographers = {s.party: s.amount_satang for s in shares if s.kind is Kind.PHOTOGRAPHER}
        named = {name: weight for name, weight in weights.items() if weight} or {"": 1}
        assert set(of_photographers) == set(named)
        for name, weight in named.items():
            earned[name] += Fraction(sum(of_photographers.values()) * weight, sum(named.values()))
        got.update(of_photographers)
    assert all(abs(got[name] - earned[name]) < 2 for name in earned)


@given(
    st.lists(st.tuples(st.integers(1, 1_000_000), crews, st.sampled_from(PLANS)), min_size=1, max_size=40),
    st.data(),
)
def test_what_is_given_back_in_parts_leaves_nobody_with_more_than_a_satang(sales, data) -> None:  # type: ignore[no-untyped-def]
    carry, left = Carry(), Counter[tuple[Kind, str]]()
    of_kinds = Counter[Kind]()
    fixed = []
    for amount, weights, plan in sales:
        shares, carry = split(sale(amount, weights), plan, carry)
        fixed.append(shares)
        left.update({(share.kind, share.party): share.amount_satang for share in shares})
    for shares in fixed:
        amount = sum(share.amount_satang for share in shares)
        first = data.draw(st.integers(0, amount))
        for part in (first, amount - first):
            back, carry = split_back(part, shares, carry)
            assert sum(share.amount_satang for share in back) == -part
            left.update({(share.kind, share.party): share.amount_satang for share in back})
    assert {name for _, name in left} <= {"", *(share.party for shares in fixed for share in shares)}
    for (kind, _), amount in left.items():
        of_kinds[kind] += amount
    assert sum(of_kinds.values()) == 0
    assert all(abs(amount) <= 1 for amount in of_kinds.values())


@pytest.mark.parametrize("count", [3_000, pytest.param(1_000_000, marks=pytest.mark.slow)])
def test_nothing_drifts_over_very_many_sales(count: int) -> None:
    """Amounts as a gateway makes them, with satang that no percentage divides."""
    drawn = np.random.default_rng(7).integers(7_900, 149_999, count)
    carry, got = Carry(), Counter[Kind]()
    plan = PERCENT[Plan.STANDARD]
    for amount in drawn.tolist():
        shares, carry = split(sale(amount), plan, carry)
        for share in shares:
            got[share.kind] += share.amount_satang
    sold = int(drawn.sum())
    assert sum(got.values()) == sold
    assert all(abs(got[kind] - Fraction(sold * percent, 100)) < 1 for kind, percent in plan.items())


def test_a_plain_sale_is_split_as_agreed() -> None:
    standard, _ = split(sale(29_900), PERCENT[Plan.STANDARD], Carry())
    assert {share.kind: share.amount_satang for share in standard} == {
        Kind.PLATFORM: 8_970,
        Kind.PHOTOGRAPHER: 14_950,
        Kind.ORGANISER: 5_980,
    }
    premium, _ = split(sale(29_900), PERCENT[Plan.PREMIUM], Carry())
    assert {share.kind: share.amount_satang for share in premium} == {
        Kind.PLATFORM: 7_475,
        Kind.PHOTOGRAPHER: 16_445,
        Kind.ORGANISER: 5_980,
    }


def test_a_sale_given_back_at_once_leaves_nothing_behind() -> None:
    shares, carry = split(sale(7_946, {"Nok": 2, "Ploy": 1}), PERCENT[Plan.STANDARD], Carry())
    back, carry = split(sale(-7_946, {"Nok": 2, "Ploy": 1}), PERCENT[Plan.STANDARD], carry)
    total = Counter[tuple[Kind, str]]()
    for share in (*shares, *back):
        total[share.kind, share.party] += share.amount_satang
    assert set(total.values()) == {0}
    assert set(carry.kinds.values()) == {0}


@pytest.mark.parametrize(
    ("sold", "part"),
    [(0, 70), (4_999_999, 70), (5_000_000, 75), (19_999_999, 75), (20_000_000, 80), (10**9, 80)],
)
def test_the_photographers_part_grows_with_the_month(sold: int, part: int) -> None:
    assert percent_of(Plan.VOLUME, sold, THRESHOLDS) == {Kind.PHOTOGRAPHER: part, Kind.PLATFORM: 100 - part}


def test_thresholds_that_do_not_grow_are_refused() -> None:
    with pytest.raises(KnownError) as refused:
        percent_of(Plan.VOLUME, 0, (200, 100))
    assert refused.value.code is ErrorCode.SPLIT_INVALID


def test_percentages_that_are_not_a_whole_are_refused() -> None:
    with pytest.raises(KnownError) as refused:
        split(sale(100), {Kind.PLATFORM: 30, Kind.PHOTOGRAPHER: 60}, Carry())
    assert refused.value.code is ErrorCode.SPLIT_INVALID
