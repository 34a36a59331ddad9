"""Changes of a basket. Each makes a new one; the order in which photos were chosen is kept."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from kiosk.errors import BugError, ErrorCode, KnownError
from kiosk.sales.types import Basket, Finish, PrintItem, PrintSize

MOST_PRINTS = 50
"""Where nobody says otherwise."""


def add(basket: Basket, *photo_ids: str) -> Basket:
    """With the digital photos; a photo that is in already stays in once."""
    return replace(basket, digital=tuple(dict.fromkeys((*basket.digital, *photo_ids))))


def remove(basket: Basket, photo_id: str) -> Basket:
    """Without the digital photo. Prints of it stay: they are lines of their own."""
    return replace(basket, digital=tuple(other for other in basket.digital if other != photo_id))


def set_print(
    basket: Basket, photo_id: str, size: PrintSize, finish: Finish, copies: int, most: int = MOST_PRINTS
) -> Basket:
    """With exactly `copies` of the photo on this paper; 0 takes the line out.

    Raises KnownError(PRINT_LIMIT) where the basket would hold more than `most` prints, and more than before.
    """
    if copies < 0:
        raise BugError(f"{copies} copies")
    others = tuple(
        item for item in basket.prints if (item.photo_id, item.size, item.finish) != (photo_id, size, finish)
    )
    if copies == 0:
        return replace(basket, prints=others)
    sheets = sum(item.copies for item in others) + copies
    if sheets > most and sheets > sum(item.copies for item in basket.prints):
        raise KnownError(
            ErrorCode.PRINT_LIMIT, f"An order holds at most {most} prints.", params={"n": str(most)}
        )
    changed = PrintItem(photo_id, size, finish, copies)
    if len(others) == len(basket.prints):
        return replace(basket, prints=(*basket.prints, changed))
    kept = tuple(
        changed if (item.photo_id, item.size, item.finish) == (photo_id, size, finish) else item
        for item in basket.prints
    )
    return replace(basket, prints=kept)


def without_photos(basket: Basket, photo_ids: Collection[str]) -> Basket:
    """Without these photos, digital and printed: for photos that are no longer offered."""
    return replace(
        basket,
        digital=tuple(photo_id for photo_id in basket.digital if photo_id not in photo_ids),
        prints=tuple(item for item in basket.prints if item.photo_id not in photo_ids),
    )


def with_voucher(basket: Basket, code: str | None) -> Basket:
    """With this voucher code, or with none."""
    return replace(basket, voucher_code=code)
