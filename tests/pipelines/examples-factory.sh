#!/usr/bin/env bash
# examples/factory: hours, alerts and page of the shipped morning, while stages of all pipelines are killed. SQL and Python find the same
# hours and alerts in the file.
# labels: mqtt pg faults
# tools: mqtt-sub mqtt-pub pipe-spool pipe-run rec-dedup win-agg thresh-alert pg-load dash-serve
# timeout: 300
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
export PSQLRC=/dev/null no_proxy=127.0.0.1
start_mosquitto "persistence true" "persistence_location $PARTS/mosquitto/" "log_type all"
start_quick_postgres
fail() { echo "FAILED: $*" >&2; tail -n 20 ./*.err >&2; exit 1; }
cp -r "$WEIR_SOURCE/examples/factory/." .

listens() { [ "$(grep -c "$1" mosquitto/log)" -ge "$2" ]; }
mosquitto_sub -h "$MQTT_HOST" -p "$MQTT_PORT" -V mqttv5 -x 3600 -q 1 -c -i operators -t 'alerts/+/+' >alerts.got &
subscriber=$!
parts_pids+=("$subscriber")
page=127.0.0.1:$(free_port)
run_group "exec ./page.sh $page 2>page.err"
runners=()
for name in ingest hours alerts; do
  pipe-run --restart-after 50ms --restart-at-most 200ms $name.pipe 2>$name.err &
  runners+=("$!")
  parts_pids+=("$!")
done
# All have subscribed before the first message.
wait_until 30 listens 'plant/+/+ (QoS' 2 || fail "nobody subscribed"
wait_until 30 listens 'alerts/+/+ (QoS' 2 || fail "nobody subscribed"

kills=0
lines=$(wc -l <machines.ndjson)
for ((i = 0; i < 8; i++)); do
  sed -n "$((i * lines / 8 + 1)),$(((i + 1) * lines / 8))p" machines.ndjson | mqtt-pub -t 'plant/{line}/{machine}' --payload reading
  mapfile -t stages < <(pgrep -P "$(IFS=,; echo "${runners[*]}")")
  [ ${#stages[@]} -gt 0 ] || continue
  if kill -KILL "${stages[RANDOM % ${#stages[@]}]}" 2>/dev/null; then kills=$((kills + 1)); fi
done

# What SQL makes of the file: each message once.
jq -r '[.line, .machine, .reading.timestamp, .reading.temperature, .reading.vibration, .reading.parts] | @csv' machines.ndjson | sort -u >unique.csv
psql -q -c 'create table unique_readings (line text, machine text, at timestamptz, temperature numeric, vibration numeric, parts int)' \
  -c "\\copy unique_readings from unique.csv csv"
expected='select date_trunc($$hour$$, at), line, machine, avg(temperature)::float, max(temperature)::float, max(vibration)::float, sum(made), count(*)
  from (select *, case when parts >= lag(parts) over w then parts - lag(parts) over w else case when lag(parts) over w is null then 0 else parts end end as made
        from unique_readings window w as (partition by machine order by at)) counted
  where at < $$2026-11-02T10:00:00Z$$ group by 1, 2, 3'
loaded='select window_start, line, machine, mean, hottest, shaking, parts, n from hours'
rows() { [ "$(psql -qAt -c 'select count(*) from hours')" -ge 12 ]; }
wait_until 60 rows || fail "$(psql -qAt -c 'select count(*) from hours' 2>&1) of 12 hours"
rounded() { psql -qAt -c "select date, line, machine, round(mean::numeric, 9), hottest, shaking, parts, n from ($1) h (date, line, machine, mean, hottest, shaking, parts, n) order by 1, 2, 3"; }
rounded "$expected" >hours.expected
rounded "$loaded" | diff hours.expected - || fail "the hours differ"
[ "$(wc -l <hours.expected)" -eq 12 ]
echo "hours: $(wc -l <hours.expected), through $kills kills, as SQL finds them"

# What Python makes of it: [rule, state, since, time] of each alert.
/usr/bin/python3 - <<'PYTHON' >alerts.expected
import json
from datetime import datetime, timedelta
machines = {}
for line in dict.fromkeys(open("machines.ndjson")):
    record = json.loads(line)
    machines.setdefault(record["machine"], []).append(record["reading"])
rules = {"hot": (lambda r: r["temperature"] > 85, lambda r: r["temperature"] < 80, timedelta(minutes=20)),
         "shaking": (lambda r: r["vibration"] > 7.1, lambda r: r["vibration"] < 5, timedelta())}
found = []
for machine, readings in machines.items():
    for rule, (breaches, clears, lasts) in rules.items():
        since = fired = None
        for reading in readings:
            at = datetime.fromisoformat(reading["timestamp"])
            if fired:
                if clears(reading):
                    found.append([machine, rule, "resolved", since, reading["timestamp"]])
                    since = fired = None
            elif breaches(reading):
                since = since or reading["timestamp"]
                if at - datetime.fromisoformat(since) >= lasts:
                    found.append([machine, rule, "firing", since, reading["timestamp"]])
                    fired = True
            else:
                since = None
for alert in sorted(found):
    print(json.dumps(alert, separators=(",", ":")))
PYTHON
[ "$(wc -l <alerts.expected)" -eq 4 ]
alerts() { jq -sc 'unique_by(.id)[] | [.machine, .rule, .state, .since, .timestamp]' alerts.got | sort | cmp -s alerts.expected -; }
wait_until 60 alerts || fail "alerts: $(cat alerts.got)"
echo "alerts: $(wc -l <alerts.expected), each with one id ($(wc -l <alerts.got) messages)"

on_page() { curl -fsS "http://$page/api/snapshot" | jq -es '(map(select(.temperature)) | map(.machine) | unique | length == 3) and any(.rule == "hot" and .state == "resolved")'; }
wait_until 30 on_page || fail "the page: $(curl -s "http://$page/api/latest")"
echo "page: three machines and their alerts"
for runner in "${runners[@]}"; do
  kill -TERM "$runner"
  wait "$runner" || fail "pipe-run ended with $?"
done
