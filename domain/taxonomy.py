"""The taxonomy of prohibitions and requirements, as data: parameters, and how each is broken."""

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Theme(StrEnum):
    """What a term is about; it decides how a breach of it is judged and graded."""

    CONTACT = "contact"
    PROXIMITY = "proximity"
    SURVEILLANCE = "surveillance"
    ONLINE = "online"
    CONDUCT = "conduct"
    REQUIREMENT = "requirement"
    NO_STATUTORY_SCHEME = "no statutory scheme"


@dataclass(frozen=True, slots=True)
class TermType:
    """A line of the taxonomy: parameters the term takes, and the ways it is broken."""

    code: str
    title: str
    theme: Theme
    parameters: tuple[str, ...]
    breach_types: tuple[str, ...]

    @property
    def is_requirement(self) -> bool:
        return self.theme is Theme.REQUIREMENT


_CONTACT, _NEAR, _WATCH = Theme.CONTACT, Theme.PROXIMITY, Theme.SURVEILLANCE
_ONLINE, _CONDUCT, _MUST = Theme.ONLINE, Theme.CONDUCT, Theme.REQUIREMENT

_TYPES = (
    TermType(
        "P-CONTACT-DIRECT",
        "no contact by any means",
        _CONTACT,
        ("persons", "channels", "exceptions"),
        ("in_person", "call", "text", "email", "letter", "message", "gift"),
    ),
    TermType(
        "P-CONTACT-INDIRECT",
        "no contact through third parties",
        _CONTACT,
        ("persons", "exceptions"),
        ("relay", "family", "staff", "pretend_account"),
    ),
    TermType(
        "P-APPROACH",
        "not to approach",
        _NEAR,
        ("metres", "persons"),
        ("approach", "following"),
    ),
    TermType(
        "P-ZONE-DIST",
        "not within a distance of a place",
        _NEAR,
        ("metres", "around"),
        ("entry", "loiter"),
    ),
    TermType("P-ZONE-AREA", "not to enter an area", _NEAR, ("area", "exceptions"), ("entry",)),
    TermType("P-PREMISES", "not to enter named premises", _NEAR, ("area",), ("entry", "delivery")),
    TermType(
        "P-WORKPLACE",
        "not to attend a place of work",
        _NEAR,
        ("around", "hours"),
        ("attend", "call_employer"),
    ),
    TermType("P-SCHOOL", "not to attend a school", _NEAR, ("around", "hours"), ("attend",)),
    TermType("P-ROUTE", "not to use a route", _NEAR, ("area", "hours"), ("presence",)),
    TermType(
        "P-SURVEIL",
        "no watching, following or spying",
        _WATCH,
        ("persons",),
        ("surveillance", "drone"),
    ),
    TermType(
        "P-TRACKER", "no tracking device or software", _WATCH, ("persons",), ("tag", "stalkerware")
    ),
    TermType("P-IMAGE-RECORD", "not to record images", _WATCH, ("persons",), ("filming",)),
    TermType("P-IMAGE-SHARE", "not to share images", _ONLINE, ("platforms",), ("post", "send")),
    TermType(
        "P-REF-SOCIAL",
        "no reference on social media",
        _ONLINE,
        ("platforms",),
        ("post", "tag", "hint"),
    ),
    TermType(
        "P-ACCOUNT",
        "no undeclared accounts or aliases online",
        _ONLINE,
        ("allowed",),
        ("new_account", "fake_profile"),
    ),
    TermType(
        "P-DEVICE-INTERNET",
        "no internet device unless its history is kept and shown",
        _ONLINE,
        ("devices",),
        ("undeclared_device", "wiped_history", "private_mode"),
    ),
    TermType(
        "P-DEVICE-NUMBER",
        "limit on telephones and SIM cards",
        _ONLINE,
        ("number", "devices"),
        ("extra_sim",),
    ),
    TermType(
        "P-SEARCH", "no online search for a protected person", _ONLINE, ("terms",), ("search",)
    ),
    TermType(
        "P-LITIGATION",
        "no vexatious applications naming a protected person",
        _CONDUCT,
        ("exceptions",),
        ("filing",),
    ),
    TermType(
        "P-ORDER-GOODS",
        "no goods or services ordered in a protected person's name",
        _CONDUCT,
        (),
        ("order_placed",),
    ),
    TermType("P-PROXY", "not to encourage others", _CONTACT, (), ("recruiting",)),
    TermType("P-PROPERTY", "no interference with property", _CONDUCT, (), ("damage",)),
    TermType("P-WEAPON", "not to possess named items", _CONDUCT, ("items",), ("possession",)),
    TermType(
        "P-CUSTODY-CONTACT",
        "no contact from prison",
        _CONTACT,
        ("persons",),
        ("call", "letter", "illicit_phone", "inmate_relay"),
    ),
    TermType("P-OTHER", "other prohibition", _CONDUCT, ("wording",), ("other",)),
    TermType(
        "R-PROGRAMME",
        "attend a perpetrator programme",
        _MUST,
        ("provider", "sessions", "at"),
        ("missed", "disruptive", "expelled"),
    ),
    TermType(
        "R-ASSESS-TREAT",
        "attend an assessment of suitability for treatment",
        _MUST,
        ("provider", "at"),
        ("missed",),
    ),
    TermType(
        "R-MH-ASSESS", "attend a mental-health assessment", _MUST, ("provider", "at"), ("missed",)
    ),
    TermType(
        "R-MH-TREAT",
        "engage with mental-health treatment",
        _MUST,
        ("provider", "at"),
        ("missed", "disengaged"),
    ),
    TermType(
        "R-DRUG-ALCOHOL",
        "attend a drug or alcohol programme",
        _MUST,
        ("provider", "at"),
        ("missed",),
    ),
    TermType(
        "R-DEVICE-SURRENDER",
        "surrender devices",
        _MUST,
        ("devices", "by"),
        ("late", "incomplete", "hidden"),
    ),
    TermType(
        "R-DEVICE-ACCESS",
        "give access, passwords and codes to devices",
        _MUST,
        ("devices",),
        ("refusal", "false_code"),
    ),
    TermType(
        "R-ACCOUNTS-LIST",
        "declare accounts, telephones and vehicles",
        _MUST,
        ("by",),
        ("omission", "late_change"),
    ),
    TermType(
        "R-SIGN-ON", "report to a police station", _MUST, ("at", "hours"), ("missed_sign_on",)
    ),
    TermType(
        "R-TRAVEL-NOTIFY", "tell the police of travel", _MUST, ("notice_days",), ("unnotified",)
    ),
    TermType(
        "R-WHEREABOUTS",
        "tell the police of overnight stays",
        _MUST,
        ("notice_days",),
        ("unnotified",),
    ),
    TermType(
        "R-RESTORATIVE", "take part in a restorative process", _MUST, ("provider",), ("missed",)
    ),
    TermType("R-OTHER", "other requirement", _MUST, ("wording",), ("other",)),
    TermType("X-ELECTRONIC-MONITORING", "electronic monitoring", Theme.NO_STATUTORY_SCHEME, (), ()),
    TermType("X-POLYGRAPH", "polygraph examination", Theme.NO_STATUTORY_SCHEME, (), ()),
)

TAXONOMY = MappingProxyType({term.code: term for term in _TYPES})
