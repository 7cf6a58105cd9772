#!/usr/bin/env bash
# examples/routing: critical alerts to PagerDuty, warnings to Alertmanager, everything into InfluxDB, commands to machines and those not confirmed,
# through errors of the services and kills; the same by topics of Kafka. Python finds the same alerts.
# labels: mqtt influx kafka
# tools: mqtt-sub mqtt-pub pipe-spool pipe-run thresh-alert alert-notify influx-load win-agg csv-append rec-clean kafka-pub kafka-sub
# timeout: 300
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
start_mosquitto "persistence true" "persistence_location $PARTS/mosquitto/" "log_type all"
start_influx
start_kafka
ask_influx 'create database routing' >created
fail() { echo "FAILED: $*" >&2; tail -n 20 ./*.err >&2; exit 1; }
cp "$WEIR_SOURCE"/examples/routing/*.* .
sed -i "s/^WEIR_STATE=/&t$$-/" ./*.pipe # the broker may be shared
port=$(free_port)
: >kept
serve_process services.log "$port" "$WEIR_SOURCE/tests/support/alert-services" --port "$port" --keep kept 503 429+1 cut keep-cut 500
export PAGERDUTY_URL=http://127.0.0.1:$port ALERTMANAGER_URL=http://127.0.0.1:$port TOPICS=t$$-events
echo r0uting >pagerduty.key
chmod 600 pagerduty.key

runners=()
run() {
  pipe-run --restart-after 50ms --restart-at-most 200ms "$1.pipe" 2>"$1.err" &
  runners+=("$!")
  parts_pids+=("$!")
}
for name in critical warning command series alerts unconfirmed ingest kafka; do run $name; done
# The presses confirm what they are told, but for the third.
run_group "mqtt-sub -q -t 'devices/+/command' --client-id presses --topic-fields _,device | rec-clean -q -u --keep \"device != 'press-3'\" | mqtt-pub -q -t 'devices/{device}/confirmed'"
run_group "mqtt-sub -q -t 'devices/+/confirmed' --client-id witness --topic-fields _,device | jq -c --unbuffered '[.device, .id, .state]' >confirmed"
subscribed() { [ "$(grep -c 'Received SUBSCRIBE' mosquitto/log)" -ge 5 ]; }
wait_until 30 subscribed || fail "not all subscribed"
# What Python makes of the file: levels with their limits of return.
/usr/bin/python3 - <<'PYTHON'
import json
state, told, levels, commands = {}, {"critical": [], "warning": []}, {}, []
for number, line in enumerate(map(json.loads, open("telemetry.ndjson")), 1):
    device, t = line["device"], line["temperature"]
    warning, critical = state.get(device, (False, False))
    critical = t > 95 or critical and not t < 90
    warning = t > 80 or warning and not t < 75
    before, now = levels.get(device, "ok"), "critical" if critical else "warning" if warning else "ok"
    if now != before:
        if before != "ok":
            told[before].append([device, "resolved"])
        if now != "ok":
            told[now].append([device, "firing"])
        if "critical" in (before, now) and device != "press-3":
            commands.append(number)
    state[device], levels[device] = (warning, critical), now
for level, alerts in told.items():
    open(f"{level}.expected", "w").write("".join(f"{device} {kind}\n" for device, kind in sorted(alerts)))
open("commands", "w").write("".join(f"{number}\n" for number in commands))
PYTHON
# A press confirms before the next thing happens: readings come up to the one that makes a command, and then wait.
sent=0 wanted=0
publish() { sed -n "$((sent + 1)),$1p" telemetry.ndjson | mqtt-pub -t 'devices/{device}/telemetry'; }
confirmed() { [ "$(sort -u confirmed | wc -l)" -ge $wanted ]; }
while read -r number; do
  publish "$number"
  sent=$number wanted=$((wanted + 1))
  mapfile -t stages < <(pgrep -P "$(IFS=,; echo "${runners[*]}")")
  for stage in "${stages[@]}"; do if ((RANDOM % 3 == 0)); then kill -KILL "$stage" 2>/dev/null || true; fi; done
  wait_until 60 confirmed || fail "command $wanted is not confirmed: $(cat confirmed)"
done <commands
[ $wanted -ge 2 ] || fail "the example has $wanted commands that are confirmed"
publish '$'
[ "$(wc -l <critical.expected)" = 4 ] && [ "$(wc -l <warning.expected)" = 2 ] || fail "the example shows too little: $(cat ./*.expected)"
pagerduty() { jq -r 'select(.service == "pagerduty").body | "\(.dedup_key | sub("heat/"; "")) \(if .event_action == "trigger" then "firing" else "resolved" end)"' kept | sort -u; }
monitoring() { jq -r 'select(.service == "alertmanager").body[] | "\(.labels.device) \(if .endsAt and .endsAt <= (now | todate) then "resolved" else "firing" end)"' kept | sort -u; }
all_told() { [ "$(pagerduty)" = "$(cat critical.expected)" ]; }
wait_until 60 all_told || fail "PagerDuty was told $(pagerduty), and not $(cat critical.expected)"
all_monitored() { [ "$(monitoring)" = "$(cat warning.expected)" ]; }
wait_until 60 all_monitored || fail "Alertmanager was told $(monitoring), and not $(cat warning.expected)"
points() { ask_influx 'select count(temperature) from telemetry' routing | jq -r '.results[0].series[0].values[0][1] // 0'; }
all_points() { [ "$(points)" = "$(wc -l <telemetry.ndjson)" ]; }
wait_until 60 all_points || fail "InfluxDB: $(points) points"
missed() { [ "$(wc -l <unconfirmed.csv)" -ge 2 ]; }
wait_until 60 missed || fail "no command is missed: $(cat unconfirmed.csv)"
[ "$(/usr/bin/python3 -c 'import csv; print(*sorted((row["device"], row["state"]) for row in csv.DictReader(open("unconfirmed.csv"))))')" = "('press-3', 'firing')" ] || fail "unconfirmed: $(cat unconfirmed.csv)"

# By topics: each reading is in that of its level.
in_topic() { kafka-sub -q -t "$TOPICS.$1" --from start --until end; }
all_in_topics() { [ "$(kafka-sub -q -t "^$TOPICS\\." --from start --until end | wc -l)" -ge "$(wc -l <telemetry.ndjson)" ]; }
wait_until 60 all_in_topics || fail "the topics lack readings"
[ "$(in_topic critical | jq -r .device | sort -u | xargs)" = "press-2 press-3" ] && [ "$(in_topic warning | jq -r .device | sort -u)" = press-1 ] || fail "topics: $(in_topic critical | tail -n 2)"
[ "$(in_topic ok | wc -l)" = $(($(wc -l <telemetry.ndjson) - $(in_topic critical | wc -l) - $(in_topic warning | wc -l))) ] || fail "a reading is in two topics"
for runner in "${runners[@]}"; do
  kill -TERM "$runner"
  wait "$runner" || fail "pipe-run ended with $?"
done
echo "routing: $(wc -l <critical.expected) critical messages, $(wc -l <warning.expected) warnings, $(wc -l <telemetry.ndjson) points, one command that nobody confirmed"
