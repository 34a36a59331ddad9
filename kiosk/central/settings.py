"""Settings of a centre: frozen, from `central.toml` in its home folder and from the environment.

`CENTRAL_DATABASE__URL=postgresql+psycopg://…` sets `url` in `[database]` and wins over the file. Nothing set
means embedded stores in the home folder. Secrets are not settings (`kiosk.central.secrets`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from kiosk.settings import (
    GallerySection,
    PaymentSection,
    PhotosSection,
    Seconds,
    StoreSection,
    VisionSection,
)
from kiosk.settings_reading import read_settings

FILE_NAME = "central.toml"
_ENVIRONMENT_PREFIX = "CENTRAL_"
_NOT_SETTINGS = frozenset({"CENTRAL_HOME"})


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ServerSection(_Section):
    """Where the centre listens, and the address under which browsers and phones find it."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8400
    public_url: str = ""
    timezone: str = "Asia/Bangkok"
    trusts_proxy: bool = False


class DatabaseSection(_Section):
    """`url` of PostgreSQL; empty for a file in the home folder."""

    url: str = ""


class QueueSection(_Section):
    """`redis_url` of the import queue and of rate limits; empty: this process imports and counts itself."""

    redis_url: str = ""


class AccessSection(_Section):
    """How long tokens last, when a login is locked, and how often a minute one may ask."""

    access_s: Seconds = 15 * 60
    refresh_s: Seconds = 7 * 24 * 3600
    enrolment_s: Seconds = 24 * 3600
    most_failed_logins: Annotated[int, Field(ge=1)] = 5
    locked_s: Seconds = 15 * 60
    requests_a_minute: Annotated[int, Field(ge=1)] = 100
    device_requests_a_minute: Annotated[int, Field(ge=1)] = 600
    device_files_a_minute: Annotated[int, Field(ge=1)] = 6000
    searches_a_minute: Annotated[int, Field(ge=1)] = 10


class DownloadSection(_Section):
    """Links to originals: days they last, wholes they give, seconds that an address of the store is good."""

    link_days: Annotated[int, Field(ge=1, le=365)] = 30
    download_limit: Annotated[int, Field(ge=1, le=1000)] = 10
    address_s: Seconds = 300


class MilvusSection(_Section):
    """The index of embeddings on a server: "FLAT" (exact), or "HNSW" for events of very many faces
    (`kiosk.gallery.milvus_index` says what it costs)."""

    index_type: Literal["HNSW", "FLAT"] = "FLAT"


class CamerasSection(_Section):
    """Camera workers: how many streams each runs at most, and after how many seconds without a word from one
    others take its streams."""

    streams: Annotated[int, Field(ge=1, le=64)] = 4
    lease_s: Annotated[float, Field(ge=1, le=300)] = 15


class CentralSettings(_Section):
    """All settings of a centre."""

    server: ServerSection = ServerSection()
    database: DatabaseSection = DatabaseSection()
    queue: QueueSection = QueueSection()
    access: AccessSection = AccessSection()
    downloads: DownloadSection = DownloadSection()
    vision: VisionSection = VisionSection()
    gallery: GallerySection = GallerySection()
    milvus: MilvusSection = MilvusSection()
    photos: PhotosSection = PhotosSection()
    payment: PaymentSection = PaymentSection()
    store: StoreSection = StoreSection()
    cameras: CamerasSection = CamerasSection()


def load_central_settings(home: Path, environment: dict[str, str] | None = None) -> CentralSettings:
    """The settings of the centre whose data is in `home`; a missing file means the defaults.

    Raises KnownError SETTING_UNKNOWN, SETTING_INVALID; both name the key.
    """
    return read_settings(CentralSettings, home / FILE_NAME, _ENVIRONMENT_PREFIX, _NOT_SETTINGS, environment)
