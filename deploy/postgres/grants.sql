-- Who may do what with the log. Run in its database as spowatch_owner after each
-- `spowatch migrate`; running it again changes nothing.
--
--     psql --single-transaction --set ON_ERROR_STOP=1 \
--         --username spowatch_owner --dbname spowatch --file grants.sql
--
-- Nobody is given UPDATE, DELETE or TRUNCATE on events: what was recorded stays. Nobody is given
-- the column `position`: the table hands positions out, in the order of the commits.

REVOKE ALL ON ALL TABLES IN SCHEMA spowatch FROM PUBLIC, spowatch_writer, spowatch_reader;

GRANT USAGE ON SCHEMA spowatch TO spowatch_writer, spowatch_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA spowatch TO spowatch_writer, spowatch_reader;

GRANT INSERT (originator_id, originator_version, topic, state) ON spowatch.events TO spowatch_writer;
GRANT INSERT, UPDATE ON spowatch.tracking TO spowatch_writer;
GRANT EXECUTE ON FUNCTION spowatch.append(
    text[], integer[], text[], bytea[], integer[], text[], bigint[]
) TO spowatch_writer;

-- The deadline sheet comes back from the log, so who sweeps may also empty it.
REVOKE ALL ON ALL TABLES IN SCHEMA sheets FROM PUBLIC, spowatch_writer, spowatch_reader;

GRANT USAGE ON SCHEMA sheets TO spowatch_writer, spowatch_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA sheets TO spowatch_writer, spowatch_reader;

GRANT INSERT, UPDATE, TRUNCATE ON sheets.agenda TO spowatch_writer;
GRANT INSERT, DELETE, TRUNCATE ON sheets.deadline TO spowatch_writer;
GRANT UPDATE ON sheets.bookmark TO spowatch_writer;
GRANT EXECUTE ON FUNCTION sheets.hold(
    uuid[], integer[], uuid[], timestamptz[], text[], text[], text[], smallint[],
    bigint, bigint, timestamptz
), sheets.claim(timestamptz, integer, interval), sheets.clear(), sheets.work_by(bigint)
TO spowatch_writer;

-- The relay's ledger: what it sent where, how far it is, and whose turn it is.
REVOKE ALL ON ALL TABLES IN SCHEMA relay FROM PUBLIC, spowatch_writer, spowatch_reader;

GRANT USAGE ON SCHEMA relay TO spowatch_writer, spowatch_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA relay TO spowatch_writer, spowatch_reader;

GRANT INSERT, UPDATE, DELETE ON relay.sent TO spowatch_writer;
GRANT UPDATE ON relay.cursor, relay.lease TO spowatch_writer;

-- The checkpoints of the seal: added, and never changed.
REVOKE ALL ON ALL TABLES IN SCHEMA seal FROM PUBLIC, spowatch_writer, spowatch_reader;

GRANT USAGE ON SCHEMA seal TO spowatch_writer, spowatch_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA seal TO spowatch_writer, spowatch_reader;

GRANT INSERT ON seal.checkpoints TO spowatch_writer;
