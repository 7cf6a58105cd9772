#!/usr/bin/env bash
# Hostile clients and records: dash-serve goes on serving, within its memory.
# tools: dash-serve
# timeout: 300
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
export no_proxy=127.0.0.1 NO_PROXY=127.0.0.1
mkfifo in
dash-serve --by city --listen 127.0.0.1:0 --history 32M --max-clients 2000 --max-per-address 100 --subscribers subscribers.csv <in 2>err &
parts_pids+=("$!")
server=$!
exec 9>in
wait_until 20 grep -q '://' err
/usr/bin/python3 "$WEIR_SOURCE/tests/support/dash-hostile" "$(grep -o '[0-9]*/$' err | tr -d /)" 2000
exec 9>&-
kill -TERM "$server"
wait "$server"
[ "$(grep -vc '://\|input has ended' err)" = 0 ] || { cat err; exit 1; }

# The map and the tables.
mkfifo places
dash-serve --by id --map lat,lon --map-level lv --map-label name --max-keys 100000 --history 32M --points 5 --table 'Rows=row,text?' --rows 10000 \
  --listen 127.0.0.1:0 <places 2>map.err &
parts_pids+=("$!")
server=$!
exec 9>places
wait_until 20 grep -q '://' map.err
/usr/bin/python3 "$WEIR_SOURCE/tests/support/dash-hostile-map" "$(grep -o '[0-9]*/$' map.err | tr -d /)"
exec 9>&-
kill -TERM "$server"
wait "$server"
[ "$(grep -c 'it is not on the map' map.err)" = 2 ] || { cat map.err; exit 1; }
