"""The page of the HTTP API: every command, every read and every answer, from the routes themselves."""

from collections.abc import Iterator
from typing import Any

from domain.command_names import FACT_OF
from domain.vocabulary import FACT_TYPES
from spowatch.reference.fields import table
from web.app import openapi
from web.prompt_clients import HEAD_WITHIN, TAKEN_WITHIN
from web.security import BODY_WITHIN, MOST_BODY

_ANSWERS = (
    ("200", "read; or a step of the desk was taken", ""),
    (
        "201",
        'the fact is on disk: `{"position", "version", "event_ids"}`, `ETag` the version; positions rise and may skip numbers',
        "the same key again: the same answer, with `Idempotency-Replayed: true`",
    ),
    ("401", "not signed in, or for too long", "get a token"),
    ("403", "nobody of this role has any business there", "see access.md"),
    ("404", "no such order, alert or command; or another force's: the two answer alike", ""),
    ("408, 413, 415", "too slow, too long, or not plain JSON", "see the limits below"),
    (
        "409",
        "not lawful from here: `code`, `section`, `detail`. With `event_ids` it is kept as information",
        "read the sentence; the same key again is refused again",
    ),
    ("412", "`If-Match` names another version than its `ETag` now", "read again, decide again"),
    (
        "422",
        "something cannot be read: `errors` has pointers and what to do, never what was sent; or `KEY_USED_BEFORE`",
        "correct it; or take a new key",
    ),
    ("428", "a read of personal data without a purpose", "send `X-Purpose`"),
    (
        "429",
        "asked too often in a minute; never of an alert, a step on one or a report of a breach",
        "the same again after `Retry-After`; see access.md",
    ),
    (
        "503",
        "the store does not answer; or `RECORD_BUSY`, `ORDER_BUSY`: others write there, nothing was done",
        "the same again, under the same key, after `Retry-After`",
    ),
)


def api_parts() -> tuple[str, ...]:
    return (
        (
            "HTTP under `/api/v1`, JSON in UTF-8, errors as `application/problem+json` (RFC 9457). The same as OpenAPI 3.1: "
            "[openapi.json](openapi.json), also at `/openapi.json`. Who may do what: [access.md](access.md). Examples that "
            "are sent by a test: [how to enter an order](../how-to/enter-an-order.md), "
            "[how to report a breach](../how-to/report-a-breach.md)."
        ),
        "## Facts on orders",
        (
            'Each is `POST /api/v1/orders/{ref}/COMMAND`. The body is the fact without its type, `{"t", ...values}`, as '
            "[facts.md](facts.md) has it; `recorded_at` and `person` may stand beside them. `Idempotency-Key`: 1 to 100 "
            "printable characters, once for the register, whichever door it comes by. `If-Match`: the version in quotes."
        ),
        table(
            ("command", "fact", "states"),
            [(f"`{each}`", fact, _said_of(fact)) for each, fact in FACT_OF.items()],
        ),
        "## Everything else",
        table(("route", "does"), list(_others())),
        "## Answers",
        table(("status", "means", "do"), _ANSWERS),
        "## Limits",
        (
            f"A body: {MOST_BODY:,} bytes, not compressed. The head of a request: 16 KiB, and {HEAD_WITHIN:.0f} s to "
            f"come; a body: {BODY_WITHIN:.0f} s. Who takes nothing of an answer for {TAKEN_WITHIN:.0f} s is cut off. A list: "
            "500 entries a page; go on from `next`."
        ),
    )


def _said_of(fact: str) -> str:
    return " ".join((FACT_TYPES[fact].__doc__ or "").split())


def _others() -> Iterator[tuple[str, str]]:
    for path, methods in sorted(openapi()["paths"].items()):
        for method, told in methods.items():
            if not (path.startswith("/api/v1/orders/") and method == "post"):
                yield f"`{method.upper()} {path}`", _first_sentence(told)


def _first_sentence(told: dict[str, Any]) -> str:
    words = told.get("description") or told.get("summary") or ""
    return " ".join(words.split("\n\n")[0].split())
