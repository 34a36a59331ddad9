"""A centre and two kiosks on files in memory, and the wire between them: real handlers, lost calls.

What goes over the wire goes as bytes: pages as the centre packs them, messages as JSON text. Every machine
has a fuse: at a chosen statement or commit of its database its power fails, and it is opened anew.
"""

from __future__ import annotations

import itertools
import json
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
from sqlalchemy import Connection, event
from sqlalchemy.engine import Engine

from kiosk.central.centre import Centre
from kiosk.central.inbox import Inbox
from kiosk.central.principal import Principal, Role
from kiosk.central.taking import handlers
from kiosk.checkout.checkout import Checkout
from kiosk.clock import Clock
from kiosk.database.central_tables import DeviceRow, TenantRow
from kiosk.database.consents import SqlConsentRepository
from kiosk.database.engine import Database, open_database
from kiosk.database.feed import SqlFeed
from kiosk.database.hold_notes import SqlHoldNotes
from kiosk.database.meta import SqlMeta
from kiosk.database.notices import SqlNotices
from kiosk.database.orders import SqlCheckoutStore
from kiosk.database.photos import SqlPhotoRepository
from kiosk.database.pulled import SqlPulled
from kiosk.database.sync_state import SqlEnrolment, SqlOutbox
from kiosk.database.tables import OrderRow
from kiosk.database.voucher_holds import SqlVoucherHolds, follow_order
from kiosk.database.vouchers import SqlVoucherRepository
from kiosk.errors import ErrorCode, KnownError
from kiosk.events import EventBus
from kiosk.payments.promptpay_staff import PromptPayGateway
from kiosk.photos.types import PhotoEvent
from kiosk.sync.central_gateway import CentreCalls
from kiosk.sync.pull import CHANGES_PATH, Puller
from kiosk.sync.push import MESSAGES_PATH, Pusher
from kiosk.sync.voucher_desk import VoucherDesk
from kiosk.sync.wire import Answers, Messages

TENANT = "tenant"
CONTRACT = "contract"
EVENT = "run"
NOW = datetime(2026, 11, 30, 5, tzinfo=UTC)
MEMORY_DISK = Path("/dev/shm")
KIOSKS = 2
_ABOUT_A_VOUCHER = re.compile(r"/api/vouchers/(?P<code>\w+)/(?P<what>hold|release)")
PAGE = 4
"""Changes a page: small, so that a page boundary is met often."""


class PowerCutError(BaseException):
    """The machine is dead: nobody on it catches this."""


class Fault(Enum):
    """What the wire does to one call."""

    NONE = "it arrives, and so does its answer"
    LOSES_REQUEST = "it never arrives"
    LOSES_ANSWER = "it arrives, its answer never does"
    TWICE = "it arrives twice"
    LATE = "it arrives after others that were sent later, and its answer never"
    CENTRE_DIES = "the centre's power fails while it is at work on it"


@dataclass(frozen=True, slots=True)
class Call:
    """One request on its way."""

    device_id: str
    path: str
    text: str
    params: Mapping[str, str | int]


class SteppingClock(Clock):
    """A second on at every look: no two things happen at the same time."""

    def __init__(self) -> None:
        self._seconds = itertools.count()

    def now(self) -> datetime:
        return NOW + timedelta(seconds=next(self._seconds))

    def monotonic_s(self) -> float:
        return float(next(self._seconds))


class Fuse:
    """Cuts the power of one machine before the `left`th statement or commit from now on."""

    _of_path: dict[str, Fuse] = {}  # noqa: RUF012 - one listener serves all engines

    def __init__(self, path: Path) -> None:
        self.left: int | None = None
        self._of_path[str(path)] = self

    @classmethod
    def step(cls, connection: Connection) -> None:
        fuse = cls._of_path.get(connection.engine.url.database or "")
        if fuse is None or fuse.left is None:
            return
        fuse.left -= 1
        if fuse.left <= 0:
            fuse.left = None
            raise PowerCutError

    @contextmanager
    def lit(self, steps: int | None) -> Iterator[None]:
        """For as long as this lasts."""
        self.left = steps
        try:
            yield
        finally:
            self.left = None


def _before_statement(connection: Connection, *_: Any) -> None:
    Fuse.step(connection)


event.listen(Engine, "before_cursor_execute", _before_statement)
event.listen(Engine, "commit", Fuse.step)


@cache
def _template(name: str, keeps_changes: bool) -> Path:
    """Migrated once: making the tables takes longer than all that is done with them."""
    path = Path(mkdtemp(dir=MEMORY_DISK if MEMORY_DISK.is_dir() else None)) / f"{name}.db"
    database = open_database(path, keeps_changes=keeps_changes)
    if keeps_changes:
        _furnish(database)
    else:
        SqlEnrolment(database).enrol(TENANT, name.upper())
    database.close()
    return path


def _furnish(database: Database) -> None:
    with database.writing() as session:
        session.add(TenantRow(tenant_id=TENANT, name=TENANT, created_at=NOW))
        session.flush()
        for number in range(KIOSKS):
            session.add(
                DeviceRow(
                    device_id=kiosk_id(number),
                    tenant_id=TENANT,
                    name=f"kiosk {number}",
                    code_prefix=f"K{number}",
                    key_hash="",
                    enrolled_at=NOW,
                    revoked_at=None,
                    last_seen_at=None,
                    health="{}",
                )
            )
    SqlPhotoRepository(database).add_event(PhotoEvent(EVENT, "Run", "", NOW, tenant_id=TENANT))


@cache
def kiosk_id(number: int) -> str:
    """That of a kiosk, which its database holds."""
    database = open_database(_template(f"k{number}", False))
    try:
        return SqlMeta(database).kiosk_id()
    finally:
        database.close()


class Machine:
    """A database and a fuse."""

    def __init__(self, folder: Path, name: str, clock: Clock, *, keeps_changes: bool) -> None:
        self._keeps_changes = keeps_changes
        self.clock = clock
        self.path = Path(shutil.copyfile(_template(name, keeps_changes), folder / f"{name}.db"))
        self.fuse = Fuse(self.path)
        self.database = self._opened()

    def _opened(self) -> Database:
        return open_database(self.path, self.clock, keeps_changes=self._keeps_changes)

    def restart(self) -> None:
        """Its power is back."""
        self.database.close()
        self.database = self._opened()


class CentreMachine(Machine):
    """The centre's feed and inbox, as its interface calls them."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        super().__init__(folder, "centre", clock, keeps_changes=True)
        self._open_parts()

    def restart(self) -> None:
        super().restart()
        self._open_parts()

    def _open_parts(self) -> None:
        self.feed = SqlFeed(self.database)
        stand_in = cast(Centre, SimpleNamespace(database=self.database, clock=self.clock))
        self.inbox = Inbox(stand_in, handlers(follow_order))
        self.photos = SqlPhotoRepository(self.database)
        self.vouchers = SqlVoucherRepository(self.database, self.clock, TENANT)

    def answer(self, call: Call) -> bytes:
        """What a handler answers."""
        if call.path == CHANGES_PATH:
            return self.feed.page(TENANT, int(call.params["cursor"]), int(call.params["limit"])).data
        if (asked := _ABOUT_A_VOUCHER.fullmatch(call.path)) is not None:
            holds = SqlVoucherHolds(self.database, self.clock, TENANT, call.device_id)
            code, order_id = asked["code"], json.loads(call.text)["order_id"]
            holds.hold(code, order_id) if asked["what"] == "hold" else holds.release(code, order_id)
            return b"{}"
        assert call.path == MESSAGES_PATH, call.path
        told = Messages.model_validate_json(call.text)
        answers = self.inbox.take(Principal(call.device_id, TENANT, Role.DEVICE), told.messages)
        return Answers(answers=tuple(answers)).model_dump_json().encode()


class Wire:
    """Between one kiosk and the centre. `faults` befall the next calls, one each."""

    def __init__(self, centre: CentreMachine, device_id: str) -> None:
        self._centre = centre
        self._device_id = device_id
        self.faults: list[Fault] = []
        self.centre_dies_at = 1
        self.late: list[Call] = []
        self.is_cut = False

    # -- what the kiosk's code asks through -----------------------------------------------------------

    def get_bytes(
        self,
        path: str,
        params: Mapping[str, str | int] | None = None,
        limit_bytes: int = 0,
        wanted_type: str | None = None,
    ) -> bytes:
        return self._ask(Call(self._device_id, path, "", params or {}))

    def post_json(self, path: str, body: object, idempotency_key: str | None = None) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self._ask(Call(self._device_id, path, json.dumps(body), {})))
        return answer

    # -- what befalls a call --------------------------------------------------------------------------

    def _ask(self, call: Call) -> bytes:
        fault = self.faults.pop(0) if self.faults else Fault.NONE
        if self.is_cut or fault is Fault.LOSES_REQUEST:
            raise KnownError(ErrorCode.CENTRE_UNREACHABLE, "The wire is cut.")
        if fault is Fault.LATE:
            self.late.append(call)
            raise _unanswered()
        if fault is Fault.CENTRE_DIES:
            return self._dying(call)
        answer = self._centre.answer(call)
        if fault is Fault.TWICE:
            answer = self._centre.answer(call)
        if fault is Fault.LOSES_ANSWER:
            raise _unanswered()
        return answer

    def _dying(self, call: Call) -> bytes:
        try:
            with self._centre.fuse.lit(self.centre_dies_at):
                return self._centre.answer(call)
        except PowerCutError:
            self._centre.restart()
            raise _unanswered() from None

    def deliver_late(self, which: int) -> None:
        """A call that was thought lost arrives; nobody waits for its answer any more."""
        if self.late:
            with suppress(KnownError):  # such as a voucher that is used up by now
                self._centre.answer(self.late.pop(which % len(self.late)))


def _unanswered() -> KnownError:
    return KnownError(ErrorCode.CENTRE_FAILED, "No answer came.")


class KioskMachine(Machine):
    """A kiosk's stores, checkout, pull and push."""

    def __init__(self, folder: Path, number: int, clock: Clock, centre: CentreMachine) -> None:
        super().__init__(folder, f"k{number}", clock, keeps_changes=False)
        self.number = number
        self.kiosk_id = kiosk_id(number)
        self._codes = itertools.count()
        self._centre = centre
        self.wire = Wire(centre, self.kiosk_id)
        self._open_parts()

    def restart(self) -> None:
        super().restart()
        self._open_parts()

    def _open_parts(self) -> None:
        database, clock = self.database, self.clock
        self.vouchers = SqlVoucherRepository(database, clock)
        self.photos = SqlPhotoRepository(database)
        self.consents = SqlConsentRepository(database)
        self.outbox = SqlOutbox(database, clock)
        self.store = SqlCheckoutStore(database, clock)
        self.desk = VoucherDesk(
            self.kiosk_id,
            self.vouchers.voucher,
            self._has_order,
            lambda: cast(CentreCalls, self.wire),
            SqlHoldNotes(database),
            SqlNotices(database, clock),
        )
        self.checkout = Checkout(
            self.store,
            PromptPayGateway("0801234567", "Shop"),
            clock,
            EventBus(),
            self._new_code,
            {},
            self.desk,
        )
        self.pulled = SqlPulled(database, CONTRACT, clock)
        self.puller = Puller(self.wire, self.pulled, PAGE)
        self.pusher = Pusher(self.wire, self.outbox)

    def _has_order(self, order_id: str) -> bool:
        with self.database.reading() as session:
            return session.get(OrderRow, order_id) is not None

    def _new_code(self) -> str:
        return f"K{self.number}-{next(self._codes):04}"

    def dies_after(self, steps: int | None, work: Callable[[], object]) -> None:
        """Does something, unless the power fails before it is done. What is refused by rule is."""
        try:
            with self.fuse.lit(steps):
                work()
        except PowerCutError:
            self.restart()
        except KnownError as refused:
            if refused.code in _NEVER:
                raise

    def pull(self) -> None:
        for _ in self.puller.pull():
            pass

    def push(self) -> None:
        self.pusher.push()


_NEVER = frozenset({ErrorCode.DATABASE_DAMAGED, ErrorCode.CENTRE_NONSENSE, ErrorCode.RECORD_INVALID})
"""No fault of the wire may look like this."""


def some_vector(seed: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Of length 1."""
    vector = np.random.default_rng(seed).standard_normal(512).astype(np.float32)
    return cast("np.ndarray[Any, np.dtype[np.float32]]", vector / np.linalg.norm(vector))
