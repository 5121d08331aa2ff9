"""Addresses we may be sent to: never our own machines because somebody entered their name as a receiver."""

import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

_NOT_HTTPS = "must begin with https"
_NO_PLAIN_HOST = "must have a host, and no user, password or fragment"
_NOT_PUBLIC = "leads to a machine that is not public"
Resolve = Callable[[str, int], Sequence[str]]


class NotOutward(ValueError):
    """The address is none that we send to. Says why, never what the receiver's URL holds."""

    def __init__(self, why: str) -> None:
        super().__init__(f"the receiver's address {why}")


@dataclass(frozen=True, slots=True)
class Place:
    """Where to connect, and whom to expect there: resolved once, so that it cannot change under us."""

    scheme: str
    host: str
    port: int
    path: str
    address: str


def resolved(host: str, port: int) -> list[str]:
    """The addresses of a host. Raises `OSError` when it has none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(each[4][0]) for each in found]


def outward(url: str, *, inside: bool = False, resolve: Resolve = resolved) -> Place:
    """The place a URL leads to. `inside` allows loopback and private addresses, and plain HTTP.

    Raises `NotOutward`, or `OSError` while the name cannot be resolved.
    """
    parts = urlsplit(url)
    if parts.scheme != "https" and not (inside and parts.scheme == "http"):
        raise NotOutward(_NOT_HTTPS)
    if not parts.hostname or parts.username or parts.password or parts.fragment:
        raise NotOutward(_NO_PLAIN_HOST)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    addresses = resolve(parts.hostname, port)
    for each in addresses:
        if not inside and not _is_public(ip_address(each.split("%", 1)[0])):
            raise NotOutward(_NOT_PUBLIC)
    path = parts.path or "/"
    return Place(
        parts.scheme,
        parts.hostname,
        port,
        f"{path}?{parts.query}" if parts.query else path,
        addresses[0],
    )


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    """One address inside another is judged by the one inside."""
    if isinstance(address, IPv6Address):
        within = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if within is not None:
            return _is_public(within)
    return address.is_global and not address.is_multicast
