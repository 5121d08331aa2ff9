"""What of a stored event is sealed: its place, stream, version and topic, and its bytes as stored."""

Leaf = tuple[int, bytes]
"""The position of a row of the log, and all of the row as one text of bytes."""

LOWEST = -(2**63)
"""Lower than any position: a row that stands before the first would be read by nobody else."""


def leaf(position: int, stream: str, version: int, topic: str, state: bytes) -> Leaf:
    """Each on its line, and then the bytes. None of the lines, nor the JSON stored, has a line end."""
    return position, f"{position}\n{stream}\n{version}\n{topic}\n".encode() + state


def odd_leaf(position: int, *columns: bytes) -> Leaf:
    """Of a row that the log does not write so: never that of another row."""
    return position, b"\n".join([b"odd", b"%d" % position, *map(_counted, columns)])


def _counted(column: bytes) -> bytes:
    return b"%d:%s" % (len(column), column)
