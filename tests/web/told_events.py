"""An event of a stream, read back from how it goes over the wire."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ToldEvent:
    name: str
    position: int
    data: str


def told_event(wire: bytes) -> ToldEvent:
    said = dict(line.split(": ", 1) for line in wire.decode().splitlines() if line)
    return ToldEvent(said["event"], int(said["id"]), said["data"])
