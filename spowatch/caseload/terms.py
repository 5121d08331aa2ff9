"""The terms courts write: bundles of prohibitions and requirements with their wording."""

from datetime import date
from random import Random
from typing import Any

from domain.calendar import last_day_of_years
from spowatch.caseload.towns import TOWNS

Condition = dict[str, Any]

_WORDING = {
    "P-CONTACT-DIRECT": "Not to contact any protected person by any means.",
    "P-CONTACT-INDIRECT": "Not to contact any protected person through anyone else, save through"
    " a solicitor.",
    "P-ACCOUNT": "Not to hold or use any online account that has not been declared to the police.",
    "P-CUSTODY-CONTACT": "Not to contact any protected person from any prison.",
    "P-DEVICE-INTERNET": "Not to use any device able to reach the internet unless it keeps its"
    " history and is shown to the police on request.",
    "P-IMAGE-SHARE": "Not to send or post any image of a protected person.",
    "P-ORDER-GOODS": "Not to order any goods or service in the name of a protected person.",
    "P-PROXY": "Not to encourage anyone else to do what this order forbids.",
    "P-REF-SOCIAL": "Not to refer to any protected person on social media, directly or not.",
    "P-SEARCH": "Not to search online for any protected person.",
    "P-SURVEIL": "Not to watch, follow or spy on any protected person.",
    "P-TRACKER": "Not to track any protected person by any device or software.",
    "R-ACCOUNTS-LIST": "To declare every account, telephone and vehicle to the police.",
    "R-ASSESS-TREAT": "To attend an assessment of suitability for treatment.",
    "R-DEVICE-SURRENDER": "To surrender every telephone and computer to the police on request.",
    "R-DRUG-ALCOHOL": "To attend the drug and alcohol programme as directed.",
    "R-MH-ASSESS": "To attend a mental-health assessment.",
}
_SOMETIMES = tuple(code for code in _WORDING if not code.startswith("P-CONTACT"))
_METRES = (50, 100, 100, 200, 200, 500)


def terms_of_order(rng: Random, force: str, made_on: date) -> list[Condition]:
    """No contact always; most orders keep the person away from a place as well."""
    codes = ["P-CONTACT-DIRECT", "P-CONTACT-INDIRECT"][: rng.choice((1, 2, 2))]
    codes += rng.sample(_SOMETIMES, rng.choice((0, 1, 2, 2, 3, 4)))
    terms = [plain_term(code) for code in codes]
    for chance, term in (
        (0.65, _not_near),
        (0.35, _not_approach),
        (0.15, _not_at_work),
        (0.25, _not_in_area),
        (0.20, _programme),
        (0.10, _sign_on),
    ):
        if rng.random() < chance:
            terms.append(term(rng, force, made_on))
    return terms


def plain_term(code: str) -> Condition:
    return {"code": code, "wording": _WORDING[code]}


def _not_near(rng: Random, _force: str, _made_on: date) -> Condition:
    metres = rng.choice(_METRES)
    wording = f"Not to go within {metres} metres of the home of a protected person."
    return {
        "code": "P-ZONE-DIST",
        "metres": metres,
        "around": "protected home",
        "wording": wording,
    }


def _not_approach(rng: Random, _force: str, _made_on: date) -> Condition:
    metres = rng.choice(_METRES[:3])
    wording = f"Not to come within {metres} metres of any protected person."
    return {"code": "P-APPROACH", "metres": metres, "wording": wording}


def _not_at_work(_rng: Random, _force: str, _made_on: date) -> Condition:
    wording = "Not to attend the place of work of a protected person."
    return {"code": "P-WORKPLACE", "around": "protected workplace", "wording": wording}


def _not_in_area(rng: Random, force: str, _made_on: date) -> Condition:
    town = TOWNS[force][0]
    term: Condition = {
        "code": "P-ZONE-AREA",
        "area": f"the area edged red on map {rng.randint(1, 9)}",
        "wording": f"Not to enter the area of {town} edged red on the map attached.",
    }
    return term | {"locality_limited": True, "locality": town} if rng.randrange(2) else term


def _programme(rng: Random, _force: str, made_on: date) -> Condition:
    term: Condition = {
        "code": "R-PROGRAMME",
        "wording": "To attend every session of the perpetrator programme as directed.",
    }
    period = {"last_day": last_day_of_years(made_on, 1).isoformat()}
    return term | {"own_period": True, "period": period} if rng.randrange(2) else term


def _sign_on(_rng: Random, force: str, _made_on: date) -> Condition:
    station = f"{TOWNS[force][1]} police station"
    wording = f"To report to {station} every Monday between 10:00 and 16:00."
    return {"code": "R-SIGN-ON", "at": station, "wording": wording}
