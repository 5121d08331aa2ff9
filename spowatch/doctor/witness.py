"""Whether the witness has seen what this store sealed, and if not, what is wrong with which of them."""

from spowatch.sealing.checkpoint import checkpoint
from spowatch.sealing.notes import Note, NoteRefused
from spowatch.store.checkpoints import KeptCheckpoints, Sealed


def wrong_with(seen: Note | None, kept: KeptCheckpoints, newest: Sealed | None) -> str | None:
    """`seen` is the last whole checkpoint of the witness, `newest` the one of the store that reaches furthest."""
    if seen is None:
        none = "holds no whole checkpoint: it is empty, not there, cut short or another file"
        return None if newest is None else none
    mine = kept.last(seen.signer)
    if mine is None or newest is None:
        return f"is of another log, or from before a restore: {seen.signer[:60]} signed it"
    return _beside_its_line(seen, kept, mine) or _behind(seen, mine, newest)


def _beside_its_line(seen: Note, kept: KeptCheckpoints, mine: Sealed) -> str | None:
    try:
        size = checkpoint(seen.text).size
    except NoteRefused:
        return "was altered: its last checkpoint is none of spowatch"
    if size > mine.size:
        return f"has seen {size} events and this store's seal {mine.size}: the store was set back"
    if kept.note(seen.signer, size) != str(seen):
        return f"contradicts the store: their checkpoints of {size} events are not the same"
    return None


def _behind(seen: Note, mine: Sealed, newest: Sealed) -> str | None:
    size = checkpoint(seen.text).size
    if size < mine.size or mine.position < newest.position:
        return f"is behind the seal: it ends at {size} events; see that `seal` may write to it"
    return None
