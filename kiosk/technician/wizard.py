"""The first run: one question after the other, each answer checked and kept at once."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import uuid4

from kiosk.adapters import ReadSecret
from kiosk.archive import Archive
from kiosk.camera.open_camera import camera_from_source
from kiosk.database.meta import SqlMeta
from kiosk.database.staff import SqlStaffRepository
from kiosk.database.sync_state import SqlEnrolment
from kiosk.errors import ErrorCode, KnownError
from kiosk.photos.types import PhotoEvent
from kiosk.settings import Settings
from kiosk.staff.members import new_member
from kiosk.staff.pins import PinHashes
from kiosk.staff.types import AuditAction, Role
from kiosk.sync.client import CentralClient
from kiosk.sync.enrolling import enrol
from kiosk.technician.forms import Shown, shown
from kiosk.technician.found import found_cameras, found_queues
from kiosk.technician.told import WizardShown

_EVENT_STEPS = ("language", "mode", "staff", "camera", "event", "printer", "payment", "centre", "test")
_STORE_STEPS = ("language", "mode", "staff", "centre", "test")
_STEP, _DONE = "wizard_step", "wizard_done"
_NEVER_SHOWN = frozenset({"pin", "code", "secret"})
"""What was typed is on the page still; nothing of this is told again."""

Change = Callable[[Mapping[tuple[str, str], Shown]], Settings]
"""Keeps settings and puts them to work. Raises KnownError."""
WriteSecret = Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class Tools:
    """What the wizard works with; `settings` are the newest, `audit` takes action, subject and detail for the
    log."""

    settings: Callable[[], Settings]
    change: Change
    read_secret: ReadSecret
    write_secret: WriteSecret
    audit: Callable[[AuditAction, str, Mapping[str, str]], None]


class Wizard:
    """Which question is asked is in the database, so a power cut resumes there. One worker. Raises KnownError
    DATABASE_*; what is wrong with an answer is shown with the question."""

    def __init__(self, archive: Archive, tools: Tools, pins: PinHashes | None = None) -> None:
        self._archive = archive
        self._tools = tools
        self._meta = SqlMeta(archive.database)
        self._staff = SqlStaffRepository(archive.database)
        self._pins = pins or PinHashes()

    @property
    def is_done(self) -> bool:
        return self._meta.get(_DONE) is not None

    @property
    def has_staff(self) -> bool:
        """Whether anybody works here."""
        return bool(self._staff.members())

    def begin(self) -> WizardShown:
        """Where it was left; at the beginning where it was done."""
        return self._shown(self._step())

    def answer(self, step: str, values: Mapping[str, str]) -> WizardShown:
        """Checks and keeps, and goes on; with a code where it does not fit. An answer to another question
        than the one that is asked changes nothing."""
        if step != self._step():
            return self._shown(self._step())
        try:
            getattr(self, f"_take_{step}")({name: value.strip() for name, value in values.items()})
        except KnownError as refused:
            typed = {name: value for name, value in values.items() if name not in _NEVER_SHOWN}
            return self._shown(step, refused.code, typed)
        return self._go(+1)

    def back(self) -> WizardShown:
        return self._go(-1)

    # -- answers ----------------------------------------------------------------------------------

    def _take_language(self, values: Mapping[str, str]) -> None:
        self._tools.change({("kiosk", "language"): values.get("language", "")})

    def _take_mode(self, values: Mapping[str, str]) -> None:
        self._tools.change({("kiosk", "mode"): values.get("mode", "")})

    def _take_staff(self, values: Mapping[str, str]) -> None:
        """The first one is a technician, who can take on all others."""
        pin_hash = self._pins.hash(values.get("pin", ""))
        now = self._archive.clock.now()
        member = new_member(values.get("name", ""), Role.TECHNICIAN, now, self._staff.members())
        self._tools.audit(AuditAction.STAFF_ADDED, member.name, {"role": member.role.value})
        self._staff.add(member, pin_hash)

    def _take_camera(self, values: Mapping[str, str]) -> None:
        source = values.get("source", "") or "auto"
        if source != "auto":  # which would open it
            camera_from_source(source)
        self._tools.change({("camera", "source"): source})

    def _take_event(self, values: Mapping[str, str]) -> None:
        name = values.get("event", "")
        if not name:
            raise _missing("event.name", "an event needs a name")
        photos = self._archive.photos
        if photos.event_by_name(name) is None:
            photos.add_event(PhotoEvent(uuid4().hex, name, "", self._archive.clock.now()))
        self._tools.change({("event", "name"): name})

    def _take_printer(self, values: Mapping[str, str]) -> None:
        """One queue for every size, which can be divided in the settings."""
        queue, sizes = values.get("queue", ""), self._tools.settings().sales.print_baht
        if not queue:
            self._tools.change({("printing", "printer"): "off"})
            return
        system = "windows" if sys.platform == "win32" else "cups"
        self._tools.change(
            {
                ("printing", "queues"): {size.value: queue for size in sizes},
                ("printing", "printer"): system,
                ("sales", "prints"): True,
            }
        )

    def _take_payment(self, values: Mapping[str, str]) -> None:
        gateway = values.get("gateway", "promptpay")
        if gateway == "promptpay" and not values.get("promptpay_id"):
            raise KnownError(
                ErrorCode.PROMPTPAY_ID_INVALID, "There is no PromptPay number.", "Enter the shop's own."
            )
        if values.get("secret"):
            self._tools.write_secret("paynoi_api_key", values["secret"])
        names = ("gateway", "promptpay_id", "receiver_name", "paynoi_url", "paynoi_key_id", "paynoi_account")
        self._tools.change({("payment", name): values[name] for name in names if name in values})

    def _take_centre(self, values: Mapping[str, str]) -> None:
        """Without an address the kiosk stands alone."""
        url, code = values.get("url", ""), values.get("code", "")
        enrolment = SqlEnrolment(self._archive.database, self._archive.clock)
        if url and code:
            client = CentralClient(url, None)
            enrol(client, code, enrolment, self._tools.read_secret, self._tools.write_secret, url=url)
        elif url and enrolment.enrolled() is None:
            raise KnownError(
                ErrorCode.ENROLMENT_INVALID, "The centre wants a code.", "Ask its admin for one and enter it."
            )
        self._tools.change({("central", "url"): url})

    def _take_test(self, values: Mapping[str, str]) -> None:
        self._meta.set(_DONE, self._archive.clock.now().isoformat())

    # -- questions --------------------------------------------------------------------------------

    def _steps(self) -> tuple[str, ...]:
        return _STORE_STEPS if self._tools.settings().kiosk.mode == "store" else _EVENT_STEPS

    def _step(self) -> str:
        steps, stored = self._steps(), self._meta.get(_STEP)
        return stored if stored in steps else steps[0]

    def _go(self, by: int) -> WizardShown:
        """To the next question, or the one before; who works here is asked once."""
        steps, step = self._steps(), self._step()
        if by > 0 and step == steps[-1]:
            self._meta.set(_STEP, steps[0])
            return WizardShown(step, steps, {}, is_done=True)
        place = max(0, steps.index(step) + by)
        if steps[place] == "staff" and self.has_staff:
            place += by
        self._meta.set(_STEP, steps[place])
        return self._shown(steps[place])

    def _shown(self, step: str, code: str = "", typed: Mapping[str, str] | None = None) -> WizardShown:
        values = {**self._known(step), **(typed or {})}
        return WizardShown(step, self._steps(), values, self._choices(step), code)

    def _known(self, step: str) -> dict[str, str]:
        """What is set already."""
        settings = self._tools.settings()
        payment = settings.payment
        queues = settings.printing.queues if settings.printing.printer != "off" else {}
        known: dict[str, dict[str, str]] = {
            "language": {"language": settings.kiosk.language.value},
            "mode": {"mode": settings.kiosk.mode},
            "camera": {"source": settings.camera.source},
            "event": {"event": settings.event.name},
            "printer": {"queue": next(iter(queues.values()), "")},
            "payment": {
                "gateway": payment.gateway,
                "promptpay_id": str(shown("payment", "promptpay_id", payment.promptpay_id)),
                "receiver_name": payment.receiver_name,
            },
            "centre": {"url": settings.central.url},
        }
        return known.get(step, {})

    def _choices(self, step: str) -> tuple[str, ...]:
        settings = self._tools.settings()
        if step == "camera":
            return tuple(dict.fromkeys(("auto", *found_cameras(), settings.camera.source)))
        if step == "printer":
            return found_queues(settings.printing.server)
        return ()


def _missing(name: str, why: str) -> KnownError:
    return KnownError(ErrorCode.SETTING_INVALID, f"Setting {name!r}: {why}.", "Enter it.")
