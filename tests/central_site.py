"""A tenant's event at a real centre, and those who call there."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import requests

from kiosk.central.principal import Role
from kiosk.photos.importer import photo_id_of
from kiosk.photos.types import PhotoEvent
from tests.centre import CentreServer

NOON = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
TIMEOUT_S = 30


@dataclass
class Site:
    """A centre with a tenant and its event."""

    server: CentreServer
    tenant_id: str
    event_id: str

    def call(self, method: str, path: str, role: Role | None, **more: Any) -> requests.Response:
        headers = dict(more.pop("headers", {}))
        subject = more.pop("subject", None)
        if role is not None:
            headers |= self.server.headers(more.pop("tenant_id", self.tenant_id), role, subject)
        return requests.request(
            method,
            f"{self.server.url}{path}",
            headers=headers,
            timeout=TIMEOUT_S,
            allow_redirects=False,
            **more,
        )

    def send(self, files: Mapping[str, bytes], **fields: str) -> requests.Response:
        return self.call(
            "POST",
            "/api/photos/batch-upload",
            Role.PHOTOGRAPHER,
            data={"event_id": self.event_id, **fields},
            files=[("files", (name, data)) for name, data in files.items()],
        )

    def settled(self, upload_id: str) -> dict[str, dict[str, Any]]:
        """The files of an upload by name, once none waits."""
        until = time.monotonic() + TIMEOUT_S
        while True:
            body = self.call("GET", f"/api/uploads/{upload_id}", Role.PHOTOGRAPHER).json()
            if not body["counts"]["waiting"] + body["counts"]["importing"]:
                return {file["file_name"]: file for file in body["files"]}
            assert time.monotonic() < until, body
            time.sleep(0.05)

    def photo_id(self, data: bytes) -> str:
        return photo_id_of(self.event_id, sha256(data).hexdigest())


def site_at(server: CentreServer) -> Site:
    """A new tenant with a new event."""
    tenant_id = server.add_tenant(uuid.uuid4().hex)
    event = PhotoEvent(uuid.uuid4().hex, "River Run", "วิ่งริมน้ำ", NOON, tenant_id=tenant_id)
    server.centre.archive.photos.add_event(event)
    return Site(server, tenant_id, event.event_id)


def code_of(answer: requests.Response) -> tuple[int, str]:
    """The status and the code of a refusal."""
    return answer.status_code, answer.json()["error"]["code"]
