#!/usr/bin/env bash
# Every aggregate of win-agg against PostgreSQL over a year of readings, with conditions, several fields and `*`, exact and as sketches; and the
# same bytes from shuffled input.
# labels: pg
# tools: csv-tail win-agg
# timeout: 300
set -euo pipefail
# shellcheck source=tests/support/win-agg-sql.sh
source "$WEIR_SOURCE/tests/support/win-agg-sql.sh"
readings_of Vancouver Portland Phoenix Chicago Atlanta Philadelphia Jerusalem Beersheba

# edge FIELD: the first and the last value by time; where times are equal the lesser and the greater.
first() { echo "(array_agg($1 ORDER BY timestamp, $1 COLLATE \"C\") FILTER (WHERE $1 IS NOT NULL))[1]"; }
last() { echo "(array_agg($1 ORDER BY timestamp DESC, $1 COLLATE \"C\" DESC) FILTER (WHERE $1 IS NOT NULL))[1]"; }
first_number() { first "$1" | sed 's/ COLLATE "C"//'; }
last_number() { last "$1" | sed 's/ COLLATE "C"//'; }
seconds="extract(epoch FROM max(timestamp) FILTER (WHERE temperature_c IS NOT NULL) - min(timestamp) FILTER (WHERE temperature_c IS NOT NULL))"
delta="$(last_number temperature_c) - $(first_number temperature_c)"
aggregates='count() as n, count(humidity), sum(wind_speed, pressure), avg(temperature_c), min(temperature_c), max(temperature_c), first(weather, humidity), last(weather, humidity),
  stddev(pressure), stddev_pop(pressure), var(pressure), var_pop(pressure), median(temperature_c), p95(wind_speed), p12.5(humidity), distinct(weather), distinct(temperature_c) as t,
  range(pressure), delta(temperature_c), rate(temperature_c), count(wind_speed > 5) as windy, avg(temperature_c) if humidity < 50 as dry,
  max(pressure) if weather == '"'mist'"' as misty, count(humidity) if temperature_c <= 0 as cold, count(city == '"'Chicago'"' or wind_speed >= 7.5 and not (humidity > 60)) as some'
columns="count(*), count(humidity), sum(wind_speed), sum(pressure), avg(temperature_c), min(temperature_c), max(temperature_c), $(first weather), $(first_number humidity), $(last weather), $(last_number humidity),
  stddev_samp(pressure), stddev_pop(pressure), var_samp(pressure), var_pop(pressure), percentile_cont(0.5) WITHIN GROUP (ORDER BY temperature_c),
  percentile_cont(0.95) WITHIN GROUP (ORDER BY wind_speed), percentile_cont(0.125) WITHIN GROUP (ORDER BY humidity), count(DISTINCT weather), count(DISTINCT temperature_c),
  max(pressure) - min(pressure), $delta, ($delta) / nullif($seconds, 0), count(*) FILTER (WHERE wind_speed > 5), avg(temperature_c) FILTER (WHERE humidity < 50),
  max(pressure) FILTER (WHERE weather = 'mist'), count(humidity) FILTER (WHERE temperature_c <= 0), count(*) FILTER (WHERE city = 'Chicago' OR wind_speed >= 7.5 AND NOT (humidity > 60))"

# ours and shuffled: the rows in order are PostgreSQL's, and from shuffled input the same bytes but for the last digits of stddev and var.
both() {  # WHAT WINDOWS… < PostgreSQL's
  local what=$1
  shift
  win-agg "$@" --agg "$aggregates" year.ndjson >ours.ndjson 2>words
  same "$what" ours.ndjson
  win-agg "$@" --lateness 2d --late none --agg "$aggregates" shuffled.ndjson >again.ndjson 2>words
  [ ! -s none ]
  /usr/bin/python3 - ours.ndjson again.ndjson <<'PY'
import re, sys
# With a lateness more windows are open at the end.
loose = re.compile(r'("pressure_(?:stddev|var)(?:_pop)?":)([^,]*)|("partial":true)')
rows = worst = 0
with open(sys.argv[1]) as a, open(sys.argv[2]) as b:
    for ours, again in zip(a, b, strict=True):
        rows += 1
        assert loose.sub(r"\1", ours.replace('"partial":false', '"partial":true')) == loose.sub(r"\1", again.replace('"partial":false', '"partial":true')), (ours, again)
        for (_, x, _), (_, y, _) in zip(loose.findall(ours), loose.findall(again)):
            if x != y:
                error = abs(float(x) - float(y)) / max(1, abs(float(x)))
                worst = max(worst, error)
                assert error <= 1e-12, (ours, again)
print(f"  shuffled by up to two days, --lateness 2d: {rows} rows of the same bytes; stddev and var within {worst:.0e}")
PY
}
theirs "SELECT z(date_trunc('day', timestamp, 'UTC')), z(date_trunc('day', timestamp, 'UTC') + interval '1 day'), city, $columns
  FROM readings GROUP BY date_trunc('day', timestamp, 'UTC'), city ORDER BY 1, city" | both "28 aggregates by day and city" --every 1d --by city
# Without keys: eight cities have the same time, and first takes the lesser value, last the greater.
theirs "SELECT z(w), z(w + interval '6 hours'), $columns FROM (SELECT *, to_timestamp(floor(extract(epoch FROM timestamp) / 21600) * 21600) AS w FROM readings) AS r GROUP BY w ORDER BY w" |
  both "28 aggregates by six hours, equal times" --every 6h
grep -q 'missing or null value' words || { echo "the empty cells were not said: $(cat words)"; exit 1; }
theirs "SELECT z(w), z((w AT TIME ZONE 'America/Sao_Paulo' + interval '1 week') AT TIME ZONE 'America/Sao_Paulo'), weather, city, $columns
  FROM (SELECT *, date_trunc('week', timestamp, 'America/Sao_Paulo') AS w FROM readings) AS r GROUP BY w, weather, city ORDER BY w, weather COLLATE \"C\" NULLS FIRST, city" |
  both "28 aggregates by week of America/Sao_Paulo, weather (also none) and city" --every week --tz America/Sao_Paulo --by weather,city

# `*` and what stands for --agg: every numeric field, as the SQL names them. Fields are found in the order in which they first have a number.
win-agg --every 1d --by city --agg 'count() as n, avg(*), stddev(*), p99(*)' year.ndjson >ours.ndjson 2>words
order=$(head -n 100 year.ndjson | jq -r 'to_entries[] | select(.value | type == "number") | .key' | awk '!seen[$1]++')
[ "$(wc -w <<<"$order")" -eq 4 ]
stars=$(for field in $order; do printf ', avg(%s), stddev_samp(%s), percentile_cont(0.99) WITHIN GROUP (ORDER BY %s)' "$field" "$field" "$field"; done)
theirs "SELECT z(date_trunc('day', timestamp, 'UTC')), z(date_trunc('day', timestamp, 'UTC') + interval '1 day'), city, count(*)$stars
  FROM readings GROUP BY date_trunc('day', timestamp, 'UTC'), city ORDER BY 1, city" | same "avg(*), stddev(*), p99(*)" ours.ndjson
win-agg --every 1d --by city year.ndjson >ours.ndjson 2>words
stars=$(for field in $order; do printf ', count(%s), min(%s), max(%s), avg(%s), %s' "$field" "$field" "$field" "$field" "$(last_number "$field")"; done)
theirs "SELECT z(date_trunc('day', timestamp, 'UTC')), z(date_trunc('day', timestamp, 'UTC') + interval '1 day'), city, count(*)$stars
  FROM readings GROUP BY date_trunc('day', timestamp, 'UTC'), city ORDER BY 1, city" | same "without --agg" ours.ndjson

# Means over time, from shuffled input: each value holds until the next one, the last one to the end of its day, of 23 and 25 hours too.
win-agg --every day --tz Europe/Athens --lateness 2d --by city --agg 'count() as n, twa(temperature_c) as t, twa(wind_speed) if humidity < 70 as w' shuffled.ndjson 2>words | grep -F '"partial":false' >ours.ndjson
held() {  # COLUMN CONDITION: the mean of a column over each day and city
  echo "SELECT day, city, sum(value * seconds) / sum(seconds) AS mean FROM (SELECT day, city, $1 AS value, extract(epoch FROM
      lead(timestamp, 1, (day AT TIME ZONE 'Europe/Athens' + interval '1 day') AT TIME ZONE 'Europe/Athens') OVER (PARTITION BY day, city ORDER BY timestamp) - timestamp) AS seconds
    FROM days WHERE $2) AS steps GROUP BY day, city"
}
theirs "WITH days AS (SELECT *, date_trunc('day', timestamp, 'Europe/Athens') AS day FROM readings)
  SELECT z(day), z((day AT TIME ZONE 'Europe/Athens' + interval '1 day') AT TIME ZONE 'Europe/Athens'), city, n, t.mean, w.mean FROM (SELECT day, city, count(*) AS n FROM days GROUP BY 1, 2) AS each
    LEFT JOIN ($(held temperature_c 'temperature_c IS NOT NULL')) AS t USING (day, city) LEFT JOIN ($(held wind_speed 'wind_speed IS NOT NULL AND humidity < 70')) AS w USING (day, city)
  WHERE day < (SELECT max(day) FROM days) - interval '2 days' ORDER BY day, city" >twa.theirs
[ "$(wc -l <ours.ndjson)" -ge "$(wc -l <twa.theirs)" ]
head -n "$(wc -l <twa.theirs)" ours.ndjson >whole.ndjson # with the lateness the last days are partial
same "twa by day of Europe/Athens, shuffled" whole.ndjson <twa.theirs

# Parts of the time as keys: the profile of a week in zones of both hemispheres, across the changes of the clocks.
for zone in Europe/Athens Australia/Lord_Howe; do
  win-agg --every year --tz "$zone" --lateness 2d --by day_of_week,hour_of_day,week_of_year,quarter_of_year --agg 'count() as n, avg(temperature_c)' shuffled.ndjson >ours.ndjson 2>words
  theirs "WITH local AS (SELECT *, timestamp AT TIME ZONE '$zone' AS t FROM readings)
    SELECT z(y AT TIME ZONE '$zone'), z((y + interval '1 year') AT TIME ZONE '$zone'), extract(isodow FROM t), extract(hour FROM t), extract(week FROM t), extract(quarter FROM t), count(*), avg(temperature_c)
    FROM (SELECT *, date_trunc('year', t) AS y FROM local) AS r GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 3, 4, 5, 6" | same "--by day_of_week,hour_of_day,week_of_year,quarter_of_year in $zone" ours.ndjson
done

# The greatest of each window, and of each window and group; equal values by key.
win-agg --every day --tz Europe/Athens --lateness 2d --by city --agg 'max(temperature_c) as t, count() as n' --top 5 shuffled.ndjson >ours.ndjson 2>words
theirs "WITH rows AS (SELECT date_trunc('day', timestamp, 'Europe/Athens') AS day, city, max(temperature_c) AS t, count(*) AS n FROM readings GROUP BY 1, 2),
    ranked AS (SELECT *, row_number() OVER (PARTITION BY day ORDER BY t DESC NULLS LAST, city COLLATE \"C\") AS rank FROM rows)
  SELECT z(day), z((day AT TIME ZONE 'Europe/Athens' + interval '1 day') AT TIME ZONE 'Europe/Athens'), city, t, n FROM ranked WHERE rank <= 5 ORDER BY day, rank" | same "--top 5 by day of Europe/Athens" ours.ndjson
win-agg --size 2d --every 1d --lateness 2d --by weather,city --agg 'count() as n, max(temperature_c) as t' --top 2 --top-by t --top-per weather shuffled.ndjson >ours.ndjson 2>words
theirs "WITH ends AS (SELECT date_trunc('day', timestamp, 'UTC') + days * interval '1 day' AS ending, weather, city, max(temperature_c) AS t, count(*) AS n
    FROM readings, generate_series(1, 2) AS days GROUP BY 1, 2, 3),
    ranked AS (SELECT *, row_number() OVER (PARTITION BY ending, weather ORDER BY t DESC NULLS LAST, city COLLATE \"C\") AS rank FROM ends)
  SELECT z(ending - interval '2 days'), z(ending), weather, city, n, t FROM ranked WHERE rank <= 2 ORDER BY ending, weather COLLATE \"C\" NULLS FIRST, rank" | same "--top 2 --top-per weather of windows that overlap" ours.ndjson

# Only the rows for which a condition over their columns holds.
ranked="SELECT date_trunc('week', timestamp, 'UTC') AS w, weather COLLATE \"C\" AS weather, city, max(wind_speed) AS gust, count(temperature_c) AS n FROM readings GROUP BY 1, 2, 3"
win-agg --every week --lateness 2d --by weather,city --agg 'max(wind_speed) as gust, count(temperature_c) as n' --having 'gust > 6 and n >= 12' shuffled.ndjson >ours.ndjson 2>words
theirs "SELECT z(w), z(w + interval '7 days'), weather, city, gust, n FROM ($ranked) AS r WHERE gust > 6 AND n >= 12 ORDER BY w, weather NULLS FIRST, city" | same "--having" ours.ndjson

# Sketches: quantiles and distinct values of a whole year, against the exact ones; and the same bytes whatever the order.
sketched='p1(pressure), median(pressure), p99(pressure), median(wind_speed), p99.9(wind_speed), distinct(temperature_c)'
win-agg --every year --agg "$sketched" year.ndjson >ours.ndjson 2>words
win-agg --every year --agg "$sketched" shuffled.ndjson --lateness 2d 2>words | cmp - ours.ndjson
theirs "SELECT z(date_trunc('year', timestamp, 'UTC')),
    percentile_cont(0.01) WITHIN GROUP (ORDER BY pressure), percentile_cont(0.5) WITHIN GROUP (ORDER BY pressure), percentile_cont(0.99) WITHIN GROUP (ORDER BY pressure),
    percentile_cont(0.5) WITHIN GROUP (ORDER BY wind_speed), percentile_cont(0.999) WITHIN GROUP (ORDER BY wind_speed), count(DISTINCT temperature_c)
  FROM readings GROUP BY date_trunc('year', timestamp, 'UTC') ORDER BY date_trunc('year', timestamp, 'UTC')" >sketch.theirs
/usr/bin/python3 - ours.ndjson sketch.theirs <<'PY'
import json, sys
worst, most = [0.0, 0.0], 0
for line, theirs in zip(open(sys.argv[1]), open(sys.argv[2]), strict=True):
    ours, theirs = json.loads(line), theirs.rstrip("\n").split("\t")
    assert ours["window_start"] == theirs[0]
    for i, (x, y) in enumerate(zip(list(ours.values())[2:-1], map(float, theirs[1:]), strict=True)):
        worst[i == 5] = max(worst[i == 5], abs(x - y) / max(abs(y), 1e-9))
        most = max(most, y) if i == 5 else most
print(f"sketches of a year: quantiles off by {worst[0]:.2%} at most, distinct (of up to {most:.0f}) by {worst[1]:.2%}; the same bytes from shuffled input")
assert most > 1024 and worst[0] <= 0.0051 and worst[1] <= 0.03, worst
PY
