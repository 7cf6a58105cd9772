# The checks of pg-load's tests, sourced after start_postgres.
# shellcheck shell=bash

export PSQLRC=/dev/null

sql() { psql -qAt -F '|' -c "$1"; }
shown=0
# same WHAT GOT EXPECTED
same() {
  [ "$2" = "$3" ] || { printf 'FAILED: %s\n--- got\n%s\n--- expected\n%s\n' "$1" "$2" "$3"; exit 1; }
  shown=$((shown + 1))
}
# exits STATUS COMMAND…: its standard error lands in `messages`.
exits() {
  local want=$1 got=0
  shift
  "$@" 2>messages || got=$?
  same "exit status of: $* ($(tail -1 messages))" "$got" "$want"
}
# logins_over_tls PASSWORD: ana logs in by it and device by its certificate, both over TLS alone. The server is server.pem, and ours.pem
# signs its clients (tests/support/certificates.sh).
logins_over_tls() {
  local data=$PARTS_PG/data
  cp server.pem "$data/server.crt"
  cp server.key "$data/server.key"
  cp ours.pem "$data/root.crt"
  printf 'hostssl all ana 127.0.0.1/32 scram-sha-256\nhostssl all device 127.0.0.1/32 cert\n' | cat - "$data/pg_hba.conf" >hba
  cp hba "$data/pg_hba.conf"
  chmod 600 "$data/server.key"
  [ "$(id -u)" -ne 0 ] || chown postgres: "$data"/{server.crt,server.key,root.crt,pg_hba.conf}
  psql -q -c "create role ana login password '$1'" -c "create role device login" -c "alter system set ssl = on" \
    -c "alter system set ssl_ca_file = 'root.crt'" -c "select pg_reload_conf()" >/dev/null
}
types_of() { sql "select string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' order by attnum) from pg_attribute where attrelid = '$1'::regclass and attnum > 0 and not attisdropped"; }
