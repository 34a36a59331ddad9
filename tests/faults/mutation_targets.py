"""What mutated things are thrown at: pictures, the pages for phones, webhooks, the centre, people's typing,
what a gateway and a centre answer, and the files of the settings."""

from __future__ import annotations

import base64
import enum
import hmac
import inspect
import io
import os
import random
import string
import time
import typing
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import quote

import requests
from PIL import Image

from kiosk.app import Outside, open_kiosk
from kiosk.archive import importer_for, open_archive
from kiosk.central.principal import Role
from kiosk.clock import Clock
from kiosk.commands import event_to_import_into
from kiosk.database.engine import open_database
from kiosk.database.pulled import SqlPulled
from kiosk.delivery import phone_app
from kiosk.delivery.guess_limit import GuessLimit
from kiosk.errors import ErrorCode, KnownError
from kiosk.paths import program_root
from kiosk.payments.paynoi import AccountType, PayNoiGateway
from kiosk.payments.paynoi_signature import sign
from kiosk.payments.simulator import PayNoiSimulator
from kiosk.payments.simulator.server import DEFAULT_API_KEY
from kiosk.payments.types import PaymentRequest
from kiosk.photos.decoding import load_upright, read_picture_file
from kiosk.runtime.crash import CrashLog
from kiosk.secrets import write_secret
from kiosk.session.states import Screen
from kiosk.settings import FILE_NAME, Settings
from kiosk.staff.types import Role as StaffRole
from kiosk.staff_commands import add_staff
from kiosk.sync.pull import Puller
from kiosk.technician.settings_file import settings_at_start
from kiosk.vision.probe import probe_from_picture
from tests.bad_pictures import write_mixed_folder
from tests.central_kiosk import add_event
from tests.faults.kiosk_process import EVENT, open_shop, stocked_home
from tests.faults.mutating import ODD_NUMBERS, mutated, mutated_json, mutated_text
from tests.faults.mutation_run import Target, Trial
from tests.money_centre import MoneyCentre, money_centre
from tests.scripted_peer import Say, ScriptedPeer
from tests.staff_room import PINS
from tests.whole_kiosk import Bank, Guest

_LINE_SECRET = "the channel's secret"
_TIMEOUT_S = 30
_JSON = {"Content-Type": "application/json"}
_FAILED = 500
_TRACES = ("Traceback (most recent", 'File "/', "site-packages")


class TracebackShownError(Exception):
    """Somebody outside was shown the inside of the program."""


def _checked(answer: requests.Response) -> str:
    """The status in a word; an answer that says that the program failed, or how, is wrong."""
    if any(trace in answer.text for trace in _TRACES):
        raise TracebackShownError(answer.text[:500])
    if answer.status_code == _FAILED:
        raise AssertionError(f"{answer.request.method} {answer.request.url}: 500 {answer.text[:200]}")
    return str(answer.status_code)


# -- pictures ---------------------------------------------------------------------------------------


def pictures(stack: ExitStack, folder: Path) -> Trial:
    """Through the import, and as the picture of a person to be found."""
    write_mixed_folder(folder / "card")
    seeds = [path.read_bytes() for path in sorted((folder / "card").iterdir())]
    seeds += _pictures_of_people()
    archive = open_archive(folder / "home", Settings.model_validate({}))
    stack.callback(archive.close)
    importer = importer_for(archive, event_to_import_into(archive, EVENT), threads=1)

    def trial(chance: random.Random) -> str:
        picture = folder / "card" / "mutated.jpg"
        picture.write_bytes(mutated(chance.choice(seeds), chance))
        report = importer.import_files([picture], folder / "card")
        came = str(report.refused[0].code) if report.refused else "taken"
        with suppress(KnownError):
            pixels = load_upright(read_picture_file(picture)).pixels()
            probe_from_picture(archive.engines.photos, pixels)
        return came

    return trial


def _pictures_of_people() -> list[bytes]:
    """As JPEG, PNG and WebP with what cameras write into them, where the demo's pictures are here."""
    found = []
    for path in sorted((program_root() / ".cache" / "demo" / "photos").glob("*.jpg"))[:2]:
        picture = Image.open(path).convert("RGB")
        picture.thumbnail((480, 480))
        exif = Image.Exif()
        exif[0x0112], exif[0x9003] = 6, "2026:11:20 08:00:00"
        for kind in ("JPEG", "PNG", "WEBP"):
            written = io.BytesIO()
            picture.save(written, kind, exif=exif)
            found.append(written.getvalue())
    return found


# -- a kiosk: phones, LINE, and whoever types -------------------------------------------------------


def _patient(clock: Clock) -> GuessLimit:
    """Never slows anybody down: nothing behind it would be tried."""
    return GuessLimit(clock, most=10**9)


class AtKiosk:
    """A running kiosk with a paid order, and staff who are signed in. Most of what is typed is done on its
    workers: what they did not catch is in the crash log (`uncaught`)."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        self._crashes = CrashLog(folder / "logs")
        self._crashes.install()
        self._folder = folder
        stack.enter_context(patch.object(phone_app, "GuessLimit", _patient))
        bank = stack.enter_context(PayNoiSimulator())
        line = {"account": "@photos", "api_url": "http://127.0.0.1:1"}
        shop = open_shop(stocked_home(folder / "stocked"), folder / "home", bank.base_url, line=line)
        os.environ.update(shop.environ)
        for name, value in (("line_token", "token"), ("line_secret", _LINE_SECRET)):
            write_secret(name, value)
        for name, role in (("Somchai", StaffRole.TECHNICIAN), ("Malee", StaffRole.MANAGER)):
            add_staff(shop.home, name, role, PINS[name])
        write_secret("paynoi_api_key", DEFAULT_API_KEY)
        self.kiosk = kiosk = open_kiosk(shop.home, Settings.model_validate(shop.values), Outside())
        kiosk.start()
        stack.callback(kiosk.stop)
        guest = Guest(kiosk)
        guest.wait(lambda: kiosk.view.event is not None)
        guest.find_without_face()
        guest.go_to_code(2)
        Bank(bank.base_url).pay()
        guest.wait_for(Screen.DELIVERY)
        self.deliver = guest.deliver
        self.order = guest.order
        self.url = self.deliver.url.rpartition("/d/")[0]
        kiosk.journey.close()
        self._texts = [self.order.code, self.order.order_id, *self.order.digital_photo_ids, "12", "Riverside"]

    def __call__(self, chance: random.Random) -> str:
        kind = chance.choice((self.phone, self.phone, self.line, self.typing, self.typing))
        return f"{kind.__name__} {kind(chance)}"

    def uncaught(self) -> list[str]:
        """What workers did not catch."""
        self._wait_for_staff()
        crash = self._crashes.previous_crash()
        return [str(crash), *crash.places[-6:]] if crash else []

    # -- the phone --------------------------------------------------------------------------------

    def phone(self, chance: random.Random) -> str:
        token = self.deliver.url.rpartition("/d/")[2]
        receipt = self.deliver.receipt_url.rpartition("/r/")[2]
        photo = self.order.digital_photo_ids[0]
        path = chance.choice(
            (
                f"/d/{token}",
                f"/d/{token}/kept",
                f"/d/{token}/all.zip",
                f"/d/{token}/photo/{photo}",
                f"/d/{token}/thumb/{photo}",
                f"/r/{receipt}",
                f"/r/{receipt}/stop",
                "/static/fonts/400.ttf",
            )
        )
        spoilt = mutated_text(path, chance).replace("\r", "").replace("\n", "")
        method = chance.choice(("GET", "GET", "GET", "HEAD", "POST", "PUT", "DELETE"))
        headers = {"Accept-Language": "th,en;q=0.5", "Range": "bytes=0-99"}
        safe = {name: _header(mutated_text(value, chance)) for name, value in headers.items()}
        address = self.url + quote(spoilt.encode("utf-8", "replace"), safe="/%?=&")
        with suppress(requests.exceptions.InvalidURL):
            body = mutated(b"yes=1&really=true", chance) if method != "GET" else None
            return _checked(requests.request(method, address, data=body, headers=safe, timeout=_TIMEOUT_S))
        return "no address"

    # -- LINE -------------------------------------------------------------------------------------

    def line(self, chance: random.Random) -> str:
        event = {
            "type": chance.choice(("message", "follow", "unfollow", "postback")),
            "webhookEventId": f"E{chance.randrange(50)}",
            "mode": "active",
            "source": {"type": "user", "userId": f"U{chance.randrange(9)}"},
            "replyToken": "r",
            "message": {"type": "text", "text": chance.choice((self.order.code, "hello"))},
        }
        body = mutated_json({"destination": "x", "events": [event] * chance.randint(1, 3)}, chance)
        digest = hmac.digest(_LINE_SECRET.encode(), body, "sha256")
        signature = base64.b64encode(digest).decode("ascii")
        if chance.random() < 0.1:
            signature = _header(mutated_text(signature, chance))
        headers = {"X-Line-Signature": signature, "Content-Type": "application/json"}
        answer = requests.post(f"{self.url}/line/webhook", data=body, headers=headers, timeout=_TIMEOUT_S)
        return _checked(answer)

    # -- what is typed ----------------------------------------------------------------------------

    def typing(self, chance: random.Random) -> str:
        """A command of the screens with odd things for its words and numbers."""
        if self.kiosk.staff.view.who is None:
            self._sign_in()
        if chance.random() < 0.1:
            self._walk(chance)
        room = chance.choice(self._rooms())
        commands = [
            (name, command)
            for name, command in inspect.getmembers(room, callable)
            if not name.startswith("_") and name not in _NOT_TYPED and not inspect.isclass(command)
        ]
        name, command = chance.choice(commands)
        given = [self._odd(hint, chance) for hint in _hints(command)]
        with suppress(KnownError):
            command(*given)
        if chance.random() < 0.05:
            self._wait_for_staff()
        return name

    def _rooms(self) -> list[object]:
        kiosk = self.kiosk
        visitors = [kiosk.buying, kiosk.finding, kiosk.together, kiosk.corrections, kiosk.handing_over]
        return [kiosk.staff, kiosk.staff, kiosk.staff, kiosk.technician, kiosk.journey, *visitors]

    def _sign_in(self) -> None:
        kiosk = self.kiosk
        kiosk.staff.open()
        self._wait_for_staff()
        members = {each.name: each.staff_id for each in kiosk.staff.view.members}
        kiosk.staff.sign_in(members.get("Somchai", ""), PINS["Somchai"])
        self._wait_for_staff()

    def _wait_for_staff(self) -> None:
        until_s = time.monotonic() + 20
        while self.kiosk.staff.view.is_busy and time.monotonic() < until_s:
            time.sleep(0.005)

    def _walk(self, chance: random.Random) -> None:
        """To another page, from which other commands do something."""
        kiosk = self.kiosk
        if kiosk.view.screen is Screen.ATTRACT:
            kiosk.journey.go_manual()
            kiosk.finding.find_all()
        elif kiosk.view.screen is Screen.RESULTS:
            results = kiosk.view.results
            for tile in results.sure[: chance.randint(1, 2)] if results else ():
                kiosk.buying.choose(tile.photo_id)
            kiosk.buying.open_basket()
        elif chance.random() < 0.5:
            kiosk.journey.close()

    def _odd(self, hint: Any, chance: random.Random) -> Any:
        origin, inner = typing.get_origin(hint), typing.get_args(hint)
        if type(None) in inner:
            return None if chance.random() < 0.3 else self._odd(inner[0], chance)
        if origin in (Sequence, list, tuple):
            return [self._odd(inner[0], chance) for _ in range(chance.randint(0, 3))]
        if origin is Mapping or origin is dict:
            return {self._odd(inner[0], chance): self._odd(inner[1], chance) for _ in range(2)}
        if inner:  # one of several kinds
            return self._odd(inner[0], chance)
        if inspect.isclass(hint) and issubclass(hint, enum.Enum):
            return chance.choice(list(hint))
        if hint is bool:
            return chance.random() < 0.5
        if hint is int:
            return chance.choice((0, 1, 5, 100, 7900, 2**31 - 1))  # steppers know no others
        if hint is float:
            return chance.choice((0.0, -1.0, 0.002, 0.05, 1.0, 1e308, float("nan"), float("inf")))
        if hint is date:
            return chance.choice((date.min, date(2026, 11, 20), date.today()))
        if hint is datetime:
            return datetime.now(UTC) + timedelta(days=chance.randint(-9, 9))
        if hint is Path:
            return self._folder / mutated_text("card", chance).replace("\0", "").replace("/", "")[:200]
        return mutated_text(chance.choice(self._texts), chance)


_NOT_TYPED = frozenset(
    {
        *("stop", "run", "tick", "resume", "close", "bus", "workers", "view", "audit", "tell", "allowed"),
        *("make_bundle", "run_tests", "test_print", "set_secret", "begin_shot", "change_setting"),
        *("start_import", "look", "undo_settings", "choose_update"),
    }
)
"""No words of a person, or what takes minutes, or would set the machine up otherwise."""


def _hints(command: Callable[..., object]) -> list[Any]:
    hints = typing.get_type_hints(command)
    return [hints.get(name, str) for name in inspect.signature(command).parameters]


def at_kiosk(stack: ExitStack, folder: Path) -> Trial:
    """Phones, LINE and people who type, all at one kiosk."""
    return AtKiosk(stack, folder)


def _header(text: str) -> str:
    """What of a text may stand in a header at all."""
    fit = set(string.printable) - set("\r\n\x0b\x0c")
    return "".join(letter for letter in text if letter in fit)[:4000].strip()


# -- a centre ---------------------------------------------------------------------------------------


def at_centre(stack: ExitStack, folder: Path) -> Trial:
    """Everybody's calls, the bank's notices, and what the centre answers a kiosk, spoilt on the way."""
    money = stack.enter_context(money_centre())
    add_event(money, money.server.centre.clock)
    kinds = {"call": calls(money), "notice": bank_notices(money), "news": spoilt_news(money, stack, folder)}

    def trial(chance: random.Random) -> str:
        kind = chance.choice(("call", "call", "call", "notice", "news"))
        return f"{kind} {kinds[kind](chance)}"

    return trial


def calls(money: MoneyCentre) -> Trial:
    """Bodies and paths of every call that its schema names, by everybody's token and by nobody's."""
    url = money.server.url
    schema = requests.get(f"{url}/openapi.json", timeout=_TIMEOUT_S).json()
    operations = [
        (method.upper(), path, operation)
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
        if not path.endswith("/stream")
    ]
    roles = (Role.ADMIN, Role.DEVICE, Role.PHOTOGRAPHER, Role.CUSTOMER)
    headers = [money.server.headers(money.tenant_id, role) for role in roles] + [{}]
    known = {"event_id": "run", "tenant_id": money.tenant_id}

    def trial(chance: random.Random) -> str:
        method, path, operation = chance.choice(operations)
        for parameter in operation.get("parameters", ()):
            if parameter["in"] == "path":
                value = known.get(parameter["name"], "a" * 32)
                path = path.replace(f"{{{parameter['name']}}}", _quoted(mutated_text(value, chance)))
        query = {
            parameter["name"]: _utf8(mutated_text("10", chance))
            for parameter in operation.get("parameters", ())
            if parameter["in"] == "query" and chance.random() < 0.5
        }
        kinds = operation.get("requestBody", {}).get("content", {})
        sent: dict[str, Any] = {}
        if "application/json" in kinds:
            example = _example(kinds["application/json"]["schema"], schema, chance)
            sent = {"data": mutated_json(example, chance), "headers": {"Content-Type": "application/json"}}
        elif kinds:
            files = {"files": (_header(mutated_text("a.jpg", chance)), mutated(b"\xff\xd8" * 50, chance))}
            sent = {"files": files, "data": {"event_id": _utf8(mutated_text("run", chance))}}
        sent["headers"] = {**sent.get("headers", {}), **chance.choice(headers)}
        answer = requests.request(method, url + path, params=query, timeout=_TIMEOUT_S, **sent)
        return _checked(answer)

    return trial


def _utf8(text: str) -> str:
    """What of a text the client itself can send."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _quoted(text: str) -> str:
    return quote(text.encode("utf-8", "replace"), safe="") or "-"


def _example(schema: dict[str, Any], whole: dict[str, Any], chance: random.Random, depth: int = 0) -> Any:
    """A value that a schema allows, or nearly."""
    if "$ref" in schema:
        named = whole["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return _example(named, whole, chance, depth)
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            return _example(chance.choice(schema[several]), whole, chance, depth)
    if "enum" in schema:
        return chance.choice(schema["enum"])
    if "const" in schema:
        return schema["const"]
    kind = schema.get("type")
    if kind == "object" and depth < 8:
        return {
            name: _example(inner, whole, chance, depth + 1)
            for name, inner in schema.get("properties", {}).items()
        }
    if kind == "array" and depth < 8:
        inner = schema.get("items", {})
        return [_example(inner, whole, chance, depth + 1) for _ in range(chance.randint(1, 2))]
    if kind == "string":
        if schema.get("format") == "date-time":
            return "2026-11-20T05:00:00Z"
        return "a" * max(schema.get("minLength", 1), 8 if "pattern" not in schema else 1)
    if kind in ("integer", "number"):
        return schema.get("minimum", 1)
    return kind == "boolean"


def bank_notices(money: MoneyCentre) -> Trial:
    """PayNoi's: signed and spoilt, spoilt and signed."""

    def trial(chance: random.Random) -> str:
        data = mutated_json({"trans_id": "T000001aabbccdd", "amount": "79.12", "ref1": "x" * 20}, chance)
        key = DEFAULT_API_KEY if chance.random() < 0.9 else "another"
        body = b'{"data":' + data + b',"signature":"' + sign(data, key).encode("ascii") + b'"}'
        if chance.random() < 0.5:
            body = mutated(body, chance)
        return _checked(
            requests.post(f"{money.server.url}/api/payment/webhook", data=body, timeout=_TIMEOUT_S)
        )

    return trial


# -- what others answer -----------------------------------------------------------------------------


def bank_answers(stack: ExitStack, folder: Path) -> Trial:
    """A gateway that answers nonsense: the kiosk says so, and charges nobody by it."""
    with PayNoiSimulator() as bank:
        asked = {"method": "create", "api_key": DEFAULT_API_KEY, "amount": "79.00", "ref1": "a" * 20}
        asked |= {"key_id": "1", "account": "0801234567", "type": 1}
        good = requests.post(f"{bank.base_url}/ppay_api", json=asked, timeout=_TIMEOUT_S).json()
    paid = {"status": 1, "payment_status": "completed", "amount": "79.12", "ref1": "a" * 20}
    answers = [b""]
    peer = stack.enter_context(ScriptedPeer({"/": lambda _: Say(200, answers[0], _JSON)}))
    gateway = PayNoiGateway(peer.url, DEFAULT_API_KEY, "1", "0801234567", AccountType.PHONE)

    def trial(chance: random.Random) -> str:
        is_new = chance.random() < 0.5
        answers[0] = mutated_json(good if is_new else paid, chance)
        peer.asked.clear()
        try:
            if is_new:
                offer = gateway.create(PaymentRequest(f"{chance.getrandbits(64):020}", 7900, "K1-0001"))
                assert abs(offer.due_satang - 7900) < 100, offer
            else:
                gateway.check("T1")
        except KnownError as error:
            return str(error.code)
        return "believed"

    return trial


def spoilt_news(money: MoneyCentre, stack: ExitStack, folder: Path) -> Trial:
    """Pages of news, as a kiosk gets them: refused as a whole, or taken."""
    headers = money.server.headers(money.tenant_id, Role.DEVICE, money.device_id)
    changes = f"{money.server.url}/api/sync/changes?cursor=0&limit=100"
    page = requests.get(changes, headers=headers, timeout=_TIMEOUT_S)
    database = open_database(folder / "kiosk.db")
    stack.callback(database.close)

    class Wire:
        answer = b""

        def get_bytes(self, *_: object, **__: object) -> bytes:
            answer, self.answer = self.answer, b""
            if not answer:
                raise KnownError(ErrorCode.CENTRE_UNREACHABLE, "No more.")
            return answer

    wire = Wire()

    def trial(chance: random.Random) -> str:
        wire.answer = mutated(page.content, chance)
        try:
            for _ in Puller(wire, SqlPulled(database, "contract")).pull():  # type: ignore[arg-type]
                pass
        except KnownError as error:
            return str(error.code)
        return "taken"

    return trial


# -- settings ---------------------------------------------------------------------------------------

_SETTINGS = """[kiosk]
language = "en"
timezone = "Asia/Bangkok"
[payment]
promptpay_id = "0801234567"
[session]
idle_warning_s = 90.0
[sales]
prints = true
print_baht = { "10x15" = 50, "13x18" = 80 }
packages = [ { name = "package.single", photos = 1, baht = 79 }, { name = "package.all", baht = 1499 } ]
[printing]
queues = { "10x15" = "dnp" }
[mail]
server = "mail.example.org"
sender = "Run <a@example.org>"
"""


def settings(stack: ExitStack, folder: Path) -> Trial:
    """A file that was spoilt: it is used, or the last good one is and the mistake is told."""
    good = folder / FILE_NAME
    good.write_text(_SETTINGS, encoding="utf-8")
    settings_at_start(folder, {})

    def trial(chance: random.Random) -> str:
        good.write_bytes(_spoilt_settings(chance))
        read = settings_at_start(folder, {})
        came = str(read.problem.code) if read.problem else "used"
        good.write_text(_SETTINGS, encoding="utf-8")
        settings_at_start(folder, {})  # this one is the last good one again
        return came

    return trial


def _spoilt_settings(chance: random.Random) -> bytes:
    if chance.random() < 0.5:
        return mutated(_SETTINGS.encode(), chance)
    lines = _SETTINGS.splitlines()
    at = chance.randrange(len(lines))
    name, is_one, _ = lines[at].partition("=")
    if is_one:
        words = ('""', '"x"', "[]", "{}", "true", "1979-05-27", "inf", "nan")
        lines[at] = f"{name}= {chance.choice([*map(repr, ODD_NUMBERS), *words])}"
    return "\n".join(lines).encode()


TARGETS: dict[str, tuple[Target, int]] = {
    "pictures": (pictures, 10_000),
    "kiosk": (at_kiosk, 8_000),
    "centre": (at_centre, 8_000),
    "bank": (bank_answers, 1_000),
    "settings": (settings, 2_000),
}
"""By name, and how many trials of each are made in the long form."""
