"""What a host's name tells: only to this machine, and to a network of one's own where an operator says so,
may anything be sent without encryption."""

from __future__ import annotations

import ipaddress

_OF_ONES_OWN = (".local", ".lan", ".home.arpa")


def is_loopback(host: str) -> bool:
    """Whether it is this machine, by its name or address; nobody is asked."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def is_near(host: str) -> bool:
    """Whether it is this machine or one on a network of one's own: an address that no public network carries
    (RFC 1918, RFC 4193, link-local), a name without a dot, or one of a zone that the public network does not
    know (RFC 6762, RFC 8375). Nobody is asked."""
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        name = host.lower().rstrip(".")
        return "." not in name or name.endswith(_OF_ONES_OWN)
    return address.is_loopback or address.is_private or address.is_link_local
