"""When a page is left by itself: the time-outs of the journey, without a clock of their own. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kiosk.payments.settlement import SWEEP_AFTER_END_S, VALID_FOR_S
from kiosk.session.states import Screen
from kiosk.session.view import PayStage
from kiosk.settings import SessionSection

_PAYMENT_S = VALID_FOR_S + SWEEP_AFTER_END_S


class IdleStep(StrEnum):
    """What the silence asks for now."""

    NOTHING = "nothing"
    WARN = "warn"
    CLEAR = "clear"
    FINISH = "finish"


@dataclass(frozen=True, slots=True)
class _Span:
    warn_s: float
    clear_s: float


def idle_step(screen: Screen, silent_s: float, rules: SessionSection, pay_stage: PayStage) -> IdleStep:
    """What to do after `silent_s` seconds without a touch.

    A payment that can still arrive is waited for as long as a code is valid, also one without an end: the
    next visitor must not find somebody else's. A paid order is finished with its privacy receipt; every other
    page warns first and then clears. What was paid, or is paid later, is never touched by any of these.
    """
    if screen in (Screen.ATTRACT, Screen.OUT_OF_SERVICE):
        return IdleStep.NOTHING
    if screen is Screen.THANKS:
        return IdleStep.CLEAR if silent_s >= rules.thanks_s else IdleStep.NOTHING
    if screen is Screen.DELIVERY:
        return _step(
            silent_s, _Span(rules.delivery_s - rules.idle_clear_s, rules.idle_clear_s), IdleStep.FINISH
        )
    if screen is Screen.PROBLEM:
        return _step(silent_s, _Span(rules.delivery_s, rules.idle_clear_s), IdleStep.FINISH)
    is_awaited = screen is Screen.PAYMENT and pay_stage not in (PayStage.PREPARING, PayStage.EXPIRED)
    warn_s = max(rules.idle_warning_s, _PAYMENT_S) if is_awaited else rules.idle_warning_s
    return _step(silent_s, _Span(warn_s, rules.idle_clear_s), IdleStep.CLEAR)


def _step(silent_s: float, span: _Span, ending: IdleStep) -> IdleStep:
    if silent_s >= span.warn_s + span.clear_s:
        return ending
    return IdleStep.WARN if silent_s >= span.warn_s else IdleStep.NOTHING
