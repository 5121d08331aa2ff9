"""The shelf: a stream is in one hand at a time, and the oldest make room."""

from uuid import UUID

from domain.shelf import Shelf
from domain.subjects import Subject


def test_what_is_taken_is_not_there_for_anyone_else() -> None:
    shelf, subject = Shelf(2), Subject(UUID(int=1), version=3)
    shelf.put(subject)
    assert shelf.take(subject.id, Subject) is subject
    assert shelf.take(subject.id, Subject).version == 0


def test_the_longest_unused_make_room() -> None:
    shelf = Shelf(2)
    shelf.put(*(Subject(UUID(int=number), version=1) for number in (1, 2, 3)))
    assert [shelf.take(UUID(int=number), Subject).version for number in (1, 2, 3)] == [0, 1, 1]
