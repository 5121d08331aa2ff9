"""Claims about which bodies are police forces that may apply."""

import pytest

from domain.forces import FORCES, ForceKind, find_force


def _kind_of(name: str) -> ForceKind | None:
    force = find_force(name)
    return None if force is None else force.kind


def test_england_and_wales_have_exactly_43_territorial_forces() -> None:
    names = {force.name for force in FORCES if force.kind is ForceKind.TERRITORIAL}

    assert len(names) == 43


def test_every_body_is_found_by_its_own_name() -> None:
    assert [find_force(force.name) for force in FORCES] == list(FORCES)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("kent", "Kent"),
        ("KENT POLICE", "Kent"),
        ("  The Kent Constabulary ", "Kent"),
        ("Devon & Cornwall Police", "Devon and Cornwall"),
        ("Dyfed Powys", "Dyfed-Powys"),
        ("London, City of", "City of London"),
        ("the City of London Police", "City of London"),
        ("Met", "Metropolitan Police"),
        ("Met Police", "Metropolitan Police"),
        ("MPS", "Metropolitan Police"),
        ("Metropolitan", "Metropolitan Police"),
        ("The Metropolitan Police Service", "Metropolitan Police"),
        ("GMP", "Greater Manchester"),
        ("WMP", "West Midlands"),
        ("TVP", "Thames Valley"),
        ("Hampshire and Isle of Wight Constabulary", "Hampshire"),
        ("BTP", "British Transport Police"),
        ("MoD Police", "Ministry of Defence Police"),
        ("PSNI", "Police Service of Northern Ireland"),
        ("NCA", "National Crime Agency"),
        ("CNC", "Civil Nuclear Constabulary"),
    ],
)
def test_a_force_is_found_as_people_write_it(written: str, meant: str) -> None:
    force = find_force(written)

    assert force is not None
    assert force.name == meant


@pytest.mark.parametrize("name", ["British Transport Police", "Ministry of Defence Police"])
def test_two_special_forces_apply_without_an_area(name: str) -> None:
    assert _kind_of(name) is ForceKind.SPECIAL


@pytest.mark.parametrize(
    "name",
    [
        "Police Scotland",
        "PSNI",
        "National Crime Agency",
        "Civil Nuclear Constabulary",
        "Port of Dover Police",
        "States of Jersey Police",
        "Royal Military Police",
        "HMRC",
        "Border Force",
        "CPS",
        "Probation",
        "local authority",
    ],
)
def test_a_body_that_is_no_chief_officer_of_police_may_not_apply(name: str) -> None:
    assert _kind_of(name) is ForceKind.INELIGIBLE


@pytest.mark.parametrize("name", ["", "the", "Police", "Ruritania", "Ministry of Defence", "Kents"])
def test_an_unknown_name_is_no_force(name: str) -> None:
    assert find_force(name) is None
