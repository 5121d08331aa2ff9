"""The pages of docs/reference, from the code, so that they cannot say what is no longer so."""

import json
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Any

import domain
from consumers.hmpps_envelope import description, event_type, goes_out
from domain.alerts import ALERT_CLASS, INSTRUCTIONS, AlertCode
from domain.events import EVENT_TYPES, Envelope, Event
from domain.facts import Fact
from domain.forces import FORCES
from domain.lateness import SweptLate
from domain.refusals import REFUSALS, Refusal
from domain.sheet_audits import SheetAudited
from domain.taxonomy import TAXONOMY
from spowatch.contracts import adapted_schemas, asyncapi, schemas
from spowatch.kafka.topics import read_topics
from spowatch.reference.access import access_parts
from spowatch.reference.api import api_parts
from spowatch.reference.fields import fields_table, key_names, parts_of, settings_rows, table
from spowatch.reference.metrics import metrics_paragraphs
from spowatch.settings.root import Settings
from web.app import openapi

TOPICS = Path("deploy") / "kafka" / "topics.yaml"
CONTRACT_VERSION = "1.0.0"
"""Of the contracts at the broker; raised with every change that others notice."""

_WRITTEN = "<!-- Written by `make docs` from the code; edit the code instead. -->"


def pages() -> dict[str, str]:
    """Each page's whole text by its file name."""
    ours = our_events()
    return {
        "events.md": events_page(ours),
        "facts.md": facts_page(ours),
        "refusals.md": refusals_page(REFUSALS),
        "alerts.md": alerts_page(),
        "conditions.md": conditions_page(),
        "forces.md": forces_page(),
        "settings.md": settings_page(Settings),
        "access.md": _page("Access", *access_parts()),
        "api.md": _page("HTTP API", *api_parts()),
        "metrics.md": _page("Metrics", *metrics_paragraphs()),
        "openapi.json": _json(openapi()),
        "asyncapi.json": _json(asyncapi(read_topics(TOPICS), CONTRACT_VERSION)),
        "hmpps-events.md": hmpps_page(sorted(filter(goes_out, ours))),
        **{
            f"schemas/{name}.json": _json(schema)
            for name, schema in (schemas() | adapted_schemas()).items()
        },
    }


def our_events() -> dict[str, type[Event]]:
    """Every event of the domain by its topic, whether or not anybody has imported it yet."""
    for module in walk_packages(domain.__path__, "domain."):
        import_module(module.name)
    return {t: kind for t, kind in EVENT_TYPES.items() if kind.__module__.startswith("domain.")}


def _json(document: object) -> str:
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def events_page(events: Mapping[str, type[Event]]) -> str:
    told = sorted(events.items())
    return _page(
        "Events",
        (
            "Every event the log can hold. A topic never changes its meaning: a new field has a "
            "default, a new meaning has a new topic. Personal fields are stored under the key of "
            "the person they are about, and come back as a placeholder once that key is destroyed. "
            f"`spowatch export` gives places, times and causes; the fields of `{SweptLate.TOPIC}` and "
            f"`{SheetAudited.TOPIC}` too, under `says`."
        ),
        table(
            ("topic", "event", "what it says"),
            [(f"[`{t}`](#{_anchor(t)})", kind.__name__, said_of(kind)) for t, kind in told],
        ),
        "## The envelope",
        said_of(Envelope),
        fields_table(Envelope),
        *(f"## `{t}`\n\n{said_of(kind)}\n\n{fields_table(kind)}" for t, kind in told),
        "## Parts inside events",
        *(
            f"### {part.__name__}\n\n{said_of(part)}\n\n{fields_table(part)}"
            for part in parts_of(events.values())
        ),
    )


def facts_page(events: Mapping[str, type[Event]]) -> str:
    facts = sorted(
        (kind for kind in events.values() if issubclass(kind, Fact)), key=lambda kind: kind.__name__
    )
    return _page(
        "Facts",
        (
            'The language of `what-if`, `import` and the intake: `{"t", "type", "data"}`. `t` is '
            "when it happened, with an offset; `data.recorded_at` says when it became known, if "
            "later. Unknown types, keys and values are refused by name."
        ),
        table(
            ("type", "what it says", "keys it needs", "keys it may have"),
            [
                (
                    f"[{fact.__name__}](events.md#{_anchor(fact.TOPIC)})",
                    said_of(fact),
                    key_names(fact, required=True),
                    key_names(fact, required=False),
                )
                for fact in facts
            ],
        ),
    )


def refusals_page(refusals: Mapping[str, Refusal]) -> str:
    return _page(
        "Refusals",
        (
            "Why the register says no. The code is stable and meant for programs, the section is "
            "the authority, the sentence is what a person is told. A refused fact changes nothing."
        ),
        table(
            ("code", "section", "sentence"),
            [(f"`{code}`", no.section, no.sentence) for code, no in refusals.items()],
        ),
    )


def alerts_page() -> str:
    return _page(
        "Alerts",
        (
            "Every alert there can be. An alert advises; it never orders an arrest. The power is "
            "PACE s.24, and its two tests, suspicion and necessity, are the officer's to apply."
        ),
        table(
            ("code", "class", "what it tells", "runbook"),
            [
                (
                    f"`{code}`",
                    ALERT_CLASS[code],
                    INSTRUCTIONS[code],
                    f"[what to do](../runbook/alerts.md#{code.lower()})",
                )
                for code in AlertCode
            ],
        ),
    )


def conditions_page() -> str:
    return _page(
        "Conditions",
        (
            "The codes of prohibitions (P), requirements (R), and of what courts sometimes write "
            "though the Act has no scheme for it (X: a warning on entry)."
        ),
        table(
            ("code", "condition", "theme", "parameters", "ways it is broken"),
            [
                (
                    f"`{term.code}`",
                    term.title,
                    term.theme,
                    ", ".join(term.parameters),
                    ", ".join(term.breach_types),
                )
                for term in TAXONOMY.values()
            ],
        ),
    )


def forces_page() -> str:
    return _page(
        "Forces",
        (
            "The forces that may apply (s.1(1), s.14(1)), and bodies known not to. Common short "
            "forms are understood; a name that is not here is refused as unknown."
        ),
        table(("force", "kind"), [(force.name, force.kind) for force in FORCES]),
    )


def hmpps_page(topics: Sequence[str]) -> str:
    return _page(
        "HMPPS domain events",
        (
            "Our events as HM Prison and Probation Service writes its domain events, by "
            "[this schema](schemas/hmpps-domain-event.json). They refer to no person: who may know "
            "asks the register for the order. `spo.breach-recorded.v1` is sent as"
        ),
        f"```json\n{_HMPPS_EXAMPLE}\n```",
        table(
            ("eventType", "our topic", "description"),
            [
                (f"`{event_type(each)}`", f"`{each}`", _one_line(description(each)))
                for each in topics
            ],
        ),
    )


_HMPPS_EXAMPLE = """{
 "eventType": "stalking-protection-order.breach.recorded",
 "version": 1,
 "occurredAt": "2026-12-05T21:00:00Z",
 "description": "A report amounts to a suspected breach of a term in force at the time.",
 "detailUrl": "https://register.example/api/v1/orders/...",
 "additionalInformation": {
  "eventId": "6b0a2f4e-8c0d-5d3c-9f53-0c1f2b7f6a11",
  "orderId": "0b9f8d5e-3b1a-5f0e-8a2d-7f1e5c4d3b2a",
  "orderVersion": 7,
  "position": 4211,
  "recordedAt": "2026-12-05T21:10:00Z"
 }
}"""


def settings_page(settings: type[Any]) -> str:
    return _page(
        "Settings",
        (
            "Read once, at the start. A variable that begins with `SPO_` and is not listed here "
            "stops the start."
        ),
        table(("variable", "type", "default", "meaning"), settings_rows(settings)),
    )


def _page(title: str, *paragraphs: str) -> str:
    return "\n\n".join([f"# {title}", _WRITTEN, *paragraphs]) + "\n"


def said_of(kind: type[Any]) -> str:
    """The first paragraph of a class's docstring, as one line."""
    return _one_line((kind.__doc__ or "").split("\n\n", 1)[0])


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _anchor(heading: str) -> str:
    return heading.lower().replace(".", "")
