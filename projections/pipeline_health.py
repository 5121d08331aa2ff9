"""How far each stage has come behind the log, and what it goes on without: read, and kept nowhere."""

from dataclasses import dataclass

from projections.store import SheetStore


@dataclass(frozen=True, slots=True)
class SheetHealth:
    """`position` is how far people read the sheet; None when there is nothing to read yet."""

    name: str
    position: int | None
    behind: int
    parked: int
    """Events it could not take in; what they are about stands as it did before them."""
    superseded: bool
    """Whether people read a form that another release made, and this one does not keep up."""


def health_of(sheet: SheetStore, head: int) -> SheetHealth:
    """`head` is the last position of the log."""
    position, mark = sheet.live_position(), sheet.bookmark()
    ours = mark is not None and mark.live
    return SheetHealth(
        name=sheet.table.name,
        position=position,
        behind=max(0, head - (position or 0)),
        parked=len(sheet.parked(mark)) if mark is not None else 0,
        superseded=position is not None and not ours,
    )
