"""What becomes of an order and its person in later years: section 4, appeals, custody, the end."""

from datetime import datetime, timedelta

from domain.calendar import end_of, last_day_of_years, legal_day, start_of
from spowatch.caseload.breaches import detain
from spowatch.caseload.duties import move_home, notify, use_new_name
from spowatch.caseload.refused import refused_after_the_end, refused_in_later_life
from spowatch.caseload.story import FOR_EVER, Story, Terms, end_terms
from spowatch.caseload.terms import plain_term

_TWO_YEARS = timedelta(days=731)
_ADDED_LATER = ("P-PROXY", "P-SEARCH", "P-TRACKER", "P-IMAGE-SHARE")


def tell_of_later_life(story: Story) -> None:
    full = next((terms for terms in story.terms if terms.kind == "full"), None)
    if full is None:
        return
    if not _appeal(story, full) and not _discharge(story, full):
        _renewal(story, full)
    refused_after_the_end(story, full.ends)
    _variation(story, full)
    refused_in_later_life(story, full.starts, full.ends)
    _spells(story, full)
    _names_and_homes(story, full)
    _death(story)


def _appeal(story: Story, full: Terms) -> bool:
    """Whether the Crown Court quashed the order."""
    if not story.chance(0.04):
        return False
    lodged = story.after(full.starts, low=72, high=480)
    story.tell("AppealLodged", lodged, by="defendant", against="making_full")
    if not story.chance(0.25):
        return False
    allowed = story.on_day(legal_day(lodged) + timedelta(days=55), opens=10)
    story.tell("AppealAllowed", allowed, effect="order_quashed")
    end_terms(story, allowed)
    return True


def _discharge(story: Story, full: Terms) -> bool:
    """Whether the order was discharged; within two years with every consent (s.4(4)(b))."""
    when = story.after(full.starts, low=4000, high=26000)
    if not story.chance(0.05) or when >= full.ends:
        return False
    consents = ["defendant"]
    if when < full.starts + _TWO_YEARS:
        consents += ["chief_officer_applied", "chief_officer_residence"]
    heard = ["defendant", "chief_officer"]
    story.tell("OrderDischarged", when, applicant="defendant", heard=heard, consents=consents)
    end_terms(story, when)
    return True


def _renewal(story: Story, full: Terms) -> None:
    """Asked for in good time, heard in time by most; there is no cover for a late hearing."""
    if full.ends == FOR_EVER or full.ends > story.until + timedelta(days=60):
        return
    asked = full.ends - timedelta(days=story.rng.randint(20, 70), hours=13)
    if asked <= full.starts + timedelta(days=200) or not story.chance(0.45):
        return
    in_time = story.chance(0.85)
    hearing = legal_day(full.ends + timedelta(days=-9 if in_time else 12))
    story.tell("RenewalApplied", asked, hearing=hearing)
    if in_time:
        renewed = story.on_day(hearing, opens=10)
        last_day = last_day_of_years(legal_day(full.ends), 2)
        story.tell(
            "OrderRenewed", renewed, applicant="chief_officer", role="applied_for_order",
            heard=["defendant"], last_day=last_day,
        )  # fmt: skip
        full.ends = end_of(last_day)


def _variation(story: Story, full: Terms) -> None:
    """New terms from that instant on: two spells of terms where there was one."""
    when = story.after(full.starts, low=1000, high=9000)
    if not story.chance(0.12) or when >= full.ends:
        return
    codes = [term["code"] for term in full.conditions]
    new = [plain_term(code) for code in _ADDED_LATER if code not in codes][:1]
    if story.chance(0.35) and "P-APPROACH" in codes:
        story.tell(
            "OrderVaried", when, applicant="defendant", heard=["defendant", "chief_officer"],
            removes=["P-APPROACH"],
        )  # fmt: skip
        after = [term for term in full.conditions if term["code"] != "P-APPROACH"]
    else:
        story.tell(
            "OrderVaried", when, applicant="chief_officer", role="applied_for_order",
            heard=["defendant"], adds=new, necessity_found=True,
        )  # fmt: skip
        after = [*full.conditions, *new]
    story.tell("VariedTermsServed", story.after(when, low=1, high=70))
    story.terms.append(Terms("full", when, full.ends, after))
    full.ends = when


def _spells(story: Story, full: Terms) -> None:
    _custody(story, full)
    match story.fate(soa=0.025, abroad=0.012, hospital=0.008, dapo=0.015):
        case "soa":
            _sexual_offences_register(story, full)
        case "abroad":
            story.tell("LeftUnitedKingdom", story.after(full.starts, low=1, high=3000))
        case "hospital":
            story.tell("HospitalDetentionStarted", story.after(full.starts, low=1, high=3000))
        case "dapo":
            made = story.after(full.starts, low=500, high=9000)
            story.tell("DAPOMade", made, made_on=legal_day(made), until="further_order")


def _custody(story: Story, full: Terms) -> None:
    if not story.chance(0.07):
        return
    start = story.after(full.starts, low=300, high=8000)
    end = story.after(start, low=500, high=4000)
    detain(story, start, kind=story.rng.choice(("remand", "sentence")), end=end)


def _sexual_offences_register(story: Story, full: Terms) -> None:
    """Exempt when the order was made; where that ends first, the duty begins (s.9(6))."""
    story.tell("SOA2003NotificationStarted", full.starts - timedelta(days=400))
    if not story.chance(0.5):
        return
    final_day = legal_day(full.starts) + timedelta(days=story.rng.randint(30, 600))
    ceased = start_of(final_day) + timedelta(hours=9)
    if ceased < full.ends:
        story.tell("SOA2003NotificationCeased", ceased, final_day=final_day)
        notify(story, ceased)


def _names_and_homes(story: Story, full: Terms) -> None:
    known = story.served_at.get(full.kind)
    if known is None:
        return
    for chance, change in ((0.05, use_new_name), (0.14, move_home)):
        when = story.after(known, low=150, high=7000)
        if story.chance(chance) and _bound_and_free(story, when):
            change(story, when)
    when = story.after(known, low=150, high=7000)
    if story.chance(0.01) and _bound_and_free(story, when):
        story.tell("HomeAddressCeased", when)


def _bound_and_free(story: Story, when: datetime) -> bool:
    return story.bound_at(when) is not None and not story.in_custody_at(when)


def _death(story: Story) -> None:
    if not story.chance(0.004):
        return
    died = story.after(story.terms[-1].starts, low=2000, high=12000)
    story.tell("DefendantDied", died, evidence="death certificate")
    end_terms(story, died)
    story.until = min(story.until, died)
