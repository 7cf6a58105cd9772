#!/usr/bin/env bash
# Water quality, from MQTT and REST through Kafka to InfluxDB, a model, mails, SMS, a webhook and a page:   water.sh FOLDER
#
# Four minutes of four plants (readings.ndjson) are published and posted while all pipelines run in FOLDER, which keeps their states. Then each
# pipeline is run to its end, and what came out is printed. Servers are started where MQTT_HOST, KAFKA_BROKERS, INFLUX_URL and SMTP_HOST name
# none, model.py where ML_API_URL names no model, and twilio.py where TWILIO_ACCOUNT_SID names no account. All of them end with the script.
# tools: mqtt-sub mqtt-pub http-recv kafka-pub kafka-sub rec-clean pipe-run win-agg thresh-alert alert-notify polyfit-predict ml-call influx-load influx-query dash-serve pipe-health
# servers: mosquitto kafka influx smtp
set -euo pipefail
[ $# -eq 1 ] || { echo "water.sh FOLDER" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
export PATH=${WEIR_BIN:-$here/../../build/bin}:$PATH
if [ -z "${MQTT_HOST:-}" ] || [ -z "${KAFKA_BROKERS:-}" ] || [ -z "${INFLUX_URL:-}" ] || [ -z "${SMTP_HOST:-}" ]; then
  parts=$here/../../scripts/parts.sh
  [ -f "$parts" ] || { echo "water.sh: set MQTT_HOST, KAFKA_BROKERS, INFLUX_URL and SMTP_HOST: servers are started from the source tree only" >&2; exit 2; }
  # shellcheck source=scripts/parts.sh
  source "$parts"
  parts_begin
  start_missing MQTT_HOST=mosquitto KAFKA_BROKERS=kafka INFLUX_URL=influx SMTP_HOST=smtp
fi
mkdir -p "$1"
cd "$1"
cp "$here"/*.* .
curl -fsS --noproxy '*' -X POST "$INFLUX_URL/query" --data-urlencode 'q=create database water' >/dev/null
# Free ports below those of outgoing connections, which could take one before its server does.
read -r rest page hook model twilio < <(python3 -c 'import random, socket
def is_free(port):
    with socket.socket() as tried: return tried.connect_ex(("127.0.0.1", port)) != 0
print(*list(filter(is_free, random.sample(range(10000, 12000), 50)))[:5])')
sed -i "s/:8090/:$rest/" rest.pipe
sed -i "s/:8080/:$page/" page.pipe
export SMTP_FROM=${SMTP_FROM:-water@example.org} ALERT_EMAIL=${ALERT_EMAIL:-duty@example.org} ALERT_WEBHOOK_URL=${ALERT_WEBHOOK_URL:-http://127.0.0.1:$hook/alerts}

runners=() kept=()
stop() {
  [ ${#runners[@]} -eq 0 ] || { kill -TERM "${runners[@]}" 2>/dev/null; wait "${runners[@]}"; } || true
  runners=()
}
parts_cleanup() {
  runners+=("${kept[@]}")
  stop
}
[ -n "${PARTS:-}" ] || trap parts_cleanup EXIT
run() {
  pipe-run --restart-after 50ms --restart-at-most 1s "$1.pipe" 2>>"$1.log" &
  runners+=("$!")
}
# The webhook is a program of your own; here it keeps what it is told.
http-recv -q --listen "127.0.0.1:$hook" --path /alerts >hooks.ndjson 2>hooks.log &
kept+=("$!")
if [ -z "${ML_API_URL:-}" ]; then
  export ML_API_URL=http://127.0.0.1:$model
  python3 model.py "$model" &
  kept+=("$!")
fi
if [ -z "${TWILIO_ACCOUNT_SID:-}" ]; then
  export TWILIO_ACCOUNT_SID=AC1 TWILIO_AUTH_TOKEN=none TWILIO_FROM=+15550101 ALERT_PHONE=${ALERT_PHONE:-+15550100}
  sed -i "s#^type = \"sms\"#&\nurl = \"http://127.0.0.1:$twilio\"#" notify.toml
  python3 twilio.py "$twilio" sms.ndjson &
  kept+=("$!")
fi
for name in ingest rest validate minutes alerts notify forecast forecasts predict predictions quality history page; do run "$name"; done
echo "A page while it runs: http://127.0.0.1:$page/"

# Three plants have a broker. The fourth has a gateway, which repeats a request until it is answered: with the same key, so taken once.
until grep -q subscribed water-ingest.state/mqtt-sub/session 2>/dev/null; do sleep 0.1; done
jq -c 'select(.plantId != "south")' readings.ndjson | mqtt-pub -t 'plants/{plantId:-default}/{sensorId:-unknown}'
jq -c 'select(.plantId == "south")' readings.ndjson >south.ndjson
until curl -fsS --noproxy '*' -H 'Idempotency-Key: gate7-1' --data-binary @south.ndjson "http://127.0.0.1:$rest/api/readings" >answer 2>>rest.log; do sleep 0.2; done
all() { kafka-sub -q -t "$1" --from start --until end; }
arrived() { [ "$(all '^sensors\.raw\.' | wc -l)" -ge "$(wc -l <readings.ndjson)" ]; }
until arrived; do sleep 0.2; done
shown() { curl -fsS --noproxy '*' "http://127.0.0.1:$page/api/snapshot" | jq -s 'map(select(.rule or .prediction or .value)) | length'; }
until [ "$(shown)" -ge 50 ]; do sleep 0.2; done
answers() { curl -fsS --noproxy '*' "http://127.0.0.1:$page/api/latest" | jq -c '[.[].record | select(.model) | {plantId, model, result}] | sort_by(.plantId)[]'; }
until [ -n "$(answers)" ]; do sleep 0.2; done
echo "On the page, an answer of the model: $(answers | head -n 1)"
pipe-health --check "broker=mqtt://$MQTT_HOST:${MQTT_PORT:-1883}" --check "kafka=kafka://$KAFKA_BROKERS/sensors.validated" --check "influx=influx${INFLUX_URL#http}" \
  --check ingest=state:water-ingest.state --check "page=http://127.0.0.1:$page/healthz" >health.ndjson || { cat health.ndjson >&2; exit 1; }
jq -r '"\(.name): \(.status)"' health.ndjson | paste -sd ' '
# All but the model, the phone and the webhook stop, and then each reads its topic to the end.
stop
for name in validate minutes alerts forecast predict quality history forecasts predictions notify; do
  sed 's/--from start/& --until end/' "$name.pipe" >"$name.last"
  pipe-run "$name.last" 2>>"$name.log" || [ $? -eq 1 ]  # 1: records were left out, as its messages tell
done

echo "$(wc -l <readings.ndjson) readings sent: $(all sensors.validated | wc -l) validated, $(wc -l <rejected.ndjson) rejected, such as: $(jq -r .reason rejected.ndjson | head -n 1)"
echo "$(all sensors.alerts | wc -l) alerts, the critical ones:"
all sensors.alerts | jq -r 'select(.level == "critical" and .state == "firing") | "  \(.timestamp)  \(.message)"' | sort
echo "told: $(jq -r 'select(.state == "delivered") | .channel' notified.ndjson | sort | uniq -c | awk '{print $1 " by " $2}' | paste -sd ' '); at the webhook: $(wc -l <hooks.ndjson)"
[ ! -f sms.ndjson ] || { echo "on the phone:" && jq -r '"  " + .body' sms.ndjson; }
echo "$(all sensors.predictions | wc -l) answers of the model:"
all sensors.predictions | jq -r '"  \(.timestamp)  \(.plantId): \(.result.prediction), \(.result.confidence)"' | sort
echo "In InfluxDB, a minute of the north:"
influx-query --db water --influxql "select * from water_quality_1m where plant_id = 'north' and time >= '2026-03-02T08:02:00Z' and time < '2026-03-02T08:03:00Z'"
