#!/bin/sh
# Gives the roles that roles.sql or keys_roles.sql made the password of this trial, once, when the database is made.
set -eu
password=$(cat /run/secrets/db_password)
psql --quiet --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname "$POSTGRES_DB" \
    --set password="$password" <<'SQL'
SELECT format('ALTER ROLE %I PASSWORD %L', rolname, :'password') FROM pg_roles WHERE rolname LIKE 'spowatch%'
\gexec
SQL
