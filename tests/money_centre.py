"""A real centre that asks the simulated PayNoi, and a kiosk's client of it, all over real HTTP."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch
from uuid import uuid4

from kiosk.central.secrets import FOLDER_VARIABLE
from kiosk.central.settings import CentralSettings, DatabaseSection
from kiosk.clock import Clock, SystemClock
from kiosk.database.charges import SqlCharges
from kiosk.payments.simulator import PayNoiSimulator
from kiosk.payments.simulator.server import DEFAULT_API_KEY
from kiosk.settings import PaymentSection, PhotosSection
from kiosk.sync.client import CentralClient
from kiosk.sync.connection import Timeouts
from kiosk.sync.login import Credentials
from tests.centre import UNHURRIED, CentreServer
from tests.peers.s3 import S3Server

TIMEOUTS = Timeouts(connect_s=1.0, read_s=5.0, whole_s=8.0)


class MoneyCentre:
    """A centre at `server` with its bank, and `client` of a kiosk that is enrolled at it."""

    def __init__(self, server: CentreServer, bank: PayNoiSimulator, clock: Clock) -> None:
        self.server = server
        self.bank = bank
        self._clock = clock
        self.tenant_id = server.add_tenant("River")
        self.device_id = ""
        self.client = self.enrol()

    def enrol(self, device_id: str | None = None) -> CentralClient:
        """The client of a further kiosk, or of this one."""
        found, key = self.server.enrol_device(self.tenant_id, device_id=device_id)
        self.device_id = self.device_id or found
        return CentralClient(self.server.url, Credentials(found, key), self._clock, TIMEOUTS)

    def reference(self, charge_id: str) -> str:
        """What the bank calls a charge; kiosks never hear it."""
        found = SqlCharges(self.server.centre.database).charge(charge_id).provider_reference
        assert found is not None
        return found

    def pay(self, charge_id: str, amount_satang: int | None = None) -> None:
        """The payer pays what a charge asks for, or another amount."""
        self.bank.pay(self.reference(charge_id), amount_satang)


@contextmanager
def money_centre(
    clock: Clock | None = None, database_url: str = "", has_webhook: bool = False, s3: S3Server | None = None
) -> Iterator[MoneyCentre]:
    """Runs inside the `with` block; with `has_webhook` the bank tells the centre of money by itself. Files
    are in a bucket of `s3`, else in a folder."""
    clock = clock or SystemClock()
    with TemporaryDirectory() as folder:
        secrets = Path(folder) / "secrets"
        secrets.mkdir()
        (secrets / "paynoi_api_key").write_text(DEFAULT_API_KEY, encoding="ascii")
        photos = PhotosSection()
        if s3 is not None:
            (secrets / "minio_access_key").write_text(s3.access_key, encoding="ascii")
            (secrets / "minio_secret_key").write_text(s3.secret_key, encoding="ascii")
            bucket = f"money-{uuid4().hex[:12]}"
            photos = PhotosSection(
                store="minio",
                minio_endpoint=s3.endpoint,
                minio_bucket=bucket,
                minio_secure=False,
                minio_public_url=f"http://{s3.endpoint}",
            )
        port = _free_port()
        webhook = f"http://127.0.0.1:{port}/api/payment/webhook" if has_webhook else None
        with (
            patch.dict(os.environ, {FOLDER_VARIABLE: str(secrets)}),
            PayNoiSimulator(clock=clock, webhook_url=webhook) as bank,
        ):
            settings = CentralSettings(
                access=UNHURRIED,
                payment=paynoi_at(bank),
                photos=photos,
                database=DatabaseSection(url=database_url),
            )
            with CentreServer(Path(folder) / "centre", settings, clock, port) as server:
                yield MoneyCentre(server, bank, clock)


def paynoi_at(bank: PayNoiSimulator) -> PaymentSection:
    """A centre's settings for this bank."""
    return PaymentSection(
        gateway="paynoi",
        paynoi_url=bank.base_url,
        paynoi_account="0801234567",
        receiver_name="Riverside Photo",
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
