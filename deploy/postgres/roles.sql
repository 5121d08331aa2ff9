-- The roles of the log and the schema it lives in. Run once in the log's database by an
-- administrator of the server, before `spowatch migrate`; running it again changes nothing.
--
--     psql --set ON_ERROR_STOP=1 --dbname spowatch --file roles.sql
--
-- They may log in, but have no password: give them one (\password), a certificate or a line in
-- pg_hba.conf. `spowatch migrate` runs as spowatch_owner, every role that writes as spowatch_writer,
-- what only reads as spowatch_reader.

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['spowatch_owner', 'spowatch_writer', 'spowatch_reader'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
            EXECUTE format(
                'CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION', name
            );
        END IF;
    END LOOP;
END
$$;

REVOKE CREATE ON SCHEMA public FROM PUBLIC;
CREATE SCHEMA IF NOT EXISTS spowatch AUTHORIZATION spowatch_owner;
