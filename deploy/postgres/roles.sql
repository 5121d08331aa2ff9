-- The roles of the log, and the schemas of the log and of what is kept beside it. Run once in the log's database by an
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
    -- Nobody else, and least of all the role that reads the keys.
    EXECUTE format('REVOKE CONNECT ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format(
        'GRANT CONNECT ON DATABASE %I TO spowatch_owner, spowatch_writer, spowatch_reader',
        current_database()
    );
END
$$;

REVOKE CREATE ON SCHEMA public FROM PUBLIC;
CREATE SCHEMA IF NOT EXISTS spowatch AUTHORIZATION spowatch_owner;
CREATE SCHEMA IF NOT EXISTS sheets AUTHORIZATION spowatch_owner;
CREATE SCHEMA IF NOT EXISTS relay AUTHORIZATION spowatch_owner;
CREATE SCHEMA IF NOT EXISTS seal AUTHORIZATION spowatch_owner;

-- What the role `project` fills it also makes, drops and makes anew: the writer owns it all.
CREATE SCHEMA IF NOT EXISTS projections AUTHORIZATION spowatch_writer;
GRANT USAGE ON SCHEMA projections TO spowatch_reader;
-- Pages read the sheets as the reader, who sees the rows of one force at a time (row-level security).
GRANT spowatch_reader TO spowatch_writer;
ALTER DEFAULT PRIVILEGES FOR ROLE spowatch_writer IN SCHEMA projections
    GRANT SELECT ON TABLES TO spowatch_reader;
