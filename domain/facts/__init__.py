"""The facts: what courts, officers and providers say happened. Each is an event of its own."""

from typing import Any

from pydantic import SerializerFunctionWrapHandler, model_serializer

from domain.events import Event


class Fact(Event):
    """A fact from outside, as opposed to a finding the register works out from facts."""


class AsStated(Fact):
    """One in which what was left out is not what was said to be nothing, on the log neither.

    Nobody wrote the address down, or none was given: the second is no notification (s.9).
    """

    @model_serializer(mode="wrap")
    def _without_what_was_left_out(self, whole: SerializerFunctionWrapHandler) -> dict[str, Any]:
        stated = self.model_fields_set
        return {
            name: value
            for name, value in whole(self).items()
            if value is not None or name in stated
        }

    def __eq__(self, other: object) -> bool:
        """Neither are they the same fact: the second, told later, is not on record yet."""
        if not isinstance(other, AsStated):
            return NotImplemented
        return super().__eq__(other) and self._nothing() == other._nothing()

    __hash__ = Fact.__hash__

    def _nothing(self) -> set[str]:
        """What was said to be nothing."""
        return {name for name in self.model_fields_set if getattr(self, name) is None}
