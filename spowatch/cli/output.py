"""How commands speak: JSON or words on standard output, faults on standard error, exit statuses."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from spowatch.cli.standard_output import CannotBeSaid

if TYPE_CHECKING:
    from spowatch.open_store import Store

WATERMARK = "*** TRAINING: invented people, a clock of its own, nobody is told ***"
DONE, REFUSED, BAD_INPUT = 0, 1, 2
LAST_POSITION = 2**63 - 1
"""What both stores count to."""

AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON, for programs")]
DataDir = Annotated[
    Path | None,
    typer.Option("--data-dir", help="Where the store is; over SPO_DATA_DIR", show_default=False),
]

Bootstrap = Annotated[
    str | None,
    typer.Option(
        "--bootstrap", help="HOST:PORT of a broker, or several; over SPO_TRANSPORT__BOOTSTRAP"
    ),
]


def say(message: Any) -> None:
    """One JSON text on a line of its own."""
    sys.stdout.write(json.dumps(message, ensure_ascii=False, default=str) + "\n")
    sys.stdout.flush()


def fail(problem: str, status: int = REFUSED, *, as_json: bool = False) -> NoReturn:
    """Say what is wrong and what to do, and end with that status."""
    if as_json:
        say({"error": problem})
    sys.stderr.write(f"spowatch: {problem}\n")
    raise typer.Exit(status)


@contextmanager
def store_opened(data_dir: Path | None) -> "Iterator[Store]":
    """The store. One made for training says so first, on standard error."""
    from spowatch.wiring.store import opened, settings_for

    settings = settings_for(data_dir)
    with opened(settings) as store:
        if settings.for_training:
            sys.stderr.write(f"{WATERMARK}\n")
        yield store


@contextmanager
def faults_explained(*, as_json: bool = False) -> Iterator[None]:
    """Turns what the store and the settings raise into a line that says what to do."""
    from eventsourcing.persistence import MapperDeserialisationError, PersistenceError

    from domain.refusals import Refused
    from spowatch.running.faults import AlreadyRunning, RoleFailed
    from spowatch.settings.faults import SettingsError
    from spowatch.store.data_key import WrongMasterKey
    from spowatch.store.master_key import MasterKeyRefused

    try:
        yield
    except Refused as refused:
        fail(str(refused), as_json=as_json)
    except (SettingsError, MasterKeyRefused) as error:
        fail(str(error), BAD_INPUT, as_json=as_json)
    except WrongMasterKey as error:
        remedy = (
            "restore the right master key from its backup; where a file beside it has .next after its name, "
            "a rotation died: `spowatch keys rotate master` ends it"
        )
        fail(f"{error}; {remedy}", as_json=as_json)
    except MapperDeserialisationError as error:
        fail(f"{error}; see docs/runbook/operations.md#unreadable_record", as_json=as_json)
    except (AlreadyRunning, RoleFailed, PersistenceError) as error:
        fail(str(error), as_json=as_json)
    except CannotBeSaid:
        raise
    except OSError as error:
        fail(_of_the_file(error), as_json=as_json)


def _of_the_file(error: OSError) -> str:
    if error.filename is None:
        return str(error)
    look = "look at the path, who may write to it, and the setting that names it (SPO_DATA_DIR?)"
    return f"{error.filename}: {error.strerror}; {look}"
