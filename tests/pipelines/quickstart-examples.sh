#!/usr/bin/env bash
# scripts/quickstart --example runs each of the larger examples to its end, says what came out, and leaves nothing behind.
# labels: mqtt kafka pg redis influx smtp
# builds: release
# tools: sensor-sim anomaly-score edge-filter rec-enrich rec-dedup win-agg win-delta win-calc mqtt-sub mqtt-pub pipe-spool pipe-via pipe-run redis-load influx-load lake-load pg-load kafka-pub kafka-sub http-recv thresh-alert polyfit-predict influx-query rec-clean alert-notify ml-call dash-serve pipe-health
# timeout: 400
set -euo pipefail
TMPDIR=$(mktemp -d)
export TMPDIR
chmod 755 "$TMPDIR"
trap 'rm -rf "$TMPDIR"' EXIT
fail() { echo "FAILED: $*" >&2; cat "$TMPDIR/out" >&2; exit 1; }

# shows EXAMPLE WORDS…: all of the words are in what the example prints.
shows() {
  local example=$1 words
  shift
  "$WEIR_SOURCE/scripts/quickstart" --example "$example" >"$TMPDIR/out" 2>&1 || fail "$example: exit $?"
  for words in "$@" "== Done, after " "examples/$example/README.md"; do
    grep -qF -- "$words" "$TMPDIR/out" || fail "$example does not show: $words"
  done
  [ "$(ls -A "$TMPDIR")" = out ] || fail "$example leaves $(ls -A "$TMPDIR")"
}
shows smart-grid '"meter":"m000061","low":3' '"meter":"m000188","low":3'
shows smart-home '6900 records in = 6892 in windows + 8 late' '2020-01-03 |        66.43' '(10 rows)'
shows iot-platform 'broker: healthy redis: healthy influx: healthy ingest: healthy valid: healthy' 'On the map: 12 sensors, the first of them ["dev-athens, humidity",[23.75,38.02]]' '4608 readings measured, 1380 of them sent; lake/raw: 1375 that can be used, 5 that cannot' 'InfluxDB: 1375 points; Redis: 12 sensors, 98 alerts'
shows water 'broker: healthy kafka: healthy influx: healthy ingest: healthy page: healthy' '315 readings sent: 308 validated, 7 rejected' 'On the page, an answer of the model: {"plantId":"east"' 'CRITICAL: BOD = ' '64 alerts' 'at the webhook: 4' 'east: discharge, 0.9994' '"avg":17.87666666666667,"count":6'

status=0
"$WEIR_SOURCE/scripts/quickstart" --example weather >"$TMPDIR/out" 2>&1 || status=$?
[ $status = 2 ] && grep -q "'weather' is none of water, iot-platform, smart-home, smart-grid" "$TMPDIR/out" || fail "an example that is not there: exit $status"
echo "four examples, each to its end"
