"""The names of the sheets that a runner keeps up to the log, as people give them."""

from enum import StrEnum


class SheetName(StrEnum):
    """Also the name of the table under which each is read."""

    ARREST_BOARD = "arrest_board"
    CASELOAD = "caseload"
    COURT_DIARY = "court_diary"
    ORDER_REGISTER = "order_register"
    STATISTICS = "statistics"
