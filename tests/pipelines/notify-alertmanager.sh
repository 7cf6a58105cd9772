#!/usr/bin/env bash
# alert-notify and a real Alertmanager: it takes what it is sent, and what its webhook sends comes back through http-recv, as it was.
# labels: alertmanager
# tools: alert-notify http-recv
# programs: prometheus-alertmanager
# timeout: 120
set -euo pipefail
source "$WEIR_SOURCE/tests/support/state.sh"

same() { [ "$2" = "$3" ] || fail "$1: got '$2', expected '$3'"; } # same WHAT GOT EXPECTED
port=$(free_port)
export ALERTMANAGER_HOOK=http://127.0.0.1:$port/
start_alertmanager
http-recv --listen "127.0.0.1:$port" >came 2>>words &
receiver=$!
parts_pids+=("$receiver")
wait_until 20 port_open "$port"

now=$(date -u +%FT%TZ)
alert() { # alert STATE LEVEL SENSOR
  jq -nc --arg now "$now" --arg state "$1" --arg level "$2" --arg sensor "$3" \
    '{timestamp: $now, state: $state, level: $level, rule: "too hot", value: 36.5, sensor: $sensor, "city name": "São Paulo", since: $now, message: "hot \"<1>\""}'
}
{ alert firing critical s1; alert firing warning s2; } >firing.ndjson
alert resolved critical s1 >resolved.ndjson
alert-notify --alertmanager "$ALERTMANAGER_URL" --history-file history firing.ndjson 2>>words || fail "Alertmanager refuses it: $?"
wait_until 30 lines_in came 2
same 'Alertmanager has them' "$(curl -s "$ALERTMANAGER_URL/api/v2/alerts" | jq -c 'map(.labels) | sort_by(.sensor)')" \
  '[{"alertname":"too hot","city_name":"São Paulo","sensor":"s1","severity":"critical"},{"alertname":"too hot","city_name":"São Paulo","sensor":"s2","severity":"warning"}]'
alert-notify --alertmanager "$ALERTMANAGER_URL" --history-file history resolved.ndjson 2>>words || fail "Alertmanager refuses the end: $?"
wait_until 30 lines_in came 3
kill -TERM "$receiver"
wait "$receiver" || true
same 'the history' "$(jq -r '"\(.state) \(.answer)"' history | sort | uniq -c | xargs)" '3 delivered 200'

# Back: the same alerts, told by another channel.
alert-notify --program "sh -c 'cat >>told'" came 2>>words || fail "its webhook is not understood: $?"
same 'what came back' "$(jq -r '"\(.state) \(.alerts[0] | "\(.level) \(.rule) \(.sensor) \(.city_name) \(.message)")"' told | sort)" \
  "$(printf '%s\n' 'firing critical too hot s1 São Paulo hot "<1>"' 'firing warning too hot s2 São Paulo hot "<1>"' 'resolved critical too hot s1 São Paulo hot "<1>"')"
echo "a real Alertmanager takes alerts, and gives them back"
