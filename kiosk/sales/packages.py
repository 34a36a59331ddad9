"""Price lists: the packages of an event and the prices of paper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from kiosk.errors import ErrorCode, KnownError
from kiosk.money import satang
from kiosk.sales.types import Package, PrintSize

DEAREST_SATANG = satang(1_000_000)
MOST_PHOTOS = 10_000


@dataclass(frozen=True, slots=True)
class PackageSet:
    """The packages on sale at an event.

    Invariant: at least one package; ids and photo counts differ; counts are 1..10,000; every price is above
    zero and at most 1,000,000 baht. Raises KnownError(SETTING_INVALID) with the reason otherwise.
    """

    packages: tuple[Package, ...]

    def __post_init__(self) -> None:
        if not self.packages:
            raise _invalid("it is empty")
        if len({package.package_id for package in self.packages}) < len(self.packages):
            raise _invalid("a package id occurs twice")
        if len({package.photo_count for package in self.packages}) < len(self.packages):
            raise _invalid("two packages hold the same number of photos")
        for package in self.packages:
            if package.photo_count is not None and not 1 <= package.photo_count <= MOST_PHOTOS:
                raise _invalid(f"{package.package_id!r} holds {package.photo_count} photos")
            if not 0 < package.price_satang <= DEAREST_SATANG:
                raise _invalid(f"{package.package_id!r} costs {package.price_satang} satang")

    @property
    def counted(self) -> tuple[tuple[Package, int], ...]:
        """The packages of a fixed number of photos, each with that number."""
        return tuple((p, p.photo_count) for p in self.packages if p.photo_count is not None)

    @property
    def unlimited(self) -> Package | None:
        """The package of every photo, if one is on sale."""
        return next((p for p in self.packages if p.photo_count is None), None)

    @property
    def single(self) -> Package | None:
        """The package of one photo, if one is on sale."""
        return next((p for p in self.packages if p.photo_count == 1), None)


def _invalid(reason: str) -> KnownError:
    return KnownError(
        ErrorCode.SETTING_INVALID,
        f"The package set cannot be used: {reason}.",
        "Correct the event's packages.",
    )


STANDARD_PACKAGES = PackageSet(
    (
        Package("single", "package.single", 1, satang(79)),
        Package("starter", "package.starter", 5, satang(299)),
        Package("popular", "package.popular", 10, satang(499)),
        Package("premium", "package.premium", 20, satang(899)),
        Package("all", "package.all", None, satang(1499)),
    )
)

STANDARD_PRINT_PRICES: Mapping[PrintSize, int] = MappingProxyType(
    {PrintSize.S10X15: satang(50), PrintSize.S13X18: satang(80), PrintSize.S20X25: satang(150)}
)
