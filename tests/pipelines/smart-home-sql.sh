#!/usr/bin/env bash
# examples/smart-home: every table that it fills equals what SQL makes of the same records: revisions, late records and the day's edge included.
# labels: pg
# tools: sensor-sim win-agg win-delta win-calc pg-load
# timeout: 300
set -euo pipefail
# shellcheck source=scripts/parts.sh
source "$WEIR_SOURCE/scripts/parts.sh"
parts_begin
export PATH=$WEIR_BIN:$PATH
start_postgres
cd "$PARTS"
sql() { psql -X -q -v ON_ERROR_STOP=1 -At "$@"; }
fail() { echo "FAILED: $*"; [ ! -f words ] || cat words; exit 1; }

# 40 days: 96 quarters of 7 sensors, 2 meters, 5 movements; each 20th and each 120th W1 once more; and a little of the day after.
count=$((40 * (96 * 7 + 2 + 5) + 40 * 96 / 20 + 40 * 96 / 120 + 7))
sensor-sim --smart-home --count $count >home.ndjson
SOURCE='cat home.ndjson' "$WEIR_SOURCE/examples/smart-home/smart-home.sh" 2>words || fail "the example ended with $?"
grep -q "win-agg: $count records in = $((count - 32)) in windows + 32 late + 0 rejected" words || fail "the records do not add up"

# The stream in its order, and how late each record came, by SQL alone.
jq -r '[.timestamp, .sensor, .value] | @tsv' home.ndjson | awk '{print NR "\t" $0}' >stream.tsv
sql <<'SQL'
CREATE TABLE arrived (id bigint, ts timestamptz, sensor text, value numeric);
\copy arrived FROM stream.tsv
CREATE TABLE stream AS SELECT *, max(ts) OVER (ORDER BY id) - ts AS late FROM arrived;
CREATE TABLE days AS
  SELECT sensor, date_trunc('day', ts - interval '1 microsecond', 'UTC') + interval '1 day' AS day,
         avg(value) AS avg, sum(value) AS sum, max(value) AS max
  FROM stream WHERE late <= interval '2 days' GROUP BY 1, 2;
CREATE TABLE expected AS
  SELECT sensor, day, avg, sum, max, max - lag(max) OVER (PARTITION BY sensor ORDER BY day) AS used
  FROM days WHERE day <= (SELECT max(ts) FROM stream);
CREATE VIEW parts AS SELECT day, max(used) FILTER (WHERE sensor = 'Etot') AS energy, max(used) FILTER (WHERE sensor = 'Wtot') AS water,
    sum(sum) FILTER (WHERE sensor ~ '^(HVAC|MiAC)') AS coolers, sum(sum) FILTER (WHERE sensor = 'W1') AS w1
  FROM expected GROUP BY day HAVING bool_or(sensor = 'Etot');
SQL

rows=0
# same WHAT A B: the same rows in both, each as often.
same() {
  local differ n
  differ=$(sql -c "SELECT count(*) FROM (($2 EXCEPT ALL $3) UNION ALL ($3 EXCEPT ALL $2)) AS differ")
  n=$(sql -c "SELECT count(*) FROM ($3) AS expected")
  if [ "$differ" != 0 ] || [ "$n" = 0 ]; then fail "$1: $differ rows differ, $n are expected"; fi
  rows=$((rows + n))
}
sensors=$(sql -c "SELECT string_agg(DISTINCT sensor, ' ') FROM stream")
for sensor in $sensors; do
  same "${sensor}_raw" "SELECT timestamp, value FROM \"${sensor}_raw\"" "SELECT ts, value FROM stream WHERE sensor = '$sensor'"
  same "${sensor}_day" \
    "SELECT window_start, window_end, round(avg::numeric, 9), round(sum::numeric, 9), max, used, partial FROM \"${sensor}_day\"" \
    "SELECT day - interval '1 day', day, round(avg, 9), round(sum, 9), max, used, false FROM expected WHERE sensor = '$sensor'"
done
same EnergyRest_day 'SELECT window_end, round(value::numeric, 6) FROM "EnergyRest_day"' 'SELECT day, round(energy - coolers, 6) FROM parts'
same WaterRest_day 'SELECT window_end, round(value::numeric, 9) FROM "WaterRest_day"' 'SELECT day, round(water - w1, 9) FROM parts'
same late_taken "SELECT timestamp, value, late_by + interval '1 second' FROM late_taken" "SELECT ts, value, late FROM stream WHERE late = interval '2 days'"
same late_refused "SELECT timestamp, value, late_by + interval '1 second' FROM late_refused" "SELECT ts, value, late FROM stream WHERE late = interval '10 days'"

revised=$(sql -c 'SELECT count(*) FROM "WaterRest_day" WHERE rev > 0')
[ "$revised" -ge 35 ] || fail "only $revised days of the water's rest were revised"
echo "24 tables, $rows rows equal SQL's over $count records; $revised days of the water's rest were written again after late records"

# The same while it comes in: days are there before the house has come to an end.
sql -c 'DROP TABLE "WaterRest_day"'
run_group "SOURCE='sensor-sim --smart-home --speed 172800' $WEIR_SOURCE/examples/smart-home/smart-home.sh 2>live"
two_days() { [ "$(sql -c 'SELECT count(value) FROM "WaterRest_day"')" -ge 2 ]; }
wait_until 60 two_days
stop_groups
echo "live: a day of the house in half a second, its days in the table while it goes on"
