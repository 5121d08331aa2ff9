"""What is wrong with a setting, in words that name it and never hold its value."""

from collections.abc import Iterable

from pydantic import ValidationError

PREFIX = "SPO_"
_PAGE = "docs/reference/settings.md"
_ALTERNATIVES = frozenset({"keys", "log", "transport", "security", "sign_in"})
_WORDED = {
    "extra_forbidden": "unknown setting",
    "union_tag_invalid": "there is no such kind",
    "union_tag_not_found": "its kind is missing",
}
"""What the library would say with the value in it, or in its own terms."""


class SettingsError(Exception):
    """A setting that is unknown or wrong; names the variable, never its value."""


def explained(error: ValidationError, given: Iterable[str]) -> str:
    """A line for each fault; `given` are the names of the variables that are set."""
    stated, lines = list(given), []
    for problem in error.errors(include_input=False, include_url=False, include_context=False):
        if not problem["loc"]:  # of several settings together: the message names them
            lines.append(f"{problem['msg'].removeprefix('Value error, ')}; see {_PAGE}")
            continue
        name = PREFIX + "__".join(part.upper() for part in _named(problem["loc"]))
        what = _WORDED.get(problem["type"], problem["msg"].removeprefix("Value error, "))
        said = next((each for each in stated if each.startswith(name)), name)
        lines.append(f"{said}: {what}; see {_PAGE}")
    return "\n".join(lines)


def _named(place: Iterable[int | str]) -> list[str]:
    """Without the kind that the library puts between a part and its field."""
    parts = list(map(str, place))
    return [
        part
        for before, part in zip(["", *parts], parts, strict=False)
        if before not in _ALTERNATIVES
    ]
