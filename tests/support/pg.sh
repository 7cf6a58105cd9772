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
types_of() { sql "select string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' order by attnum) from pg_attribute where attrelid = '$1'::regclass and attnum > 0 and not attisdropped"; }
