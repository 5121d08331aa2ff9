-- The roles of the key store and the schema it lives in. Run once in its database, which is not the
-- log's, by an administrator of the server, before `spowatch migrate`; running it again changes
-- nothing.
--
--     psql --set ON_ERROR_STOP=1 --dbname spowatch_keys --file keys_roles.sql
--
-- They may log in, but have no password: give them one (\password), a certificate or a line in
-- pg_hba.conf. `spowatch migrate` runs with SPO_KEYS__DSN of spowatch_keys_owner, every role with that
-- of spowatch_keys. Nobody else may connect: whoever copies the log must not come by its keys.
-- Backups of this database go to another place than the log's, and are kept only as long as a key
-- that was destroyed may still be brought back.

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['spowatch_keys_owner', 'spowatch_keys'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
            EXECUTE format(
                'CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION', name
            );
        END IF;
    END LOOP;
    EXECUTE format('REVOKE CONNECT ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format(
        'GRANT CONNECT ON DATABASE %I TO spowatch_keys_owner, spowatch_keys', current_database()
    );
END
$$;

REVOKE CREATE ON SCHEMA public FROM PUBLIC;
CREATE SCHEMA IF NOT EXISTS keys AUTHORIZATION spowatch_keys_owner;
