"""Out of service: only while the kiosk cannot serve, never under a visitor, and back by itself."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from kiosk.errors import ErrorCode
from kiosk.runtime.types import WorkerFailed
from kiosk.session.service import Service
from kiosk.session.states import Screen
from tests.visit import Visit, match, photo


@dataclass
class Disk:
    is_full: bool = False


@pytest.fixture
def visit() -> Visit:
    return Visit([photo(1)], [match(1)])


@pytest.fixture
def disk() -> Disk:
    return Disk()


@pytest.fixture
def service(visit: Visit, disk: Disk) -> Service:
    return Service(visit.session, lambda: ErrorCode.DISK_FULL if disk.is_full else None, {"event-watch"})


def test_a_full_disk_closes_the_kiosk_and_room_opens_it_again(
    visit: Visit, disk: Disk, service: Service
) -> None:
    disk.is_full = True
    service.tick()
    assert (visit.screen, visit.view.failure_code) == (Screen.OUT_OF_SERVICE, ErrorCode.DISK_FULL)
    disk.is_full = False
    service.tick()
    assert (visit.screen, visit.view.failure_code) == (Screen.ATTRACT, "")


def test_a_visitor_who_is_there_is_not_thrown_out(visit: Visit, disk: Disk, service: Service) -> None:
    visit.find()
    disk.is_full = True
    service.tick()
    assert visit.screen is Screen.RESULTS
    visit.journey.close()
    service.tick()
    assert visit.screen is Screen.OUT_OF_SERVICE


def test_an_order_opened_while_out_of_service_is_not_taken_away_when_room_is_made(
    visit: Visit, disk: Disk, service: Service
) -> None:
    visit.go_to_payment(1)
    visit.pay()
    code = visit.view.order_code
    assert code is not None
    visit.journey.close()
    disk.is_full = True
    service.tick()
    visit.buying.open_order(code)
    visit.jobs.run()
    assert visit.screen is Screen.DELIVERY
    disk.is_full = False
    service.tick()
    assert visit.screen is Screen.DELIVERY


@pytest.mark.parametrize(
    ("code", "shown"), [(ErrorCode.WEIGHTS_HASH, ErrorCode.WEIGHTS_HASH), ("", ErrorCode.WORKER_ENDED)]
)
def test_a_worker_that_gave_up_is_told_to_staff_with_its_code(
    visit: Visit, service: Service, code: str, shown: ErrorCode
) -> None:
    visit.bus.publish(WorkerFailed("event-watch", code, has_given_up=True))
    service.tick()
    assert (visit.screen, visit.view.failure_code) == (Screen.OUT_OF_SERVICE, shown)
    service.tick()
    assert visit.screen is Screen.OUT_OF_SERVICE


def test_a_fault_that_passes_and_a_camera_that_fails_close_nothing(visit: Visit, service: Service) -> None:
    visit.bus.publish(WorkerFailed("event-watch", ErrorCode.DATABASE_UNREACHABLE, has_given_up=False))
    visit.bus.publish(WorkerFailed("camera", ErrorCode.SETTING_INVALID, has_given_up=True))
    service.tick()
    assert visit.screen is Screen.ATTRACT
