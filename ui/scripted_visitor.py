"""A visitor by script: touches the real controls of the real window, and writes down what came of it."""

from __future__ import annotations

import io
import json
import threading
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

import requests
import structlog
from PySide6.QtCore import QObject
from rich.console import Console

from kiosk.app import Kiosk
from kiosk.capture.types import FacesSeen
from kiosk.language import Language
from kiosk.session.states import Screen
from kiosk.session.view import PhotoTile, SessionChanged, SessionView
from ui.application import KioskWindow, run_window
from ui.screenshots import grab
from ui.window_script import Scene, Step, StuckError, play

_LOOK_EVERY_MS = 20
_FADE_S = 2.0  # until the first public photo is there
_SETTLE_S = 0.7  # the pages' own movement, before a picture is taken
_out = Console()
_log = structlog.get_logger(__name__)


def walk(kiosk: Kiosk, out: Path, size: tuple[int, int], language: Language) -> int:
    """Sends a visitor through the whole journey. Writes `journey.json` and a PNG per page into `out`."""
    out.mkdir(parents=True, exist_ok=True)
    visitor = ScriptedVisitor(kiosk, out, language)
    run_window(kiosk, size=size, when_shown=visitor.arrive)
    visitor.write_report()
    if visitor.stuck:
        _out.print(f"The visitor got stuck: {visitor.stuck}", highlight=False)
    else:
        _out.print(visitor.summary(), highlight=False)
    _out.print(f"Pictures and journey.json are in {out}", highlight=False)
    return 1 if visitor.stuck else 0


class ScriptedVisitor(QObject):
    """Walks on the UI thread, a look every 20 ms.

    The journey is the generator `_journey`, to be read as prose: each `yield from` waits for something, the
    rest touches.
    """

    def __init__(self, kiosk: Kiosk, out: Path | None, language: Language) -> None:
        """`out` is where the pictures go; None takes none."""
        super().__init__()
        self._kiosk = kiosk
        self._out = out
        self._language = language
        self._began_s = perf_counter()
        self._states: list[dict[str, Any]] = []
        self._steps_ms: dict[str, float] = {}
        self._pictures: list[str] = []
        self._report: dict[str, Any] = {}
        self.stuck = ""
        self._is_seen = False
        kiosk.bus.subscribe(FacesSeen, self._note_face)
        kiosk.bus.subscribe(SessionChanged, lambda event: self._note(event.view))

    def arrive(self, window: KioskWindow) -> None:
        """Begins to walk in the window."""
        self._scene = Scene(self._kiosk, window)
        play(self._journey(), window, _LOOK_EVERY_MS, self._leave)

    def write_report(self) -> None:
        """Writes `journey.json`."""
        if self._out is None:
            return
        report = {
            "states": self._states,
            **self._report,
            "steps_ms": self._steps_ms,
            "pictures": self._pictures,
            "stuck": self.stuck,
        }
        path = self._out / "journey.json"
        path.write_text(json.dumps(report, ensure_ascii=False, indent=1, default=str), encoding="utf-8")

    def summary(self) -> str:
        """The journey in a few lines."""
        order, delivery = self._report["order"], self._report["delivery"]
        return (
            f"Pages: {' > '.join(state['screen'] for state in self._states)}\n"
            f"{self._found_in_words()}, "
            f"shutter to results {self._steps_ms['shutter_to_results']:.0f} ms\n"
            f"Order {order['code']}: {order['total_satang'] / 100:.2f} baht, "
            f"paid {self._report['payment']['received_satang'] / 100:.2f} by PromptPay (simulated bank)\n"
            f"Delivered to the phone: {delivery['files']} originals, {delivery['bytes']} bytes"
        )

    def _found_in_words(self) -> str:
        matches, shown = len(self._report["matches"]), self._report["photos_shown"]
        if matches:
            return f"Photos of the visitor: {matches}"
        return f"Browsed without a match: the clip's visitor is in none of these photos, {shown} were shown"

    # -- the journey ------------------------------------------------------------------------------

    def _journey(self) -> Step:
        kiosk = self._kiosk
        yield from self._scene.until(lambda: kiosk.view.event is not None, "the event")
        yield from self._choose_language()
        yield from self._scene.pause(_FADE_S)
        yield from self._picture("attract")
        yield from self._look_without_a_face()
        yield from self._choose_language()  # the first page is everybody's again, in the kiosk's language
        yield from self._scene.touch("attract.begin")
        yield from self._page(Screen.CONSENT)
        yield from self._picture("consent")
        yield from self._scene.touch("consent.agree")
        yield from self._page(Screen.CAPTURE)
        yield from self._scene.until(lambda: self._is_seen, "the visitor before the camera")
        yield from self._picture("capture")
        yield from self._look_into_camera()
        yield from self._see_results()
        yield from self._buy()
        yield from self._receive()

    def _choose_language(self) -> Step:
        if self._kiosk.view.language is not self._language:
            yield from self._scene.touch(
                "foot.english" if self._language is Language.ENGLISH else "foot.thai"
            )

    def _look_without_a_face(self) -> Step:
        """Into the pages and sheets beside the way: manual, easy access, my data; and back to attract."""
        yield from self._scene.touch("attract.manual")
        yield from self._page(Screen.MANUAL)
        yield from self._picture("manual")
        for control, sheet, close in (
            ("foot.aids", "easy-access", "aids.close"),
            ("foot.myData", "my-data", "myData.cancel"),
        ):
            yield from self._scene.touch(control)
            yield from self._picture(sheet)
            yield from self._scene.touch(close)
            yield from self._scene.pause(_SETTLE_S)
        yield from self._scene.touch("foot.back")
        yield from self._page(Screen.ATTRACT)
        yield from self._scene.pause(_SETTLE_S)

    def _look_into_camera(self) -> Step:
        yield from self._page(Screen.RESULTS, Screen.NO_MATCH)
        shot, found = self._states[-2:]
        self._steps_ms["shutter_to_results"] = found["at_ms"] - shot["at_ms"]
        if self._kiosk.view.screen is Screen.NO_MATCH:
            yield from self._picture("no-match")
            yield from self._scene.touch("noMatch.all")
            yield from self._page(Screen.RESULTS)

    def _see_results(self) -> Step:
        yield from self._picture("results")
        results = self._kiosk.view.results
        if results is None or not results.sure:
            raise StuckError("the results page shows no photo")
        self._report["photos_shown"] = len(results.sure)
        self._report["matches"] = list(self._matches(results.sure))
        if self._kiosk.view.group.can_add:
            yield from self._ask_friend()
        first = results.sure[0].photo_id
        yield from self._scene.touch(f"results.tile.{first}")
        yield from self._page(Screen.LIGHTBOX)
        yield from self._picture("lightbox")
        yield from self._scene.touch("lightbox.choose")
        yield from self._scene.until(lambda: first in self._basket(), "the photo in the basket")
        yield from self._scene.touch("lightbox.close")
        yield from self._page(Screen.RESULTS)
        for tile in results.sure[1:4]:
            yield from self._scene.touch(f"results.disc.{tile.photo_id}")
        yield from self._picture("chosen")

    def _ask_friend(self) -> Step:
        """A friend is asked, and would rather not: the photos are there as before."""
        yield from self._scene.touch("results.friend")
        yield from self._page(Screen.CONSENT)
        yield from self._picture("friend")
        yield from self._scene.touch("consent.decline")
        yield from self._page(Screen.RESULTS)
        yield from self._scene.pause(_SETTLE_S)

    def _buy(self) -> Step:
        yield from self._scene.touch("results.basket")
        yield from self._page(Screen.BASKET)
        yield from self._picture("basket")
        yield from self._scene.touch("basket.pay")
        yield from self._page(Screen.PAYMENT, Screen.DELIVERY)
        yield from self._scene.until(lambda: self._kiosk.view.pay is not None, "the payment code")
        yield from self._picture("payment")
        yield from self._page(Screen.DELIVERY)
        order = self._kiosk.session.visitor.order
        payment = self._kiosk.session.visitor.payment
        if order is None or payment is None:
            raise StuckError("the paid order is not there")
        self._report["order"] = {
            "code": order.code,
            "state": order.state,
            "total_satang": order.total_satang,
            "lines": len(order.lines),
        }
        self._report["payment"] = {
            "state": payment.state,
            "gateway": payment.gateway,
            "due_satang": payment.due_satang,
            "received_satang": payment.received_satang,
        }

    def _receive(self) -> Step:
        yield from self._picture("delivery")
        deliver = self._kiosk.view.deliver
        if deliver is None:
            raise StuckError("there is no link to the photos")
        phone = _Phone(deliver.url)
        yield from self._scene.until(lambda: phone.is_done, "the phone")
        if phone.failure:
            raise StuckError(f"the phone: {phone.failure}")
        self._report["delivery"] = phone.received
        self._steps_ms["phone_download"] = phone.milliseconds
        yield from self._scene.touch("delivery.finish")
        yield from self._scene.pause(_SETTLE_S)
        if self._kiosk.view.screen is Screen.DELIVERY:
            yield from self._scene.touch("finish.confirm")
        yield from self._page(Screen.THANKS)
        yield from self._picture("thanks")
        yield from self._scene.touch("thanks.close")
        yield from self._page(Screen.ATTRACT)

    # -- the parts --------------------------------------------------------------------------------

    def _leave(self, failure: Exception | None) -> None:
        if isinstance(failure, StuckError):
            self.stuck = str(failure)
        elif failure is not None:
            self.stuck = f"{type(failure).__name__}: {failure}"
            _log.error("script_failed", exc_info=failure)

    def _note_face(self, seen: FacesSeen) -> None:
        """Any thread: whether the visitor stands before the camera."""
        self._is_seen = seen.main is not None

    def _note(self, view: SessionView) -> None:
        """Any thread: writes down each page and how long the one before was shown."""
        at_ms = round(1000 * (perf_counter() - self._began_s), 1)
        if not self._states or self._states[-1]["screen"] != view.screen:
            self._states.append({"screen": view.screen, "at_ms": at_ms})

    def _page(self, *screens: Screen) -> Step:
        began_s = perf_counter()
        yield from self._scene.until(lambda: self._kiosk.view.screen in screens, f"the page {screens[0]}")
        self._steps_ms.setdefault(f"to_{self._kiosk.view.screen}", 1000 * (perf_counter() - began_s))

    def _picture(self, name: str) -> Step:
        yield from self._scene.pause(_SETTLE_S)
        if self._out is None:
            return
        file_name = f"{len(self._pictures) + 1:02d}-{name}-{self._language}.png"
        grab(self._scene.window, self._out / file_name)
        self._pictures.append(file_name)

    def _basket(self) -> tuple[str, ...]:
        return self._kiosk.session.visitor.basket.digital

    def _matches(self, tiles: Iterable[PhotoTile]) -> Iterator[dict[str, Any]]:
        """Of the photos on the page those that the face found; none where the visitor browses."""
        found = self._kiosk.session.visitor.found
        for tile in tiles:
            match = found.matches.get(tile.photo_id)
            if match is not None:
                yield {
                    "file_name": found.photos[tile.photo_id].file_name,
                    "number": tile.number,
                    "similarity": round(match.similarity, 4),
                    "certainty": match.certainty,
                }


class _Phone:
    """The visitor's phone: loads the page and the ZIP over HTTP, on a thread of its own."""

    def __init__(self, url: str) -> None:
        self.is_done = False
        self.failure = ""
        self.milliseconds = 0.0
        self.received: dict[str, Any] = {}
        threading.Thread(target=self._load, args=(url,), name="phone", daemon=True).start()

    def _load(self, url: str) -> None:
        began_s = perf_counter()
        try:
            page = requests.get(url, timeout=20)
            page.raise_for_status()
            answer = requests.get(f"{url}/all.zip", timeout=60)
            answer.raise_for_status()
            with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
                damaged = archive.testzip()
                names = archive.namelist()
            if damaged or "metadata.json" not in names:
                self.failure = f"the ZIP is not whole: {damaged or 'no metadata.json'}"
            self.received = {
                "page_status": page.status_code,
                "files": len(names) - 1,
                "bytes": len(answer.content),
            }
        except (requests.RequestException, zipfile.BadZipFile) as failed:
            self.failure = type(failed).__name__
        self.milliseconds = 1000 * (perf_counter() - began_s)
        self.is_done = True
