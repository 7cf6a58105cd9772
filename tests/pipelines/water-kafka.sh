#!/usr/bin/env bash
# examples/water: what plants publish over MQTT and gateways post over HTTP comes through Kafka into InfluxDB, checked, by the minute, as
# alerts, forecasts and answers of a model, each once while stages are killed. Critical alerts go out by mail, SMS and webhook, none is lost.
# Python finds the same in the shipped readings.
# labels: mqtt kafka influx smtp
# tools: mqtt-sub mqtt-pub http-recv kafka-pub kafka-sub rec-clean pipe-run win-agg thresh-alert alert-notify polyfit-predict ml-call influx-load
# timeout: 300
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
start_kafka
start_influx
start_smtp
start_mosquitto "persistence true" "persistence_location $PARTS/mosquitto/" "log_type all"
fail() { echo "FAILED: $*" >&2; tail -n 20 ./*.err >&2; exit 1; }

# The broker may be shared, so topics and pipelines have names of this test.
cp "$WEIR_SOURCE"/examples/water/*.* .
port=$(free_port)
sed -i "s/:8090/:$port/" rest.pipe
rm page.pipe # tests/pipelines/quickstart-examples.sh looks at it
# The model; a stand-in of Twilio and the webhook, which at first has one error after another.
model=$(free_port) services=$(free_port)
serve_process model.log "$model" /usr/bin/python3 model.py "$model"
: >kept
serve_process services.log "$services" "$WEIR_SOURCE/tests/support/alert-services" --port "$services" --keep kept 503 429:1 cut 500
export ML_API_URL=http://127.0.0.1:$model ALERT_WEBHOOK_URL=http://127.0.0.1:$services/hook SMTP_FROM=water@example.org ALERT_EMAIL=duty@example.org
export TWILIO_ACCOUNT_SID=AC1 TWILIO_AUTH_TOKEN=s3cret TWILIO_FROM=+15550101 ALERT_PHONE=+15550100
sed -i "s#^type = \"sms\"#&\nurl = \"http://127.0.0.1:$services\"#" notify.toml
sed -i "s/sensors\\\\\\./t$$-&/; s/sensors\\.[a-z{]/t$$-&/; s/^WEIR_STATE=/&t$$-/; s/--from start/& --look-every 200ms/" ./*.pipe
all() { kafka-sub -q -t "t$$-sensors.$1" --from start --until end "${@:2}"; }
# Whether readings of a plant have come through validate.
has_some() { all validated | jq -e --arg plant "$1" 'select(.plantId == $plant)' >/dev/null; }
runners=()
run() {
  pipe-run --restart-after 50ms --restart-at-most 200ms "$1.pipe" 2>"$1.err" &
  runners+=("$!")
  parts_pids+=("$!")
}

# The topic of each plant comes with its first reading, while validate runs.
for name in ingest rest validate minutes alerts notify forecast forecasts predict predictions quality history; do run $name; done
subscribed() { grep 'plants/+/+ (QoS' mosquitto/log; }
wait_until 30 subscribed || fail "nobody subscribed"
for plant in north east null; do
  jq -c --arg plant $plant 'select(.plantId == $plant or ($plant == "null" and .plantId == null))' readings.ndjson |
    mqtt-pub -t 'plants/{plantId:-default}/{sensorId:-unknown}'
  wait_until 30 has_some "${plant/null/default}" || fail "the readings of $plant are not there"
done
# The south has a gateway. It sends ten readings in a request, again and again until it gets an answer, and then once more.
jq -c 'select(.plantId == "south") | . + {unit: "mg/l", quality: "good", location: "outlet"}' readings.ndjson >south.ndjson
split -l 10 south.ndjson post-
post() { curl -sS --fail-with-body --noproxy '*' -H "Idempotency-Key: $1" --data-binary "@$1" "http://127.0.0.1:$port/api/readings" >answer; }
gateway() {
  local part
  for part in post-*; do
    wait_until 60 post "$part" && wait_until 60 post "$part" && grep -q repeated answer || return 1
  done
}
gateway 2>gateway.err &
gateway=$!
parts_pids+=("$gateway")

# What Python makes of the file.
PYTHONPATH=$PWD /usr/bin/python3 - <<'PYTHON'
import json
import numpy
import model
from collections import defaultdict
from datetime import datetime, timezone
ranges = {"pH": (0, 14), "BOD": (0, 2000), "COD": (0, 5000), "TSS": (0, 10000), "TDS": (0, 50000), "temperature": (-10, 100)}
limits = {"BOD": (30, 100), "COD": (250, 500), "TSS": (100, 300)}
def write(name, rows):
    with open(name, "w") as file:
        for row in sorted(rows, key=lambda row: json.dumps(row)):
            file.write(json.dumps(row, separators=(",", ":")) + "\n")
good, bad, groups, levels, alerts, series, forecasts = [], [], defaultdict(list), {}, [], defaultdict(list), []
newest, latest, answers = {}, defaultdict(dict), []
for record in map(json.loads, open("readings.ndjson")):
    plant, sensor, parameter, value = record.get("plantId", "default"), record.get("sensorId"), record.get("parameter"), record["value"]
    errors = [not sensor, not isinstance(parameter, str) or not parameter, not isinstance(value, (int, float))]
    if not errors[2] and parameter in ranges and not ranges[parameter][0] <= value <= ranges[parameter][1]:
        errors.append(True)
    if any(errors):
        bad.append([record["timestamp"], record.get("plantId"), sensor])
        continue
    good.append([record["timestamp"], plant, sensor, value])
    at = datetime.fromisoformat(record["timestamp"].replace("Z", "+00:00")).timestamp()
    groups[plant, parameter].append((at, value))
    newest[plant] = at
    latest[plant, at // 60][parameter] = value
    last = series[plant, parameter]
    last.append((at, value))
    del last[:-10]
    if len(last) >= 3:
        then = datetime.fromtimestamp(at + 60, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        slope, level = numpy.polyfit([each[0] - at for each in last], [each[1] for each in last], 1)
        forecasts.append([then, plant, parameter, round(level + 60 * slope, 6)])
    if parameter == "pH":
        level = "warning" if value < 6.5 or value > 9 else "ok"
    elif parameter in limits:
        level = "critical" if value > limits[parameter][1] else "warning" if value > limits[parameter][0] else "ok"
    else:
        continue
    if level != levels.get(sensor, "ok"):
        alerts.append([record["timestamp"], sensor, "firing" if level != "ok" else "resolved", value])
    levels[sensor] = level
minutes = []
for (plant, parameter), readings in groups.items():
    last = max(at for at, _ in readings)
    for minute in sorted({at // 60 for at, _ in readings}):
        values = [value for at, value in readings if at // 60 == minute]
        if (minute + 1) * 60 + 5 <= last:  # five seconds past its end
            start = datetime.fromtimestamp(minute * 60, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
            minutes.append([start, plant, parameter, min(values), max(values), round(sum(values) / len(values), 6), len(values), values[-1]])
write("validated.expected", good)
write("rejected.expected", bad)
write("aggregated.expected", minutes)
write("alerts.expected", alerts)
for (plant, minute), values in latest.items():
    if (minute + 1) * 60 + 5 <= newest[plant] and {"pH", "BOD", "COD", "TSS", "TDS"} <= set(values):
        water = {"flow_rate": 150, "temperature": 25, **values}
        result = model.predict({"flow_rate": water["flow_rate"], "temperature": water["temperature"],
                                **{f"influent_{name}": water[name] for name in ["BOD", "COD", "TSS", "pH", "TDS"]}})
        end = datetime.fromtimestamp((minute + 1) * 60, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        answers.append([end, plant, result["prediction"], result["confidence"]])
write("forecasts.expected", forecasts)
write("predictions.expected", answers)
PYTHON
[ "$(wc -l <rejected.expected)" -ge 5 ] && [ "$(wc -l <aggregated.expected)" -ge 15 ] && [ "$(wc -l <alerts.expected)" -ge 20 ] || fail "the readings show too little: $(wc -l ./*.expected)"

# same NAME FILTER: waits until the topic has as many messages as are expected, and compares what the filter makes of them.
has_all() { [ "$(all "$1" | wc -l)" -ge "$(wc -l <"$1.expected")" ]; }
same() {
  wait_until 60 has_all "$1" || fail "$1: $(all "$1" | wc -l) of $(wc -l <"$1.expected") messages"
  all "$1" | jq -c "$2" | jq -cs 'sort_by(tojson)[]' | diff <(jq -cs 'sort_by(tojson)[]' "$1.expected") - || fail "$1 differs"
}
kills=0
for ((i = 0; i < 6; i++)); do
  mapfile -t stages < <(pgrep -P "$(IFS=,; echo "${runners[*]}")")
  [ ${#stages[@]} -gt 0 ] || continue
  if kill -KILL "${stages[RANDOM % ${#stages[@]}]}" 2>/dev/null; then kills=$((kills + 1)); fi
  has_all validated || true # it reads them, which takes a while
done
same validated '[.timestamp, .plantId, .sensorId, .value]'
all_rejected() { [ "$(wc -l <rejected.ndjson)" -ge "$(wc -l <rejected.expected)" ]; }
wait_until 60 all_rejected || fail "rejected: $(wc -l <rejected.ndjson)"
jq -c '.raw | fromjson | [.timestamp, .plantId, .sensorId]' rejected.ndjson | jq -cs 'sort_by(tojson)[]' | diff <(jq -cs 'sort_by(tojson)[]' rejected.expected) - || fail "rejected differs"
same aggregated '[.window_start, .plantId, .parameter, .min, .max, (.avg * 1e6 | round / 1e6), .count, .latest]'
same alerts '[.timestamp, .sensorId, .state, .value]'
same forecasts '[.timestamp, .plantId, .parameter, (.prediction * 1e6 | round / 1e6)]'
same predictions '[.timestamp, .plantId, .result.prediction, .result.confidence]'
wait $gateway || fail "the gateway: $(cat gateway.err answer)"

# in_influx TOPIC QUERY FILTER: the points are what the topic has.
points() { ask_influx "$1" water | jq -c --argjson columns "$(ask_influx "$1" water | jq -c '.results[0].series[0].columns // []')" \
  '.results[0].series[0].values[]? | [$columns, .] | transpose | map({(.[0]): .[1]}) | add | .time |= (. / 1e9 | todate)'; }
has_points() { [ "$(points "$2" | wc -l)" -ge "$(wc -l <"$1.expected")" ]; }
in_influx() {
  wait_until 60 has_points "$1" "$2" || fail "InfluxDB: $(points "$2" | wc -l) of $(wc -l <"$1.expected") points of $1"
  points "$2" | jq -c "$3" | jq -cs 'sort_by(tojson)[]' | diff <(jq -cs 'sort_by(tojson)[]' "$1.expected") - || fail "the points of $1 differ"
}
in_influx validated 'select * from water_quality' '[.time, .plant_id, .sensor_id, .value]'
in_influx aggregated 'select * from water_quality_1m' '[.time, .plant_id, .parameter, .min, .max, (.avg * 1e6 | round / 1e6), .count, .latest]'
in_influx forecasts 'select * from forecasts' '[.time, .plant_id, .parameter, (.prediction * 1e6 | round / 1e6)]'
in_influx predictions 'select * from predictions' '[.time, .plant_id, .prediction, .confidence]'
[ "$(points 'select * from water_quality' | jq -c '[.plant_id == "south", .unit, .quality, .location]' | sort -u)" = '[false,null,null,"unknown"]
[true,"mg/l","good","outlet"]' ] || fail "units and places: $(points 'select * from water_quality' | head -n 3)"
[ "$(points 'select * from forecasts' | jq -c '.low <= .prediction and .prediction <= .high' | sort -u)" = true ] || fail "ranges"

# Each critical alert, and its end, went out by all three ways: the same id in each try, and none is missing.
critical=$(all alerts | jq -r 'select(.level == "critical") | "\(.timestamp) \(.sensorId) \(.state)"' | sort)
[ "$(wc -l <<<"$critical")" -ge 2 ] || fail "no critical alerts"
told() { jq -r 'select(.service == "webhook").body | select(.level == "critical") | "\(.timestamp) \(.sensorId) \(.state)"' kept | sort -u; }
are_told() { [ "$(told)" = "$critical" ]; }
wait_until 60 are_told || fail "the webhook: $(told), and not $critical"
sms() { jq -r 'select(.service == "twilio").body.Body | select(startswith("CRITICAL"))' kept | sed 's/ \[.*//' | sort -u; }
[ "$(sms)" = "$(all alerts | jq -r 'select(.level == "critical" and .state == "firing") | "CRITICAL: \(.parameter) = \(.value) at \(.plantId)"' | sort -u)" ] || fail "SMS: $(sms)"
# Each critical alert is one mail, and the first alert of its sensor that is none is one more. Of a plant's warnings there is one mail at most.
all alerts >alerts.ndjson
/usr/bin/python3 - >mails.expected <<'PYTHON'
import json
critical = {}
for alert in sorted(map(json.loads, open("alerts.ndjson")), key=lambda alert: alert["timestamp"]):
    sensor, is_critical = alert["sensorId"], alert["level"] == "critical" and alert["state"] == "firing"
    if is_critical != critical.get(sensor, False):
        print(f"{'Critical alert' if is_critical else 'Resolved'} at {alert['plantId']}: {alert['message']}")
    critical[sensor] = is_critical
PYTHON
mails() {
  /usr/bin/python3 - <<'PYTHON'
import collections, email, email.policy, glob
mails = {}
for name in glob.glob("mails/*.eml"):
    mail = email.message_from_binary_file(open(name, "rb"), policy=email.policy.default)
    mails[mail["Message-ID"]] = mail.get_body(("plain",)).get_content().splitlines()
print(*sorted(lines[0] for lines in mails.values() if lines[-1].endswith("route 1")), sep="\n")
plants = collections.Counter(lines[0].split(" at ")[1].split(":")[0] for lines in mails.values() if lines[-1].endswith("route 2"))
assert all(count == 1 for count in plants.values()), plants
PYTHON
}
all_mailed() { [ "$(mails)" = "$(LC_ALL=C sort mails.expected)" ]; }
[ "$(wc -l <mails.expected)" -ge 4 ] && wait_until 60 all_mailed || fail "mails: $(mails), and not $(cat mails.expected)"
# How a raw message was sent: its key and its headers.
all raw.north --count 1 --meta key,headers | jq -e '.key == .sensorId and .headers == {"content-type": "application/json", "source": "iot-gateway"}' >/dev/null || fail "key and headers: $(all raw.north --count 1 --meta key,headers)"
for runner in "${runners[@]}"; do
  kill -TERM "$runner"
  wait "$runner" || fail "pipe-run ended with $?"
done
echo "water: $(cat ./*.expected | wc -l) messages in six topics and four measurements as Python finds them, through $kills kills"
