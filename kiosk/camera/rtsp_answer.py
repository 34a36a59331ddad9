"""What an RTSP server answers when it is asked for a stream: OpenCV only says that it did not work."""

from __future__ import annotations

import re
import socket
import time
from base64 import b64encode
from hashlib import md5
from secrets import token_hex
from urllib.parse import SplitResult, unquote, urlsplit

_LONGEST_ANSWER = 65536
_STATUS = re.compile(rb"RTSP/1\.\d (\d{3})")
_CHALLENGE = re.compile(r"^WWW-Authenticate:\s*(Basic|Digest)\b(.*)$", re.IGNORECASE | re.MULTILINE)
_VALUE = re.compile(r'(\w+)="?([^",]*)"?')


def describe(url: str, timeout_s: float) -> int | None:
    """The status of a DESCRIBE with the user and password of `url` (200, 401, 404 …); None where there is no
    answer in RTSP within `timeout_s`."""
    parts, until_s = urlsplit(url), time.monotonic() + timeout_s
    try:
        with socket.create_connection((parts.hostname or "", parts.port or 554), timeout_s) as peer:
            status, head = _ask(peer, parts, 1, "", until_s)
            if status == 401 and parts.username is not None:
                status, _ = _ask(peer, parts, 2, _authorization(parts, head), until_s)
    except (OSError, ValueError):
        return None
    return status


def _ask(
    peer: socket.socket, parts: SplitResult, number: int, authorization: str, until_s: float
) -> tuple[int | None, str]:
    """The status and the head of the answer."""
    lines = [f"DESCRIBE {_address(parts)} RTSP/1.0", f"CSeq: {number}", "Accept: application/sdp"]
    if authorization:
        lines.append(f"Authorization: {authorization}")
    peer.sendall("\r\n".join([*lines, "", ""]).encode())
    answer = b""
    while b"\r\n\r\n" not in answer and len(answer) < _LONGEST_ANSWER:
        left_s = until_s - time.monotonic()
        if left_s <= 0:
            raise TimeoutError  # it answers byte by byte
        peer.settimeout(left_s)
        more = peer.recv(4096)
        if not more:
            break
        answer += more
    found = _STATUS.match(answer)
    head = answer.partition(b"\r\n\r\n")[0].decode("latin-1").replace("\r\n", "\n")
    return (int(found[1]) if found else None), head


def _address(parts: SplitResult) -> str:
    """Without user and password, which belong into no line of a request."""
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def _authorization(parts: SplitResult, head: str) -> str:
    """The answer to the challenge in the head. Raises ValueError where there is none that is known."""
    offered = {kind.lower(): rest for kind, rest in _CHALLENGE.findall(head)}
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if "digest" in offered:
        return _digest(dict(_VALUE.findall(offered["digest"])), user, password, _address(parts))
    if "basic" in offered:
        return "Basic " + b64encode(f"{user}:{password}".encode()).decode()
    raise ValueError("no challenge")


def _digest(asked: dict[str, str], user: str, password: str, address: str) -> str:
    """RFC 2617, as RTSP 1.0 prescribes it: with MD5."""
    realm, nonce = asked.get("realm", ""), asked.get("nonce", "")
    secret, request = _md5(f"{user}:{realm}:{password}"), _md5(f"DESCRIBE:{address}")
    words = {"username": user, "realm": realm, "nonce": nonce, "uri": address}
    if "auth" in asked.get("qop", "").split(","):
        once = token_hex(8)
        words["response"] = _md5(f"{secret}:{nonce}:00000001:{once}:auth:{request}")
        tail = f', qop=auth, nc=00000001, cnonce="{once}"'
    else:
        words["response"] = _md5(f"{secret}:{nonce}:{request}")
        tail = ""
    if "opaque" in asked:
        words["opaque"] = asked["opaque"]
    return "Digest " + ", ".join(f'{name}="{value}"' for name, value in words.items()) + tail


def _md5(text: str) -> str:
    return md5(text.encode(), usedforsecurity=False).hexdigest()
