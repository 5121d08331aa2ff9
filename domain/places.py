"""Where a written place lies: which jurisdiction, which police area, inside which locality.

The table is `gazetteer.csv`. A name it lacks is taken as England and Wales and left unconfirmed.
"""

import csv
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from importlib import resources

from domain.forces import ForceKind, find_force


class Jurisdiction(StrEnum):
    ENGLAND_AND_WALES = "england_and_wales"
    SCOTLAND = "scotland"
    NORTHERN_IRELAND = "northern_ireland"
    OUTSIDE_UK = "outside_uk"


@dataclass(frozen=True, slots=True)
class Place:
    """`area` names the police force; None outside England and Wales and where it is not known."""

    jurisdiction: Jurisdiction
    area: str | None
    confirmed: bool


@dataclass(frozen=True, slots=True)
class _Entry:
    jurisdiction: Jurisdiction
    area: str | None = None
    county: str | None = None


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_UNKNOWN = Place(Jurisdiction.ENGLAND_AND_WALES, None, confirmed=False)
_WELSH_AREAS = frozenset({"Dyfed-Powys", "Gwent", "North Wales", "South Wales"})
_COUNTY_ALIASES = {"greater london": "london"}
_ALSO_A_TOWN = frozenset({"durham"})
_THOROUGHFARES = _words(
    "ave avenue boulevard close cl court cres crescent ct drive dr gardens gdns grove highway lane"
    " ln mews mile parade path place pl rd rise road roundabout row square sq st street terrace"
    " walk way"
)
_BUILDINGS = _words(
    "apartment apartments arms block building buildings cafe club cottage farm flat flats hall"
    " hotel house inn lodge mansions pub restaurant school surgery tavern tower towers villa"
    " villas"
)
# Towns whose name is also a word or a person's name: alone they are the town, leading they are not.
_ORDINARY_WORDS = _words(
    "alford alva austin barra biggar chad china comber currie denny drama ellon essen florence gap"
    " georgia grenada houston irvine johnstone jordan keith leslie lima male moira nancy ni nice"
    " orlando rio scone side split tempo tours turkey us virginia wick"
)
_POSTCODE = re.compile(r"\b([A-Z]{1,2})\d[A-Z\d]?\s*\d[A-Z]{2}\b", re.IGNORECASE)
# Postcode areas wholly on one side of a border; TD (both sides of the Tweed) decides nothing.
_POSTCODE_AREAS = {
    **dict.fromkeys(_words("AB DD DG EH FK G HS IV KA KW KY ML PA PH ZE"), Jurisdiction.SCOTLAND),
    "BT": Jurisdiction.NORTHERN_IRELAND,
    **dict.fromkeys(_words("GY IM JE"), Jurisdiction.OUTSIDE_UK),
}


@lru_cache(maxsize=4096)
def locate(text: str) -> Place:
    """The place meant by words such as "5 Royal Mile, Edinburgh": the last known part decides."""
    postcode = _POSTCODE.search(text)
    if postcode is not None and postcode[1].upper() in _POSTCODE_AREAS:
        return Place(_POSTCODE_AREAS[postcode[1].upper()], None, confirmed=True)
    entry = _entry(text)
    if entry is None:
        return _UNKNOWN
    return Place(entry.jurisdiction, entry.area, confirmed=True)


def inside(place_text: str, locality: str) -> bool | None:
    """Whether the place lies in the locality; None when the table cannot tell."""
    place, whole = _entry(place_text), _locality(locality)
    name = _key(locality)
    if place is not None and whole is not None:
        if _covers(name, whole, place):
            return True
        if _apart(name, whole, place):
            return False
    return True if name in map(_key, _parts(place_text)) else None


def _covers(name: str, whole: _Entry, place: _Entry) -> bool:
    if place.jurisdiction is not whole.jurisdiction:
        return False
    match name:
        case "england and wales" | "scotland" | "northern ireland":
            return True
        case "wales" | "cymru":
            return place.area in _WELSH_AREAS
        case "england":
            return place.area is not None and place.area not in _WELSH_AREAS
    if place.county is not None and _key(place.county) == _COUNTY_ALIASES.get(name, name):
        return True
    return _is_police_area(name) and place.area == whole.area


def _apart(name: str, whole: _Entry, place: _Entry) -> bool:
    if place.jurisdiction is not whole.jurisdiction:
        return True
    if name in ("wales", "cymru"):
        return place.area is not None
    if name == "england":
        return place.area in _WELSH_AREAS
    if None not in (place.county, whole.county) and not _is_police_area(name):
        return place.county != whole.county
    return None not in (place.area, whole.area) and place.area != whole.area


def _is_police_area(name: str) -> bool:
    force = find_force(name)
    return force is not None and force.kind is ForceKind.TERRITORIAL and name not in _ALSO_A_TOWN


def _locality(text: str) -> _Entry | None:
    force = find_force(text)
    if force is not None and force.kind is ForceKind.TERRITORIAL and _entry(text) is None:
        return _Entry(Jurisdiction.ENGLAND_AND_WALES, force.name)
    return _entry(text)


def _entry(text: str) -> _Entry | None:
    """The last known part, with the area of an earlier one where it has none ("Leeds, England")."""
    found: _Entry | None = None
    for part in reversed(_parts(text)):
        entry = _known(_key(part))
        if entry is None or (found is not None and entry.jurisdiction is not found.jurisdiction):
            continue
        if entry.area is not None:
            return entry
        found = found or entry
    return found


def _parts(text: str) -> list[str]:
    return re.split(r"[,;()\n]", _POSTCODE.sub("", text))


def _known(key: str) -> _Entry | None:
    return next((entry for name in _readings(key) if (entry := _gazetteer().get(name))), None)


def _readings(key: str) -> Iterator[str]:
    """The names a part may stand for, the surest first."""
    yield key
    yield re.sub(r"^(.* in|in|near|the|city of|county of|(london )?borough of) ", "", key)
    words = key.split()
    roads = [at for at, word in enumerate(words) if at and word in _THOROUGHFARES]
    if roads:
        yield " ".join(words[roads[-1] + 1 :])
    elif _BUILDINGS.isdisjoint(words):
        yield from _leading(words)


def _leading(words: list[str]) -> Iterator[str]:
    """So "Perth Australia" is in Australia; "Glasgow Central station" is in Glasgow."""
    heads = [" ".join(words[:end]) for end in range(len(words) - 1, 0, -1)]
    known = [head for head in heads if head in _gazetteer() and head not in _ORDINARY_WORDS]
    yield from filter(_is_wide, (" ".join(words[len(head.split()) :]) for head in known))
    yield from known


def _is_wide(name: str) -> bool:
    """Whether the name says which of two towns is meant: a county, or a name from abroad."""
    entry = _gazetteer().get(name)
    if entry is None or entry.jurisdiction is not Jurisdiction.ENGLAND_AND_WALES:
        return entry is not None
    return entry.county is not None and _key(entry.county) == name


def _key(name: str) -> str:
    """One spelling for "Málaga" and "malaga", "Saint Helens" and "St. Helens"."""
    letters = unicodedata.normalize("NFKD", name.casefold().replace("&", " and "))
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    words = re.sub(r"[^a-z0-9]+", " ", re.sub(r"['\u2019.]", "", plain)).strip()
    return re.sub(r"^saint ", "st ", words)


@cache
def _gazetteer() -> dict[str, _Entry]:
    text = resources.files("domain").joinpath("gazetteer.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    return {
        _key(row["name"]): _Entry(
            Jurisdiction(row["jurisdiction"]), row["area"] or None, row["county"] or None
        )
        for row in rows
    }
