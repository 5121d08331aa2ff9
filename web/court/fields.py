"""The questions that forms ask about a fact: one for each of its fields, in the words of who answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from domain.forces import ELIGIBLE
from web.language import N_

Kind = Literal[
    "line",
    "words",
    "lines",
    "number",
    "day",
    "time",
    "yes_no",
    "choice",
    "list",
    "checks",
    "terms",
    "group",
]
Choices = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Field:
    """One question. `lines` takes several answers, one a line; `terms` the terms of an order.

    A `group` is asked as often as there is something to say, each time by its `parts`.
    """

    name: str
    kind: Kind
    label: str
    hint: str = ""
    choices: Choices = ()
    parts: tuple["Field", ...] = ()


_OFFICER_OR_PERSON: Choices = (
    ("chief_officer", N_("The chief officer")),
    ("defendant", N_("The person the order is against")),
)
_APPLICANTS: Choices = (*_OFFICER_OR_PERSON, ("victim", N_("The protected person")))
_HOW_SERVED: Choices = (
    ("in_court", N_("In court, when it was made")),
    ("in_person", N_("In person, by an officer")),
    ("post_deemed", N_("By post, deemed")),
    ("email", N_("By e-mail")),
    ("left_at_address", N_("Left at an address")),
)
_NAMED_FORCES: Choices = tuple((force, force) for force in ELIGIBLE)
_AREAS: Choices = (
    ("EW", N_("England or Wales, same force")),
    ("EW-other-force", N_("England or Wales, another force")),
    ("scotland", N_("Scotland")),
    ("northern_ireland", N_("Northern Ireland")),
    ("outside_uk", N_("Outside the United Kingdom")),
)

_OFFENCES: Choices = (
    ("s8", N_("Breach of the order (section 8(1))")),
    ("s11_initial", N_("Names and home address not notified (section 11(1)(a))")),
    ("s11_name", N_("New name not notified (section 11(1)(a))")),
    ("s11_address", N_("New home address not notified (section 11(1)(a))")),
    ("s11_biometrics", N_("Fingerprints or photograph refused (section 11(1)(a))")),
    ("s11_false", N_("False information notified, knowing it (section 11(1)(b))")),
)
_RISKS: Choices = (
    ("standard", N_("Standard")),
    ("medium", N_("Medium")),
    ("high", N_("High")),
    ("very_high", N_("Very high")),
)

_STANDARDS: Choices = (
    ("civil", N_("The civil standard: more likely than not")),
    ("criminal", N_("The criminal standard: beyond reasonable doubt")),
)
_RELATIONSHIPS: Choices = (
    ("partner", N_("Partner")),
    ("former_partner", N_("Former partner")),
    ("family", N_("Family")),
    ("child", N_("A child to be protected")),
    ("acquaintance", N_("Acquaintance")),
    ("neighbour", N_("Neighbour")),
    ("colleague", N_("Colleague")),
    ("professional", N_("Met through the protected person's work")),
    ("patient", N_("Met through the person's own care")),
    ("stranger", N_("Stranger")),
)
_DISPOSALS: Choices = (
    ("custody", N_("Custody")),
    ("suspended_sentence", N_("A suspended sentence")),
    ("community_order", N_("A community order")),
    ("fine", N_("A fine")),
    ("conditional_discharge", N_("A conditional discharge")),
    ("absolute_discharge", N_("An absolute discharge")),
    ("detention_and_training_order", N_("Under 18: a detention and training order")),
    ("youth_rehabilitation_order", N_("Under 18: a youth rehabilitation order")),
    ("referral_order", N_("Under 18: a referral order")),
    ("reparation_order", N_("Under 18: a reparation order")),
    ("hospital_order", N_("A hospital order (Mental Health Act 1983 section 37)")),
    ("guardianship_order", N_("A guardianship order (Mental Health Act 1983 section 37)")),
    ("insanity", N_("Not guilty by reason of insanity")),
    ("unfit_to_plead", N_("Unfit to plead, and found to have done the act")),
    ("acquitted", N_("Acquitted")),
    ("withdrawn", N_("The charge was withdrawn")),
)
_HOMES: Choices = (
    ("residence", N_("Their only or main home")),
    ("regularly_found", N_("No home: the place where they can regularly be found")),
    ("selected", N_("No home: one of several such places, which they chose")),
)

_FIELDS = (
    Field("person", "line", N_("The force's reference of the person"), N_("Your force's orders under one reference are one person's; those of every force under PNC: and the number. Leave empty if no other order is known")),
    Field("applicant", "choice", N_("Who applied?"), choices=_APPLICANTS),
    Field("force", "list", N_("Which force applied?"), choices=_NAMED_FORCES),
    Field("nexus", "choice", N_("What ties the person to the force's area?"), N_("Section 1(3). Not asked of British Transport Police or Ministry of Defence Police."),
          (("resides", N_("They live in it")), ("believed_in_area", N_("They are believed to be in it")), ("intending_to_come", N_("They are believed to intend to come to it")))),
    Field("court", "choice", N_("Which court?"), choices=(("magistrates", N_("Magistrates' court")), ("youth", N_("Youth court")), ("crown", N_("Crown Court")))),
    Field("defendant_age", "number", N_("How old was the person then?")),
    Field("defendant_name", "line", N_("Full name of the person the order is sought against")),
    Field("defendant_born", "line", N_("Their date of birth"), N_("For example 1992-03-04")),
    Field("defendant_aliases", "lines", N_("Other names they use"), N_("One name a line")),
    Field("defendant_pnc_id", "line", N_("Their PNC id")),
    Field("defendant_description", "words", N_("What do they look like?")),
    Field("defendant_markers", "lines", N_("Warning markers"), N_("One a line, for example knife")),
    Field("defendant_risk", "choice", N_("How high was their risk assessed?"), choices=_RISKS),
    Field("acts", "group", N_("Which acts does the application rest on?"), N_("Section 1(1)(a): acts associated with stalking. Section 2A(3) of the Protection from Harassment Act 1997 has examples."),
          parts=(Field("on", "day", N_("Day of the act")), Field("place", "line", N_("Where it was done")))),
    Field("protected", "group", N_("Who is to be protected?"), parts=(Field("name", "line", N_("Name")), Field("relationship", "list", N_("What are they to the person?"), choices=_RELATIONSHIPS), Field("safe_contact", "line", N_("How may they be reached safely?")))),
    Field("original_victim", "line", N_("Who was stalked, if it is somebody else?"), N_("Section 1(1)(c): whoever is to be protected need not have been stalked themselves")),
    Field("standard_of_proof", "choice", N_("Which standard of proof is the court asked to apply?"), choices=_STANDARDS),
    Field("criminal_case", "line", N_("Reference of the criminal case")),
    Field("order_ref", "line", N_("Reference of the earlier order")),
    Field("origin", "choice", N_("What did the court make it on?"), choices=(("application", N_("An application by a chief officer")), ("conviction", N_("A conviction")), ("acquittal", N_("An acquittal")))),
    Field("without_notice", "yes_no", N_("Was it made without notice?"), N_("Domestic Abuse Act 2021 section 39(2): it then binds from when the person knows of it")),
    Field("final_day", "day", N_("What was the last day on which those duties applied?"), N_("Section 9(6): three days to notify begin with it")),
    Field("officer", "line", N_("Who manages it now?"), N_("Collar or payroll number")),
    Field("attend_at", "time", N_("When must they attend?")),
    Field("provider", "line", N_("With whom?"), N_("The provider, and nobody's name")),
    Field("reason_given", "words", N_("Which reason did they give?")),
    Field("offence", "choice", N_("Of which offence?"), choices=_OFFENCES),
    Field("disposal", "choice", N_("What did the court do?"), N_("Section 8(4): no conditional discharge for breach of the order"),
          _DISPOSALS),
    Field("channel", "choice", N_("By what means?"), N_("Leave empty if it was not contact"),
          (("in_person", N_("In person")), ("call", N_("A call")), ("text", N_("A text message")), ("email", N_("An e-mail")), ("letter", N_("A letter")), ("message", N_("A message online")), ("gift", N_("A gift")))),
    Field("with_interim", "yes_no", N_("Is an interim order asked for too?")),
    Field("authorised_by", "line", N_("Who authorised the application?"), N_("Rank or collar number")),
    Field("reason", "words", N_("What was the reason?")),
    Field("on", "day", N_("Which day is it listed for?")),
    Field("last_day", "day", N_("What is its last day?"), N_("The last day on which it is in force")),
    Field("until", "choice", N_("Or does it last until a further order?"), choices=(("further_order", N_("Until a further order")),)),
    Field("defendant_present", "yes_no", N_("Was the person in court?")),
    Field("replaces_interim", "yes_no", N_("Does it replace an interim order?")),
    Field("conditions", "terms", N_("What are its terms?"), N_("Each prohibition and requirement as the court wrote it")),
    Field("adds", "terms", N_("Which terms were added?")),
    Field("removes", "checks", N_("Which terms were removed?")),
    Field("order_kind", "choice", N_("Which order was served?"), choices=(("full", N_("The full order")), ("interim", N_("The interim order")), ("dapo", N_("A domestic abuse protection order")))),
    Field("method", "choice", N_("How was it served?"), N_("By post, by e-mail or left at an address: proof is asked for before any arrest"), _HOW_SERVED),
    Field("evidence", "words", N_("What proves it?"), N_("For example the officer's statement, or its reference")),
    Field("court_directed", "yes_no", N_("Did the court direct service by post?")),
    Field("class_", "choice", N_("By which post?"), choices=(("first", N_("First class")), ("second", N_("Second class")), ("signed_for", N_("Signed for")))),
    Field("served_at", "time", N_("When was it truly served?")),
    Field("role", "choice", N_("What lets this chief officer apply?"), N_("Section 4(1)"),
          (("applied_for_order", N_("They applied for the order")), ("residence_area", N_("The person lives in their area")), ("believed_in_area", N_("The person is believed to be in or coming to their area")), ("none", N_("None of these")))),
    Field("heard", "checks", N_("Whom did the court hear?"), choices=(("defendant", N_("The person the order is against")), ("chief_officer", N_("The chief officer")))),
    Field("necessity_found", "yes_no", N_("Did the court find the new terms necessary?"), N_("Section 4(4)(a)")),
    Field("consents", "checks", N_("Who consents?"), N_("Within two years of the order both must (section 4(4)(b))"),
          (("defendant", N_("The person the order is against")), ("chief_officer_applied", N_("The chief officer who applied for it")), ("chief_officer_residence", N_("The chief officer of the area they live in")), ("chief_officer_making_application", N_("The chief officer making this application")))),
    Field("residence_area", "list", N_("Where does the person live?"), N_("Section 4(4)(b): where the person asks, the chief officer of that area must consent too"), _AREAS),
    Field("hearing", "day", N_("Which day is the hearing?")),
    Field("by", "choice", N_("Who appeals?"), choices=(("defendant", N_("The person the order is against")), ("chief_officer_applied", N_("The chief officer who applied")), ("relevant_chief_officer", N_("Another chief officer under section 4")), ("victim", N_("The protected person")))),
    Field("against", "list", N_("Against which decision?"),
          choices=(("making_interim", N_("Making the interim order")), ("making_full", N_("Making the full order")), ("refusal_full", N_("Refusing the full order")), ("refusal_interim", N_("Refusing an interim order")), ("s4_order_on_police_application", N_("A variation, renewal or discharge the police asked for")), ("s4_order_on_defendant_application", N_("A variation, renewal or discharge the person asked for")), ("refusal_of_own_s4_application", N_("Refusing their own application under section 4")), ("interim_discharge_refusal", N_("Refusing to discharge the interim order")))),
    Field("effect", "choice", N_("What did the Crown Court do?"), choices=(("order_quashed", N_("It quashed the order")), ("order_made", N_("It made an order")))),
    Field("names", "lines", N_("Which names were notified?"), N_("Every name used, one a line")),
    Field("home_address", "line", N_("Which home address was notified?"), N_("Or the place where they can regularly be found (section 14(1))")),
    Field("home_kind", "choice", N_("What is that address?"), N_("Section 14(1)"), _HOMES),
    Field("station_area", "list", N_("Where is the police station?"), N_("Section 10(1) to (3)"),
          (("home_address_area", N_("In the police area of the home address")), ("old_home_area", N_("In the area of the address they left")), ("court_area", N_("In the area of the court, for who has no home here")), ("other_area", N_("In another area of England or Wales")), ("scotland", N_("In Scotland")), ("prescribed_station_ni", N_("A prescribed station in Northern Ireland")))),
    Field("acknowledgement_issued", "yes_no", N_("Was a written acknowledgement given?"), N_("Section 10(4): it must be")),
    Field("name", "line", N_("Which name did they use?")),
    Field("to", "line", N_("What is the new home address?")),
    Field("to_area", "list", N_("Where is it?"), choices=_AREAS),
    Field("knowledge", "choice", N_("Did they know that it was false?"), choices=(("known_false", N_("They knew")), ("mistaken", N_("It was a mistake")))),
    Field("purpose", "choice", N_("What for?"), N_("Section 10(5): only to verify who they are"), (("verify_identity", N_("To verify who they are")), ("other", N_("For something else")))),
    Field("kinds", "checks", N_("What was asked for?"), choices=(("fingerprints", N_("Fingerprints")), ("photograph", N_("A photograph")))),
    Field("result", "choice", N_("What did the visit find?"), choices=(("seen", N_("They were seen there")), ("not_at_home", N_("Nobody was at home")), ("moved_out", N_("They have moved out")), ("no_such_address", N_("There is no such address")))),
    Field("kind", "choice", N_("Which kind of custody?"), choices=(("remand", N_("Remand")), ("sentence", N_("Sentence")))),
    Field("establishment", "line", N_("Where are they held?")),
    Field("incident", "line", N_("Reference of the incident"), N_("Reports of one incident share it")),
    Field("condition", "choice", N_("Which term was broken?")),
    Field("occurred_at", "time", N_("When did it happen?")),
    Field("source", "list", N_("Where does the report come from?"),
          choices=(("victim", N_("The protected person")), ("neighbour", N_("A neighbour")), ("cctv", N_("CCTV")), ("phone_download", N_("A telephone download")), ("phone_location", N_("A telephone's location")), ("provider", N_("A provider")), ("officer", N_("An officer")), ("third_party", N_("Somebody else")))),
    Field("narrative", "words", N_("What happened?"), N_("It is kept encrypted, and never sent outside")),
    Field("place", "line", N_("Where did it happen?")),
    Field("markers", "checks", N_("Was any of this part of it?"), choices=(("weapons", N_("Weapons")), ("threats", N_("Threats")), ("violence", N_("Violence")))),
    Field("initiated_by", "choice", N_("Who began the contact?"), N_("Leave empty if it was not contact, or not known"), (("defendant", N_("The person the order is against")), ("protected_person", N_("The protected person: it is still a breach")))),
    Field("defendant_aware", "yes_no", N_("Did they know of the term then?"), N_("Leave empty if it is not known. Who knows of a term can break it though nothing was served on them (section 8(1))")),
    Field("measured_m", "number", N_("Measured distance, in metres")),
    Field("error_m", "number", N_("Error of that measurement, in metres")),
)  # fmt: skip

FIELDS: Mapping[str, Field] = MappingProxyType({field.name: field for field in _FIELDS})
"""By the fact's own name of the field; a name of the application is told apart where it is asked."""

OTHER: Mapping[tuple[str, str], Field] = MappingProxyType(
    {
        ("receive-notification", "by"): Field("by", "choice", N_("Who gave the notification?"), N_("Only the person themselves can (section 10(1))"), (("defendant", N_("The person the order is against")), ("parent", N_("A parent")), ("solicitor", N_("A solicitor")))),
        ("receive-notification", "method"): Field("method", "choice", N_("How was it given?"), N_("Only orally, at a police station, to an officer or authorised person (section 10(1))"), (("in_person_oral", N_("Orally, at a police station")), ("telephone", N_("By telephone")), ("email", N_("By e-mail")), ("post", N_("By letter")), ("portal", N_("Through a website")))),
        ("retract-breach", "reason"): Field("reason", "choice", N_("Why is the report withdrawn?"), choices=(("entered_in_error", N_("It was entered in error")), ("duplicate", N_("It was reported before")))),
        ("serve", "defendant_age"): Field("defendant_age", "number", N_("How old was the person then?"), N_("Where the application does not say: for a child, children's services are involved")),
        ("vary-interim", "applicant"): Field("applicant", "choice", N_("Who applied?"), choices=_OFFICER_OR_PERSON),
        ("list-review", "on"): Field("on", "day", N_("When is it to be looked at again?")),
        ("list-review", "reason"): Field("reason", "choice", N_("What for?"), choices=(("risk", N_("The risk may have changed")), ("terms", N_("Whether its terms are still right")), ("ending", N_("It is nearing its end")), ("retention", N_("Whether the record is still needed")))),
        **{(each, "condition"): Field("condition", "choice", N_("Which term requires it?")) for each in ("list-appointment", "keep-appointment", "miss-appointment")},
        ("declare-existing-order", "conditions"): Field("conditions", "terms", N_("What are its terms?"), N_("Section 2(6): no term may conflict with them")),
        ("report-death", "evidence"): Field("evidence", "words", N_("What shows the death?")),
    }
)  # fmt: skip
"""Where a command asks the same field otherwise."""
