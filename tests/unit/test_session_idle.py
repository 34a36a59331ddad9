"""Time-outs of the pages: a warning first, nothing lost, payment never hurried."""

from __future__ import annotations

import pytest

from kiosk.session.idle import IdleStep, idle_step
from kiosk.session.states import Screen
from kiosk.session.view import PayStage
from kiosk.settings import SessionSection

RULES = SessionSection()
PAGES_OF_A_VISITOR = sorted(
    set(Screen) - {Screen.ATTRACT, Screen.OUT_OF_SERVICE, Screen.THANKS, Screen.PAYMENT}
)


def step(screen: Screen, silent_s: float, stage: PayStage = PayStage.WAITING) -> IdleStep:
    return idle_step(screen, silent_s, RULES, stage)


@pytest.mark.parametrize("screen", PAGES_OF_A_VISITOR)
def test_every_page_of_a_visitor_warns_before_it_clears(screen: Screen) -> None:
    steps = [step(screen, second) for second in range(600)]
    first_end = next(i for i, each in enumerate(steps) if each in (IdleStep.CLEAR, IdleStep.FINISH))
    warnings = [i for i, each in enumerate(steps[:first_end]) if each is IdleStep.WARN]
    assert len(warnings) == RULES.idle_clear_s
    assert warnings[-1] == first_end - 1


def test_a_payment_that_can_still_arrive_is_waited_for_as_long_as_a_code_is_valid() -> None:
    awaited = set(PayStage) - {PayStage.PREPARING, PayStage.EXPIRED}
    for stage in awaited:
        assert step(Screen.PAYMENT, 16 * 60 - 1, stage) is IdleStep.NOTHING
        assert step(Screen.PAYMENT, 16 * 60, stage) is IdleStep.WARN
        assert step(Screen.PAYMENT, 16 * 60 + RULES.idle_clear_s, stage) is IdleStep.CLEAR


@pytest.mark.parametrize("stage", [PayStage.PREPARING, PayStage.EXPIRED])
def test_a_payment_page_without_a_code_to_pay_is_cleared_like_any_other(stage: PayStage) -> None:
    assert step(Screen.PAYMENT, RULES.idle_warning_s, stage) is IdleStep.WARN
    assert step(Screen.PAYMENT, RULES.idle_warning_s + RULES.idle_clear_s, stage) is IdleStep.CLEAR


def test_a_paid_order_ends_with_its_privacy_receipt_not_without() -> None:
    assert step(Screen.DELIVERY, RULES.delivery_s) is IdleStep.FINISH
    assert step(Screen.PROBLEM, 10_000) is IdleStep.FINISH


def test_the_privacy_receipt_leaves_after_its_time() -> None:
    assert step(Screen.THANKS, RULES.thanks_s - 1) is IdleStep.NOTHING
    assert step(Screen.THANKS, RULES.thanks_s) is IdleStep.CLEAR


@pytest.mark.parametrize("screen", [Screen.ATTRACT, Screen.OUT_OF_SERVICE])
def test_pages_without_a_visitor_wait_for_ever(screen: Screen) -> None:
    assert step(screen, 1e6) is IdleStep.NOTHING
