"""The visitor's journey as a table: which page follows which, and nothing else.

Effects (opening the camera, searching, paying) are the commands' business; here stands only what is legal.
An action that the table does not know in a state is a bug and raises.
"""

from __future__ import annotations

from enum import StrEnum

from kiosk.errors import BugError


class Screen(StrEnum):
    """The pages of the journey; each is a state."""

    ATTRACT = "attract"
    CONSENT = "consent"
    CAPTURE = "capture"
    SEARCHING = "searching"
    RESULTS = "results"
    NO_MATCH = "no_match"
    MANUAL = "manual"
    LIGHTBOX = "lightbox"
    BASKET = "basket"
    PAYMENT = "payment"
    PROBLEM = "problem"
    DELIVERY = "delivery"
    THANKS = "thanks"
    OUT_OF_SERVICE = "out_of_service"


class Action(StrEnum):
    """What moves the journey on: touches, results of work, and time."""

    START = "start"
    AGREE = "agree"
    GO_MANUAL = "go_manual"
    WITHDRAW = "withdraw"
    SHOT = "shot"
    RETAKE = "retake"
    ADD_FRIEND = "add_friend"
    LEAVE = "leave"
    SEARCH_STOPPED = "search_stopped"
    FOUND = "found"
    FOUND_NOTHING = "found_nothing"
    OPEN_PHOTO = "open_photo"
    CLOSE_PHOTO = "close_photo"
    OPEN_BASKET = "open_basket"
    PAY = "pay"
    PAID = "paid"
    NEED_HELP = "need_help"
    PAY_REST = "pay_rest"
    OPEN_ORDER = "open_order"
    FINISH = "finish"
    CLOSE = "close"
    BACK = "back"
    FAIL = "fail"
    RECOVER = "recover"


_S, _A = Screen, Action

TRANSITIONS: dict[tuple[Screen, Action], Screen] = {
    (_S.ATTRACT, _A.START): _S.CONSENT,
    (_S.ATTRACT, _A.GO_MANUAL): _S.MANUAL,
    (_S.CONSENT, _A.AGREE): _S.CAPTURE,
    (_S.CONSENT, _A.GO_MANUAL): _S.MANUAL,
    (_S.CONSENT, _A.BACK): _S.ATTRACT,
    (_S.CAPTURE, _A.SHOT): _S.SEARCHING,
    (_S.CAPTURE, _A.GO_MANUAL): _S.MANUAL,
    (_S.CAPTURE, _A.BACK): _S.CONSENT,
    (_S.SEARCHING, _A.FOUND): _S.RESULTS,
    (_S.SEARCHING, _A.FOUND_NOTHING): _S.NO_MATCH,
    (_S.SEARCHING, _A.RETAKE): _S.CAPTURE,
    (_S.SEARCHING, _A.GO_MANUAL): _S.MANUAL,
    (_S.SEARCHING, _A.BACK): _S.CAPTURE,
    (_S.RESULTS, _A.OPEN_PHOTO): _S.LIGHTBOX,
    (_S.RESULTS, _A.OPEN_BASKET): _S.BASKET,
    (_S.RESULTS, _A.RETAKE): _S.CAPTURE,
    (_S.RESULTS, _A.ADD_FRIEND): _S.CONSENT,
    (_S.RESULTS, _A.FOUND_NOTHING): _S.NO_MATCH,
    (_S.RESULTS, _A.GO_MANUAL): _S.MANUAL,
    (_S.NO_MATCH, _A.RETAKE): _S.CAPTURE,
    (_S.NO_MATCH, _A.GO_MANUAL): _S.MANUAL,
    (_S.NO_MATCH, _A.FOUND): _S.RESULTS,
    (_S.MANUAL, _A.FOUND): _S.RESULTS,
    (_S.MANUAL, _A.START): _S.CONSENT,
    (_S.LIGHTBOX, _A.OPEN_PHOTO): _S.LIGHTBOX,
    (_S.LIGHTBOX, _A.CLOSE_PHOTO): _S.RESULTS,
    (_S.LIGHTBOX, _A.BACK): _S.RESULTS,
    (_S.LIGHTBOX, _A.OPEN_BASKET): _S.BASKET,
    (_S.BASKET, _A.PAY): _S.PAYMENT,
    (_S.BASKET, _A.BACK): _S.RESULTS,
    (_S.PAYMENT, _A.PAID): _S.DELIVERY,
    (_S.PAYMENT, _A.NEED_HELP): _S.PROBLEM,
    (_S.PAYMENT, _A.BACK): _S.BASKET,
    (_S.PROBLEM, _A.PAY_REST): _S.PAYMENT,
    (_S.PROBLEM, _A.PAID): _S.DELIVERY,
    (_S.PROBLEM, _A.NEED_HELP): _S.PROBLEM,
    (_S.DELIVERY, _A.FINISH): _S.THANKS,
    (_S.THANKS, _A.CLOSE): _S.ATTRACT,
    (_S.OUT_OF_SERVICE, _A.RECOVER): _S.ATTRACT,
}

# A friend who is asked, looked at or searched for can turn back to the photos that are there.
for _screen in (_S.CONSENT, _S.CAPTURE, _S.SEARCHING):
    TRANSITIONS[_screen, _A.LEAVE] = _S.RESULTS
# Without somebody who has gone, the others' photos are searched anew; where that fails it can be tried again.
for _screen in (_S.RESULTS, _S.LIGHTBOX):
    TRANSITIONS[_screen, _A.SEARCH_STOPPED] = _S.SEARCHING
# Taking the consent back leads away from everything that the face found; other pages stay.
for _screen in (_S.CAPTURE, _S.SEARCHING, _S.RESULTS, _S.NO_MATCH, _S.LIGHTBOX):
    TRANSITIONS[_screen, _A.WITHDRAW] = _S.MANUAL
# An order code leads to what was bought, or to its payment, from wherever codes can be typed.
for _screen in (_S.ATTRACT, _S.MANUAL, _S.NO_MATCH, _S.OUT_OF_SERVICE):
    TRANSITIONS[_screen, _A.OPEN_ORDER] = _S.DELIVERY
    TRANSITIONS[_screen, _A.NEED_HELP] = _S.PROBLEM
    TRANSITIONS[_screen, _A.PAY] = _S.PAYMENT
# The bank may confirm while the visitor has gone back to look at more photos.
for _screen in (_S.RESULTS, _S.LIGHTBOX, _S.BASKET):
    TRANSITIONS[_screen, _A.PAID] = _S.DELIVERY
# The end, the failsafe and "finish and erase" are reachable from everywhere.
for _screen in Screen:
    TRANSITIONS.setdefault((_screen, _A.FINISH), _S.THANKS)
    TRANSITIONS.setdefault((_screen, _A.CLOSE), _S.ATTRACT)
    TRANSITIONS[_screen, _A.FAIL] = _S.OUT_OF_SERVICE
del TRANSITIONS[_S.ATTRACT, _A.FINISH]
del TRANSITIONS[_S.OUT_OF_SERVICE, _A.FINISH]


def next_screen(screen: Screen, action: Action, came_from: Screen | None = None) -> Screen:
    """The page that follows. `came_from` is where Back leads on pages that are reached from several.

    Raises BugError for an action that the table does not allow.
    """
    if action is Action.BACK and (screen, action) not in TRANSITIONS and came_from is not None:
        return came_from
    try:
        return TRANSITIONS[screen, action]
    except KeyError as unknown:
        raise BugError(f"{action} is not possible on the page {screen}") from unknown
