#!/usr/bin/env bash
# Thefts from an electricity grid, as they happen:   smart-grid.sh [hour|day]
#
# An alert a line on standard output, {"window_start","window_end","meter","low","current","baseline","partial"}, when a meter that is connected
# draws less than half of its baseline three times on end: window_end is when that was known, current and baseline are in kW.
#
#   hour   a reading against the mean of the hour before it (the default)
#   day    the mean of a minute against that of the 24 hours before it
#
# SOURCE replaces the grid, which is simulated: 1,000 meters, a hundred times faster than the clock. METERS: how many there may be.
set -euo pipefail
source=${SOURCE:-sensor-sim --smart-grid --meters 1000 --speed 100}
meters=${METERS:-100000}

# A network that has had no answer sends a record again, within some minutes: 40 records of each meter are remembered.
# shellcheck disable=SC2086 # split at blanks
readings() { $source | rec-dedup --by meter,timestamp --within 10m --max-keys $((meters * 45)); }

# A reading is stamped with the end of its 15 seconds: --closed right. --having writes only what looks like a theft: of 100,000 rows every 15
# seconds some fifty.
against_hour() {
  win-agg --size 1h --every 15s --closed right --by meter --drop-partial --max-keys "$meters" \
    --agg 'last(kw) as current, avg(kw) if connected as baseline, last(connected) as connected' \
    --having 'connected and current < 0.5 * baseline'
}
# By way of the minutes, as a day of readings would be four times as much to keep. A minute without power on the line has no current.
against_day() {
  win-agg --every 1m --closed right --by meter --drop-partial --max-keys "$meters" \
    --agg 'avg(kw) if connected as kw, count(connected) as n, count() if not connected as off' |
    win-agg --time window_end --size 1d --every 1m --closed right --by meter --drop-partial --max-keys "$meters" \
      --agg 'last(kw) as current, avg(kw) as baseline, last(off) as off' --having 'off == 0 and current < 0.5 * baseline'
}
# One low reading is no theft, nor are two: a lift, a fuse, a bad contact. Then one alert is enough for a while.
three_on_end() {
  win-agg --time window_end --size "$((3 * $1))s" --every "$1s" --closed right --by meter --drop-partial --max-keys "$meters" \
    --agg 'count() as low, last(current) as current, last(baseline) as baseline' --having 'low >= 3' |
    rec-dedup --time window_end --by meter --within "$2" --max-keys "$meters"
}

case ${1:-hour} in
  hour) readings | against_hour | three_on_end 15 1h ;;
  day) readings | against_day | three_on_end 60 2h ;;
  *) echo "smart-grid.sh [hour|day]" >&2; exit 2 ;;
esac
