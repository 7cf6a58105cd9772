#!/usr/bin/env bash
# examples/water/retention: minutes, hours and days by pipelines and by continuous queries of InfluxDB 1.6, from the same readings. Python finds
# the same figures in the readings.
# labels: influx
# tools: influx-query influx-load win-agg pipe-run
# timeout: 300
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
start_influx
fail() { echo "FAILED: $*" >&2; tail -n 20 ./*.err >&2; exit 1; }
cp "$WEIR_SOURCE"/examples/water/retention/* .
# The pipelines work in the database water, the continuous queries in the database tasks. Both look at all readings, and often.
ask_influx 'drop database water' >dropped
statements() { while read -r line; do ask_influx "$line" | jq -e '.results | all(has("error") | not)' >/dev/null || fail "$line"; done; }
statements <setup.iql
sed 's/"water"/"tasks"/g' setup.iql | statements
sed -i -E '/^influx-query/s/--every [0-9a-z]+/--every 50ms/' ./*.pipe
[ "$(ask_influx 'show retention policies on water' | jq -c '[.results[0].series[0].values[] | [.[0], .[1], .[4]]]')" = \
  '[["autogen","0s",false],["raw","168h0m0s",true],["minutes","720h0m0s",false],["hours","8760h0m0s",false],["days","0s",false]]' ] || fail "retention policies"

source "$WEIR_SOURCE/tests/support/retention.sh"
make_readings
for base in water tasks; do
  influx-load --db $base --measurement water_quality --tags plant_id=plantId,parameter --fields value --precision s --rejects old-$base readings.ndjson 2>load.err ||
    fail "influx-load"
  [ "$(jq -r .reason old-$base)" = '400: partial write: points beyond retention policy dropped=1' ] || fail "a reading that is too old"
done

for name in minutes hours days; do
  pipe-run $name.pipe 2>$name.err &
  parts_pids+=("$!")
done
sed -E 's/"water"/"tasks"/g; s/RESAMPLE EVERY [0-9a-z]+ FOR [0-9a-z]+/RESAMPLE EVERY 1s FOR 4d/' tasks.iql | statements

rows_of() { influx-query --db "$1" --retention-policy "$2" --measurement "$3" --since 365d; }
compare_ways
[ ! -s minutes-late.ndjson ] || fail "late minutes"
