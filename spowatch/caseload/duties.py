"""Service of the order, and what the person then tells the police, in time or not."""

from datetime import datetime, timedelta

from domain.calendar import Window, legal_day
from spowatch.caseload.people import a_name, an_address
from spowatch.caseload.story import Story, Terms
from spowatch.caseload.towns import SCOTTISH_TOWNS

_DAYS = 3
_INVALID_METHODS = ("telephone", "email", "portal", "solicitor")


def serve_interim(story: Story, interim: Terms) -> None:
    served = _serve(story, interim, present=story.chance(0.4))
    if served is not None and served < interim.ends:
        notify(story, served)


def serve_full(story: Story, full: Terms, *, present: bool) -> None:
    """One that replaces an interim in force brings no initial duty (s.9(1)(a))."""
    served = _serve(story, full, present=present)
    if served is not None and not full.replaces_interim:
        notify(story, served)


def serve_now(story: Story, now: datetime) -> None:
    """The order that binds the person at last reaches them, and mostly they then attend."""
    terms = story.bound_at(now)
    if terms is None or story.served_by(now):
        return
    story.tell(
        "OrderServed", now, order_kind=terms.kind, replaces_interim=terms.replaces_interim,
        method="in_person",
    )  # fmt: skip
    story.served_at[terms.kind] = now
    if not terms.replaces_interim and story.chance(0.8):
        attend_now(story, story.after(now, low=0.05, high=0.5))


def attend_now(story: Story, now: datetime) -> None:
    if not story.in_custody_at(now):
        _notification(story, now, acknowledgement_issued=True)


def visit(story: Story, now: datetime) -> None:
    result = story.rng.choice(("seen", "seen", "not_at_home", "moved_out"))
    story.tell("AddressVisit", now, result=result)


def _serve(story: Story, terms: Terms, *, present: bool) -> datetime | None:
    """When it was served; None for the few that never are."""
    if not present and story.chance(0.04):
        return None
    served, method = terms.starts + timedelta(minutes=30), "in_court"
    if not present and story.chance(0.04):
        story.tell("OrderPosted", served, court_directed=True, class_="first")
        served, method = served + timedelta(days=2), "post_deemed"
    elif not present:
        served, method = story.after(terms.starts, low=2, high=120), "in_person"
    late = {"recorded_at": story.after(served, low=75, high=150)} if story.chance(0.03) else {}
    story.tell(
        "OrderServed", served, order_kind=terms.kind, replaces_interim=terms.replaces_interim,
        method=method, **late,
    )  # fmt: skip
    story.served_at[terms.kind] = served
    if story.chance(0.01):
        corrected = story.after(served, low=50, high=90)
        truly = served + timedelta(hours=20)
        story.tell("ServiceCorrected", corrected, served_at=truly, evidence="body-worn video")
    return served


def notify(story: Story, happened: datetime) -> None:
    """The duty that runs from that instant: most keep it, about one in seven does not."""
    window = Window.of_days(legal_day(happened), _DAYS)
    fate = story.fate(missed=0.06, late=0.07, wrongly=0.05, keyed_late=0.015)
    if fate == "missed":
        return
    if fate == "late":
        _attend(story, story.after(window.deadline, low=9, high=130))
        return
    if fate == "wrongly":
        _try_wrongly(story, story.after(happened, low=1, high=5))
    spare = (window.deadline - happened).total_seconds() / 3600
    attended = story.after(happened, low=6, high=spare - 1)
    _attend(story, attended, keyed_late=fate == "keyed_late")


def _try_wrongly(story: Story, when: datetime) -> None:
    """By telephone, through a solicitor, or at a station of another area: no notification."""
    if story.chance(0.3):
        _notification(story, when, station_area="other_area")
    else:
        method = story.rng.choice(_INVALID_METHODS)
        _notification(story, when, method=method)


def _attend(story: Story, when: datetime, *, keyed_late: bool = False) -> None:
    late = {"recorded_at": story.after(when, low=20, high=60)} if keyed_late else {}
    _notification(story, when, acknowledgement_issued=not story.chance(0.02), **late)
    if story.chance(0.12):
        asked = when + timedelta(minutes=10)
        kinds = ["fingerprints", "photograph"]
        story.tell("BiometricsRequested", asked, kinds=kinds, purpose="verify_identity")
        if story.chance(0.06):
            story.tell("BiometricsRefused", asked + timedelta(minutes=3))
    _check_address(story, when)


def _notification(story: Story, when: datetime, **data: object) -> None:
    home = story.home or story.person.home
    area = "court_area" if home in SCOTTISH_TOWNS else "home_address_area"
    usual = {
        "by": "defendant",
        "method": "in_person_oral",
        "station_area": area,
        "names": [story.person.name, *story.person.aliases, *story.new_names],
        "home_address": home,
    }
    story.tell("NotificationReceived", when, **(usual | data))


def _check_address(story: Story, notified: datetime) -> None:
    if not story.chance(0.25):
        return
    visited = story.after(notified, low=20, high=600)
    result = story.rng.choice(("seen", "seen", "seen", "not_at_home", "moved_out"))
    story.tell("AddressVisit", visited, result=result)
    if result == "moved_out" and story.chance(0.3):
        found = story.after(visited, low=1, high=48)
        story.tell("NotificationFoundFalse", found, knowledge="known_false")


def use_new_name(story: Story, when: datetime) -> None:
    use_name_now(story, when)
    if story.chance(0.7):
        _attend(story, story.after(when, low=1, high=40))


def use_name_now(story: Story, now: datetime) -> None:
    name = a_name(story.rng)
    story.tell("NameUsed", now, name=name)
    story.new_names.append(name)


def move_home(story: Story, moved: datetime) -> None:
    """A new address, notified before the move, after it, or not at all."""
    if story.chance(0.15):
        story.home, to_area = _new_home(story)
        _notification(story, moved - timedelta(days=2), station_area="old_home_area")
        story.tell("HomeAddressChanged", moved, to=story.home, to_area=to_area)
        return
    move_home_now(story, moved)
    if story.chance(0.75):
        _attend(story, story.after(moved, low=2, high=40))


def move_home_now(story: Story, now: datetime) -> None:
    story.home, to_area = _new_home(story)
    story.tell("HomeAddressChanged", now, to=story.home, to_area=to_area)


def _new_home(story: Story) -> tuple[str, str]:
    if story.chance(0.06):
        return story.rng.choice(SCOTTISH_TOWNS), "scotland"
    if story.chance(0.2):
        other = "Kent" if story.force != "Kent" else "Sussex"
        return an_address(story.rng, other), "EW-other-force"
    return an_address(story.rng, story.force), "EW"
