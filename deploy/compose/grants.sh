#!/bin/sh
# Who may do what, after each migration.
set -eu
PGPASSWORD=$(cat /run/secrets/db_password)
export PGPASSWORD
psql --single-transaction --set ON_ERROR_STOP=1 --host log --username spowatch_owner --dbname spowatch \
    --file /sql/grants.sql
psql --single-transaction --set ON_ERROR_STOP=1 --host keys --username spowatch_keys_owner \
    --dbname spowatch_keys --file /sql/keys_grants.sql
