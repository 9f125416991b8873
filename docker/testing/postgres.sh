#!/bin/sh
set -eu
bin=$(echo /usr/lib/postgresql/*/bin)
data=/var/lib/postgresql/data
PATH=$bin:$PATH
if [ ! -f "$data/PG_VERSION" ]; then
    rm -rf "$data.partial"
    (umask 077; printf '%s\n' "$POSTGRES_PASSWORD" > /tmp/password)
    initdb --pgdata "$data.partial" --username "$POSTGRES_USER" --pwfile /tmp/password --auth scram-sha-256 >/dev/null
    rm /tmp/password
    echo "host all all all scram-sha-256" >> "$data.partial/pg_hba.conf"
    echo "CREATE DATABASE \"$POSTGRES_DB\"" \
        | postgres --single -D "$data.partial" postgres >/dev/null
    mv "$data.partial" "$data"
fi
exec postgres -D "$data" -c listen_addresses='*' -c unix_socket_directories=/tmp
