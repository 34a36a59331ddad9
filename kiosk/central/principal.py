"""Who asks the centre: a person or a kiosk of one tenant, in one role."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What somebody may do. An admin does everything within the tenant."""

    ADMIN = "admin"
    PHOTOGRAPHER = "photographer"
    DEVICE = "device"
    CUSTOMER = "customer"


@dataclass(frozen=True, slots=True)
class Principal:
    """Who was let in. `subject` is an account's or a device's id; nothing of another tenant is theirs."""

    subject: str
    tenant_id: str
    role: Role
