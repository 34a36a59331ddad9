"""Photos and their files: previews and originals for kiosks and buyers, and taking a photo off sale."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Response
from fastapi.responses import RedirectResponse, StreamingResponse
from pydantic import BaseModel

from kiosk.central.api.belongings import event_of, has_bought, photo_of
from kiosk.central.api.guard import Guard
from kiosk.central.centre import Centre
from kiosk.central.principal import Principal, Role
from kiosk.delivery.file_names import content_disposition, photo_file_name, photo_media_type
from kiosk.errors import ErrorCode, KnownError
from kiosk.photos.index_sync import index_again
from kiosk.photos.types import Photo, PhotoState, PreviewSize, key_of_original, preview_key
from kiosk.sync.answers import CONTENT_HASH

PhotoId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]
IfNoneMatch = Annotated[str | None, Header(max_length=200)]

_PICTURE = {"schema": {"type": "string", "format": "binary"}}
_Responses = dict[int | str, dict[str, Any]]
_A_JPEG: _Responses = {
    200: {"content": {"image/jpeg": _PICTURE}},
    304: {"description": "As the caller has it."},
}
_A_FILE: _Responses = {
    200: {"content": {"application/octet-stream": _PICTURE}},
    307: {"description": "The file is at this address of the store, for some minutes."},
}


class FaceBody(BaseModel):
    """Where a face is, in pixels of the upright original."""

    ordinal: int
    box: tuple[float, float, float, float]
    score: float


class PhotoBody(BaseModel):
    """What is known of a photo. Where `is_time_known` is false, `taken_at` is good for an order only."""

    photo_id: str
    event_id: str
    number: int
    file_name: str
    sha256: str
    width: int
    height: int
    taken_at: datetime
    is_time_known: bool
    imported_at: datetime
    state: PhotoState
    photographer: str
    camera: str
    place: str
    latitude: float | None
    longitude: float | None
    is_public: bool
    faces: list[FaceBody]


def router(centre: Centre, guard: Guard) -> APIRouter:
    """The paths of this part."""
    routes = APIRouter(prefix="/api/photos", tags=["photos"])
    anybody = Depends(guard.allow())
    staff = Depends(guard.allow(Role.PHOTOGRAPHER, Role.DEVICE))
    photographer = Depends(guard.allow(Role.PHOTOGRAPHER))
    owner = Depends(guard.allow(Role.DEVICE, Role.CUSTOMER))

    @routes.get("/{photo_id}", response_class=Response, responses=_A_JPEG)
    def watermarked(
        photo_id: PhotoId, if_none_match: IfNoneMatch = None, who: Principal = anybody
    ) -> Response:
        """The preview that anybody of the tenant may see: a watermark runs over it."""
        photo = _shown_to(who, photo_of(centre, who, photo_id))
        return _preview(centre, photo, PreviewSize.WATERMARKED, if_none_match)

    @routes.get("/{photo_id}/preview/{size}", response_class=Response, responses=_A_JPEG)
    def preview(
        photo_id: PhotoId,
        size: PreviewSize,
        if_none_match: IfNoneMatch = None,
        who: Principal = staff,
    ) -> Response:
        """A preview in one of its sizes. `ETag` and `X-Content-SHA256` are of its bytes."""
        return _preview(centre, photo_of(centre, who, photo_id), size, if_none_match)

    @routes.get("/{photo_id}/original", response_class=Response, responses=_A_FILE)
    def original(photo_id: PhotoId, who: Principal = owner) -> Response:
        """The file as it was sent: for a kiosk of the tenant, and for a customer who bought it. Where the
        store has addresses, the answer leads there."""
        photo = photo_of(centre, who, photo_id)
        if who.role is Role.CUSTOMER and not has_bought(centre, who, photo_id):
            raise KnownError(ErrorCode.RIGHTS_MISSING, "This photo was not bought.", "Buy it first.")
        return _original(centre, who, photo)

    @routes.get("/{photo_id}/metadata")
    def metadata(photo_id: PhotoId, who: Principal = anybody) -> PhotoBody:
        """What is known of a photo."""
        return _body(centre, _shown_to(who, photo_of(centre, who, photo_id)))

    @routes.post("/{photo_id}/withdraw")
    def withdraw(photo_id: PhotoId, who: Principal = photographer) -> PhotoBody:
        """Takes a photo off sale, at every kiosk; who bought it keeps it."""
        return _set_state(centre, who, photo_id, PhotoState.WITHDRAWN)

    @routes.post("/{photo_id}/approve")
    def approve(photo_id: PhotoId, who: Principal = photographer) -> PhotoBody:
        """Puts a photo on sale again."""
        return _set_state(centre, who, photo_id, PhotoState.ON_SALE)

    return routes


def _shown_to(who: Principal, photo: Photo) -> Photo:
    """A customer does not see what is off sale."""
    if who.role is Role.CUSTOMER and photo.state is not PhotoState.ON_SALE:
        raise KnownError(ErrorCode.PHOTO_UNKNOWN, "There is no such photo.")
    return photo


def _preview(centre: Centre, photo: Photo, size: PreviewSize, if_none_match: str | None) -> Response:
    """Not by the store's address: whether a preview came whole is told by its hash, for which it is read."""
    data = centre.archive.store.get(preview_key(photo.event_id, photo.photo_id, size))
    digest = sha256(data).hexdigest()
    headers = {"ETag": f'"{digest}"', CONTENT_HASH: digest, "Cache-Control": "private, max-age=600"}
    if if_none_match is not None and digest in if_none_match:
        return Response(status_code=304, headers=headers)
    return Response(data, media_type="image/jpeg", headers=headers)


def _original(centre: Centre, who: Principal, photo: Photo) -> Response:
    """An original's hash is known without reading it: it is that of the photo's content."""
    name = photo_file_name(event_of(centre, who, photo.event_id).name, photo)
    headers = {
        "ETag": f'"{photo.content_hash}"',
        CONTENT_HASH: photo.content_hash,
        "Cache-Control": "private, no-store",
    }
    store, object_key = centre.archive.store, key_of_original(photo)
    address = store.presigned_get(object_key, centre.settings.downloads.address_s, name)
    if address is not None:
        return RedirectResponse(address, 307, headers)
    stream = store.get_stream(object_key)
    headers["Content-Length"] = str(stream.size)
    headers["Content-Disposition"] = content_disposition("attachment", name)
    return StreamingResponse(iter(stream), media_type=photo_media_type(photo), headers=headers)


def _set_state(centre: Centre, who: Principal, photo_id: str, state: PhotoState) -> PhotoBody:
    """SQL first: the index follows, and what a search finds is asked of SQL again."""
    photo = photo_of(centre, who, photo_id)
    photos = centre.archive.photos
    photos.set_state(photo_id, state)
    index_again(centre.archive.index, photos, photo.photo_id)
    return _body(centre, photos.photo(photo_id))


def _body(centre: Centre, photo: Photo) -> PhotoBody:
    faces = centre.archive.photos.photo_faces(photo.photo_id)
    return PhotoBody(
        photo_id=photo.photo_id,
        event_id=photo.event_id,
        number=photo.number,
        file_name=photo.file_name,
        sha256=photo.content_hash,
        width=photo.width,
        height=photo.height,
        taken_at=photo.taken_at,
        is_time_known=photo.is_time_known,
        imported_at=photo.imported_at,
        state=photo.state,
        photographer=photo.photographer,
        camera=photo.camera,
        place=photo.place,
        latitude=photo.latitude,
        longitude=photo.longitude,
        is_public=photo.is_public,
        faces=[
            FaceBody(
                ordinal=face.ordinal,
                box=(face.box.x1, face.box.y1, face.box.x2, face.box.y2),
                score=face.score,
            )
            for face in faces
        ],
    )
