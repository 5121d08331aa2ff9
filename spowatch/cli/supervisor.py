"""Tells systemd how the process is, in the words of sd_notify(3): `systemctl start` waits for a usable role."""

import os
import socket
from contextlib import suppress


def tell_supervisor(state: str) -> None:
    """Nothing where nobody supervises us (`NOTIFY_SOCKET` is unset), or does not listen: no alert waits for that."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):  # an abstract socket
        address = "\0" + address[1:]
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        told.settimeout(0)
        told.connect(address)
        told.send(state.encode())
