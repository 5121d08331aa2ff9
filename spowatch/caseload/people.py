"""Invented people: family names that no register holds, streets that no town has."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from spowatch.caseload.towns import TOWNS

_GIVEN = (
    *("Aaron", "Amira", "Bethan", "Callum", "Carys", "Daniel", "Dev", "Ellen", "Farah", "Gareth"),
    *("Hannah", "Ibrahim", "Jade", "Karim", "Leon", "Megan", "Nadia", "Owen", "Priya", "Rhys"),
    *("Sanjay", "Tara", "Victor", "Yusuf"),
)
_FAMILY = (
    *("Alderwick", "Brackenby", "Cloudsby", "Dapplemere", "Elmsworthy", "Fernhollow"),
    *("Gritstone", "Hazelmoor", "Inkberrow", "Juniperley", "Kestrelby", "Larkhaven"),
    *("Mossgather", "Nettlebank", "Oakenfold", "Pebbleton", "Quillfeather", "Rowanshaw"),
    *("Sedgewater", "Thistlecote", "Umberfield", "Vetchling", "Willowgarth", "Yarrowdale"),
)
_STREETS = ("Larch Road", "Teasel Close", "Plover Lane", "Comfrey Street", "Heron Avenue")
_RELATIONSHIPS = (
    *("former_partner", "former_partner", "former_partner", "acquaintance", "acquaintance"),
    *("stranger", "stranger", "colleague", "neighbour", "professional", "patient", "family"),
)
_AGES = ((10, 17, 3), (18, 24, 14), (25, 34, 28), (35, 44, 26), (45, 54, 17), (55, 79, 12))
_DAYS_A_YEAR = 365


@dataclass(frozen=True, slots=True)
class Person:
    ref: str
    name: str
    aliases: tuple[str, ...]
    born: date
    home: str

    def age_on(self, day: date) -> int:
        had_birthday = (day.month, day.day) >= (self.born.month, self.born.day)
        return day.year - self.born.year - (not had_birthday)


def somebody(rng: Random, ref: str, force: str, on: date) -> Person:
    """A person of believable age on that day who lives in the area."""
    low, high, _ = rng.choices(_AGES, weights=[share for _, _, share in _AGES])[0]
    lived = rng.randint(low, high) * _DAYS_A_YEAR + rng.randint(low // 4 + 2, _DAYS_A_YEAR - 30)
    name = a_name(rng)
    aliases = (a_name(rng),) if rng.randrange(10) == 0 else ()
    return Person(ref, name, aliases, on - timedelta(days=lived), an_address(rng, force))


def a_name(rng: Random) -> str:
    return f"{rng.choice(_GIVEN)} {rng.choice(_FAMILY)}"


def an_address(rng: Random, force: str) -> str:
    return f"{rng.randint(1, 180)} {rng.choice(_STREETS)}, {rng.choice(TOWNS[force])}"


def protected_persons(rng: Random) -> list[dict[str, str]]:
    first = {"name": a_name(rng), "relationship": rng.choice(_RELATIONSHIPS)}
    others = [{"name": a_name(rng), "relationship": "family"} for _ in range(rng.choice((0, 0, 1)))]
    return [first, *others]
