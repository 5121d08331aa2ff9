"""How the order, and its changed terms, reached the person."""

from typing import Literal

from pydantic import AwareDatetime

from domain.facts import Fact
from domain.facts.words import Word
from domain.personal import DefendantText


class OrderServed(Fact):
    """The order was served; the date starts the clock of s.9(1)."""

    TOPIC = "spo.order-served.v1"
    order_kind: Literal["interim", "full", "dapo"] = "full"
    replaces_interim: bool | None = None
    defendant_age: int | None = None
    method: Word | None = None
    evidence: DefendantText | None = None


class OrderPosted(Fact):
    """The order was put in the post; service is deemed, not proven (Interpretation Act s.7)."""

    TOPIC = "spo.order-posted.v1"
    court_directed: bool = False
    class_: Word | None = None


class ServiceCorrected(Fact):
    """The recorded time of service was wrong; `served_at` is when it truly was."""

    TOPIC = "spo.service-corrected.v1"
    served_at: AwareDatetime
    evidence: DefendantText | None = None


class VariedTermsServed(Fact):
    """The varied terms were served."""

    TOPIC = "spo.varied-terms-served.v1"
    method: Word | None = None
