# PostgreSQL. Sets PGHOST, PGPORT, PGUSER and PGDATABASE; PARTS_PG_BIN is the folder of its programs, the log is $PARTS/postgres/log.
# packages: postgresql postgresql-common postgresql-client
# shellcheck shell=bash

# PostgreSQL refuses to run as root, so root runs its programs as the user that its package made.
as_postgres() {
  if [ "$(id -u)" -eq 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}

start_postgres() {
  local dirs=(/usr/lib/postgresql/*/bin)
  PARTS_PG_BIN=${dirs[-1]}
  [ -x "$PARTS_PG_BIN/initdb" ] || { echo "parts: PostgreSQL is not installed; scripts/bootstrap installs it" >&2; exit 1; }
  PARTS_PG=$PARTS/postgres
  mkdir -p "$PARTS_PG"
  [ "$(id -u)" -ne 0 ] || chown postgres: "$PARTS_PG"
  export PGHOST=127.0.0.1 PGPORT PGUSER=weir PGDATABASE=postgres
  PGPORT=$(free_port)
  (cd "$PARTS_PG" && as_postgres "$PARTS_PG_BIN/initdb" -D "$PARTS_PG/data" -U weir -A trust -E UTF8 --locale=C.UTF-8 --no-sync) >"$PARTS/initdb.log" 2>&1 ||
    { cat "$PARTS/initdb.log" >&2; exit 1; }
  parts_stops+=('stop_postgres immediate')
  pg_control start
}

# PostgreSQL without fsync: quicker, and safe as long as the machine does not crash.
start_quick_postgres() {
  start_postgres
  psql -qc 'alter system set fsync = off' -c 'select pg_reload_conf()' >/dev/null
}

# pg_ctl with this server's options; start and restart wait until it is ready.
pg_control() {
  (cd "$PARTS_PG" && as_postgres "$PARTS_PG_BIN/pg_ctl" -D "$PARTS_PG/data" -w -t 300 -l "$PARTS_PG/log" \
    -o "-c listen_addresses=127.0.0.1 -c port=$PGPORT -c unix_socket_directories=$PARTS_PG -c timezone=UTC" "$@" >/dev/null) ||
    { cat "$PARTS_PG/log" >&2; return 1; }
}

stop_postgres() { [ ! -e "$PARTS_PG/data/postmaster.pid" ] || pg_control stop -m "${1:-fast}"; }
restart_postgres() { pg_control restart -m "${1:-fast}"; }
