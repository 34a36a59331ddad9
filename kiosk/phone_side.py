"""What buyers' phones meet: links to what was bought, and the page that serves them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from fastapi import APIRouter

from kiosk.archive import Archive
from kiosk.checkout.checkout import Checkout
from kiosk.database.links import SqlLinkRepository
from kiosk.delivery.links import LinkMaker, load_link_secret
from kiosk.delivery.phone_app import make_phone_app
from kiosk.delivery.phone_server import PhoneServer
from kiosk.order_desk import OrderDesk, Originals
from kiosk.settings import DeliverySection


class PhoneSide:
    """The desk of orders from the start, the page from `serve` on; `use` follows the settings."""

    def __init__(
        self, archive: Archive, checkout: Checkout, originals: Originals | None, centre_url: str
    ) -> None:
        """`originals` and `centre_url` as in `OrderDesk`."""
        self._archive = archive
        self._delivery = delivery = archive.settings.delivery
        self._links = SqlLinkRepository(archive.database)
        validity = timedelta(days=delivery.link_days)
        secret = load_link_secret(archive.home)
        self._maker = LinkMaker(secret, archive.clock, validity, delivery.download_limit)
        self._server: PhoneServer | None = None
        own_url: Callable[[], str] = self._url
        self.desk = OrderDesk(
            archive, checkout, self._links, self._maker, own_url, lambda: centre_url, originals
        )

    def use(self, delivery: DeliverySection) -> None:
        """Links are made by these from now on; where the page listens follows with the next start."""
        self._delivery = delivery
        self._maker.use(timedelta(days=delivery.link_days), delivery.download_limit)

    def serve(self, more: Sequence[APIRouter]) -> None:
        """Starts the page, with routes of other rooms. Raises KnownError PORT_TAKEN, SETTING_INVALID."""
        archive = self._archive
        zone = ZoneInfo(archive.settings.kiosk.timezone)
        app = make_phone_app(self._links, self.desk, self.desk, archive.clock, zone, more)
        self._server = PhoneServer(app, self._delivery.host, self._delivery.port)
        self._server.start()

    def stop(self) -> None:
        """Ends the page."""
        if self._server is not None:
            self._server.stop()

    def _url(self) -> str:
        served = self._server.base_url if self._server else ""
        return self._delivery.public_url or served
