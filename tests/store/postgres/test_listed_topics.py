"""Lists walk the log by topic without reading what is of other topics."""

from uuid import uuid4

import psycopg
import pytest

from domain.alerts import AlertRaised, AlertWithdrawn
from domain.orders import OrderOpened
from tests.store.postgres.places import Place

_MANY = """
INSERT INTO spowatch.events (originator_id, originator_version, topic, state)
SELECT %s || (i %% 500), i, CASE WHEN i %% 200 = 0 THEN %s ELSE 'spo.other.v1' END, '\\x00'
FROM generate_series(1, 20000) AS i
"""
_LIST = (
    "EXPLAIN SELECT position FROM spowatch.events "
    "WHERE position > 0 AND topic = ANY(%s) ORDER BY position LIMIT 1000"
)


@pytest.mark.parametrize(
    "topics", [[OrderOpened.TOPIC], [AlertRaised.TOPIC], [AlertRaised.TOPIC, AlertWithdrawn.TOPIC]]
)
def test_a_list_by_topic_reads_only_that_topic(place: Place, topics: list[str]) -> None:
    with psycopg.connect(place.administrator, autocommit=True) as administrator:
        administrator.execute(_MANY, [uuid4().hex, topics[0]])
        administrator.execute("ANALYZE spowatch.events")
        plan = administrator.execute(_LIST, [topics]).fetchall()
    assert any("events_listed" in row[0] for row in plan), plan
