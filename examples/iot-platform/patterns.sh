#!/usr/bin/env bash
# What is usual for each sensor at each hour of each day of the week, from the lake's raw zone:   patterns.sh [FOLDER] >patterns.ndjson
#
# A row has device_id, sensor_type, day_of_week (1 is Monday), hour_of_day (UTC; win-agg --tz for local time), reading_count and avg_value.
set -euo pipefail
export PATH=${WEIR_BIN:-$(cd "$(dirname "$0")" && pwd)/../../build/bin}:$PATH
cat "${1:-.}"/lake/raw/valid=true/dt=*/*.ndjson |
  win-agg --every year --lateness 2d --by device_id,sensor_type,day_of_week,hour_of_day --agg 'count() as reading_count, avg(value) as avg_value'
