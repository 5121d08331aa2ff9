"""Claims about where a written place lies."""

import pytest

from domain.forces import ForceKind, find_force
from domain.places import Jurisdiction, Place, inside, locate
from domain.places import _gazetteer as gazetteer

EW = Jurisdiction.ENGLAND_AND_WALES
SCOTLAND = Jurisdiction.SCOTLAND
NI = Jurisdiction.NORTHERN_IRELAND
ABROAD = Jurisdiction.OUTSIDE_UK


@pytest.mark.parametrize(
    ("text", "area"),
    [
        ("Leeds", "West Yorkshire"),
        ("12 Edinburgh Road, Leeds", "West Yorkshire"),
        ("12 Edinburgh Road, Leeds LS1 4AP", "West Yorkshire"),
        ("12 Edinburgh Road Leeds", "West Yorkshire"),
        ("Leeds, England", "West Yorkshire"),
        ("Leeds, UK", "West Yorkshire"),
        ("Newport", "Gwent"),
        ("Newport, Isle of Wight", "Hampshire"),
        ("Newport (Isle of Wight)", "Hampshire"),
        ("Ashford, Surrey", "Surrey"),
        ("Boston", "Lincolnshire"),
        ("Cambridge", "Cambridgeshire"),
        ("Birmingham", "West Midlands"),
        ("Bangor", "North Wales"),
        ("Durham", "Durham"),
        ("York", "North Yorkshire"),
        ("Newcastle", "Northumbria"),
        ("Washington", "Northumbria"),
        ("Richmond", "Metropolitan Police"),
        ("London", "Metropolitan Police"),
        ("London Borough of Camden", "Metropolitan Police"),
        ("City of London", "City of London"),
        ("Saint Helens", "Merseyside"),
        ("St. Helens", "Merseyside"),
        ("King's Lynn", "Norfolk"),
        ("Bury St Edmunds", "Suffolk"),
        ("Brighton pier", "Sussex"),
        ("Newport Isle of Wight", "Hampshire"),
        ("Manchester Victoria", "Greater Manchester"),
        ("Kingston", "Metropolitan Police"),
    ],
)
def test_a_known_place_in_england_and_wales_has_its_police_area(text: str, area: str) -> None:
    assert locate(text) == Place(EW, area, confirmed=True)


@pytest.mark.parametrize(
    ("text", "jurisdiction"),
    [
        ("Glasgow", SCOTLAND),
        ("glasgow", SCOTLAND),
        ("Glasgow Central station", SCOTLAND),
        ("Edinburgh Waverley", SCOTLAND),
        ("5 Royal Mile, Edinburgh", SCOTLAND),
        ("5 Royal Mile Edinburgh", SCOTLAND),
        ("1 High Street, EH1 1AA", SCOTLAND),
        ("Perth", SCOTLAND),
        ("Perth, Australia", ABROAD),
        ("Perth Australia", ABROAD),
        ("Belfast", NI),
        ("Derry", NI),
        ("Bangor, Northern Ireland", NI),
        ("Newcastle, Co. Down", NI),
        ("Bangor, Co. Down, BT20 3BB", NI),
        ("Dublin", ABROAD),
        ("Paris", ABROAD),
        ("Nice", ABROAD),
        ("Alicante", ABROAD),
        ("Alicante Spain", ABROAD),
        ("Benidorm", ABROAD),
        ("a hotel in Benidorm", ABROAD),
        ("Málaga", ABROAD),
        ("the Hague", ABROAD),
        ("Amsterdam Schiphol", ABROAD),
        ("Spain", ABROAD),
        ("Jersey", ABROAD),
        ("Isle of Man", ABROAD),
        ("Birmingham, Alabama", ABROAD),
    ],
)
def test_a_place_beyond_the_border_has_no_police_area(
    text: str, jurisdiction: Jurisdiction
) -> None:
    assert locate(text) == Place(jurisdiction, None, confirmed=True)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "UK",
        "the shop",
        "Dublin Street",
        "8 Paris Avenue",
        "Dublin St car park",
        "12 Jersey Rd",
        "Hamilton House",
        "Nice cafe on the corner",
        "Keith the neighbour",
        "Nowhere-under-Water",
    ],
)
def test_an_unknown_place_or_a_street_is_england_and_wales_unconfirmed(text: str) -> None:
    assert locate(text) == Place(EW, None, confirmed=False)


def test_a_nation_alone_is_confirmed_but_has_no_police_area() -> None:
    assert locate("England") == Place(EW, None, confirmed=True)


@pytest.mark.parametrize(
    ("place", "locality"),
    [
        ("Maidstone", "Kent"),
        ("12 High Street, Maidstone", "Maidstone"),
        ("Headingley, Leeds", "leeds"),
        ("Kent", "Kent Police"),
        ("Oxford", "Thames Valley"),
        ("Exeter", "Devon"),
        ("Croydon", "London"),
        ("Croydon", "Greater London"),
        ("Croydon", "Metropolitan Police"),
        ("London", "Metropolitan Police"),
        ("Greater London", "London"),
        ("City of London", "London"),
        ("Darlington", "County Durham"),
        ("the Acacia Centre", "the acacia centre"),
        ("Glasgow", "Scotland"),
        ("Leeds", "England"),
        ("Leeds", "England and Wales"),
        ("Cardiff", "Wales"),
    ],
)
def test_a_place_in_the_locality_is_inside(place: str, locality: str) -> None:
    assert inside(place, locality) is True


@pytest.mark.parametrize(
    ("place", "locality"),
    [
        ("Leeds", "Kent"),
        ("Leeds", "Metropolitan Police"),
        ("Leeds, West Yorkshire", "London"),
        ("Truro", "Devon"),
        ("Glasgow", "Kent"),
        ("Perth, Australia", "Perth"),
        ("Cardiff", "England"),
        ("Leeds", "Wales"),
        ("Leeds", "Maidstone"),
        ("Alicante", "England and Wales"),
    ],
)
def test_a_place_known_to_be_elsewhere_is_not_inside(place: str, locality: str) -> None:
    assert inside(place, locality) is False


@pytest.mark.parametrize(
    ("place", "locality"),
    [
        ("the shop", "Kent"),
        ("Leeds", "the Acacia estate"),
        ("Kent", "Maidstone"),
        ("Darlington", "Durham"),
        ("Bradford", "Leeds"),
        ("Kent Road, somewhere", "Kent"),
        ("England", "Wales"),
        ("Wales", "England"),
        ("England", "Kent"),
        ("Sussex", "Crawley"),
        ("Glasgow", "Edinburgh"),
    ],
)
def test_the_table_says_so_when_it_cannot_tell(place: str, locality: str) -> None:
    assert inside(place, locality) is None


def test_every_police_area_in_the_table_is_a_territorial_force() -> None:
    areas = {entry.area for entry in gazetteer().values() if entry.area}
    forces = [find_force(area) for area in areas]

    assert len(areas) == 43
    assert all(force is not None and force.kind is ForceKind.TERRITORIAL for force in forces)


@pytest.mark.parametrize(
    ("jurisdiction", "at_least"), [(EW, 1000), (SCOTLAND, 150), (NI, 100), (ABROAD, 750)]
)
def test_the_table_is_full_enough(jurisdiction: Jurisdiction, at_least: int) -> None:
    names = [entry for entry in gazetteer().values() if entry.jurisdiction is jurisdiction]

    assert len(names) >= at_least
