"""Draws every page with hand-made views: `python -m tests.gui.render_pages OUT [name part] [aid …]`, an aid
being one of Theme's switches: lower, largerText, highContrast."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject

from kiosk.capture.liveness import Challenge
from kiosk.capture.types import CameraState, LivenessSeen
from kiosk.language import Language
from kiosk.sending.types import SendingState, Way
from kiosk.session.states import Screen
from kiosk.session.view import (
    MessageView,
    Notice,
    PayStage,
    PrintsView,
    Problem,
    SessionView,
    SlipView,
)
from kiosk.vision.types import RejectionReason
from tests.gui.fake_kiosk import (
    DELIVERING,
    FIVE,
    HANDING,
    PAYING,
    RECEIPT,
    TILES,
    VOUCHER,
    FakeKiosk,
    a_problem,
    a_shop,
    a_small_shop,
    a_view,
    some_results,
)
from tests.gui.group_pictures import PICTURES_OF_GROUPS
from tests.gui.sync_pictures import PICTURES_OF_SYNC

SIZES = {"portrait": (1080, 1920), "wide": (1920, 1080)}
_Step = Callable[["Scene"], None]


class Scene:
    """A window on a fake kiosk, as a step of a picture may want to change it."""

    def __init__(self, kiosk: FakeKiosk, window: object) -> None:
        self.kiosk = kiosk
        self.window = window

    def sheet(self, name: str) -> None:
        self.window.engine.objects["Navigator"].openSheet(name)  # type: ignore[attr-defined]

    def aid(self, name: str) -> None:
        self.window.engine.objects["Theme"].setProperty(name, True)  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Look:
    """The drawn visitor's face in the live view, which has to be seen again shortly before the picture."""

    reason: RejectionReason | None = None
    stillness: float = 0.0
    liveness: LivenessSeen | None = None

    def __call__(self, scene: Scene) -> None:
        scene.kiosk.see(1, self.reason, stillness=self.stillness, liveness=self.liveness)


_far = Look(RejectionReason.TOO_SMALL)
_still = Look(stillness=0.35)


def _asked(challenge: Challenge, offers_other_way: bool = False) -> Look:
    return Look(liveness=LivenessSeen(challenge, True, False, offers_other_way))


def _number(scene: Scene) -> None:
    manual = scene.window.engine.objects["Manual"]  # type: ignore[attr-defined]
    manual.goBy("number")
    manual.typeNumber("1207")


def _bib(scene: Scene) -> None:
    manual = scene.window.engine.objects["Manual"]  # type: ignore[attr-defined]
    manual.goBy("bib")
    manual.typeBib("1207")


def _of_runners(view: SessionView) -> SessionView:
    assert view.event is not None
    return replace(view, event=replace(view.event, reads_numbers=True))


def _without_public_photos(view: SessionView) -> SessionView:
    assert view.event is not None
    return replace(view, event=replace(view.event, public_photo_ids=()))


def _small_print(scene: Scene) -> None:
    """A photo on a paper for which it is too small."""
    scene.sheet("PrintSheet")
    sheet = scene.window.window.findChild(QObject, "PrintSheet")  # type: ignore[attr-defined]
    sheet.setProperty("photoId", FIVE[0])
    sheet.setProperty("offer", 1)


def _prints(state: str, done: int, reason_key: str = "") -> PrintsView:
    return PrintsView(2, done, state, reason_key, "right")


def _handing(**changes: Any) -> SessionView:
    deliver = replace(DELIVERING, print_copies=2)
    return a_view(Screen.DELIVERY, deliver=deliver, handing=replace(HANDING, **changes))


PICTURES: dict[str, tuple[SessionView, _Step | None]] = {
    "attract": (a_view(Screen.ATTRACT), None),
    "attract-no-public": (_without_public_photos(a_view(Screen.ATTRACT)), None),
    "attract-no-camera": (
        a_view(Screen.ATTRACT, camera=CameraState.NONE, notice=Notice("error.camera_none")),
        None,
    ),
    "consent": (a_view(Screen.CONSENT), None),
    "consent-larger": (a_view(Screen.CONSENT), lambda scene: scene.aid("largerText")),
    "consent-lower": (a_view(Screen.CONSENT), lambda scene: scene.aid("lower")),
    "consent-text": (a_view(Screen.CONSENT), lambda scene: scene.sheet("ConsentTextSheet")),
    "capture": (a_view(Screen.CAPTURE), _far),
    "capture-still": (a_view(Screen.CAPTURE), _still),
    "capture-blink": (a_view(Screen.CAPTURE), _asked(Challenge.BLINK)),
    "capture-turn": (a_view(Screen.CAPTURE), _asked(Challenge.TURN_RIGHT)),
    "capture-other-way": (a_view(Screen.CAPTURE), _asked(Challenge.TURN_LEFT, offers_other_way=True)),
    "capture-lost": (a_view(Screen.CAPTURE, camera=CameraState.LOST), None),
    "capture-none": (a_view(Screen.CAPTURE, camera=CameraState.NONE), None),
    "capture-long": (
        a_view(Screen.CAPTURE, notice=Notice("error.capture_timeout")),
        lambda scene: scene.sheet("CaptureHelpSheet"),
    ),
    "capture-larger": (a_view(Screen.CAPTURE), lambda scene: (scene.aid("largerText"), _far(scene))[0]),
    "capture-lower": (a_view(Screen.CAPTURE), lambda scene: (scene.aid("lower"), _far(scene))[0]),
    "searching": (a_view(Screen.SEARCHING), None),
    "searching-failed": (a_view(Screen.SEARCHING, notice=Notice("error.search_failed")), None),
    "results": (a_view(Screen.RESULTS), None),
    "results-empty": (a_view(Screen.RESULTS, results=some_results(), shop=a_shop()), None),
    "results-one": (a_view(Screen.RESULTS, results=some_results(sure=TILES[:1], total=1, maybe=())), None),
    "results-two": (a_view(Screen.RESULTS, results=some_results(sure=TILES[:2], total=2, maybe=())), None),
    "results-four": (a_view(Screen.RESULTS, results=some_results(sure=TILES[:4], total=4)), None),
    "results-larger": (a_view(Screen.RESULTS), lambda scene: scene.aid("largerText")),
    "results-lower": (a_view(Screen.RESULTS), lambda scene: scene.aid("lower")),
    "results-maybe": (a_view(Screen.RESULTS, results=some_results(sure=(), total=0), shop=a_shop()), None),
    "results-hidden": (a_view(Screen.RESULTS, notice=Notice("results.not_me.done", is_success=True)), None),
    "results-none": (a_view(Screen.RESULTS, results=some_results(sure=(), favourites_only=True)), None),
    "results-filter": (
        a_view(Screen.RESULTS, results=some_results(by_face=False, maybe=(), filter_place="Bridge")),
        lambda scene: scene.sheet("FilterSheet"),
    ),
    **PICTURES_OF_GROUPS,
    **PICTURES_OF_SYNC,
    "no-match": (a_view(Screen.NO_MATCH, results=some_results(sure=(), total=0), holds_face=True), None),
    "no-match-larger": (a_view(Screen.NO_MATCH), lambda scene: scene.aid("largerText")),
    "manual": (a_view(Screen.MANUAL), None),
    "manual-number": (a_view(Screen.MANUAL, notice=Notice("manual.none")), _number),
    "manual-bib": (_of_runners(a_view(Screen.MANUAL)), _bib),
    "manual-bib-larger": (_of_runners(a_view(Screen.MANUAL)), lambda scene: scene.aid("largerText")),
    "results-bib": (
        a_view(Screen.RESULTS, results=some_results(by_face=False, sure=(), total=0), shop=a_shop()),
        None,
    ),
    "no-match-bib": (
        _of_runners(a_view(Screen.NO_MATCH, results=some_results(sure=(), total=0), holds_face=True)),
        None,
    ),
    "consent-bib": (_of_runners(a_view(Screen.CONSENT)), None),
    "manual-larger": (a_view(Screen.MANUAL), lambda scene: scene.aid("largerText")),
    "lightbox": (a_view(Screen.LIGHTBOX), None),
    "lightbox-chosen": (a_view(Screen.LIGHTBOX, lightbox_photo_id="photo-3"), None),
    "lightbox-square": (
        a_view(
            Screen.LIGHTBOX,
            results=some_results(sure=tuple(replace(tile, height=tile.width) for tile in TILES)),
        ),
        None,
    ),
    "lightbox-maybe": (a_view(Screen.LIGHTBOX, lightbox_photo_id="photo-21"), None),
    "lightbox-larger": (a_view(Screen.LIGHTBOX), lambda scene: scene.aid("largerText")),
    "basket": (a_view(Screen.BASKET), None),
    "basket-prints": (a_view(Screen.BASKET, shop=a_shop(*FIVE, "photo-11", prints=True)), None),
    "basket-voucher": (a_view(Screen.BASKET, shop=a_shop(*FIVE, voucher=VOUCHER)), None),
    "basket-larger": (a_view(Screen.BASKET), lambda scene: scene.aid("largerText")),
    "basket-empty": (a_view(Screen.BASKET, shop=a_shop()), None),
    "voucher": (
        a_view(Screen.BASKET, notice=Notice("error.voucher_unknown")),
        lambda scene: scene.sheet("VoucherSheet"),
    ),
    "print": (
        a_view(Screen.BASKET, shop=a_shop(*FIVE, prints=True)),
        lambda scene: scene.sheet("PrintSheet"),
    ),
    "payment": (a_view(Screen.PAYMENT), None),
    "payment-preparing": (a_view(Screen.PAYMENT, pay=None), None),
    "payment-ending": (a_view(Screen.PAYMENT, pay=replace(PAYING, is_last_quarter=True)), None),
    "payment-checking": (a_view(Screen.PAYMENT, pay=replace(PAYING, stage=PayStage.CHECKING)), None),
    "payment-expired": (a_view(Screen.PAYMENT, pay=replace(PAYING, stage=PayStage.EXPIRED)), None),
    "payment-staff": (
        a_view(Screen.PAYMENT, pay=replace(PAYING, stage=PayStage.STAFF, confirms_by_itself=False)),
        None,
    ),
    "payment-staff-called": (
        a_view(
            Screen.PAYMENT,
            pay=replace(PAYING, due_satang=39900, stage=PayStage.STAFF, confirms_by_itself=False),
            notice=Notice("common.staff_called"),
        ),
        None,
    ),
    "payment-failed": (
        a_view(
            Screen.PAYMENT,
            pay=replace(PAYING, stage=PayStage.EXPIRED, qr_payload=None),
            notice=Notice("error.pay_network"),
        ),
        None,
    ),
    "payment-bank-away": (a_view(Screen.PAYMENT, notice=Notice("error.pay_network")), None),
    "payment-larger": (a_view(Screen.PAYMENT), lambda scene: scene.aid("largerText")),
    "payment-lower": (a_view(Screen.PAYMENT), lambda scene: scene.aid("lower")),
    "no-bank-app": (a_view(Screen.PAYMENT), lambda scene: scene.sheet("NoBankAppSheet")),
    **{f"problem-{problem}": (a_view(Screen.PROBLEM, pay=a_problem(problem)), None) for problem in Problem},
    "problem-larger": (a_view(Screen.PROBLEM), lambda scene: scene.aid("largerText")),
    "delivery": (a_view(Screen.DELIVERY), None),
    "delivery-prints": (a_view(Screen.DELIVERY, deliver=replace(DELIVERING, print_copies=2)), None),
    "delivery-all": (_handing(), None),
    "delivery-waits": (_handing(prints=_prints("waiting", 0, "deliver.print.wait")), None),
    "delivery-held": (_handing(prints=_prints("held", 1, "deliver.print.held")), None),
    "delivery-done": (_handing(prints=_prints("done", 2)), None),
    "delivery-sent": (
        _handing(
            messages=(
                MessageView(Way.MAIL, SendingState.SENT, "s…@example.com"),
                MessageView(Way.MAIL, SendingState.WAITING, "n…@example.com", is_tried=True),
                MessageView(Way.LINE, SendingState.FAILED, reason_key="deliver.line.blocked"),
            ),
            can_keep=True,
            keeps_until=DELIVERING.expires_at,
        ),
        None,
    ),
    "mail": (_handing(), lambda scene: scene.sheet("MailSheet")),
    "line": (_handing(), lambda scene: scene.sheet("LineSheet")),
    "keep": (
        _handing(can_keep=True, keeps_until=DELIVERING.expires_at),
        lambda scene: scene.sheet("KeepSheet"),
    ),
    "slip": (
        a_view(Screen.PAYMENT, slip=SlipView(is_offered=True, stage="looking")),
        lambda scene: scene.sheet("SlipSheet"),
    ),
    "slip-failed": (
        a_view(Screen.PAYMENT, slip=SlipView(True, "failed", "error.slip_used")),
        lambda scene: scene.sheet("SlipSheet"),
    ),
    "slip-noted": (
        a_view(Screen.PAYMENT, slip=SlipView(True, "noted")),
        lambda scene: scene.sheet("SlipSheet"),
    ),
    "payment-slip": (
        a_view(Screen.PAYMENT, notice=Notice("pay.offline"), slip=SlipView(is_offered=True)),
        None,
    ),
    "payment-staff-slip": (
        a_view(
            Screen.PAYMENT,
            pay=replace(PAYING, stage=PayStage.STAFF, confirms_by_itself=False),
            slip=SlipView(is_offered=True),
        ),
        None,
    ),
    "problem-slip": (
        a_view(Screen.PROBLEM, pay=a_problem(Problem.UNKNOWN), slip=SlipView(is_offered=True)),
        None,
    ),
    "print-small": (
        a_view(Screen.BASKET, shop=a_small_shop()),
        _small_print,
    ),
    "thanks-kept": (
        a_view(
            Screen.THANKS,
            receipt=replace(RECEIPT, numbers_until=RECEIPT.photos_until, owes_message=True, can_print=True),
        ),
        None,
    ),
    "delivery-two": (
        a_view(Screen.DELIVERY, deliver=replace(DELIVERING, photo_count=2, photo_ids=FIVE[:2])),
        None,
    ),
    "delivery-larger": (a_view(Screen.DELIVERY), lambda scene: scene.aid("largerText")),
    "receipt": (a_view(Screen.DELIVERY), lambda scene: scene.sheet("ReceiptSheet")),
    "thanks": (a_view(Screen.THANKS), None),
    "thanks-unpaid": (
        a_view(
            Screen.THANKS,
            receipt=replace(RECEIPT, order_code=None, photo_count=0, photos_until=None, url=None),
        ),
        None,
    ),
    "thanks-larger": (a_view(Screen.THANKS), lambda scene: scene.aid("largerText")),
    "out": (a_view(Screen.OUT_OF_SERVICE), None),
    "out-lower": (a_view(Screen.OUT_OF_SERVICE), lambda scene: scene.aid("lower")),
    "idle": (a_view(Screen.CAPTURE, is_idle_warning=True), None),
    "idle-paid": (a_view(Screen.DELIVERY, is_idle_warning=True), None),
    "my-data": (a_view(Screen.SEARCHING), lambda scene: scene.sheet("MyDataSheet")),
    "aids": (a_view(Screen.CONSENT), lambda scene: scene.sheet("AidsSheet")),
    "finish": (a_view(Screen.CONSENT), lambda scene: scene.sheet("FinishSheet")),
    "order": (
        a_view(Screen.ATTRACT, notice=Notice("error.order_unknown")),
        lambda scene: scene.sheet("OrderSheet"),
    ),
}


def main() -> None:
    """Writes one PNG for each page, language and orientation."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import QCoreApplication

    from ui.application import KioskWindow, application
    from ui.screenshots import grab

    out, part = Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else ""
    aids = sys.argv[3:]
    application()
    for name, (view, step) in PICTURES.items():
        if part not in name:
            continue
        for language in Language:
            for shape, size in SIZES.items():
                kiosk = FakeKiosk()
                kiosk.view = a_view(view.screen)
                kiosk_window = KioskWindow(kiosk, size=size)
                kiosk.show(replace(view, language=language))
                for aid in aids:
                    Scene(kiosk, kiosk_window).aid(aid)
                serve(250)
                if step is not None:
                    step(Scene(kiosk, kiosk_window))
                serve(600)
                if isinstance(step, Look):
                    step(Scene(kiosk, kiosk_window))
                    serve(60)
                grab(kiosk_window.window, out / f"{name}-{language}-{shape}.png")
                kiosk_window.close()
                QCoreApplication.processEvents()


def serve(milliseconds: int) -> None:
    """Lets the window live so long; unlike QTest.qWait it leaves Python to the other threads meanwhile."""
    from PySide6.QtCore import QEventLoop, QTimer

    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


if __name__ == "__main__":
    main()
