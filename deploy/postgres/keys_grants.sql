-- Who may do what with the keys. Run in their database as spowatch_keys_owner after each
-- `spowatch migrate`; running it again changes nothing.
--
--     psql --single-transaction --set ON_ERROR_STOP=1 \
--         --username spowatch_keys_owner --dbname spowatch_keys --file keys_grants.sql
--
-- Nobody is given DELETE or TRUNCATE, or the primary key to change: the row of a destroyed key stays,
-- so that the key is never made again.

REVOKE ALL ON ALL TABLES IN SCHEMA keys FROM PUBLIC, spowatch_keys;

GRANT USAGE ON SCHEMA keys TO spowatch_keys;
GRANT SELECT ON ALL TABLES IN SCHEMA keys TO spowatch_keys;
GRANT INSERT, UPDATE (wrapped, destroyed_at) ON keys.data_keys TO spowatch_keys;
