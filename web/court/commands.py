"""What can be recorded of an order: the commands as people at a court and at a station know them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from domain.command_names import FACT_OF
from domain.facts import Fact, breaches, court, managing, notification, person, service
from domain.vocabulary import FACT_TYPES
from web.court.fields import FIELDS, OTHER, Field
from web.language import N_


@dataclass(frozen=True, slots=True)
class Recording:
    """One thing that can be recorded: its name as a command, its title, and when it happened."""

    command: str
    title: str
    asked: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()
    when: str = N_("When did it happen?")

    @property
    def kind(self) -> type[Fact]:
        return FACT_TYPES[FACT_OF[self.command]]

    @property
    def fields(self) -> Sequence[Field]:
        return [OTHER.get((self.command, name)) or FIELDS[name] for name in self.asked]

    @property
    def help(self) -> str:
        """The page of the law that explains it, by its name in addresses."""
        return _HELP.get(self.command) or _HELP_OF_TRADE[self.kind.__module__]

    def needs(self, field: Field) -> bool:
        return field.name in self.needed


_HELP_OF_TRADE = MappingProxyType(
    {
        court.__name__: "terms",
        service.__name__: "service",
        notification.__name__: "notification",
        breaches.__name__: "breach",
        person.__name__: "notification",
        managing.__name__: "terms",
    }
)
_HELP = MappingProxyType(
    {"make-dapo": "notification", "refuse-interim-discharge": "interim"}
    | dict.fromkeys(("vary", "apply-renewal", "renew", "discharge"), "changes")
    | dict.fromkeys(("lodge-appeal", "allow-appeal", "dismiss-appeal"), "changes")
    | {f"{verb}-interim": "interim" for verb in ("apply", "grant", "renew", "vary", "discharge")}
)
"""Where the trade alone does not say it."""

_DEFENDANT = tuple(
    f"defendant_{part}"
    for part in ("name", "born", "aliases", "pnc_id", "description", "markers", "risk")
)
_MADE = N_("When was it made?")
_TERM = ("last_day", "until")
_SECTION_4 = ("applicant", "role", "heard")

_RECORDINGS = (
    (N_("Application"), (
        Recording("apply", N_("Application for an order"), ("applicant", "force", "nexus", "court", "defendant_age", "person", *_DEFENDANT, "acts", "protected", "original_victim", "criminal_case", "standard_of_proof", "with_interim", "authorised_by"), ("applicant", "force", "defendant_name"), N_("When was it made?")),
        Recording("declare-existing-order", N_("Earlier order on the same person"), ("order_ref", "conditions"), ("order_ref",), N_("When was it made?")),
        Recording("list-hearing", N_("Hearing listed"), ("on", "reason"), ("on",), N_("When was it listed?")),
        Recording("withdraw-application", N_("Application withdrawn"), ("reason",)),
        Recording("refuse-application", N_("Application refused"), ("reason",)),
    )),
    (N_("Interim order"), (
        Recording("apply-interim", N_("Interim order asked for"), ("force",)),
        Recording("grant-interim", N_("Interim order made"), ("person", "last_day", "defendant_present", "court", "conditions"), ("last_day", "conditions"), _MADE),
        Recording("renew-interim", N_("Interim order renewed"), ("applicant", "force", "last_day"), ("last_day",)),
        Recording("vary-interim", N_("Interim order varied"), ("applicant", "force", "adds", "removes", "last_day")),
        Recording("discharge-interim", N_("Interim order discharged"), ("applicant", "force")),
        Recording("refuse-interim-discharge", N_("Discharge of the interim order refused"), ("applicant", "force")),
    )),
    (N_("Full order"), (
        Recording("grant-full", N_("Full order made"), ("person", "origin", *_TERM, "defendant_present", "replaces_interim", "court", "conditions"), ("conditions",), _MADE),
        Recording("vary", N_("Full order varied"), (*_SECTION_4, "adds", "removes", "necessity_found"), ("applicant",)),
        Recording("apply-renewal", N_("Renewal applied for"), ("hearing",)),
        Recording("renew", N_("Full order renewed"), (*_SECTION_4, *_TERM, "adds", "removes", "necessity_found"), ("applicant",)),
        Recording("discharge", N_("Full order discharged"), (*_SECTION_4, "consents", "residence_area"), ("applicant",)),
    )),
    (N_("Domestic abuse protection order"), (
        Recording("make-dapo", N_("Domestic abuse protection order made"), (*_TERM, "without_notice", "conditions"), ("conditions",), _MADE),
    )),
    (N_("Service"), (
        Recording("serve", N_("Order served"), ("order_kind", "method", "replaces_interim", "defendant_age", "evidence"), ("order_kind", "method"), N_("When was it served?")),
        Recording("post", N_("Order put in the post"), ("court_directed", "class_"), when=N_("When was it posted?")),
        Recording("serve-varied-terms", N_("Varied terms served"), ("method",), ("method",), N_("When were they served?")),
        Recording("correct-service", N_("Time of service corrected"), ("served_at", "evidence"), ("served_at",), N_("When was the mistake found?")),
    )),
    (N_("Appeal"), (
        Recording("lodge-appeal", N_("Appeal lodged"), ("by", "against"), ("by", "against")),
        Recording("allow-appeal", N_("Appeal allowed"), ("effect", *_TERM, "defendant_present", "conditions"), ("effect",), N_("When was it decided?")),
        Recording("dismiss-appeal", N_("Appeal dismissed")),
    )),
    (N_("Notification"), (
        Recording("receive-notification", N_("Notification given"), ("by", "method", "station_area", "names", "home_address", "home_kind", "acknowledgement_issued"), ("by", "method", "station_area", "names", "home_address", "home_kind"), N_("When was it given?")),
        Recording("use-name", N_("New name used"), ("name",), ("name",), N_("When was it first used?")),
        Recording("change-address", N_("Home address changed"), ("to", "home_kind", "to_area"), ("to", "home_kind", "to_area"), N_("When did they move?")),
        Recording("cease-address", N_("Home given up, with no other"), when=N_("When did they give it up?")),
        Recording("find-notification-false", N_("Notification found false"), ("knowledge",), ("knowledge",), N_("When was it found?")),
        Recording("visit-address", N_("Visit to the address"), ("result",), ("result",)),
        Recording("request-biometrics", N_("Fingerprints or photograph asked for"), ("kinds", "purpose"), ("kinds", "purpose")),
        Recording("refuse-biometrics", N_("Fingerprints or photograph refused")),
    )),
    (N_("Breach"), (
        Recording("report-breach", N_("Breach reported"), ("occurred_at", "condition", "source", "narrative", "place", "markers", "channel", "initiated_by", "defendant_aware", "measured_m", "error_m", "incident"), ("occurred_at", "condition", "source"), N_("When was it reported?")),
        Recording("retract-breach", N_("Report of a breach withdrawn"), ("incident", "reason"), ("incident",)),
    )),
    (N_("Charge and trial"), (
        Recording("charge", N_("Charged"), ("offence",), ("offence",), N_("When were they charged?")),
        Recording("commit-offence", N_("Date of the offence charged"), ("offence",), ("offence",), N_("When was it committed?")),
        Recording("convict-in-magistrates-court", N_("Convicted in a magistrates' court"), ("offence",), ("offence",), N_("When were they convicted?")),
        Recording("dispose-of-charge", N_("Charge dealt with by the court"), ("offence", "disposal"), ("offence", "disposal")),
    )),
    (N_("Managing the order"), (
        Recording("assign-officer", N_("Officer assigned"), ("officer",), ("officer",), N_("When did they take it over?")),
        Recording("list-appointment", N_("Appointment listed"), ("condition", "attend_at", "provider"), ("condition", "attend_at"), N_("When was the person told?")),
        Recording("keep-appointment", N_("Appointment kept"), ("condition",), ("condition",), N_("When did they attend?")),
        Recording("miss-appointment", N_("Appointment missed"), ("condition", "reason_given"), ("condition",), N_("When should they have attended?")),
        Recording("list-review", N_("Review listed"), ("on", "reason"), ("on",), N_("When was it listed?")),
    )),
    (N_("The person"), (
        Recording("start-soa2003-notification", N_("Notifies under the Sexual Offences Act 2003 instead"), when=N_("Since when?")),
        Recording("cease-soa2003-notification", N_("No longer notifies under the Sexual Offences Act 2003"), ("final_day",), ("final_day",), N_("When did it end?")),
        Recording("start-custody", N_("Taken into custody"), ("kind", "establishment")),
        Recording("end-custody", N_("Released from custody")),
        Recording("start-hospital-detention", N_("Detained in hospital")),
        Recording("end-hospital-detention", N_("No longer detained in hospital")),
        Recording("leave-united-kingdom", N_("Left the United Kingdom")),
        Recording("return-to-united-kingdom", N_("Came back to the United Kingdom")),
        Recording("report-death", N_("Died"), ("evidence",)),
    )),
)  # fmt: skip

SECTIONS: Sequence[tuple[str, Sequence[Recording]]] = _RECORDINGS
"""As the task list has them: by what they are about."""

RECORDINGS: Mapping[str, Recording] = MappingProxyType(
    {each.command: each for _, some in _RECORDINGS for each in some}
)
