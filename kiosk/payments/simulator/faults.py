"""Faults that the simulator is told to show: which, at which method, how often."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from enum import StrEnum


class FaultKind(StrEnum):
    """What goes wrong. All but REFUSE happen after the gateway has done its work, which is the worse case."""

    SLOW = "slow"  # answers after `delay_s`
    ERROR_500 = "error_500"
    NONSENSE = "nonsense"  # HTTP 200, not JSON
    HALF_ANSWER = "half_answer"  # JSON that ends in the middle
    WRONG_AMOUNT = "wrong_amount"  # asks for ten times as much
    NO_QR = "no_qr"  # qr_image_base64 is no picture
    REFUSE = "refuse"  # status 0 with a msg, nothing done


@dataclass(frozen=True, slots=True)
class Fault:
    """`method` is create, check or cancel; the fault shows `times` times."""

    kind: FaultKind
    method: str = "create"
    times: int = 1
    delay_s: float = 0.0


class FaultPlan:
    """The faults still to come, first in, first out, per method. Thread-safe."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> None:
        """Shows `fault` at the next calls of its method."""
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        """Nothing goes wrong from now on."""
        with self._lock:
            self._faults.clear()

    def take(self, method: str) -> Fault | None:
        """The fault of this call of `method`, if one is due; it is used up once."""
        with self._lock:
            for index, fault in enumerate(self._faults):
                if fault.method == method:
                    if fault.times > 1:
                        self._faults[index] = replace(fault, times=fault.times - 1)
                    else:
                        del self._faults[index]
                    return fault
            return None
