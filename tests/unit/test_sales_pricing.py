"""The basket always costs the least that the packages allow, and a hint is never a lie."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.errors import BugError, ErrorCode, KnownError
from kiosk.money import satang
from kiosk.sales.packages import STANDARD_PACKAGES, STANDARD_PRINT_PRICES, PackageSet
from kiosk.sales.pricing import cheapest, quote
from kiosk.sales.types import Basket, Finish, Hint, Package, PrintItem, PrintSize, Voucher, VoucherKind


def photos(count: int) -> Basket:
    return Basket(digital=tuple(f"photo-{n}" for n in range(count)))


def used(basket: Basket, packages: PackageSet = STANDARD_PACKAGES) -> dict[str, int]:
    return {
        use.package.package_id: use.times for use in quote(basket, packages, STANDARD_PRINT_PRICES).packages
    }


@pytest.mark.parametrize(
    ("count", "baht", "uses"),
    [
        (0, 0, {}),
        (1, 79, {"single": 1}),
        (3, 237, {"single": 3}),
        (4, 299, {"starter": 1}),
        (5, 299, {"starter": 1}),
        (6, 378, {"starter": 1, "single": 1}),
        (8, 499, {"popular": 1}),
        (10, 499, {"popular": 1}),
        (15, 798, {"popular": 1, "starter": 1}),
        (17, 899, {"premium": 1}),
        (20, 899, {"premium": 1}),
        (30, 1398, {"premium": 1, "popular": 1}),
        (31, 1477, {"premium": 1, "popular": 1, "single": 1}),
        (32, 1499, {"all": 1}),
        (500, 1499, {"all": 1}),
    ],
)
def test_standard_packages_give_the_least_price(count: int, baht: int, uses: dict[str, int]) -> None:
    assert quote(photos(count), STANDARD_PACKAGES, STANDARD_PRINT_PRICES).digital_satang == satang(baht)
    assert used(photos(count)) == uses


def test_another_set_is_priced_by_its_own_data() -> None:
    packages = PackageSet(
        (
            Package("one", "One", 1, satang(60)),
            Package("five", "Five", 5, satang(250)),
            Package("all", "All", None, satang(500)),
        )
    )
    assert [quote(photos(n), packages, {}).total_satang // 100 for n in (1, 4, 5, 9, 10, 11)] == [
        60,
        240,
        250,
        490,
        500,
        500,
    ]
    assert used(photos(10), packages) == {"all": 1}  # at the same price, the one with more places


def package_sets() -> st.SearchStrategy[PackageSet]:
    prices = st.integers(min_value=1, max_value=400)
    counted = st.dictionaries(st.integers(min_value=1, max_value=9), prices, max_size=4)

    def build(rows: dict[int, int], unlimited: int | None) -> PackageSet:
        packages = [Package(f"p{count}", f"P{count}", count, price) for count, price in rows.items()]
        if unlimited is not None:
            packages.append(Package("all", "All", None, unlimited))
        return PackageSet(tuple(packages))

    return (
        st.tuples(counted, st.none() | st.integers(min_value=1, max_value=2000))
        .filter(lambda rows: bool(rows[0]) or rows[1] is not None)
        .map(lambda rows: build(*rows))
    )


def brute_force(packages: PackageSet, count: int) -> tuple[int, float]:
    """(price, -places) of the best among all combinations, each package up to `count` times."""
    best = [
        (package.price_satang, float("-inf")) for package in packages.packages if package.photo_count is None
    ]
    counted = packages.counted
    for times in itertools.product(*(range(-(-count // places) + 1) for _, places in counted)):
        places = sum(n * size for n, (_, size) in zip(times, counted, strict=True))
        price = sum(n * package.price_satang for n, (package, _) in zip(times, counted, strict=True))
        if places >= count:
            best.append((price, -places))
    return min(best)


@given(packages=package_sets(), count=st.integers(min_value=1, max_value=12))
def test_no_combination_of_packages_is_cheaper_than_the_quote(packages: PackageSet, count: int) -> None:
    found = cheapest(packages, count)
    price, places = brute_force(packages, count)
    assert found.price_satang == price
    assert (found.places is None) == (places == float("-inf"))
    if found.places is not None:
        assert found.places == -places
    assert sum(use.times * use.package.price_satang for use in found.uses) == price


@given(packages=package_sets(), count=st.integers(min_value=0, max_value=40))
def test_one_more_photo_never_lowers_the_price(packages: PackageSet, count: int) -> None:
    assert cheapest(packages, count).price_satang <= cheapest(packages, count + 1).price_satang


@given(
    packages=package_sets(),
    count=st.integers(min_value=1, max_value=30),
    spare=st.none() | st.integers(min_value=0, max_value=30),
    percent=st.none() | st.integers(min_value=1, max_value=99),
)
def test_a_hint_promises_exactly_what_the_next_quote_asks(
    packages: PackageSet, count: int, spare: int | None, percent: int | None
) -> None:
    voucher = None if percent is None else Voucher("V", VoucherKind.PERCENT, percent)
    available = None if spare is None else count + spare
    now = quote(photos(count), packages, {}, voucher, available)
    if now.hint is None:
        return
    assert now.hint.extra_photos > 0
    assert now.hint.photo_count == count + now.hint.extra_photos
    assert available is None or now.hint.photo_count <= available
    then = quote(photos(now.hint.photo_count), packages, {}, voucher, available)
    assert then.digital_satang == now.hint.price_satang
    assert then.total_satang - now.total_satang == now.hint.more_satang
    if now.digital_satang != then.digital_satang:
        assert then.digital_satang * count < now.digital_satang * now.hint.photo_count  # cheaper per photo


@pytest.mark.parametrize(
    ("count", "hint"),
    [
        (0, None),
        (1, None),
        (2, None),
        (3, Hint(2, 5, satang(299), satang(62))),
        (4, Hint(1, 5, satang(299), 0)),
        (5, None),
        (6, Hint(4, 10, satang(499), satang(121))),
        (8, Hint(2, 10, satang(499), 0)),
        (10, None),
        (12, None),
        (13, Hint(7, 20, satang(899), satang(163))),
        (17, Hint(3, 20, satang(899), 0)),
        (20, None),
    ],
)
def test_hints_of_the_standard_set(count: int, hint: Hint | None) -> None:
    assert quote(photos(count), STANDARD_PACKAGES, {}).hint == hint


def test_no_hint_speaks_of_photos_that_the_visitor_does_not_have() -> None:
    def hint(chosen: int, available: int) -> Hint | None:
        return quote(photos(chosen), STANDARD_PACKAGES, {}, photos_available=available).hint

    assert hint(3, 4) is None
    assert hint(8, 9) == Hint(1, 9, satang(499), 0)
    assert hint(4, 4) is None
    assert hint(30, 40) == Hint(10, 40, satang(1499), satang(101))
    assert hint(33, 40) == Hint(7, 40, satang(1499), 0)
    assert hint(40, 40) is None


def test_a_basket_that_a_voucher_makes_free_gets_no_hint() -> None:
    voucher = Voucher("FREE", VoucherKind.FREE, 0)
    free = quote(photos(3), STANDARD_PACKAGES, {}, voucher)
    assert (free.total_satang, free.discount_satang, free.hint) == (0, satang(237), None)
    assert free.voucher_code == "FREE"


def test_prints_and_digital_are_separate_and_the_voucher_comes_off_both() -> None:
    basket = Basket(
        digital=("a", "b"),
        prints=(
            PrintItem("a", PrintSize.S10X15, Finish.GLOSSY, 2),
            PrintItem("c", PrintSize.S20X25, Finish.MATTE, 1),
        ),
    )
    voucher = Voucher("TEN", VoucherKind.PERCENT, 10)
    price = quote(basket, STANDARD_PACKAGES, STANDARD_PRINT_PRICES, voucher)
    assert price.digital_satang == price.singly_satang == satang(158)
    assert price.prints_satang == satang(250)
    assert price.discount_satang == 4080
    assert price.total_satang == satang(408) - 4080


def test_one_by_one_is_told_for_comparison() -> None:
    assert quote(photos(5), STANDARD_PACKAGES, {}).singly_satang == satang(395)


def test_a_print_without_a_price_is_a_bug() -> None:
    basket = Basket(prints=(PrintItem("a", PrintSize.S10X15, Finish.GLOSSY, 1),))
    with pytest.raises(BugError):
        quote(basket, STANDARD_PACKAGES, {})


@pytest.mark.parametrize(
    "packages",
    [
        (),
        (Package("a", "A", 1, 0),),
        (Package("a", "A", 1, -100),),
        (Package("a", "A", 0, 100),),
        (Package("a", "A", 1, 100), Package("a", "B", 2, 100)),
        (Package("a", "A", 5, 100), Package("b", "B", 5, 200)),
        (Package("a", "A", None, 100), Package("b", "B", None, 200)),
    ],
)
def test_an_unusable_package_set_is_refused_with_the_reason(packages: tuple[Package, ...]) -> None:
    with pytest.raises(KnownError) as refused:
        PackageSet(packages)
    assert refused.value.code is ErrorCode.SETTING_INVALID
