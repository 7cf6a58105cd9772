#!/usr/bin/env bash
# The whole platform, from devices by way of a gateway and MQTT to Redis, InfluxDB and a lake:   iot-platform.sh FOLDER
#
# Forests are trained on five simulated days of four devices (HISTORY replaces them). The next eight days (SOURCE replaces them) are measured
# while all pipelines run in FOLDER, which keeps the lake, the spools and the states. Then each pipeline is run to its end, and what is in the
# stores is printed. Servers are started where MQTT_HOST, REDIS_HOST and INFLUX_URL name none, and end with the script.
# tools: sensor-sim anomaly-score edge-filter mqtt-sub mqtt-pub rec-dedup rec-enrich rec-clean pipe-spool pipe-run win-agg redis-load influx-load lake-load dash-serve pipe-health
# servers: mosquitto redis influx
set -euo pipefail
[ $# -eq 1 ] || { echo "iot-platform.sh FOLDER" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
export PATH=${WEIR_BIN:-$here/../../build/bin}:$PATH
simulated="sensor-sim --weather --cities 4 --every 30m"
history=${HISTORY:-$simulated --start 2026-06-24T00:00:00Z --count 960}
source=${SOURCE:-$simulated --start 2026-06-29T00:00:00Z --count 1536}
if [ -z "${MQTT_HOST:-}" ] || [ -z "${REDIS_HOST:-}" ] || [ -z "${INFLUX_URL:-}" ]; then
  parts=$here/../../scripts/parts.sh
  [ -f "$parts" ] || { echo "iot-platform.sh: set MQTT_HOST, REDIS_HOST and INFLUX_URL: servers are started from the source tree only" >&2; exit 2; }
  # shellcheck source=scripts/parts.sh
  source "$parts"
  parts_begin
  start_missing MQTT_HOST=mosquitto REDIS_HOST=redis INFLUX_URL=influx
fi
mkdir -p "$1"
cd "$1"
cp "$here"/*.pipe "$here"/*.jq "$here"/*.csv "$here"/*.schema .
curl -fsS --noproxy '*' -X POST "$INFLUX_URL/query" --data-urlencode 'q=create database iot' >/dev/null
# A free port below those of outgoing connections, which could take it before the page does.
page=$(/usr/bin/python3 -c 'import random, socket
for port in random.sample(range(10000, 12000), 2000):
    with socket.socket() as tried:
        if tried.connect_ex(("127.0.0.1", port)) != 0: break
print(port)')
sed -i "s/:8080/:$page/" page.pipe

# The forests of the gateway, one for each sensor: a tenth of the days before is taken for unusual.
mkdir -p models
# shellcheck disable=SC2086 # split at blanks
$history | jq -nc -f devices.jq | jq -c 'select(.value | type == "number")' >history.ndjson
anomaly-score --method iforest --by device_id,sensor_type --field value --train history.ndjson --contamination 0.1 \
  --model 'models/{device_id}-{sensor_type}.json'

# Readers of a spool begin before it is written, so that it keeps everything for them.
pipelines=(keep publish alerts hours influx live page raw valid ingest transmit edge status)
runners=()
stop() {
  [ ${#runners[@]} -eq 0 ] || { kill -TERM "${runners[@]}" 2>/dev/null; wait "${runners[@]}"; } || true
  runners=()
}
parts_cleanup() { stop; }
[ -n "${PARTS:-}" ] || trap stop EXIT
for name in "${pipelines[@]}"; do
  pipe-run --restart-after 50ms --restart-at-most 1s "$name.pipe" 2>>"$name.log" &
  runners+=("$!")
done
echo "A page while it runs: http://127.0.0.1:$page/"

# Everything is measured once the hub has subscribed.
begun() { grep -q subscribed "$1.state/mqtt-sub/session" 2>/dev/null; }
until begun ingest && begun status; do sleep 0.1; done
# shellcheck disable=SC2086
$source | jq -nc -f devices.jq >sent.ndjson
jq -c 'select(.sensor_type)' sent.ndjson | pipe-spool -q sensors
jq -c 'select(.status)' sent.ndjson | mqtt-pub -t 'devices/{device_id}/status'
measured=$(jq -c 'select(.sensor_type)' sent.ndjson | wc -l)
last=$(jq -sc 'map(select(.status)) | last | [.device_id, .timestamp]' sent.ndjson)
all() { pipe-spool -q --read look "$1" 2>/dev/null; }
# What the gateway has not sent because it is no number is counted too.
edge_has_all() { [ $(($(all edge | wc -l) + $(wc -l <edge-rejects.ndjson 2>/dev/null || echo 0))) -ge "$measured" ]; }
until edge_has_all; do sleep 0.5; done
sent=$(all edge | jq -c 'select(.should_transmit)' | wc -l)
ask() { redis-cli -h "$REDIS_HOST" -p "${REDIS_PORT:-6379}" --raw "$@"; }
hub_has_all() { [ "$(all all | wc -l)" -ge "$sent" ]; }
last_status() { [ "$(ask hget "device:$(jq -r '.[0]' <<<"$last")" timestamp)" = "$(jq -r '.[1]' <<<"$last")" ]; }
until hub_has_all && last_status; do sleep 0.5; done
health() {
  pipe-health --check "broker=mqtt://$MQTT_HOST:${MQTT_PORT:-1883}" --check "redis=redis://$REDIS_HOST:${REDIS_PORT:-6379}" \
    --check "influx=influx${INFLUX_URL#http}" --check ingest=state:ingest.state --check valid=state:valid.state
}
until health >health.ndjson; do
  cat health.ndjson >&2
  sleep 1
done
jq -r '"\(.name): \(.status)"' health.ndjson | paste -sd ' '
# A page that was stopped shows what came since.
sensors=$(jq -r 'select(.sensor_type) | "\(.device_id), \(.sensor_type)"' sent.ndjson | sort -u | wc -l)
map() { curl -fsS --noproxy '*' "http://127.0.0.1:$page/api/map" | jq -c '[.features[] | [.properties.key, .geometry.coordinates]] | sort'; }
for ((i = 0; i < 60; i++)); do
  if map >map.json && [ "$(jq length map.json)" -ge "$sensors" ]; then break; fi
  sleep 0.5
done
echo "On the map: $(jq length map.json) sensors, the first of them $(jq -c '.[0]' map.json)"
stop

# Each pipeline to the end of its spool: the last hours are written, and files that were open are closed.
for name in valid raw live influx hours alerts publish keep; do
  sed 's/^pipe-spool -f /pipe-spool /' "$name.pipe" >"$name.last"
  pipe-run "$name.last" 2>>"$name.log"
done
"$here/patterns.sh" . >patterns.ndjson

counted() { curl -fsS --noproxy '*' -G "$INFLUX_URL/query" --data-urlencode 'db=iot' --data-urlencode "q=select count(value) from sensor_readings" | jq '.results[0].series[0].values[0][1]'; }
echo "$measured readings measured, $sent of them sent; lake/raw: $(cat lake/raw/valid=true/*/*.ndjson | wc -l) that can be used, $(cat lake/raw/valid=false/*/*.ndjson | wc -l) that cannot"
echo "InfluxDB: $(counted) points; Redis: $(ask --scan --pattern 'sensor:*' | wc -l) sensors, $(ask --scan --pattern 'alert:*' | wc -l) alerts"
echo "lake/hours: $(find lake/hours -name '*.parquet' | wc -l) files; patterns.ndjson: $(wc -l <patterns.ndjson) rows"
