#!/usr/bin/env bash
# The whole platform, from devices on MQTT to Redis, InfluxDB and a lake:   iot-platform.sh FOLDER
#
# Eight simulated days of four devices (SOURCE replaces them) are published while all pipelines run in FOLDER, which keeps the lake, the spools
# and the states. Then each pipeline is run to its end, and what is in the stores is printed. Servers are started where MQTT_HOST, REDIS_HOST
# and INFLUX_URL name none, and end with the script.
set -euo pipefail
[ $# -eq 1 ] || { echo "iot-platform.sh FOLDER" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
export PATH=${WEIR_BIN:-$here/../../build/bin}:$PATH
source=${SOURCE:-sensor-sim --weather --cities 4 --every 30m --start 2026-06-29T00:00:00Z --count 1536}
if [ -z "${MQTT_HOST:-}" ] || [ -z "${REDIS_HOST:-}" ] || [ -z "${INFLUX_URL:-}" ]; then
  parts=$here/../../scripts/parts.sh
  [ -f "$parts" ] || { echo "iot-platform.sh: set MQTT_HOST, REDIS_HOST and INFLUX_URL: servers are started from the source tree only" >&2; exit 2; }
  # shellcheck source=scripts/parts.sh
  source "$parts"
  parts_begin
  [ -n "${MQTT_HOST:-}" ] || start_mosquitto
  [ -n "${REDIS_HOST:-}" ] || start_redis
  [ -n "${INFLUX_URL:-}" ] || start_influx
fi
mkdir -p "$1"
cd "$1"
cp "$here"/*.pipe "$here"/*.jq "$here"/*.json "$here"/*.schema .
curl -fsS --noproxy '*' -X POST "$INFLUX_URL/query" --data-urlencode 'q=create database iot' >/dev/null

# Readers of a spool begin before it is written, so that it keeps everything for them.
pipelines=(keep publish alerts hours influx live raw valid ingest status)
runners=()
stop() {
  local runner
  for runner in "${runners[@]}"; do kill -TERM "$runner"; done 2>/dev/null || true
  for runner in "${runners[@]}"; do wait "$runner" || true; done
  runners=()
}
parts_cleanup() { stop; }
[ -n "${PARTS:-}" ] || trap stop EXIT
for name in "${pipelines[@]}"; do
  pipe-run --restart-after 50ms --restart-at-most 1s "$name.pipe" 2>>"$name.log" &
  runners+=("$!")
done

# Everything is published once both have subscribed.
begun() { grep -q subscribed "$1.state/mqtt-sub/session" 2>/dev/null; }
until begun ingest && begun status; do sleep 0.1; done
# shellcheck disable=SC2086 # split at blanks
$source | jq -nc -f devices.jq >sent.ndjson
jq -c 'select(.sensor_type)' sent.ndjson | mqtt-pub -t 'sensors/{device_id}/{sensor_type}'
jq -c 'select(.status)' sent.ndjson | mqtt-pub -t 'devices/{device_id}/status'
sent=$(jq -c 'select(.sensor_type)' sent.ndjson | wc -l)
last=$(jq -sc 'map(select(.status)) | last | [.device_id, .timestamp]' sent.ndjson)
here_all() { [ "$(pipe-spool -q --read look all 2>/dev/null | wc -l)" -ge "$sent" ]; }
ask() { redis-cli -h "$REDIS_HOST" -p "${REDIS_PORT:-6379}" --raw "$@"; }
last_status() { [ "$(ask hget "device:$(jq -r '.[0]' <<<"$last")" timestamp)" = "$(jq -r '.[1]' <<<"$last")" ]; }
until here_all && last_status; do sleep 0.2; done
stop

# Each pipeline to the end of its spool: the last hours are written, and files that were open are closed.
for name in valid raw live influx hours alerts publish keep; do
  sed 's/^pipe-spool -f /pipe-spool /' "$name.pipe" >"$name.last"
  pipe-run "$name.last" 2>>"$name.log"
done
"$here/patterns.sh" . >patterns.ndjson

counted() { curl -fsS --noproxy '*' -G "$INFLUX_URL/query" --data-urlencode 'db=iot' --data-urlencode "q=select count(value) from sensor_readings" | jq '.results[0].series[0].values[0][1]'; }
echo "$sent readings sent; lake/raw: $(cat lake/raw/state=valid/*/*.ndjson | wc -l) valid and $(cat lake/raw/state=rejected/*/*.ndjson | wc -l) rejected"
echo "InfluxDB: $(counted) points; Redis: $(ask --scan --pattern 'sensor:*' | wc -l) sensors, $(ask --scan --pattern 'alert:*' | wc -l) alerts"
echo "lake/hours: $(find lake/hours -name '*.parquet' | wc -l) files; patterns.ndjson: $(wc -l <patterns.ndjson) rows"
