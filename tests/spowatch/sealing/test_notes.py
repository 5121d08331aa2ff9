"""Signed notes, against the example that the format's own reference implementation publishes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spowatch.sealing.checkpoint import checkpoint, spans
from spowatch.sealing.notes import NoteRefused, public_key
from spowatch.sealing.witness import notes_in

PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
SAID = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
SIGNED = (
    f"{SAID}\n— PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


def test_a_note_that_others_signed_is_read_and_verified() -> None:
    key = public_key(PETER)
    (found,) = notes_in(SIGNED)
    assert (found.text, found.signer, found.key_id, str(key)) == (
        SAID,
        "PeterNeumann",
        key.id,
        PETER,
    )
    key.verify(found.text, found.signature)
    assert str(found) == SIGNED


def test_a_note_with_another_word_in_it_is_refused() -> None:
    (found,) = notes_in(SIGNED.replace("answer", "anzwer"))
    with pytest.raises(NoteRefused, match="PeterNeumann"):
        public_key(PETER).verify(found.text, found.signature)


@pytest.mark.parametrize(
    "line", ["", "a+b", PETER[:-2], PETER.replace("c74f", "c74e"), PETER.replace("+ARp", "+BRp")]
)
def test_a_line_that_is_no_key_is_refused(line: str) -> None:
    with pytest.raises(NoteRefused, match="no public key"):
        public_key(line)


@given(st.sets(st.integers(-5, 40)))
def test_runs_of_positions_hold_what_was_put_in(positions: set[int]) -> None:
    assert [each for span in spans(sorted(positions)) for each in span] == sorted(positions)


@pytest.mark.parametrize("text", ["", "a\n1\nAAAA\n", "a\nx\ny\nsealed z\npositions 1\nleaves a\n"])
def test_a_text_that_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(NoteRefused, match="no checkpoint"):
        checkpoint(text)
