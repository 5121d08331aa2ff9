"""The policy file: read, checked, read again when it changes. A broken one never replaces a good one."""

import hashlib
import threading
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import structlog
from pydantic import ValidationError

from consumers.kept_file import put_in_place
from domain.desk.policies import STANDARD, Policies
from domain.desk.policy_book import STANDARD_BOOK, PolicyBook
from domain.desk.reachability import unreachable
from domain.desk.rota import Rota
from domain.repeats import STANDARD_REPEATS, Row
from spowatch.settings.faults import SettingsError
from spowatch.settings.root import Settings

_log = structlog.get_logger()
_NAME = "SPO_POLICY__FILE"
EXAMPLE = Path(__file__).with_name("data") / "policy.toml"
"""Every force, with invented people."""


class PolicyRefused(ValueError):
    """The text is no policy that may be taken. One reason a line; none holds an address."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__("\n".join(reasons))
        self.reasons = tuple(reasons)


def read_policy(text: str) -> PolicyBook:
    """Raises `PolicyRefused`."""
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise PolicyRefused([f"not TOML: {fault}"]) from None
    except RecursionError:
        raise PolicyRefused(["lists or tables stand too deep in one another"]) from None
    try:
        book = PolicyBook.model_validate(told)
    except ValidationError as fault:
        raise PolicyRefused(list(_explained(fault, told))) from None
    if untold := unreachable(book):
        raise PolicyRefused(untold)
    return book


class PolicyFile:
    """The policy as it stands; looks at the file whenever it is asked. Safe to share between threads.

    Where the file is broken, the last one taken goes on: this process's, or the one kept beside the
    store, so that a restart in the middle of the night does not stop alerting.
    """

    def __init__(self, path: Path, kept: Path) -> None:
        self._path = path
        self._kept = kept
        self._seen: object = None
        self._book: PolicyBook | None = None
        self._one_at_a_time = threading.Lock()
        self.refused: tuple[str, ...] = ()
        """Why the file as it is now is not taken."""

    def current(self) -> PolicyBook:
        """Raises `SettingsError` when there never was a good one."""
        with self._one_at_a_time:
            found = self._look()
            if found != self._seen or self._book is None:
                self._read_again()
                self._seen = found
            if self._book is None:
                msg = f"{_NAME}: {'; '.join(self.refused[:5])}; run `spowatch policy check` on it"
                raise SettingsError(msg)
            return self._book

    def _look(self) -> object:
        try:
            now = self._path.stat()
        except OSError as fault:
            return type(fault)
        return now.st_mtime_ns, now.st_size, now.st_ino

    def _read_again(self) -> None:
        try:
            text = self._path.read_text(encoding="utf-8")
            self._book, self.refused = read_policy(text), ()
        except OSError as fault:
            self._refuse((f"cannot be read: {fault.strerror}",))
        except UnicodeDecodeError as fault:
            self._refuse((f"byte {fault.start + 1} is not UTF-8; save the file as UTF-8",))
        except PolicyRefused as fault:
            self._refuse(fault.reasons)
        else:
            with suppress(OSError):  # a full disk stops no alert; the file itself is still there
                self._keep(text)

    def _refuse(self, reasons: tuple[str, ...]) -> None:
        self.refused = reasons
        if self._book is None:
            with suppress(OSError, UnicodeDecodeError, PolicyRefused):
                self._book = read_policy(self._kept.read_text(encoding="utf-8"))

    def _keep(self, text: str) -> None:
        with suppress(OSError):
            if _digest(self._kept.read_bytes()) == _digest(text.encode()):
                return
        put_in_place(self._kept, text)


class NoPolicy:
    """Where no file is set: the standard policies, and nobody's rota."""

    refused: tuple[str, ...] = ()

    def current(self) -> PolicyBook:
        return STANDARD_BOOK


Policy = PolicyFile | NoPolicy


class CurrentRotas(Mapping[str, Rota]):
    """By force, as the policy says at the moment of asking: for a desk that outlives an edit of it."""

    def __init__(self, policy: Policy) -> None:
        """Raises `SettingsError` when there never was a good policy."""
        policy.current()
        self._policy = policy

    def __getitem__(self, force: str) -> Rota:
        return self._policy.current().rotas[force]

    def __iter__(self) -> Iterator[str]:
        return iter(self._policy.current().rotas)

    def __len__(self) -> int:
        return len(self._policy.current().rotas)


def policy_of(settings: Settings) -> Policy:
    """Reads nothing until it is asked."""
    if settings.policy is None:
        return NoPolicy()
    return PolicyFile(settings.policy.file, settings.kept_policy_path)


def repeats_of(policy: Policy) -> tuple[Row, ...]:
    """The table that holds now; the standard one where no policy could ever be taken. Never raises."""
    found = _whatever_comes(policy)
    return STANDARD_REPEATS if found is None else found.repeats


def policies_of(policy: Policy, force: str) -> Policies:
    """Those of a force that hold now; the standard ones where no policy could ever be taken. Never raises."""
    found = _whatever_comes(policy)
    return STANDARD if found is None else found.policies_of(force)


def _whatever_comes(policy: Policy) -> PolicyBook | None:
    """An alert that is about to be raised waits for no policy. Whose fault is said once, without a word of it."""
    try:
        return policy.current()
    except SettingsError:
        return None
    except Exception as fault:  # noqa: BLE001 - what is raised under the standard is better than what is not
        _say_once(type(fault).__name__)
        return None


@cache
def _say_once(kind: str) -> None:
    _log.error("no policy can be read; the standard one holds", kind=kind)


def _explained(error: ValidationError, told: dict[str, Any]) -> Iterator[str]:
    """Where it stands, the force by its name; never what stands there."""
    for problem in error.errors(include_input=False, include_url=False, include_context=False):
        place = ": ".join(_placed(problem["loc"], told)) or "the file"
        yield f"{place}: {problem['msg'].removeprefix('Value error, ')}"


def _placed(place: tuple[int | str, ...], told: Any) -> Iterator[str]:
    for part in place:
        try:
            told = told[part]
        except (KeyError, IndexError, TypeError):
            told = None
        named = told.get("force") if isinstance(told, dict) else None
        yield str(named) if named else str(part + 1 if isinstance(part, int) else part)


def _digest(text: bytes) -> bytes:
    return hashlib.sha256(text).digest()
