"""`alerts briefing`: the sheet an officer takes along, as a PDF."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from spowatch.cli.alerts import found_or_fail
from spowatch.cli.output import (
    BAD_INPUT,
    AsJson,
    DataDir,
    fail,
    faults_explained,
    say,
    store_opened,
)
from spowatch.cli.purposes import NOT_STATED, Why, purpose_or_fail

_STANDARD_OUTPUT = "-"
_AlertId = Annotated[
    str, typer.Argument(metavar="ALERT_ID", help="Its id, or the first 6 digits or more of it")
]
_Out = Annotated[
    str | None,
    typer.Option("--out", help="Where to; - is standard output", show_default="briefing-ID.pdf"),
]
_WithProtected = Annotated[
    bool,
    typer.Option("--with-protected", help="With the protected persons, on a last page kept apart"),
]


def briefing(
    alert_id: _AlertId,
    *,
    out: _Out = None,
    with_protected: _WithProtected = False,
    why: Why = NOT_STATED,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """The briefing for the officer, as an A4 PDF. Holds personal data: who reads it needs to know."""
    from domain.desk.case_file import case_file
    from spowatch.briefing.printing import printed
    from spowatch.consulted import of_briefing, put_on_record
    from spowatch.wiring.store import now
    from spowatch.wording.plain_words import moment

    if out == _STANDARD_OUTPUT and (as_json or sys.stdout.isatty()):
        fail("a PDF goes to a file or a pipe: name one with --out FILE", BAD_INPUT, as_json=as_json)
    purpose = purpose_or_fail(why, as_json=as_json)
    with faults_explained(as_json=as_json), store_opened(data_dir) as store:
        position, identity = found_or_fail(store, alert_id, as_json=as_json)
        found = case_file(store.register, identity)
        put_on_record(store, of_briefing(found, purpose), now())
        page = printed(store, found, now(), position=position, with_protected=with_protected)
    if out == _STANDARD_OUTPUT:
        sys.stdout.buffer.write(page.pdf)
        return
    file = Path(out or f"briefing-{str(identity)[:8]}.pdf")
    _kept(file, page.pdf, as_json=as_json)
    if as_json:
        say({"alert": str(identity), "file": str(file), "as_at": moment(page.as_at)})
    else:
        typer.echo(f"{file}: as recorded up to {moment(page.as_at)['said']}")


def _kept(file: Path, pdf: bytes, *, as_json: bool) -> None:
    """Whole or not at all, for its owner's eyes only."""
    try:
        descriptor, unfinished = tempfile.mkstemp(dir=file.parent, prefix=".briefing-")
        with _gone_if_it_fails(Path(unfinished)), os.fdopen(descriptor, "wb") as opened:
            opened.write(pdf)
            opened.flush()
            Path(unfinished).replace(file)
    except OSError as fault:
        fail(f"cannot write {file}: {fault.strerror}; name another with --out", as_json=as_json)


@contextmanager
def _gone_if_it_fails(unfinished: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
