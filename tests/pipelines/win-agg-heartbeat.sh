#!/usr/bin/env bash
# Input that falls silent: the heartbeats of csv-tail close windows of every kind, through one win-agg and through two.
# labels: csv
# tools: csv-tail win-agg
# timeout: 300
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
cat >readings.csv <<'END'
timestamp,sensor,v
2020-01-01T00:00:05Z,a,1
2020-01-01T00:00:10Z,b,2
2020-01-01T00:00:20Z,a,4
2020-01-01T00:07:00Z,slow,8
END

tails=() filters=()
# silent NAME OPTION…: a win-agg behind a csv-tail that has nothing more to say. The pipe between them is one with a name: each can be waited for by itself.
silent() {
  local name=$1
  shift
  mkfifo "$name.pipe"
  csv-tail -f --heartbeat 100ms readings.csv >"$name.pipe" 2>"$name.tail" &
  tails+=($!)
  parts_pids+=($!)
  win-agg --by sensor --agg 'count() as n, sum(v) as v' "$@" <"$name.pipe" >"$name.rows" 2>"$name.words" &
  filters+=($!)
  parts_pids+=($!)
}
silent tumbling --every 1m
silent lateness --every 1m --lateness 1h
silent overlapping --size 90s --every 30s
silent calendar --every day --tz Europe/Athens
silent sessions --gap 12s
silent key --every 1m --watermark key
silent key-overlapping --size 90s --every 30s --watermark key
silent key-sessions --gap 12s --watermark key
silent late --every 1m --allow-late 30d
silent early --every 1m --early 10s
silent top --every 1m --top 1 --top-by v
silent records --count 3
mkfifo chain.pipe
win-agg --every 1m --watermark key --by sensor --agg 'count() as n' <(exec csv-tail -f --heartbeat 100ms readings.csv) 2>first.words >chain.pipe &
parts_pids+=($!)
chain=$!
win-agg --every 1d --time window_start --agg 'sum(n) as n' <chain.pipe >chain.rows 2>chain.words &
parts_pids+=($!)
filters+=($!)

sums() { grep -F '"partial":false' "$1.rows" | jq -s 'map(.n) | add'; }
has() { [ -f "$1.rows" ] && [ "$(sums "$1")" = "$2" ]; }
check() {  # NAME SUM: whole rows that hold so many records come while the input stays open
  wait_until 60 has "$1" "$2" || { echo "$1: no $2 records in whole rows"; cat "$1.rows" "$1.words"; exit 1; }
  echo "$1: $(grep -cF '"partial":false' "$1.rows") rows closed by heartbeats"
}
check tumbling 4
check lateness 4
check overlapping 12 # each record is in three windows
check calendar 4
check sessions 4
check key 4
check key-overlapping 12
check key-sessions 4
check late 4
check early 4
check top 3 # a has 5 of the first minute, slow 8 of its own
check chain 4
# Windows of records know no time; the watermark goes through all the same.
passed() { grep -q '"@ctl":"watermark"' "$1.rows"; }
wait_until 60 passed records
[ "$(grep -c window_end records.rows)" -eq 0 ]

# Rows stand before the watermark that says that no older ones come.
for name in tumbling overlapping sessions key key-overlapping key-sessions; do
  wait_until 60 passed "$name"
  jq -s -e '[.[] | .["@ctl"] // "row"] | index("watermark") == (map(select(. == "row")) | length)' "$name.rows" >/dev/null || { echo "$name: a row behind a watermark"; cat "$name.rows"; exit 1; }
done

# With the input at its end nothing is left but what has no time.
kill -TERM "${tails[@]}"
kill -TERM "$chain"
for pid in "${filters[@]}"; do wait "$pid"; done
[ "$(grep -cF '"partial":true' records.rows)" -eq 3 ] || { cat records.rows; exit 1; }
! grep -lF '"partial":true' tumbling.rows lateness.rows overlapping.rows calendar.rows sessions.rows key.rows key-overlapping.rows key-sessions.rows late.rows top.rows
echo "at the end nothing was left open but windows of so many records"
