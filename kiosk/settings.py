"""Settings of one kiosk: frozen, from `kiosk.toml` in its home folder and from the environment.

`KIOSK_CAMERA__SOURCE=webcam:1` sets `source` in `[camera]` and wins over the file. An unknown key is refused
by name, so that a typing error never passes in silence; so is a variable such as `KIOSK_CAMERA`, which has no
key. The README lists all settings. Secrets are not settings (see `kiosk.secrets`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator

from kiosk.language import Language
from kiosk.money import SATANG_PER_BAHT, satang
from kiosk.sales.packages import STANDARD_PACKAGES, STANDARD_PRINT_PRICES, PackageSet
from kiosk.sales.types import Package, PrintSize
from kiosk.settings_reading import ENVIRONMENT_PREFIX, FILE_NAME, NOT_SETTINGS, read_settings


@dataclass(frozen=True, slots=True)
class Unit:
    """What the numbers of a setting count; the sentence `unit.<name>` says it on the screen."""

    name: str


class Secrecy:
    """Marks a setting that is no secret and still nobody else's business: it is shown with blots."""


Port = Annotated[int, Field(ge=0, le=65535)]
Seconds = Annotated[float, Field(gt=0, le=24 * 3600), Unit("seconds")]
Minutes = Annotated[int, Field(ge=1, le=24 * 60), Unit("minutes")]
Similarity = Annotated[float, Field(gt=0, lt=1)]
Share = Annotated[float, Field(gt=0, le=0.5)]
Baht = Annotated[int, Field(ge=0, le=1_000_000), Unit("baht")]
Turnover = Annotated[int, Field(ge=0, le=1_000_000_000), Unit("baht")]
Sheets = Annotated[int, Field(ge=0, le=1_000_000), Unit("sheets")]
TimeOfDay = Annotated[
    str,
    Field(pattern=r"^((\d|[01]\d|2[0-3]):[0-5]\d)?$"),
    AfterValidator(lambda time: time and time.zfill(5)),
]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class KioskSection(_Section):
    """The machine itself. `mode`: "event" sells photos to visitors, "store" counts who comes through the
    doors of a shop. `code_prefix` starts every order code, so it differs from kiosk to kiosk.

    `contact` is shown to visitors as it stands; empty means the event's staff, in the visitor's language.
    `metrics` is where Prometheus reads how the kiosk is, such as "127.0.0.1:9108"; empty: nowhere.
    """

    mode: Literal["event", "store"] = "event"
    code_prefix: Annotated[str, Field(pattern=r"^[A-Z0-9]{1,4}$")] = "K1"
    language: Language = Language.THAI
    operator: str = "Photo Kiosk"
    contact: str = ""
    timezone: str = "Asia/Bangkok"
    metrics: Annotated[str, Field(pattern=r"^([^\s:/]+:\d{1,5})?$")] = ""

    @field_validator("timezone")
    @classmethod
    def _is_a_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (OSError, ValueError, ZoneInfoNotFoundError) as unknown:
            raise ValueError("there is no such time zone; write it like Asia/Bangkok") from unknown
        return name


class EventSection(_Section):
    """Which event is on the screen: its name, or empty for the one made last. The photos of `watch_folder`
    go on sale there as they are written; empty for none. `approves_photos`: staff look at each photo before
    it goes on sale."""

    name: str = ""
    watch_folder: str = ""
    approves_photos: bool = False


class CameraSection(_Section):
    """`source`: "auto" (the first webcam), "webcam:1", "rtsp://…", a video file or a folder of pictures. Size
    and pace are what a webcam is asked for; it gives the nearest that it can."""

    source: str = "auto"
    width: Annotated[int, Field(ge=320, le=4096), Unit("pixels")] = 1280
    height: Annotated[int, Field(ge=240, le=4096), Unit("pixels")] = 720
    fps: Annotated[int, Field(ge=1, le=120), Unit("fps")] = 30


class CaptureSection(_Section):
    """`liveness`: "challenge" asks the visitor to blink or to turn a little before their picture is taken, so
    that a picture held up to the camera finds nobody's photos; "off" does not. `passive_pack`: a folder with
    a model that a site brings, to which the shot must look live as well."""

    liveness: Literal["off", "challenge"] = "off"
    passive_pack: Path | None = None


class VisionSection(_Section):
    """`engine`: "open" for the weights that come with the kiosk, "insightface" for the licensed pack in
    `pack_folder`. `sure_false_hits` and `maybe_false_hits` are the shares of visitors who may meet a photo of
    a stranger, among the sure ones and behind "maybe"; thresholds are cosine similarities and win over them.
    Unset means as calibrated, for the size of the event."""

    engine: Literal["open", "insightface"] = "open"
    pack_folder: Path | None = None
    match_threshold: Similarity | None = None
    maybe_threshold: Similarity | None = None
    sure_false_hits: Share | None = None
    maybe_false_hits: Share | None = None
    threads: Annotated[int, Field(ge=1, le=64), Unit("threads")] = 2


class GallerySection(_Section):
    """Where embeddings are searched: "exact" (files in the home folder) or "milvus" at `milvus_uri` (a path
    for Milvus Lite, else a server's URI)."""

    index: Literal["exact", "milvus"] = "exact"
    milvus_uri: str = ""


class PhotosSection(_Section):
    """Where photo files are kept: "folder" (in the home folder) or "minio" (any S3). `minio_public_url` is
    where kiosks and phones find that S3; without it a centre hands its files out itself."""

    store: Literal["folder", "minio"] = "folder"
    minio_endpoint: str = ""
    minio_bucket: str = "photos"
    minio_secure: bool = True
    minio_public_url: Annotated[str, Field(pattern=r"^(https?://[^/\s]+)?$")] = ""


class PackageEntry(_Section):
    """One package of the price list; without `photos` it is every photo of the visitor."""

    name: str
    photos: Annotated[int, Field(ge=1)] | None = None
    baht: Annotated[int, Field(gt=0)]


def _standard_packages() -> tuple[PackageEntry, ...]:
    return tuple(
        PackageEntry(name=p.name_key, photos=p.photo_count, baht=p.price_satang // SATANG_PER_BAHT)
        for p in STANDARD_PACKAGES.packages
    )


def _standard_print_baht() -> dict[PrintSize, int]:
    return {size: price // SATANG_PER_BAHT for size, price in STANDARD_PRINT_PRICES.items()}


class SalesSection(_Section):
    """The price list. Prints are offered only where `prints` is on: a printer of `[printing]` makes them, or
    someone hands them over. So many in one order, and in the whole event (0: as many as there is paper)."""

    packages: Annotated[tuple[PackageEntry, ...], Field(min_length=1)] = Field(
        default_factory=_standard_packages
    )
    prints: bool = False
    print_baht: dict[PrintSize, Annotated[int, Field(gt=0, le=1_000_000), Unit("baht")]] = Field(
        default_factory=_standard_print_baht
    )
    prints_per_order: Annotated[int, Field(ge=1, le=1000), Unit("sheets")] = 20
    prints_per_event: Sheets = 0

    def package_set(self) -> PackageSet:
        """The packages in the shop's own words. Raises KnownError(SETTING_INVALID) for an unusable set."""
        return PackageSet(
            tuple(
                Package(entry.name.removeprefix("package."), entry.name, entry.photos, satang(entry.baht))
                for entry in self.packages
            )
        )

    def print_prices(self) -> dict[PrintSize, int]:
        """Price of one print in satang by size; empty where prints are not offered."""
        return {size: satang(baht) for size, baht in self.print_baht.items()} if self.prints else {}


class PaymentSection(_Section):
    """`gateway`: "promptpay" (a QR to `promptpay_id`, staff confirm), "paynoi" at `paynoi_url` (confirms by
    itself; its api key is in the keyring as `paynoi_api_key`), or "central" (the centre asks its own;
    with a `promptpay_id` set, a sale that begins while the centre is away is paid there, and staff confirm).
    `paynoi_type`: 1 phone, 2 citizen id. `slip_check_url`: a service that tells amount and receiver of a slip
    (its key is in the keyring as `slip_check_key`); empty: staff look."""

    gateway: Literal["promptpay", "paynoi", "central"] = "promptpay"
    promptpay_id: Annotated[str, Secrecy()] = ""
    receiver_name: str = ""
    paynoi_url: str = ""
    paynoi_key_id: str = ""
    paynoi_account: Annotated[str, Secrecy()] = ""
    paynoi_type: Literal[1, 2] = 1
    slip_check_url: Annotated[str, Field(pattern=r"^(https?://[^\s]+)?$")] = ""


class PrintingSection(_Section):
    """Which printer makes the prints: none ("off": staff hand them out), the queues of a print server that
    speaks IPP ("cups"), or of Windows ("windows"). `server` is the socket of a CUPS on this machine, by which
    the kiosk's user, if one of the group lpadmin, lets a stopped queue go on without a password; or the
    address of any, such as "http://localhost:631". `queues` names the queue of each paper, such as
    `"10x15/glossy" = "dnp"`; `"10x15"` stands for every finish of that size, and a size without a queue is
    not offered. `tray` is said to the visitor. `frame` is a PNG with a clear middle, laid over each print;
    `profile` the printer's ICC profile, into which pages are converted (empty: the photo's own stays)."""

    printer: Literal["off", "cups", "windows"] = "off"
    server: Annotated[str, Field(pattern=r"^(https?://[^/\s]+|/[^\s]+)$")] = "/run/cups/cups.sock"
    queues: dict[Annotated[str, Field(pattern=r"^\d+x\d+(/(glossy|matte))?$")], str] = Field(
        default_factory=dict
    )
    tray: str = ""
    frame: Path | None = None
    profile: Path | None = None
    warn_at: Sheets = 10
    stop_at: Sheets = 0


class MailSection(_Section):
    """E-mail: the server that takes it, empty for none; the password of `user` is in the keyring as
    `mail_password`. `security`: "starttls" or "tls"; "none" is for a server on this machine only."""

    server: str = ""
    port: Port = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    sender: str = ""


class LineSection(_Section):
    """LINE: the official account that visitors write to, such as "@photos"; empty for none. Its channel
    access token and channel secret are in the keyring as `line_token` and `line_secret`."""

    account: str = ""
    api_url: Annotated[str, Field(pattern=r"^https?://[^/\s]+$")] = "https://api.line.me"


class StaffSection(_Section):
    """The staff's pages. They close after `idle_s` without a touch; `lock_minutes` after five wrong PINs.
    `slip_limit_baht`: up to so much one of the staff may take a slip for money where no service checks it."""

    idle_s: Seconds = 180
    lock_minutes: Minutes = 15
    slip_limit_baht: Baht = 500


class HoursSection(_Section):
    """When the kiosk is open, each day the same, such as "09:00" and "22:00" by the kiosk's time zone; past
    midnight where it closes before it opens. Empty: it is always open. While it is open the screen never
    sleeps; when it is closed the screen goes dark and a touch wakes it."""

    opens: TimeOfDay = ""
    closes: TimeOfDay = ""

    def are_open(self, local: datetime) -> bool:
        """Whether it is open at a moment of the kiosk's time zone."""
        if not self.opens or not self.closes or self.opens == self.closes:
            return True
        now = f"{local:%H:%M}"
        if self.opens < self.closes:
            return self.opens <= now < self.closes
        return now >= self.opens or now < self.closes


class UpdatesSection(_Section):
    """A verified update is applied between `begin` and `end` (empty: at any hour) while nobody is there; with
    `by_itself` off only when a technician chose it."""

    by_itself: bool = True
    begin: TimeOfDay = "02:00"
    end: TimeOfDay = "05:00"


class RevenueSection(_Section):
    """Who gets what of each sale. `plan`: "standard" (30 % platform, 50 % photographer, 20 % organiser),
    "premium" (25, 55, 20), or "volume" (the photographer gets 70, 75 or 80 % as the month's sales grow past
    `volume_baht`, the platform the rest)."""

    plan: Literal["standard", "premium", "volume"] = "standard"
    volume_baht: tuple[Turnover, Turnover] = (50_000, 200_000)


class CentralSection(_Section):
    """The centre that this kiosk meets: empty `url` for none. It is asked at least every `poll_s`; previews
    of the event on the screen are brought in advance, and others when they are looked at, within
    `preview_quota_gb` on this disk."""

    url: str = ""
    poll_s: Seconds = 5
    preview_quota_gb: Annotated[float, Field(gt=0, le=100_000), Unit("gigabytes")] = 20


class DeliverySection(_Section):
    """The page for phones. `host` empty listens on the local network's address; `public_url` replaces the
    address in the QR where a proxy stands in front."""

    host: str = ""
    port: Port = 8377
    public_url: str = ""
    wifi_name: str = ""
    link_days: Annotated[int, Field(ge=1, le=365), Unit("days")] = 30
    download_limit: Annotated[int, Field(ge=1, le=1000), Unit("times")] = 10


class StoreSection(_Section):
    """Store mode. `site` is the name of the shop that the machine stands in; empty: the operator's. Whoever
    was not seen for `stay_minutes` has gone, and comes anew. `keeps_pictures`: of visits of people who
    agreed; these and enrolment pictures are deleted after `picture_days`.

    `knows_returning` is the long-term way: everybody who comes back is recognised, also who was never asked
    (of these no picture is kept), and forgotten `returning_days` after the last visit. It is for places where
    law and consent allow that.
    """

    site: str = ""
    stay_minutes: Minutes = 30
    keeps_pictures: bool = True
    picture_days: Annotated[int, Field(ge=1, le=365), Unit("days")] = 30
    knows_returning: bool = False
    returning_days: Annotated[int, Field(ge=1, le=3650), Unit("days")] = 90
    consent_version: str = "1"


class SessionSection(_Section):
    """Time-outs of the journey in seconds, and the version of the consent text; where an event's numbers are
    read the text differs, and is recorded as that version with "-bib" after it."""

    idle_warning_s: Seconds = 90
    idle_clear_s: Seconds = 30
    face_keep_s: Seconds = 120
    thanks_s: Seconds = 30
    delivery_s: Seconds = 180
    consent_version: str = "4"


class Settings(_Section):
    """All settings of a kiosk."""

    kiosk: KioskSection = KioskSection()
    event: EventSection = EventSection()
    camera: CameraSection = CameraSection()
    capture: CaptureSection = CaptureSection()
    vision: VisionSection = VisionSection()
    gallery: GallerySection = GallerySection()
    photos: PhotosSection = PhotosSection()
    sales: SalesSection = SalesSection()
    payment: PaymentSection = PaymentSection()
    central: CentralSection = CentralSection()
    delivery: DeliverySection = DeliverySection()
    session: SessionSection = SessionSection()
    store: StoreSection = StoreSection()
    printing: PrintingSection = PrintingSection()
    mail: MailSection = MailSection()
    line: LineSection = LineSection()
    staff: StaffSection = StaffSection()
    hours: HoursSection = HoursSection()
    revenue: RevenueSection = RevenueSection()
    updates: UpdatesSection = UpdatesSection()


def load_settings(home: Path, environment: dict[str, str] | None = None) -> Settings:
    """The settings of the kiosk whose data is in `home`; a missing file means the defaults.

    Raises KnownError SETTING_UNKNOWN for a key that does not exist, SETTING_INVALID for a value out of range
    or a file that is not TOML; both name the key.
    """
    return read_settings(Settings, home / FILE_NAME, ENVIRONMENT_PREFIX, NOT_SETTINGS, environment)
