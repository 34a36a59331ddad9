"""Finding somebody's photos by a picture of their face, which is looked at in memory and kept nowhere."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile

from kiosk.central.api.belongings import event_of, photo_of
from kiosk.central.api.fields import Body, Words
from kiosk.central.api.guard import Guard
from kiosk.central.api.multipart import invalid, read_form
from kiosk.central.centre import Centre
from kiosk.central.principal import Principal, Role
from kiosk.database.central_consents import SqlCentralConsents
from kiosk.errors import ErrorCode, KnownError
from kiosk.gallery.types import Certainty, PhotoMatch
from kiosk.language import Language
from kiosk.photos.decoding import load_upright
from kiosk.sync.record_parts import Id
from kiosk.vision.probe import probe_from_picture

MOST_PICTURE_BYTES = 12 * 1024 * 1024
_MOST_MEGAPIXELS = 30.0
_ENOUGH_PX = 1600
"""A face that fills a good part of a picture is as sharp in so many pixels."""
_FIELD = "picture"
PhotoId = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]


class SearchWish(Body):
    """What goes with the picture: the event to search, and the consent to it, by its id and the version of
    the text that was agreed to."""

    event_id: Id
    consent_id: Id
    consent_version: Annotated[Words, Field(min_length=1, max_length=100)]
    language: Language = Language.THAI


class FoundBody(BaseModel):
    """A photo that shows the person; `ordinal` is which face of it."""

    photo_id: str
    ordinal: int
    similarity: float


class SearchBody(BaseModel):
    """What was found: sure in the order of time, maybe the most similar first. `reasons` say what is poor
    about the picture, such as `no_face`."""

    sure: list[FoundBody]
    maybe: list[FoundBody]
    reasons: list[str]


class NotMeBody(Body):
    """That a face which was found is not the person's."""

    event_id: Id
    photo_id: PhotoId
    ordinal: Annotated[int, Field(ge=0, le=65535)]


_FORM: dict[str, Any] = {
    "type": "object",
    "required": [_FIELD, "event_id", "consent_id", "consent_version"],
    "additionalProperties": False,
    "properties": {
        _FIELD: {"type": "string", "format": "binary"},
        "event_id": {"type": "string", "pattern": "^[0-9A-Za-z_-]{1,64}$"},
        "consent_id": {"type": "string", "pattern": "^[0-9A-Za-z_-]{1,64}$"},
        "consent_version": {"type": "string", "minLength": 1, "maxLength": 100},
        "language": {"type": "string", "enum": [language.value for language in Language]},
    },
}


def router(centre: Centre, guard: Guard) -> APIRouter:
    """The paths of this part."""
    routes = APIRouter(prefix="/api/face", tags=["faces"])
    visitor = Depends(guard.allow(Role.CUSTOMER, Role.DEVICE))
    consents = SqlCentralConsents(centre.database)

    @routes.post(
        "/search",
        dependencies=[Depends(guard.searches)],
        openapi_extra={
            "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": _FORM}}}
        },
    )
    async def search(request: Request, who: Principal = visitor) -> SearchBody:
        """Finds the photos of the main person in a picture. The consent is noted, the picture is not kept."""
        form = await read_form(request, most_bytes=MOST_PICTURE_BYTES, most_files=1, is_kept_off_disk=True)
        try:
            return await run_in_threadpool(_search, centre, consents, who, form)
        finally:
            await form.close()

    @routes.post("/feedback", status_code=204)
    def feedback(said: NotMeBody, who: Principal = visitor) -> None:
        """Notes a "not me"; nothing of who said it."""
        photo = photo_of(centre, who, said.photo_id)
        if photo.event_id != said.event_id:
            raise KnownError(ErrorCode.PHOTO_UNKNOWN, "There is no such photo in this event.")
        photos = centre.archive.photos
        photos.add_not_me(said.event_id, said.photo_id, said.ordinal, centre.clock.now())

    return routes


def _search(centre: Centre, consents: SqlCentralConsents, who: Principal, form: FormData) -> SearchBody:
    wish, picture = _read(form)
    event_of(centre, who, wish.event_id)
    now = centre.clock.now()
    consents.agreed(who.tenant_id, wish.consent_id, wish.event_id, wish.consent_version, wish.language, now)
    pixels = load_upright(picture, _MOST_MEGAPIXELS, enough_px=_ENOUGH_PX).pixels()
    outcome = probe_from_picture(centre.archive.engines.photos, pixels)
    matches = (
        centre.archive.search.find(wish.event_id, (outcome.embedding,))
        if outcome.embedding is not None
        else []
    )
    return SearchBody(
        sure=[_found(match) for match in matches if match.certainty is Certainty.MATCH],
        maybe=[_found(match) for match in matches if match.certainty is Certainty.MAYBE],
        reasons=[str(reason) for reason in outcome.reasons],
    )


def _read(form: FormData) -> tuple[SearchWish, bytes]:
    picture = form.get(_FIELD)
    if not isinstance(picture, UploadFile):
        raise invalid(f"There is no picture in the form's field {_FIELD}.")
    said = {name: part for name, part in form.items() if name != _FIELD}
    try:
        wish = SearchWish.model_validate(said)
    except ValidationError as error:
        first = error.errors()[0]
        raise invalid(f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}."[:300]) from None
    return wish, picture.file.read()


def _found(match: PhotoMatch) -> FoundBody:
    return FoundBody(
        photo_id=match.photo_id, ordinal=match.faces[0].ordinal, similarity=round(match.similarity, 4)
    )
