#!/usr/bin/env bash
# win-agg against PostgreSQL on a year of readings: every kind of window, every aggregate, shuffled input, late and revised rows.
# labels: pg
# tools: csv-tail win-agg
# timeout: 600
set -euo pipefail
# shellcheck source=scripts/parts.sh
source "$WEIR_SOURCE/scripts/parts.sh"
parts_begin
PATH=$WEIR_BIN:$PATH
csv=$(readings_csv)
start_postgres
cd "$PARTS"
psql=("$PARTS_PG_BIN/psql" -X -q -v ON_ERROR_STOP=1)
"${psql[@]}" -c "CREATE TABLE readings (timestamp timestamptz, city text, temperature_c numeric, humidity numeric, pressure numeric, wind_speed numeric, weather text)" \
  -c "\\copy readings FROM '$csv' CSV HEADER"
csv-tail "$csv" >year.ndjson
rows=$(($(wc -l <year.ndjson)))
aggregates='avg(temperature_c) as mean, max(temperature_c) as hottest, min(temperature_c) as coldest, sum(wind_speed) as wind, stddev(pressure) as spread, count(humidity) as humid, count() as n, first(weather) as sky, last(humidity) as dew'

# sql UNIT: the same columns from the table. numeric, so that sums and means are exact.
sql() {
  "${psql[@]}" -At -F $'\t' -c "SELECT to_char(date_trunc('$1', timestamp, 'UTC') AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), city,
      avg(temperature_c), max(temperature_c), min(temperature_c), sum(wind_speed), stddev_samp(pressure), count(humidity), count(*),
      (array_agg(weather ORDER BY timestamp) FILTER (WHERE weather IS NOT NULL))[1],
      (array_agg(humidity ORDER BY timestamp DESC) FILTER (WHERE humidity IS NOT NULL))[1]
    FROM readings GROUP BY 1, 2 ORDER BY 1, city COLLATE \"C\""
}

# compare UNIT NDJSON TSV: every row, in order; numbers to 1e-12, extremes, counts and texts exactly.
cat >compare.py <<'PY'
import decimal, json, sys
unit, ours, theirs = sys.argv[1:]
close = ("mean", "wind", "spread")
names = ["window_start", "city", "mean", "hottest", "coldest", "wind", "spread", "humid", "n", "sky", "dew"]
worst, rows = 0.0, 0
with open(ours) as a, open(theirs) as b:
    for line, want in zip(a, b, strict=True):
        row = json.loads(line, parse_float=decimal.Decimal, parse_int=decimal.Decimal)
        want = want.rstrip("\n").split("\t")
        assert list(row) == ["window_start", "window_end"] + names[1:] + ["partial"], row
        for name, text in zip(names, want, strict=True):
            value = row[name]
            if value is None or text == "":
                assert value is None and text == "", (name, row, want)
            elif name in ("window_start", "city", "sky"):
                assert value == text, (name, row, want)
            elif name in close:
                exact = decimal.Decimal(text)
                error = abs(value - exact) / max(abs(exact), 1)
                worst = max(worst, float(error))
                assert error <= 1e-12, (name, value, text)
            else:
                assert value == decimal.Decimal(text), (name, row, want)
        rows += 1
assert rows > 0
print(f"per {unit}: {rows} rows equal PostgreSQL's; counts, extremes, first and last exactly, the rest within {worst:.1e}")
PY

for unit in hour day; do
  sql "$unit" >"$unit.tsv"
  win-agg --every "1${unit:0:1}" --by city --agg "$aggregates" year.ndjson >"$unit.ndjson" 2>words
  /usr/bin/python3 compare.py "$unit" "$unit.ndjson" "$unit.tsv"
done
grep -q 'missing or null' words || { echo "the empty cells were not said: $(cat words)"; exit 1; }
echo "said: $(cat words)"

# Without --agg the same figures under their default names.
win-agg --every 1d --by city year.ndjson 2>/dev/null |
  jq -c '[.window_start,.city,.count,.temperature_c_avg,.temperature_c_max,.temperature_c_min,.humidity_count,.humidity_last]' >default
jq -c '[.window_start,.city,.n,.mean,.hottest,.coldest,.humid,.dew]' day.ndjson | cmp - default
echo "without --agg: the same figures"

# Shuffled within two days, with that lateness: the same bytes.
/usr/bin/python3 - year.ndjson >shuffled.ndjson <<'PY'
import json, random, sys
random.seed(4)
lines = open(sys.argv[1]).readlines()
hour = lambda line: json.loads(line)["timestamp"][:13]
hours = {h: i for i, h in enumerate(dict.fromkeys(map(hour, lines)))}
keyed = [(hours[hour(line)] + random.uniform(0, 47.9), line) for line in lines]
sys.stdout.writelines(line for _, line in sorted(keyed))
PY
cmp -s year.ndjson shuffled.ndjson && { echo "nothing was shuffled"; exit 1; }
# Only the last digits of stddev may depend on the order; and with a lateness more windows are open at the end.
jq -c 'del(.spread, .partial)' day.ndjson >day.expected
win-agg --every 1d --lateness 2d --by city --late none.ndjson --agg "$aggregates" shuffled.ndjson 2>/dev/null | jq -c 'del(.spread, .partial)' | cmp - day.expected
[ ! -s none.ndjson ]
echo "shuffled by up to two days, --lateness 2d: the same bytes, none late"

# The same with less lateness: what is late, and that nothing is lost.
{ sed -n '1,2000p' shuffled.ndjson; echo '{"timestamp":"soon","city":"x"}'; sed -n '2001,$p' shuffled.ndjson; } >mixed.ndjson
win-agg --every 1h --lateness 6h --by city --late late.ndjson --rejects bad.ndjson --agg 'count() as n' mixed.ndjson >windows.ndjson 2>words
in_windows=$(jq -s 'map(.n) | add' windows.ndjson) late=$(wc -l <late.ndjson) bad=$(wc -l <bad.ndjson)
[ "$late" -gt 0 ] && [ "$bad" -eq 1 ] && [ $((in_windows + late + bad)) -eq $((rows + 1)) ] ||
  { echo "in windows $in_windows + late $late + rejected $bad is not $((rows + 1))"; exit 1; }
grep -q "$late late records written to --late" words
# Late by an independent rule: a record's hour had ended 6 hours before the greatest time until then.
late_wanted=$(/usr/bin/python3 - mixed.ndjson <<'PY'
import datetime, json, sys
greatest, late = None, 0
for line in open(sys.argv[1]):
    try:
        time = datetime.datetime.fromisoformat(json.loads(line)["timestamp"].replace("Z", "+00:00"))
    except ValueError:
        continue
    end = time.replace(minute=0, second=0) + datetime.timedelta(hours=1)
    if greatest is not None and end <= greatest - datetime.timedelta(hours=6):
        late += 1
    greatest = time if greatest is None else max(greatest, time)
print(late)
PY
)
[ "$late" -eq "$late_wanted" ] || { echo "late: $late, by the rule $late_wanted"; exit 1; }
echo "--lateness 6h: $in_windows in windows + $late late + $bad rejected = $((rows + 1)); as many late as by the rule"

# Calendar windows in zones of both hemispheres, across both changes of the clocks; the same rows from shuffled input.
calendar_sql() {  # UNIT ZONE
  "${psql[@]}" -At -c "SELECT to_char(date_trunc('$1', timestamp, '$2') AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), city, count(*), max(temperature_c)
    FROM readings GROUP BY date_trunc('$1', timestamp, '$2'), city ORDER BY date_trunc('$1', timestamp, '$2'), city COLLATE \"C\""
}
for zone in Europe/Athens America/New_York Australia/Lord_Howe Asia/Kathmandu UTC; do
  for unit in day week month year; do
    win-agg --every "$unit" --tz "$zone" --lateness 2d --by city --agg 'count() as n, max(temperature_c) as t' shuffled.ndjson 2>/dev/null |
      jq -r '[.window_start, .city, .n, .t] | map(. // "") | join("|")' >calendar.ours
    calendar_sql "$unit" "$zone" >calendar.theirs
    /usr/bin/python3 - calendar.ours calendar.theirs "$unit of $zone" <<'PY'
import decimal, sys
read = lambda path: [(*f[:3], decimal.Decimal(f[3]) if f[3] else None) for f in (line.rstrip("\n").split("|") for line in open(path))]
ours, theirs = read(sys.argv[1]), read(sys.argv[2])
assert ours and ours == theirs, next((a, b) for a, b in zip(ours + [None], theirs + [None]) if a != b)
print(f"--every {sys.argv[3]}: {len(ours)} rows equal PostgreSQL's date_trunc")
PY
  done
done

# (start, end]: a reading at the full hour belongs to the hour that ends.
win-agg --every 6h --origin 1h --closed right --by city --agg 'count() as n' year.ndjson 2>/dev/null | jq -r '[.window_end, .city, .n] | join("|")' >right.ours
"${psql[@]}" -At -c "SELECT to_char(ending AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), city, count(*)
  FROM (SELECT city, timestamptz '1970-01-01 01:00Z' + ceil(extract(epoch FROM timestamp - '1970-01-01 01:00Z') / 21600) * interval '6 hours' AS ending FROM readings) AS r
  GROUP BY ending, city ORDER BY ending, city COLLATE \"C\"" | cmp - right.ours
echo "--closed right --origin 1h: $(wc -l <right.ours) rows equal"

# same OURS THEIRS WHAT: rows of TAB-separated columns; numbers to 1e-12, all else exactly.
cat >same.py <<'PY'
import sys
def parse(text):
    try:
        return float(text)
    except ValueError:
        return text
rows = 0
with open(sys.argv[1]) as a, open(sys.argv[2]) as b:
    for ours, theirs in zip(a, b, strict=True):
        for x, y in zip(map(parse, ours.rstrip("\n").split("\t")), map(parse, theirs.rstrip("\n").split("\t")), strict=True):
            assert x == y or isinstance(x, float) and isinstance(y, float) and abs(x - y) <= 1e-12 * max(1, abs(y)), (x, y, ours, theirs)
        rows += 1
assert rows > 0
print(f"{sys.argv[3]}: {rows} rows equal")
PY
tsv() { jq -r '[.[]] | .[:1] + .[2:-1] | map(if . == null then "" else tostring end) | join("\t")'; }  # without window_end and partial

# Windows that overlap, from shuffled input; windows of 7 h every 3 h are made of panes of 1 h, those of 24 h of 24.
for shape in "6 1" "7 3" "24 1"; do
  read -r size every <<<"$shape"
  win-agg --size "${size}h" --every "${every}h" --lateness 2d --by city --agg 'count(temperature_c) as n, sum(wind_speed), min(temperature_c), max(temperature_c), first(humidity), last(weather), avg(pressure), stddev(pressure), median(temperature_c)' \
    shuffled.ndjson 2>/dev/null | tsv >hop.ours
  "${psql[@]}" -At -F $'\t' -c "SELECT to_char((ending - interval '$size hours') AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), r.city,
      count(temperature_c), sum(wind_speed), min(temperature_c), max(temperature_c),
      (array_agg(humidity ORDER BY timestamp) FILTER (WHERE humidity IS NOT NULL))[1],
      (array_agg(weather ORDER BY timestamp DESC) FILTER (WHERE weather IS NOT NULL))[1],
      avg(pressure), stddev_samp(pressure), percentile_cont(0.5) WITHIN GROUP (ORDER BY temperature_c)
    FROM readings r, LATERAL generate_series(
      timestamptz '1970-01-01 00:00Z' + (floor(extract(epoch FROM timestamp) / ($every * 3600)) + 1) * interval '$every hours',
      timestamp + interval '$size hours', interval '$every hours') AS ending
    GROUP BY ending, r.city ORDER BY ending, r.city COLLATE \"C\"" >hop.theirs
  /usr/bin/python3 same.py hop.ours hop.theirs "--size ${size}h --every ${every}h, shuffled"
done

# Every other aggregate.
win-agg --every week --tz Europe/Athens --by city --agg 'stddev_pop(pressure), var(pressure), var_pop(pressure), median(temperature_c), p95(wind_speed), p12.5(humidity), distinct(weather), distinct(temperature_c) as t, range(pressure), delta(temperature_c), rate(temperature_c), count(wind_speed > 5) as windy, avg(temperature_c) if humidity < 50 as dry, max(pressure) if weather == '"'mist'"' as misty, count(humidity) if temperature_c <= 0 as cold' \
  year.ndjson 2>/dev/null | tsv >many.ours
"${psql[@]}" -At -F $'\t' -c "SELECT to_char(date_trunc('week', timestamp, 'Europe/Athens') AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), city,
    stddev_pop(pressure), var_samp(pressure), var_pop(pressure), percentile_cont(0.5) WITHIN GROUP (ORDER BY temperature_c),
    percentile_cont(0.95) WITHIN GROUP (ORDER BY wind_speed), percentile_cont(0.125) WITHIN GROUP (ORDER BY humidity),
    count(DISTINCT weather), count(DISTINCT temperature_c), max(pressure) - min(pressure),
    (array_agg(temperature_c ORDER BY timestamp DESC) FILTER (WHERE temperature_c IS NOT NULL))[1] - (array_agg(temperature_c ORDER BY timestamp) FILTER (WHERE temperature_c IS NOT NULL))[1],
    ((array_agg(temperature_c ORDER BY timestamp DESC) FILTER (WHERE temperature_c IS NOT NULL))[1] - (array_agg(temperature_c ORDER BY timestamp) FILTER (WHERE temperature_c IS NOT NULL))[1])
      / nullif(extract(epoch FROM max(timestamp) FILTER (WHERE temperature_c IS NOT NULL) - min(timestamp) FILTER (WHERE temperature_c IS NOT NULL)), 0),
    count(*) FILTER (WHERE wind_speed > 5), avg(temperature_c) FILTER (WHERE humidity < 50), max(pressure) FILTER (WHERE weather = 'mist'),
    count(humidity) FILTER (WHERE temperature_c <= 0)
  FROM readings GROUP BY date_trunc('week', timestamp, 'Europe/Athens'), city ORDER BY date_trunc('week', timestamp, 'Europe/Athens'), city COLLATE \"C\"" >many.theirs
/usr/bin/python3 same.py many.ours many.theirs "15 aggregates by week of Europe/Athens"

# Means over time, from shuffled input: each value holds until the next one, the last one to the end of its day.
win-agg --every day --tz Europe/Athens --lateness 2d --drop-partial --by city --agg 'twa(temperature_c) as t, twa(wind_speed) if humidity < 70 as w' shuffled.ndjson 2>/dev/null | tsv >twa.ours
held() {  # COLUMN CONDITION: the mean of a column over each day and city
  echo "SELECT day, city, sum(value * seconds) / sum(seconds) AS mean FROM (SELECT day, city, $1 AS value, extract(epoch FROM
      lead(timestamp, 1, (day AT TIME ZONE 'Europe/Athens' + interval '1 day') AT TIME ZONE 'Europe/Athens') OVER (PARTITION BY day, city ORDER BY timestamp) - timestamp) AS seconds
    FROM days WHERE $2) AS steps GROUP BY day, city"
}
"${psql[@]}" -At -F $'\t' -c "WITH days AS (SELECT *, date_trunc('day', timestamp, 'Europe/Athens') AS day FROM readings)
  SELECT to_char(day AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), city, t.mean, w.mean FROM (SELECT DISTINCT day, city FROM days) AS each
    LEFT JOIN ($(held temperature_c 'temperature_c IS NOT NULL')) AS t USING (day, city) LEFT JOIN ($(held wind_speed 'wind_speed IS NOT NULL AND humidity < 70')) AS w USING (day, city)
  ORDER BY day, city COLLATE \"C\"" >twa.all
head -n "$(wc -l <twa.ours)" twa.all >twa.theirs # the last days are partial
/usr/bin/python3 same.py twa.ours twa.theirs "means over time, by day of Europe/Athens, shuffled"

# Parts of the time as keys: the profile of a week in zones of both hemispheres, across the changes of the clocks.
for zone in Europe/Athens Australia/Lord_Howe; do
  win-agg --every year --tz "$zone" --by day_of_week,hour_of_day,week_of_year,quarter_of_year --agg 'count() as n, avg(temperature_c)' year.ndjson 2>/dev/null | tsv >parts.ours
  "${psql[@]}" -At -F $'\t' -c "WITH local AS (SELECT *, timestamp AT TIME ZONE '$zone' AS t FROM readings)
    SELECT to_char(date_trunc('year', timestamp, '$zone') AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), extract(isodow FROM t), extract(hour FROM t), extract(week FROM t), extract(quarter FROM t),
      count(*), avg(temperature_c) FROM local GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5" >parts.theirs
  /usr/bin/python3 same.py parts.ours parts.theirs "--by day_of_week,hour_of_day,week_of_year,quarter_of_year in $zone"
done

# Sketches: quantiles and distinct values of the whole year, against the exact ones.
win-agg --every year --agg 'p1(pressure), median(pressure), p99(pressure), median(wind_speed), p99.9(wind_speed), distinct(pressure)' year.ndjson 2>/dev/null | tsv >sketch.ours
"${psql[@]}" -At -F $'\t' -c "SELECT to_char(date_trunc('year', timestamp, 'UTC') AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'),
    percentile_disc(0.01) WITHIN GROUP (ORDER BY pressure), percentile_disc(0.5) WITHIN GROUP (ORDER BY pressure), percentile_disc(0.99) WITHIN GROUP (ORDER BY pressure),
    percentile_disc(0.5) WITHIN GROUP (ORDER BY wind_speed), percentile_disc(0.999) WITHIN GROUP (ORDER BY wind_speed), count(DISTINCT pressure)
  FROM readings GROUP BY date_trunc('year', timestamp, 'UTC') ORDER BY date_trunc('year', timestamp, 'UTC')" >sketch.theirs
/usr/bin/python3 - sketch.ours sketch.theirs <<'PY'
import sys
read = lambda path: [line.rstrip("\n").split("\t") for line in open(path)]
worst = [0.0, 0.0]
for ours, theirs in zip(read(sys.argv[1]), read(sys.argv[2]), strict=True):
    assert ours[0] == theirs[0]
    for i, (x, y) in enumerate(zip(map(float, ours[1:]), map(float, theirs[1:]), strict=True)):
        worst[i == 5] = max(worst[i == 5], abs(x - y) / max(abs(y), 1e-9))
print(f"sketches of a year: quantiles off by {worst[0]:.2%} at most, distinct by {worst[1]:.2%}")
assert worst[0] <= 0.0051 and worst[1] <= 0.03, worst
PY

# Late records taken in: the last revision of each row is what SQL has of the records that were not set aside.
win-agg --every 1h --lateness 2h --allow-late 12h --late beyond.ndjson --late-copy copies.ndjson --stats --by city \
  --agg 'count() as n, max(temperature_c) as t' shuffled.ndjson >revised.ndjson 2>words
jq -s 'group_by([.window_end, .city]) | all(map(.rev) == [range(length)])' revised.ndjson | grep -qx true || { echo "revisions are not 0, 1, 2 …"; exit 1; }
jq -c '[.timestamp, .city]' beyond.ndjson | sort >beyond.keys
"${psql[@]}" -c "CREATE TABLE beyond (timestamp timestamptz, city text)"
jq -r '[.timestamp, .city] | @csv' beyond.ndjson | "${psql[@]}" -c "\\copy beyond FROM STDIN CSV"
jq -s -r 'group_by([.window_end, .city]) | map(max_by(.rev)) | .[] | [.window_start, .city, .n, .t] | map(if . == null then "" else tostring end) | join("\t")' revised.ndjson | LC_ALL=C sort >revised.ours
"${psql[@]}" -At -F $'\t' -c "SELECT to_char(date_trunc('hour', timestamp, 'UTC') AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), city, count(*), max(temperature_c)
  FROM readings r WHERE NOT EXISTS (SELECT FROM beyond b WHERE b.timestamp = r.timestamp AND b.city = r.city) GROUP BY 1, 2" | LC_ALL=C sort >revised.theirs
/usr/bin/python3 same.py revised.ours revised.theirs "--allow-late 12h: last revisions ($(wc -l <copies.ndjson) records taken late, $(wc -l <beyond.ndjson) beyond)"
total=$(jq -s 'group_by([.window_end, .city]) | map(max_by(.rev).n) | add' revised.ndjson)
grep -q "$rows records in = $total in windows + $(wc -l <beyond.ndjson) late + 0 rejected" words || { cat words; exit 1; }

# The same of windows that overlap: a late record is in those of its windows that are still held. SQL knows from the order in which they came how far the watermark was.
head -n 60000 shuffled.ndjson >some.ndjson
win-agg --size 6h --every 1h --lateness 2h --allow-late 12h --stats --by city --agg 'count() as n, max(temperature_c) as t, sum(wind_speed) as w' some.ndjson >revised.ndjson 2>words
jq -s 'group_by([.window_end, .city]) | all(map(.rev) == [range(length)])' revised.ndjson | grep -qx true || { echo "revisions are not 0, 1, 2 …"; exit 1; }
jq -s -r 'group_by([.window_end, .city]) | map(max_by(.rev)) | .[] | [.window_start, .city, .n, .t, .w] | map(if . == null then "" else tostring end) | join("\t")' revised.ndjson |
  LC_ALL=C sort >revised.ours
"${psql[@]}" -c "CREATE TABLE arrived (id bigserial, timestamp timestamptz, city text, temperature_c numeric, wind_speed numeric)"
jq -r '[.timestamp, .city, .temperature_c, .wind_speed] | @csv' some.ndjson | "${psql[@]}" -c "\\copy arrived (timestamp, city, temperature_c, wind_speed) FROM STDIN CSV"
"${psql[@]}" -At -F $'\t' -c "SELECT to_char((ending - interval '6 hours') AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), city, count(*), max(temperature_c), sum(wind_speed)
  FROM (SELECT *, max(timestamp) OVER (ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) - interval '2 hours' AS watermark FROM arrived) AS r,
    generate_series(date_trunc('hour', timestamp, 'UTC') + interval '1 hour', timestamp + interval '6 hours', interval '1 hour') AS ending
  WHERE watermark IS NULL OR ending + interval '12 hours' > watermark GROUP BY ending, city" | LC_ALL=C sort >revised.theirs
/usr/bin/python3 same.py revised.ours revised.theirs "--size 6h --every 1h --allow-late 12h: last revisions ($(wc -l <revised.ndjson) rows in all)"

# Sessions: spells of strong wind, each to three hours behind its last reading; from shuffled input.
jq -c 'select(.wind_speed != null and .wind_speed >= 5)' shuffled.ndjson >windy.ndjson
win-agg --gap 3h --lateness 2d --by city --agg 'count() as n, sum(wind_speed) as wind, max(temperature_c) as t' windy.ndjson 2>/dev/null |
  jq -r '[.window_start, .window_end, .city, .n, .wind, .t] | map(if . == null then "" else tostring end) | join("\t")' >session.ours
"${psql[@]}" -At -F $'\t' -c "WITH marked AS (
    SELECT *, CASE WHEN timestamp - lag(timestamp) OVER w < interval '3 hours' THEN 0 ELSE 1 END AS begins FROM readings
    WHERE wind_speed >= 5 WINDOW w AS (PARTITION BY city ORDER BY timestamp)),
  numbered AS (SELECT *, sum(begins) OVER (PARTITION BY city ORDER BY timestamp) AS session FROM marked)
  SELECT to_char(min(timestamp) AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), to_char((max(timestamp) + interval '3 hours') AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'),
    city, count(*), sum(wind_speed), max(temperature_c) FROM numbered GROUP BY city, session ORDER BY max(timestamp), city COLLATE \"C\"" >session.theirs
/usr/bin/python3 same.py session.ours session.theirs "--gap 3h, shuffled"

# Windows of 100 records of a city.
win-agg --count 100 --drop-partial --by city --agg 'avg(pressure) as p, last(weather) as sky' year.ndjson 2>/dev/null |
  jq -r '[.window_start, .window_end, .city, .p, .sky] | map(if . == null then "" else tostring end) | join("\t")' >count.ours
"${psql[@]}" -At -F $'\t' -c "WITH numbered AS (SELECT *, (row_number() OVER (PARTITION BY city ORDER BY timestamp) - 1) / 100 AS part FROM readings)
  SELECT to_char(min(timestamp) AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), to_char(max(timestamp) AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), city, avg(pressure),
    (array_agg(weather ORDER BY timestamp DESC) FILTER (WHERE weather IS NOT NULL))[1]
  FROM numbered GROUP BY city, part HAVING count(*) = 100" | LC_ALL=C sort >count.theirs
LC_ALL=C sort count.ours >count.sorted
/usr/bin/python3 same.py count.sorted count.theirs "--count 100"
