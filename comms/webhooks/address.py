"""Where a webhook may lead: to the internet, and nowhere inside our own network.

The name is resolved once and the connection is made to what was checked, so that a name that leads elsewhere a moment
later (DNS rebinding) leads nowhere. Numbers written in other ways (2130706433, 0x7f.1, ::ffff:127.0.0.1) end as the
addresses that they are. IANA's special-purpose registries decide what is public (ipaddress.is_global).
"""

import ipaddress
import socket
from collections.abc import Callable, Collection
from typing import NamedTuple
from urllib.parse import urlsplit

LONGEST = 2000  # characters
NOT_HTTPS = "Give an address that begins with https://."
NO_HOST = "Give a whole address, like https://example.com/hooks/blockpost."
SIGNED_IN = "Leave user name and password out: each message is signed instead."
UNKNOWN = "The host {host} could not be found. Check its spelling."
PRIVATE = "{host} is in a private network ({address}), where nothing of ours is told. Give an address on the internet."
# Addresses of the old internet inside those of the new, which could lead anywhere (RFC 6052, 8215, 3056, 4380).
TRANSLATED = [
    ipaddress.ip_network(net) for net in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")
]

Resolve = Callable[[str, int], list[str]]


class Refused(ValueError):
    """Raised for an address that nothing is told to; carries the sentence that the user reads."""


class Target(NamedTuple):
    """Where to connect, and whom to expect there."""

    secure: bool
    host: str
    port: int
    path: str
    addresses: list[str]

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.secure else 80) else f"{host}:{self.port}"


def resolve(host: str, port: int) -> list[str]:
    """Ask the system for the addresses of a name."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


def is_public(address: str) -> bool:
    """Say whether an address is one of the internet's."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped:
            return is_public(str(found.ipv4_mapped))
        if any(found in net for net in TRANSLATED):
            return False
    return found.is_global and not found.is_multicast


def look_up(url: str, *, allowed: Collection[str] = (), ask: Resolve = resolve) -> Target:
    """Find where an address leads. Raises Refused.

    `allowed` are hosts with their ports ("127.0.0.1:8025") that may be private and without TLS: for development.
    """
    try:
        parts = urlsplit(url)
        host, port = (
            (parts.hostname or "").rstrip("."),
            parts.port or (443 if parts.scheme == "https" else 80),
        )
        host = host if ":" in host else host.encode("idna").decode()
    except (ValueError, UnicodeError):
        raise Refused(NO_HOST) from None
    known = f"{host}:{port}" in allowed
    if parts.scheme != "https" and not (known and parts.scheme == "http"):
        raise Refused(NOT_HTTPS)
    if not host or len(url) > LONGEST or not url.isprintable() or not url.isascii() or " " in url:
        raise Refused(NO_HOST)
    if "@" in parts.netloc:
        raise Refused(SIGNED_IN)
    addresses = _addresses(host, port, ask)
    if not known and (private := [one for one in addresses if not is_public(one)]):
        raise Refused(PRIVATE.format(host=host, address=private[0]))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme == "https", host, port, path, addresses)


def _addresses(host: str, port: int, ask: Resolve) -> list[str]:
    try:
        found = ask(host, port)
    except (OSError, UnicodeError, ValueError):
        found = []
    if not found:
        raise Refused(UNKNOWN.format(host=host[:100]))
    return found
