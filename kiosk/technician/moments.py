"""Which events the flight recorder writes down, and which of their words and numbers.

This is a white list: of an event that is not here nothing is written, and of one that is here only what its
function picks out, after `fitting` has let it through. Texts are words of the program and of IPP; a queue's
name is one only where it looks like a name that somebody gives to a printer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kiosk.capture.types import CameraChanged, ShotRefused, ShotTaken
from kiosk.checkout.types import GatewayAsked, OrderPaid, PaymentChanged
from kiosk.errors import ErrorCode
from kiosk.events import Event
from kiosk.printing.types import PrintersChanged, PrintsChanged, Supply
from kiosk.runtime.blotting import blot_text
from kiosk.runtime.types import WorkerFailed
from kiosk.sending.types import SendingsChanged
from kiosk.session.view import SessionChanged
from kiosk.staff.told import StaffChanged
from kiosk.sync.status import SyncStatusChanged
from kiosk.technician.told import SelfTestChanged, TestState
from kiosk.visits.told import StreamStatusChanged

LANES = ("camera", "printer", "network", "payment", "error", "staff", "system")
FACTS = frozenset(
    {"queue", "reason", "ink_percent", "left", "waiting", "parked", "notices", "clock_off_s", "worker"}
    | {"role", "passed", "look", "failed", "took_s", "supply", "given_up", "version"}
)
_CODES = frozenset(code.value for code in ErrorCode)
_WORD = re.compile(r"[a-z][a-z0-9_]{0,47}")
_VALUE = re.compile(
    r"[A-Za-z][A-Za-z0-9_./-]{0,39}|-?\d{1,6}(\.\d{1,2})?|\d{1,2}x\d{1,2}/[a-z]{1,10}|\d+\.\d+\.\d+"
)
_MANY = 6


@dataclass(frozen=True, slots=True)
class Moment:
    """What is written down, but for the time. `key` names what it is about: the same of it is told once."""

    lane: str
    what: str
    code: str = ""
    facts: Mapping[str, str] | None = None
    key: str = ""


def fitting(moment: Moment) -> Moment | None:
    """The moment with what may be written of it; None where even its name may not."""
    if moment.lane not in LANES or not _is_word(moment.what):
        return None
    code = moment.code if moment.code in _CODES else ""
    facts = {
        name: value
        for name, value in (moment.facts or {}).items()
        if name in FACTS and is_fitting_value(value)
    }
    return Moment(moment.lane, moment.what, code, facts, moment.key)


def _is_word(what: str) -> bool:
    return _WORD.fullmatch(what) is not None and sum(sign.isdecimal() for sign in what) < _MANY


def is_fitting_value(value: str) -> bool:
    """A short word with few digits and nothing that looks like a key, a number of at most six digits, a
    paper, or a version."""
    if not _VALUE.fullmatch(value) or blot_text(value) != value:
        return False
    is_number = value.lstrip("-").replace(".", "").isdecimal()
    return is_number or sum(sign.isdecimal() for sign in value) < _MANY


Reader = Callable[[Any], Sequence[Moment]]


def _of_camera(event: CameraChanged) -> Sequence[Moment]:
    return [Moment("camera", f"camera_{event.state.value}", event.code, key="camera")]


def _of_shot(_: ShotTaken) -> Sequence[Moment]:
    return [Moment("camera", "shot_taken")]


def _of_refused_shot(event: ShotRefused) -> Sequence[Moment]:
    return [Moment("camera", "shot_refused", facts={"reason": event.reason.value})]


def _of_stream(event: StreamStatusChanged) -> Sequence[Moment]:
    status = event.status
    return [Moment("camera", f"stream_{status.state.value}", key=f"stream {status.stream_id}")]


def _of_printers(event: PrintersChanged) -> Sequence[Moment]:
    moments = []
    for printer in event.printers:
        facts = {"queue": printer.queue, "reason": next(iter(printer.reasons), "")}
        moments.append(
            Moment("printer", f"printer_{printer.state.value}", facts=facts, key=f"queue {printer.queue}")
        )
    for supply in event.supplies:
        facts = {"supply": supply.name} | ({} if supply.left is None else {"left": str(supply.left)})
        moments.append(Moment("printer", _of_supply(supply), facts=facts, key=f"supply {supply.name}"))
    return moments


def _of_supply(supply: Supply) -> str:
    if supply.left is None:
        return "supply_uncounted"
    return "supply_out" if supply.is_out else "supply_low" if supply.is_low else "supply_enough"


def _of_prints(_: PrintsChanged) -> Sequence[Moment]:
    return [Moment("printer", "print_moved")]


def _of_sync(event: SyncStatusChanged) -> Sequence[Moment]:
    status = event.status
    facts = {
        "waiting": str(status.waiting),
        "parked": str(status.parked),
        "notices": str(status.notices),
    }
    if status.clock_off_s is not None:
        facts["clock_off_s"] = str(status.clock_off_s)
    return [Moment("network", f"centre_{status.state.value}", status.code, facts, key="centre")]


def _of_sending(_: SendingsChanged) -> Sequence[Moment]:
    return [Moment("network", "message_moved")]


def _of_gateway(event: GatewayAsked) -> Sequence[Moment]:
    what = "gateway_reached" if event.is_reached else "gateway_not_reached"
    return [Moment("payment", what, key="gateway")]


def _of_payment(event: PaymentChanged) -> Sequence[Moment]:
    return [Moment("payment", f"payment_{event.state.value}")]


def _of_order(_: OrderPaid) -> Sequence[Moment]:
    return [Moment("payment", "order_paid")]


def _of_worker(event: WorkerFailed) -> Sequence[Moment]:
    facts = {"worker": event.worker, "given_up": "yes" if event.has_given_up else "no"}
    return [Moment("error", "worker_failed", event.code, facts)]


def _of_staff(event: StaffChanged) -> Sequence[Moment]:
    view = event.view
    moments = [
        Moment("staff", "staff_open" if view.is_open else "staff_closed", key="staff pages"),
        Moment("staff", "signed_in", facts={"role": view.who.role.value}, key="staff who")
        if view.who
        else Moment("staff", "nobody_signed_in", key="staff who"),
    ]
    if view.notice is not None and view.notice.code:
        moments.append(Moment("error", "staff_told", view.notice.code, key="staff notice"))
    return moments


def _of_session(event: SessionChanged) -> Sequence[Moment]:
    view = event.view
    moments = [Moment("system", f"page_{view.screen.value}", key="page")]
    if view.failure_code:
        moments.append(Moment("error", "out_of_service", view.failure_code, key="failure"))
    return moments


def _of_self_test(event: SelfTestChanged) -> Sequence[Moment]:
    if event.is_running:
        return [Moment("system", "self_test_running", key="self test")]
    counted = {
        state.value: str(sum(row.state is state for row in event.rows))
        for state in (TestState.PASSED, TestState.LOOK, TestState.FAILED)
    }
    facts = {**counted, "took_s": f"{event.took_s:.0f}"}
    return [Moment("system", "self_test", facts=facts, key="self test")]


READERS: Mapping[type[Event], Reader] = {
    CameraChanged: _of_camera,
    ShotTaken: _of_shot,
    ShotRefused: _of_refused_shot,
    StreamStatusChanged: _of_stream,
    PrintersChanged: _of_printers,
    PrintsChanged: _of_prints,
    SyncStatusChanged: _of_sync,
    SendingsChanged: _of_sending,
    GatewayAsked: _of_gateway,
    PaymentChanged: _of_payment,
    OrderPaid: _of_order,
    WorkerFailed: _of_worker,
    StaffChanged: _of_staff,
    SessionChanged: _of_session,
    SelfTestChanged: _of_self_test,
}
"""Every other event is not written down at all."""
