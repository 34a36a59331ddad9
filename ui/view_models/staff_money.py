"""Payments that wait for staff, what can be done about each, and the slip before the camera."""

from __future__ import annotations

from PySide6.QtCore import Property, QObject, Signal, Slot

from kiosk.staff.told import SlipLooked, StaffView
from kiosk.staff.types import Decision, DecisionAction, DecisionKind
from ui.staff_facade import StaffCommands
from ui.translator import Translator
from ui.view_models.staff_words import Row, StaffPart, amount, error_word, when_word

NEEDS_NOTHING = frozenset({DecisionAction.ASK_BANK, DecisionAction.SCAN_SLIP})
"""What is done at a touch: it changes nothing by itself."""


class StaffMoneyViewModel(StaffPart):
    """Lives on the UI thread; QML: `StaffMoney`. `begin` opens the question whether something is meant;
    `chosen` is the decision it is about, and `action` what was touched."""

    changed = Signal()
    chosenChanged = Signal()
    slipChanged = Signal()

    def __init__(self, staff: StaffCommands, words: Translator, parent: QObject | None = None) -> None:
        super().__init__(staff, words, parent)
        self._chosen: Decision | None = None
        self._action = DecisionAction.CONFIRM
        self._slip = SlipLooked("looking")
        words.languageChanged.connect(self.chosenChanged)
        words.languageChanged.connect(self.slipChanged)

    def _drawn(self, view: StaffView) -> object:
        return view.decisions

    def turn(self, place: str) -> None:
        super().turn(place)
        self._chosen, self._slip = None, SlipLooked("looking")
        self.chosenChanged.emit()
        self.slipChanged.emit()

    # all of them

    decisions = Property(
        list,
        lambda self: [self._row(decision) for decision in self._view.decisions],
        notify=changed,
    )
    countText = Property(
        str,
        lambda self: self._words.counted("staff.decisions.count", len(self._view.decisions)),
        notify=changed,
    )

    def _row(self, decision: Decision) -> Row:
        return {
            "paymentId": decision.payment_id,
            "orderId": decision.order_id,
            "code": decision.order_code,
            "when": when_word(decision.at, self._words),
            "title": self._title(decision),
            "sums": self._sums(decision),
            "todo": self._say(f"staff.decision.{decision.kind}.todo"),
            "actions": [str(action) for action in decision.actions],
            "actionTexts": [self._action_word(decision, action) for action in decision.actions],
        }

    def _title(self, decision: Decision) -> str:
        over = decision.received_satang - decision.due_satang
        return self._say(
            f"staff.decision.{decision.kind}",
            missing=amount(decision.missing_satang),
            over=amount(max(0, over)),
            minutes=decision.late_minutes,
        )

    def _sums(self, decision: Decision) -> str:
        key = "staff.decision.sums"
        if decision.kind is DecisionKind.TWICE:
            key = "staff.decision.sums.twice"
        elif decision.received_satang == 0:
            key = "staff.decision.sums.none"
        sums = self._say(key, due=amount(decision.due_satang), received=amount(decision.received_satang))
        return f"{sums} · {self._say('staff.decision.slip')}" if decision.has_slip else sums

    def _action_word(self, decision: Decision, action: DecisionAction) -> str:
        if action is DecisionAction.GIVE_BACK and decision.kind in (DecisionKind.TWICE, DecisionKind.OVER):
            return self._say(f"staff.action.give_back.{decision.kind}")
        return self._say(f"staff.action.{action}")

    # one of them

    @Slot(str, str, result=bool)
    def begin(self, payment_id: str, action: str) -> bool:
        """Something was touched. True where it has to be asked whether it is meant."""
        self._chosen = next((one for one in self._view.decisions if one.payment_id == payment_id), None)
        self._action = DecisionAction(action)
        self.chosenChanged.emit()
        if self._chosen is None:
            return False
        if self._action is DecisionAction.ASK_BANK:
            self._staff.decide(payment_id, self._action)
        return self._action not in NEEDS_NOTHING

    @Slot(int)
    def decide(self, received_satang: int) -> None:
        """It is meant; -1 where as much came as the decision says."""
        if self._chosen is None:
            return
        received = received_satang if received_satang >= 0 else None
        self._staff.decide(self._chosen.payment_id, self._action, received)
        self._chosen = None
        self.chosenChanged.emit()

    chosenTitle = Property(
        str, lambda self: self._title(self._chosen) if self._chosen else "", notify=chosenChanged
    )
    chosenCode = Property(
        str, lambda self: self._chosen.order_code if self._chosen else "", notify=chosenChanged
    )
    chosenSums = Property(
        str, lambda self: self._sums(self._chosen) if self._chosen else "", notify=chosenChanged
    )
    action = Property(str, lambda self: str(self._action), notify=chosenChanged)
    actionText = Property(
        str,
        lambda self: self._action_word(self._chosen, self._action) if self._chosen else "",
        notify=chosenChanged,
    )
    takesAmount = Property(
        bool,
        lambda self: self._action in (DecisionAction.CONFIRM, DecisionAction.TAKE_REST),
        notify=chosenChanged,
    )

    def _expected(self) -> int:
        """What comes, comes in, or goes out by what was touched, in satang."""
        decision = self._chosen
        if decision is None:
            return 0
        if self._action is DecisionAction.TAKE_REST:
            return decision.missing_satang
        if self._action is DecisionAction.GIVE_BACK:
            return decision.give_back_satang or decision.received_satang
        return decision.received_satang or decision.due_satang

    expectedSatang = Property(int, _expected, notify=chosenChanged)

    # the slip

    @Slot(str)
    def scan(self, payment_id: str) -> None:
        """Looks for a slip of that payment before the camera."""
        self._slip = SlipLooked("looking", payment_id)
        self.slipChanged.emit()
        self._staff.scan_slip(payment_id)

    @Slot()
    def scanAgain(self) -> None:
        """Another slip, or the same once more."""
        self.scan(self._slip.payment_id)

    @Slot(int)
    def takeSlip(self, satang: int) -> None:
        """It is good for so much."""
        self._staff.take_slip(satang)

    @Slot()
    def stopScanning(self) -> None:
        """The sheet closes."""
        self._staff.stop_scanning()

    def take(self, event: SlipLooked) -> None:
        """The camera sees something else."""
        self._slip = (
            event
            if event.payment_id
            else SlipLooked(
                event.stage, self._slip.payment_id, event.amount_satang, event.receiver, event.code
            )
        )
        self.slipChanged.emit()

    slipStage = Property(str, lambda self: self._slip.stage, notify=slipChanged)
    slipSatang = Property(
        int,
        lambda self: -1 if self._slip.amount_satang is None else self._slip.amount_satang,
        notify=slipChanged,
    )
    slipReceiver = Property(str, lambda self: self._slip.receiver, notify=slipChanged)
    slipTrouble = Property(str, lambda self: error_word(self._slip.code, self._words), notify=slipChanged)
