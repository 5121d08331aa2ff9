"""The opened log with everything that reads and writes it."""

from dataclasses import dataclass

from domain.register import OrderRegister
from spowatch.settings import Settings
from spowatch.store.event_reader import SqliteEventReader
from spowatch.store.keys import KeyStore
from spowatch.store.log_sqlite import SqliteLog
from spowatch.store.mapper import EventMapper


@dataclass(frozen=True, slots=True)
class Store:
    """What `wiring.opened` opened; whoever has it closes none of it."""

    settings: Settings
    log: SqliteLog
    keys: KeyStore
    mapper: EventMapper
    register: OrderRegister
    events: SqliteEventReader
