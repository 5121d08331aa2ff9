"""What the person told the police, or should have."""

from typing import Literal

from domain.facts import AsStated, Fact
from domain.facts.words import Area, HomeAddress, MaybeHomeAddress, Word
from domain.personal import DefendantText


class NotificationReceived(AsStated):
    """Names and home address were notified, or somebody tried to (ss.9-10)."""

    TOPIC = "spo.notification-received.v1"
    by: Word = "defendant"
    method: Word = "in_person_oral"
    station_area: (
        Literal[
            "home_address_area",
            "old_home_area",
            "court_area",
            "other_area",
            "scotland",
            "prescribed_station_ni",
        ]
        | None
    ) = None
    names: tuple[DefendantText, ...] | None = None
    home_address: MaybeHomeAddress = None
    acknowledgement_issued: bool | None = None


class NameUsed(Fact):
    """The person used a name (s.9(3))."""

    TOPIC = "spo.name-used.v1"
    name: DefendantText


class HomeAddressChanged(Fact):
    """The person's home address changed (s.9(4))."""

    TOPIC = "spo.home-address-changed.v1"
    to: HomeAddress
    to_area: Area = "EW"


class HomeAddressCeased(Fact):
    """The person gave up their home with no other; only a DAPO makes that a duty (s.41(6))."""

    TOPIC = "spo.home-address-ceased.v1"


class BiometricsRequested(Fact):
    """An officer asked for fingerprints or a photograph (s.10(5))."""

    TOPIC = "spo.biometrics-requested.v1"
    kinds: tuple[Word, ...] = ()
    purpose: Word = "verify_identity"


class BiometricsRefused(Fact):
    """The person refused them (s.10(6))."""

    TOPIC = "spo.biometrics-refused.v1"


class NotificationFoundFalse(Fact):
    """What was notified turned out to be false (s.11(1)(b) when they knew)."""

    TOPIC = "spo.notification-found-false.v1"
    knowledge: Word = "known_false"


class AddressVisit(Fact):
    """An officer called at the notified address."""

    TOPIC = "spo.address-visit.v1"
    result: Word
