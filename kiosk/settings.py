"""Settings of one kiosk: frozen, from `kiosk.toml` in its home folder and from the environment.

`KIOSK_CAMERA__SOURCE=webcam:1` sets `source` in `[camera]` and wins over the file. An unknown key is refused
by name, so that a typing error never passes in silence; so is a variable such as `KIOSK_CAMERA`, which has no
key. The README lists all settings. Secrets are not settings: they live in the operating
system's keyring (see `kiosk.secrets`).
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from kiosk.errors import ErrorCode, KnownError
from kiosk.language import Language
from kiosk.money import SATANG_PER_BAHT, satang
from kiosk.sales.packages import STANDARD_PACKAGES, STANDARD_PRINT_PRICES, PackageSet
from kiosk.sales.types import Package, PrintSize

FILE_NAME = "kiosk.toml"
_ENVIRONMENT_PREFIX = "KIOSK_"
_NOT_SETTINGS = frozenset({"KIOSK_HOME", "KIOSK_SOFTWARE"})

Port = Annotated[int, Field(ge=0, le=65535)]
Seconds = Annotated[float, Field(gt=0)]
Similarity = Annotated[float, Field(gt=0, lt=1)]
Share = Annotated[float, Field(gt=0, le=0.5)]


AnySettings = TypeVar("AnySettings", bound=BaseModel)


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class KioskSection(_Section):
    """The machine itself. `code_prefix` starts every order code, so it differs from kiosk to kiosk.

    `contact` is shown to visitors as it stands; empty means the event's staff, in the visitor's language.
    """

    code_prefix: Annotated[str, Field(pattern=r"^[A-Z0-9]{1,4}$")] = "K1"
    language: Language = Language.THAI
    operator: str = "Photo Kiosk"
    contact: str = ""
    timezone: str = "Asia/Bangkok"

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
    go on sale there as they are written; empty for none."""

    name: str = ""
    watch_folder: str = ""


class CameraSection(_Section):
    """`source`: "auto" (the first webcam), "webcam:1", "rtsp://…", a video file or a folder of pictures. Size
    and pace are what a webcam is asked for; it gives the nearest that it can."""

    source: str = "auto"
    width: Annotated[int, Field(ge=320, le=4096)] = 1280
    height: Annotated[int, Field(ge=240, le=4096)] = 720
    fps: Annotated[int, Field(ge=1, le=120)] = 30


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
    threads: Annotated[int, Field(ge=1, le=64)] = 2


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
    """The price list. Prints are offered only where `prints` is on: someone has to hand them over."""

    packages: Annotated[tuple[PackageEntry, ...], Field(min_length=1)] = Field(
        default_factory=_standard_packages
    )
    prints: bool = False
    print_baht: dict[PrintSize, Annotated[int, Field(gt=0, le=1_000_000)]] = Field(
        default_factory=_standard_print_baht
    )

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
    `paynoi_type`: 1 phone, 2 citizen id."""

    gateway: Literal["promptpay", "paynoi", "central"] = "promptpay"
    promptpay_id: str = ""
    receiver_name: str = ""
    paynoi_url: str = ""
    paynoi_key_id: str = ""
    paynoi_account: str = ""
    paynoi_type: Literal[1, 2] = 1


class CentralSection(_Section):
    """The centre that this kiosk meets: empty `url` for none. It is asked at least every `poll_s`; previews
    of the event on the screen are brought in advance, and others when they are looked at, within
    `preview_quota_gb` on this disk."""

    url: str = ""
    poll_s: Seconds = 5
    preview_quota_gb: Annotated[float, Field(gt=0)] = 20


class DeliverySection(_Section):
    """The page for phones. `host` empty listens on the local network's address; `public_url` replaces the
    address in the QR where a proxy stands in front."""

    host: str = ""
    port: Port = 8377
    public_url: str = ""
    wifi_name: str = ""
    link_days: Annotated[int, Field(ge=1, le=365)] = 30
    download_limit: Annotated[int, Field(ge=1, le=1000)] = 10


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


def load_settings(home: Path, environment: dict[str, str] | None = None) -> Settings:
    """The settings of the kiosk whose data is in `home`; a missing file means the defaults.

    Raises KnownError SETTING_UNKNOWN for a key that does not exist, SETTING_INVALID for a value out of range
    or a file that is not TOML; both name the key.
    """
    return read_settings(Settings, home / FILE_NAME, _ENVIRONMENT_PREFIX, _NOT_SETTINGS, environment)


def read_settings(
    kind: type[AnySettings],
    path: Path,
    prefix: str,
    not_settings: frozenset[str],
    environment: dict[str, str] | None = None,
) -> AnySettings:
    """Settings of a kind from a TOML file, under what variables with the prefix say. Raises as
    `load_settings`."""
    values: dict[str, Any] = {}
    if path.exists():
        try:
            values = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as broken:
            raise KnownError(
                ErrorCode.SETTING_INVALID, f"{path.name} is not valid TOML: {broken}.", "Mend that line."
            ) from broken
    found = dict(os.environ) if environment is None else environment
    own = {name: text for name, text in found.items() if name.startswith(prefix) and name not in not_settings}
    _overlay(values, own, prefix, frozenset(kind.model_fields))
    try:
        return kind.model_validate(values)
    except ValidationError as invalid:
        raise _first_error(invalid) from invalid


def _overlay(
    values: dict[str, Any], variables: dict[str, str], prefix: str, sections: frozenset[str]
) -> None:
    """Puts PREFIX_SECTION__KEY variables over the file's values. Raises KnownError(SETTING_UNKNOWN)."""
    for name, text in variables.items():
        section, separator, key = name.removeprefix(prefix).lower().partition("__")
        if separator:
            entries = values.setdefault(section, {})
            if isinstance(entries, dict):
                entries[key] = text
        elif section.partition("_")[0] in sections:
            raise KnownError(
                ErrorCode.SETTING_UNKNOWN,
                f"The variable {name} names no setting.",
                f"Write it as {prefix}SECTION__KEY, with two underscores; the README lists all settings.",
            )


def _first_error(invalid: ValidationError) -> KnownError:
    error = invalid.errors()[0]
    key = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        return KnownError(
            ErrorCode.SETTING_UNKNOWN,
            f"There is no setting {key!r}.",
            "Correct its name or remove it; the README lists all settings.",
        )
    return KnownError(ErrorCode.SETTING_INVALID, f"Setting {key!r}: {error['msg']}.", "Correct its value.")
