"""Asking for things to be forgotten, and the proof that they were."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from functools import cached_property
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import structlog
from fastapi import APIRouter, Depends, FastAPI, Path, Query, Request, Response
from pydantic import BaseModel, Field, model_validator
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, JSONResponse

from kiosk.central.api.fields import Body
from kiosk.central.api.guard import Guard
from kiosk.central.centre import Centre
from kiosk.central.deletions import CentralDeletions, CentralForgetting
from kiosk.central.principal import Principal, Role
from kiosk.central.proofs import ProofKey, completed_at, load_proof_key, state_of
from kiosk.database.deletions import DeletionState
from kiosk.delivery.phone_gate import request_language
from kiosk.delivery.phone_pages import PageWriter
from kiosk.errors import KnownError
from kiosk.events import EventBus
from kiosk.language import Language
from kiosk.runtime.worker import Worker
from kiosk.sync.record_parts import Id
from kiosk.sync.records import MOST_TO_FORGET, PhotoId

_log = structlog.get_logger(__name__)

_PAGE_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_PRIVATE = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Vary": "Accept, Accept-Language",
}


class FaceBody(Body):
    """A face in a photo."""

    photo_id: PhotoId
    ordinal: Annotated[int, Field(ge=0, le=65535)]


class DeletionWish(Body):
    """What is to be forgotten, everywhere: at least one thing."""

    photo_ids: Annotated[tuple[PhotoId, ...], Field(max_length=MOST_TO_FORGET)] = ()
    faces: Annotated[tuple[FaceBody, ...], Field(max_length=MOST_TO_FORGET)] = ()
    order_id: Id | None = None
    consent_id: Id | None = None
    person_id: Id | None = None
    event_id: Id | None = None

    @model_validator(mode="after")
    def _names_something(self) -> DeletionWish:
        if not (self.photo_ids or self.faces or self.order_id or self.consent_id or self.person_id):
            raise ValueError("name what is to be forgotten")
        return self


class HolderBody(BaseModel):
    """A store and what it did; `removed` counts. A kiosk that was shut out before it confirmed is revoked."""

    holder: str
    state: Literal["confirmed", "waiting", "revoked"]
    confirmed_at: datetime | None
    revoked_at: datetime | None
    removed: dict[str, int]


class DeletionBody(BaseModel):
    """How a deletion stands. It is complete when nobody is waited for any more."""

    deletion_id: str
    requested_at: datetime
    waiting: int
    completed_at: datetime | None
    holders: list[HolderBody]


class AskedBody(DeletionBody):
    """A new deletion. The token is for the person who asked, and told here only: with it anybody sees the
    proof at `proof_path`."""

    token: str = Field(repr=False)
    proof_path: str


class ProofBody(DeletionBody):
    """What the person who asked may see. `proof` is a JWS, once it is complete and the centre has a key."""

    proof: str | None
    key_id: str | None


class KeyBody(BaseModel):
    """The public key that proofs are checked with (Ed25519)."""

    key_id: str
    public_key_pem: str


PathId = Annotated[str, Path(pattern=r"^[0-9A-Za-z_-]{1,64}$")]
Token = Annotated[str, Query(pattern=r"^[0-9A-Za-z_-]{16,128}$", description="What the person was given.")]


class _Proofs:
    """Signs with the centre's key, which is read when the first proof is asked for."""

    def __init__(self, centre: Centre) -> None:
        self._centre = centre

    @cached_property
    def key(self) -> ProofKey:
        """Raises KnownError SECRET_MISSING, SETTING_INVALID, FOLDER_NOT_WRITABLE."""
        is_embedded = not self._centre.settings.database.url
        return load_proof_key(self._centre.home, self._centre.secrets, is_embedded=is_embedded)

    def proof_of(self, state: DeletionState) -> tuple[str, str] | None:
        """The proof and its key's id; None while somebody is waited for, or where there is no key."""
        if state.waiting:
            return None
        try:
            return self.key.sign(state), self.key.key_id
        except KnownError as failed:
            _log.error("proof_not_signed", code=failed.code, detail=failed.detail)
            return None


def router(centre: Centre, guard: Guard) -> APIRouter:
    """The paths of this part. While it serves, this process does what is to be forgotten at the centre."""
    deletions = CentralDeletions(centre)
    forgetting = CentralForgetting(centre)
    worker = Worker("central-forgetting", forgetting.run, EventBus())
    proofs = _Proofs(centre)
    pages = PageWriter(ZoneInfo(centre.settings.server.timezone))

    @asynccontextmanager
    async def serving(_: FastAPI) -> AsyncIterator[None]:
        worker.start()
        try:
            yield
        finally:
            worker.request_stop()
            forgetting.wake()
            await run_in_threadpool(worker.stop, 10.0)

    routes = APIRouter(prefix="/api/deletions", tags=["deletions"], lifespan=serving)
    device = Depends(guard.allow(Role.DEVICE))

    @routes.post("", status_code=201)
    def ask(wish: DeletionWish, principal: Principal = device) -> AskedBody:
        """Has things forgotten in every store and at every kiosk. A kiosk asks for what a visitor asked."""
        faces = [(face.photo_id, face.ordinal) for face in wish.faces]
        state, token = deletions.ask(principal, wish.model_dump() | {"faces": faces})
        forgetting.wake()
        path = f"/api/deletions/{state.deletion.deletion_id}/proof?token={token}"
        return AskedBody(**_body(state).model_dump(), token=token, proof_path=path)

    @routes.get("/key")
    def key() -> KeyBody:
        """The public key; whoever holds a proof checks it with this, without asking anybody."""
        return KeyBody(key_id=proofs.key.key_id, public_key_pem=proofs.key.public_pem)

    @routes.get("/{deletion_id}")
    def state(deletion_id: PathId, principal: Principal = device) -> DeletionBody:
        """How a deletion stands."""
        return _body(deletions.state(principal, deletion_id))

    @routes.get(
        "/{deletion_id}/proof",
        response_model=ProofBody,
        responses={200: {"content": {"text/html": {"schema": {"type": "string"}}}}},
    )
    def proof(request: Request, deletion_id: PathId, token: Token) -> Response:
        """For the person who asked: who had it, who has confirmed, who is waited for. A page for browsers."""
        state = deletions.state_for(deletion_id, token)
        signed = proofs.proof_of(state)
        if "text/html" in request.headers.get("accept", ""):
            language = request_language(request)
            page = _page(pages, language, state, signed, token)
            return HTMLResponse(page, headers=_PRIVATE | {"Content-Security-Policy": _PAGE_POLICY})
        text, key_id = signed or (None, None)
        body = ProofBody(**_body(state).model_dump(), proof=text, key_id=key_id)
        return JSONResponse(body.model_dump(mode="json"), headers=_PRIVATE)

    return routes


def _body(state: DeletionState) -> DeletionBody:
    return DeletionBody(
        deletion_id=state.deletion.deletion_id,
        requested_at=state.deletion.requested_at,
        waiting=state.waiting,
        completed_at=completed_at(state),
        holders=[
            HolderBody.model_validate(
                {
                    "holder": holder.name,
                    "state": state_of(holder),
                    "confirmed_at": holder.confirmed_at,
                    "revoked_at": holder.revoked_at,
                    "removed": holder.removed,
                }
            )
            for holder in state.holders
        ],
    )


def _page(
    pages: PageWriter, language: Language, state: DeletionState, signed: tuple[str, str] | None, token: str
) -> str:
    def when(at: datetime | None) -> str:
        return f"{pages.date(language, at)} {pages.clock_time(language, at)}" if at else ""

    lines = [
        {
            "name": holder.name,
            "state": state_of(holder),
            "at": when(holder.confirmed_at or holder.revoked_at),
            "removed": sum(count for name, count in holder.removed.items() if name != "copies"),
        }
        for holder in state.holders
    ]
    return pages.page(
        "proof.html.j2",
        language,
        deletion_id=state.deletion.deletion_id,
        asked=when(state.deletion.requested_at),
        completed=when(completed_at(state)),
        waiting=state.waiting,
        revoked=sum(line["state"] == "revoked" for line in lines),
        lines=lines,
        proof=signed[0] if signed else "",
        token=token,
    )
