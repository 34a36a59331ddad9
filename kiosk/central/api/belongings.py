"""What belongs to the caller's tenant. What is another's is answered exactly as what is not there."""

from __future__ import annotations

from sqlalchemy import select

from kiosk.central.centre import Centre
from kiosk.central.principal import Principal
from kiosk.database.tables import OrderLineRow, OrderRow
from kiosk.errors import ErrorCode, KnownError
from kiosk.photos.types import Photo, PhotoEvent
from kiosk.sales.types import OrderState


def event_of(centre: Centre, who: Principal, event_id: str) -> PhotoEvent:
    """Raises KnownError(EVENT_UNKNOWN)."""
    try:
        event = centre.archive.photos.event(event_id)
    except KnownError as error:
        if error.code is not ErrorCode.EVENT_UNKNOWN:
            raise
        event = None
    if event is None or event.tenant_id != who.tenant_id:
        raise KnownError(ErrorCode.EVENT_UNKNOWN, "There is no such event.", "Ask for the list of events.")
    return event


def photo_of(centre: Centre, who: Principal, photo_id: str) -> Photo:
    """Also one that is withdrawn. Raises KnownError(PHOTO_UNKNOWN)."""
    try:
        photo = centre.archive.photos.photo(photo_id)
        event_of(centre, who, photo.event_id)
    except KnownError as error:
        if error.code not in (ErrorCode.PHOTO_UNKNOWN, ErrorCode.EVENT_UNKNOWN):
            raise
        raise KnownError(ErrorCode.PHOTO_UNKNOWN, "There is no such photo.") from None
    return photo


def has_bought(centre: Centre, customer: Principal, photo_id: str) -> bool:
    """Whether a paid order of the customer has the photo."""
    query = (
        select(OrderLineRow.line_id)
        .join(OrderRow, OrderRow.order_id == OrderLineRow.order_id)
        .where(
            OrderLineRow.photo_id == photo_id,
            OrderRow.tenant_id == customer.tenant_id,
            OrderRow.customer_id == customer.subject,
            OrderRow.state == OrderState.PAID.value,
        )
        .limit(1)
    )
    with centre.database.reading() as session:
        return session.scalar(query) is not None
