"""A notice that the shop's key did not sign is never believed."""

from __future__ import annotations

import hashlib
import hmac
import json

import pytest

from kiosk.errors import ErrorCode, KnownError
from kiosk.payments.paynoi_signature import read_notice, sign

KEY = "api-key"


def notice(data: str, signature: str | None = None) -> bytes:
    return f'{{"data": {data}, "signature": "{signature or sign(data.encode(), KEY)}"}}'.encode()


def test_the_signature_is_hmac_sha256_over_the_raw_data() -> None:
    raw = b'{"trans_id":  "T1"}'
    assert sign(raw, KEY) == hmac.new(KEY.encode(), raw, hashlib.sha256).hexdigest()


@pytest.mark.parametrize(
    "data", ['{"trans_id": "T1"}', '{"trans_id":"T1","amount" : 1.50}', '{"note": "ก", "trans_id": "T1"}']
)
def test_the_bytes_are_taken_as_they_were_sent(data: str) -> None:
    assert read_notice(notice(data), KEY) == "T1"


def test_the_order_of_the_fields_does_not_matter() -> None:
    data = '{"trans_id": 17}'
    body = f'{{"signature": "{sign(data.encode(), KEY)}" , "data" :{data}}}'
    assert read_notice(body.encode(), KEY) == "17"


@pytest.mark.parametrize(
    "body",
    [
        notice('{"trans_id": "T1"}', "0" * 64),
        notice('{"trans_id": "T1"}', "ลายเซ็น"),
        notice('{"trans_id": "T1"}', sign(b'{"trans_id": "T2"}', KEY)),
        notice('{"trans_id": "T1"}', sign(b'{"trans_id": "T1"}', "another-key")),
        notice('{"trans_id": "T1"}', json.dumps({"trans_id": "T1"}).replace('"', "'")),
    ],
)
def test_a_notice_with_a_wrong_signature_is_refused(body: bytes) -> None:
    with pytest.raises(KnownError) as refused:
        read_notice(body, KEY)
    assert refused.value.code is ErrorCode.GATEWAY_REFUSED
    assert KEY not in str(refused.value)


def test_a_second_data_cannot_ride_on_the_signature_of_the_first() -> None:
    signed = '{"trans_id": "T1"}'
    body = f'{{"data": {signed}, "signature": "{sign(signed.encode(), KEY)}", "data": {{"trans_id": "T2"}}}}'
    assert read_notice(body.encode(), KEY) == "T1"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"hello",
        b"\xff",
        b"[]",
        b"{}",
        b'{"data": {}, "signature": "x"}',
        b'{"data": 1, "signature": "x"}',
        b'{"data": {"trans_id": "T1"}}',
        b"[" * 100_000,
    ],
)
def test_a_body_that_is_no_notice_is_nonsense(body: bytes) -> None:
    with pytest.raises(KnownError) as refused:
        read_notice(body, KEY)
    assert refused.value.code is ErrorCode.GATEWAY_NONSENSE
