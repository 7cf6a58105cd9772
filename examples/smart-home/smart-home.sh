#!/usr/bin/env bash
# A smart home into PostgreSQL, raw and by the day, while it comes in:   smart-home.sh
#
#   SENSOR_raw     what each sensor sent
#   SENSOR_day     a row a day: avg, sum and max of what it sent; used, by how much max is above that of the day before
#   EnergyRest_day, WaterRest_day   a row a day: what the house used and no single sensor saw, in Wh and l
#   late_taken     records up to two days late: they are in the days they belong to, whose rows were written again, with a higher rev
#   late_refused   records that came later than that: they are in no day
#
# Settings come from the environment: PG*. SOURCE replaces the house, which is simulated, a quarter of an hour a second. RAW: more options for
# the tables of raw readings, such as '--hypertable --chunk-interval 1w' with TimescaleDB.
set -euo pipefail
source=${SOURCE:-sensor-sim --smart-home --speed 900}
late=2d
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkfifo "$work/raw" "$work/late" "$work/copies"

load() { pg-load --create --type rev=integer --type timestamp=timestamptz --type value=numeric "$@"; }
loads=()
# shellcheck disable=SC2086 # split at blanks
load --table '{sensor}_raw' ${RAW:-} <"$work/raw" & loads+=($!)
load --table late_taken --type late_by=interval <"$work/copies" & loads+=($!)
load --table late_refused --type late_by=interval <"$work/late" & loads+=($!)

# A reading is stamped with the end of what it measures, so a day is what is stamped 00:15 to 24:00: --closed right. Movements are stamped to the
# second, in the order in which they come. The second of lateness keeps midnight open until all sensors have reported it.
# shellcheck disable=SC2086 # split at blanks
$source | tee "$work/raw" |
  win-agg --every day --closed right --lateness 1s --by sensor --agg 'avg(value) as avg, sum(value) as sum, max(value) as max' \
    --allow-late $late --late-copy "$work/copies" --late "$work/late" --drop-partial --stats |
  win-delta --by sensor --field 'max as used' --allow-late $late |
  win-calc --pass --missing wait --allow-late $late \
    --calc 'EnergyRest = Etot.used - HVAC1.sum - HVAC2.sum - MiAC1.sum - MiAC2.sum' \
    --calc 'WaterRest = Wtot.used - W1.sum' |
  load --table '{sensor}_day' --upsert window_end --time window_end --type window_start=timestamptz --type window_end=timestamptz \
    --type avg='double precision' --type sum='double precision' --type value='double precision' --type max=numeric --type used=numeric
status=0
for load in "${loads[@]}"; do wait "$load" || status=$?; done
exit $status
