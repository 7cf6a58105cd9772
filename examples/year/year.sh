#!/usr/bin/env bash
# Three answers from a year of readings, a line of small tools each:   year.sh READINGS.csv
#
#   hottest.csv   the hottest day of each city and year
#   rain.csv      the longest rain of each city and year, in readings that follow each other without a pause
#   months.csv    the mean, the extremes and the number of readings of each city and month
#
# ZONE is the clock by which days, months and years are counted, UTC by default. Columns are those of examples/data/readings.csv.
# The filter will be rec-clean's; till it comes jq stands in.
set -euo pipefail
zone=${ZONE:-UTC}
every() { win-agg --tz "$zone" --by "$@"; }

# The day with the highest of the days' highest readings.
csv-tail "$1" |
  every city --every day --local date --agg 'max(temperature_c) as hottest' |
  every city,local_date --every year --time window_start --agg 'max(hottest) as hottest' --top 1 --top-per city |
  csv-append - >hottest.csv

# A session for each rain: readings come every hour, so a pause is more than that. A rain belongs to the year in which it begins.
csv-tail "$1" |
  jq -c 'select(.weather // "" | test("rain"))' |
  every city --gap 61m --agg 'count() as hours' |
  every 'city,window_start as begin' --every year --time window_start --lateness 31d --agg 'max(hours) as hours' --top 1 --top-per city |
  csv-append - >rain.csv

csv-tail "$1" |
  every city --every month --local date \
    --agg 'round(avg(temperature_c), 1) as mean, min(temperature_c) as coldest, max(temperature_c) as hottest, count(temperature_c) as readings' |
  csv-append - >months.csv
