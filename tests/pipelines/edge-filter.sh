#!/usr/bin/env bash
# edge-filter against a model with numpy and scipy, streams made at random: every mark of every record, and the guarantee of a swinging door.
# labels: numpy
# tools: edge-filter
# timeout: 300
set -euo pipefail
PATH=$WEIR_BIN:$PATH
PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 "$WEIR_SOURCE/tests/support/edge-model" --streams 60

# A gateway of 1,000 sensors: every rule needs 10 MB at most. The sanitizers' memory is not the tool's.
if grep -q __asan_init "$WEIR_BIN/edge-filter"; then exit 0; fi
folder=$(mktemp -d)
cd "$folder"
mkfifo in
reader=
trap '[ -z "$reader" ] || kill "$reader" 2>/dev/null; rm -rf "$folder"' EXIT
awk 'BEGIN {
  srand(1)
  for (i = 0; i < 100000; ++i)
    printf "{\"device_id\":\"device-%04d\",\"sensor_type\":\"pressure\",\"timestamp\":%d,\"value\":%.2f}\n", i % 1000, 1782900000 + int(i / 1000) * 10, 20 + i % 50 + rand()
}' >readings
for rule in '' '--smooth lowpass:3:0.2 --swing 0.5' '--smooth median:5 --deadband 0.5' '--smooth filtfilt:2:0.1 --deadband 2% --span 0..100' '--smooth mean:10 --swing 1 --with-previous'; do
  # shellcheck disable=SC2086 # options
  edge-filter -q --by device_id --parameter sensor_type --value value $rule <in >out &
  reader=$!
  exec 4>in
  cat readings >&4
  until [ "$(wc -l <out)" -ge 90000 ]; do
    kill -0 $reader || { echo "edge-filter $rule has ended" >&2; exit 1; }
    sleep 0.1
  done
  peak=$(awk '/^VmHWM/ {print $2}' /proc/$reader/status)
  exec 4>&-
  wait $reader
  reader=
  [ "$peak" -le 10240 ] || { echo "edge-filter $rule needs $peak kB for 1,000 sensors" >&2; exit 1; }
  echo "1,000 sensors, $rule: $peak kB"
done
