"""The gate before every page and file: which link, is it good, is its order paid."""

from __future__ import annotations

import hmac
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.requests import Request

from kiosk.clock import Clock
from kiosk.delivery.guess_limit import GuessLimit
from kiosk.delivery.links import download_token, token_hash
from kiosk.delivery.phone_pages import PageWriter
from kiosk.delivery.purchases import PaidOrders, Purchase
from kiosk.delivery.types import DownloadLink, LinkRepository
from kiosk.errors import ErrorCode, KnownError
from kiosk.language import Language
from kiosk.sales.types import OrderState

_TOKEN = re.compile(r"[A-Za-z0-9_-]{22,64}")


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence by key with its values."""

    key: str
    params: Mapping[str, object] = field(default_factory=dict)


class RefusedError(Exception):
    """The phone gets a page that says why in a calm sentence and what to do next."""

    def __init__(
        self,
        status: int,
        title_key: str,
        *lines: Line,
        action_key: str | None = None,
        action_url: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(title_key)
        self.status = status
        self.title_key = title_key
        self.lines = lines
        self.action_key = action_key
        self.action_url = action_url
        self.headers = dict(headers or {})


@dataclass(frozen=True, slots=True)
class Visit:
    """One admitted request. `suffix` keeps a language chosen on the page in its links."""

    token: str
    link: DownloadLink
    purchase: Purchase
    language: Language
    suffix: str

    def url(self, path: str = "") -> str:
        """A path under this link's photo page."""
        return f"/d/{self.token}{path}{self.suffix}"


class PhoneGate:
    """Admits requests or raises RefusedError. Any thread."""

    def __init__(
        self, links: LinkRepository, orders: PaidOrders, clock: Clock, limit: GuessLimit, pages: PageWriter
    ) -> None:
        self._links = links
        self._orders = orders
        self._clock = clock
        self._limit = limit
        self._pages = pages

    def admit(self, request: Request, token: str) -> Visit:
        """To the photos: a known link that has not ended, of an order that is paid at this moment."""
        visit = self._known(request, token)
        self._refuse_ended(visit)
        self._refuse_unpaid(visit)
        return visit

    def admit_to_receipt(self, request: Request, receipt_token: str) -> Visit:
        """To the privacy receipt, which stays readable after the photos' link has ended."""
        return self._known(request, download_token(receipt_token))

    def admit_to_kept(self, request: Request, token: str) -> Visit:
        """To what is kept, by the link to the photos: to be read, and nothing deleted by it."""
        return self._known(request, token)

    def _known(self, request: Request, token: str) -> Visit:
        address = request.client.host if request.client else ""
        wait_s = self._limit.wait_s(address)
        if wait_s > 0:
            raise RefusedError(
                429,
                "phone.slow.title",
                Line("phone.slow.text"),
                headers={"Retry-After": str(math.ceil(wait_s))},
            )
        link = self._find(token)
        if link is None:
            self._limit.note_miss(address)
            raise unknown_link()
        try:
            purchase = self._orders.purchase(link.order_id)
        except KnownError as error:
            if error.code is ErrorCode.ORDER_UNKNOWN:
                raise unknown_link() from error
            raise
        language = request_language(request, purchase.order.language)
        request.state.language = language
        suffix = f"?lang={language}" if "lang" in request.query_params else ""
        return Visit(token, link, purchase, language, suffix)

    def _find(self, token: str) -> DownloadLink | None:
        """By hash, so that how long the look-up takes tells nothing about stored tokens."""
        if _TOKEN.fullmatch(token) is None:
            return None
        wanted = token_hash(token)
        link = self._links.link_by_token_hash(wanted)
        return link if link is not None and hmac.compare_digest(link.token_hash, wanted) else None

    def _refuse_ended(self, visit: Visit) -> None:
        if self._clock.now() < visit.link.expires_at:
            return
        if visit.purchase.is_deleted:
            raise RefusedError(410, "phone.deleted.title", Line("error.photos_deleted"))
        date = self._pages.date(visit.language, visit.link.expires_at)
        raise RefusedError(
            410,
            "phone.expired.title",
            Line("error.download_expired", {"date": date}),
            Line("phone.expired.next", {"code": visit.purchase.order.code}),
        )

    def _refuse_unpaid(self, visit: Visit) -> None:
        if visit.purchase.is_paid:
            return
        code = {"code": visit.purchase.order.code}
        if visit.purchase.order.state is OrderState.AWAITING_PAYMENT:
            raise RefusedError(
                403,
                "phone.unpaid.title",
                Line("phone.unpaid.text", code),
                action_key="phone.retry",
                action_url=visit.url(),
            )
        raise RefusedError(410, "phone.closed.title", Line("phone.closed.text", code))


def unknown_link() -> RefusedError:
    """For forged, mistyped and unknown links alike: the page tells nothing about which it is."""
    return RefusedError(404, "phone.unknown.title", Line("phone.unknown.text"))


def request_language(request: Request, order_language: str = "") -> Language:
    """`?lang=` first, then the language of the order, then the phone's; Thai when nothing says otherwise."""
    for wish in (request.query_params.get("lang", ""), order_language):
        if wish in tuple(Language):
            return Language(wish)
    accepted = request.headers.get("accept-language", "").lower()
    return Language.ENGLISH if accepted.startswith(Language.ENGLISH) else Language.THAI
