#!/usr/bin/env bash
# examples/checkpoints: the pipeline file under kills, the crontab's batch twice, the unit as systemd takes it.
# labels: pg faults
# tools: sensor-sim csv-append csv-tail win-agg weather-advise pg-load pipe-run
# timeout: 300
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
example=$WEIR_SOURCE/examples/checkpoints
start_postgres
fail() { echo "FAILED: $*" >&2; tail -n 20 words >&2; exit 1; }
value() { psql -XqAt -c "$1"; }

sensor-sim --weather --cities 3 --every 10m --count 6000 >readings.ndjson
head -n 3000 readings.ndjson | csv-append readings.csv
pipe-run --restart-after 50ms --restart-at-most 200ms "$example/hours.pipe" 2>words &
runner=$!
parts_pids+=("$runner")
rows() { [ "$(value 'select count(*) from hours' 2>/dev/null || echo 0)" -ge "$1" ]; }
wait_until 60 rows 100
kills=0
for ((i = 0; i < 10; i++)); do
  victim=$(printf 'csv-tail\nwin-agg\npg-load\n' | shuf -n 1)
  # Only those that this runner has started.
  if pkill -KILL -P "$runner" -x "$victim"; then kills=$((kills + 1)); fi
  sed -n "$((3001 + i * 300)),$((3300 + i * 300))p" readings.ndjson | csv-append readings.csv
  sleep 0.1 # a kill at a random moment of the next start
done
# All windows but those still open at the end: those that the records alone would close.
win-agg --every 1h --lateness 10m --by city --drop-partial --agg 'avg(temperature_c) as mean, min(temperature_c) as least, max(temperature_c) as most, count() as n' readings.ndjson >expected.ndjson
wait_until 60 rows "$(wc -l <expected.ndjson)" || fail "$(value 'select count(*) from hours') of $(wc -l <expected.ndjson) hours"
kill -TERM "$runner"
wait "$runner" || fail "pipe-run ended with $?"
pg-load --table expected --create expected.ndjson
different=$(value 'select count(*) from (table hours except all table expected) a')
[ "$different" -eq 0 ] && [ "$(value 'select count(*) from hours')" -eq "$(wc -l <expected.ndjson)" ] || fail "$different hours differ"
[ "$(value "select count(*) from hours where window_end = window_start + interval '1 hour' and window_start < now() + interval '1 century' and n > 0")" -eq "$(wc -l <expected.ndjson)" ] ||
  fail "the types: $(value "select string_agg(column_name || ' ' || data_type, ', ') from information_schema.columns where table_name = 'hours'")"
pipe-run --inspect hours.state | jq -es 'map(select(.stage == "csv-tail").position) | any(test("readings.csv at byte"))' >/dev/null
echo "hours.pipe: $(wc -l <expected.ndjson) hours through $kills kills, each once"

# The crontab's line, as cron would run it, twice: the second takes what has come since.
line=$(sed -n 's/^\*\/15 \* \* \* \* //p' "$example/crontab")
export DATA=$PARTS WEIR_STATE=$PARTS/days.state
/bin/sh -c "$line"
before=$(value 'select count(*) from readings')
tail -n 5 readings.ndjson | env -u WEIR_STATE csv-append readings.csv
/bin/sh -c "$line"
/bin/sh -c "$line"
[ "$before" -eq 6000 ] && [ "$(value 'select count(*) from readings')" -eq 6005 ] || fail "the batch: $before, then $(value 'select count(*) from readings') rows"
echo "crontab: 6,000 rows, then 5 more, then none"

if command -v systemd-analyze >/dev/null; then
  # Paths of the unit that are not on this machine are no matter.
  systemd-analyze verify "$example/systemd/weir-hours.service" 2>verify || true
  ! grep -iE 'unknown|invalid|failed to parse|missing' verify || fail "the unit: $(cat verify)"
  echo "the unit: understood by systemd"
else
  fail "systemd-analyze is not installed; scripts/bootstrap installs it"
fi
