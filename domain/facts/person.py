"""What happened to the person; it bears on every order against them."""

from typing import Literal

from domain.facts import Fact
from domain.facts.words import LegalDate, ShortText
from domain.personal import DefendantText


class SOA2003NotificationStarted(Fact):
    """Subject to the notification requirements of Part 2 of the Sexual Offences Act 2003."""

    TOPIC = "spo.soa2003-notification-started.v1"


class SOA2003NotificationCeased(Fact):
    """No longer subject to them; `final_day` starts the clock of s.9(6)."""

    TOPIC = "spo.soa2003-notification-ceased.v1"
    final_day: LegalDate


class CustodyStarted(Fact):
    """Remanded or sentenced to custody."""

    TOPIC = "spo.custody-started.v1"
    kind: Literal["remand", "sentence"] | None = None
    establishment: ShortText | None = None


class CustodyEnded(Fact):
    """Released."""

    TOPIC = "spo.custody-ended.v1"


class HospitalDetentionStarted(Fact):
    """Detained in hospital."""

    TOPIC = "spo.hospital-detention-started.v1"


class HospitalDetentionEnded(Fact):
    """No longer detained in hospital."""

    TOPIC = "spo.hospital-detention-ended.v1"


class LeftUnitedKingdom(Fact):
    """Left the United Kingdom."""

    TOPIC = "spo.left-united-kingdom.v1"


class ReturnedToUnitedKingdom(Fact):
    """Came back to the United Kingdom."""

    TOPIC = "spo.returned-to-united-kingdom.v1"


class DefendantDied(Fact):
    """Died; the order is personal and closes."""

    TOPIC = "spo.defendant-died.v1"
    evidence: DefendantText | None = None
