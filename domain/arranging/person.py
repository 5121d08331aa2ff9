"""Places what happened to the person, what they notified, and what was reported of them."""

from domain.calendar import legal_day, start_of
from domain.court_orders import EndCause
from domain.events import RecordedEvent
from domain.facts import breaches, notification, person
from domain.history import History, happened, incident_of, known
from domain.spells import Spell, end_open_spells


def soa_started(history: History, recorded: RecordedEvent) -> None:
    history.soa.append(Spell(happened(recorded)))


def soa_ceased(history: History, recorded: RecordedEvent[person.SOA2003NotificationCeased]) -> None:
    final_day = recorded.event.final_day
    history.soa_final_days += [(spell, final_day) for spell in history.soa if spell.end is None]
    end_open_spells(history.soa, start_of(final_day))


def custody_started(history: History, recorded: RecordedEvent) -> None:
    history.custody.append(Spell(happened(recorded)))


def custody_ended(history: History, recorded: RecordedEvent) -> None:
    end_open_spells(history.custody, happened(recorded))


def hospital_started(history: History, recorded: RecordedEvent) -> None:
    history.hospital.append(Spell(happened(recorded)))


def hospital_ended(history: History, recorded: RecordedEvent) -> None:
    end_open_spells(history.hospital, happened(recorded))


def left(history: History, recorded: RecordedEvent) -> None:
    history.abroad.append(Spell(happened(recorded)))


def returned(history: History, recorded: RecordedEvent) -> None:
    end_open_spells(history.abroad, happened(recorded))


def died(history: History, recorded: RecordedEvent) -> None:
    at = happened(recorded)
    history.died_at = at
    for order in (*history.orders, *history.dapos):
        order.terminate(at, EndCause.DIED)


def notified(history: History, recorded: RecordedEvent[notification.NotificationReceived]) -> None:
    history.notifications.append(recorded)
    if recorded.event.method == "in_person_oral" and recorded.event.by == "defendant":
        end_open_spells(history.abroad, happened(recorded))


def moved(history: History, recorded: RecordedEvent[notification.HomeAddressChanged]) -> None:
    history.moves.append(recorded)


def home_given_up(
    history: History, recorded: RecordedEvent[notification.HomeAddressCeased]
) -> None:
    history.homes_given_up.append(recorded)


def name_used(history: History, recorded: RecordedEvent[notification.NameUsed]) -> None:
    history.names_used.append(recorded)


def found_false(
    history: History, recorded: RecordedEvent[notification.NotificationFoundFalse]
) -> None:
    history.found_false.append(recorded)


def visited(history: History, recorded: RecordedEvent[notification.AddressVisit]) -> None:
    history.visits.append(recorded)


def biometrics_requested(
    history: History, recorded: RecordedEvent[notification.BiometricsRequested]
) -> None:
    history.biometrics_requests.append(recorded)


def biometrics_refused(
    history: History, recorded: RecordedEvent[notification.BiometricsRefused]
) -> None:
    history.biometrics_refusals.append(recorded)


def reported(history: History, recorded: RecordedEvent[breaches.BreachReported]) -> None:
    history.reports.append(recorded)


def appointment_missed(
    history: History, recorded: RecordedEvent[breaches.AppointmentMissed]
) -> None:
    history.appointments.append(recorded)


def retracted(history: History, recorded: RecordedEvent[breaches.BreachRetracted]) -> None:
    """A retraction that names no incident means the report recorded last before it."""
    if recorded.event.incident is not None:
        history.retracted.add(recorded.event.incident)
        return
    earlier = (r for r in history.all_reports() if known(r) <= known(recorded))
    for last in sorted(earlier, key=known)[-1:]:
        history.retracted.add(incident_of(last))


def charged(history: History, recorded: RecordedEvent[breaches.Charged]) -> None:
    history.charges.append(recorded.event.offence)


def offence_committed(history: History, recorded: RecordedEvent) -> None:
    history.offence_on = legal_day(happened(recorded))


def convicted(history: History, recorded: RecordedEvent) -> None:
    history.convicted_on = legal_day(happened(recorded))
