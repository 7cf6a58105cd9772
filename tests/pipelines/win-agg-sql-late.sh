#!/usr/bin/env bash
# Late records of win-agg against PostgreSQL: with --allow-late the rows that count in the end are those of all records; what is later still is
# set aside, by an independent rule; early rows are what SQL has of the first records; and the records always add up.
# labels: pg
# tools: csv-tail win-agg
# timeout: 300
set -euo pipefail
# shellcheck source=tests/support/win-agg-sql.sh
source "$WEIR_SOURCE/tests/support/win-agg-sql.sh"
readings_of Vancouver Phoenix Chicago Jerusalem

# final ROWS: the rows that count (the last one of each window and key, unless it is retracted) by window end and city; revisions must count up.
cat >final.py <<'PY'
import json, sys
last, revised = {}, 0
for line in open(sys.argv[1]):
    row = json.loads(line)
    place = row["window_end"], row["city"], row["window_start"]
    rev = row["rev"]
    assert rev > last[place]["rev"] if place in last and not last[place]["partial"] else rev >= 0, row
    revised += rev > 0
    last[place] = row
for place in sorted(last):
    row = last[place]
    if not row.pop("retracted", False):
        print(json.dumps(row))
assert revised > 1000, f"only {revised} rows were revised"
PY
stats() {  # RECORDS LATE REJECTED: what --stats has to say
  grep -q "$1 records in = $(($1 - $2 - $3)) in windows + $2 late + $3 rejected" words || { echo "expected $1 records, $2 late, $3 rejected:"; cat words; exit 1; }
}
aggregates='count() as n, max(temperature_c) as t, avg(pressure) as p, stddev(pressure) as spread, last(weather) as sky, median(humidity) as damp'
columns="city, count(*), max(temperature_c), avg(pressure), stddev_samp(pressure), (array_agg(weather ORDER BY timestamp DESC) FILTER (WHERE weather IS NOT NULL))[1],
  percentile_cont(0.5) WITHIN GROUP (ORDER BY humidity)"
# revised WINDOWS…: from shuffled input with little lateness; all records are taken in at last.
revised() {
  win-agg "$@" --lateness 2h --allow-late 4d --late none --late-copy copies --stats --by city --agg "$aggregates" shuffled.ndjson >rows.ndjson 2>words
  stats "$rows" 0 0
  /usr/bin/python3 final.py rows.ndjson >ours.ndjson
}
revised --every day --tz America/Sao_Paulo --closed right
theirs "SELECT z(d::timestamp AT TIME ZONE 'America/Sao_Paulo'), z((d + 1)::timestamp AT TIME ZONE 'America/Sao_Paulo'), $columns
  FROM (SELECT *, ((timestamp - interval '1 microsecond') AT TIME ZONE 'America/Sao_Paulo')::date AS d FROM readings) AS r GROUP BY d, city ORDER BY d, city" |
  same "--every day --tz America/Sao_Paulo --allow-late, $(wc -l <rows.ndjson) rows with $(wc -l <copies) records taken late, at last" ours.ndjson
rm copies
revised --size 12h --every 4h
theirs "SELECT z(ending - interval '12 hours'), z(ending), $columns
  FROM readings, LATERAL generate_series(to_timestamp((floor(extract(epoch FROM timestamp) / 14400) + 1) * 14400), timestamp + interval '12 hours', interval '4 hours') AS ending
  GROUP BY ending, city ORDER BY ending, city" |
  same "--size 12h --every 4h --allow-late, $(wc -l <rows.ndjson) rows with $(wc -l <copies) records taken late, at last" ours.ndjson
rm copies
# Less of it: a late record is in those of its windows that are still held. SQL knows from the order in which they came how far the watermark was.
win-agg --size 6h --every 1h --lateness 2h --allow-late 12h --late beyond.ndjson --stats --by city --agg "$aggregates" shuffled.ndjson >rows.ndjson 2>words
[ "$(wc -l <beyond.ndjson)" -gt 1000 ]
stats "$rows" "$(wc -l <beyond.ndjson)" 0
/usr/bin/python3 final.py rows.ndjson >ours.ndjson
run_sql -c "CREATE TABLE arrived (id bigserial, timestamp timestamptz, city text COLLATE \"C\")"
jq -r '[.timestamp, .city] | @csv' shuffled.ndjson | run_sql -c "\\copy arrived (timestamp, city) FROM STDIN CSV"
theirs "SELECT z(ending - interval '6 hours'), z(ending), $columns
  FROM (SELECT *, max(timestamp) OVER (ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) - interval '2 hours' AS watermark FROM arrived JOIN readings USING (timestamp, city)) AS r,
    generate_series(date_trunc('hour', timestamp, 'UTC') + interval '1 hour', timestamp + interval '6 hours', interval '1 hour') AS ending
  WHERE watermark IS NULL OR ending + interval '12 hours' > watermark GROUP BY ending, city ORDER BY ending, city" |
  same "--size 6h --every 1h --allow-late 12h, $(wc -l <rows.ndjson) rows, at last" ours.ndjson
rm beyond.ndjson

# One clock is ten days fast. With a watermark for each key that makes no other city's records late.
cp shuffled.ndjson right.ndjson
jq -c 'if .city == "Phoenix" then .timestamp |= (fromdate + 864000 | todate) else . end' right.ndjson >shuffled.ndjson
win-agg --every 1d --lateness 2h --allow-late 4d --late beyond.ndjson --by city --agg "$aggregates" shuffled.ndjson >rows.ndjson 2>words
[ "$(wc -l <beyond.ndjson)" -gt "$((rows / 2))" ]
revised --every 1d --watermark key
theirs "SELECT z(d), z(d + interval '1 day'), $columns
  FROM (SELECT *, date_trunc('day', timestamp + CASE WHEN city = 'Phoenix' THEN interval '10 days' ELSE interval '0' END, 'UTC') AS d FROM readings) AS r GROUP BY d, city ORDER BY d, city" |
  same "--watermark key, one of four clocks ten days fast, $(wc -l <copies) records taken late and none beyond ($(wc -l <beyond.ndjson) of $rows with one watermark), at last" ours.ndjson
rm beyond.ndjson copies
mv right.ndjson shuffled.ndjson

jq -c 'select(.wind_speed != null and .wind_speed >= 5)' shuffled.ndjson >windy.ndjson
rows=$(($(wc -l <windy.ndjson)))
mv windy.ndjson shuffled.ndjson
revised --gap 3h
theirs "WITH marked AS (
    SELECT *, CASE WHEN timestamp - lag(timestamp) OVER w < interval '3 hours' THEN 0 ELSE 1 END AS begins FROM readings
    WHERE wind_speed >= 5 WINDOW w AS (PARTITION BY city ORDER BY timestamp)),
  numbered AS (SELECT *, sum(begins) OVER (PARTITION BY city ORDER BY timestamp) AS session FROM marked)
  SELECT z(min(timestamp)), z(max(timestamp) + interval '3 hours'), $columns FROM numbered GROUP BY city, session ORDER BY max(timestamp), city" |
  same "--gap 3h --allow-late, $(wc -l <rows.ndjson) rows with $(wc -l <copies) records taken late, $(grep -c '"retracted":true' rows.ndjson) retracted, at last" ours.ndjson

# Less: what is late by an independent rule, and the rest equal to SQL without it.
{ sed -n '1,2000p' year.ndjson; echo '{"timestamp":"soon","city":"x"}'; sed -n '2001,$p' year.ndjson; } | /usr/bin/python3 -c '
import random, sys
random.seed(9)
lines = sys.stdin.readlines()
order = sorted(range(len(lines)), key=lambda i: i + random.uniform(0, 4 * 40))
sys.stdout.writelines(lines[i] for i in order)' >mixed.ndjson
rows=$(wc -l <mixed.ndjson)
win-agg --every 6h --lateness 6h --allow-late 12h --late beyond.ndjson --rejects bad.ndjson --stats --by city --agg "$aggregates" mixed.ndjson >rows.ndjson 2>words
/usr/bin/python3 - mixed.ndjson >late.rule <<'PY'
import datetime, json, sys
greatest, hour = None, datetime.timedelta(hours=1)
for line in open(sys.argv[1]):
    try:
        time = datetime.datetime.fromisoformat(json.loads(line)["timestamp"].replace("Z", "+00:00"))
    except ValueError:
        continue
    if greatest is not None and time.replace(hour=time.hour // 6 * 6) + 6 * hour + 12 * hour <= greatest - 6 * hour:
        print(line.rstrip("\n")[:-1])
    greatest = time if greatest is None else max(greatest, time)
PY
sed 's/,"late_by":"[0-9dhms]*"}$//' beyond.ndjson | cmp - late.rule
late=$(wc -l <late.rule)
[ "$late" -gt 100 ]
[ "$(wc -l <bad.ndjson)" -eq 1 ]
stats "$rows" "$late" 1
/usr/bin/python3 final.py rows.ndjson >ours.ndjson
run_sql -c "CREATE TABLE beyond (timestamp timestamptz, city text)"
jq -r '[.timestamp, .city] | @csv' beyond.ndjson | run_sql -c "\\copy beyond FROM STDIN CSV"
theirs "SELECT z(w), z(w + interval '6 hours'), $columns
  FROM (SELECT *, to_timestamp(floor(extract(epoch FROM timestamp) / 21600) * 21600) AS w FROM readings) AS r
  WHERE NOT EXISTS (SELECT FROM beyond AS b WHERE b.timestamp = r.timestamp AND b.city = r.city) GROUP BY w, city ORDER BY w, city" |
  same "--allow-late 12h: $late of $rows records beyond it, as by the rule; the others" ours.ndjson

# A watermark for each key: what is late is so by its own city's records, though one city's clock is ten days fast.
/usr/bin/python3 - mixed.ndjson >fast.ndjson <<'PY'
import datetime, json, sys
for line in open(sys.argv[1]):
    record = json.loads(line)
    if record["city"] == "Chicago":
        time = datetime.datetime.fromisoformat(record["timestamp"].replace("Z", "+00:00")) + datetime.timedelta(days=10)
        record["timestamp"] = time.strftime("%Y-%m-%dT%H:%M:%SZ")
    if record["city"] != "x":
        print(json.dumps(record))
PY
rm beyond.ndjson
win-agg --every 6h --lateness 6h --watermark key --late beyond.ndjson --stats --by city --agg "$aggregates" fast.ndjson 2>words | jq -s -c 'sort_by(.window_end, .city)[]' >ours.ndjson
run_sql -c "CREATE TABLE fast (id bigserial, timestamp timestamptz, city text COLLATE \"C\", temperature_c numeric, humidity numeric, pressure numeric, weather text)"
jq -r '[.timestamp, .city, .temperature_c, .humidity, .pressure, .weather] | @csv' fast.ndjson | run_sql -c "\\copy fast (timestamp, city, temperature_c, humidity, pressure, weather) FROM STDIN CSV"
late="coalesce(w + interval '6 hours' <= watermark, false)"
run_sql -c "CREATE TABLE clocked AS SELECT *, to_timestamp(floor(extract(epoch FROM timestamp) / 21600) * 21600) AS w,
  max(timestamp) OVER (PARTITION BY city ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) - interval '6 hours' AS watermark FROM fast"
theirs "SELECT z(w), z(w + interval '6 hours'), $columns FROM clocked AS r WHERE NOT $late GROUP BY w, city ORDER BY w, city" >theirs.tsv
theirs "SELECT z(timestamp), city FROM clocked WHERE $late ORDER BY id" >late.theirs
jq -r '[.timestamp, .city] | @tsv' beyond.ndjson | cmp - late.theirs
[ "$(wc -l <late.theirs)" -gt 100 ]
stats "$(($(wc -l <fast.ndjson)))" "$(wc -l <late.theirs)" 0
same "--watermark key, one clock ten days fast: $(wc -l <late.theirs) of $(wc -l <fast.ndjson) records late, each by its own city; the others" ours.ndjson <theirs.tsv

# Early rows of days: each is what SQL has of as many of the day's first records, they grow, and the last one is the whole.
win-agg --every 1d --early 5h --by city --agg "$aggregates" year.ndjson >early.ndjson 2>words
jq -s -c 'sort_by(.window_start, .city, .n) | .[]' early.ndjson >ours.ndjson
[ "$(grep -c '"partial":true' ours.ndjson)" -gt 4000 ]
jq -s -e 'group_by([.window_start, .city]) | all(map(.n) as $n | $n == ($n | sort) and (.[:-1] | all(.partial)))' early.ndjson >/dev/null
run_sql -c "CREATE TABLE shown (id serial, w timestamptz, city text COLLATE \"C\", n bigint)"
jq -r '[.window_start, .city, .n] | @csv' ours.ndjson | run_sql -c "\\copy shown (w, city, n) FROM STDIN CSV"
theirs "SELECT z(w), z(w + interval '1 day'), $columns
  FROM (SELECT *, date_trunc('day', timestamp, 'UTC') AS w, row_number() OVER (PARTITION BY date_trunc('day', timestamp, 'UTC'), city ORDER BY timestamp) AS place FROM readings) AS r
  JOIN shown USING (w, city) WHERE place <= n GROUP BY w, city, n, id ORDER BY w, city, n" | same "--early 5h: $(grep -c '"partial":true' ours.ndjson) early rows and the last ones" ours.ndjson
