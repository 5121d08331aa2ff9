"""The police forces and other bodies that may, or may not, apply for an order."""

import re
from dataclasses import dataclass
from enum import StrEnum


class ForceKind(StrEnum):
    """Whether the body's head is a "chief officer of police", and whether the area test binds it.

    Stalking Protection Act 2019 ss.1(1), 1(3), 14(1).
    """

    TERRITORIAL = "territorial"
    SPECIAL = "special"
    INELIGIBLE = "ineligible"


@dataclass(frozen=True, slots=True)
class Force:
    name: str
    kind: ForceKind


def find_force(name: str) -> Force | None:
    """The body meant by a name as people write it; None when there is no such body."""
    return _BY_NAME.get(_plain(name))


def same_force(one: str, other: str) -> bool:
    """Whether both name the same body, however they are written; nothing names none."""
    if not one or not other:
        return False
    known = find_force(one)
    return one == other or (known is not None and find_force(other) is known)


# Police Act 1996 s.2 and Sch.1: 41 police areas, with the Metropolitan Police and City of London.
_TERRITORIAL = (
    "Avon and Somerset",
    "Bedfordshire",
    "Cambridgeshire",
    "Cheshire",
    "City of London",
    "Cleveland",
    "Cumbria",
    "Derbyshire",
    "Devon and Cornwall",
    "Dorset",
    "Durham",
    "Dyfed-Powys",
    "Essex",
    "Gloucestershire",
    "Greater Manchester",
    "Gwent",
    "Hampshire",
    "Hertfordshire",
    "Humberside",
    "Kent",
    "Lancashire",
    "Leicestershire",
    "Lincolnshire",
    "Merseyside",
    "Metropolitan Police",
    "Norfolk",
    "North Wales",
    "North Yorkshire",
    "Northamptonshire",
    "Northumbria",
    "Nottinghamshire",
    "South Wales",
    "South Yorkshire",
    "Staffordshire",
    "Suffolk",
    "Surrey",
    "Sussex",
    "Thames Valley",
    "Warwickshire",
    "West Mercia",
    "West Midlands",
    "West Yorkshire",
    "Wiltshire",
)
_SPECIAL = ("British Transport Police", "Ministry of Defence Police")
_INELIGIBLE = (
    "An Garda Síochána",
    "Belfast Harbour Police",
    "Border Force",
    "Civil Nuclear Constabulary",
    "Counter Terrorism Policing",
    "Crown Prosecution Service",
    "Guernsey Police",
    "HM Prison and Probation Service",
    "HM Revenue and Customs",
    "Home Office",
    "Immigration Enforcement",
    "Independent Office for Police Conduct",
    "Isle of Man Constabulary",
    "Local authority",
    "National Crime Agency",
    "Police Scotland",
    "Police Service of Northern Ireland",
    "Port of Dover Police",
    "Port of Liverpool Police",
    "Port of Tilbury Police",
    "Probation Service",
    "Royal Air Force Police",
    "Royal Military Police",
    "Royal Navy Police",
    "Serious Fraud Office",
    "States of Jersey Police",
)
_ALSO_CALLED = {
    "Avon and Somerset": ("ASP", "ASC"),
    "British Transport Police": ("BTP", "British Transport", "Transport Police"),
    "City of London": ("CoLP", "London, City of"),
    "Civil Nuclear Constabulary": ("CNC",),
    "Crown Prosecution Service": ("CPS",),
    "Devon and Cornwall": ("D&C", "DCP"),
    "Durham": ("County Durham",),
    "Dyfed-Powys": ("DPP", "Heddlu Dyfed-Powys"),
    "Greater Manchester": ("GMP",),
    "Gwent": ("Heddlu Gwent",),
    "HM Prison and Probation Service": ("HMPPS", "HM Prison Service"),
    "HM Revenue and Customs": ("HMRC",),
    "Hampshire": ("Hampshire and Isle of Wight", "HIOWC"),
    "Independent Office for Police Conduct": ("IOPC",),
    "Isle of Man Constabulary": ("Isle of Man Police",),
    "Local authority": ("Council", "Local council"),
    "Metropolitan Police": ("Met", "MPS", "Metropolitan Police Service London", "Scotland Yard"),
    "Ministry of Defence Police": ("MDP", "MoD Police"),
    "National Crime Agency": ("NCA",),
    "North Wales": ("NWP", "Heddlu Gogledd Cymru"),
    "North Yorkshire": ("NYP",),
    "Police Scotland": ("Police Service of Scotland", "PSoS", "Scottish Police"),
    "Police Service of Northern Ireland": ("PSNI", "Northern Ireland Police"),
    "Probation Service": ("Probation", "National Probation Service"),
    "Royal Air Force Police": ("RAF Police",),
    "Royal Military Police": ("RMP",),
    "Serious Fraud Office": ("SFO",),
    "South Wales": ("SWP", "Heddlu De Cymru"),
    "South Yorkshire": ("SYP",),
    "States of Jersey Police": ("Jersey Police", "SoJP"),
    "Thames Valley": ("TVP",),
    "West Mercia": ("WMerP",),
    "West Midlands": ("WMP",),
    "West Yorkshire": ("WYP",),
}
_SUFFIXES = ("", " police", " constabulary", " police service", " police force")


def _plain(name: str) -> str:
    words = re.sub(r"[\W_]+", " ", name.casefold().replace("&", " and ")).split()
    return " ".join(words[1:] if words[:1] == ["the"] else words)


def _names(force: Force) -> set[str]:
    plain = {_plain(name) for name in (force.name, *_ALSO_CALLED.get(force.name, ()))}
    if force.kind is not ForceKind.TERRITORIAL:
        return plain
    return {name.removesuffix(" police") + suffix for name in plain for suffix in _SUFFIXES}


FORCES: tuple[Force, ...] = (
    *(Force(name, ForceKind.TERRITORIAL) for name in _TERRITORIAL),
    *(Force(name, ForceKind.SPECIAL) for name in _SPECIAL),
    *(Force(name, ForceKind.INELIGIBLE) for name in _INELIGIBLE),
)
ELIGIBLE = tuple(force.name for force in FORCES if force.kind is not ForceKind.INELIGIBLE)
"""The names of those whose chief officer may apply."""

_BY_NAME = {name: force for force in FORCES for name in _names(force)}
