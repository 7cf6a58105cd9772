#!/usr/bin/env bash
# examples/smart-home: every table that it fills equals what SQL makes of the same records: revisions, late records and the day's edge included.
# So does every table that it fills through Kafka, a topic a sensor in Avro.
# labels: pg kafka
# tools: sensor-sim win-agg win-delta win-calc pg-load kafka-pub kafka-sub
# timeout: 300
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
start_postgres
sql() { PGOPTIONS='-c jit=off' psql -X -q -v ON_ERROR_STOP=1 -At "$@"; }
fail() { echo "FAILED: $*"; [ ! -f messages ] || cat messages; exit 1; }

# 40 days: 96 quarters of 7 sensors, 2 meters, 5 movements; each 20th and each 120th W1 once more; and a little of the day after.
count=$((40 * (96 * 7 + 2 + 5) + 40 * 96 / 20 + 40 * 96 / 120 + 7))
sensor-sim --smart-home --count $count >home.ndjson
SOURCE='cat home.ndjson' "$WEIR_SOURCE/examples/smart-home/smart-home.sh" 2>messages || fail "the example ended with $?"
grep -q "win-agg: $count records in = $((count - 32)) in windows + 32 late + 0 rejected" messages || fail "the records do not add up"

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

# The house is as sensor-sim(1) describes it: what each sensor sends and when, the meters' days, and which records are late.
house=$(sql <<'SQL'
WITH kept AS (SELECT *, date_trunc('day', ts - interval '1 microsecond', 'UTC') AS day FROM stream WHERE late < interval '1 day'),
whole AS (SELECT * FROM kept WHERE day < timestamptz '2020-02-10Z'),
quarters AS (SELECT sensor, count(*) = 40 * 96 AND count(DISTINCT ts) = 40 * 96 AND bool_and(extract(epoch FROM ts)::bigint % 900 = 0) AS at_each, min(value) AS least, max(value) AS most
             FROM whole WHERE sensor !~ 'tot|Mov' GROUP BY 1),
limits (sensor, low, high) AS (VALUES ('TH1', 12, 35), ('TH2', 12, 35), ('HVAC1', 0, 100), ('HVAC2', 0, 200), ('MiAC1', 0, 150), ('MiAC2', 0, 200), ('W1', 0, 1)),
meters AS (SELECT sensor, ts, value - lag(value) OVER (PARTITION BY sensor ORDER BY ts) AS used FROM whole WHERE sensor ~ 'tot'),
moves AS (SELECT day, count(*) AS n, count(DISTINCT ts) AS times, bool_and(value = 1) AS ones FROM whole WHERE sensor = 'Mov1' GROUP BY day),
late AS (SELECT sensor, late, count(*) AS n FROM stream WHERE late >= interval '1 day' GROUP BY 1, 2)
SELECT 'quarters', count(*), bool_and(at_each AND least >= low AND most <= high AND most - least > (high - low) * 0.6) FROM quarters JOIN limits USING (sensor)
UNION ALL SELECT 'first', 7, min(ts) = timestamptz '2020-01-01 00:15Z' FROM kept
UNION ALL SELECT 'meters', count(used), bool_and(CASE sensor WHEN 'Etot' THEN used BETWEEN 2600 * 24 - 1000 AND 2600 * 24 + 1000 ELSE used BETWEEN 100 AND 120 END)
    AND bool_and(ts = date_trunc('day', ts, 'UTC')) FROM meters WHERE used IS NOT NULL
UNION ALL SELECT 'movements', count(*), bool_and(n = 5 AND times = 5 AND ones) FROM moves
UNION ALL SELECT 'late', sum(n), bool_and(sensor = 'W1' AND (late, n) IN ((interval '2 days', 40 * 96 / 20), (interval '10 days', 40 * 96 / 120))) FROM late;
SQL
)
[ "$house" = "$(printf '%s\n' 'quarters|7|t' 'first|7|t' 'meters|78|t' 'movements|40|t' 'late|224|t')" ] || fail "the house is not as sensor-sim(1) describes it: $house"
echo "the house: seven sensors each quarter of an hour within their limits, two meters a day, five movements a day, 192 records two days late and 32 ten days"

# same WHAT A B: the same rows in both, each as often.
same() {
  local differ n
  differ=$(sql -c "SELECT count(*) FROM (($2 EXCEPT ALL $3) UNION ALL ($3 EXCEPT ALL $2)) AS differ")
  n=$(sql -c "SELECT count(*) FROM ($3) AS expected")
  if [ "$differ" != 0 ] || [ "$n" = 0 ]; then fail "$1: $differ rows differ, $n are expected"; fi
  rows=$((rows + n))
}
sensors=$(sql -c "SELECT string_agg(DISTINCT sensor, ' ') FROM stream")
compare_tables() {
  local sensor revised
  rows=0
  for sensor in $sensors; do
    same "${sensor}_raw" "SELECT timestamp, value::numeric FROM \"${sensor}_raw\"" "SELECT ts, value FROM stream WHERE sensor = '$sensor'"
    same "${sensor}_day" \
      "SELECT window_start, window_end, round(avg::numeric, 9), round(sum::numeric, 9), max, used, partial FROM \"${sensor}_day\"" \
      "SELECT day - interval '1 day', day, round(avg, 9), round(sum, 9), max, used, false FROM expected WHERE sensor = '$sensor'"
  done
  same EnergyRest_day 'SELECT window_end, round(value::numeric, 6) FROM "EnergyRest_day"' 'SELECT day, round(energy - coolers, 6) FROM parts'
  same WaterRest_day 'SELECT window_end, round(value::numeric, 9) FROM "WaterRest_day"' 'SELECT day, round(water - w1, 9) FROM parts'
  same late_taken "SELECT timestamp, value::numeric, late_by + interval '1 second' FROM late_taken" "SELECT ts, value, late FROM stream WHERE late = interval '2 days'"
  same late_refused "SELECT timestamp, value::numeric, late_by + interval '1 second' FROM late_refused" "SELECT ts, value, late FROM stream WHERE late = interval '10 days'"
  revised=$(sql -c 'SELECT count(*) FROM "WaterRest_day" WHERE rev > 0')
  [ "$revised" -ge 35 ] || fail "only $revised days of the water's rest were revised"
  echo "$1: 24 tables, $rows rows equal SQL's over $count records; $revised days of the water's rest were written again after late records"
}
compare_tables "a pipe"

# The same through Kafka, with a registry of schemas, into empty tables.
sql <<'SQL'
DO $$ DECLARE each text; BEGIN
  FOR each IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename ~ '_(raw|day|taken|refused)$' LOOP
    EXECUTE format('DROP TABLE %I', each);
  END LOOP;
END $$;
SQL
start_kafka
"$WEIR_SOURCE/tests/support/registry-server" port &
parts_pids+=("$!")
wait_until 30 test -s port
SOURCE='cat home.ndjson' TOPICS=t$$.home SCHEMA_REGISTRY_URL=http://127.0.0.1:$(cat port) \
  "$WEIR_SOURCE/examples/smart-home/kafka.sh" >table 2>messages || fail "the example with Kafka ended with $?"
grep -q "win-agg: $count records in = $((count - 32)) in windows + 32 late + 0 rejected" messages || fail "the records do not add up"
grep -q '^(4[0-9] rows)' table || fail "it prints no table: $(cat table)"
compare_tables "Kafka"

# The same while it comes in: days are there before the house has come to an end.
sql -c 'DROP TABLE "WaterRest_day"'
run_group "SOURCE='sensor-sim --smart-home --speed 172800' $WEIR_SOURCE/examples/smart-home/smart-home.sh 2>live"
two_days() { [ "$(sql -c 'SELECT count(value) FROM "WaterRest_day"')" -ge 2 ]; }
wait_until 60 two_days
stop_groups
echo "live: a day of the house in half a second, its days in the table while it goes on"
