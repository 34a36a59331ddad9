"""What a basket costs: the least that the packages allow, exactly, and the one hint that is worth saying."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from kiosk.errors import BugError
from kiosk.sales.packages import PackageSet
from kiosk.sales.types import Basket, Hint, Package, PackageUse, PrintSize, Quote, Voucher
from kiosk.sales.vouchers import discount_satang


@dataclass(frozen=True, slots=True)
class Cheapest:
    """A cheapest combination. `places` is how many photos it holds, None without limit."""

    uses: tuple[PackageUse, ...]
    price_satang: int
    places: int | None


def cheapest(packages: PackageSet, photos: int) -> Cheapest:
    """The least price of at least `photos` photos over every combination of packages, each any number of
    times, and the unlimited one.

    Exact, by dynamic programming over the number of places: O(photos x packages) steps in integers. Among
    combinations of the same price the one with the most places wins, then the one of the fewest packages.
    """
    if photos <= 0:
        return Cheapest((), 0, 0)
    unlimited = packages.unlimited
    counted = packages.counted
    # Best way to hold at least k photos, as (price, -places, packages) and the package to take first. Tuples
    # compare in that order, and adding a package keeps the order, so the best of the rest stays best.
    best: list[tuple[int, int, int]] = [(0, 0, 0)]
    first: list[int] = [-1]
    for k in range(1, photos + 1):
        if not counted or (unlimited is not None and best[-1][0] >= unlimited.price_satang):
            break  # prices only grow with k: from here on the unlimited package is the cheapest
        ways = []
        for index, (package, count) in enumerate(counted):
            price, places, used = best[max(0, k - count)]
            ways.append(((price + package.price_satang, places - count, used + 1), index))
        way, index = min(ways)
        best.append(way)
        first.append(index)
    is_short = len(best) <= photos
    if unlimited is not None and (is_short or best[photos][0] >= unlimited.price_satang):
        return Cheapest((PackageUse(unlimited, 1),), unlimited.price_satang, None)
    return Cheapest(_uses(counted, first, photos), best[photos][0], -best[photos][1])


def _uses(counted: tuple[tuple[Package, int], ...], first: list[int], photos: int) -> tuple[PackageUse, ...]:
    """Follows the first choices down to nothing left; the biggest packages come first."""
    times: Counter[int] = Counter()
    while photos > 0:
        times[first[photos]] += 1
        photos -= counted[first[photos]][1]
    in_order = sorted(times, key=lambda index: -counted[index][1])
    return tuple(PackageUse(counted[index][0], times[index]) for index in in_order)


def quote(
    basket: Basket,
    packages: PackageSet,
    print_prices: Mapping[PrintSize, int],
    voucher: Voucher | None = None,
    photos_available: int | None = None,
) -> Quote:
    """What `basket` costs now, in satang.

    `voucher` is one that `kiosk.sales.vouchers.validate` took; while the sum is below its minimum it takes
    nothing off. `photos_available` is how many digital photos this visitor could choose in all, with those
    in the basket; None where that is not known. It bounds the hint. Raises BugError for a print on paper
    that has no price.
    """
    count = len(basket.digital)
    best = cheapest(packages, count)
    prints = _prints_satang(basket, print_prices)
    discount = discount_satang(voucher, best.price_satang + prints)
    single = packages.single
    return Quote(
        digital_count=count,
        packages=best.uses,
        digital_satang=best.price_satang,
        singly_satang=best.price_satang if single is None else single.price_satang * count,
        prints_satang=prints,
        discount_satang=discount,
        total_satang=best.price_satang + prints - discount,
        hint=_hint(best, packages, count, photos_available, prints, voucher),
        voucher_code=voucher.code if voucher is not None else None,
    )


def _prints_satang(basket: Basket, print_prices: Mapping[PrintSize, int]) -> int:
    total = 0
    for item in basket.prints:
        if item.size not in print_prices:
            raise BugError(f"paper {item.size} is in a basket but has no price")
        total += print_prices[item.size] * item.copies
    return total


def _hint(
    now: Cheapest,
    packages: PackageSet,
    count: int,
    available: int | None,
    prints_satang: int,
    voucher: Voucher | None,
) -> Hint | None:
    """The one hint to say, or None.

    A hint never speaks of photos that the visitor does not have (`available`), nor of a basket that a
    voucher makes free already, and is one of two:

    * free: the packages that are paid for hold more photos than were chosen. All of the free places.
    * cheaper: one package, filled to its last place, is the cheapest way to buy that many photos, each
      further photo costs at most half of what a chosen photo costs now (so the price per photo falls), and
      no more further photos are asked for than were chosen. The nearest such package. With the standard set:
      3 photos are 237 (79 each), 5 are 299: two more for 31 each is said; 5 photos are 299 (59.80 each), 10
      are 499: five more for 40 each is not.

    `more_satang` counts what the total really grows by, with the voucher taken off.
    """
    if count <= 0:
        return None
    subtotal = now.price_satang + prints_satang
    total = subtotal - discount_satang(voucher, subtotal)
    if total == 0:
        return None
    places = available if now.places is None else now.places
    if places is not None and available is not None:
        places = min(places, available)
    if places is not None and places > count:
        return Hint(places - count, places, now.price_satang, 0)
    for target, price in _package_targets(packages, count, available):
        further = target - count
        is_worth_saying = 2 * count * (price - now.price_satang) <= further * now.price_satang
        if further <= count and is_worth_saying and cheapest(packages, target).price_satang == price:
            grown = price + prints_satang
            more = grown - discount_satang(voucher, grown) - total
            return Hint(further, target, price, max(0, more))
    return None


def _package_targets(packages: PackageSet, count: int, available: int | None) -> list[tuple[int, int]]:
    """(photos, price) of every package that would be full with more photos than `count`, nearest first."""
    targets = [
        (photos, package.price_satang)
        for package, photos in packages.counted
        if photos > count and (available is None or photos <= available)
    ]
    if packages.unlimited is not None and available is not None and available > count:
        targets.append((available, packages.unlimited.price_satang))
    return sorted(targets)
