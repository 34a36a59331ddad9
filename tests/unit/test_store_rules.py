"""Which site somebody means by what they wrote."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from kiosk.errors import ErrorCode, KnownError
from kiosk.visits.store_rules import site_named
from kiosk.visits.types import Site

AT = datetime(2026, 11, 20, tzinfo=UTC)
SITES = [Site("a1", "Siam", AT), Site("b2", "Ari", AT), Site("c3", "b2", AT)]


@pytest.mark.parametrize(
    ("written", "site_id"), [("Siam", "a1"), (" SIAM ", "a1"), ("a1", "a1"), ("ari", "b2"), ("b2", "b2")]
)
def test_a_site_is_named_by_its_id_or_its_name(written: str, site_id: str) -> None:
    assert site_named(SITES, written).site_id == site_id


def test_a_site_that_is_not_there_is_said_with_those_that_are() -> None:
    with pytest.raises(KnownError) as raised:
        site_named(SITES, "Sia")
    assert raised.value.code is ErrorCode.SITE_UNKNOWN
    assert raised.value.next_step == "Name one of these: Siam, Ari, b2."
    with pytest.raises(KnownError) as raised:
        site_named([], "")
    assert raised.value.next_step == "Add it first."
