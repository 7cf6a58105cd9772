#!/usr/bin/env bash
# examples/routing: critical alerts to PagerDuty, warnings to Alertmanager, everything into InfluxDB, commands to machines and those not confirmed,
# through errors of the services and kills; the same by topics of Kafka, with services of their own. Python finds the same alerts.
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
sed -i "s/^WEIR_STATE=/&t$$-/; s/--from start/& --look-every 200ms/" ./*.pipe # the broker may be shared
sed -i 's/--measurement telemetry/&_by_topics/' kafka-series.pipe
port=$(free_port) topics_port=$(free_port)
: >kept
: >kept-by-topics
serve_process topics.log "$topics_port" "$WEIR_SOURCE/tests/support/alert-services" --port "$topics_port" --keep kept-by-topics 503 cut keep-cut 500
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
for name in critical warning command series alerts unconfirmed ingest kafka kafka-alerts kafka-series; do run $name; done
for name in kafka-critical kafka-warning; do
  PAGERDUTY_URL=http://127.0.0.1:$topics_port ALERTMANAGER_URL=http://127.0.0.1:$topics_port run $name
done
# The presses confirm what they are told, but for the third.
run_group "mqtt-sub -q -t 'devices/+/command' --client-id presses --topic-fields _,device | rec-clean -q -u --keep \"device != 'press-3'\" | mqtt-pub -q -t 'devices/{device}/confirmed'"
run_group "mqtt-sub -q -t 'devices/+/confirmed' --client-id witness --topic-fields _,device | jq -c --unbuffered '[.device, .id, .state]' >confirmed"
subscribed() { local what; for what in telemetry command confirmed; do [ "$(grep -c "devices/+/$what (QoS" mosquitto/log)" -ge 2 ] || return 1; done; }
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
pagerduty() { jq -r 'select(.service == "pagerduty").body | "\(.dedup_key | sub("heat/"; "")) \(if .event_action == "trigger" then "firing" else "resolved" end)"' "${1:-kept}" | sort -u; }
monitoring() { jq -r 'select(.service == "alertmanager").body[] | "\(.labels.device) \(if .endsAt and .endsAt <= (now | todate) then "resolved" else "firing" end)"' "${1:-kept}" | sort -u; }
all_told() { [ "$(pagerduty)" = "$(cat critical.expected)" ]; }
wait_until 60 all_told || fail "PagerDuty was told $(pagerduty), and not $(cat critical.expected)"
all_monitored() { [ "$(monitoring)" = "$(cat warning.expected)" ]; }
wait_until 60 all_monitored || fail "Alertmanager was told $(monitoring), and not $(cat warning.expected)"
points() { ask_influx "select count(temperature) from telemetry${1:-}" routing | jq -r '.results[0].series[0].values[0][1] // 0'; }
all_points() { [ "$(points)" = "$(wc -l <telemetry.ndjson)" ]; }
wait_until 60 all_points || fail "InfluxDB: $(points) points"
missed() { [ "$(wc -l <unconfirmed.csv)" -ge 2 ]; }
wait_until 60 missed || fail "no command is missed: $(cat unconfirmed.csv)"
[ "$(/usr/bin/python3 -c 'import csv; print(*sorted((row["device"], row["state"]) for row in csv.DictReader(open("unconfirmed.csv"))))')" = "('press-3', 'firing')" ] || fail "unconfirmed: $(cat unconfirmed.csv)"

# By topics of Kafka: the same, and one trigger and one resolve for each critical alert, whatever came twice with its id.
told_by_topics() { [ "$(pagerduty kept-by-topics)" = "$(cat critical.expected)" ] && [ "$(monitoring kept-by-topics)" = "$(cat warning.expected)" ]; }
wait_until 60 told_by_topics || fail "by topics: PagerDuty was told $(pagerduty kept-by-topics), Alertmanager $(monitoring kept-by-topics)"
[ "$(jq -r 'select(.service == "pagerduty") | .id' kept-by-topics | sort -u | wc -l)" = "$(wc -l <critical.expected)" ] || fail "PagerDuty has more messages than alerts and ends: $(pagerduty kept-by-topics)"
all_points_by_topics() { [ "$(points _by_topics)" = "$(wc -l <telemetry.ndjson)" ]; }
wait_until 60 all_points_by_topics || fail "by topics: $(points _by_topics) points"
for runner in "${runners[@]}"; do
  kill -TERM "$runner"
  wait "$runner" || fail "pipe-run ended with $?"
done
echo "routing: $(wc -l <critical.expected) critical messages, $(wc -l <warning.expected) warnings, $(wc -l <telemetry.ndjson) points, one command that nobody confirmed"
