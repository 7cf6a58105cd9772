#!/usr/bin/env bash
# examples/water/retention in InfluxDB 2.7: minutes, hours and days by pipelines and by the server's tasks in Flux, from the same readings. Python
# finds the same figures in the readings.
# labels: influx2
# asked: influx2
# programs: go cargo
# tools: influx-query influx-load win-agg pipe-run
# timeout: 1200
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
start_influx2
fail() { echo "FAILED: $*" >&2; tail -n 20 ./*.err >&2; exit 1; }
cp "$WEIR_SOURCE"/examples/water/retention/* .
export INFLUX_URL=$INFLUX2_URL INFLUX_ORG=weir INFLUX_TOKEN=$INFLUX2_TOKEN
api() { curl -sS --fail-with-body -H "Authorization: Token $INFLUX2_TOKEN" "$INFLUX2_URL/api/v2/$1" "${@:2}"; }

# The pipelines work in the buckets of water, the tasks in those of tasks. Both look at all readings; the pipelines look often.
org=$(jq -r .org.id "$PARTS/influx2/setup")
for bucket in water tasks; do
  for each in :7 /minutes:30 /hours:365 /days:0; do
    api buckets --json "{\"orgID\":\"$org\",\"name\":\"$bucket${each%:*}\",\"retentionRules\":[{\"type\":\"expire\",\"everySeconds\":$((${each#*:} * 86400))}]}" >made ||
      fail "a bucket: $(cat made)"
  done
done
sed -i -E 's|--db water --retention-policy ([a-z]+)|--bucket water/\1|; s|--db water|--bucket water|; /^influx-query/s/--every [0-9a-z]+/--every 50ms/' ./*.pipe
sed -i -E 's|"water|"tasks|; s/truncate\(t: -[0-9a-z]+/truncate(t: -4d/; s/"tasks_quality/"water_quality/' ./*.flux

source "$WEIR_SOURCE/tests/support/retention.sh"
make_readings
for bucket in water tasks; do
  influx-load --bucket $bucket --measurement water_quality --tags plant_id=plantId,parameter --fields value --precision s --rejects old-$bucket readings.ndjson 2>load.err ||
    fail "influx-load"
  [ "$(jq -r '.reason[:90]' old-$bucket)" = '422: failure writing points to database: partial write: dropped 1 points outside retention' ] ||
    fail "a reading that is too old: $(cat old-$bucket)"
done

for name in minutes hours days; do
  pipe-run $name.pipe 2>$name.err &
  parts_pids+=("$!")
done
# The tasks are started once each, in their order, and not only when their minute, ten minutes or hour has come.
for name in minutes hours days; do
  task=$(jq -n --arg flux "$(cat $name.flux)" '{org: "weir", flux: $flux}' | api tasks --json @- | jq -r .id) || fail "the task $name"
  run=$(api "tasks/$task/runs" --json '{}' | jq -r .id)
  has_run() { api "tasks/$task/runs/$run" | jq -e '.status | IN("success", "failed")' >/dev/null; }
  wait_until 60 has_run || fail "the task $name"
  api "tasks/$task/runs/$run" | jq -e '.status == "success"' >/dev/null || fail "$(api "tasks/$task/runs/$run/logs")"
done

rows_of() { influx-query --bucket "$1/$2" --measurement "$3" --since 365d; }
compare_ways
[ ! -s minutes-late.ndjson ] || fail "late minutes"
