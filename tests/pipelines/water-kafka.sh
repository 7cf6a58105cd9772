#!/usr/bin/env bash
# examples/water: what plants publish over MQTT comes through Kafka, checked, by the minute and as alerts, each once while stages are killed.
# Python finds the same in the shipped readings.
# labels: mqtt kafka
# tools: mqtt-sub mqtt-pub kafka-pub kafka-sub pipe-via pipe-run win-agg thresh-alert
# timeout: 300
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
start_kafka
start_mosquitto "persistence true" "persistence_location $PARTS/mosquitto/" "log_type all"
fail() { echo "FAILED: $*" >&2; tail -n 20 ./*.err >&2; exit 1; }

# The broker may be shared, so topics and pipelines have names of this test.
cp "$WEIR_SOURCE"/examples/water/* .
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
for name in ingest validate minutes alerts; do run $name; done
subscribed() { grep 'plants/+/+ (QoS' mosquitto/log; }
wait_until 30 subscribed || fail "nobody subscribed"
for plant in north null south; do
  jq -c --arg plant $plant 'select(.plantId == $plant or ($plant == "null" and .plantId == null))' readings.ndjson |
    mqtt-pub -t 'plants/{plantId:-default}/{sensorId:-unknown}'
  [ $plant = south ] || wait_until 30 has_some "${plant/null/default}" || fail "the readings of $plant are not there"
done

# What Python makes of the file.
/usr/bin/python3 - <<'PYTHON'
import json
from collections import defaultdict
from datetime import datetime, timezone
ranges = {"pH": (0, 14), "BOD": (0, 2000), "COD": (0, 5000), "TSS": (0, 10000), "TDS": (0, 50000), "temperature": (-10, 100)}
limits = {"BOD": (30, 100), "COD": (250, 500), "TSS": (100, 300)}
def write(name, rows):
    with open(name, "w") as file:
        for row in sorted(rows, key=lambda row: json.dumps(row)):
            file.write(json.dumps(row, separators=(",", ":")) + "\n")
good, bad, groups, levels, alerts = [], [], defaultdict(list), {}, []
for record in map(json.loads, open("readings.ndjson")):
    plant, sensor, parameter, value = record.get("plantId", "default"), record.get("sensorId"), record.get("parameter"), record["value"]
    errors = [not sensor, not isinstance(parameter, str), not isinstance(value, (int, float))]
    if not errors[2] and parameter in ranges and not ranges[parameter][0] <= value <= ranges[parameter][1]:
        errors.append(True)
    if any(errors):
        bad.append([record["timestamp"], plant, sensor, sum(errors)])
        continue
    good.append([record["timestamp"], plant, sensor, value])
    at = datetime.fromisoformat(record["timestamp"].replace("Z", "+00:00")).timestamp()
    groups[plant, parameter].append((at, value))
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
    newest = max(at for at, _ in readings)
    for minute in sorted({at // 60 for at, _ in readings}):
        values = [value for at, value in readings if at // 60 == minute]
        if (minute + 1) * 60 + 5 <= newest:  # five seconds past its end
            start = datetime.fromtimestamp(minute * 60, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
            minutes.append([start, plant, parameter, min(values), max(values), round(sum(values) / len(values), 6), len(values), values[-1]])
write("validated.expected", good)
write("rejected.expected", bad)
write("aggregated.expected", minutes)
write("alerts.expected", alerts)
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
same rejected '[.timestamp, .plantId, .sensorId, (.errors | length)]'
same aggregated '[.window_start, .plantId, .parameter, .min, .max, (.avg * 1e6 | round / 1e6), .count, .latest]'
same alerts '[.timestamp, .sensorId, .state, .value]'
# How a raw message was sent: its key and its headers.
all raw.north --count 1 --meta key,headers | jq -e '.key == .sensorId and .headers == {"content-type": "application/json", "source": "iot-gateway"}' >/dev/null || fail "key and headers: $(all raw.north --count 1 --meta key,headers)"
for runner in "${runners[@]}"; do
  kill -TERM "$runner"
  wait "$runner" || fail "pipe-run ended with $?"
done
echo "water: $(cat ./*.expected | wc -l) messages in four topics as Python finds them, through $kills kills"
