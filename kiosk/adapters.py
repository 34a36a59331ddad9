"""Settings become adapters, here and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.at_rest.own_keys import OwnKeys
from kiosk.at_rest.rotation import Rotation
from kiosk.at_rest.vault import Vault
from kiosk.camera.open_camera import camera_from_source
from kiosk.camera.types import Camera, Wish
from kiosk.clock import Clock
from kiosk.database.engine import Database
from kiosk.database.hold_notes import SqlHoldNotes
from kiosk.database.meta import SqlMeta
from kiosk.database.notices import SqlNotices
from kiosk.database.orders import SqlCheckoutStore
from kiosk.database.sync_state import SqlEnrolment
from kiosk.database.vouchers import SqlVoucherRepository
from kiosk.errors import ErrorCode, KnownError
from kiosk.gallery.exact_index import ExactIndex
from kiosk.gallery.rotated_index import RotatedIndex, turned_contract
from kiosk.gallery.types import VectorIndex
from kiosk.paths import models_folder
from kiosk.payments.paynoi import AccountType, PayNoiGateway
from kiosk.payments.promptpay_staff import PromptPayGateway
from kiosk.payments.slip import SlipChecker
from kiosk.payments.slip_check import HttpSlipChecker
from kiosk.payments.types import PaymentGateway
from kiosk.payments.with_staff import GatewayWithStaff
from kiosk.photos.folder_store import FolderObjectStore
from kiosk.photos.types import ObjectStore
from kiosk.printing.types import Paper, Printer
from kiosk.printing.windows import Paint, WindowsPrinter, no_painter
from kiosk.secrets import KeyringSecrets, read_secret
from kiosk.settings import (
    CameraSection,
    CaptureSection,
    CentralSection,
    GallerySection,
    PaymentSection,
    PhotosSection,
    PrintingSection,
    VisionSection,
)
from kiosk.sync.central_gateway import CentralGateway, CentreCalls
from kiosk.sync.centre_files import FilesBehindDoor
from kiosk.sync.door import CentreDoor
from kiosk.sync.fetched_folder import FetchedFolder
from kiosk.sync.fetched_store import FetchedObjectStore
from kiosk.sync.voucher_desk import VoucherDesk
from kiosk.vision.gender import GenderReader
from kiosk.vision.landmarks import LandmarkFinder
from kiosk.vision.looks import PHOTO_SIDES
from kiosk.vision.open_engine import OpenFaceEngine
from kiosk.vision.passive_liveness import PassivePack
from kiosk.vision.types import FaceEngine

if TYPE_CHECKING:
    from kiosk.gallery.milvus_index import MilvusIndex

ReadSecret = Callable[[str], str]
"""Gives a secret by its name, or raises KnownError(SECRET_MISSING)."""

_GB = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Engines:
    """The same networks, tuned for live frames and for photos of an event."""

    live: FaceEngine
    photos: FaceEngine


def choose_engines(vision: VisionSection) -> Engines:
    """The face engine of the settings; its weights are loaded at first use."""
    if vision.engine == "insightface":
        from kiosk.vision.insightface_engine import InsightFaceEngine

        if vision.pack_folder is None:
            raise KnownError(
                ErrorCode.SETTING_INVALID,
                "vision.engine is insightface, and vision.pack_folder is not set.",
                "Set it to the folder of the licensed ONNX files.",
            )
        pack = InsightFaceEngine(vision.pack_folder, threads=vision.threads)
        return Engines(live=pack, photos=pack.with_sides(PHOTO_SIDES))
    engine = OpenFaceEngine(models_folder(), threads=vision.threads)
    return Engines(live=engine, photos=engine.with_sides(PHOTO_SIDES))


def choose_gender(vision: VisionSection) -> GenderReader | None:
    """Who reads the gender of a face; None where no weights know it. Loaded with the first use."""
    if vision.engine != "insightface" or vision.pack_folder is None:
        return None
    from kiosk.vision.insightface_gender import InsightFaceGender

    return InsightFaceGender.of_pack(vision.pack_folder, vision.threads)


def choose_liveness(capture: CaptureSection) -> tuple[LandmarkFinder | None, PassivePack | None]:
    """What the challenge is read from, and the model that a site brought; None where the settings ask for
    none. Loaded with the first use."""
    if capture.liveness == "off":
        return None, None
    pack = capture.passive_pack
    return LandmarkFinder(models_folder()), PassivePack(pack) if pack is not None else None


def choose_camera(camera: CameraSection, fallback_clip: Path | None = None) -> Camera:
    """The camera of the settings. Raises what `camera_from_source` raises."""
    wish = Wish(camera.width, camera.height, camera.fps)
    return camera_from_source(camera.source, fallback_clip, wish)


def open_vault(home: Path) -> Vault:
    """The keys of a kiosk's data folder, in the keyring of the machine; nothing is read or made yet."""
    return Vault(OwnKeys(home, KeyringSecrets()))


def choose_index(
    home: Path,
    gallery: GallerySection,
    contract_id: str,
    vault: Vault,
    rotation_of: Callable[[str], Rotation],
    index_folder: Path | None = None,
    milvus_index_type: str | None = None,
) -> VectorIndex:
    """The index of the settings; a server is connected to. What it holds is turned under the vault's secret,
    each event's faces as `rotation_of` says; what it held otherwise is thrown away, to be filled again from
    SQL. The last two as in `open_archive`."""
    key_id = vault.key_id()
    if gallery.index == "milvus":
        milvus = choose_milvus(home, gallery, contract_id, key_id, milvus_index_type)
        milvus.drop_contracts(
            [contract_id, *(turned_contract(contract_id, old) for old in vault.older_ids())]
        )
        return RotatedIndex(milvus, contract_id, rotation_of)
    exact = ExactIndex(index_folder or home / "index", turned_contract(contract_id, key_id))
    exact.drop_others()
    return RotatedIndex(exact, contract_id, rotation_of)


def choose_milvus(
    home: Path,
    gallery: GallerySection,
    contract_id: str,
    key_id: bytes | None,
    milvus_index_type: str | None = None,
) -> MilvusIndex:
    """Milvus as the settings name it, with what is turned under a secret; without one, where nothing was kept
    yet, with what is plain."""
    from kiosk.gallery.milvus_index import MilvusIndex

    turned = contract_id if key_id is None else turned_contract(contract_id, key_id)
    return MilvusIndex(gallery.milvus_uri or str(home / "milvus.db"), turned, index_type=milvus_index_type)


def choose_store(home: Path, photos: PhotosSection, read_secret: ReadSecret = read_secret) -> ObjectStore:
    """The object store of the settings; a server is connected to."""
    if photos.store == "minio":
        from kiosk.photos.minio_store import MinioObjectStore

        return MinioObjectStore(
            endpoint=photos.minio_endpoint,
            bucket=photos.minio_bucket,
            access_key=read_secret("minio_access_key"),
            secret_key=read_secret("minio_secret_key"),
            is_secure=photos.minio_secure,
            public_url=photos.minio_public_url,
        )
    return FolderObjectStore(home / "objects")


def fetching_store(
    home: Path, own: ObjectStore, central: CentralSection, door: CentreDoor, clock: Clock
) -> FetchedObjectStore:
    """The kiosk's own store, and behind it the centre's files, as far as they fit into the quota."""
    quota_bytes = int(central.preview_quota_gb * _GB)
    return FetchedObjectStore(own, FetchedFolder(home / "fetched", quota_bytes, clock), FilesBehindDoor(door))


def choose_gateway(
    payment: PaymentSection,
    read_secret: ReadSecret = read_secret,
    clock: Clock | None = None,
    centre: Callable[[], CentreCalls] | None = None,
) -> PaymentGateway:
    """The gateway of the settings. `centre` gives who is asked where it is the centre; without one nobody can
    be asked, which is enough for staff who confirm.

    Raises KnownError GATEWAY_NOT_CONFIGURED, SECRET_MISSING, PROMPTPAY_ID_INVALID.
    """
    if payment.gateway == "central":
        central = CentralGateway(centre or _no_centre, clock)
        if not payment.promptpay_id:
            return central
        return GatewayWithStaff(central, PromptPayGateway(payment.promptpay_id, payment.receiver_name))
    if payment.gateway == "paynoi":
        if not payment.paynoi_url:
            raise KnownError(
                ErrorCode.GATEWAY_NOT_CONFIGURED,
                "payment.gateway is paynoi, and payment.paynoi_url is not set.",
                "Set it, or choose gateway promptpay.",
            )
        return PayNoiGateway(
            payment.paynoi_url,
            read_secret("paynoi_api_key"),
            key_id=payment.paynoi_key_id,
            account=payment.paynoi_account,
            account_type=AccountType(payment.paynoi_type),
            receiver_name=payment.receiver_name,
            clock=clock,
        )
    if not payment.promptpay_id:
        raise KnownError(
            ErrorCode.GATEWAY_NOT_CONFIGURED,
            "payment.promptpay_id is not set: nobody could be paid.",
            "Set it in kiosk.toml to the PromptPay number of the shop.",
        )
    return PromptPayGateway(payment.promptpay_id, payment.receiver_name)


def choose_slip_checker(payment: PaymentSection, read_secret: ReadSecret = read_secret) -> SlipChecker | None:
    """The service that checks slips; None where staff look. Raises KnownError SECRET_MISSING,
    SETTING_INVALID."""
    if not payment.slip_check_url:
        return None
    return HttpSlipChecker(payment.slip_check_url, read_secret("slip_check_key"))


def choose_printer(printing: PrintingSection, paint: Paint = no_painter) -> Printer | None:
    """The printer of the settings; None where staff hand prints out. `paint` puts a page on a printer of
    Windows, which takes a window system. Raises KnownError SETTING_INVALID where this is no Windows."""
    if printing.printer == "cups":
        from kiosk.printing.cups import CupsPrinter

        return CupsPrinter(printing.server)
    if printing.printer == "windows":
        try:
            import win32print
        except ImportError as missing:
            raise KnownError(
                ErrorCode.SETTING_INVALID,
                "printing.printer is windows, and this is no Windows.",
                "Set it to cups, and name the queues of this machine's print server.",
            ) from missing
        return WindowsPrinter(win32print, paint)
    return None


def queue_of(printing: PrintingSection) -> Callable[[Paper], str]:
    """Names the queue of a paper: the one of its size and finish, or of its size; empty for none."""
    return lambda paper: printing.queues.get(paper.name) or printing.queues.get(paper.size.value, "")


def choose_centre(
    central: CentralSection, database: Database, clock: Clock, read_secret: ReadSecret = read_secret
) -> CentreDoor | None:
    """The way to the kiosk's centre, open once the kiosk is enrolled; None where there is none."""
    enrolment = SqlEnrolment(database, clock)
    url = centre_url(central, enrolment)
    return CentreDoor(url, enrolment, clock, read_secret) if url else None


def centre_url(central: CentralSection, enrolment: SqlEnrolment) -> str:
    """Where the kiosk's centre is: as the settings say; where they name none, the address at which the kiosk
    was enrolled. Empty for a kiosk that stands alone. Nobody else decides this."""
    if central.url:
        return central.url
    enrolled = enrolment.enrolled()
    return enrolled.url if enrolled else ""


def choose_voucher_desk(
    database: Database, clock: Clock, centre: Callable[[], CentreCalls] | None
) -> VoucherDesk | None:
    """Who holds uses of vouchers at the centre; None for a kiosk that stands alone and counts by itself."""
    if centre is None:
        return None
    meta = SqlMeta(database)
    return VoucherDesk(
        own_id=meta.kiosk_id(),
        voucher=SqlVoucherRepository(database, clock).voucher,
        has_order=SqlCheckoutStore(database, clock).has_order,
        centre=centre,
        notes=SqlHoldNotes(database),
        notices=SqlNotices(database, clock),
    )


def _no_centre() -> CentreCalls:
    raise KnownError(
        ErrorCode.NOT_ENROLLED,
        "payment.gateway is central, and this kiosk is enrolled at no centre.",
        "Set central.url and enrol the kiosk.",
    )
