#!/usr/bin/env bash
# The batch path on a year of readings: csv-tail | weather-advise | pg-load, compared with SQL over a plain COPY of the file, loaded again with
# --upsert, and with gaps filled, compared with numpy.
# labels: pg
# builds: release
# tools: csv-tail weather-advise pg-load
# timeout: 300
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
start_postgres
csv=$(readings_csv)
rows=$(($(wc -l <"$csv") - 1))

sql() { psql -qAt -F ' ' -c "$1"; }
fail() { echo "FAILED: $*"; exit 1; }

sql 'create table plain (timestamp timestamp, city text, temperature_c float8, humidity float8, pressure float8, wind_speed float8, weather text)'
psql -q -c "\\copy plain from '$csv' csv header"
[ "$(sql 'select count(*) from plain')" = "$rows" ] || fail "the plain COPY has other rows"

# Sums in numeric: exact, whatever the order of the rows.
sums() {
  sql "select city, count(*), sum(temperature_c::numeric), sum(humidity::numeric), sum(pressure::numeric), sum(wind_speed::numeric),
              count(*) filter (where temperature_c is null), count(*) filter (where pressure is null), min(timestamp), max(timestamp)
       from $1 group by city order by city"
}
flags() {
  sql "select count(*) filter (where mod_high_temp), count(*) filter (where not mod_high_temp), count(*) filter (where mod_high_temp is null) from $1"
}
compare() {
  [ "$(sql "select count(*) from $1")" = "$rows" ] || fail "$1: $(sql "select count(*) from $1") rows, not $rows"
  diff <(sums plain) <(sums "$1") || fail "$1: sums per city differ"
  [ "$(flags "$1")" = "$(sql 'select count(*) filter (where temperature_c > 23), count(*) filter (where temperature_c <= 23), count(*) filter (where temperature_c is null) from plain')" ] ||
    fail "$1: mod_high_temp is not temperature_c > 23"
  [ "$(sql "select count(*) from $1 l join plain p using (city, timestamp) where (l.temperature_c, l.humidity, l.pressure, l.wind_speed, l.weather) is distinct from (p.temperature_c, p.humidity, p.pressure, p.wind_speed, p.weather)")" = 0 ] ||
    fail "$1: values differ"
}

csv-tail "$csv" | weather-advise | pg-load --table weather_readings --create --upsert city,timestamp
compare weather_readings
[ "$(sql "select string_agg(format_type(atttypid, atttypmod), ',' order by attnum) from pg_attribute where attrelid = 'weather_readings'::regclass and attnum > 0")" = \
  "timestamp without time zone,text,double precision,double precision,double precision,double precision,text,boolean,boolean,text,text" ] || fail "the columns' types"
echo "$rows rows in weather_readings; sums per city and every value equal a plain COPY of the file ($(sums plain | wc -l) cities)"

sums weather_readings >first
csv-tail "$csv" | weather-advise | pg-load --table weather_readings --create --upsert city,timestamp
compare weather_readings
sums weather_readings | cmp -s - first || fail "loaded again, the sums differ"
echo "loaded again with --upsert: the same"

csv-tail "$csv" | weather-advise | pg-load --table without_upsert --create
compare without_upsert
echo "without --upsert: the same"

csv-tail "$csv" | weather-advise --max-gap 3h | pg-load --table filled --create --upsert city,timestamp
[ "$(sql 'select count(*) from filled')" = "$rows" ] || fail "filled: other rows"
cat >check.py <<'END'
import os, sys
import numpy
import psycopg2

fields = ["temperature_c", "humidity", "pressure", "wind_speed"]
limit = 3 * 3600
connection = psycopg2.connect(host=os.environ["PGHOST"], port=os.environ["PGPORT"], user=os.environ["PGUSER"], dbname=os.environ["PGDATABASE"])
cursor = connection.cursor()


def series(table):
    cursor.execute("select city, extract(epoch from timestamp)::float8, %s from %s order by city, timestamp" % (", ".join(fields), table))
    cities = {}
    for row in cursor:
        cities.setdefault(row[0], []).append(row[1:])
    return {city: numpy.array(rows, dtype=float) for city, rows in cities.items()}


before, after = series("plain"), series("filled")
assert before.keys() == after.keys()
filled = left = 0
for city, known in before.items():
    result = after[city]
    assert (known[:, 0] == result[:, 0]).all(), city
    at = known[:, 0]
    for column in range(1, len(fields) + 1):
        values = known[:, column]
        there = ~numpy.isnan(values)
        assert (result[there, column] == values[there]).all(), (city, fields[column - 1])
        places = numpy.nonzero(there)[0]
        expected = numpy.interp(at, at[places], values[places])
        for gap in numpy.nonzero(~there)[0]:
            right = numpy.searchsorted(places, gap)
            inside = 0 < right < len(places)
            short = inside and at[places[right]] - at[places[right - 1]] <= limit
            got = result[gap, column]
            if short:
                assert abs(got - expected[gap]) <= 1e-9 * max(1, abs(expected[gap])), (city, fields[column - 1], gap, got, expected[gap])
                filled += 1
            else:
                assert numpy.isnan(got), (city, fields[column - 1], gap, got)
                left += 1
print("--max-gap 3h: %d cells filled as numpy.interp does, %d of longer gaps still NULL" % (filled, left))
sys.exit(0 if filled > 0 and left > 0 else "too few gaps to show anything")
END
/usr/bin/python3 check.py
