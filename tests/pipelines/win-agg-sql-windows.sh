#!/usr/bin/env bash
# Every kind of window of win-agg against PostgreSQL, over a year of readings in shuffled order: side by side, overlapping, by the calendar of
# ten zones across their changes of the clock, sessions, and so many records.
# labels: pg
# tools: csv-tail win-agg
# timeout: 300
set -euo pipefail
# shellcheck source=tests/support/win-agg-sql.sh
source "$WEIR_SOURCE/tests/support/win-agg-sql.sh"
readings_of Vancouver Jerusalem Miami Montreal
aggregates='count() as n, max(temperature_c) as t, sum(wind_speed) as wind, first(weather) as sky'
columns="city, count(*), max(temperature_c), sum(wind_speed), (array_agg(weather ORDER BY timestamp) FILTER (WHERE weather IS NOT NULL))[1]"
# ours WINDOWS…: from shuffled input; an end beyond the last record leaves rows partial, which changes none of their columns.
ours() { win-agg "$@" --lateness 2d --by city --agg "$aggregates" shuffled.ndjson >ours.ndjson 2>words; }

# Side by side: left and right end, and where they meet.
epoch="timestamptz '1970-01-01 00:00Z'"
for shape in "1h|floor|3600|0|--origin 0s" "1d|floor|86400|0|" "5h|floor|18000|5400|--origin 90m" "6h|ceil|21600|3600|--origin 1h --closed right" \
  "1w|ceil|604800|-259200|--origin 2016-08-01T00:00:00Z --closed right"; do
  IFS='|' read -r every round seconds origin options <<<"$shape"
  [ "$round" = floor ] && behind=1 || behind=0
  # shellcheck disable=SC2086 # words are what is wanted
  ours --every "$every" $options
  theirs "SELECT z(w - $behind * interval '0' - (1 - $behind) * interval '$seconds seconds'), z(w + $behind * interval '$seconds seconds'), $columns
    FROM (SELECT *, $epoch + interval '$origin seconds' + $round(extract(epoch FROM timestamp - $epoch - interval '$origin seconds') / $seconds) * interval '$seconds seconds' AS w FROM readings) AS r
    GROUP BY w, city ORDER BY w, city" | same "--every $every $options" ours.ndjson
done

# By the calendar. A day of a zone is what its clocks show as that date, found by looking at them every quarter of an hour: so it does not
# matter to the comparison whether midnight is there, or there twice.
run_sql -c "CREATE TABLE units (unit text, day date, start timestamptz, ending timestamptz)"
changes=0
for zone in Europe/Athens America/New_York America/Sao_Paulo America/Asuncion America/Havana Atlantic/Azores Asia/Amman Australia/Lord_Howe Asia/Kathmandu Pacific/Apia; do
  : >calendar.ndjson
  for unit in day week month year; do
    ours --every "$unit" --tz "$zone"
    cat ours.ndjson >>calendar.ndjson
    ours --every "$unit" --tz "$zone" --closed right
    cat ours.ndjson >>calendar.ndjson
  done
  run_sql -c "TRUNCATE units" -c "INSERT INTO units WITH days AS MATERIALIZED (SELECT (t AT TIME ZONE '$zone')::date AS day, min(t) AS start
      FROM generate_series('2015-12-28Z'::timestamptz, '2019-01-10Z', '15 minutes') AS t GROUP BY 1),
    firsts AS (SELECT *, min(start) OVER (PARTITION BY unit, date_trunc(unit, day::timestamp)) AS first FROM days, unnest(ARRAY['day', 'week', 'month', 'year']) AS unit),
    ends AS (SELECT unit, first, lead(first) OVER (PARTITION BY unit ORDER BY first) AS ending FROM (SELECT DISTINCT unit, first FROM firsts) AS f)
    SELECT unit, day, first, ending FROM firsts JOIN ends USING (unit, first)" -c "ANALYZE units"
  theirs "SELECT z(start), z(ending), $columns
    FROM (SELECT closed, ((timestamp - closed * interval '1 microsecond') AT TIME ZONE '$zone')::date AS day, readings.* FROM readings, generate_series(0, 1) AS closed) AS r
    JOIN units USING (day)
    GROUP BY unit, closed, start, ending, city ORDER BY position(unit in 'day week month year'), closed, start, city" | same "day, week, month and year of $zone, left and right" calendar.ndjson
  changes=$((changes + $(theirs "SELECT count(*) FROM units WHERE unit = 'day' AND ending - start <> interval '24 hours'")))
done
[ "$changes" -ge 40 ] || { echo "only $changes days of other than 24 hours were met"; exit 1; }

# Windows that overlap: those of 7 h every 3 h are made of panes of 1 h, those of 24 h of 24; they end where those of --every would.
run_sql -c "DELETE FROM readings WHERE city NOT IN ('Miami', 'Montreal')"
grep -E '"city":"(Miami|Montreal)"' shuffled.ndjson >two.ndjson
mv two.ndjson shuffled.ndjson
for shape in "6|1|0|" "7|3|0|--origin 0s" "24|1|0|--closed right" "12|5|2|--origin 2h --closed right"; do
  IFS='|' read -r size every origin options <<<"$shape"
  [[ $options == *right* ]] && right=1 || right=0
  # shellcheck disable=SC2086
  win-agg --size "${size}h" --every "${every}h" $options --lateness 2d --by city --agg "$aggregates, last(humidity), avg(pressure), stddev(pressure), median(temperature_c), distinct(weather) as skies" \
    shuffled.ndjson >ours.ndjson 2>words
  theirs "SELECT z(ending - interval '$size hours'), z(ending), $columns,
      (array_agg(humidity ORDER BY timestamp DESC) FILTER (WHERE humidity IS NOT NULL))[1], avg(pressure), stddev_samp(pressure),
      percentile_cont(0.5) WITHIN GROUP (ORDER BY temperature_c), count(DISTINCT weather)
    FROM readings, LATERAL generate_series(
      $epoch + interval '$origin hours' + floor(extract(epoch FROM timestamp - $epoch - interval '$origin hours') / ($every * 3600)) * interval '$every hours',
      timestamp + interval '$size hours', interval '$every hours') AS ending
    WHERE CASE WHEN $right = 1 THEN timestamp > ending - interval '$size hours' AND timestamp <= ending ELSE timestamp >= ending - interval '$size hours' AND timestamp < ending END
    GROUP BY ending, city ORDER BY ending, city" | same "--size ${size}h --every ${every}h $options" ours.ndjson
done

# Sessions: spells of strong wind, each to three hours behind its last reading.
jq -c 'select(.wind_speed != null and .wind_speed >= 5)' shuffled.ndjson >windy.ndjson
win-agg --gap 3h --lateness 2d --by city --agg "$aggregates" windy.ndjson >ours.ndjson 2>words
theirs "WITH marked AS (
    SELECT *, CASE WHEN timestamp - lag(timestamp) OVER w < interval '3 hours' THEN 0 ELSE 1 END AS begins FROM readings
    WHERE wind_speed >= 5 WINDOW w AS (PARTITION BY city ORDER BY timestamp)),
  numbered AS (SELECT *, sum(begins) OVER (PARTITION BY city ORDER BY timestamp) AS session FROM marked)
  SELECT z(min(timestamp)), z(max(timestamp) + interval '3 hours'), $columns FROM numbered GROUP BY city, session ORDER BY max(timestamp), city" | same "--gap 3h" ours.ndjson

# Windows of 100 records of a city, in the order in which they come.
grep -E '"city":"(Miami|Montreal)"' year.ndjson | win-agg --count 100 --drop-partial --by city --agg "$aggregates" 2>words | sort >ours.ndjson
theirs "WITH numbered AS (SELECT *, (row_number() OVER (PARTITION BY city ORDER BY timestamp) - 1) / 100 AS part FROM readings)
  SELECT z(min(timestamp)), z(max(timestamp)), $columns FROM numbered GROUP BY city, part HAVING count(*) = 100 ORDER BY min(timestamp), max(timestamp), city" | same "--count 100" ours.ndjson
