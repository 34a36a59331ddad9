"""Updates that the centre has for this kiosk: a `kiosk.updates.staging.PackageSource`."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from kiosk.sync.client import CentralClient
from kiosk.sync.connection import nonsense
from kiosk.updates.package import LARGEST_PACKAGE, LARGEST_SIGNATURE, Installed
from kiosk.updates.staging import Offer

OFFER_PATH = "/api/updates/offer"


class OfferAnswer(BaseModel):
    """What a centre answers: `is_there` false where it has nothing new. `signature` is the .minisig file in
    base64."""

    model_config = ConfigDict(extra="ignore")

    is_there: bool
    file_name: str = Field(default="", max_length=200)
    version: str = Field(default="", max_length=40)
    size: int = Field(default=0, ge=0, le=LARGEST_PACKAGE)
    signature: str = Field(default="", max_length=2 * LARGEST_SIGNATURE)


class CentrePackages:
    """Asks one centre; its words are believed only as far as a signature proves them. Any thread."""

    def __init__(self, client: Callable[[], CentralClient]) -> None:
        """`client` may raise KnownError(NOT_ENROLLED)."""
        self._client = client

    def offer(self, installed: Installed) -> Offer | None:
        params = {"version": installed.version, "architecture": installed.architecture}
        try:
            answer = OfferAnswer.model_validate(self._client().get_json(OFFER_PATH, params))
            signature = base64.b64decode(answer.signature, validate=True)
        except (ValidationError, binascii.Error):
            raise nonsense("its offer of an update") from None
        return Offer(answer.file_name, answer.size, signature) if answer.is_there else None

    def part(self, offer: Offer, start: int, size: int) -> bytes:
        return self._client().get_part(f"/api/updates/packages/{quote(offer.file_name)}", start, size)
