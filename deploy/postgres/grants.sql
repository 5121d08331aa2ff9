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
